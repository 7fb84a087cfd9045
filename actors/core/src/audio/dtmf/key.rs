//! The sixteen keys.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The keypad, rows from the top.
const KEYPAD: [[char; 4]; 4] =
    [['1', '2', '3', 'A'], ['4', '5', '6', 'B'], ['7', '8', '9', 'C'], ['*', '0', '#', 'D']];

/// A key of a telephone: `0`-`9`, `*`, `#`, `A`-`D`. In JSON it is a string of that one character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "char", into = "char")]
pub struct DtmfKey(char);

impl DtmfKey {
    /// The key as its character.
    pub fn as_char(self) -> char {
        self.0
    }

    /// The digit on the key, 0 to 9; `None` for `*`, `#` and the letters.
    pub fn digit(self) -> Option<u8> {
        self.0.to_digit(10).and_then(|digit| u8::try_from(digit).ok())
    }

    /// Every key, row by row.
    pub fn all() -> impl Iterator<Item = Self> {
        KEYPAD.into_iter().flatten().map(Self)
    }

    /// The only key in a text, as carriers write it in a `dtmf` message.
    ///
    /// # Errors
    /// [`NotAKey`] when the text is anything but one key.
    pub fn parse(text: &str) -> Result<Self, NotAKey> {
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(only), None) => Self::try_from(only),
            _ => Err(NotAKey),
        }
    }

    /// The key where a row and a column meet, both counted from 0.
    pub(super) fn at(row: usize, column: usize) -> Option<Self> {
        KEYPAD.get(row)?.get(column).copied().map(Self)
    }

    /// Row and column of the key, both counted from 0.
    pub(super) fn position(self) -> (usize, usize) {
        let index = KEYPAD.iter().flatten().position(|&key| key == self.0).unwrap_or_default();
        (index / 4, index % 4)
    }
}

impl TryFrom<char> for DtmfKey {
    type Error = NotAKey;

    fn try_from(character: char) -> Result<Self, NotAKey> {
        let character = character.to_ascii_uppercase();
        if KEYPAD.iter().flatten().any(|&key| key == character) { Ok(Self(character)) } else { Err(NotAKey) }
    }
}

impl From<DtmfKey> for char {
    fn from(key: DtmfKey) -> Self {
        key.0
    }
}

impl fmt::Display for DtmfKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The text is not one of the keys `0`-`9`, `*`, `#`, `A`-`D`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a key of a telephone; keys are 0-9, *, # and A-D")]
pub struct NotAKey;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_again_by_its_place() {
        let keys: Vec<_> = DtmfKey::all().collect();
        assert_eq!(keys.len(), 16);
        for key in keys {
            let (row, column) = key.position();
            assert_eq!(DtmfKey::at(row, column), Some(key));
        }
    }

    #[test]
    fn only_single_keys_are_keys() {
        assert_eq!(DtmfKey::parse("d").map(DtmfKey::as_char), Ok('D'));
        assert_eq!(DtmfKey::parse("7").ok().and_then(DtmfKey::digit), Some(7));
        assert_eq!(DtmfKey::parse("#").ok().and_then(DtmfKey::digit), None);
        for wrong in ["", "12", "w", "٣", " 1"] {
            assert_eq!(DtmfKey::parse(wrong), Err(NotAKey), "{wrong:?}");
        }
    }

    #[test]
    fn a_key_is_one_character_of_json() {
        let key = DtmfKey::parse("*").unwrap();
        assert_eq!(serde_json::to_string(&key).unwrap(), r#""*""#);
        assert_eq!(serde_json::from_str::<DtmfKey>(r#""*""#).unwrap(), key);
        assert!(serde_json::from_str::<DtmfKey>(r#""x""#).is_err());
    }
}
