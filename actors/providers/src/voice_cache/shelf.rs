//! The folder of clips. Everything here blocks; it is for the thread at the desk.
//!
//! Files appear whole, by a rename, so that whoever reads beside us reads a whole one; two processes that write
//! the same clip write the same sound, and the later wins. Everyone may throw a file away: it is a cache.

use std::fs::{DirBuilder, File, FileTimes, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use moked_core::ports::VoiceClip;

use super::clip_file;
use super::key::ClipKey;

/// The ending of a clip's name.
const ENDING: &str = "clip";

/// The ending of a file that is being written.
const UNFINISHED: &str = "part";

/// A file that nobody has finished for so long is a dead process's.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

/// Largest file that is read: four minutes of speech, as no text of ours is.
const LARGEST: u64 = 2 << 20;

/// The folder.
#[derive(Debug)]
pub(super) struct Shelf {
    dir: PathBuf,
    most_bytes: u64,
    written: u64,
}

impl Shelf {
    pub(super) fn new(dir: PathBuf, most_bytes: u64) -> Self {
        Self { dir, most_bytes, written: 0 }
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The clip of this key, if there is a whole one; it counts as used now.
    pub(super) fn fetch(&self, key: &ClipKey) -> Option<VoiceClip> {
        let file = File::open(self.path(key)).ok()?;
        let mut bytes = Vec::new();
        (&file).take(LARGEST + 1).read_to_end(&mut bytes).ok()?;
        if bytes.len() as u64 > LARGEST {
            return None;
        }
        let clip = clip_file::decode(key, bytes)?;
        // Without it the clip goes a little earlier than it should; on a read-only disk nothing goes.
        let _ = file.set_times(FileTimes::new().set_modified(SystemTime::now()));
        Some(clip)
    }

    /// Puts a clip there, and throws away the oldest if that is too much; gives the bytes that are there then.
    pub(super) fn put(&mut self, key: &ClipKey, clip: &VoiceClip) -> io::Result<u64> {
        let Some(bytes) = clip_file::encode(key, clip) else { return self.tidy() };
        let length = bytes.len() as u64;
        if length > self.most_bytes || length > LARGEST {
            return self.tidy();
        }
        DirBuilder::new().recursive(true).mode(0o700).create(&self.dir)?;
        self.written += 1;
        let name = format!("{key}.{}-{}.{UNFINISHED}", std::process::id(), self.written);
        let unfinished = self.dir.join(name);
        let written = self.write(&unfinished, &bytes, &self.path(key));
        if written.is_err() {
            // It may never have come to be; tidying takes what is left.
            let _ = std::fs::remove_file(&unfinished);
        }
        written?;
        self.tidy()
    }

    fn write(&self, unfinished: &Path, bytes: &[u8], path: &Path) -> io::Result<()> {
        // A name that a dead process of our number left behind is written over.
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(unfinished)?;
        file.write_all(bytes)?;
        drop(file);
        std::fs::rename(unfinished, path)
    }

    /// Throws away the clips that were used longest ago until the rest fit; gives the bytes of those.
    pub(super) fn tidy(&self) -> io::Result<u64> {
        let now = SystemTime::now();
        let mut clips: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for entry in std::fs::read_dir(&self.dir)? {
            let path = entry?.path();
            // Another process may have thrown it away since.
            let Ok(about) = path.metadata() else { continue };
            let used = about.modified().unwrap_or(SystemTime::UNIX_EPOCH);
            let ending = path.extension().and_then(|ending| ending.to_str());
            if ending == Some(ENDING) {
                clips.push((used, about.len(), path));
            } else if ending == Some(UNFINISHED) && now.duration_since(used).is_ok_and(|age| age > ABANDONED)
            {
                remove(&path)?;
            }
        }
        clips.sort();
        let mut bytes: u64 = clips.iter().map(|(_, length, _)| length).sum();
        for (_, length, path) in clips {
            if bytes <= self.most_bytes {
                break;
            }
            remove(&path)?;
            bytes -= length;
        }
        Ok(bytes)
    }

    fn path(&self, key: &ClipKey) -> PathBuf {
        self.dir.join(format!("{key}.{ENDING}"))
    }
}

fn remove(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use bytes::Bytes;
    use moked_core::language::Language;
    use moked_core::ports::SpeakingRequest;

    use super::*;

    fn key(text: &str) -> ClipKey {
        ClipKey::new("voice", &SpeakingRequest::new(text, Language::English))
    }

    fn clip(bytes: usize) -> VoiceClip {
        VoiceClip { audio: Bytes::from(vec![7; bytes]), words: Vec::new() }
    }

    fn shelf(most_bytes: u64) -> (tempfile::TempDir, Shelf) {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::new(dir.path().join("voices"), most_bytes);
        (dir, shelf)
    }

    /// As if it had been used so many seconds ago.
    fn age(shelf: &Shelf, key: &ClipKey, seconds: u64) {
        let file = File::options().write(true).open(shelf.path(key)).unwrap();
        let used = SystemTime::now() - Duration::from_secs(seconds);
        file.set_times(FileTimes::new().set_modified(used)).unwrap();
    }

    #[test]
    fn a_clip_outlives_its_shelf_and_is_nobody_elses_to_read() {
        let (dir, mut shelf) = shelf(1 << 20);
        shelf.put(&key("a"), &clip(100)).unwrap();
        let path = shelf.path(&key("a"));
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(shelf.dir().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        let again = Shelf::new(dir.path().join("voices"), 1 << 20);
        assert_eq!(again.fetch(&key("a")), Some(clip(100)));
        assert_eq!(again.fetch(&key("b")), None);
    }

    #[test]
    fn what_was_used_longest_ago_goes_first() {
        let (_dir, mut shelf) = shelf(500);
        shelf.put(&key("a"), &clip(100)).unwrap();
        shelf.put(&key("b"), &clip(100)).unwrap();
        age(&shelf, &key("a"), 20);
        age(&shelf, &key("b"), 10);
        assert!(shelf.fetch(&key("a")).is_some(), "which makes it the newest");
        let bytes = shelf.put(&key("c"), &clip(100)).unwrap();
        assert!(bytes <= 500, "{bytes}");
        assert_eq!(shelf.fetch(&key("b")), None);
        assert!(shelf.fetch(&key("a")).is_some() && shelf.fetch(&key("c")).is_some());
    }

    #[test]
    fn a_clip_larger_than_all_that_may_be_kept_is_not_kept_and_pushes_nothing_out() {
        let (_dir, mut shelf) = shelf(700);
        shelf.put(&key("a"), &clip(100)).unwrap();
        shelf.put(&key("b"), &clip(700)).unwrap();
        assert!(shelf.fetch(&key("a")).is_some());
        assert_eq!(shelf.fetch(&key("b")), None);
    }

    #[test]
    fn what_a_dead_process_left_unfinished_goes_and_a_live_ones_stays() {
        let (_dir, mut shelf) = shelf(1 << 20);
        shelf.put(&key("a"), &clip(1)).unwrap();
        let (old, new) = (shelf.dir().join("x.1-1.part"), shelf.dir().join("y.2-1.part"));
        for path in [&old, &new] {
            std::fs::write(path, "half").unwrap();
        }
        let used = SystemTime::now() - 2 * ABANDONED;
        let file = File::options().write(true).open(&old).unwrap();
        file.set_times(FileTimes::new().set_modified(used)).unwrap();
        shelf.tidy().unwrap();
        assert!(!old.exists() && new.exists());
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_an_error_and_not_a_panic() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("file"), "").unwrap();
        let mut shelf = Shelf::new(dir.path().join("file/voices"), 1 << 20);
        assert!(shelf.put(&key("a"), &clip(1)).is_err());
        assert_eq!(shelf.fetch(&key("a")), None);
    }

    #[test]
    fn processes_that_share_a_folder_read_only_whole_clips() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = || Shelf::new(dir.path().join("voices"), 60_000);
        std::thread::scope(|scope| {
            for writer in 0..4 {
                scope.spawn(move || {
                    let mut shelf = shelf();
                    for round in 0..60 {
                        let name = format!("{}", (writer + round) % 6);
                        shelf.put(&key(&name), &clip(9_000)).unwrap();
                        if let Some(read) = shelf.fetch(&key(&name)) {
                            assert_eq!(read, clip(9_000));
                        }
                    }
                });
            }
        });
        assert!(shelf().tidy().unwrap() <= 60_000);
    }
}
