//! What a clip is filed under.

use std::fmt;

use moked_core::ports::SpeakingRequest;
use sha2::{Digest, Sha256};

/// Part of every key: clips that were made by other rules than today's are not found.
const GENERATION: &str = "moked voice clip 1";

/// The name of a clip: SHA-256 of who speaks, how, what, and in which language.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ClipKey([u8; 32]);

impl ClipKey {
    /// The key of a text as a voice of this identity speaks it.
    pub(super) fn new(identity: &str, request: &SpeakingRequest) -> Self {
        let mut hash = Sha256::new();
        for part in [GENERATION, identity, request.language.code(), &request.text] {
            // With its length, so that no two lists of parts give the same bytes.
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Self(hash.finalize().into())
    }
}

impl fmt::Display for ClipKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ClipKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use moked_core::language::Language;

    use super::*;

    fn key(identity: &str, text: &str, language: Language) -> ClipKey {
        ClipKey::new(identity, &SpeakingRequest::new(text, language))
    }

    #[test]
    fn each_part_makes_another_key() {
        let keys = [
            key("a", "bc", Language::English),
            key("ab", "c", Language::English),
            key("a", "bc", Language::Hebrew),
            key("a", "בּ", Language::Hebrew),
            key("a", "ב", Language::Hebrew),
        ];
        for (place, one) in keys.iter().enumerate() {
            assert!(!keys[..place].contains(one), "{place}");
        }
        assert_eq!(keys[0], key("a", "bc", Language::English));
        assert_eq!(keys[0].to_string().len(), 64);
    }
}
