//! One thread between the store and the folder, so that no call ever waits for a disk.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, OnceLock};

use moked_core::ports::VoiceClip;
use tokio::sync::oneshot;

use super::key::ClipKey;
use super::shelf::Shelf;
use super::store::DiskBytes;

/// Jobs that may wait: more clips than a start makes while a disk takes one.
const MOST_WAITING: usize = 64;

/// What the thread is asked.
enum Job {
    Fetch { keys: Vec<ClipKey>, found: oneshot::Sender<Vec<(ClipKey, VoiceClip)>> },
    Put { key: ClipKey, clip: Arc<VoiceClip> },
}

/// The way to the thread. It begins with the first job and ends with this.
#[derive(Debug)]
pub(super) struct Desk {
    dir: PathBuf,
    most_bytes: u64,
    bytes: DiskBytes,
    jobs: OnceLock<Option<SyncSender<Job>>>,
}

impl Desk {
    pub(super) fn new(dir: PathBuf, most_bytes: u64, bytes: DiskBytes) -> Self {
        Self { dir, most_bytes, bytes, jobs: OnceLock::new() }
    }

    /// The clips of these keys that the folder has.
    pub(super) async fn fetch(&self, keys: Vec<ClipKey>) -> Vec<(ClipKey, VoiceClip)> {
        let (found, answer) = oneshot::channel();
        self.give(Job::Fetch { keys, found });
        // A thread that never was or is gone has no clips.
        answer.await.unwrap_or_default()
    }

    /// Puts a clip there, when the disk has time. More than may wait is not kept.
    pub(super) fn put(&self, key: ClipKey, clip: Arc<VoiceClip>) {
        self.give(Job::Put { key, clip });
    }

    fn give(&self, job: Job) {
        let Some(jobs) = self.jobs.get_or_init(|| self.open()) else { return };
        match jobs.try_send(job) {
            Ok(()) => {}
            Err(TrySendError::Full(_)) => {
                tracing::debug!(dir = %self.dir.display(), "the disk does not keep up; a clip stays in memory only");
            }
            Err(TrySendError::Disconnected(_)) => {}
        }
    }

    fn open(&self) -> Option<SyncSender<Job>> {
        let (sender, jobs) = sync_channel(MOST_WAITING);
        let shelf = Shelf::new(self.dir.clone(), self.most_bytes);
        let bytes = self.bytes.clone();
        let thread = std::thread::Builder::new().name("voice clips".into());
        match thread.spawn(move || work(shelf, &jobs, &bytes)) {
            Ok(_) => Some(sender),
            Err(error) => {
                tracing::warn!(
                    event = "VOICE_CACHE_OFF",
                    "no thread for clips of the voice: {error}; they stay in memory"
                );
                None
            }
        }
    }
}

fn work(mut shelf: Shelf, jobs: &Receiver<Job>, bytes: &DiskBytes) {
    let mut is_told = false;
    for job in jobs {
        let done = match job {
            Job::Fetch { keys, found } => {
                let fetch = |key: ClipKey| shelf.fetch(&key).map(|clip| (key, clip));
                // Whoever asked may have gone.
                let _ = found.send(keys.into_iter().filter_map(fetch).collect());
                // There is no folder before the first clip.
                if shelf.dir().exists() { shelf.tidy() } else { Ok(0) }
            }
            Job::Put { key, clip } => shelf.put(&key, &clip),
        };
        match done {
            Ok(held) => bytes.set(held),
            Err(error) if !std::mem::replace(&mut is_told, true) => tracing::warn!(
                event = "VOICE_CACHE_OFF",
                dir = %shelf.dir().display(),
                "clips of the voice cannot be kept: {error}; calls go on, and each start has them spoken anew. Give the \
                 folder room and the right to write, or name another as dir of [voice_cache]"
            ),
            Err(error) => tracing::debug!(dir = %shelf.dir().display(), "a clip was not kept: {error}"),
        }
    }
}
