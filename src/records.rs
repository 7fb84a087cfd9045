//! The records of calls: written off the call path, kept through a dead database, read, and erased.
//!
//! [`Records`] is what the server holds: the recorder of every call with its writer on a thread of its own. [`Archive`]
//! is the reading and erasing side, which commands use without a server. A call is never made to wait for either, and a
//! server starts without a database: what it cannot write waits on disk, and `/readyz` says so.

mod archive;
mod backlog;
mod database;
mod erasing;
mod fault;
mod health;
mod place;
mod reading;
mod rows;
mod spool;
mod store;
mod writer;

use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use moked_actors::recorder::CallRecorder;
use moked_core::record::RecordEntry;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot, watch};

pub use archive::{Archive, Erased, Erasure};
pub use fault::RecordsFault;
pub use health::{RecordsCount, RecordsHealth};
pub use place::Place;
pub use rows::{CallEnding, CallFilter, CallPage, CallRecord, CallRow, Cursor, EventRow, Page, TurnRow};

use crate::settings::Settings;
use backlog::Backlog;
use database::Purpose;
use health::{Counters, add};
use store::DatabaseStore;
use writer::{Limits, Order, Schedule, Writer};

/// Name of the spool's folder within `records.dir`.
pub const SPOOL_FOLDER: &str = "spool";

/// Entries that may wait for the writer: what a hundred busy calls give in minutes. It is empty but for moments.
const QUEUE: usize = 8_192;

/// The records of this process.
#[derive(Debug)]
pub struct Records {
    orders: Option<mpsc::Sender<Order>>,
    archive: Archive,
    health: watch::Receiver<RecordsHealth>,
    counters: Arc<Counters>,
}

impl Records {
    /// Starts the writer that the settings want. Returns at once; neither disk nor database has been touched then.
    pub fn start(settings: &Settings) -> Self {
        let archive = Archive::of(settings);
        let keep = match (settings.records.keep, archive.place()) {
            (None, _) => return Self::off(archive, "records.keep_days is 0"),
            (_, Place::Nowhere) => {
                return Self::off(archive, "DATABASE_URL names SQLite in memory, which keeps nothing");
            }
            (Some(keep), Place::Sqlite(_) | Place::Postgres { .. }) => keep,
        };
        let purpose = if settings.records.bootstrap { Purpose::Bootstrap } else { Purpose::Use };
        let (orders, received) = mpsc::channel(QUEUE);
        let (health, watched) = watch::channel(RecordsHealth::Starting);
        let counters = Arc::<Counters>::default();
        let store = DatabaseStore::new(archive.place().clone(), purpose);
        let (backlog, count) = (Backlog::new(archive.spool(), Arc::clone(&counters)), Arc::clone(&counters));
        let words = settings.records.words;
        let begin = move |limits: Limits| Writer {
            orders: received,
            store,
            backlog,
            health,
            counters: count,
            words,
            keep,
            schedule: Schedule::at_once(&limits),
            limits,
            trouble: None,
            under_way: Vec::new(),
        };
        match spawn(begin) {
            Ok(()) => Self { orders: Some(orders), archive, health: watched, counters },
            Err(error) => Self::off(archive, &format!("the system gave no thread to write them: {error}")),
        }
    }

    fn off(archive: Archive, why: &str) -> Self {
        let (_, health) = watch::channel(RecordsHealth::Off { why: why.to_owned() });
        Self { orders: None, archive, health, counters: Arc::default() }
    }

    /// How the records fare now.
    pub fn health(&self) -> RecordsHealth {
        self.health.borrow().clone()
    }

    /// Waits until the records fare as `wanted` says. Never ends if they never do.
    pub async fn until(&self, wanted: impl FnMut(&RecordsHealth) -> bool) {
        // The writer is gone only with the process; then nobody waits for it.
        let _ = self.health.clone().wait_for(wanted).await;
    }

    /// Entries since the start, and those that wait.
    pub fn count(&self) -> RecordsCount {
        self.counters.read()
    }

    /// The reading and erasing side.
    pub fn archive(&self) -> &Archive {
        &self.archive
    }

    /// A page of past and present calls, newest first.
    ///
    /// # Errors
    /// When the database cannot be used now, or nothing is recorded.
    pub async fn calls(&self, filter: &CallFilter, page: &Page) -> Result<CallPage, RecordsFault> {
        self.archive.calls(filter, page).await
    }

    /// One call, whole; `None` if it is not known. What waits in the spool is not in it yet.
    ///
    /// # Errors
    /// When the database cannot be used now, or nothing is recorded.
    pub async fn call(
        &self,
        call_sid: &moked_core::ids::CallSid,
    ) -> Result<Option<CallRecord>, RecordsFault> {
        self.archive.call(call_sid).await
    }

    /// Waits until every entry so far is in the database or in the spool; false when that took longer than `limit`.
    pub async fn flush(&self, limit: Duration) -> bool {
        self.ask(Order::Flush, limit).await
    }

    /// The same, and ends the writer. Entries that come later are lost, and counted.
    pub async fn stop(&self, limit: Duration) -> bool {
        let is_done = self.ask(Order::Stop, limit).await;
        if !is_done {
            let ms = limit.as_millis() as u64;
            tracing::error!(
                event = "RECORDS_LATE",
                ms,
                "call records were not brought to database or disk within {ms} ms at the stop; the last may be lost"
            );
        }
        is_done
    }

    async fn ask(&self, order: fn(oneshot::Sender<()>) -> Order, limit: Duration) -> bool {
        let Some(orders) = &self.orders else { return true };
        let (done, answer) = oneshot::channel();
        let asked = async {
            match orders.send(order(done)).await {
                Ok(()) => answer.await.is_ok(),
                // A writer that has ended has nothing left to write.
                Err(_) => true,
            }
        };
        tokio::time::timeout(limit, asked).await.unwrap_or(false)
    }
}

impl CallRecorder for Records {
    fn record(&self, entry: RecordEntry) {
        let Some(orders) = &self.orders else { return };
        add(&self.counters.taken, 1);
        if let Err(error) = orders.try_send(Order::Keep(Box::new(entry))) {
            add(&self.counters.dropped, 1);
            let why = match error {
                TrySendError::Full(_) => "the writer stands still",
                TrySendError::Closed(_) => "the writer has ended",
            };
            // At a flood one line of each doubling, or the log would drown with the records.
            let dropped = self.counters.read().dropped;
            if dropped.is_power_of_two() {
                tracing::error!(
                    event = "RECORDS_LOST",
                    dropped,
                    "{dropped} entries of call records are lost: {why}"
                );
            }
        }
    }
}

/// Runs a writer on a thread of its own: a disk that hangs must hold up no call.
fn spawn(begin: impl FnOnce(Limits) -> Writer<DatabaseStore> + Send + 'static) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let run = move || runtime.block_on(async { begin(Limits::default()).run().await });
    thread::Builder::new().name("moked-records".to_owned()).spawn(run).map(drop)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use moked_core::ids::CallSid;
    use moked_core::record::{EndCause, RecordFact, Sequence};

    use super::*;
    use crate::settings::Environment;

    #[test]
    fn a_call_is_not_held_up_by_a_writer_that_stands_still() {
        let settings = Settings::load(None, &Environment::new()).unwrap();
        let (orders, _nobody_reads) = mpsc::channel(2);
        let (_sender, health) = watch::channel(RecordsHealth::Starting);
        let archive = Archive::of(&settings);
        let records = Records { orders: Some(orders), archive, health, counters: Arc::default() };
        let begun = Instant::now();
        for number in 0..1_000 {
            let fact = RecordFact::Ended { cause: EndCause::new("crashed"), seconds: 0 };
            let (call_sid, sequence) = (CallSid::new("CA1"), Sequence(number));
            records.record(RecordEntry { call_sid, sequence, at_ms: 0, fact });
        }
        assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
        let count = records.count();
        assert_eq!((count.taken, count.dropped), (1_000, 998));
    }
}
