//! Keypad tones: the keys themselves, telling them from speech, and making them.
//!
//! Twilio reports key presses as `dtmf` messages, but the tones may still arrive in the audio. A voice
//! detector takes them for speech in 87 of 100 cases at worst, and in 23 with the best detector tried
//! (measured for moked, 2026), so a caller who presses a key would interrupt the agent.
//! [`DtmfDetector`] is the gate in front of the voice detector. [`generate`] gives the simulated caller a
//! keypad.
//!
//! A key is the sum of a low tone, which names its row, and a high tone, which names its column
//! (ITU-T Q.23).

mod detector;
mod generator;
mod key;

pub use detector::{DtmfDetector, is_tone};
pub use generator::{generate, tones};
pub use key::{DtmfKey, NotAKey};

/// Frequencies of the rows of the keypad in Hz, top to bottom (ITU-T Q.23).
pub const ROWS_HZ: [f32; 4] = [697.0, 770.0, 852.0, 941.0];

/// Frequencies of the columns of the keypad in Hz, left to right; the fourth, with A to D, is on no
/// household telephone (ITU-T Q.23).
pub const COLUMNS_HZ: [f32; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
