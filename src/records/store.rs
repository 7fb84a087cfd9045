//! The database as the writer knows it: opened when it is needed, thrown away when it failed.

use moked_core::record::RecordEntry;

use super::database::{Connected, Purpose};
use super::fault::RecordsFault;
use super::place::Place;
use super::writer::EntryStore;

/// A database that opens itself.
#[derive(Debug)]
pub(super) struct DatabaseStore {
    place: Place,
    purpose: Purpose,
    connected: Option<Connected>,
}

impl DatabaseStore {
    pub(super) fn new(place: Place, purpose: Purpose) -> Self {
        Self { place, purpose, connected: None }
    }

    /// The connection is out while it works: one that failed, or was abandoned because it took too long, is not used
    /// again, since nobody knows what it is in the middle of.
    async fn take(&mut self) -> Result<Connected, RecordsFault> {
        match self.connected.take().filter(Connected::is_current) {
            Some(connected) => Ok(connected),
            None => Connected::open(&self.place, self.purpose).await,
        }
    }
}

impl EntryStore for DatabaseStore {
    async fn write(&mut self, entries: &[RecordEntry]) -> Result<(), RecordsFault> {
        let mut connected = self.take().await?;
        if entries.is_empty() {
            connected.look().await?;
        } else {
            connected.write(entries).await?;
        }
        self.connected = Some(connected);
        Ok(())
    }

    async fn purge(&mut self, before_ms: u64) -> Result<u64, RecordsFault> {
        let mut connected = self.take().await?;
        let gone = connected.purge(before_ms).await?;
        self.connected = Some(connected);
        Ok(gone)
    }

    async fn close(&mut self) {
        if let Some(connected) = self.connected.take() {
            connected.close().await;
        }
    }
}
