//! Speech to text: audio in, partial and final transcripts out.

use std::fmt::Debug;

use super::{ProviderFault, Served, Sink};
use crate::hints::RecognitionHints;
use crate::ids::{CallSid, UtteranceId};
use crate::language::Language;

/// An engine that hears. One value serves all calls.
pub trait SpeechToText: Send + Sync + Debug {
    /// Short name for logs and `/readyz`, such as `pocketsphinx`.
    fn name(&self) -> &'static str;

    /// The languages it hears.
    fn languages(&self) -> &[Language];

    /// Opens connections ahead of a call, so that names and TLS are never on a turn's path.
    fn warm(&self) {}

    /// Begins to listen to one call. Returns at once; slow set-up happens behind the session, which
    /// buffers audio meanwhile.
    ///
    /// # Errors
    /// When the engine cannot serve this request at all.
    fn open(
        &self,
        request: HearingRequest,
        events: Sink<HearingEvent>,
    ) -> Result<Box<dyn HearingSession>, ProviderFault>;
}

/// What a recogniser with turns of its own says about the caller's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TurnSignal {
    /// The caller began to speak.
    Started,
    /// The caller has probably finished; the text so far may be answered on approval.
    ProbablyEnded,
    /// He had not: he speaks on.
    Resumed,
    /// The caller has finished.
    Ended,
}

/// What a recogniser is told at the start of a call.
#[derive(Debug, Clone)]
pub struct HearingRequest {
    /// The call, for the engine's log lines.
    pub call_sid: CallSid,
    /// The language to hear.
    pub language: Language,
    /// Phrases that may come at any time in this call: the agent's facts, choices and names.
    pub vocabulary: Vec<String>,
}

/// One call's ear. Used on the call's thread only; must never block it.
pub trait HearingSession {
    /// Caller's audio, µ-law at 8 kHz, any length, gapless and in order, silence included.
    fn audio(&mut self, mulaw: &[u8]);

    /// What is likely in the next utterance. Holds until told otherwise.
    fn expect(&mut self, hints: &RecognitionHints);

    /// Speech began; the onset lies in the audio of the last 500 ms.
    fn utterance_started(&mut self, utterance: UtteranceId);

    /// The utterance is over; its `Final` or `Rejected` is due now.
    fn utterance_ended(&mut self, utterance: UtteranceId);

    /// Who heard the newest utterance. `None`: the engine that was opened, over a connection that stood.
    fn served(&self) -> Option<Served> {
        None
    }
}

/// A fact from the ear. Exactly one `Final`, `Rejected` or `Failed` ends each utterance.
#[derive(Debug, Clone, PartialEq)]
pub enum HearingEvent {
    /// The text so far. Replaces the partial before it.
    Partial {
        /// The stretch of speech.
        utterance: UtteranceId,
        /// Whole text so far.
        text: String,
    },
    /// The text of the utterance. Empty when there were no words in it.
    Final {
        /// The stretch of speech.
        utterance: UtteranceId,
        /// Whole text.
        text: String,
    },
    /// There were words, but they fit nothing the engine knows: ask again.
    Rejected {
        /// The stretch of speech.
        utterance: UtteranceId,
        /// Engine's score, for the log.
        score: f32,
    },
    /// The recogniser's own view of the turn: a vote, beside voice activity.
    Turn {
        /// The stretch of speech under way.
        utterance: UtteranceId,
        /// The view.
        signal: TurnSignal,
    },
    /// The session is broken and will say nothing more.
    Failed(ProviderFault),
}
