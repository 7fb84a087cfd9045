//! What every call of this process shares: engines, settings, the gate, the registry.

use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::Duration;

use jiff::civil::DateTime;
use moked_core::barge_in::BargeInSettings;
use moked_core::cues::Cues;
use moked_core::hearing::HearingSettings;
use moked_core::language::Language;
use moked_core::pacing::PacingSettings;
use moked_core::ports::{ChatModel, SpeechToSpeech, SpeechToText, TextToSpeech, VoiceActivity};
use moked_core::speakable::VoiceSpelling;
use moked_core::turn::TurnSettings;
use moked_core::twilio::StreamStart;
use thiserror::Error;

use crate::recorder::CallRecorder;
use crate::registry::CallRegistry;

/// The engines a call speaks through.
#[derive(Debug, Clone)]
pub struct Engines {
    /// The ear; `None` leaves the keypad as the only way to answer.
    pub hearing: Option<Arc<dyn SpeechToText>>,
    /// The voice.
    pub speaking: Arc<dyn TextToSpeech>,
    /// The mind.
    pub thinking: Arc<dyn ChatModel>,
    /// Hears, thinks and speaks in one hop, in place of the three above; they take over when it is lost.
    pub conversing: Option<Arc<dyn SpeechToSpeech>>,
    /// Detects that the caller speaks.
    pub voice_activity: Arc<dyn VoiceActivity>,
}

/// What the media socket does with a caller's audio.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SocketMode {
    /// A conversation with the agent.
    Agent,
    /// The caller hears himself, for line tests.
    Echo,
}

/// Settings of a call, each in the form of the machine that it rules.
#[derive(Debug, Clone)]
pub struct CallSettings {
    /// Voice activity and end of utterance.
    pub hearing: HearingSettings,
    /// Who has the floor when both speak.
    pub barge_in: BargeInSettings,
    /// Words that tell an interruption from "mhm", and half a sentence from a whole one.
    pub cues: Arc<Cues>,
    /// Turn-taking and its time limits.
    pub turn: TurnSettings,
    /// Frames, lead and marks.
    pub pacing: PacingSettings,
    /// How the voice wants its text spelled.
    pub spelling: VoiceSpelling,
    /// What the recogniser may hear at any time: the agent's facts, choices and names.
    pub vocabulary: Vec<String>,
    /// How long a call that lost its stream waits for another.
    pub grace: Duration,
    /// The longest call; then it is ended. A forgotten handset must not cost for days.
    pub longest_call: Duration,
}

impl Default for CallSettings {
    fn default() -> Self {
        Self {
            hearing: HearingSettings::default(),
            barge_in: BargeInSettings::default(),
            cues: Arc::default(),
            turn: TurnSettings::default(),
            pacing: PacingSettings::default(),
            spelling: VoiceSpelling::default(),
            vocabulary: Vec::new(),
            grace: Duration::from_secs(10),
            longest_call: Duration::from_secs(60 * 60),
        }
    }
}

/// The business's wall clock, which core and actors do not read themselves.
#[derive(Clone)]
pub struct LocalTime(Arc<dyn Fn() -> DateTime + Send + Sync>);

impl LocalTime {
    /// A clock that asks `now` for the local date and time.
    pub fn new(now: impl Fn() -> DateTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The local date and time.
    pub fn now(&self) -> DateTime {
        (self.0)()
    }
}

impl Debug for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalTime")
    }
}

/// What the edge knows of a call when its stream starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallBrief {
    /// The language of the call.
    pub language: Language,
    /// The caller's number, if it was not withheld.
    pub caller: Option<String>,
}

/// Why a stream is not let in. The socket is closed with 1008.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{why}")]
pub struct Refusal {
    /// For the log: what was wrong, without the token.
    pub why: String,
}

/// The gate a stream passes with its `start` message.
pub trait StreamAdmission: Send + Sync + Debug {
    /// Consumes the stream's one-time token.
    ///
    /// # Errors
    /// When the token is missing, unknown, late, used, or of another call.
    fn admit(&self, start: &StreamStart) -> Result<CallBrief, Refusal>;
}

/// Everything a media socket needs to begin a call. One value serves the whole process.
#[derive(Debug, Clone)]
pub struct CallHost {
    /// The engines.
    pub engines: Engines,
    /// The settings.
    pub settings: Arc<CallSettings>,
    /// The gate.
    pub admission: Arc<dyn StreamAdmission>,
    /// The calls that live.
    pub registry: Arc<CallRegistry>,
    /// Where the calls leave their records.
    pub recorder: Arc<dyn CallRecorder>,
    /// The business's wall clock.
    pub local_time: LocalTime,
    /// What the socket does with audio.
    pub mode: SocketMode,
    /// How long a socket may stay without a `start` message.
    pub start_limit: Duration,
}
