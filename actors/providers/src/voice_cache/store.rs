//! The clips in memory, for all voices and calls, and what they did.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use moked_core::ports::VoiceClip;

use super::VoiceCacheOptions;
use super::desk::Desk;
use super::key::ClipKey;

/// What a cache did and holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VoiceCacheFigures {
    /// Sentences that were played from it.
    pub hits: u64,
    /// Sentences that it should have had and had not yet: they were asked of the voice.
    pub misses: u64,
    /// Clips in memory.
    pub clips: u64,
    /// Their audio, bytes.
    pub memory_bytes: u64,
    /// The folder's clips, bytes, those of other voices and processes too.
    pub disk_bytes: u64,
}

/// Bytes in the folder, as the thread at the desk last counted them.
#[derive(Debug, Clone, Default)]
pub(super) struct DiskBytes(Arc<AtomicU64>);

impl DiskBytes {
    pub(super) fn set(&self, bytes: u64) {
        self.0.store(bytes, Ordering::Relaxed);
    }
}

#[derive(Debug, Default)]
struct Clips {
    by_key: HashMap<ClipKey, Arc<VoiceClip>>,
    bytes: u64,
}

/// The clips.
#[derive(Debug)]
pub(super) struct Store {
    clips: RwLock<Clips>,
    most_bytes: u64,
    desk: Option<Desk>,
    disk_bytes: DiskBytes,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl Store {
    pub(super) fn new(options: VoiceCacheOptions) -> Self {
        let VoiceCacheOptions { dir, most_bytes } = options;
        let disk_bytes = DiskBytes::default();
        let desk = dir.map(|dir| Desk::new(dir, most_bytes, disk_bytes.clone()));
        let (clips, hits, misses) = (RwLock::default(), AtomicU64::new(0), AtomicU64::new(0));
        Self { clips, most_bytes, desk, disk_bytes, hits, misses }
    }

    /// A clip for a caller; whether there was one is counted.
    pub(super) fn play(&self, key: &ClipKey) -> Option<Arc<VoiceClip>> {
        let clip = self.clips.read().unwrap_or_else(PoisonError::into_inner).by_key.get(key).cloned();
        let counter = if clip.is_some() { &self.hits } else { &self.misses };
        counter.fetch_add(1, Ordering::Relaxed);
        clip
    }

    pub(super) fn has(&self, key: &ClipKey) -> bool {
        self.clips.read().unwrap_or_else(PoisonError::into_inner).by_key.contains_key(key)
    }

    /// Keeps a clip that was just spoken.
    pub(super) fn keep(&self, key: ClipKey, clip: VoiceClip) {
        let clip = Arc::new(clip);
        if self.remember(key, Arc::clone(&clip))
            && let Some(desk) = &self.desk
        {
            desk.put(key, clip);
        }
    }

    /// Fetches what the folder has of these.
    pub(super) async fn fetch(&self, keys: Vec<ClipKey>) {
        let Some(desk) = &self.desk else { return };
        for (key, clip) in desk.fetch(keys).await {
            self.remember(key, Arc::new(clip));
        }
    }

    /// The texts are listed by urgency and fetched in that order, so what comes when memory is full can wait.
    fn remember(&self, key: ClipKey, clip: Arc<VoiceClip>) -> bool {
        let mut clips = self.clips.write().unwrap_or_else(PoisonError::into_inner);
        let length = clip.audio.len() as u64;
        let fits = clips.bytes + length <= self.most_bytes && !clips.by_key.contains_key(&key);
        if fits {
            clips.bytes += length;
            clips.by_key.insert(key, clip);
        }
        fits
    }

    pub(super) fn figures(&self) -> VoiceCacheFigures {
        let clips = self.clips.read().unwrap_or_else(PoisonError::into_inner);
        VoiceCacheFigures {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            clips: clips.by_key.len() as u64,
            memory_bytes: clips.bytes,
            disk_bytes: self.disk_bytes.0.load(Ordering::Relaxed),
        }
    }
}
