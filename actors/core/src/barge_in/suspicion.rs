//! A first sound that may become speech: it ducks the agent before anybody knows what it is.
//!
//! The voice gate is sure of speech 100 to 300 ms after its first sound (measured with `moked eval --figures`), and by
//! then the caller has heard himself talk against a loud voice. Ducking costs nothing if it was a cough, so it waits for
//! less: two frames that stand out of the quiet before them, of which the detector does not rule out the second. An "s"
//! or an "m" lies 20 dB and more below the vowel that follows, so they are held against the noise of the line rather
//! than against the caller's level. What goes on all the time does not stand out. What was in vain is not tried again at
//! once, and what was in vain again even later, so that a street does not make the agent pump.

use std::time::{Duration, Instant};

use crate::vad::Sound;

/// How far the beginning of a word stands out of the line's noise.
const ABOVE_NOISE_DB: f32 = 12.0;

/// How far below his usual level the beginning of a caller's word may lie.
const BELOW_USUAL_DB: f32 = 26.0;

/// What is softer is nobody's beginning, whatever is usual, dBFS.
const LEAST_DBFS: f32 = -46.0;

/// Weight of a frame in the line's noise: what is softer is believed within 100 ms, what is louder only if it
/// lasts for seconds, as no word does.
const NOISE_DOWN: f32 = 1.0 / 4.0;
const NOISE_UP: f32 = 1.0 / 250.0;

/// The softest noise that is told from silence, dBFS: that of µ-law itself.
const SILENT_DBFS: f32 = -75.0;

/// How long the voice gate may take to confirm it.
const CONFIRMED_WITHIN: Duration = Duration::from_millis(300);

/// How long no other is believed after one in vain, doubled with each further up to the longest.
const BACK_OFF: Duration = Duration::from_millis(1_500);
const LONGEST_BACK_OFF: Duration = Duration::from_secs(12);

/// Loud frames that make one, and quiet ones that must lie before them.
const LOUD: u32 = 2;
const QUIET: u32 = 2;

/// Whether the agent is ducked on suspicion.
#[derive(Debug, Clone, Copy)]
pub(super) struct Suspicion {
    /// The newest frames were loud, one bit each.
    loud: u8,
    noise_dbfs: f32,
    until: Option<Instant>,
    not_before: Option<Instant>,
    back_off: Duration,
}

impl Default for Suspicion {
    fn default() -> Self {
        Self { loud: 0, noise_dbfs: SILENT_DBFS, until: None, not_before: None, back_off: BACK_OFF }
    }
}

impl Suspicion {
    /// Takes a frame; whether it makes a suspicion.
    pub(super) fn frame(&mut self, sound: Sound, level_dbfs: f32, usual_dbfs: f32, now: Instant) -> bool {
        let least = (self.noise_dbfs + ABOVE_NOISE_DB).max(usual_dbfs - BELOW_USUAL_DB).max(LEAST_DBFS);
        let is_loud = sound > Sound::Quiet && level_dbfs >= least;
        self.learn_noise(level_dbfs);
        self.loud = (self.loud << 1) | u8::from(is_loud);
        let rises = self.loud & ((1 << (LOUD + QUIET)) - 1) == (1 << LOUD) - 1;
        let may_be = rises && sound >= Sound::MaybeVoice;
        may_be && self.until.is_none() && self.not_before.is_none_or(|at| now >= at)
    }

    /// The agent is ducked now.
    pub(super) fn begin(&mut self, now: Instant) {
        self.until = Some(now + CONFIRMED_WITHIN);
    }

    /// It is speech; whether the agent is ducked already.
    pub(super) fn confirm(&mut self) -> bool {
        self.back_off = BACK_OFF;
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
            self.not_before = Some(now + self.back_off);
            self.back_off = (self.back_off * 2).min(LONGEST_BACK_OFF);
        }
        is_over
    }

    fn learn_noise(&mut self, level_dbfs: f32) {
        let level = level_dbfs.max(SILENT_DBFS);
        let weight = if level < self.noise_dbfs { NOISE_DOWN } else { NOISE_UP };
        self.noise_dbfs += (level - self.noise_dbfs) * weight;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, start};

    /// The frames that make a suspicion, of a caller of -20 dBFS.
    fn frames(levels: &[f32]) -> Vec<usize> {
        let mut suspicion = Suspicion::default();
        let rises = levels.iter().enumerate();
        let frame = |(n, level): &(usize, &f32)| {
            suspicion.frame(Sound::MaybeVoice, **level, -20.0, at(start(), *n as u64 * 20))
        };
        rises.filter(frame).map(|(n, _)| n).collect()
    }

    #[test]
    fn two_frames_that_stand_out_of_quiet_are_suspect_and_lasting_noise_is_not() {
        assert_eq!(frames(&[-60.0, -60.0, -30.0, -25.0, -20.0, -20.0]), [3]);
        assert_eq!(frames(&[-30.0; 50]), [1], "only as it begins");
        assert_eq!(frames(&[-60.0, -60.0, -20.0, -60.0]), [0; 0]);
        assert_eq!(frames(&[-60.0, -60.0, -48.0, -48.0]), [0; 0], "too soft for anybody");
    }

    #[test]
    fn a_hiss_that_begins_a_word_stands_out_of_a_quiet_line_and_not_of_a_noisy_one() {
        let stop = [-43.0, -42.0, -42.0, -70.0, -35.0, -20.0, -20.0];
        assert_eq!(frames(&[&[-70.0; 10][..], &stop].concat()), [11]);
        let in_noise = frames(&[&[-40.0; 1_500][..], &[-35.0, -34.0, -35.0], &[-20.0; 5]].concat());
        assert_eq!(in_noise, [1, 1_504]);
    }

    #[test]
    fn the_detector_may_rule_the_second_out_but_not_the_first() {
        let frames = |second: Sound| {
            let mut suspicion = Suspicion::default();
            let sounds =
                [(Sound::Quiet, -70.0), (Sound::Quiet, -70.0), (Sound::Loud, -30.0), (second, -25.0)];
            sounds.map(|(sound, level)| suspicion.frame(sound, level, -20.0, start()))
        };
        assert_eq!(frames(Sound::MaybeVoice), [false, false, false, true]);
        assert_eq!(frames(Sound::Loud), [false; 4]);
    }

    #[test]
    fn one_in_vain_is_not_followed_by_another_at_once_and_a_second_later_still() {
        let zero = start();
        let mut suspicion = Suspicion::default();
        let rises = |suspicion: &mut Suspicion, from: u64| {
            [-60.0, -60.0, -20.0, -20.0]
                .into_iter()
                .any(|level| suspicion.frame(Sound::MaybeVoice, level, -22.0, at(zero, from)))
        };
        suspicion.begin(zero);
        assert!(!suspicion.expire(at(zero, 299)));
        assert!(suspicion.expire(at(zero, 300)));
        assert!(!rises(&mut suspicion, 1_700));
        assert!(rises(&mut suspicion, 1_800));
        suspicion.begin(at(zero, 1_800));
        assert!(suspicion.expire(at(zero, 2_100)));
        assert!(!rises(&mut suspicion, 5_000));
        assert!(rises(&mut suspicion, 5_100));
        suspicion.begin(at(zero, 5_100));
        assert!(suspicion.confirm());
        suspicion.begin(at(zero, 9_000));
        assert!(suspicion.expire(at(zero, 9_300)));
        assert!(rises(&mut suspicion, 10_800), "one that was right makes up for those in vain");
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
