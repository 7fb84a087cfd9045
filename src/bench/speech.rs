//! The caller's utterance: real speech that stops dead while it is loud.

use std::sync::Arc;

use moked_core::audio::{FRAME_SAMPLES, level, mulaw};
use moked_core::ports::VoiceActivity;
use thiserror::Error;

/// Shortest and longest utterance, in frames: 0.5 to 1 s.
const LENGTHS: std::ops::RangeInclusive<usize> = 25..=50;

/// Loud speech, in dBFS: well above any floor and any echo.
const LOUD_DBFS: f32 = -35.0;

/// A probability of voice that no other history of the detector would turn around.
const SURE: f32 = 0.9;

/// The rendered speech has no place to cut it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the caller's speech has no loud, sure frame between 0.5 and 1 s to end with")]
pub struct NoSpeech;

/// An utterance as frames of 20 ms µ-law, the last of them certainly voiced.
#[derive(Debug, Clone)]
pub struct Utterance(Arc<[[u8; FRAME_SAMPLES]]>);

impl Utterance {
    /// Cuts samples at 8 kHz behind the last frame within a second that is loud and surely voice.
    ///
    /// # Errors
    /// There is no such frame.
    pub fn cut(samples: &[i16], detector: &dyn VoiceActivity) -> Result<Self, NoSpeech> {
        let (frames, _) = samples.as_chunks::<FRAME_SAMPLES>();
        let is_loud = |frame: &&[i16; FRAME_SAMPLES]| level::dbfs(*frame) > LOUD_DBFS;
        let lead_in = frames.iter().take_while(|frame| !is_loud(frame)).count();
        let frames = frames.get(lead_in..).unwrap_or_default();
        // A detector's blocks need not be frames, so each phase between the two is tried.
        let phases: Vec<Vec<f32>> = (0..4).map(|phase| probabilities(frames, detector, phase)).collect();
        let is_sure = |place: usize| {
            phases.iter().all(|phase| phase.get(place).is_some_and(|&probability| probability >= SURE))
        };
        let ends = |&length: &usize| {
            let last = length - 1;
            frames.get(last).as_ref().is_some_and(is_loud) && is_sure(last) && is_sure(last - 1)
        };
        let length = LENGTHS.rev().find(ends).ok_or(NoSpeech)?;
        Ok(Self(frames.iter().take(length).map(|frame| frame.map(mulaw::encode_sample)).collect()))
    }

    /// The frame at a place.
    pub(crate) fn frame(&self, place: usize) -> Option<&[u8; FRAME_SAMPLES]> {
        self.0.get(place)
    }

    /// Frames in it.
    pub(crate) fn frames(&self) -> usize {
        self.0.len()
    }
}

/// What the detector says of each frame after a second of silence and `phase` frames more.
fn probabilities(frames: &[[i16; FRAME_SAMPLES]], detector: &dyn VoiceActivity, phase: usize) -> Vec<f32> {
    let mut detector = detector.open();
    for _ in 0..50 + phase {
        detector.probability(&[0; FRAME_SAMPLES]);
    }
    frames.iter().map(|frame| detector.probability(frame)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use moked_core::ports::VoiceDetector;

    /// Voice is what is positive.
    #[derive(Debug)]
    struct Sign;

    impl VoiceActivity for Sign {
        fn name(&self) -> &'static str {
            "sign"
        }

        fn open(&self) -> Box<dyn VoiceDetector> {
            Box::new(Self)
        }
    }

    impl VoiceDetector for Sign {
        fn probability(&mut self, frame: &[i16; FRAME_SAMPLES]) -> f32 {
            if frame[0] > 0 { 1.0 } else { 0.0 }
        }
    }

    #[test]
    fn speech_is_cut_behind_its_last_sure_frame() {
        let frames = |count: usize, level: i16| vec![level; count * FRAME_SAMPLES];
        let samples = [frames(10, 1), frames(30, 8_000), frames(5, -8_000), frames(40, 1)].concat();
        assert_eq!(Utterance::cut(&samples, &Sign).unwrap().frames(), 30);
        assert_eq!(Utterance::cut(&frames(60, 1), &Sign).unwrap_err(), NoSpeech);
    }
}
