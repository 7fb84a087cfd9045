//! Values that people dictate with pauses, and how far a dictation has come.
//!
//! "Oh five two … one two three … four five six seven" is one answer. While the pattern is incomplete a pause
//! is a breath; once it is complete there is nothing to wait for.

use jiff::civil::Date;

use crate::hints::{RecognitionHints, SlotKind};
use crate::receptionist::understand::{Attention, Phone, Word, date, digits_of, phone_from_digits, words};

/// What is being dictated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Entity {
    /// A telephone number.
    Phone,
    /// An identity number: nine digits in Israel.
    Id,
    /// An e-mail address.
    Email,
    /// A day.
    Date,
    /// A payment card's number.
    Card,
    /// A street address.
    Address,
}

/// How far a dictation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Nothing of it was said: the words are about something else, or lead up to it.
    NotBegun,
    /// Part of it: more must come.
    Begun,
    /// It may be whole, or go on.
    Maybe,
    /// It is whole.
    Complete,
}

/// Words with which a question asks for each, e-mail before address since "e-mail address" is no street.
const ASKING: [(Entity, &[&str]); 6] = [
    (Entity::Email, &["e-mail", "email", "אימייל", "מייל", "דואר אלקטרוני"]),
    (Entity::Card, &["card", "כרטיס"]),
    (
        Entity::Id,
        &["id number", "identity", "passport", "תעודת זהות", "תעודת הזהות", "מספר זהות", "ת.ז", "דרכון"],
    ),
    (Entity::Phone, &["phone", "telephone", "mobile", "cell", "cellphone", "טלפון", "נייד", "סלולרי"]),
    (Entity::Date, &["date", "birthday", "birthdate", "תאריך"]),
    (Entity::Address, &["address", "street", "כתובת", "רחוב"]),
];

/// Words without which a sentence that is no question asks for nothing: "the flat on Herzl street" is no question for an address.
const REQUEST: &[&str] = &[
    "what",
    "what's",
    "which",
    "where",
    "your",
    "please",
    "tell me",
    "give me",
    "spell",
    "may i",
    "could i",
    "can i",
    "can you",
    "could you",
    "i need",
    "we need",
    "מה",
    "מהו",
    "מהי",
    "איזו",
    "איזה",
    "לאיזו",
    "לאיזה",
    "באיזו",
    "באיזה",
    "איפה",
    "היכן",
    "לאן",
    "שלך",
    "שלכם",
    "בבקשה",
    "אנא",
    "אשמח",
    "אבקש",
    "תן לי",
    "תני לי",
    "תגיד",
    "תגידי",
    "אני צריך",
    "אני צריכה",
    "ומה",
    "אפשר לקבל",
    "תוכל",
    "תוכלי",
    "נא",
    "do you have",
];

/// A sentence so short names what it asks for: "And the street?"
const SHORT: usize = 4;

/// Ends of domains; "co" is not one, since "il" or "uk" follows.
const LAST_OF_DOMAIN: [&str; 10] = ["com", "net", "org", "il", "uk", "edu", "gov", "io", "info", "קום"];

impl Entity {
    /// What the hints say is due; where they do not know, what the agent's last sentence asks for.
    pub fn expected(hints: &RecognitionHints, last_sentence: &str) -> Option<Self> {
        let by_kind = hints.kinds.iter().find_map(|kind| match kind {
            SlotKind::Phone => Some(Self::Phone),
            SlotKind::Date => Some(Self::Date),
            SlotKind::Name
            | SlotKind::Number
            | SlotKind::YesNo
            | SlotKind::Time
            | SlotKind::Choice
            | SlotKind::FreeText => None,
        });
        let is_told = hints.kinds.iter().any(|kind| *kind != SlotKind::FreeText);
        if is_told { by_kind } else { Self::asked(last_sentence) }
    }

    fn asked(sentence: &str) -> Option<Self> {
        let is_question = sentence.trim_end().ends_with('?');
        let sentence = sentence.to_lowercase();
        let bare = |word: &str| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned();
        let words: Vec<String> = sentence.split_whitespace().map(bare).collect();
        let sentence = format!(" {} ", words.join(" "));
        let has = |phrase: &str| sentence.contains(&format!(" {phrase} "));
        if words.len() > SHORT && !is_question && !REQUEST.iter().any(|request| has(request)) {
            return None;
        }
        // Hebrew writes "the", "to" and "in" onto the word; English has "cell" in "excellent".
        let names = |cue: &&str| if cue.is_ascii() { has(cue) } else { sentence.contains(*cue) };
        ASKING.into_iter().find(|(_, cues)| cues.iter().any(names)).map(|(entity, _)| entity)
    }

    /// How far the words, after these keys, have come.
    pub fn progress(self, said: &str, keys: &str) -> Progress {
        let has_at = said.contains('@');
        let said = words(said);
        let digits = || match digits_of(&said).unwrap_or_default() {
            // "I don't have one" is no number of one digit.
            one if one.len() == 1 && one != "0" && said.len() > 1 => keys.to_owned(),
            digits => format!("{keys}{digits}"),
        };
        match self {
            Self::Phone => phone_progress(&digits()),
            Self::Id => count_progress(&digits(), 9),
            Self::Card => card_progress(&digits()),
            Self::Email => email_progress(&said, has_at),
            Self::Date => date_progress(&said),
            Self::Address => address_progress(&said),
        }
    }
}

fn phone_progress(digits: &str) -> Progress {
    match phone_from_digits(digits) {
        None if digits.is_empty() => Progress::NotBegun,
        Some(Phone::Partial(_)) => Progress::Begun,
        // Foreign numbers have no length of their own; at home and in North America it is known.
        Some(Phone::Whole(number)) if number.starts_with('+') || number.starts_with("00") => {
            if number.len() > 12 { Progress::Complete } else { Progress::Maybe }
        }
        Some(Phone::Whole(number)) if !number.starts_with('0') && number.len() < 10 => Progress::Maybe,
        None | Some(Phone::Whole(_)) => Progress::Complete,
    }
}

fn count_progress(digits: &str, whole: usize) -> Progress {
    match digits.len() {
        0 => Progress::NotBegun,
        count if count < whole => Progress::Begun,
        _ => Progress::Complete,
    }
}

/// Sixteen digits, or fifteen of American Express, whose numbers begin with 34 or 37.
fn card_progress(digits: &str) -> Progress {
    let whole = if digits.starts_with("34") || digits.starts_with("37") { 15 } else { 16 };
    count_progress(digits, whole)
}

fn email_progress(said: &[Word], has_at: bool) -> Progress {
    let is_at = |word: &Word| matches!(word.text.as_str(), "at" | "שטרודל" | "כרוכית");
    let is_spelling = |word: &Word| word.text.chars().count() == 1;
    // A recogniser may part "dana@example.com" into words, or keep it whole.
    let last = said.last().map_or("", |word| word.text.rsplit(['.', '@']).next().unwrap_or_default());
    let at = has_at || said.iter().any(is_at);
    if at && LAST_OF_DOMAIN.contains(&last) {
        Progress::Complete
    } else if at || said.iter().filter(|word| is_spelling(word)).count() >= 2 {
        Progress::Begun
    } else {
        Progress::NotBegun
    }
}

fn date_progress(said: &[Word]) -> Progress {
    // Any day will do: only whether there is a date is asked.
    let today = Date::constant(2026, 1, 1);
    if date(said, today, Attention::Overheard).is_some() {
        Progress::Complete
    } else if date(said, today, Attention::Asked).is_some() {
        Progress::Maybe
    } else {
        Progress::NotBegun
    }
}

/// A house number after its street may be followed by the town.
fn address_progress(said: &[Word]) -> Progress {
    let numbers = said.iter().filter(|word| digits_of(std::slice::from_ref(word)).is_some()).count();
    match (said.len() - numbers, numbers) {
        (0, 0) => Progress::NotBegun,
        (0, _) => Progress::Begun,
        _ => Progress::Maybe,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(entity: Entity, table: &[(&str, Progress)]) {
        for (said, expected) in table {
            assert_eq!(entity.progress(said, ""), *expected, "{entity:?}: {said}");
        }
    }

    #[test]
    fn a_telephone_number_is_whole_with_its_last_digit() {
        check(
            Entity::Phone,
            &[
                ("", Progress::NotBegun),
                ("my number is", Progress::NotBegun),
                ("I don't have one", Progress::NotBegun),
                ("oh five two", Progress::Begun),
                ("oh five two one two three", Progress::Begun),
                ("אפס חמש שתיים, אחת שתיים שלוש", Progress::Begun),
                ("אפס חמש שתיים אחת שתיים שלוש ארבע חמש שש שבע", Progress::Complete),
                ("054-1234567", Progress::Complete),
                ("five five five one two three four", Progress::Maybe),
                ("four one five five five five oh one two three", Progress::Complete),
                ("+44 20 7946", Progress::Begun),
                ("+44 20 7946 0958", Progress::Complete),
            ],
        );
    }

    #[test]
    fn keys_count_into_the_same_number() {
        assert_eq!(Entity::Phone.progress("four five six seven", "052123"), Progress::Complete);
        assert_eq!(Entity::Phone.progress("four five", "052123"), Progress::Begun);
        assert_eq!(Entity::Id.progress("", "12345"), Progress::Begun);
    }

    #[test]
    fn identity_and_card_numbers_are_counted() {
        check(Entity::Id, &[("three one two four", Progress::Begun), ("312 456 789", Progress::Complete)]);
        check(
            Entity::Card,
            &[
                ("4580 1234 5678", Progress::Begun),
                ("4580 1234 5678 9012", Progress::Complete),
                ("3712 345678 95006", Progress::Complete),
                ("I have no card", Progress::NotBegun),
            ],
        );
    }

    #[test]
    fn an_email_address_is_whole_with_its_domain() {
        check(
            Entity::Email,
            &[
                ("dana at", Progress::Begun),
                ("dana at gmail dot", Progress::Begun),
                ("dana at gmail dot com", Progress::Complete),
                ("dana@example.co", Progress::Begun),
                ("dana at walla dot co dot il", Progress::Complete),
                ("דנה שטרודל ג'ימייל נקודה", Progress::Begun),
                ("דנה שטרודל ג'ימייל נקודה קום", Progress::Complete),
                ("d a n", Progress::Begun),
                ("I'd rather not", Progress::NotBegun),
            ],
        );
    }

    #[test]
    fn dates_and_addresses_may_go_on() {
        check(
            Entity::Date,
            &[
                ("tomorrow", Progress::Complete),
                ("the fifth of march", Progress::Complete),
                ("well", Progress::NotBegun),
            ],
        );
        check(
            Entity::Address,
            &[
                ("twelve", Progress::Begun),
                ("garden street twelve", Progress::Maybe),
                ("רחוב הגן 12", Progress::Maybe),
            ],
        );
    }

    #[test]
    fn what_is_due_is_told_by_the_hints_and_else_by_the_question() {
        let hints =
            |kinds: &[SlotKind]| RecognitionHints { phrases: vec![], kinds: kinds.to_vec(), keys: None };
        let expected = |kinds: &[SlotKind], question| Entity::expected(&hints(kinds), question);
        assert_eq!(expected(&[SlotKind::YesNo, SlotKind::Phone], ""), Some(Entity::Phone));
        assert_eq!(expected(&[SlotKind::Number], "How many phones?"), None, "the hints know better");
        assert_eq!(expected(&[], "What is your e-mail address?"), Some(Entity::Email));
        assert_eq!(expected(&[], "מה מספר תעודת הזהות שלך?"), Some(Entity::Id));
        assert_eq!(expected(&[SlotKind::FreeText], "לאיזו כתובת?"), Some(Entity::Address));
        assert_eq!(expected(&[], "How are you?"), None);
        assert_eq!(expected(&[], "Please tell me your phone number"), Some(Entity::Phone));
        assert_eq!(expected(&[], "And the street?"), Some(Entity::Address));
        assert_eq!(expected(&[], "Is there a phone number that we can use?"), Some(Entity::Phone));
        assert_eq!(expected(&[], "אפשר לקבל ממך את מספר הטלפון בבית"), Some(Entity::Phone));
        assert_eq!(expected(&[], "אשמח לקבל את מספר הטלפון"), Some(Entity::Phone));
    }

    #[test]
    fn a_sentence_that_asks_for_nothing_makes_nobody_wait() {
        let expected = |said| Entity::expected(&RecognitionHints::default(), said);
        assert_eq!(expected("The flat on Herzl street has four rooms"), None);
        assert_eq!(expected("הדירה ברחוב הרצל עם ארבעה חדרים"), None);
        assert_eq!(expected("Excellent, what else can I do for you?"), None, "no cell");
        assert_eq!(expected("We can send you an e-mail and call back"), None);
    }
}
