//! A level that changes without a click: µ-law that fades down and back up.
//!
//! While a caller may be interrupting, the agent speaks on at a quarter of its amplitude (12 dB less): low
//! enough to be polite, loud enough that nothing is lost if it was only "mhm".

use bytes::Bytes;

use super::mulaw;

/// Amplitude of ducked speech: −12 dB.
const DUCKED: f32 = 0.25;

/// Samples of a fade down: 10 ms. A step would click; longer is heard as a reaction that comes late.
const DOWN_SAMPLES: f32 = 80.0;

/// Samples of a fade up: 40 ms. Nobody waits for it, and a swell is softer on the ear.
const UP_SAMPLES: f32 = 320.0;

/// The changes of gain with each sample of a fade.
const DOWN: f32 = (1.0 - DUCKED) / DOWN_SAMPLES;
const UP: f32 = (1.0 - DUCKED) / UP_SAMPLES;

/// The level of what is sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fade {
    gain: f32,
    target: f32,
}

impl Default for Fade {
    fn default() -> Self {
        Self { gain: 1.0, target: 1.0 }
    }
}

impl Fade {
    /// What follows is faded down.
    pub fn down(&mut self) {
        self.target = DUCKED;
    }

    /// What follows is faded up to full level.
    pub fn up(&mut self) {
        self.target = 1.0;
    }

    /// Whether the level is, or goes, down.
    pub fn is_down(&self) -> bool {
        self.target < 1.0
    }

    /// Brings the next audio, µ-law, to its level. At full level it is handed through as it is.
    pub fn apply(&mut self, audio: Bytes) -> Bytes {
        if self.gain == 1.0 && self.target == 1.0 {
            return audio;
        }
        let change = |byte: &u8| {
            self.gain = if self.gain < self.target {
                (self.gain + UP).min(self.target)
            } else {
                (self.gain - DOWN).max(self.target)
            };
            mulaw::encode_sample((f32::from(mulaw::decode_sample(*byte)) * self.gain) as i16)
        };
        audio.iter().map(change).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::level;

    fn loud(frames: usize) -> Bytes {
        [0x90, 0x10].repeat(80 * frames).into()
    }

    fn dbfs(audio: &[u8]) -> f32 {
        level::dbfs(&mulaw::decode(audio))
    }

    #[test]
    fn ducked_speech_is_12_db_lower_after_10_ms_and_comes_back_in_40() {
        let mut fade = Fade::default();
        let full = dbfs(&loud(1));
        assert_eq!(fade.apply(loud(1)), loud(1), "at full level nothing is touched");
        fade.down();
        let ducked = full - dbfs(&fade.apply(loud(1))[80..]);
        assert!((11.5..12.5).contains(&ducked), "{ducked} dB");
        fade.up();
        assert_ne!(fade.apply(loud(2))[300..], loud(2)[300..]);
        assert_eq!(fade.apply(loud(1)), loud(1));
    }

    #[test]
    fn a_fade_has_no_step() {
        let mut fade = Fade::default();
        fade.down();
        let faded: Vec<i32> = fade
            .apply(Bytes::from(vec![0x90; 320]))
            .iter()
            .map(|byte| mulaw::decode_sample(*byte).into())
            .collect();
        let full = i32::from(mulaw::decode_sample(0x90));
        let largest = faded.windows(2).map(|pair| (pair[0] - pair[1]).abs()).max().unwrap_or_default();
        assert!(largest <= full / 14, "a step of {largest} of {full} is one of µ-law itself");
        assert!(faded[60] > faded[79], "it takes its time");
    }
}
