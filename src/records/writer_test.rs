//! The writer with a database that does as it is told, in virtual time.

use std::collections::BTreeMap;
use std::sync::Mutex;

use moked_core::ids::CallSid;
use moked_core::record::{EventKind, RecordFact, Sequence};
use tempfile::TempDir;
use tokio::task::JoinHandle;

use super::*;
use crate::records::spool::Spool;

/// What the database does with the next write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    Well,
    Locked,
    Hangs,
    Panics,
    /// It will never take the entry of this sequence.
    Refuses(u64),
}

#[derive(Debug)]
struct Told {
    mood: Mood,
    rows: BTreeMap<u64, RecordEntry>,
    /// Sequences, as they came in.
    order: Vec<u64>,
    purged_before: Vec<u64>,
}

#[derive(Debug, Clone)]
struct FakeStore(Arc<Mutex<Told>>);

impl FakeStore {
    fn told(&self) -> std::sync::MutexGuard<'_, Told> {
        self.0.lock().unwrap()
    }

    fn mood(&self, mood: Mood) {
        self.told().mood = mood;
    }
}

impl EntryStore for FakeStore {
    async fn write(&mut self, entries: &[RecordEntry]) -> Result<(), RecordsFault> {
        let mood = self.told().mood;
        match mood {
            Mood::Well => {}
            Mood::Locked => return Err(RecordsFault::Unavailable("it is locked".into())),
            Mood::Hangs => std::future::pending().await,
            Mood::Panics => {
                self.mood(Mood::Well);
                panic!("the store was told to break");
            }
            Mood::Refuses(poison) => {
                if entries.iter().any(|entry| entry.sequence.0 == poison) {
                    return Err(RecordsFault::Refused("poison".into()));
                }
            }
        }
        let mut told = self.told();
        for entry in entries {
            told.order.push(entry.sequence.0);
            told.rows.entry(entry.sequence.0).or_insert_with(|| entry.clone());
        }
        Ok(())
    }

    async fn purge(&mut self, before_ms: u64) -> Result<u64, RecordsFault> {
        self.told().purged_before.push(before_ms);
        Ok(0)
    }

    async fn close(&mut self) {}
}

struct Desk {
    folder: TempDir,
    store: FakeStore,
    orders: mpsc::Sender<Order>,
    health: watch::Receiver<RecordsHealth>,
    counters: Arc<Counters>,
    work: JoinHandle<()>,
}

const SPOOL_ROOM: u64 = 1 << 20;

impl Desk {
    fn open(mood: Mood) -> Self {
        Self::in_folder(tempfile::tempdir().unwrap(), mood, SPOOL_ROOM)
    }

    fn in_folder(folder: TempDir, mood: Mood, room: u64) -> Self {
        let told = Told { mood, rows: BTreeMap::new(), order: Vec::new(), purged_before: Vec::new() };
        let store = FakeStore(Arc::new(Mutex::new(told)));
        let (orders, received) = mpsc::channel(1_000);
        let (health, watched) = watch::channel(RecordsHealth::Starting);
        let counters = Arc::<Counters>::default();
        let limits = Limits::default();
        let writer = Writer {
            orders: received,
            store: store.clone(),
            backlog: Backlog::new(Spool::new(folder.path().join("spool"), room), Arc::clone(&counters)),
            health,
            counters: Arc::clone(&counters),
            words: KeptWords::Full,
            keep: Duration::from_secs(60),
            schedule: Schedule::at_once(&limits),
            limits,
            trouble: None,
            under_way: Vec::new(),
        };
        let work = tokio::spawn(writer.run());
        Self { folder, store, orders, health: watched, counters, work }
    }

    async fn keep(&self, sequences: impl IntoIterator<Item = u64>) {
        for sequence in sequences {
            let fact = RecordFact::Event { event: EventKind::Other, detail: "x".repeat(50) };
            let entry = RecordEntry {
                call_sid: CallSid::new("CA1"),
                sequence: Sequence(sequence),
                at_ms: u64::MAX / 4,
                fact,
            };
            self.orders.send(Order::Keep(Box::new(entry))).await.unwrap();
        }
        let (done, answer) = oneshot::channel();
        self.orders.send(Order::Flush(done)).await.unwrap();
        answer.await.unwrap();
    }

    async fn until_ok(&mut self) {
        self.health.wait_for(|health| *health == RecordsHealth::Ok).await.unwrap();
    }

    async fn until_degraded(&mut self) -> String {
        let health = self.health.wait_for(|health| matches!(health, RecordsHealth::Degraded { .. })).await;
        health.unwrap().to_string()
    }

    /// As a killed process: no farewell.
    fn kill(self) -> TempDir {
        self.work.abort();
        self.folder
    }

    async fn stop(self) {
        let (done, answer) = oneshot::channel();
        self.orders.send(Order::Stop(done)).await.unwrap();
        answer.await.unwrap();
        self.work.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn while_all_is_well_entries_pass_by_the_disk() {
    let mut desk = Desk::open(Mood::Well);
    desk.until_ok().await;
    desk.keep(1..=700).await;
    assert_eq!(desk.store.told().order, (1..=700).collect::<Vec<_>>());
    assert!(!desk.folder.path().join("spool").exists());
    desk.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_locked_database_costs_no_row_and_the_order_stays() {
    let mut desk = Desk::open(Mood::Well);
    desk.until_ok().await;
    desk.keep(1..=10).await;
    desk.store.mood(Mood::Locked);
    desk.keep(11..=20).await;
    let why = desk.until_degraded().await;
    assert!(why.starts_with("degraded: it is locked; entries wait in ") && why.ends_with("spool"), "{why}");
    desk.keep(21..=30).await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(desk.store.told().rows.len(), 10);
    desk.store.mood(Mood::Well);
    desk.until_ok().await;
    desk.keep(31..=40).await;
    assert_eq!(desk.store.told().order, (1..=40).collect::<Vec<_>>());
    assert_eq!(desk.counters.read().dropped, 0);
    desk.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_database_that_hangs_holds_up_a_batch_for_a_quarter_of_a_second() {
    let mut desk = Desk::open(Mood::Well);
    desk.until_ok().await;
    desk.store.mood(Mood::Hangs);
    let begun = Instant::now();
    let kept = desk.keep(1..=3);
    // The flush answers after the retry that follows, which is not due yet.
    kept.await;
    assert_eq!(begun.elapsed(), Duration::from_millis(250));
    assert!(desk.until_degraded().await.contains("did not answer within 250 ms"));
    desk.store.mood(Mood::Well);
    desk.until_ok().await;
    assert_eq!(desk.store.told().order, [1, 2, 3]);
    desk.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_a_killed_process_spooled_is_replayed_by_the_next() {
    let mut desk = Desk::open(Mood::Locked);
    desk.until_degraded().await;
    desk.keep(1..=600).await;
    let folder = desk.kill();
    let mut desk = Desk::in_folder(folder, Mood::Well, SPOOL_ROOM);
    desk.keep(601..=610).await;
    desk.until_ok().await;
    assert_eq!(desk.store.told().order, (1..=610).collect::<Vec<_>>());
    desk.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_between_the_write_and_the_removal_doubles_nothing() {
    let mut desk = Desk::open(Mood::Locked);
    desk.until_degraded().await;
    desk.keep(1..=5).await;
    let spool = desk.folder.path().join("spool");
    let copy = tempfile::tempdir().unwrap();
    std::fs::create_dir(copy.path().join("spool")).unwrap();
    for file in std::fs::read_dir(&spool).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), copy.path().join("spool").join(file.file_name())).unwrap();
    }
    desk.store.mood(Mood::Well);
    desk.until_ok().await;
    let rows = desk.store.told().rows.clone();
    // The segment is there again, as if it had not been removed.
    let mut next = Desk::in_folder(copy, Mood::Well, SPOOL_ROOM);
    next.store.told().rows = rows.clone();
    next.until_ok().await;
    assert_eq!(next.store.told().order, [1, 2, 3, 4, 5]);
    assert_eq!(next.store.told().rows, rows);
    desk.stop().await;
    next.stop().await;
}

#[tokio::test(start_paused = true)]
async fn when_the_disk_is_full_too_entries_wait_in_memory_and_go_in_order() {
    let mut desk = Desk::in_folder(tempfile::tempdir().unwrap(), Mood::Locked, 500);
    desk.until_degraded().await;
    desk.keep([1, 2]).await;
    desk.keep(3..=50).await;
    let why = desk.until_degraded().await;
    assert!(
        why.contains("the most that records.spool_mb allows") && why.contains("48 entries wait in memory"),
        "{why}"
    );
    assert_eq!(desk.counters.read().held, 48);
    desk.store.mood(Mood::Well);
    desk.until_ok().await;
    assert_eq!(desk.store.told().order, (1..=50).collect::<Vec<_>>());
    let count = desk.counters.read();
    assert_eq!((count.held, count.dropped), (0, 0));
    desk.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_folder_that_cannot_be_made_is_told_and_memory_serves() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("spool"), "a file where the folder should be").unwrap();
    let mut desk = Desk::in_folder(folder, Mood::Locked, SPOOL_ROOM);
    desk.until_degraded().await;
    desk.keep(1..=3).await;
    assert!(desk.until_degraded().await.contains("takes nothing"), "{:?}", desk.health.borrow());
    desk.store.mood(Mood::Well);
    desk.keep(4..=5).await;
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(desk.store.told().rows.len(), 5);
    desk.stop().await;
}

#[tokio::test(start_paused = true)]
async fn one_poisoned_entry_is_dropped_and_the_rest_is_kept() {
    let mut desk = Desk::open(Mood::Refuses(3));
    desk.until_ok().await;
    desk.keep(1..=5).await;
    assert_eq!(desk.store.told().order, [1, 2, 4, 5]);
    assert_eq!(desk.counters.read().dropped, 1);
    desk.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_store_does_not_end_the_writer() {
    let mut desk = Desk::open(Mood::Well);
    desk.until_ok().await;
    desk.store.mood(Mood::Panics);
    let fact = RecordFact::Event { event: EventKind::Other, detail: String::new() };
    let entry = RecordEntry { call_sid: CallSid::new("CA1"), sequence: Sequence(1), at_ms: 1, fact };
    desk.orders.send(Order::Keep(Box::new(entry))).await.unwrap();
    assert_eq!(desk.until_degraded().await.split(';').next(), Some("degraded: the writer broke"));
    desk.keep([2]).await;
    desk.until_ok().await;
    assert_eq!(desk.store.told().order, [1, 2], "what was under way is not lost");
    desk.stop().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_too_old_is_erased_at_the_start_and_once_a_day() {
    let mut desk = Desk::open(Mood::Well);
    desk.until_ok().await;
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(desk.store.told().purged_before.len(), 1);
    tokio::time::sleep(PURGE_EVERY * 2).await;
    assert_eq!(desk.store.told().purged_before.len(), 3);
    desk.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_brings_home_what_is_under_way() {
    let mut desk = Desk::open(Mood::Well);
    desk.until_ok().await;
    let store = desk.store.clone();
    for sequence in 1..=300 {
        let fact = RecordFact::Event { event: EventKind::Other, detail: String::new() };
        let entry =
            RecordEntry { call_sid: CallSid::new("CA1"), sequence: Sequence(sequence), at_ms: 1, fact };
        desk.orders.send(Order::Keep(Box::new(entry))).await.unwrap();
    }
    desk.stop().await;
    assert_eq!(store.told().rows.len(), 300);
}
