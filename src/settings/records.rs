//! `[records]`: what is kept of calls, where, and for how long.

use std::path::PathBuf;
use std::time::Duration;

use moked_core::record::KeptWords;

use super::error::SettingsError;
use super::reader::Reader;

/// `[records]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordsSection {
    /// Folder of the spool, and of the SQLite database unless `DATABASE_URL` names another.
    pub dir: PathBuf,
    /// How long the record of a call is kept; `None` keeps none from the start.
    pub keep: Option<Duration>,
    /// What is kept of words and numbers.
    pub words: KeptWords,
    /// Whether tables are made and brought up to date at the start.
    pub bootstrap: bool,
    /// Largest spool, bytes.
    pub spool_bytes: u64,
}

/// Seconds of a day.
const DAY_S: u64 = 24 * 60 * 60;

impl RecordsSection {
    pub(super) fn read(reader: &Reader<'_>) -> Result<Self, SettingsError> {
        let dir = reader.text("records.dir")?;
        if dir.is_empty() {
            return Err(reader.fault("records.dir", "it names no folder", "write such as \"moked-data\""));
        }
        let words = [("full", KeptWords::Full), ("masked", KeptWords::Masked), ("none", KeptWords::None)];
        Ok(Self {
            dir: dir.into(),
            keep: match reader.number("records.keep_days", 0..=3_650, "days; 0 records nothing")? {
                0 => None,
                days => Some(Duration::from_secs(days * DAY_S)),
            },
            words: reader.choice("records.words", &words)?,
            bootstrap: reader.flag("records.bootstrap")?,
            spool_bytes: reader.number("records.spool_mb", 1..=100_000, "MiB")? << 20,
        })
    }
}
