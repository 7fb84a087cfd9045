//! `[voice_cache]`: where what the agent always says is kept.

use std::path::PathBuf;

use super::error::SettingsError;
use super::reader::Reader;

/// `[voice_cache]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceCacheSection {
    /// The folder; `None` keeps clips in memory only.
    pub dir: Option<PathBuf>,
    /// Most bytes of clips.
    pub most_bytes: u64,
    /// Whether missing ones are spoken at the start.
    pub at_start: bool,
}

impl VoiceCacheSection {
    pub(super) fn read(reader: &Reader<'_>) -> Result<Self, SettingsError> {
        let dir = PathBuf::from(reader.text("voice_cache.dir")?);
        Ok(Self {
            dir: Some(dir).filter(|dir| !dir.as_os_str().is_empty()),
            most_bytes: reader.number("voice_cache.most_mb", 1..=10_000, "MiB")? << 20,
            at_start: reader.flag("voice_cache.at_start")?,
        })
    }
}
