//! What a call says of itself, whoever its mind is: while the mind thinks, when it fails, when time runs out.
//!
//! One table a language. The Hebrew agent speaks as a woman and addresses the caller in no gender. An agent of
//! another manner brings fillers of its own.

use crate::agent::Agent;
use crate::language::Language;

/// What is said while the caller waits for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// He waits longer than a person would leave him in silence.
    Short,
    /// He still waits, and has heard so once.
    Long,
}

/// The texts of a language.
#[derive(Debug, PartialEq, Eq)]
pub struct Asides {
    fillers: [&'static str; 4],
    long_fillers: [&'static str; 2],
    /// No answer can be had.
    pub apology: &'static str,
    /// Before an answer that was given word for word just now.
    pub as_i_said: &'static str,
    /// The line stayed silent, though it was asked whether anybody is there.
    pub nobody_there: &'static str,
    /// The call comes near its longest.
    pub time_is_short: &'static str,
    /// The call is as long as it may be.
    pub time_is_up: &'static str,
}

static ENGLISH: Asides = Asides {
    fillers: ["One moment, please.", "Just a second.", "Let me check.", "Bear with me for a moment."],
    long_fillers: [
        "Thank you for waiting, I am still on it.",
        "This is taking a little longer. I am still here.",
    ],
    apology: "Sorry, I did not get that. Could you say it again?",
    as_i_said: "As I said:",
    nobody_there: "I cannot hear you, so I will end the call now. Please call us again any time. Goodbye.",
    time_is_short: "Just so you know, our time for this call is almost over.",
    time_is_up: "Our time for this call is over. Please call us again any time. Goodbye.",
};

static HEBREW: Asides = Asides {
    fillers: ["רק רגע, בודקת.", "שנייה אחת, בבקשה.", "רגע אחד, אני בודקת.", "עוד רגע, בבקשה."],
    long_fillers: ["תודה על הסבלנות, זה בטיפול.", "זה לוקח קצת יותר זמן. אני עדיין כאן."],
    apology: "סליחה, לא הצלחתי לענות. אפשר לומר את זה שוב?",
    as_i_said: "כמו שאמרתי:",
    nobody_there: "אני לא שומעת, אז אסיים כאן את השיחה. אפשר להתקשר אלינו שוב בכל זמן. להתראות.",
    time_is_short: "רק לעדכן, הזמן לשיחה הזאת עומד להסתיים.",
    time_is_up: "הזמן לשיחה הזאת הסתיים. אפשר להתקשר אלינו שוב בכל זמן. להתראות.",
};

impl Asides {
    /// The texts of a language.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Hebrew => &HEBREW,
        }
    }

    /// The filler of this number; one after the other they differ. `own` are the agent's, in place of the short
    /// ones here.
    pub fn filler<'a>(&'a self, wait: Wait, number: u32, own: &'a [String]) -> &'a str {
        let number = number as usize;
        match wait {
            Wait::Short if !own.is_empty() => &own[number % own.len()],
            Wait::Short => self.fillers[number % self.fillers.len()],
            Wait::Long => self.long_fillers[number % self.long_fillers.len()],
        }
    }

    /// Whether this is one of the fillers here.
    pub fn is_filler(&self, text: &str) -> bool {
        self.fillers.iter().chain(&self.long_fillers).any(|filler| *filler == text)
    }

    /// All that is said as it stands, for a voice that keeps it: what a caller waits for first.
    pub fn texts<'a>(&'a self, agent: &'a Agent) -> Vec<&'a str> {
        let fillers: Vec<&str> = match agent.fillers.as_slice() {
            [] => self.fillers.to_vec(),
            own => own.iter().map(String::as_str).collect(),
        };
        let others = [self.apology, self.nobody_there, self.time_is_short, self.time_is_up];
        fillers.into_iter().chain(self.long_fillers).chain(others).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_filler_follows_itself_whatever_the_wait() {
        let own = ["Hm.".to_owned(), "Well.".to_owned()];
        for asides in [Asides::of(Language::English), Asides::of(Language::Hebrew)] {
            for own in [&[][..], &own] {
                for number in 0..12 {
                    for (wait, next) in [(Wait::Short, Wait::Short), (Wait::Short, Wait::Long)] {
                        let said = asides.filler(wait, number, own);
                        assert_ne!(said, asides.filler(next, number + 1, own));
                    }
                }
            }
        }
    }

    #[test]
    fn the_agents_own_fillers_come_in_place_of_the_built_in_ones() {
        let own = ["רק רגע, בודק.".to_owned(), "שנייה.".to_owned()];
        let asides = Asides::of(Language::Hebrew);
        assert_eq!(asides.filler(Wait::Short, 2, &own), "רק רגע, בודק.");
        assert_eq!(asides.filler(Wait::Long, 0, &own), asides.long_fillers[0]);
    }
}
