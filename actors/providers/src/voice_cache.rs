//! What an agent always says, spoken once and kept: the greeting, fillers, apologies, questions, last words.
//!
//! A caller's first impression is how long the line stays silent. A provider's voice takes 100 to 600 ms to its
//! first sound, each time anew and each time for money, though the greeting never changes. So the texts of the
//! settings and of the phrase tables are spoken once for each voice, and played from memory from then on.
//!
//! Only texts that were named beforehand are kept. What is made for one caller (his name, his number) is never
//! among them, so nothing of a caller is ever written to disk.
//!
//! [`VoiceCache`] is the store of a process. Memory serves the calls; a folder keeps the clips over restarts, and
//! one thread does all work on it, so that a slow, full or dead disk costs the next start some requests and no
//! call anything. Processes may share the folder.

mod clip_file;
mod desk;
mod key;
mod shelf;
mod store;
mod voice;
mod warming;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use moked_core::ports::{SpeakingRequest, TextToSpeech};

use store::Store;
pub use store::VoiceCacheFigures;
use voice::KeepingVoice;

/// Where clips are kept, and how many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceCacheOptions {
    /// The folder; made when it is first needed. `None` keeps clips in memory only.
    pub dir: Option<PathBuf>,
    /// Most bytes of clips, in memory and again in the folder. There the clips that no start has asked for
    /// longest go first.
    pub most_bytes: u64,
}

/// The clips of a process. Clones share them.
#[derive(Debug, Clone)]
pub struct VoiceCache {
    texts: Arc<[SpeakingRequest]>,
    store: Arc<Store>,
    voices: Arc<Mutex<Vec<Arc<KeepingVoice>>>>,
}

impl VoiceCache {
    /// An empty cache for these texts, as they are given to a voice, the most urgent first. Touches no disk.
    pub fn new(options: VoiceCacheOptions, texts: impl IntoIterator<Item = SpeakingRequest>) -> Self {
        Self {
            texts: texts.into_iter().collect(),
            store: Arc::new(Store::new(options)),
            voices: Arc::default(),
        }
    }

    /// The same voice, of which these texts are kept. `identity` is everything else that its sound depends on:
    /// the engine, its settings, the program's version. A clip of another identity is never played.
    pub fn keep(&self, identity: &str, voice: Arc<dyn TextToSpeech>) -> Arc<dyn TextToSpeech> {
        let voice = Arc::new(KeepingVoice::new(voice, identity, &self.texts, Arc::clone(&self.store)));
        self.voices.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&voice));
        voice
    }

    /// Fetches the clips from the folder; with `speak` has what is missing spoken, a few sentences at once, the
    /// first voice's first. For a task of its own beside the calls: may take minutes. Must run on a `LocalSet`.
    pub async fn warm(&self, speak: bool) {
        let voices = self.voices.lock().unwrap_or_else(PoisonError::into_inner).clone();
        warming::warm(&voices, &self.texts, &self.store, speak).await;
    }

    /// What it did and holds so far.
    pub fn figures(&self) -> VoiceCacheFigures {
        self.store.figures()
    }
}
