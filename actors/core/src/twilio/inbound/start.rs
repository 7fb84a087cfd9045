//! The first message that matters: which call, which stream, what the webhook wanted to tell us.

use std::collections::BTreeMap;
use std::fmt;

use crate::audio::SAMPLE_RATE;
use crate::ids::{AccountSid, CallSid, StreamSid};

/// The encoding moked speaks, as Twilio writes it.
const MULAW: &str = "audio/x-mulaw";

/// A stream as it introduces itself.
#[derive(Clone, PartialEq, Eq)]
pub struct StreamStart {
    /// The account that owns the call, where the carrier says so.
    pub account_sid: Option<AccountSid>,
    /// The stream; every message to Twilio names it.
    pub stream_sid: StreamSid,
    /// The call.
    pub call_sid: CallSid,
    /// The `<Parameter>`s of our own TwiML, the one-time token among them. Empty when there were none.
    pub parameters: BTreeMap<String, String>,
    /// How the audio is coded.
    pub format: MediaFormat,
}

/// Shows the names of the parameters but not their values: one is a token, others are telephone numbers.
impl fmt::Debug for StreamStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamStart")
            .field("account_sid", &self.account_sid)
            .field("stream_sid", &self.stream_sid)
            .field("call_sid", &self.call_sid)
            .field("parameters", &self.parameters.keys().collect::<Vec<_>>())
            .field("format", &self.format)
            .finish()
    }
}

/// How the audio of a stream is coded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaFormat {
    /// Media type, `audio/x-mulaw` at Twilio.
    pub encoding: String,
    /// Samples a second.
    pub sample_rate: u32,
    /// Channels.
    pub channels: u32,
}

impl Default for MediaFormat {
    /// What Twilio documents as the only format: µ-law, 8 kHz, mono.
    fn default() -> Self {
        Self { encoding: MULAW.to_owned(), sample_rate: SAMPLE_RATE, channels: 1 }
    }
}

impl MediaFormat {
    /// Whether this is µ-law, 8 kHz, mono, the one format moked speaks.
    ///
    /// # Errors
    /// [`UnsupportedMediaFormat`] with the format. Playing µ-law into a stream of another format is loud
    /// noise in the caller's ear, so such a stream is refused.
    pub fn check(&self) -> Result<(), UnsupportedMediaFormat> {
        let known = self.encoding.eq_ignore_ascii_case(MULAW)
            && self.sample_rate == SAMPLE_RATE
            && self.channels == 1;
        if known { Ok(()) } else { Err(UnsupportedMediaFormat { format: self.clone() }) }
    }
}

impl fmt::Display for MediaFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let encoding = super::error::shorten(&self.encoding);
        write!(f, "{encoding}, {} Hz, {} channel(s)", self.sample_rate, self.channels)
    }
}

/// The stream's audio is coded in a way moked does not speak.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "the stream carries {format}; moked speaks audio/x-mulaw, 8000 Hz, 1 channel(s): remove any codec setting from <Stream>"
)]
pub struct UnsupportedMediaFormat {
    /// What the stream carries.
    pub format: MediaFormat,
}
