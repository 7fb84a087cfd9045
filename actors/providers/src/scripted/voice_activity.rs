//! Voice activity by loudness alone: a test makes speech with any loud frame.

use moked_core::audio::FRAME_SAMPLES;
use moked_core::ports::{VoiceActivity, VoiceDetector};

/// Mean magnitude from which a frame is loud, of 32767: above line noise, below any spoken word.
const LOUD: u32 = 500;

/// Says 1.0 for a loud frame and 0.0 for a quiet one.
#[derive(Debug, Clone, Copy, Default)]
pub struct ScriptedVoiceActivity;

impl VoiceActivity for ScriptedVoiceActivity {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn open(&self) -> Box<dyn VoiceDetector> {
        Box::new(Self)
    }
}

impl VoiceDetector for ScriptedVoiceActivity {
    fn probability(&mut self, frame: &[i16; FRAME_SAMPLES]) -> f32 {
        let sum: u32 = frame.iter().map(|sample| u32::from(sample.unsigned_abs())).sum();
        if sum / FRAME_SAMPLES as u32 >= LOUD { 1.0 } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loud_frame_is_speech_and_a_quiet_one_is_not() {
        let mut detector = ScriptedVoiceActivity.open();
        assert_eq!(detector.probability(&[4_000; FRAME_SAMPLES]), 1.0);
        assert_eq!(detector.probability(&[-100; FRAME_SAMPLES]), 0.0);
        assert_eq!(detector.probability(&[i16::MIN; FRAME_SAMPLES]), 1.0);
    }
}
