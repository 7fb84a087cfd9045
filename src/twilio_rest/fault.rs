//! Why Twilio's REST API did not do what it was asked.

use std::time::Duration;

use serde::Deserialize;
use thiserror::Error;

/// Characters of Twilio's own words that are kept.
const WORDS: usize = 200;

/// Twilio's numbers for a call that is not there, or not in progress.
const GONE: [u32; 2] = [20_404, 21_220];

/// A failure, by what can be done about it. None holds a key: requests carry them in a header only, and what
/// Twilio says to a refused one is left out.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum RestFault {
    /// 401 or 403.
    #[error(
        "Twilio refused the credentials (HTTP {status}): check TWILIO_ACCOUNT_SID with TWILIO_AUTH_TOKEN, or \
         TWILIO_API_KEY with TWILIO_API_SECRET"
    )]
    Unauthorized {
        /// The HTTP status.
        status: u16,
    },
    /// 404, or the call is not in progress: it has ended.
    #[error("the call is over, as Twilio knows it")]
    Gone,
    /// 429.
    #[error("Twilio has too many requests of this account")]
    Limited {
        /// When it wants to be asked again.
        retry_after: Option<Duration>,
    },
    /// 5xx.
    #[error("Twilio has trouble of its own (HTTP {status})")]
    Server {
        /// The HTTP status.
        status: u16,
    },
    /// Any other answer that is no success.
    #[error("Twilio refused the request (HTTP {status}, error {code}): {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// Twilio's number; 0 without one.
        code: u32,
        /// Twilio's words.
        message: String,
    },
    /// No connection.
    #[error("Twilio cannot be reached: {why}")]
    Unreachable {
        /// What the client says.
        why: String,
    },
    /// No answer in time.
    #[error("Twilio did not answer within {} s", .limit.as_secs())]
    Late {
        /// How long was waited.
        limit: Duration,
    },
}

/// An error's body.
#[derive(Debug, Default, Deserialize)]
struct Body {
    #[serde(default)]
    code: u32,
    #[serde(default)]
    message: String,
}

impl RestFault {
    /// The fault that an answer tells. `retry_after` is in seconds, as its header has it.
    pub(super) fn of(status: u16, retry_after: Option<&str>, body: &[u8]) -> Self {
        // On 5xx the body may be absent or a page for people.
        let Body { code, message } = serde_json::from_slice(body).unwrap_or_default();
        match status {
            401 | 403 => Self::Unauthorized { status },
            404 => Self::Gone,
            429 => Self::Limited {
                retry_after: retry_after.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs),
            },
            500..=599 => Self::Server { status },
            _ if GONE.contains(&code) => Self::Gone,
            _ => {
                let words = message.chars().filter(|letter| !letter.is_control()).take(WORDS);
                Self::Refused { status, code, message: words.collect() }
            }
        }
    }

    /// How long to wait before the one further try; `None` where it would come to the same.
    pub(super) fn again_after(&self) -> Option<Duration> {
        match self {
            Self::Server { .. } | Self::Unreachable { .. } | Self::Late { .. } => Some(PAUSE),
            Self::Limited { retry_after } => {
                Some(retry_after.unwrap_or(PAUSE)).filter(|wait| *wait <= LONGEST)
            }
            Self::Unauthorized { .. } | Self::Gone | Self::Refused { .. } => None,
        }
    }
}

/// Before a second try.
const PAUSE: Duration = Duration::from_millis(500);

/// The longest wait that Twilio may ask for: a caller hears silence meanwhile.
const LONGEST: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_tells_what_can_be_done() {
        let fault = |status, body: &str| RestFault::of(status, Some("2"), body.as_bytes());
        assert_eq!(fault(401, r#"{"code":20003}"#), RestFault::Unauthorized { status: 401 });
        assert_eq!(fault(404, ""), RestFault::Gone);
        assert_eq!(fault(400, r#"{"code":21220,"message":"not in-progress"}"#), RestFault::Gone);
        assert_eq!(fault(429, "").again_after(), Some(Duration::from_secs(2)));
        assert_eq!(RestFault::of(429, Some("60"), b"").again_after(), None, "nobody holds the line so long");
        assert_eq!(fault(503, "<html>").again_after(), Some(PAUSE));
        let refused = fault(400, r#"{"code":12100,"message":"bad\ndocument"}"#);
        assert_eq!(refused, RestFault::Refused { status: 400, code: 12_100, message: "baddocument".into() });
        assert_eq!(refused.again_after(), None);
    }
}
