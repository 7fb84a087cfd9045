//! Why an engine does not do its work: one list for ears, minds and voices.
//!
//! The kinds are what moked can act on. Whether to try again, whether to hold it against the provider and
//! what the operator must mend follow from the kind, never from a vendor's words.

use std::time::Duration;

use serde::Serialize;
use thiserror::Error;

use crate::language::Language;

/// A failure of an engine. `why` is the vendor's or the library's own account, for people.
#[derive(Debug, Clone, PartialEq, Eq, Error, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ProviderFault {
    /// A part of the engine is missing on this machine, or it is not configured.
    #[error("unavailable: {why}")]
    Unavailable {
        /// What is missing and how to mend it.
        why: String,
    },
    /// The engine does not do this language.
    #[error("{engine} does not do {language}")]
    UnsupportedLanguage {
        /// The engine's name.
        engine: &'static str,
        /// The language asked for.
        language: Language,
    },
    /// No connection: name, network, TLS or a refused handshake.
    #[error("cannot connect: {why}")]
    Connect {
        /// What happened.
        why: String,
    },
    /// The key is missing, wrong or not allowed this.
    #[error("the key was refused: {why}")]
    Auth {
        /// The vendor's words.
        why: String,
    },
    /// Too much was asked, or the account is empty.
    #[error("over the quota: {why}")]
    Quota {
        /// The vendor's words.
        why: String,
        /// When the vendor wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// The request is wrong: a model, a voice or a parameter that the vendor does not know.
    #[error("the request was refused: {why}")]
    BadRequest {
        /// The vendor's words.
        why: String,
    },
    /// Nothing (more) came in time.
    #[error("stalled: nothing came for {after_ms} ms while waiting for {waiting_for}")]
    Stalled {
        /// What was due.
        waiting_for: &'static str,
        /// How long was waited, in ms.
        after_ms: u64,
    },
    /// An answer that cannot be understood.
    #[error("an answer that makes no sense: {why}")]
    Garbage {
        /// What was wrong with it.
        why: String,
    },
    /// The vendor closed the connection or reported a fault of its own.
    #[error("closed: {why}")]
    Closed {
        /// The vendor's words.
        why: String,
    },
    /// The engine itself broke.
    #[error("the engine stopped: {why}")]
    Stopped {
        /// The engine's own words.
        why: String,
    },
}

impl ProviderFault {
    /// Whether the same request may succeed if it is made again (elsewhere, or a little later).
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Connect { .. }
            | Self::Quota { .. }
            | Self::Stalled { .. }
            | Self::Garbage { .. }
            | Self::Closed { .. }
            | Self::Stopped { .. } => true,
            Self::Unavailable { .. }
            | Self::UnsupportedLanguage { .. }
            | Self::Auth { .. }
            | Self::BadRequest { .. } => false,
        }
    }

    /// When the vendor wants to be asked again, if it said so.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Quota { retry_after, .. } => *retry_after,
            Self::Unavailable { .. }
            | Self::UnsupportedLanguage { .. }
            | Self::Connect { .. }
            | Self::Auth { .. }
            | Self::BadRequest { .. }
            | Self::Stalled { .. }
            | Self::Garbage { .. }
            | Self::Closed { .. }
            | Self::Stopped { .. } => None,
        }
    }

    /// The fault that an HTTP status tells: 401 and 403 the key, 402 and 429 the quota, other 4xx the
    /// request, the rest the vendor's own trouble.
    pub fn from_status(status: u16, why: impl Into<String>, retry_after: Option<Duration>) -> Self {
        let why = why.into();
        match status {
            401 | 403 => Self::Auth { why },
            402 | 429 => Self::Quota { why, retry_after },
            408 | 500..=599 => Self::Closed { why },
            _ => Self::BadRequest { why },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_tells_the_kind() {
        let after = Some(Duration::from_secs(2));
        let kind = |status| ProviderFault::from_status(status, "no", after);
        assert_eq!(kind(401), ProviderFault::Auth { why: "no".into() });
        assert_eq!(kind(429).retry_after(), after);
        assert!(!kind(404).is_retryable());
        assert!(kind(503).is_retryable() && kind(429).is_retryable());
    }
}
