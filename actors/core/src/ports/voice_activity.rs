//! Voice activity: how likely is it that a frame holds speech.

use std::fmt::Debug;

use crate::audio::FRAME_SAMPLES;

/// Makes detectors, one for each call.
pub trait VoiceActivity: Send + Sync + Debug {
    /// Short name for logs, such as `earshot`.
    fn name(&self) -> &'static str;

    /// A fresh detector.
    fn open(&self) -> Box<dyn VoiceDetector>;
}

/// One call's detector. Cheap enough for the call's own thread (well under 100 µs a frame).
pub trait VoiceDetector {
    /// Probability of speech, 0 to 1, in the newest 20 ms of 8 kHz linear samples.
    fn probability(&mut self, frame: &[i16; FRAME_SAMPLES]) -> f32;
}
