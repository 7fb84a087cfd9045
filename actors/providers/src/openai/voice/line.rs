//! From a server's 16-bit linear audio to the line's µ-law, chunk by chunk.
//!
//! Chunks cut anywhere, also between the two bytes of a sample. Audio is held back until the first sound, so
//! that a server which sends only silence fails before anything was spoken and the sentence can be said by
//! another voice.

use bytes::Bytes;
use moked_core::audio::resample::Resampler;
use moked_core::audio::{BYTES_PER_MS, SAMPLE_RATE, mulaw};
use moked_core::ports::ProviderFault;

/// Longest piece handed on: 200 ms, so that no piece is much of the call's work at once.
const PIECE: usize = 200 * BYTES_PER_MS;

/// Samples whose magnitude stays below this are silence: -50 dBFS.
const QUIET: u16 = 104;

/// Most silence before the first sound: 2 s. Voices begin with up to 300 ms; this one is broken.
const MOST_SILENCE: usize = 2_000 * BYTES_PER_MS;

/// How files begin that servers send in spite of `pcm`. Played as samples they would be noise in the ear.
const FILES: [(&[u8], &str); 5] = [
    (b"RIFF", "a WAV file"),
    (b"OggS", "an Ogg file"),
    (b"fLaC", "a FLAC file"),
    (b"ID3", "an MP3 file"),
    (b"{\"", "JSON"),
];

/// Bytes needed to tell a file.
const SIGNATURE: usize = 4;

/// The conversion of one sentence.
#[derive(Debug)]
pub(super) struct ToLine {
    resampler: Resampler,
    /// Bytes that are no sample yet.
    rest: Vec<u8>,
    is_checked: bool,
    /// Silence before the first sound.
    held: Vec<u8>,
    has_sounded: bool,
}

impl ToLine {
    /// The conversion from `hz`.
    pub(super) fn new(hz: u32) -> Result<Self, ProviderFault> {
        let resampler = Resampler::new(hz, SAMPLE_RATE)
            .map_err(|error| ProviderFault::BadRequest { why: error.to_string() })?;
        Ok(Self { resampler, rest: Vec::new(), is_checked: false, held: Vec::new(), has_sounded: false })
    }

    /// Takes a chunk; gives µ-law in pieces of at most 200 ms.
    ///
    /// # Errors
    /// When it is a file, or silence for too long.
    pub(super) fn push(&mut self, chunk: &[u8]) -> Result<Vec<Bytes>, ProviderFault> {
        self.rest.extend_from_slice(chunk);
        if !self.is_checked {
            if self.rest.len() < SIGNATURE {
                return Ok(Vec::new());
            }
            self.is_checked = true;
            if let Some((_, what)) = FILES.iter().find(|(signature, _)| self.rest.starts_with(signature)) {
                return Err(garbage(format!("asked for plain samples, the server sent {what}")));
            }
        }
        let samples = self.take_samples();
        let audio = self.resampler.push(&samples);
        self.tell(&audio)
    }

    /// The rest of the sentence.
    ///
    /// # Errors
    /// When there was no audio in it, or only silence.
    pub(super) fn finish(mut self) -> Result<Vec<Bytes>, ProviderFault> {
        let samples = self.take_samples();
        let mut audio = self.resampler.push(&samples);
        audio.extend(self.resampler.finish());
        let pieces = self.tell(&audio)?;
        match (self.has_sounded, self.held.len()) {
            (true, _) => Ok(pieces),
            (false, 0) => Err(garbage("the server sent no audio".into())),
            (false, held) => {
                Err(garbage(format!("the server sent nothing but {} ms of silence", held / BYTES_PER_MS)))
            }
        }
    }

    fn take_samples(&mut self) -> Vec<i16> {
        let (pairs, odd) = self.rest.as_chunks::<2>();
        let samples = pairs.iter().map(|&pair| i16::from_le_bytes(pair)).collect();
        self.rest = odd.to_vec();
        samples
    }

    fn tell(&mut self, samples: &[i16]) -> Result<Vec<Bytes>, ProviderFault> {
        self.has_sounded |= samples.iter().any(|sample| sample.unsigned_abs() >= QUIET);
        self.held.extend(mulaw::encode(samples));
        if self.has_sounded {
            return Ok(pieces(std::mem::take(&mut self.held)));
        }
        if self.held.len() > MOST_SILENCE {
            let ms = self.held.len() / BYTES_PER_MS;
            return Err(garbage(format!("the server began with {ms} ms of silence")));
        }
        Ok(Vec::new())
    }
}

fn pieces(audio: Vec<u8>) -> Vec<Bytes> {
    let whole = Bytes::from(audio);
    whole.chunks(PIECE).map(|piece| whole.slice_ref(piece)).collect()
}

fn garbage(why: String) -> ProviderFault {
    ProviderFault::Garbage { why }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A tone at 24 kHz, in bytes.
    fn tone(ms: usize) -> Vec<u8> {
        (0..ms * 24)
            .map(|index| ((index as f32 * 0.1).sin() * 8_000.0) as i16)
            .flat_map(i16::to_le_bytes)
            .collect()
    }

    fn convert(chunks: &[&[u8]]) -> Result<Vec<Bytes>, ProviderFault> {
        let mut line = ToLine::new(24_000)?;
        let mut all = Vec::new();
        for chunk in chunks {
            all.extend(line.push(chunk)?);
        }
        all.extend(line.finish()?);
        Ok(all)
    }

    proptest! {
        #[test]
        fn audio_is_the_same_however_it_is_cut(cuts in proptest::collection::vec(1_usize..701, 1..40)) {
            let tone = tone(100);
            let mut chunks = Vec::new();
            let mut rest = tone.as_slice();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (chunk, more) = rest.split_at((*cut).min(rest.len()));
                chunks.push(chunk);
                rest = more;
            }
            let whole = convert(&[&tone]).unwrap().concat();
            prop_assert_eq!(whole.len(), 100 * BYTES_PER_MS);
            prop_assert_eq!(convert(&chunks).unwrap().concat(), whole);
        }
    }

    #[test]
    fn pieces_are_short() {
        let pieces = convert(&[&tone(1_000)]).unwrap();
        assert!(pieces.iter().all(|piece| piece.len() <= PIECE));
        assert_eq!(pieces.concat().len(), 1_000 * BYTES_PER_MS);
    }

    #[test]
    fn silence_and_nothing_are_no_speech() {
        let why = |chunks: &[&[u8]]| convert(chunks).unwrap_err().to_string();
        assert!(why(&[]).contains("no audio"));
        assert!(why(&[&[0; 48 * 100]]).contains("nothing but 100 ms"));
        assert!(why(&[&[0; 48 * 2_500]]).contains("began with"));
    }

    #[test]
    fn silence_before_the_first_sound_is_kept_but_late() {
        let mut line = ToLine::new(24_000).unwrap();
        assert!(line.push(&[0; 48 * 100]).unwrap().is_empty());
        let told = line.push(&tone(100)).unwrap().concat().len();
        assert!(told > 190 * BYTES_PER_MS);
    }

    #[test]
    fn a_file_is_not_played_as_noise() {
        let fault = convert(&[b"RI", b"FF....WAVEfmt "]).unwrap_err();
        assert!(fault.to_string().contains("WAV"));
    }
}
