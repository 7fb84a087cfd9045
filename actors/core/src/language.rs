//! The languages moked speaks.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A language of a conversation. In settings: `en` or `he`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Language {
    /// English.
    #[serde(rename = "en")]
    English,
    /// Hebrew, עברית.
    #[serde(rename = "he")]
    Hebrew,
}

impl Language {
    /// The two-letter code of ISO 639-1.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Hebrew => "he",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::English => "English",
            Self::Hebrew => "Hebrew",
        })
    }
}
