//! Telephone audio: 8,000 samples a second, one channel, µ-law on the wire, 20 ms a frame.

pub mod dtmf;
pub mod fade;
pub mod lead_in;
pub mod level;
pub mod mulaw;
pub mod resample;

/// Samples a second on a telephone line (and in Twilio's media streams).
pub const SAMPLE_RATE: u32 = 8_000;

/// Length of a frame in milliseconds, as Twilio sends them.
pub const FRAME_MS: u32 = 20;

/// Samples in a frame; in µ-law also its bytes.
pub const FRAME_SAMPLES: usize = 160;

/// Bytes of µ-law in a millisecond.
pub const BYTES_PER_MS: usize = 8;

/// The µ-law byte of silence (a sample of zero).
pub const SILENCE: u8 = 0xFF;
