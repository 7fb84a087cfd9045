//! A frame of audio.

use std::borrow::Cow;
use std::fmt;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::InboundError;
use crate::audio::BYTES_PER_MS;

/// Base64 as carriers write it: the standard alphabet, padding optional, whatever the last bits hold.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Whose voice a frame holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Track {
    /// The caller's. Also assumed where the carrier does not say.
    Inbound,
    /// What the caller hears, our own voice among it. Never sent on `<Connect><Stream>`.
    Outbound,
}

/// Audio, normally 20 ms: 160 bytes of µ-law. Any length is taken, since Twilio promises none.
#[derive(Clone, PartialEq, Eq)]
pub struct Media<'a> {
    /// Position in the stream, counting messages of every kind.
    pub sequence: Option<u64>,
    /// The id of the stream, where the carrier repeats it.
    pub stream_sid: Option<Cow<'a, str>>,
    /// Whose voice it is.
    pub track: Track,
    /// Position among the media messages, from 1.
    pub chunk: Option<u64>,
    /// When the audio began, in milliseconds since the start of the stream.
    pub timestamp_ms: Option<u64>,
    /// Base64. Borrowed from the frame, unless the carrier escaped its slashes.
    pub(super) payload: Cow<'a, str>,
}

impl Media<'_> {
    /// The audio as bytes of µ-law, put into `audio` in place of what was there, so that one buffer serves a
    /// whole call.
    ///
    /// # Errors
    /// [`InboundError::BadBase64`]; `audio` is then empty.
    pub fn decode_into(&self, audio: &mut Vec<u8>) -> Result<(), InboundError> {
        audio.clear();
        LENIENT.decode_vec(self.payload.as_bytes(), audio).map_err(|_| {
            audio.clear();
            InboundError::BadBase64
        })
    }

    /// The audio as bytes of µ-law, in a buffer of its own.
    ///
    /// # Errors
    /// [`InboundError::BadBase64`].
    pub fn decode(&self) -> Result<Vec<u8>, InboundError> {
        let mut audio = Vec::new();
        self.decode_into(&mut audio)?;
        Ok(audio)
    }

    /// Bytes of audio in the payload, without decoding it.
    pub fn audio_bytes(&self) -> usize {
        self.payload.trim_end_matches('=').len() * 3 / 4
    }

    /// How long the audio plays, in milliseconds.
    pub fn duration_ms(&self) -> u64 {
        (self.audio_bytes() / BYTES_PER_MS) as u64
    }
}

/// Shows the length of the audio instead of the audio: this ends up in logs, and it is somebody's voice.
impl fmt::Debug for Media<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Media")
            .field("sequence", &self.sequence)
            .field("track", &self.track)
            .field("chunk", &self.chunk)
            .field("timestamp_ms", &self.timestamp_ms)
            .field("audio_bytes", &self.audio_bytes())
            .finish_non_exhaustive()
    }
}
