//! What a caller hears when the agent cannot speak: read out by Twilio's own voice, in the agent's language.

use moked_core::language::Language;

/// The sentences for one language.
#[derive(Debug)]
pub(super) struct Phrases {
    /// The language as Twilio's `<Say>` names it.
    pub(super) say_language: &'static str,
    /// There is no conversation; leave a message.
    pub(super) take_message: &'static str,
    /// The conversation broke; leave a message.
    pub(super) apology: &'static str,
    /// There is no conversation now; call again.
    pub(super) call_again: &'static str,
    /// The message was recorded.
    pub(super) thanks: &'static str,
    /// Nothing is known of this call.
    pub(super) unknown: &'static str,
}

const ENGLISH: Phrases = Phrases {
    say_language: "en-US",
    take_message: "Thank you for calling. Nobody can take your call right now. After the tone, please say your \
                   name, your number and how we can help. We will call you back.",
    apology: "I am sorry, we were cut off. After the tone, please say your name, your number and how we can \
              help. We will call you back.",
    call_again: "Thank you for calling. All our lines are taken right now. Please call again in a few minutes. \
                 Goodbye.",
    thanks: "Thank you for your message. Goodbye.",
    unknown: "I am sorry, this call cannot go on. Please call again. Goodbye.",
};

const HEBREW: Phrases = Phrases {
    say_language: "he-IL",
    take_message: "תודה שהתקשרתם. כרגע איננו יכולים לענות. אחרי הצליל, אנא אמרו את שמכם, את מספר הטלפון שלכם \
                   ובמה נוכל לעזור, ונחזור אליכם.",
    apology: "סליחה, השיחה נקטעה. אחרי הצליל, אנא אמרו את שמכם, את מספר הטלפון שלכם ובמה נוכל לעזור, ונחזור \
              אליכם.",
    call_again: "תודה שהתקשרתם. כל הקווים תפוסים כרגע. אנא התקשרו שוב בעוד כמה דקות. להתראות.",
    thanks: "תודה על ההודעה. להתראות.",
    unknown: "סליחה, לא ניתן להמשיך את השיחה. אנא התקשרו שוב. להתראות.",
};

/// The sentences for a language.
pub(super) fn in_language(language: Language) -> &'static Phrases {
    match language {
        Language::English => &ENGLISH,
        Language::Hebrew => &HEBREW,
    }
}
