//! What the caller's microphone picks up: his voice, the noise behind him, and the agent from his loudspeaker.

use moked_core::audio::{BYTES_PER_MS, mulaw};

use super::{VOICE_DBFS, clipped, factor, noises};
use crate::eval::kit::Renderer;
use crate::eval::scenario::LineConditions;
use crate::soak::dice::Dice;

/// How late an echo is if nobody says, ms: a mobile call's.
const ECHO_MS: u64 = 180;

/// The microphone.
#[derive(Debug, Clone, Default)]
pub(in crate::eval) struct Room {
    noise: Vec<f32>,
    echo: Option<Echo>,
    place: usize,
}

#[derive(Debug, Clone, Copy)]
struct Echo {
    factor: f32,
    late: usize,
}

impl Room {
    /// A room with these conditions.
    pub(in crate::eval) fn new(line: &LineConditions, dice: &mut Dice, voice: &Renderer) -> Self {
        let noise = match (line.noise, line.snr_db) {
            (Some(noise), Some(snr)) => noises::background(noise, VOICE_DBFS - snr, dice, voice),
            _ => Vec::new(),
        };
        let late = line.echo_ms.unwrap_or(ECHO_MS) as usize * BYTES_PER_MS;
        let echo = line.echo_db.map(|db| Echo { factor: factor(db), late });
        Self { noise, echo, place: 0 }
    }

    /// Adds what it holds to the next µ-law frame. `heard` is all that the caller's loudspeaker has played.
    pub(in crate::eval) fn add(&mut self, frame: &mut [u8], heard: &[u8]) {
        if self.noise.is_empty() && self.echo.is_none() {
            return;
        }
        let mut samples: Vec<f32> = mulaw::decode(frame).into_iter().map(f32::from).collect();
        for (offset, sample) in samples.iter_mut().enumerate() {
            let place = self.place + offset;
            *sample += self.noise.get(place % self.noise.len().max(1)).copied().unwrap_or_default();
            if let Some(echo) = self.echo {
                let played = place.checked_sub(echo.late).and_then(|place| heard.get(place));
                *sample += played.map_or(0.0, |&byte| f32::from(mulaw::decode_sample(byte)) * echo.factor);
            }
        }
        self.place += frame.len();
        frame.copy_from_slice(&mulaw::encode(&clipped(&samples)));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use moked_core::audio::SILENCE;

    use super::*;
    use crate::eval::scenario::Noise;
    use crate::eval::sound::active_dbfs;

    #[test]
    fn an_echo_is_late_and_soft() {
        let line = LineConditions { echo_db: Some(-20.0), echo_ms: Some(10), ..LineConditions::default() };
        let mut room = Room::new(&line, &mut Dice::new(1), &(Arc::new(|_: &str| Vec::new()) as Renderer));
        let mut frame = [SILENCE; 160];
        room.add(&mut frame, &mulaw::encode(&[10_000; 160]));
        let samples = mulaw::decode(&frame);
        assert!(samples[..80].iter().all(|&sample| sample == 0));
        assert!(samples[80..].iter().all(|&sample| (950..1_050).contains(&sample)), "{samples:?}");
    }

    #[test]
    fn noise_lies_so_far_below_the_voice() {
        let line =
            LineConditions { noise: Some(Noise::White), snr_db: Some(10.0), ..LineConditions::default() };
        let mut room = Room::new(&line, &mut Dice::new(1), &(Arc::new(|_: &str| Vec::new()) as Renderer));
        let mut track = [SILENCE; 8_000];
        room.add(&mut track, &[]);
        let samples: Vec<f32> = mulaw::decode(&track).into_iter().map(f32::from).collect();
        assert!((active_dbfs(&samples) - (VOICE_DBFS - 10.0)).abs() < 0.5, "{}", active_dbfs(&samples));
    }
}
