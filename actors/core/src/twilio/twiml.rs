//! TwiML: the XML that answers Twilio's question "what shall I do with this call?".
//!
//! [`Twiml`] is written with [`Twiml::to_xml`] by the webhooks and read back with [`read()`] by the simulated
//! carrier and the doctor, so both sides share one set of verbs. [`lint::lint`] finds what Twilio
//! accepts and then fails on in mid-call. The rules are those of Twilio's pages on TwiML for Voice.
//!
//! Only verbs that moked says are here. A verb runs when the one before it is over; `<Connect>` is over when
//! our side closes the socket, and without a verb behind it the call ends then.

mod element;
pub mod lint;
mod read;
#[cfg(test)]
mod tests;
mod write;

use crate::audio::dtmf::DtmfKey;

pub use read::{MAX_DOCUMENT_BYTES, TwimlError, read};

/// A document: verbs, run in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Twiml {
    /// The verbs.
    pub verbs: Vec<Verb>,
}

impl Twiml {
    /// A document of these verbs.
    pub fn new(verbs: impl Into<Vec<Verb>>) -> Self {
        Self { verbs: verbs.into() }
    }
}

/// One order to the carrier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// Connect the call to a media stream until the stream ends.
    Connect(Connect),
    /// Speak with the carrier's own voice.
    Say(Say),
    /// Record a message.
    Record(Record),
    /// End the call.
    Hangup,
    /// Go on with another document.
    Redirect {
        /// Where it is fetched from, with POST.
        url: String,
    },
    /// Refuse the call before it is answered, free of charge. Only good as the first verb.
    Reject {
        /// What the caller hears.
        reason: RejectReason,
    },
    /// Put the call through to somebody else.
    Dial(Dial),
    /// Wait in silence.
    Pause {
        /// Seconds, at least 1.
        length_s: u32,
    },
}

/// `<Connect>` with its stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connect {
    /// What is asked, with POST, when the stream is over. Its answer then replaces the rest of the document;
    /// without it the document goes on.
    pub action: Option<String>,
    /// The stream.
    pub stream: Stream,
}

/// `<Stream>`: where the carrier opens a media socket to, and what it says first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stream {
    /// `wss://host/path`, without query: Twilio drops it.
    pub url: String,
    /// A name, one of its kind in the call.
    pub name: Option<String>,
    /// Absolute URL that is told, with POST, when the stream starts, stops or fails.
    pub status_callback: Option<String>,
    /// Names and values that come back in the start message. Each pair has less than 500 characters.
    pub parameters: Vec<(String, String)>,
}

/// `<Say>`: the carrier's own voice, for when ours has failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Say {
    /// The words.
    pub text: String,
    /// Language tag such as `en-US` or `he-IL`; the carrier's default is `en-US`.
    pub language: Option<String>,
    /// The carrier's name of a voice.
    pub voice: Option<String>,
}

/// `<Record>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What is asked, with POST, when the recording is done. Without it Twilio asks the current document's
    /// own URL, and so around in a circle.
    pub action: Option<String>,
    /// Longest recording, seconds.
    pub max_length_s: u32,
    /// Seconds of silence that end it.
    pub timeout_s: u32,
    /// Whether a beep invites the caller to speak.
    pub play_beep: bool,
    /// Keys that end it. Empty: none does.
    pub finish_on_key: Vec<DtmfKey>,
}

impl Default for Record {
    /// What Twilio does when nothing is said: an hour at most, 5 s of silence, a beep, and any key ends it.
    fn default() -> Self {
        Self {
            action: None,
            max_length_s: 3_600,
            timeout_s: 5,
            play_beep: true,
            finish_on_key: DtmfKey::all().filter(|key| !('A'..='D').contains(&key.as_char())).collect(),
        }
    }
}

/// `<Dial>`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dial {
    /// The telephone number, E.164.
    pub number: String,
    /// The number that the other side sees; without it, the caller's.
    pub caller_id: Option<String>,
    /// Seconds it may ring; without it, 30.
    pub timeout_s: Option<u32>,
    /// What is asked, with POST, when that call is over. Without it the document goes on.
    pub action: Option<String>,
}

/// What a refused caller hears.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RejectReason {
    /// That the number is not in service.
    #[default]
    Rejected,
    /// A busy tone.
    Busy,
}

impl RejectReason {
    fn word(self) -> &'static str {
        match self {
            Self::Rejected => "rejected",
            Self::Busy => "busy",
        }
    }
}
