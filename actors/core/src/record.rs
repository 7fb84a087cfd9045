//! What is kept of a call: a list of facts, each written down when it happens.
//!
//! A call that crashes or whose process is killed leaves the facts up to then, since nothing waits for its end. An
//! entry is never changed: its place is its call and its sequence number, so writing it twice is writing it once.
//! Facts of different kinds build on each other only when they are read: what the caller said is known before what
//! he heard in return, and is kept even if there was no return.

mod line;
mod words;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::ids::{CallSid, StreamSid, TurnId};
use crate::language::Language;
use crate::receptionist::Lead;

pub use line::{LineFault, VERSION};
pub use words::KeptWords;

/// One fact of a call, and when it happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordEntry {
    /// The call.
    pub call_sid: CallSid,
    /// Its place among the entries of the call.
    pub sequence: Sequence,
    /// Wall clock, milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// What happened.
    pub fact: RecordFact,
}

/// The place of an entry within its call; grows with each.
///
/// The first of a call's life is the wall clock at its begin, in microseconds since the Unix epoch; each further one
/// is one more. A call can be begun twice, by a second stream of it here or on another machine after this one died;
/// nobody has to ask how far the first got, as long as it made fewer than a thousand entries a millisecond.
/// JavaScript's numbers hold it exactly until the year 2255.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Sequence(pub u64);

impl Sequence {
    /// The first of a call's life that begins at `at_us`, microseconds since the Unix epoch.
    pub fn first(at_us: u64) -> Self {
        Self(at_us)
    }

    /// The one after this.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What happened in a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RecordFact {
    /// The call came to life. A second one of the same call is a second life of it.
    CallStarted {
        /// The caller's number, if it was not withheld; masked or left out by [`KeptWords`].
        caller: Option<String>,
        /// The language of the call.
        language: Language,
    },
    /// A media stream of the call began.
    StreamStarted {
        /// The stream.
        stream_sid: StreamSid,
    },
    /// The caller said something, or the agent found that he said nothing. Begins a turn.
    CallerSaid {
        /// The turn that answers it.
        turn: TurnId,
        /// What he said.
        said: Said,
    },
    /// The agent's answer is over: heard to its end, or cut.
    TurnOver(TurnRecord),
    /// An answer that was cut was heard less far than was told: the line turned out to have been dead by then.
    HeardLess {
        /// The turn.
        turn: TurnId,
        /// The words that the caller heard.
        heard: String,
    },
    /// Something that an operator should know of.
    Event {
        /// What kind.
        event: EventKind,
        /// What exactly, for people.
        detail: String,
    },
    /// What the call brought so far. A later one replaces it.
    Lead {
        /// The answers.
        lead: Lead,
    },
    /// The call is over.
    Ended {
        /// Why.
        cause: EndCause,
        /// How long it was.
        seconds: u64,
    },
}

impl RecordFact {
    /// The name of its kind, as it stands in the store.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::CallStarted { .. } => "call_started",
            Self::StreamStarted { .. } => "stream_started",
            Self::CallerSaid { .. } => "caller_said",
            Self::TurnOver(_) => "turn_over",
            Self::HeardLess { .. } => "heard_less",
            Self::Event { .. } => "event",
            Self::Lead { .. } => "lead",
            Self::Ended { .. } => "ended",
        }
    }
}

/// What a caller said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", content = "text", rename_all = "snake_case")]
pub enum Said {
    /// Nothing yet: the agent greets.
    Nothing,
    /// Words, as they were recognised.
    Words(String),
    /// Something that an engine heard which listens and speaks in one; its words follow, if it tells them.
    Spoken,
    /// Keys.
    Keys(String),
    /// Something that nobody could make out.
    Unclear,
    /// Nothing for longer than the limit.
    Silence,
    /// Nothing: his line broke and is back.
    Resumed,
}

/// One answer of the agent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnRecord {
    /// The turn.
    pub turn: TurnId,
    /// The words that the caller heard.
    pub heard: String,
    /// The words after them, which he did not hear.
    pub unheard: String,
    /// Whether he cut it short.
    pub interrupted: bool,
    /// How long he waited for it.
    pub latencies: TurnLatencies,
}

impl TurnRecord {
    /// Cuts what the agent was about to say, `sentences` in order, after what was heard of it.
    ///
    /// `heard` is the ledger's: whole words from the beginning. If it is not the beginning of the sentences (a sentence
    /// between failed and made no sound), as many words are taken as heard as it has.
    pub fn cut(turn: TurnId, sentences: &[String], heard: String, interrupted: bool) -> Self {
        let sentences: Vec<&str> = sentences.iter().map(|sentence| sentence.trim()).collect();
        let full = sentences.join(" ");
        let unheard = match full.strip_prefix(heard.as_str()) {
            Some(rest) => rest.trim().to_owned(),
            None => {
                let count = heard.split_whitespace().count();
                full.split_whitespace().skip(count).collect::<Vec<_>>().join(" ")
            }
        };
        Self { turn, heard, unheard, interrupted, latencies: TurnLatencies::default() }
    }

    /// The same turn, of which only this much was heard.
    #[must_use]
    pub fn heard_less(self, heard: String) -> Self {
        let sentences = [self.heard, self.unheard];
        Self { latencies: self.latencies, ..Self::cut(self.turn, &sentences, heard, self.interrupted) }
    }
}

/// How long a turn took, in milliseconds from the end of the caller's speech or his last key; of a turn that nobody
/// spoke for, from its begin.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnLatencies {
    /// Until his words were known.
    pub words_ms: Option<u64>,
    /// Until the first sentence of the answer was known.
    pub answer_ms: Option<u64>,
    /// Until its first audio was sent.
    pub first_frame_ms: Option<u64>,
}

/// What kind of event. A kind that this version does not know reads as [`EventKind::Other`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// A stage failed and was started anew.
    StageRestarted,
    /// A stage failed too often and does not come back.
    StageGivenUp,
    /// Another engine took over for one that failed.
    ProviderSwitched,
    /// A sentence broke off, since its voice failed.
    VoiceFailed,
    /// Nobody hears the caller any more: he has his keys.
    EarLost,
    /// The one-hop engine is lost: ear, mind and voice take over.
    OneHopLost,
    /// The mind failed or was overdue; the caller heard an apology.
    MindFailed,
    /// The media stream was lost and the call waited for another.
    StreamLost,
    /// Audio of the caller was dropped.
    AudioDropped,
    /// Something else; its detail tells.
    #[serde(other)]
    Other,
}

/// The name of the reason why a call ended, such as `caller_hung_up`.
///
/// A name and no enum: the reasons grow with moked, and a record must stay readable after its reason was renamed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EndCause(String);

impl EndCause {
    /// Takes a name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EndCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(sentences: &[&str], heard: &str) -> String {
        let sentences: Vec<String> = sentences.iter().map(|text| (*text).to_owned()).collect();
        TurnRecord::cut(TurnId(1), &sentences, heard.to_owned(), true).unheard
    }

    #[test]
    fn what_follows_the_heard_words_is_unheard() {
        assert_eq!(cut(&["We open at nine.", " And close at six."], "We open"), "at nine. And close at six.");
        assert_eq!(cut(&["We open at nine."], ""), "We open at nine.");
        assert_eq!(cut(&["We open at nine."], "We open at nine."), "");
        assert_eq!(cut(&[], ""), "");
        assert_eq!(cut(&["שלום וברוכים הבאים."], "שלום"), "וברוכים הבאים.");
    }

    #[test]
    fn heard_words_that_skip_a_sentence_are_counted() {
        assert_eq!(cut(&["One two.", "Three four.", "Five six."], "Three four."), "Three four. Five six.");
    }

    #[test]
    fn two_lives_of_a_call_do_not_share_a_sequence() {
        let first = Sequence::first(1_000_000);
        let second = Sequence::first(1_002_000);
        let tenth = (0..10).fold(first, |sequence, _| sequence.next());
        assert!(first < tenth && tenth < second);
    }

    #[test]
    fn a_kind_is_named_as_it_is_serialised() {
        let lead = Lead::default();
        let facts = [
            RecordFact::CallStarted { caller: None, language: Language::English },
            RecordFact::StreamStarted { stream_sid: StreamSid::new("MZ1") },
            RecordFact::CallerSaid { turn: TurnId(1), said: Said::Words("yes".into()) },
            RecordFact::TurnOver(TurnRecord::default()),
            RecordFact::HeardLess { turn: TurnId(1), heard: "We".into() },
            RecordFact::Event { event: EventKind::AudioDropped, detail: String::new() },
            RecordFact::Lead { lead },
            RecordFact::Ended { cause: EndCause::new("crashed"), seconds: 3 },
        ];
        for fact in facts {
            let value = serde_json::to_value(&fact).unwrap();
            assert_eq!(value["kind"], fact.kind(), "{value}");
            assert_eq!(serde_json::from_value::<RecordFact>(value).unwrap(), fact);
        }
    }
}
