//! What a vendor's folder says about its wire.

use std::time::Duration;

use bytes::Bytes;
use moked_core::language::Language;
use moked_core::ports::{ProviderFault, SpeakingRequest, WordTime};

use super::spelling::Letter;
use crate::listening::Outgoing;
use crate::transport::{Incoming, SocketRequest};

/// How long a vendor is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the sentence sent to its first audio.
    pub first_byte: Duration,
    /// Between two pieces of its audio.
    pub gap: Duration,
}

impl Limits {
    /// Limits in milliseconds.
    pub const fn from_ms(first_byte: u64, gap: u64) -> Self {
        Self { first_byte: Duration::from_millis(first_byte), gap: Duration::from_millis(gap) }
    }
}

/// What a vendor's message means for a sentence.
#[derive(Debug, Clone, PartialEq)]
pub enum VoiceFact {
    /// More audio: µ-law at 8 kHz.
    Audio(Bytes),
    /// Words with their ends from the sentence's first byte.
    Words(Vec<WordTime>),
    /// Letters with their ends from the first byte of the audio that comes next (`ElevenLabs`).
    LettersOfNextAudio(Vec<Letter>),
    /// Letters with their ends from the sentence's first byte (Soniox).
    Letters(Vec<Letter>),
    /// All audio of the sentence has come.
    Over,
    /// The vendor has thrown away what was cancelled.
    Cleared,
    /// The sentence failed; without a context, the connection did.
    Fault(ProviderFault),
}

/// A fact and its sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct VoiceMessage {
    /// The sentence's id; `None` where the vendor gives none, which means the only sentence there is.
    pub context: Option<String>,
    /// The fact.
    pub fact: VoiceFact,
}

/// What tells that a cancelled sentence has left the connection. Until then it takes a place on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelEnd {
    /// Nothing: its place is free at once.
    AtOnce,
    /// [`VoiceFact::Over`], as for a sentence spoken to its end.
    WithOver,
    /// [`VoiceFact::Cleared`], and nothing else.
    WithCleared,
}

/// How a sentence is cancelled on a connection that others may share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancellation {
    /// What to send.
    pub messages: Vec<Outgoing>,
    /// What tells that it is done.
    pub end: CancelEnd,
}

/// A voice's wire over a WebSocket. Has no state: what belongs to a sentence is kept with the sentence.
pub trait TtsWire: Send + Sync + 'static {
    /// The engine's name, for the log.
    fn engine(&self) -> &'static str;

    /// Sentences of equal routes may share a connection. For vendors that bind it to a voice or a language.
    fn route(&self, _language: Language) -> &'static str {
        "any"
    }

    /// Where to connect.
    ///
    /// # Errors
    /// [`ProviderFault::Unavailable`] when the address in settings is none: every sentence fails by it.
    fn request(&self, language: Language) -> Result<SocketRequest, ProviderFault>;

    /// How long to wait for audio in this language.
    fn limits(&self, language: Language) -> Limits;

    /// How many sentences a connection carries at once.
    fn most_contexts(&self) -> usize;

    /// What to send for a sentence.
    fn begin(&self, context: &str, sentence: &SpeakingRequest) -> Vec<Outgoing>;

    /// How to cancel it.
    fn cancel(&self, context: &str) -> Cancellation;

    /// What keeps an idle connection, and how often to say it.
    fn keep_alive(&self) -> Option<(Duration, Outgoing)> {
        None
    }

    /// How long a connection is kept without a sentence. A call makes it warm again at its start.
    fn idle_limit(&self) -> Duration {
        Duration::from_secs(300)
    }

    /// What to say before closing.
    fn goodbye(&self) -> Option<Outgoing> {
        None
    }

    /// Reads a message. Messages of no interest give no facts.
    ///
    /// # Errors
    /// When it makes no sense. A piece of audio may be lost with it, so the connection is given up.
    fn read(&self, message: Incoming) -> Result<Vec<VoiceMessage>, ProviderFault>;
}
