//! What stays of a simulated call: the recording and the picture.
//!
//! A call takes minutes, so that the files can be written is found out before it, not after it.

use std::fs::{self, OpenOptions};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use super::Failure;
use crate::caller::report::CallReport;
use crate::caller::{recording, timeline};

/// Files that can be written.
#[derive(Debug)]
pub(super) struct Keepsakes {
    wav: Option<Kept>,
    svg: Option<Kept>,
}

#[derive(Debug)]
struct Kept {
    path: PathBuf,
    /// It was there before this call, and stays as it is when there is nothing to write.
    is_old: bool,
}

impl Keepsakes {
    /// Opens both files for writing, without touching what is in them.
    ///
    /// # Errors
    /// When one cannot be written.
    pub(super) fn prepare(wav: Option<&Path>, svg: Option<&Path>) -> Result<Self, Failure> {
        // The first is dropped, and with it its empty file, when the second cannot be opened.
        let wav = wav.map(Kept::open).transpose()?;
        Ok(Self { wav, svg: svg.map(Kept::open).transpose()? })
    }

    /// Writes the first stream's recording and picture, and says which files now hold them. Without a stream
    /// there is nothing to keep.
    ///
    /// # Errors
    /// When a file can be written no longer.
    pub(super) fn save(&self, report: &CallReport) -> Result<Vec<&Path>, Failure> {
        let mut written = Vec::new();
        let Some(stream) = report.streams.first() else { return Ok(written) };
        if let Some(Kept { path, .. }) = &self.wav {
            let file = fs::File::create(path).map_err(|error| fault(path, &error.to_string()))?;
            recording::write_heard(BufWriter::new(file), &stream.tracks)
                .map_err(|error| fault(path, &error.to_string()))?;
            written.push(path.as_path());
        }
        if let Some(Kept { path, .. }) = &self.svg {
            fs::write(path, timeline::draw(stream)).map_err(|error| fault(path, &error.to_string()))?;
            written.push(path.as_path());
        }
        Ok(written)
    }

    /// Files of an earlier call that this one, which had no stream, left as they were.
    pub(super) fn old(&self) -> impl Iterator<Item = &Path> {
        let kept = self.wav.iter().chain(&self.svg);
        kept.filter(|kept| kept.is_old).map(|kept| kept.path.as_path())
    }
}

impl Kept {
    fn open(path: &Path) -> Result<Self, Failure> {
        let is_old = path.exists();
        OpenOptions::new()
            .append(true)
            .create(true)
            .open(path)
            .map_err(|error| fault(path, &error.to_string()))?;
        Ok(Self { path: path.to_owned(), is_old })
    }
}

impl Drop for Kept {
    /// A call that failed leaves no empty file behind.
    fn drop(&mut self) {
        if !self.is_old && fs::metadata(&self.path).is_ok_and(|file| file.is_file() && file.len() == 0) {
            // What cannot be removed is only an empty file.
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn fault(path: &Path, why: &str) -> Failure {
    Failure::System(format!("cannot write {}: {why}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::sample;

    #[test]
    fn a_path_that_cannot_be_written_is_named_before_the_call_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (wav, svg) = (folder.path().join("ear.wav"), folder.path().join("nowhere/call.svg"));
        let refusal = Keepsakes::prepare(Some(&wav), Some(&svg)).unwrap_err().to_string();
        assert!(refusal.contains("nowhere/call.svg"), "{refusal}");
        assert!(!wav.exists());
    }

    #[test]
    fn a_call_without_a_stream_keeps_the_old_and_makes_nothing_new() {
        let folder = tempfile::tempdir().unwrap();
        let (wav, svg) = (folder.path().join("ear.wav"), folder.path().join("call.svg"));
        fs::write(&wav, "of yesterday").unwrap();
        let keepsakes = Keepsakes::prepare(Some(&wav), Some(&svg)).unwrap();
        let mut report = sample::report();
        report.streams.clear();
        assert_eq!(keepsakes.save(&report).unwrap(), Vec::<&Path>::new());
        assert_eq!(keepsakes.old().collect::<Vec<_>>(), [wav.as_path()]);
        drop(keepsakes);
        assert_eq!(fs::read_to_string(&wav).unwrap(), "of yesterday");
        assert!(!svg.exists());
    }

    #[test]
    fn what_was_written_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let (wav, svg) = (folder.path().join("ear.wav"), folder.path().join("call.svg"));
        fs::write(&svg, "of yesterday").unwrap();
        let keepsakes = Keepsakes::prepare(Some(&wav), Some(&svg)).unwrap();
        assert_eq!(keepsakes.save(&sample::report()).unwrap(), [wav.as_path(), svg.as_path()]);
        assert!(fs::read_to_string(&svg).unwrap().contains("<svg") && wav.exists());
    }
}
