//! A clip as a file: it says how long it is and proves that it is whole.
//!
//! `MOKEDVC1`, the length of the notes (4 bytes, little endian), the notes (JSON: the key and the word times), the
//! audio, and SHA-256 of all before it. A file that was cut, damaged or filed under a wrong name is no clip.

use bytes::Bytes;
use moked_core::ports::{VoiceClip, WordTime};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::key::ClipKey;

const MAGIC: &[u8; 8] = b"MOKEDVC1";

/// Bytes of the check sum at the end.
const SUM: usize = 32;

#[derive(Serialize, Deserialize)]
struct Notes {
    key: String,
    /// Each word and where it ends, in ms.
    words: Vec<(String, u64)>,
}

/// The file of a clip. `None` when its notes cannot be written.
pub(super) fn encode(key: &ClipKey, clip: &VoiceClip) -> Option<Vec<u8>> {
    let words = clip.words.iter().map(|word| (word.word.clone(), word.ends_at_ms)).collect();
    let notes = serde_json::to_vec(&Notes { key: key.to_string(), words }).ok()?;
    let length = u32::try_from(notes.len()).ok()?;
    let mut file = Vec::with_capacity(MAGIC.len() + 4 + notes.len() + clip.audio.len() + SUM);
    file.extend_from_slice(MAGIC);
    file.extend_from_slice(&length.to_le_bytes());
    file.extend_from_slice(&notes);
    file.extend_from_slice(&clip.audio);
    let sum = Sha256::digest(&file);
    file.extend_from_slice(&sum);
    Some(file)
}

/// The clip of a file. `None` when it is not whole, or another's.
pub(super) fn decode(key: &ClipKey, file: Vec<u8>) -> Option<VoiceClip> {
    let (body, sum) = file.split_at_checked(file.len().checked_sub(SUM)?)?;
    if Sha256::digest(body).as_slice() != sum {
        return None;
    }
    let rest = body.strip_prefix(MAGIC)?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (notes, audio) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    let notes: Notes = serde_json::from_slice(notes).ok()?;
    if notes.key != key.to_string() || audio.is_empty() {
        return None;
    }
    let (from, to) = (body.len() - audio.len(), body.len());
    let words = notes.words.into_iter().map(|(word, ends_at_ms)| WordTime { word, ends_at_ms }).collect();
    Some(VoiceClip { audio: Bytes::from(file).slice(from..to), words })
}

#[cfg(test)]
mod tests {
    use moked_core::language::Language;
    use moked_core::ports::SpeakingRequest;

    use super::*;

    fn key(text: &str) -> ClipKey {
        ClipKey::new("voice", &SpeakingRequest::new(text, Language::Hebrew))
    }

    fn clip() -> VoiceClip {
        let words = vec![WordTime { word: "שלום".into(), ends_at_ms: 420 }];
        VoiceClip { audio: Bytes::from_static(&[1, 2, 3, 0xFF]), words }
    }

    #[test]
    fn a_file_gives_back_its_clip() {
        let file = encode(&key("שלום"), &clip()).unwrap();
        assert_eq!(decode(&key("שלום"), file), Some(clip()));
    }

    #[test]
    fn a_file_that_was_cut_anywhere_is_no_clip() {
        let file = encode(&key("שלום"), &clip()).unwrap();
        for length in 0..file.len() {
            assert_eq!(decode(&key("שלום"), file[..length].to_vec()), None, "{length} bytes");
        }
    }

    #[test]
    fn a_file_in_which_one_bit_is_wrong_is_no_clip() {
        let file = encode(&key("שלום"), &clip()).unwrap();
        for place in 0..file.len() {
            let mut damaged = file.clone();
            damaged[place] ^= 1;
            assert_eq!(decode(&key("שלום"), damaged), None, "byte {place}");
        }
    }

    #[test]
    fn a_file_under_anothers_name_is_no_clip() {
        let file = encode(&key("שלום"), &clip()).unwrap();
        assert_eq!(decode(&key("להתראות"), file), None);
    }
}
