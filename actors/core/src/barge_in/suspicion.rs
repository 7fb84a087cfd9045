//! A first sound that may become speech: it ducks the agent before anybody knows what it is.
//!
//! The voice gate is sure of speech 100 to 300 ms after its first sound (measured with `moked eval --figures`), and by
//! then the caller has heard himself talk against a loud voice. Ducking costs nothing if it was a cough, so it waits for
//! less: two frames as loud as this caller speaks, after quiet, that the detector does not rule out. What goes on all
//! the time does not rise, and what was in vain is not tried again at once, so that a street does not make the agent pump.

use std::time::{Duration, Instant};

/// How far below his usual level the beginning of a caller's word may lie.
const BELOW_USUAL_DB: f32 = 14.0;

/// What is softer is nobody's beginning, whatever is usual, dBFS.
const LEAST_DBFS: f32 = -40.0;

/// How long the voice gate may take to confirm it.
const CONFIRMED_WITHIN: Duration = Duration::from_millis(240);

/// How long no other is believed after one in vain.
const BACK_OFF: Duration = Duration::from_millis(1_500);

/// Loud frames that make one, and quiet ones that must lie before them.
const LOUD: u32 = 2;
const QUIET: u32 = 2;

/// Whether the agent is ducked on suspicion.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Suspicion {
    /// The newest frames were loud, one bit each.
    loud: u8,
    until: Option<Instant>,
    not_before: Option<Instant>,
}

impl Suspicion {
    /// Takes a frame; whether it makes a suspicion.
    pub(super) fn frame(
        &mut self,
        may_be_voice: bool,
        level_dbfs: f32,
        usual_dbfs: f32,
        now: Instant,
    ) -> bool {
        let is_loud = may_be_voice && level_dbfs >= (usual_dbfs - BELOW_USUAL_DB).max(LEAST_DBFS);
        self.loud = (self.loud << 1) | u8::from(is_loud);
        let rises = self.loud & ((1 << (LOUD + QUIET)) - 1) == (1 << LOUD) - 1;
        rises && self.until.is_none() && self.not_before.is_none_or(|at| now >= at)
    }

    /// The agent is ducked now.
    pub(super) fn begin(&mut self, now: Instant) {
        self.until = Some(now + CONFIRMED_WITHIN);
    }

    /// It is speech; whether the agent is ducked already.
    pub(super) fn confirm(&mut self) -> bool {
        self.until.take().is_some()
    }

    /// Until when it must be confirmed.
    pub(super) fn until(&self) -> Option<Instant> {
        self.until
    }

    /// Whether it was in vain.
    pub(super) fn expire(&mut self, now: Instant) -> bool {
        let is_over = self.until.is_some_and(|until| until <= now);
        if is_over {
            self.until = None;
            self.not_before = Some(now + BACK_OFF);
        }
        is_over
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, start};

    fn frames(levels: &[f32]) -> Vec<usize> {
        let mut suspicion = Suspicion::default();
        let rises = levels.iter().enumerate();
        rises
            .filter(|(n, level)| suspicion.frame(true, **level, -22.0, at(start(), *n as u64 * 20)))
            .map(|(n, _)| n)
            .collect()
    }

    #[test]
    fn two_loud_frames_after_quiet_are_suspect_and_lasting_noise_is_not() {
        assert_eq!(frames(&[-60.0, -60.0, -30.0, -25.0, -20.0, -20.0]), [3]);
        assert_eq!(frames(&[-30.0; 50]), [1], "only as it begins");
        assert_eq!(frames(&[-60.0, -60.0, -38.0, -38.0]), [0; 0]);
        assert_eq!(frames(&[-60.0, -60.0, -20.0, -60.0]), [0; 0]);
    }

    #[test]
    fn one_in_vain_is_not_followed_by_another_at_once() {
        let zero = start();
        let mut suspicion = Suspicion::default();
        suspicion.begin(zero);
        assert!(!suspicion.expire(at(zero, 239)));
        assert!(suspicion.expire(at(zero, 240)));
        let mut rise = |from: u64| {
            [-60.0, -60.0, -20.0, -20.0]
                .into_iter()
                .any(|level| suspicion.frame(true, level, -22.0, at(zero, from)))
        };
        assert!(!rise(1_000));
        assert!(rise(1_800));
    }

    #[test]
    fn a_suspicion_confirmed_is_over() {
        let mut suspicion = Suspicion::default();
        assert!(!suspicion.confirm());
        suspicion.begin(start());
        assert!(suspicion.confirm());
        assert_eq!(suspicion.until(), None);
    }
}
