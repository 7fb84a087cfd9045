//! `[admin]`: what the admin endpoint shows, who may read the metrics, and where a caller may be transferred.

use std::str::FromStr;

use super::error::SettingsError;
use super::reader::Reader;

/// What is shown of what people said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// All of it.
    Full,
    /// All but numbers that identify someone: of those only the last two digits.
    NumbersMasked,
    /// That something was said.
    Hidden,
}

/// Who may read `/metrics`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MetricsAccess {
    /// Peers with a private address that no proxy passed on, and everyone with a token.
    Private,
    /// Everyone with a token.
    Token,
    /// Everyone.
    Open,
}

/// `[admin]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdminSection {
    /// What is shown of what people said.
    pub words: Words,
    /// Who may read `/metrics`.
    pub metrics: MetricsAccess,
    /// How numbers begin to which an operator may transfer a caller, such as `+972`; none is any number.
    pub transfer_prefixes: Vec<String>,
}

impl AdminSection {
    pub(super) fn read(reader: &Reader<'_>) -> Result<Self, SettingsError> {
        let words =
            [("full", Words::Full), ("numbers_masked", Words::NumbersMasked), ("hidden", Words::Hidden)];
        let metrics = [
            ("private", MetricsAccess::Private),
            ("token", MetricsAccess::Token),
            ("open", MetricsAccess::Open),
        ];
        let prefixes: Vec<Prefix> =
            reader.list("admin.transfer_prefixes", "give beginnings of numbers such as +972 or +97235550")?;
        Ok(Self {
            words: reader.choice("admin.words", &words)?,
            metrics: reader.choice("admin.metrics", &metrics)?,
            transfer_prefixes: prefixes.into_iter().map(|prefix| prefix.0).collect(),
        })
    }
}

/// A plus sign and 1 to 15 digits, the first not 0 (E.164).
struct Prefix(String);

impl FromStr for Prefix {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix('+').unwrap_or_default();
        let is_prefix = (1..=15).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && !digits.starts_with('0');
        if is_prefix { Ok(Self(text.to_owned())) } else { Err("not a plus sign and digits") }
    }
}
