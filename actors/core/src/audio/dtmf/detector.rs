//! Telling a keypad tone from speech in frames of 20 ms.
//!
//! Goertzel's algorithm measures the power at the eight frequencies. A frame is a tone when one row and one
//! column stand out from their groups, neither is much louder than the other, and together they are most
//! of the frame. The last is what speech cannot do: a vowel spreads over many harmonics, and the
//! frequencies of the keypad were chosen so that no two of them are harmonics of one voice.

use std::f32::consts::TAU;

use super::key::DtmfKey;
use super::{COLUMNS_HZ, ROWS_HZ};
use crate::audio::{FRAME_SAMPLES, SAMPLE_RATE};

/// Quietest tone that counts, mean square of full scale: -42 dBFS. Receivers are asked for less than this
/// (ITU-T Q.24: about -29 dBm0), but a quiet tone still wakes a voice detector.
const MIN_POWER: f32 = 6.3e-5;

/// Least share of a frame's power that the two tones hold. Pure tones hold 0.9 or more wherever they lie
/// within the tolerance; a line with noise 10 dB below the tones holds 0.82.
const MIN_SHARE: f32 = 0.8;

/// How far off its frequency a tone may be: half of this. Tones 1 % off are always found, tones more than
/// 1.7 % off never (ITU-T Q.24: take 1.5 %, refuse 3.5 %; the crystals of today keep within 0.5 %).
const GUARD: f32 = 0.034;

/// Greatest ratio of the two tones' powers: 8 dB, the twist that ITU-T Q.24 has receivers take.
const MAX_TWIST: f32 = 6.31;

/// Least ratio of a tone's power to the next in its group: 6 dB. Rows are 73 Hz apart and 20 ms resolve
/// only 50 Hz, so a neighbour always measures something: up to -9 dB for a tone off its frequency.
const MIN_LEAD: f32 = 4.0;

/// The key whose tone fills this frame (20 ms of 8 kHz linear samples), or `None` for anything else:
/// speech, silence, and frames in which a tone only begins or ends.
pub fn is_tone(frame: &[i16; FRAME_SAMPLES]) -> Option<DtmfKey> {
    let total = mean_square(frame);
    if total < MIN_POWER {
        return None;
    }
    let (row, low) = strongest(frame, ROWS_HZ)?;
    let (column, high) = strongest(frame, COLUMNS_HZ)?;
    let balanced = low <= high * MAX_TWIST && high <= low * MAX_TWIST;
    if balanced && low + high >= total * MIN_SHARE { DtmfKey::at(row, column) } else { None }
}

/// Watches a line for key presses, frame by frame.
#[derive(Debug, Clone, Default)]
pub struct DtmfDetector {
    last: Option<DtmfKey>,
    reported: bool,
    in_tone: bool,
}

impl DtmfDetector {
    /// Takes the next frame and gives the key, once for each press: at the second frame in a row that holds
    /// its tone. So a press of 60 ms is always found, one of 20 ms never, and a chance likeness in speech
    /// is no key.
    pub fn push(&mut self, frame: &[i16; FRAME_SAMPLES]) -> Option<DtmfKey> {
        let now = is_tone(frame);
        let before = std::mem::replace(&mut self.last, now);
        self.in_tone = now.is_some() || before.is_some();
        if now.is_none() || now != before {
            self.reported = false;
            return None;
        }
        if std::mem::replace(&mut self.reported, true) { None } else { now }
    }

    /// Whether the newest frame belongs to a tone and must be hidden from the voice detector. True one frame
    /// longer than the tone, because the frame in which it ends is half tone, half line.
    pub fn in_tone(&self) -> bool {
        self.in_tone
    }
}

/// Mean square of a frame, 0 to 1 of full scale.
fn mean_square(frame: &[i16; FRAME_SAMPLES]) -> f32 {
    frame.iter().map(|&sample| unit(sample) * unit(sample)).sum::<f32>() / FRAME_SAMPLES as f32
}

/// Place and power (mean square) of the tone in one group: the strongest of four frequencies, if it leads
/// the others clearly and is not rather a tone beside it.
fn strongest(frame: &[i16; FRAME_SAMPLES], group: [f32; 4]) -> Option<(usize, f32)> {
    let powers = group.map(|hz| power_at(frame, hz));
    let (place, best) = powers.into_iter().enumerate().max_by(|(_, one), (_, other)| one.total_cmp(other))?;
    let clear = powers.iter().enumerate().all(|(other, &power)| other == place || power * MIN_LEAD <= best);
    let hz = *group.get(place)?;
    let beside = [1.0 - GUARD, 1.0 + GUARD].map(|factor| power_at(frame, hz * factor));
    if !clear || beside.iter().any(|&power| power > best) {
        return None;
    }
    // 20 ms see a tone 1 % off its frequency at half its power; measured where it is, it counts in full.
    let near = [1.0 - GUARD / 3.0, 1.0 + GUARD / 3.0].map(|factor| power_at(frame, hz * factor));
    Some((place, near.into_iter().fold(best, f32::max)))
}

/// Mean square of the sine at this frequency in a frame (Goertzel's second-order recursion).
fn power_at(frame: &[i16; FRAME_SAMPLES], hz: f32) -> f32 {
    let turn = 2.0 * (TAU * hz / SAMPLE_RATE as f32).cos();
    let (mut one, mut two) = (0.0_f32, 0.0_f32);
    for &sample in frame {
        let next = unit(sample) + turn * one - two;
        two = one;
        one = next;
    }
    let magnitude = one * one + two * two - turn * one * two;
    2.0 * magnitude / (FRAME_SAMPLES * FRAME_SAMPLES) as f32
}

fn unit(sample: i16) -> f32 {
    f32::from(sample) / 32_768.0
}

#[cfg(test)]
mod tests {
    use super::super::generator::{generate, tones};
    use super::*;
    use crate::audio::mulaw;
    use proptest::prelude::*;

    fn frames(samples: &[i16]) -> Vec<[i16; FRAME_SAMPLES]> {
        samples.chunks_exact(FRAME_SAMPLES).map(|chunk| chunk.try_into().unwrap()).collect()
    }

    /// A vowel as a voice makes it: harmonics of a pitch, shaped by three formants of 80-120 Hz width.
    fn vowel(pitch: f32, formants: [f32; 3], ms: u32) -> Vec<i16> {
        let gain = |hz: f32| -> f32 {
            formants
                .iter()
                .zip([1.0, 0.6, 0.25])
                .map(|(&formant, weight)| weight / (1.0 + ((hz - formant) / 60.0).powi(2)))
                .sum::<f32>()
                + 0.02
        };
        let harmonics: Vec<(f32, f32)> = (1..)
            .map(|order| order as f32 * pitch)
            .take_while(|&hz| hz < 3_600.0)
            .map(|hz| (hz, gain(hz) / (hz / 500.0).max(0.5)))
            .collect();
        let scale = 8_000.0 / harmonics.iter().map(|(_, gain)| gain).sum::<f32>();
        (0..8 * ms)
            .map(|index| {
                let turns = TAU * index as f32 / 8_000.0;
                let sum: f32 = harmonics
                    .iter()
                    .enumerate()
                    .map(|(order, (hz, gain))| gain * (turns * hz + order as f32).sin())
                    .sum();
                (sum * scale) as i16
            })
            .collect()
    }

    #[test]
    fn every_key_is_heard_in_every_frame_of_its_press() {
        for key in DtmfKey::all() {
            for frame in frames(&generate(key, 100)) {
                assert_eq!(is_tone(&frame), Some(key));
            }
        }
    }

    #[test]
    fn keys_are_heard_through_mulaw_from_loud_to_quiet_and_with_twist() {
        for key in DtmfKey::all() {
            for total in [-6.0, -12.0, -20.0, -30.0_f32] {
                for twist in [-4.0, 0.0, 4.0_f32] {
                    let each = total - 3.0;
                    let press = tones(key, 60, each + twist / 2.0, each - twist / 2.0);
                    for frame in frames(&mulaw::decode(&mulaw::encode(&press))) {
                        assert_eq!(is_tone(&frame), Some(key), "{key} at {total} dBFS, twist {twist} dB");
                    }
                }
            }
        }
    }

    /// Both formants of an "a" lie on the keypad's own frequencies: the hardest speech there is.
    #[test]
    fn vowels_are_not_keys_at_any_pitch() {
        let vowels = [
            ("i", [280.0, 2_250.0, 2_900.0], 80..=300),
            ("e", [550.0, 1_850.0, 2_500.0], 80..=300),
            ("a", [700.0, 1_220.0, 2_600.0], 80..=300),
            ("a of a child", [940.0, 1_470.0, 3_200.0], 200..=420),
            ("o", [570.0, 840.0, 2_410.0], 80..=300),
            ("u", [300.0, 870.0, 2_240.0], 80..=300),
        ];
        for (name, formants, pitches) in vowels {
            for pitch in pitches {
                for frame in frames(&vowel(pitch as f32, formants, 60)) {
                    assert_eq!(is_tone(&frame), None, "vowel {name} at {pitch} Hz");
                }
            }
        }
    }

    #[test]
    fn one_tone_alone_and_silence_are_not_keys() {
        let key = DtmfKey::parse("1").unwrap();
        for frame in frames(&tones(key, 40, -13.0, -90.0)) {
            assert_eq!(is_tone(&frame), None);
        }
        assert_eq!(is_tone(&[0; FRAME_SAMPLES]), None);
    }

    #[test]
    fn a_press_is_told_once_and_the_gate_outlasts_it_by_a_frame() {
        let key = DtmfKey::parse("9").unwrap();
        let mut line = vec![0_i16; 100];
        line.extend(generate(key, 80));
        line.extend([0; 800]);
        line.extend(generate(key, 80));
        line.extend([0; 540]);
        let mut detector = DtmfDetector::default();
        let mut told = Vec::new();
        let mut gate = String::new();
        for frame in frames(&line) {
            told.extend(detector.push(&frame));
            gate.push(if detector.in_tone() { '#' } else { '.' });
        }
        assert_eq!(told, [key, key]);
        assert_eq!(gate.matches("#.").count(), 2, "{gate}");
        assert!(gate.ends_with('.'), "{gate}");
    }

    proptest! {
        #[test]
        fn tones_up_to_one_percent_off_are_heard_wherever_the_frame_begins(
            index in 0_usize..16, offset in 0_usize..160, detune in -0.01_f32..0.01,
        ) {
            let key = DtmfKey::all().nth(index).unwrap();
            let (row, column) = key.position();
            let (low, high) = (ROWS_HZ[row] * (1.0 + detune), COLUMNS_HZ[column] * (1.0 + detune));
            let frame = std::array::from_fn(|sample| {
                let turns = TAU * (sample + offset) as f32 / 8_000.0;
                (5_000.0 * ((turns * low).sin() + (turns * high).sin())) as i16
            });
            prop_assert_eq!(is_tone(&frame), Some(key));
        }

        #[test]
        fn noise_is_never_a_key(samples in prop::collection::vec(any::<i16>(), FRAME_SAMPLES)) {
            let frame: [i16; FRAME_SAMPLES] = samples.try_into().unwrap();
            prop_assert_eq!(is_tone(&frame), None);
        }
    }
}
