//! Where a caller goes whom this process does not keep: one form for every setting that asks it.

use std::str::FromStr;

use thiserror::Error;
use url::Url;

use super::error::SettingsError;
use super::reader::Reader;

/// What to write, for the message about a wrong value.
const MEND: &str =
    "write message, goodbye, a number such as +97235550100, or the https address of a document";

/// Where a caller goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Elsewhere {
    /// He leaves a message after the tone.
    Message,
    /// He is asked to call again, and the call ends.
    Goodbye,
    /// He is connected to this telephone number, E.164.
    Number(String),
    /// Twilio goes on with the document at this address.
    Document(Url),
}

/// Why a text names no such place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ElsewhereError {
    /// No word, number or address.
    #[error("it is neither a word, nor a number, nor an address")]
    Unknown,
    /// A plus sign, and behind it no 7 to 15 digits.
    #[error("it is not a telephone number")]
    Number,
    /// An address that Twilio would not ask, or whose password it would show.
    #[error("it is not an address that Twilio can ask")]
    Address,
}

impl Elsewhere {
    pub(super) fn read(reader: &Reader<'_>, key: &str) -> Result<Self, SettingsError> {
        Ok(reader.parsed(key, MEND)?.unwrap_or(Self::Message))
    }
}

impl FromStr for Elsewhere {
    type Err = ElsewhereError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.eq_ignore_ascii_case("message") {
            return Ok(Self::Message);
        }
        if text.eq_ignore_ascii_case("goodbye") {
            return Ok(Self::Goodbye);
        }
        if let Some(digits) = text.strip_prefix('+') {
            let is_number = (7..=15).contains(&digits.len())
                && digits.bytes().all(|byte| byte.is_ascii_digit())
                && !digits.starts_with('0');
            return if is_number { Ok(Self::Number(text.to_owned())) } else { Err(ElsewhereError::Number) };
        }
        if !text.contains("://") {
            return Err(ElsewhereError::Unknown);
        }
        let url = Url::parse(text).map_err(|_| ElsewhereError::Address)?;
        let is_open = url.username().is_empty() && url.password().is_none();
        if ["https", "http"].contains(&url.scheme()) && url.host().is_some() && is_open {
            Ok(Self::Document(url))
        } else {
            Err(ElsewhereError::Address)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_a_number_and_an_address_are_places() {
        assert_eq!("message".parse(), Ok(Elsewhere::Message));
        assert_eq!("Goodbye".parse(), Ok(Elsewhere::Goodbye));
        assert_eq!("+97235550100".parse(), Ok(Elsewhere::Number("+97235550100".into())));
        let url = "https://other.example.com/webhook/incoming_call";
        assert_eq!(url.parse(), Ok(Elsewhere::Document(url.parse().unwrap())));
    }

    #[test]
    fn everything_else_is_refused_with_what_is_wrong() {
        let fault = |text: &str| text.parse::<Elsewhere>().unwrap_err();
        for number in ["+", "+0123456", "+1 555 0100", "+123", "+1234567890123456"] {
            assert_eq!(fault(number), ElsewhereError::Number, "{number}");
        }
        for address in ["ftp://a.example.com", "https://me:secret@a.example.com", "https://"] {
            assert_eq!(fault(address), ElsewhereError::Address, "{address}");
        }
        assert_eq!(fault("queue"), ElsewhereError::Unknown);
    }
}
