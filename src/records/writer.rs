//! The writer: takes the entries of all calls and brings them to the database, off the call path.
//!
//! It waits for the database for a quarter of a second; then what it holds goes to the spool, and so does all that
//! follows, until the spool is replayed in order, piece by piece. New entries are taken between two pieces. So nothing
//! here waits long, and the queue before it overflows only when the machine itself stands still.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::FutureExt;
use moked_core::record::{KeptWords, RecordEntry};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::{Instant, sleep_until, timeout};

use super::backlog::{Backlog, Piece};
use super::fault::RecordsFault;
use super::health::{Counters, RecordsHealth, add};

/// Where entries go in the end.
pub(super) trait EntryStore {
    /// Writes entries, all or none. Those that are there already are passed over.
    async fn write(&mut self, entries: &[RecordEntry]) -> Result<(), RecordsFault>;
    /// Erases calls whose last entry is older than `before_ms`, some at a time; gives how many, 0 when none is left.
    async fn purge(&mut self, before_ms: u64) -> Result<u64, RecordsFault>;
    /// Lets go of it, at the end.
    async fn close(&mut self);
}

/// What the writer is told.
#[derive(Debug)]
pub(super) enum Order {
    /// Keep this.
    Keep(Box<RecordEntry>),
    /// Say when all that came before is kept somewhere.
    Flush(oneshot::Sender<()>),
    /// The same, and end.
    Stop(oneshot::Sender<()>),
}

/// The limits of the writer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Entries written at once.
    pub(super) batch: usize,
    /// How long a fresh batch may take before it goes to the spool.
    pub(super) slow: Duration,
    /// How long a replayed batch, a first connection or the daily erasure may take.
    pub(super) patient: Duration,
    /// Pause after the first failure; doubles up to `longest_pause`.
    pub(super) first_pause: Duration,
    /// Longest pause between two attempts.
    pub(super) longest_pause: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            batch: 256,
            slow: Duration::from_millis(250),
            patient: Duration::from_secs(5),
            first_pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(10),
        }
    }
}

/// How often what is too old is erased.
const PURGE_EVERY: Duration = Duration::from_secs(24 * 60 * 60);

/// Pause after the writer itself broke.
const MEND: Duration = Duration::from_secs(1);

/// The writer of a process.
pub(super) struct Writer<Store> {
    pub(super) orders: mpsc::Receiver<Order>,
    pub(super) store: Store,
    pub(super) backlog: Backlog,
    pub(super) health: watch::Sender<RecordsHealth>,
    pub(super) counters: Arc<Counters>,
    pub(super) words: KeptWords,
    pub(super) keep: Duration,
    pub(super) limits: Limits,
    pub(super) schedule: Schedule,
    /// Why entries do not reach the database.
    pub(super) trouble: Option<RecordsFault>,
    /// Entries under way to the database: a panic on the way must not take them along.
    pub(super) under_way: Vec<RecordEntry>,
}

/// When the writer does something unasked.
#[derive(Debug)]
pub(super) struct Schedule {
    /// The next attempt at the backlog, or at a first connection.
    retry: Option<Instant>,
    pause: Duration,
    /// When the database, and when the spool, is next searched for what is too old.
    purge: Instant,
    purge_spool: Instant,
}

impl Schedule {
    /// Everything now.
    pub(super) fn at_once(limits: &Limits) -> Self {
        let now = Instant::now();
        Self { retry: Some(now), pause: limits.first_pause, purge: now, purge_spool: now }
    }

    fn wake(&self) -> Instant {
        let purge = self.purge.min(self.purge_spool);
        self.retry.map_or(purge, |retry| retry.min(purge))
    }
}

impl<Store: EntryStore> Writer<Store> {
    /// Works until it is told to stop or nobody is left to tell it.
    pub(super) async fn run(mut self) {
        self.backlog.recover();
        loop {
            let work = AssertUnwindSafe(self.work()).catch_unwind();
            match work.await {
                Ok(()) => return,
                Err(_panic) => {
                    tracing::error!(
                        event = "RECORDS_BROKEN",
                        "the writer of call records panicked; it goes on"
                    );
                    let entries = std::mem::take(&mut self.under_way);
                    if !entries.is_empty() {
                        self.backlog.add(&entries);
                    }
                    self.failed(&RecordsFault::Unavailable(
                        "the writer broke; see RECORDS_BROKEN in the log".into(),
                    ));
                    tokio::time::sleep(MEND).await;
                }
            }
        }
    }

    async fn work(&mut self) {
        let mut orders = Vec::with_capacity(self.limits.batch);
        loop {
            let wake = self.schedule.wake();
            let batch = self.limits.batch;
            let received = tokio::select! {
                biased;
                received = self.orders.recv_many(&mut orders, batch) => Some(received),
                () = sleep_until(wake) => None,
            };
            let (mut entries, mut waiting, mut stop) = (Vec::new(), Vec::new(), received == Some(0));
            for order in orders.drain(..) {
                match order {
                    Order::Keep(entry) => entries.push(self.words.of(*entry)),
                    Order::Flush(done) => waiting.push(done),
                    Order::Stop(done) => {
                        waiting.push(done);
                        stop = true;
                    }
                }
            }
            self.keep(entries).await;
            self.catch_up(stop).await;
            if stop {
                self.farewell().await;
            }
            for done in waiting {
                // Whoever asked may have given up waiting.
                let _ = done.send(());
            }
            if stop {
                return;
            }
            self.purge().await;
        }
    }

    /// Brings fresh entries to safety: to the database if it is well, else behind what waits.
    async fn keep(&mut self, entries: Vec<RecordEntry>) {
        if entries.is_empty() {
            return;
        }
        // Well means also that nothing waits.
        if *self.health.borrow() == RecordsHealth::Ok {
            self.under_way.clone_from(&entries);
            let written = self.write(&entries, self.limits.slow).await;
            self.under_way.clear();
            if let Err(fault) = written {
                self.backlog.add(&entries);
                self.failed(&fault);
            }
            return;
        }
        self.backlog.add(&entries);
        // What was wrong may have got worse: the spool may be full too.
        if let Some(trouble) = &self.trouble {
            self.health.send_replace(RecordsHealth::Degraded { why: self.why(trouble) });
        }
    }

    /// Tries what waits, if it is time; at the end of the process it always is.
    async fn catch_up(&mut self, is_end: bool) {
        if self.schedule.retry.is_none_or(|retry| !is_end && retry > Instant::now()) {
            return;
        }
        let piece = match self.backlog.oldest() {
            Ok(piece) => piece,
            Err(error) => {
                return self.failed(&RecordsFault::Unavailable(format!("the spool cannot be read: {error}")));
            }
        };
        let Some(piece) = piece else {
            // Nothing waits: a look whether the database is there.
            return match self.write(&[], self.limits.patient).await {
                Ok(()) => self.recovered(),
                Err(fault) => self.failed(&fault),
            };
        };
        match self.replay(&piece).await {
            Ok(()) => {
                self.schedule.retry = Some(Instant::now());
                self.schedule.pause = self.limits.first_pause;
            }
            Err(fault) => self.failed(&fault),
        }
    }

    async fn replay(&mut self, piece: &Piece) -> Result<(), RecordsFault> {
        for batch in piece.entries.chunks(self.limits.batch) {
            self.write(batch, self.limits.patient).await?;
        }
        self.backlog
            .done(piece)
            .map_err(|error| RecordsFault::Unavailable(format!("the spool cannot be emptied: {error}")))
    }

    /// Writes a batch; of one that is refused, each entry for itself, so that one bad entry does not hold up the rest.
    async fn write(&mut self, entries: &[RecordEntry], limit: Duration) -> Result<(), RecordsFault> {
        match in_time(limit, self.store.write(entries)).await {
            Err(RecordsFault::Refused(_)) if entries.len() > 1 => {
                for entry in entries {
                    self.write_one(entry, limit).await?;
                }
                Ok(())
            }
            Err(RecordsFault::Refused(why)) => {
                self.refused(entries, &why);
                Ok(())
            }
            outcome => {
                outcome?;
                add(&self.counters.written, entries.len());
                Ok(())
            }
        }
    }

    async fn write_one(&mut self, entry: &RecordEntry, limit: Duration) -> Result<(), RecordsFault> {
        let entries = std::slice::from_ref(entry);
        match in_time(limit, self.store.write(entries)).await {
            Err(RecordsFault::Refused(why)) => self.refused(entries, &why),
            outcome => {
                outcome?;
                add(&self.counters.written, 1);
            }
        }
        Ok(())
    }

    fn refused(&self, entries: &[RecordEntry], why: &str) {
        add(&self.counters.dropped, entries.len());
        for entry in entries {
            let (call_sid, kind) = (&entry.call_sid, entry.fact.kind());
            tracing::error!(event = "RECORDS_REFUSED", %call_sid, kind, "the database will never take an entry: {why}");
        }
    }

    fn failed(&mut self, fault: &RecordsFault) {
        self.schedule.retry = Some(Instant::now() + self.schedule.pause);
        self.schedule.pause = (self.schedule.pause * 2).min(self.limits.longest_pause);
        let why = self.why(fault);
        self.trouble = Some(fault.clone());
        let was = self.health.send_replace(RecordsHealth::Degraded { why: why.clone() });
        match was {
            RecordsHealth::Degraded { .. } => tracing::debug!(event = "RECORDS_DEGRADED", "{why}"),
            RecordsHealth::Starting | RecordsHealth::Ok | RecordsHealth::Off { .. } => {
                tracing::warn!(event = "RECORDS_DEGRADED", "call records do not reach the database: {why}");
            }
        }
    }

    fn why(&self, fault: &RecordsFault) -> String {
        format!("{fault}; {}", self.backlog.whereabouts())
    }

    fn recovered(&mut self) {
        self.schedule.retry = None;
        self.trouble = None;
        self.schedule.pause = self.limits.first_pause;
        let was = self.health.send_replace(RecordsHealth::Ok);
        match was {
            RecordsHealth::Degraded { .. } => {
                tracing::info!(event = "RECORDS_OK", "call records reach the database again; nothing waits");
            }
            RecordsHealth::Starting => {
                tracing::info!(event = "RECORDS_OK", "call records reach the database")
            }
            RecordsHealth::Ok | RecordsHealth::Off { .. } => {}
        }
    }

    /// Erases what is too old, once a day; in the database when it is well.
    async fn purge(&mut self) {
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let before_ms = clock.saturating_sub(self.keep).as_millis() as u64;
        if self.schedule.purge_spool <= Instant::now() {
            self.schedule.purge_spool = Instant::now() + PURGE_EVERY;
            if let Err(error) = self.backlog.purge(before_ms) {
                tracing::warn!(
                    event = "RECORDS_PURGE",
                    "the spool was not searched for old entries: {error}"
                );
            }
        }
        if self.schedule.purge > Instant::now() {
            return;
        }
        self.schedule.purge = Instant::now() + self.limits.longest_pause;
        if *self.health.borrow() != RecordsHealth::Ok {
            return;
        }
        self.schedule.purge = Instant::now() + PURGE_EVERY;
        match in_time(self.limits.patient, self.store.purge(before_ms)).await {
            Ok(0) => {}
            Ok(calls) => {
                tracing::info!(event = "RECORDS_PURGE", calls, "{calls} calls were too old and are erased");
                // There may be more, and calls that live come first.
                self.schedule.purge = Instant::now();
            }
            Err(fault) => {
                self.schedule.purge = Instant::now() + self.limits.longest_pause;
                tracing::warn!(event = "RECORDS_PURGE", "old calls could not be erased: {fault}");
            }
        }
    }

    async fn farewell(&mut self) {
        let count = self.backlog.held();
        if count > 0 {
            tracing::error!(
                event = "RECORDS_LOST",
                count,
                "{count} entries of call records are lost with this process: {}",
                self.backlog.whereabouts()
            );
        }
        // A database that hangs even at this is left to find out by itself.
        let _ = timeout(self.limits.slow, self.store.close()).await;
    }
}

async fn in_time<T>(
    limit: Duration,
    work: impl Future<Output = Result<T, RecordsFault>>,
) -> Result<T, RecordsFault> {
    timeout(limit, work).await.unwrap_or_else(|_| Err(RecordsFault::late(limit)))
}

#[cfg(test)]
#[path = "writer_test.rs"]
mod tests;
