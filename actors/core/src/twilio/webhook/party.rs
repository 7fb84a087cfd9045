//! One end of a call.

use std::fmt;

/// Words that stand for a number the caller keeps to himself, in lower case.
const WITHHELD_WORDS: [&str; 7] =
    ["anonymous", "unknown", "restricted", "blocked", "unavailable", "private", "withheld"];

/// The same words typed on a keypad. Twilio gives these in place of the words where only digits fit.
const WITHHELD_DIGITS: [&str; 5] = ["266696687", "8656696", "7378742833", "2562533", "86282452253"];

/// One end of a call as the carrier writes it: `+97231234567`, `client:maya`, `sip:100@pbx.example.com`.
///
/// It is somebody's telephone number, so the debug form shows only its last digits and there is no display
/// form; [`as_str`](Self::as_str) is for those who dial it or store it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Party(String);

impl Party {
    /// The party of a `From` or `To`, or `None` when it is empty or withheld (`anonymous`, `unknown`, a
    /// keypad spelling of such a word).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let lower = text.to_lowercase();
        let user = lower.strip_prefix("sip:").and_then(|sip| sip.split('@').next()).unwrap_or(&lower);
        let withheld = user.is_empty()
            || WITHHELD_WORDS.contains(&user)
            || WITHHELD_DIGITS.contains(&user.trim_start_matches('+'));
        (!withheld).then(|| Self(text.to_owned()))
    }

    /// The party in full.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.chars().count().saturating_sub(3);
        let tail: String = self.0.chars().skip(shown.max(1)).collect();
        write!(f, "Party(…{tail})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_clients_and_sip_addresses_are_parties() {
        for text in ["+97231234567", "client:maya", "sip:100@pbx.example.com", "*6050"] {
            assert_eq!(Party::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn withheld_callers_are_nobody() {
        for text in
            ["", "  ", "anonymous", "Anonymous", "UNKNOWN", "Restricted", "private", "+266696687", "8656696"]
        {
            assert_eq!(Party::parse(text), None, "{text:?}");
        }
        assert_eq!(Party::parse("sip:anonymous@anonymous.invalid"), None);
    }

    #[test]
    fn the_digits_spell_the_words() {
        const KEYS: [&str; 8] = ["abc", "def", "ghi", "jkl", "mno", "pqrs", "tuv", "wxyz"];
        let spell = |word: &str| -> String {
            word.chars()
                .map(|letter| {
                    char::from(b'2' + KEYS.iter().position(|key| key.contains(letter)).unwrap() as u8)
                })
                .collect()
        };
        let spelled: Vec<_> = WITHHELD_WORDS.iter().map(|word| spell(word)).collect();
        for digits in WITHHELD_DIGITS {
            assert!(spelled.contains(&digits.to_owned()), "{digits}");
        }
    }

    #[test]
    fn a_log_line_does_not_hold_the_number() {
        assert_eq!(format!("{:?}", Party::parse("+97231234567").unwrap()), "Party(…567)");
        assert_eq!(format!("{:?}", Party::parse("123").unwrap()), "Party(…23)");
    }
}
