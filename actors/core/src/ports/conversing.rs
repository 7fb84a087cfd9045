//! Speech to speech in one hop: caller's audio in, the agent's audio out, with nothing between them.
//!
//! One engine hears, thinks and speaks. Whose turn it is stays moked's to decide, as for engines of three
//! hops: an utterance's audio goes in between its onset and its end, an answer is asked for when its turn
//! has come, and a cut tells how much of it was heard. So barge-in and the ledger are the same for both, and
//! silence, which vendors bill as they bill speech, is never sent.

use std::fmt::Debug;

use bytes::Bytes;
use jiff::civil::DateTime;

use super::{AfterTurn, ChatTurn, ProviderFault, Served, Sink};
use crate::conversation::Remark;
use crate::hints::RecognitionHints;
use crate::ids::{CallSid, TurnId, UtteranceId};
use crate::language::Language;
use crate::receptionist::Lead;

/// An engine that hears, thinks and speaks. One value serves all calls.
pub trait SpeechToSpeech: Send + Sync + Debug {
    /// Short name for logs and `/readyz`, such as `openai`.
    fn name(&self) -> &'static str;

    /// The languages it converses in.
    fn languages(&self) -> &[Language];

    /// Opens connections ahead of a call, so that names and TLS are never on a turn's path.
    fn warm(&self) {}

    /// Begins one call's conversation. Returns at once; what comes before the connection is up waits for it.
    fn open(&self, request: ConversingRequest, events: Sink<ConversingEvent>) -> Box<dyn ConversingSession>;
}

/// What an engine is told at the start of a session.
#[derive(Debug, Clone)]
pub struct ConversingRequest {
    /// The call, for the engine's log lines.
    pub call_sid: CallSid,
    /// The language of the call.
    pub language: Language,
    /// The caller's number as the carrier gave it, if it did: a claim, not an identity.
    pub caller: Option<String>,
    /// Local date and time of the business.
    pub now: DateTime,
    /// The conversation before this session, of the agent's words only those that were heard.
    pub history: Vec<Remark>,
    /// What earlier sessions of this call have kept.
    pub lead: Option<Lead>,
}

/// One call's conversation. Used on the call's thread only; must never block it.
pub trait ConversingSession {
    /// Audio of an utterance under way, µ-law at 8 kHz, any length, from shortly before its onset on.
    fn audio(&mut self, utterance: UtteranceId, mulaw: &[u8]);

    /// The utterance is over. Its answer is asked for by [`ConversingSession::answer`].
    fn utterance_ended(&mut self, utterance: UtteranceId);

    /// Answers one turn through the sink. `Done` or `Failed` ends it.
    fn answer(&mut self, turn: ChatTurn);

    /// Who answered last, where the session stands for several engines.
    fn served(&self) -> Option<Served> {
        None
    }

    /// The turn is dead: stop working for it, and forget of its words what lies beyond the `heard_ms` of
    /// its audio that the caller has heard. Also for a turn that is `Done`.
    fn cut(&mut self, turn: TurnId, heard_ms: u64);
}

/// A fact from the engine.
#[derive(Debug, Clone, PartialEq)]
pub enum ConversingEvent {
    /// The words of an utterance, written down beside its answer and often after it.
    CallerSaid {
        /// The stretch of speech.
        utterance: UtteranceId,
        /// Whole text.
        text: String,
    },
    /// More of the answer's words, near the audio that speaks them.
    Words {
        /// The turn answered.
        turn: TurnId,
        /// The next piece; pieces join without a separator.
        delta: String,
    },
    /// More of the answer, µ-law at 8 kHz, any length, in order.
    Audio {
        /// The turn answered.
        turn: TurnId,
        /// The audio.
        mulaw: Bytes,
    },
    /// What the caller will probably say to this answer.
    Expect {
        /// The turn answered.
        turn: TurnId,
        /// Phrases and kinds.
        hints: RecognitionHints,
    },
    /// The conversation produced something to keep.
    Lead {
        /// The turn answered.
        turn: TurnId,
        /// The lead.
        lead: Lead,
    },
    /// The answer is complete.
    Done {
        /// The turn answered.
        turn: TurnId,
        /// What follows once it was heard.
        then: AfterTurn,
    },
    /// No (more) answer will come; the session goes on.
    Failed {
        /// The turn answered.
        turn: TurnId,
        /// Why.
        error: ProviderFault,
    },
    /// The session is broken and will say nothing more.
    Lost(ProviderFault),
}
