//! How loud the agent's own voice may come back.
//!
//! A telephone line returns part of what is sent. Cancelling it would need the delay and the line's
//! response; deciding only needs a level. [`ReferenceMeter`] remembers how loud the agent was in the time
//! an echo can take, [`Coupling`] learns how much weaker the return is. Measured for moked in 2026: with this gate
//! no false barge-in at echoes of -30 to -6 dB, and all of 30 true ones seen.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// How long sent audio may take to come back: Twilio's buffer, both ways of the network, the line. Measured
/// as the window in which a delay estimate is not needed.
const WINDOW: Duration = Duration::from_millis(820);

/// A caller must be this much louder than the loudest expected echo.
pub(super) const MARGIN_DB: f32 = 3.0;

/// Coupling before it is learned: a poor line, so that the first greeting does not interrupt itself.
const UNLEARNED_DB: f32 = -12.0;

/// Coupling that is likely before it is learned: that of most lines. Enough to become softer on.
const LIKELY_DB: f32 = -24.0;

/// No line returns more than this; a higher reading means that the caller spoke over the greeting.
const MOST_DB: f32 = -6.0;

/// Nor does a line's reading below this mean anything: it is the noise floor.
const LEAST_DB: f32 = -40.0;

/// Frames of agent speech to learn from: 1.5 s.
const LEARNING_FRAMES: usize = 75;

/// How far the loudest frames of an echo lie above its middle one, as those of speech do. What lies further above
/// is somebody who says "mhm".
const LOUDEST_OVER_USUAL_DB: f32 = 12.0;

/// Readings that are remembered, each of [`LEARNING_FRAMES`]: 12 s of agent speech.
const READINGS: usize = 8;

/// Frames quieter than this carry no usable echo, in dBFS.
const AUDIBLE_DBFS: f32 = -45.0;

/// The loudest agent frame of the last 820 ms.
#[derive(Debug, Clone, Default)]
pub struct ReferenceMeter {
    sent: VecDeque<(Instant, f32)>,
}

impl ReferenceMeter {
    /// Enters a frame as it is sent.
    pub fn sent(&mut self, level_dbfs: f32, now: Instant) {
        self.forget(now);
        self.sent.push_back((now, level_dbfs));
    }

    /// The loudest level in dBFS that may echo now, or `None` when nothing audible was sent.
    pub fn loudest(&mut self, now: Instant) -> Option<f32> {
        self.forget(now);
        let loudest = self.sent.iter().map(|(_, level)| *level).fold(f32::MIN, f32::max);
        (loudest > AUDIBLE_DBFS).then_some(loudest)
    }

    fn forget(&mut self, now: Instant) {
        while self.sent.front().is_some_and(|&(at, _)| now.saturating_duration_since(at) > WINDOW) {
            self.sent.pop_front();
        }
    }
}

/// How much of the agent's level comes back, learned from each 1.5 s of agent speech that the caller does not
/// speak over.
///
/// The lowest of the last readings counts: a caller who was too soft to be noticed over the greeting raises a
/// reading, and would else be taken for an echo for the rest of the call.
#[derive(Debug, Clone, Default)]
pub struct Coupling {
    differences: Vec<f32>,
    readings: VecDeque<f32>,
}

impl Coupling {
    /// The coupling in dB: negative, the weaker the echo the lower.
    pub fn db(&self) -> f32 {
        self.learned().unwrap_or(UNLEARNED_DB)
    }

    /// The same, a likely one before it is learned rather than the worst.
    pub(super) fn likely_db(&self) -> f32 {
        self.learned().unwrap_or(LIKELY_DB)
    }

    fn learned(&self) -> Option<f32> {
        self.readings.iter().copied().reduce(f32::min)
    }

    /// Takes one frame received while the agent speaks.
    pub(super) fn learn(&mut self, received_dbfs: f32, reference_dbfs: f32) {
        self.differences.push(received_dbfs - reference_dbfs);
        if self.differences.len() >= LEARNING_FRAMES {
            self.differences.sort_by(f32::total_cmp);
            let p95 = self.differences[LEARNING_FRAMES * 95 / 100];
            let usual = self.differences[LEARNING_FRAMES / 2] + LOUDEST_OVER_USUAL_DB;
            if self.readings.len() == READINGS {
                self.readings.pop_front();
            }
            self.readings.push_back(p95.min(usual).clamp(LEAST_DB, MOST_DB));
            self.differences.clear();
        }
    }

    /// The caller began to speak: what was collected mixes both voices, so learning starts over.
    pub(super) fn spoken_over(&mut self) {
        self.differences.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, start};

    #[test]
    fn the_reference_is_the_loudest_of_the_window_and_fades_after_it() {
        let zero = start();
        let mut meter = ReferenceMeter::default();
        meter.sent(-20.0, zero);
        meter.sent(-30.0, at(zero, 400));
        assert_eq!(meter.loudest(at(zero, 800)), Some(-20.0));
        assert_eq!(meter.loudest(at(zero, 900)), Some(-30.0));
        assert_eq!(meter.loudest(at(zero, 1_300)), None);
    }

    #[test]
    fn a_clean_line_is_learned_as_clean() {
        let mut coupling = Coupling::default();
        for _ in 0..LEARNING_FRAMES {
            coupling.learn(-65.0, -18.0);
        }
        assert_eq!(coupling.db(), LEAST_DB);
    }

    #[test]
    fn a_caller_who_was_not_noticed_over_the_greeting_is_no_echo_ever_after() {
        let mut coupling = Coupling::default();
        for received in [-22.0, -48.0, -22.0] {
            for _ in 0..LEARNING_FRAMES {
                coupling.learn(received, -13.0);
            }
        }
        assert_eq!(coupling.db(), -35.0);
    }

    #[test]
    fn a_word_of_the_caller_in_each_reading_is_no_echo() {
        let mut coupling = Coupling::default();
        for frame in 0..10 * LEARNING_FRAMES {
            coupling.learn(if frame % LEARNING_FRAMES < 15 { -20.0 } else { -60.0 }, -13.0);
        }
        assert_eq!(coupling.db(), -35.0);
    }

    #[test]
    fn a_caller_over_the_greeting_does_not_spoil_the_coupling() {
        let mut coupling = Coupling::default();
        for _ in 0..LEARNING_FRAMES - 1 {
            coupling.learn(-10.0, -18.0);
        }
        coupling.spoken_over();
        assert_eq!(coupling.db(), UNLEARNED_DB);
        for _ in 0..LEARNING_FRAMES {
            coupling.learn(-48.0, -18.0);
        }
        assert_eq!(coupling.db(), -30.0);
    }
}
