//! How long, how steady and how loud a voice is, and whether it is this caller's.
//!
//! A cough is a burst that falls off; a television across the room is steady and weak. Neither needs a model:
//! the level of 20 ms frames tells, once it is known how loud this caller usually is.

use crate::audio::FRAME_MS;

/// A voice so much weaker than the caller's is somebody else's. A handset moved from the mouth to arm's length
/// costs about 12 dB.
const FAR_DB: f32 = 15.0;

/// The caller's level until it is learned: quiet for a telephone, so that nobody is too weak at first.
const UNLEARNED_DBFS: f32 = -32.0;

/// Weight of a frame in the usual level: half a second of speech makes most of it.
const GAIN: f32 = 1.0 / 25.0;

/// A burst that has fallen so far below its peak is over, whatever the detector still says.
const FALLEN_DB: f32 = 12.0;

/// Frames whose mean tells whether the voice goes on: 100 ms bridges the stop of a "t" or "k".
const RECENT: f32 = 5.0;

/// How loud the caller is when he has the floor.
#[derive(Debug, Clone, Copy)]
pub(super) struct UsualLevel(f32);

impl Default for UsualLevel {
    fn default() -> Self {
        Self(UNLEARNED_DBFS)
    }
}

impl UsualLevel {
    pub(super) fn learn(&mut self, level_dbfs: f32) {
        self.0 += (level_dbfs - self.0) * GAIN;
    }

    pub(super) fn dbfs(&self) -> f32 {
        self.0
    }

    /// Whether this voice is too weak to be the caller's. Of no voice it is not said.
    pub(super) fn is_far(&self, voice: &VoiceSoFar) -> bool {
        voice.voiced > 0 && voice.peak < self.0 - FAR_DB
    }
}

/// A voice since its onset was told.
#[derive(Debug, Clone, Copy)]
pub(super) struct VoiceSoFar {
    frames: u32,
    voiced: u32,
    peak: f32,
    recent: f32,
}

impl Default for VoiceSoFar {
    fn default() -> Self {
        Self { frames: 0, voiced: 0, peak: f32::MIN, recent: f32::MIN }
    }
}

impl VoiceSoFar {
    pub(super) fn frame(&mut self, voiced: bool, level_dbfs: f32) {
        self.recent =
            if self.frames == 0 { level_dbfs } else { self.recent + (level_dbfs - self.recent) / RECENT };
        self.frames += 1;
        if voiced {
            self.voiced += 1;
            self.peak = self.peak.max(level_dbfs);
        }
    }

    pub(super) fn voiced_ms(&self) -> u32 {
        self.voiced * FRAME_MS
    }

    /// Four of five frames are voiced and it has not fallen off. Without frames there is nothing to go by.
    pub(super) fn is_steady(&self) -> bool {
        self.frames > 0 && self.voiced * 5 >= self.frames * 4 && self.recent > self.peak - FALLEN_DB
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn voice(levels: &[f32]) -> VoiceSoFar {
        let mut voice = VoiceSoFar::default();
        levels.iter().for_each(|level| voice.frame(*level > -50.0, *level));
        voice
    }

    #[test]
    fn speech_is_steady_and_a_cough_falls_off() {
        assert!(voice(&[-20.0, -18.0, -25.0, -60.0, -19.0, -22.0, -20.0]).is_steady());
        assert!(!voice(&[-10.0, -12.0, -25.0, -35.0, -40.0, -42.0, -45.0, -45.0]).is_steady());
        assert!(!voice(&[-20.0, -60.0, -60.0]).is_steady());
        assert!(!voice(&[]).is_steady());
    }

    #[test]
    fn a_voice_far_below_the_callers_is_not_his() {
        let mut usual = UsualLevel::default();
        assert!(!usual.is_far(&voice(&[-45.0])), "nobody is too weak before it is learned");
        (0..100).for_each(|_| usual.learn(-20.0));
        assert!(usual.is_far(&voice(&[-40.0; 9])));
        assert!(!usual.is_far(&voice(&[-40.0, -30.0])));
        assert!(!usual.is_far(&voice(&[])));
    }
}
