//! The caller's side of the turns of one call: when he speaks, when he is answered, how evenly he is spoken to.
//!
//! A pure machine, 20 ms at a time. It plays the agent's audio as a carrier does, so far as the clock goes: a
//! mark comes back when the audio before it is over.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use moked_core::audio::FRAME_MS;
use moked_core::ids::MarkName;

use super::figures::pacing_errors;

/// An answer that has not come by then does not come.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a caller does next with his line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sound {
    /// Digital silence.
    Silence,
    /// A frame of the utterance.
    Speech {
        /// Its place.
        place: usize,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The agent speaks, or is about to greet.
    Listening,
    /// Nobody speaks until then.
    Pausing {
        until: Instant,
    },
    Speaking {
        next: usize,
    },
    Waiting {
        since: Instant,
    },
}

/// Something that was measured.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Finding {
    /// From the end of the caller's speech to the answer.
    Answered {
        /// When the last voiced frame was sent.
        spoken: Instant,
        /// How long until the first audible frame came.
        waited: Duration,
    },
    /// No answer came.
    Unanswered,
    /// An answer is over; how late each of its frames was, in ms.
    Paced(Vec<f64>),
}

/// The turns of one call.
#[derive(Debug)]
pub(super) struct Turns {
    phase: Phase,
    utterance: usize,
    pause: Duration,
    lead: Duration,
    arrivals: Vec<Instant>,
    played: Option<Instant>,
    marks: VecDeque<(Instant, MarkName)>,
    findings: VecDeque<Finding>,
}

impl Turns {
    /// A caller who waits to be greeted. `utterance` is his speech in frames, `pause` what he lets pass before it,
    /// `lead` how far ahead of his ear the server sends.
    pub(super) fn new(utterance: usize, pause: Duration, lead: Duration) -> Self {
        Self {
            phase: Phase::Listening,
            utterance,
            pause,
            lead,
            arrivals: Vec::new(),
            played: None,
            marks: VecDeque::new(),
            findings: VecDeque::new(),
        }
    }

    /// What goes out now; called each 20 ms.
    pub(super) fn tick(&mut self, now: Instant) -> Sound {
        match self.phase {
            Phase::Listening if self.is_heard_out(now) => {
                let arrivals = std::mem::take(&mut self.arrivals);
                self.findings.push_back(Finding::Paced(pacing_errors(&arrivals, self.lead)));
                self.phase = Phase::Pausing { until: now + self.pause };
            }
            Phase::Pausing { until } if now >= until => self.phase = Phase::Speaking { next: 0 },
            Phase::Waiting { since } if now.saturating_duration_since(since) > PATIENCE => {
                self.findings.push_back(Finding::Unanswered);
                self.phase = Phase::Pausing { until: now + self.pause };
            }
            Phase::Listening | Phase::Pausing { .. } | Phase::Speaking { .. } | Phase::Waiting { .. } => {}
        }
        match self.phase {
            Phase::Speaking { next } => Sound::Speech { place: next },
            Phase::Listening | Phase::Pausing { .. } | Phase::Waiting { .. } => Sound::Silence,
        }
    }

    /// The frame that [`Self::tick`] gave is on the wire.
    pub(super) fn sent(&mut self, now: Instant) {
        if let Phase::Speaking { next } = self.phase {
            let next = next + 1;
            let is_last = next == self.utterance;
            self.phase = if is_last { Phase::Waiting { since: now } } else { Phase::Speaking { next } };
        }
    }

    /// A frame of the agent came; all of them are audible.
    pub(super) fn agent_frame(&mut self, now: Instant) {
        if let Phase::Waiting { since } = self.phase {
            self.findings.push_back(Finding::Answered { spoken: since, waited: now - since });
            self.phase = Phase::Listening;
        }
        self.arrivals.push(now);
        let begins = self.played.map_or(now, |played| played.max(now));
        self.played = Some(begins + Duration::from_millis(u64::from(FRAME_MS)));
    }

    /// A mark came.
    pub(super) fn mark(&mut self, name: MarkName, now: Instant) {
        self.marks.push_back((self.played.map_or(now, |played| played.max(now)), name));
    }

    /// The next mark whose audio is over.
    pub(super) fn due_mark(&mut self, now: Instant) -> Option<MarkName> {
        let is_due = self.marks.front().is_some_and(|(due, _)| *due <= now);
        if is_due { self.marks.pop_front().map(|(_, name)| name) } else { None }
    }

    /// The next thing that was measured.
    pub(super) fn finding(&mut self) -> Option<Finding> {
        self.findings.pop_front()
    }

    fn is_heard_out(&self, now: Instant) -> bool {
        self.marks.is_empty() && !self.arrivals.is_empty() && self.played.is_some_and(|played| played <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAUSE: Duration = Duration::from_millis(100);

    fn at(zero: Instant, ms: u64) -> Instant {
        zero + Duration::from_millis(ms)
    }

    /// A caller of two frames who was greeted with one frame and a mark.
    fn greeted(zero: Instant) -> Turns {
        let mut turns = Turns::new(2, PAUSE, Duration::ZERO);
        assert_eq!(turns.tick(zero), Sound::Silence);
        turns.agent_frame(zero);
        turns.mark(MarkName::new("greeting"), zero);
        assert_eq!(turns.due_mark(at(zero, 19)), None);
        assert_eq!(turns.due_mark(at(zero, 20)), Some(MarkName::new("greeting")));
        assert_eq!(turns.tick(at(zero, 20)), Sound::Silence);
        assert_eq!(turns.finding(), Some(Finding::Paced(vec![0.0])));
        turns
    }

    #[test]
    fn the_wait_counts_from_the_last_frame_of_speech_to_the_first_of_the_answer() {
        let zero = Instant::now();
        let mut turns = greeted(zero);
        for (ms, place) in [(120, 0), (140, 1)] {
            assert_eq!(turns.tick(at(zero, ms)), Sound::Speech { place });
            turns.sent(at(zero, ms + 1));
        }
        assert_eq!(turns.tick(at(zero, 160)), Sound::Silence);
        turns.agent_frame(at(zero, 741));
        turns.agent_frame(at(zero, 742));
        let waited = Duration::from_millis(600);
        assert_eq!(turns.finding(), Some(Finding::Answered { spoken: at(zero, 141), waited }));
        assert_eq!(turns.finding(), None);
    }

    #[test]
    fn an_answer_that_does_not_come_is_counted_and_the_call_goes_on() {
        let zero = Instant::now();
        let mut turns = greeted(zero);
        for ms in [120, 140] {
            turns.tick(at(zero, ms));
            turns.sent(at(zero, ms));
        }
        turns.tick(at(zero, 6_000));
        assert_eq!(turns.finding(), Some(Finding::Unanswered));
        assert_eq!(turns.tick(at(zero, 6_100)), Sound::Speech { place: 0 });
    }
}
