//! The states of a turn, its timers, and what the admin page shows of them.

use std::fmt;
use std::time::Instant;

use serde::Serialize;

use crate::hints::RecognitionHints;
use crate::ids::TurnId;

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum TurnState {
    /// The caller's.
    Listening,
    /// The mind's.
    Thinking,
    /// The agent's.
    Speaking,
    /// Nobody's any more.
    Ended,
}

impl fmt::Display for TurnState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Listening => "LISTENING",
            Self::Thinking => "THINKING",
            Self::Speaking => "SPEAKING",
            Self::Ended => "ENDED",
        })
    }
}

/// Why turn-taking wants to wake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnTimer {
    /// The caller has been silent for long.
    Silence,
    /// The transcript of an utterance is overdue.
    Transcript,
    /// No further key came.
    KeyGap,
    /// The caller has waited for an answer in silence.
    Filler,
    /// The mind is overdue.
    Thinking,
    /// The end of playback is overdue.
    Playback,
    /// The call must end, and the turn under way had its time.
    Farewell,
}

/// Turn-taking as the admin page shows it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TurnView {
    /// Whose turn it is.
    pub state: TurnState,
    /// The newest turn.
    pub turn: TurnId,
    /// Why it will wake next, if it will.
    pub next_timer: Option<TurnTimer>,
    /// In how many milliseconds.
    pub next_timer_in_ms: Option<u64>,
    /// What the caller is expected to say.
    pub expected: RecognitionHints,
}

impl TurnView {
    pub(super) fn new(
        state: TurnState,
        turn: TurnId,
        timer: Option<(Instant, TurnTimer)>,
        now: Instant,
        expected: &RecognitionHints,
    ) -> Self {
        Self {
            state,
            turn,
            next_timer: timer.map(|(_, timer)| timer),
            next_timer_in_ms: timer.map(|(at, _)| at.saturating_duration_since(now).as_millis() as u64),
            expected: expected.clone(),
        }
    }
}
