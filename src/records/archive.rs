//! Reading and erasing, each with a connection of its own.
//!
//! The writer's connection is the writer's. Questions are rare (a person looks at a page or types a command), so each
//! opens one and closes it again; at most four at a time.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use moked_core::ids::CallSid;
use tokio::sync::Semaphore;

use super::SPOOL_FOLDER;
use super::database::{Connected, Purpose};
use super::fault::RecordsFault;
use super::place::Place;
use super::rows::{CallFilter, CallPage, CallRecord, Page};
use super::spool::{Spool, Stub};
use crate::settings::Settings;

/// How long a question may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long erasing may take: years of calls at a first purge.
const ERASING: Duration = Duration::from_secs(120);

/// Questions at a time.
const AT_ONCE: usize = 4;

/// What is recorded, to be read and erased.
#[derive(Debug, Clone)]
pub struct Archive {
    place: Place,
    spool_folder: PathBuf,
    spool_bytes: u64,
    questions: Arc<Semaphore>,
}

/// Which calls to erase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Erasure {
    /// These.
    Calls(Vec<CallSid>),
    /// All that came from this number, such as `+972541234567`.
    Caller(String),
}

/// What was erased.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Erased {
    /// Calls in the database.
    pub calls: u64,
    /// Lines in the spool.
    pub spooled: u64,
}

impl Archive {
    /// The archive that the settings name.
    pub fn of(settings: &Settings) -> Self {
        Self {
            place: Place::of(settings),
            spool_folder: settings.records.dir.join(SPOOL_FOLDER),
            spool_bytes: settings.records.spool_bytes,
            questions: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// The database.
    pub fn place(&self) -> &Place {
        &self.place
    }

    pub(super) fn spool(&self) -> Spool {
        Spool::new(self.spool_folder.clone(), self.spool_bytes)
    }

    /// A page of calls, newest first. A database that was never made has none.
    ///
    /// # Errors
    /// When the database cannot be used now.
    pub async fn calls(&self, filter: &CallFilter, page: &Page) -> Result<CallPage, RecordsFault> {
        let ask = async |mut database: Connected| database.calls(filter, page).await;
        let none = CallPage { calls: Vec::new(), next: None };
        Ok(self.ask(PATIENCE, ask).await?.unwrap_or(none))
    }

    /// One call, whole; `None` if it is not known.
    ///
    /// # Errors
    /// When the database cannot be used now.
    pub async fn call(&self, call_sid: &CallSid) -> Result<Option<CallRecord>, RecordsFault> {
        let ask = async |mut database: Connected| database.call(call_sid).await;
        Ok(self.ask(PATIENCE, ask).await?.flatten())
    }

    /// Erases calls from spool and database. Entries of them that come later are refused.
    ///
    /// # Errors
    /// When the database cannot be used now; the spool is searched nevertheless.
    pub async fn erase(&self, erasure: &Erasure) -> Result<Erased, RecordsFault> {
        let (mut names, found) = match erasure {
            Erasure::Calls(calls) => (calls.iter().cloned().collect(), Ok(None)),
            Erasure::Caller(caller) => {
                let from = caller.clone();
                let spooled = self.in_spool(move |spool| calls_from(spool, &from)).await?;
                let found = async |mut database: Connected| database.calls_from(caller).await;
                (spooled, self.ask(PATIENCE, found).await)
            }
        };
        names.extend(found.as_ref().ok().cloned().flatten().unwrap_or_default());
        let wanted = names.clone();
        let is_other = move |stub: &Stub| !wanted.contains(&CallSid::new(stub.call_sid.as_str()));
        let spooled = self.in_spool(move |spool| spool.retain(is_other)).await?;
        found?;
        let names: Vec<CallSid> = names.into_iter().collect();
        let calls = if names.is_empty() {
            None
        } else {
            self.ask(ERASING, async |mut database: Connected| database.erase(&names).await).await?
        };
        Ok(Erased { calls: calls.unwrap_or_default(), spooled })
    }

    /// Erases calls whose last entry is older than `keep`.
    ///
    /// # Errors
    /// When the database cannot be used now; the spool is searched nevertheless.
    pub async fn purge(&self, keep: Duration) -> Result<Erased, RecordsFault> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let before_ms = now.saturating_sub(keep).as_millis() as u64;
        let spooled = self.in_spool(move |spool| spool.retain(|stub| stub.at_ms >= before_ms)).await?;
        let purge = async |mut database: Connected| {
            let mut calls = 0;
            loop {
                match database.purge(before_ms).await? {
                    0 => break Ok(calls),
                    some => calls += some,
                }
            }
        };
        let calls = self.ask(ERASING, purge).await?;
        Ok(Erased { calls: calls.unwrap_or_default(), spooled })
    }

    /// Works on the spool, on a thread for such work: a disk may be slow, and calls may run on this one.
    async fn in_spool<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Spool) -> io::Result<T> + Send + 'static,
    ) -> Result<T, RecordsFault> {
        let spool = self.spool();
        let done = tokio::task::spawn_blocking(move || work(&spool)).await;
        done.map_err(io::Error::other)
            .flatten()
            .map_err(|error| RecordsFault::Unavailable(format!("the spool cannot be searched: {error}")))
    }

    /// Opens the database and asks; `None` when there is no file to open.
    async fn ask<T>(
        &self,
        limit: Duration,
        question: impl AsyncFnOnce(Connected) -> Result<T, RecordsFault>,
    ) -> Result<Option<T>, RecordsFault> {
        match &self.place {
            Place::Nowhere => {
                return Err(RecordsFault::Off(
                    "nothing is recorded: DATABASE_URL names SQLite in memory".to_owned(),
                ));
            }
            Place::Sqlite(path) if !path.exists() => return Ok(None),
            Place::Sqlite(_) | Place::Postgres { .. } => {}
        }
        let asked = async {
            // The semaphore is never closed, so the wait ends with a permit.
            let _permit = self.questions.acquire().await.ok();
            let mut database = Connected::open(&self.place, Purpose::Use).await?;
            database.be_patient().await?;
            question(database).await.map(Some)
        };
        tokio::time::timeout(limit, asked).await.unwrap_or_else(|_| Err(RecordsFault::late(limit)))
    }
}

fn calls_from(spool: &Spool, caller: &str) -> io::Result<BTreeSet<CallSid>> {
    let stubs = spool.stubs()?.into_iter().filter(|stub| stub.caller() == Some(caller));
    Ok(stubs.map(|stub| CallSid::new(stub.call_sid)).collect())
}
