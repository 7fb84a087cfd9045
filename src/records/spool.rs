//! Entries on disk that the database has not taken yet: lines of JSON in segments, oldest first.
//!
//! Nothing is held open. Each append opens the newest segment, writes whole lines and has them on the disk before it
//! returns; a lock file keeps the writers of other processes, and `moked calls erase`, from meddling meanwhile. A segment
//! is removed when all in it is in the database and nobody has added to it since it was read. A process that was killed
//! while it wrote leaves a torn last line; it is passed over, and nobody writes behind it, since a process begins with a
//! segment of its own.
//!
//! The spool makes no folder and no file before the first entry needs it.

mod segment;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use moked_core::record::RecordEntry;
use thiserror::Error;

use super::place::make_folder;
pub(super) use segment::{Segment, Stub};

/// Bytes from which a segment gets a successor. One is replayed in about a second.
const SEGMENT_BYTES: u64 = 256 * 1024;

/// How long the lock of another process is waited for, and how often it is tried. This is the writer's own thread.
const LOCK_WAIT: Duration = Duration::from_millis(500);
const LOCK_LOOK: Duration = Duration::from_millis(2);

/// Ending of a segment's name.
const SEGMENT: &str = "jsonl";

/// Ending of a segment with lines of a later moked, until one reads them.
const ASIDE: &str = "later";

/// Why the spool does not take entries.
#[derive(Debug, Error)]
pub(super) enum SpoolFault {
    /// It is as large as it may be.
    #[error("the spool {} holds {limit} bytes, the most that records.spool_mb allows", .folder.display())]
    Full { folder: PathBuf, limit: u64 },
    /// The system refuses.
    #[error("the spool {} takes nothing: {error}", .folder.display())]
    System { folder: PathBuf, error: io::Error },
}

/// The spool of one folder.
#[derive(Debug)]
pub(super) struct Spool {
    folder: PathBuf,
    limit: u64,
    /// The segment of this process that is added to.
    newest: Option<PathBuf>,
}

impl Spool {
    /// A spool in `folder` of at most `limit` bytes. Touches nothing.
    pub(super) fn new(folder: PathBuf, limit: u64) -> Self {
        Self { folder, limit, newest: None }
    }

    /// Adds entries; they are on the disk when it returns, or none of them is.
    pub(super) fn append(&mut self, entries: &[RecordEntry]) -> Result<(), SpoolFault> {
        let mut text = String::new();
        for entry in entries {
            let line = entry.to_line().map_err(|error| self.system(error.into()))?;
            text.push_str(&line);
            text.push('\n');
        }
        make_folder(&self.folder).map_err(|error| self.system(error))?;
        let _lock = self.lock().map_err(|error| self.system(error))?;
        let size = self.size().map_err(|error| self.system(error))?;
        if size + text.len() as u64 > self.limit {
            return Err(SpoolFault::Full { folder: self.folder.clone(), limit: self.limit });
        }
        self.add(text.as_bytes()).map_err(|error| self.system(error))
    }

    fn add(&mut self, text: &[u8]) -> io::Result<()> {
        let path =
            self.newest.take().filter(|path| fs::metadata(path).is_ok_and(|file| file.len() < SEGMENT_BYTES));
        let is_new = path.is_none();
        let path = path.unwrap_or_else(|| self.fresh());
        let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path)?;
        let before = file.seek(SeekFrom::End(0))?;
        if let Err(error) = file.write_all(text).and_then(|()| file.sync_data()) {
            // Half a batch must not stand there: the caller keeps all of it elsewhere. If even this is refused, the
            // torn line is passed over and the whole ones are written twice, which is once.
            let _ = file.set_len(before);
            return Err(error);
        }
        if is_new {
            File::open(&self.folder)?.sync_all()?;
        }
        self.newest = Some(path);
        Ok(())
    }

    /// The segments that wait, oldest first.
    pub(super) fn segments(&self) -> io::Result<Vec<PathBuf>> {
        self.files(&[SEGMENT])
    }

    /// Reads a segment. No more is added to it by this process.
    pub(super) fn read(&mut self, path: &Path) -> io::Result<Segment> {
        self.newest = None;
        Segment::read(path)
    }

    /// Removes a segment that was read to `length` bytes, unless somebody added to it since.
    pub(super) fn remove(&self, path: &Path, length: u64) -> io::Result<()> {
        let _lock = self.lock()?;
        match fs::metadata(path) {
            Ok(file) if file.len() == length => fs::remove_file(path),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Puts a segment aside in which lines of a later moked stand.
    pub(super) fn set_aside(&self, path: &Path) -> io::Result<()> {
        let _lock = self.lock()?;
        fs::rename(path, path.with_extension(ASIDE))
    }

    /// Takes back what was put aside: this moked may be the later one.
    pub(super) fn take_back(&self) -> io::Result<()> {
        for path in self.files(&[ASIDE])? {
            let _lock = self.lock()?;
            fs::rename(&path, path.with_extension(SEGMENT))?;
        }
        Ok(())
    }

    /// Keeps only the lines that `keep` wants, in every segment; damaged ones go. Gives how many went.
    pub(super) fn retain(&self, mut keep: impl FnMut(&Stub) -> bool) -> io::Result<u64> {
        let files = self.files(&[SEGMENT, ASIDE])?;
        if files.is_empty() {
            return Ok(0);
        }
        let _lock = self.lock()?;
        let mut gone = 0;
        for path in files {
            gone += segment::rewrite(&path, &mut keep)?;
        }
        Ok(gone)
    }

    /// What each line is about.
    pub(super) fn stubs(&self) -> io::Result<Vec<Stub>> {
        let mut stubs = Vec::new();
        for path in self.files(&[SEGMENT, ASIDE])? {
            stubs.extend(segment::stubs(&path)?);
        }
        Ok(stubs)
    }

    /// Its folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    fn fresh(&self) -> PathBuf {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_micros();
        self.folder.join(format!("{now:020}-{}.{SEGMENT}", std::process::id()))
    }

    fn size(&self) -> io::Result<u64> {
        let sizes = self.files(&[SEGMENT, ASIDE])?.into_iter().map(|path| Ok(fs::metadata(path)?.len()));
        sizes.sum()
    }

    fn files(&self, endings: &[&str]) -> io::Result<Vec<PathBuf>> {
        let listed = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            listed => listed?,
        };
        let mut files = Vec::new();
        for entry in listed {
            let path = entry?.path();
            if path
                .extension()
                .and_then(|ending| ending.to_str())
                .is_some_and(|ending| endings.contains(&ending))
            {
                files.push(path);
            }
        }
        files.sort();
        Ok(files)
    }

    /// Held until it is dropped. Waits for others, who hold it for milliseconds; for one that hangs not long.
    #[expect(
        clippy::disallowed_methods,
        reason = "the writer's thread or one for blocking work: no call runs on it"
    )]
    fn lock(&self) -> io::Result<File> {
        let path = self.folder.join("lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(path)?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) if begun.elapsed() > LOCK_WAIT => {
                    return Err(io::Error::new(io::ErrorKind::WouldBlock, "another program holds its lock"));
                }
                Err(TryLockError::WouldBlock) => thread::sleep(LOCK_LOOK),
            }
        }
    }

    fn system(&self, error: io::Error) -> SpoolFault {
        SpoolFault::System { folder: self.folder.clone(), error }
    }
}

#[cfg(test)]
#[path = "spool_test.rs"]
mod tests;
