//! What barge-in tells of itself: facts for the log and the meters, a view for the admin page.

use std::time::Duration;

use serde::Serialize;

use crate::cues::Remark;
use crate::ids::UtteranceId;

/// Why the agent was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// A stop word.
    StopWord,
    /// Words that say something.
    Words,
    /// "Yes", to a question.
    Answer,
    /// A steady voice, its words not known yet.
    Voice,
    /// The agent had finished and the caller spoke on.
    AgentDone,
}

impl StopReason {
    /// As in logs: `stop_word`, `words`, `answer`, `voice`, `agent_done`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::StopWord => "stop_word",
            Self::Words => "words",
            Self::Answer => "answer",
            Self::Voice => "voice",
            Self::AgentDone => "agent_done",
        }
    }
}

/// What happened, and how long after the true onset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BargeInFact {
    /// The agent was ducked.
    Ducked {
        /// The caller's utterance.
        utterance: UtteranceId,
    },
    /// The agent is silent and waits for the caller's words.
    Hushed {
        /// The caller's utterance.
        utterance: UtteranceId,
        /// Time since the onset.
        after: Duration,
    },
    /// It was no interruption.
    Resumed {
        /// The caller's utterance.
        utterance: UtteranceId,
        /// What its words amounted to, as far as they were known.
        remark: Remark,
        /// Time since the onset.
        after: Duration,
    },
    /// The caller has the floor.
    Stopped {
        /// The caller's utterance.
        utterance: UtteranceId,
        /// Why.
        reason: StopReason,
        /// Time since the onset.
        after: Duration,
    },
}

/// Barge-in as the admin page shows it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct BargeInView {
    /// Whether the agent is ducked or silent now.
    pub is_ducked: bool,
    /// Utterances over the agent that the dialog does not know of.
    pub withheld: usize,
    /// How loud the caller usually is, in dBFS.
    pub usual_level_dbfs: f32,
    /// How often the agent was ducked.
    pub ducks: u32,
    /// How often it fell silent to wait for the caller's words.
    pub hushes: u32,
    /// How often it was no interruption.
    pub resumes: u32,
    /// How often the caller got the floor.
    pub stops: u32,
}
