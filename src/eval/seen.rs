//! Everything that was seen of one call, on one clock: what a judge needs.

use std::time::Instant;

use moked_core::audio::{BYTES_PER_MS, mulaw};
use moked_core::conversation::Remark;
use moked_core::ids::CallSid;

use super::call::{Held, Walked};
use super::stream::{Caller, Taken};
use super::truth::HeardSentence;
use crate::caller::ear::EarEvent;
use crate::caller::recording::Tracks;
use crate::caller::strict::Violation;
use crate::caller::voiced::{self, Span};
use crate::event_tap::TappedEvent;

/// What moked itself holds of a call; only of a server in this process.
pub(super) struct Inside {
    /// The history.
    pub(super) conversation: Vec<Remark>,
    /// How it ended, in one word.
    pub(super) end: String,
    /// The log.
    pub(super) events: Vec<TappedEvent>,
    /// What the mind was asked and had no answer to.
    pub(super) unscripted: Vec<String>,
    /// What the caller heard of what the voice made.
    pub(super) heard: Vec<HeardSentence>,
}

/// A call as it was seen. Times are ms from its start.
pub(super) struct Seen {
    pub(super) call_sid: CallSid,
    /// Time zero.
    pub(super) zero: Instant,
    pub(super) streams: usize,
    /// Both sides, the time between two streams silent.
    pub(super) tracks: Tracks,
    /// When the agent was audible.
    pub(super) agent: Vec<Span>,
    /// When the server emptied the carrier's queue.
    pub(super) clears: Vec<u64>,
    /// Holes in the agent's speech, ms each.
    pub(super) gaps: Vec<f64>,
    pub(super) violations: Vec<Violation>,
    pub(super) documents: Vec<String>,
    pub(super) taken: Vec<Taken>,
    pub(super) in_vain: Vec<usize>,
    pub(super) late_ms: Vec<f64>,
    pub(super) inside: Option<Inside>,
}

impl Seen {
    pub(super) fn new(walked: Walked, caller: Caller) -> Self {
        let mut tracks = Tracks::default();
        let (mut clears, mut gaps, mut violations) = (Vec::new(), Vec::new(), Vec::new());
        let streams = walked.streams.len();
        for Held { from_ms, tracks: held, log, violations: broken } in walked.streams {
            let from = from_ms as usize * BYTES_PER_MS;
            for (whole, part) in [(&mut tracks.caller, &held.caller), (&mut tracks.agent, &held.agent)] {
                whole.resize(from.max(whole.len()), moked_core::audio::SILENCE);
                whole.extend_from_slice(part);
            }
            for entry in log {
                match entry.event {
                    EarEvent::Cleared { .. } => clears.push(from_ms + entry.at_ms),
                    EarEvent::Underrun { gap_ms } => gaps.push(gap_ms),
                    EarEvent::MarkQueued { .. }
                    | EarEvent::MarkPlayed { .. }
                    | EarEvent::MarkCleared { .. }
                    | EarEvent::AgentBegan
                    | EarEvent::AgentFinished { .. }
                    | EarEvent::Overflow { .. } => {}
                }
            }
            violations.extend(broken);
        }
        Self {
            call_sid: walked.call_sid,
            zero: caller.zero,
            streams,
            agent: voiced::spans(&mulaw::decode(&tracks.agent)),
            tracks,
            clears,
            gaps,
            violations,
            documents: walked.documents,
            taken: caller.taken,
            in_vain: caller.in_vain,
            late_ms: caller.late_ms,
            inside: None,
        }
    }

    /// Length of the call.
    pub(super) fn duration_ms(&self) -> u64 {
        (self.tracks.agent.len() / BYTES_PER_MS) as u64
    }

    /// The call's time of a moment.
    pub(super) fn at(&self, moment: Instant) -> u64 {
        moment.saturating_duration_since(self.zero).as_millis() as u64
    }

    /// Whether the agent was audible at a time.
    pub(super) fn agent_speaks_at(&self, ms: u64) -> bool {
        self.agent.iter().any(|span| (span.from_ms..span.to_ms).contains(&ms))
    }
}
