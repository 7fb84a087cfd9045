//! The form of an answer in keys: `[0-9]{5}` for an order number.
//!
//! It tells when the answer is complete without `#` or a pause, and which answers are none.

use std::fmt;
use std::hash::{Hash, Hasher};

use regex_lite::Regex;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Most keys of one answer; a jammed key or a tone in music must not grow it for ever.
pub const MOST_KEYS: usize = 32;

/// A regular expression over `0`-`9`, `*` and `#` that an answer in keys must match as a whole.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyPattern {
    source: String,
    regex: Regex,
}

/// A pattern that is none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{source_text}` is no pattern for keys: {why}; write a regular expression such as [0-9]{{5}}")]
pub struct KeyPatternFault {
    source_text: String,
    why: String,
}

impl KeyPattern {
    /// Whether these keys are an answer.
    pub fn matches(&self, keys: &str) -> bool {
        self.regex.is_match(keys)
    }

    /// Whether these keys are an answer, and more of them would be none. Longer answers are tried with one digit
    /// repeated, which is exact for patterns of counts and classes.
    pub fn is_complete(&self, keys: &str) -> bool {
        self.matches(keys) && !(keys.len() + 1..=MOST_KEYS).any(|length| self.matches_longer(keys, length))
    }

    fn matches_longer(&self, keys: &str, length: usize) -> bool {
        let more = length - keys.len();
        ('0'..='9').any(|digit| self.matches(&format!("{keys}{}", digit.to_string().repeat(more))))
    }
}

impl TryFrom<String> for KeyPattern {
    type Error = KeyPatternFault;

    fn try_from(source: String) -> Result<Self, KeyPatternFault> {
        match Regex::new(&format!("^(?:{source})$")) {
            Ok(regex) => Ok(Self { source, regex }),
            Err(error) => Err(KeyPatternFault { source_text: source, why: error.to_string() }),
        }
    }
}

impl From<KeyPattern> for String {
    fn from(pattern: KeyPattern) -> Self {
        pattern.source
    }
}

impl fmt::Debug for KeyPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyPattern({})", self.source)
    }
}

impl PartialEq for KeyPattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for KeyPattern {}

impl Hash for KeyPattern {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.source.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(source: &str) -> KeyPattern {
        KeyPattern::try_from(source.to_owned()).unwrap()
    }

    #[test]
    fn an_answer_is_complete_when_no_longer_one_fits() {
        for (source, keys, matches, is_complete) in [
            ("[0-9]{5}", "1234", false, false),
            ("[0-9]{5}", "12345", true, true),
            ("[0-9]{5}", "123456", false, false),
            ("[0-9]{7,9}", "1234567", true, false),
            ("[0-9]{7,9}", "123456789", true, true),
            ("05[0-9]{8}|[1-9]", "1", true, true),
            ("[0-9]{3}|[0-9]{5}", "123", true, false),
            ("1|2", "3", false, false),
        ] {
            let pattern = pattern(source);
            assert_eq!(
                (pattern.matches(keys), pattern.is_complete(keys)),
                (matches, is_complete),
                "{source} {keys}"
            );
        }
    }

    #[test]
    fn a_pattern_that_is_none_is_refused_in_words() {
        let fault = KeyPattern::try_from("[0-9".to_owned()).unwrap_err().to_string();
        assert!(fault.contains("`[0-9`") && fault.contains("such as [0-9]{5}"), "{fault}");
    }
}
