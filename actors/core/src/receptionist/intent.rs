//! What a caller may want beside answering: to hear it again, a moment, a person, to skip, to go.

use std::ops::Range;

use super::understand::{Fit, Word, find, normal_form};

/// A wish of the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Intent {
    /// Ends the call.
    Goodbye,
    /// Wants to talk to a human.
    Person,
    /// Wants to hear the question again.
    Repeat,
    /// Asks for a moment.
    Wait,
    /// Cannot or will not answer this one.
    Pass,
}

/// A wish and the words that tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wish {
    pub(super) intent: Intent,
    pub(super) span: Range<usize>,
}

/// Enough anywhere in an utterance.
const ANYWHERE: [(Intent, &[&str]); 5] = [
    (
        Intent::Goodbye,
        &[
            "goodbye",
            "good bye",
            "bye bye",
            "have a nice day",
            "have a good day",
            "hang up",
            "להתראות",
            "ולהתראות",
            "ביי ביי",
            "יום טוב",
            "שלום שלום",
            "אני מנתק",
            "אני מנתקת",
        ],
    ),
    (
        Intent::Person,
        &[
            "speak to",
            "talk to",
            "speak with",
            "talk with",
            "real person",
            "a person",
            "a human",
            "an agent",
            "representative",
            "operator",
            "human being",
            "נציג",
            "נציגה",
            "נציג אנושי",
            "בן אדם",
            "לדבר עם",
            "מישהו אמיתי",
            "עם מישהו",
        ],
    ),
    (
        Intent::Repeat,
        &[
            "repeat",
            "say that again",
            "say it again",
            "once more",
            "one more time",
            "come again",
            "didn't hear",
            "did not hear",
            "can't hear",
            "cannot hear",
            "didn't understand",
            "did not understand",
            "didn't catch",
            "what did you say",
            "לא שמעתי",
            "לא הבנתי",
            "עוד פעם",
            "פעם נוספת",
            "לחזור על",
            "לחזור שוב",
            "מה אמרת",
            "לא שומע",
            "לא שומעת",
            "תחזרי",
            "תגידי שוב",
        ],
    ),
    (
        Intent::Wait,
        &[
            "one moment",
            "just a moment",
            "a moment",
            "hold on",
            "just a minute",
            "one minute",
            "a second",
            "one second",
            "just a sec",
            "let me check",
            "let me think",
            "רק רגע",
            "רגע אחד",
            "שנייה אחת",
            "רק שנייה",
            "רק שניה",
            "דקה אחת",
            "תני לי רגע",
            "תני לי לבדוק",
            "אני בודק",
            "אני בודקת",
        ],
    ),
    (
        Intent::Pass,
        &[
            "skip",
            "i don't know",
            "don't know",
            "not sure",
            "no idea",
            "rather not",
            "i don't want to",
            "לא רוצה להגיד",
            "לא רוצה למסור",
            "don't want to say",
            "next question",
            "לא יודע",
            "לא יודעת",
            "אין לי מושג",
            "לא בטוח",
            "לא בטוחה",
            "מעדיף שלא",
            "מעדיפה שלא",
            "לא משנה",
            "דלג",
            "דלגי",
            "תדלגי",
            "לדלג",
            "הלאה",
        ],
    ),
];

/// A wish only when the caller said nothing else, small words aside.
const ALONE: [(Intent, &[&str]); 4] = [
    (Intent::Goodbye, &["bye", "ביי", "that's all", "זה הכל", "זהו"]),
    (Intent::Person, &["agent", "human", "person", "someone", "אדם", "אנושי", "מישהו", "סוכן"]),
    (
        Intent::Repeat,
        &[
            "what",
            "sorry",
            "pardon",
            "pardon me",
            "excuse me",
            "huh",
            "thank you",
            "thanks",
            "okay",
            "תודה",
            "תודה רבה",
            "בסדר",
            "אוקיי",
            "טוב",
            "again",
            "what's that",
            "hello",
            "hi",
            "hey",
            "סליחה",
            "מה",
            "מה זה",
            "שוב",
            "אה",
            "שלום",
            "היי",
            "הלו",
        ],
    ),
    (Intent::Wait, &["wait", "moment", "minute", "second", "רגע", "שנייה", "שניה", "דקה", "חכי", "תחכי"]),
];

/// Said around a wish without changing it.
const SMALL: [&str; 18] = [
    "please",
    "thanks",
    "thank",
    "you",
    "okay",
    "ok",
    "well",
    "uh",
    "um",
    "then",
    "and",
    "no",
    "בבקשה",
    "תודה",
    "רבה",
    "טוב",
    "אז",
    "לא",
];

/// The wish in the words, if any: the longest phrase wins.
pub(super) fn wish(words: &[Word]) -> Option<Wish> {
    let anywhere = phrases(words, &ANYWHERE, Fit::Exact).max_by_key(|wish| wish.span.len());
    anywhere.or_else(|| {
        let alone = |span: &Range<usize>| {
            words
                .iter()
                .enumerate()
                .all(|(at, word)| span.contains(&at) || SMALL.contains(&word.text.as_str()))
        };
        phrases(words, &ALONE, Fit::Exact).filter(|wish| alone(&wish.span)).max_by_key(|wish| wish.span.len())
    })
}

fn phrases<'a>(
    words: &'a [Word],
    table: &'a [(Intent, &'a [&'a str])],
    fit: Fit,
) -> impl Iterator<Item = Wish> + 'a {
    table.iter().flat_map(move |(intent, phrases)| {
        phrases
            .iter()
            .filter_map(move |phrase| find(words, &normal_form(phrase), fit))
            .map(move |span| Wish { intent: *intent, span })
    })
}

#[cfg(test)]
mod tests {
    use super::super::understand::words;
    use super::*;

    #[test]
    fn wishes_are_understood_in_both_languages() {
        let table = [
            ("goodbye", Some(Intent::Goodbye)),
            ("okay thanks bye", Some(Intent::Goodbye)),
            ("תודה ולהתראות", Some(Intent::Goodbye)),
            ("תודה, להתראות", Some(Intent::Goodbye)),
            ("ביי", Some(Intent::Goodbye)),
            ("can i speak to someone", Some(Intent::Person)),
            ("agent", Some(Intent::Person)),
            ("נציג בבקשה", Some(Intent::Person)),
            ("אפשר לדבר עם בן אדם", Some(Intent::Person)),
            ("what?", Some(Intent::Repeat)),
            ("please repeat that", Some(Intent::Repeat)),
            ("סליחה?", Some(Intent::Repeat)),
            ("לא שמעתי", Some(Intent::Repeat)),
            ("what are your hours", None),
            ("רגע", Some(Intent::Wait)),
            ("one moment please", Some(Intent::Wait)),
            ("i don't know", Some(Intent::Pass)),
            ("לא יודעת", Some(Intent::Pass)),
            ("david", None),
            ("לא", None),
            ("", None),
        ];
        for (said, expected) in table {
            assert_eq!(wish(&words(said)).map(|wish| wish.intent), expected, "{said}");
        }
    }
}
