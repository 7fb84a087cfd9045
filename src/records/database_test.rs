//! The SQL, against SQLite in temporary folders and, when `MOKED_TEST_POSTGRES_URL` names an empty database whose tables
//! may be dropped, against PostgreSQL too.

use moked_core::ids::{CallSid, StreamSid, TurnId};
use moked_core::language::Language;
use moked_core::receptionist::{Answer, Lead};
use moked_core::record::{EndCause, EventKind, Said, Sequence, TurnLatencies, TurnRecord};
use tempfile::TempDir;

use super::*;
use crate::records::rows::{CallFilter, Page};
use crate::settings::{Environment, Settings, read_environment};

/// One database of a test at a time: PostgreSQL's is shared.
static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

fn sqlite() -> (TempDir, Place) {
    let folder = tempfile::tempdir().unwrap();
    let place = Place::Sqlite(folder.path().join("calls.db"));
    (folder, place)
}

fn postgres() -> Option<Place> {
    let url = read_environment().remove("MOKED_TEST_POSTGRES_URL")?;
    let environment = Environment::from([("DATABASE_URL".to_owned(), url)]);
    Some(Place::of(&Settings::load(None, &environment).unwrap()))
}

/// Runs a test against every database there is, each without tables.
async fn everywhere(test: impl AsyncFn(Place)) {
    let _turn = TURN.lock().await;
    let (_folder, place) = sqlite();
    test(place).await;
    if let Some(place) = postgres() {
        let mut connected = Connected::open(&place, Purpose::Use).await.unwrap();
        let drop = "DROP TABLE IF EXISTS moked_calls, moked_entries, moked_erased, moked_migrations";
        sqlx::raw_sql(drop).execute(&mut connected.connection).await.unwrap();
        test(place).await;
    }
}

fn entry(call: &str, sequence: u64, fact: RecordFact) -> RecordEntry {
    RecordEntry { call_sid: CallSid::new(call), sequence: Sequence(sequence), at_ms: 1_000 + sequence, fact }
}

fn started(call: &str, sequence: u64) -> RecordEntry {
    let fact = RecordFact::CallStarted { caller: Some("+972541234567".into()), language: Language::Hebrew };
    entry(call, sequence, fact)
}

fn ended(call: &str, sequence: u64, cause: &str) -> RecordEntry {
    entry(call, sequence, RecordFact::Ended { cause: EndCause::new(cause), seconds: 42 })
}

/// A call with everything in it.
fn whole_call(call: &str) -> Vec<RecordEntry> {
    let answer = Answer { value: "0541234567".into(), said: "אפס חמש ארבע".into() };
    let lead = Lead { answers: [("phone".to_owned(), answer)].into(), complete: true };
    let turn = TurnRecord {
        turn: TurnId(1),
        heard: "שלום".into(),
        unheard: "וברוכים הבאים".into(),
        interrupted: true,
        latencies: TurnLatencies { words_ms: None, answer_ms: Some(3), first_frame_ms: Some(40) },
    };
    vec![
        started(call, 1),
        entry(call, 2, RecordFact::StreamStarted { stream_sid: StreamSid::new("MZ1") }),
        entry(call, 3, RecordFact::CallerSaid { turn: TurnId(1), said: Said::Nothing }),
        entry(call, 4, RecordFact::TurnOver(turn)),
        entry(
            call,
            5,
            RecordFact::CallerSaid { turn: TurnId(2), said: Said::Words("nul \0 and 'quotes'; --".into()) },
        ),
        entry(
            call,
            6,
            RecordFact::Event { event: EventKind::StageRestarted, detail: "Stt: it panicked".into() },
        ),
        entry(call, 7, RecordFact::Lead { lead }),
        ended(call, 8, "caller_hung_up"),
    ]
}

#[tokio::test]
async fn a_whole_call_comes_back_as_it_was_written() {
    everywhere(async |place| {
        let mut database = Connected::open(&place, Purpose::Bootstrap).await.unwrap();
        database.look().await.unwrap();
        database.write(&whole_call("CA1")).await.unwrap();
        let record = database.call(&CallSid::new("CA1")).await.unwrap().unwrap();
        assert_eq!((record.call.started_at_ms, record.call.last_at_ms), (1_001, 1_008));
        assert_eq!(record.call.caller.as_deref(), Some("+972541234567"));
        assert_eq!((record.call.language.as_deref(), record.call.turns), (Some("he"), 1));
        assert!(record.call.has_lead);
        let end = record.call.end.clone().unwrap();
        assert_eq!((end.at_ms, end.cause.as_str(), end.seconds), (1_008, "caller_hung_up", 42));
        let answer = record.conversation[0].answer.clone().unwrap();
        assert_eq!((answer.heard.as_str(), answer.unheard.as_str()), ("שלום", "וברוכים הבאים"));
        assert_eq!(record.conversation[1].said, Some(Said::Words("nul \0 and 'quotes'; --".into())));
        assert_eq!(record.conversation[1].answer, None);
        assert_eq!((record.events.len(), record.streams.len(), record.unreadable), (1, 1, 0));
        assert_eq!(record.lead.unwrap().answers["phone"].said, "אפס חמש ארבע");
        assert_eq!(database.call(&CallSid::new("CA2")).await.unwrap(), None);
    })
    .await;
}

#[tokio::test]
async fn a_turn_that_was_heard_less_far_than_was_told_is_read_so() {
    everywhere(async |place| {
        let mut database = Connected::open(&place, Purpose::Bootstrap).await.unwrap();
        let mut entries = whole_call("CA1");
        entries.push(entry("CA1", 9, RecordFact::HeardLess { turn: TurnId(1), heard: String::new() }));
        database.write(&entries).await.unwrap();
        let record = database.call(&CallSid::new("CA1")).await.unwrap().unwrap();
        let answer = record.conversation[0].answer.clone().unwrap();
        assert_eq!((answer.heard.as_str(), answer.unheard.as_str()), ("", "שלום וברוכים הבאים"));
        assert_eq!((answer.interrupted, answer.latencies.answer_ms, record.call.turns), (true, Some(3), 1));
    })
    .await;
}

#[tokio::test]
async fn entries_may_come_twice_and_in_any_order() {
    everywhere(async |place| {
        let mut database = Connected::open(&place, Purpose::Bootstrap).await.unwrap();
        let mut entries = whole_call("CA1");
        database.write(&entries).await.unwrap();
        let once = database.call(&CallSid::new("CA1")).await.unwrap();
        database.write(&entries).await.unwrap();
        assert_eq!(database.call(&CallSid::new("CA1")).await.unwrap(), once);
        entries.reverse();
        for entry in whole_call("CA2").into_iter().rev() {
            database.write(&[entry]).await.unwrap();
        }
        let mut other = database.call(&CallSid::new("CA2")).await.unwrap().unwrap();
        other.call.call_sid = CallSid::new("CA1");
        assert_eq!(Some(other), once);
    })
    .await;
}

#[tokio::test]
async fn a_second_life_of_a_call_ends_it_anew() {
    everywhere(async |place| {
        let mut database = Connected::open(&place, Purpose::Bootstrap).await.unwrap();
        database.write(&[started("CA1", 100), ended("CA1", 200, "agent_hung_up")]).await.unwrap();
        database.write(&[started("CA1", 1), ended("CA1", 101, "replaced")]).await.unwrap();
        let call = database.call(&CallSid::new("CA1")).await.unwrap().unwrap().call;
        assert_eq!(call.end.unwrap().cause.as_str(), "agent_hung_up");
        assert_eq!(call.started_at_ms, 1_001);
    })
    .await;
}

#[tokio::test]
async fn a_list_is_filtered_and_paged_newest_first() {
    everywhere(async |place| {
        let mut database = Connected::open(&place, Purpose::Bootstrap).await.unwrap();
        let none = database.calls(&CallFilter::default(), &Page::first(10)).await.unwrap();
        assert_eq!((none.calls.len(), none.next), (0, None));
        for number in 0..25 {
            // Five begin in each millisecond, so that a page must break between equals.
            let call = format!("CA{number:02}");
            database.write(&[started(&call, number / 5), ended(&call, 100, "crashed")]).await.unwrap();
        }
        database
            .write(&[entry("CA99", 50, RecordFact::StreamStarted { stream_sid: StreamSid::new("MZ") })])
            .await
            .unwrap();
        let mut seen = Vec::new();
        let mut page = Page::first(4);
        loop {
            let found = database.calls(&CallFilter::default(), &page).await.unwrap();
            seen.extend(found.calls.iter().map(|call| call.call_sid.to_string()));
            match found.next {
                Some(next) => page.after = Some(next),
                None => break,
            }
        }
        let mut wanted: Vec<String> = (0..25).rev().map(|number| format!("CA{number:02}")).collect();
        wanted.insert(0, "CA99".into());
        assert_eq!(seen, wanted);

        let count = async |database: &mut Connected, filter: CallFilter| {
            database.calls(&filter, &Page::first(500)).await.unwrap().calls.len()
        };
        let window = CallFilter { from_ms: Some(1_001), to_ms: Some(1_003), ..CallFilter::default() };
        assert_eq!(count(&mut database, window).await, 10);
        let caller = CallFilter { caller: Some("+972541234567".into()), ..CallFilter::default() };
        assert_eq!(count(&mut database, caller).await, 25);
        let other = CallFilter { caller: Some("+97254123456' OR '1'='1".into()), ..CallFilter::default() };
        assert_eq!(count(&mut database, other).await, 0);
        let cause = CallFilter { cause: Some(EndCause::new("crashed")), ..CallFilter::default() };
        assert_eq!(count(&mut database, cause).await, 25);
    })
    .await;
}

#[tokio::test]
async fn an_erased_call_is_gone_and_does_not_come_back() {
    everywhere(async |place| {
        let mut database = Connected::open(&place, Purpose::Bootstrap).await.unwrap();
        database.write(&whole_call("CA1")).await.unwrap();
        database.write(&whole_call("CA2")).await.unwrap();
        assert_eq!(database.calls_from("+972541234567").await.unwrap().len(), 2);
        assert_eq!(database.erase(&[CallSid::new("CA1"), CallSid::new("CA404")]).await.unwrap(), 1);
        database.write(&whole_call("CA1")).await.unwrap();
        assert_eq!(database.call(&CallSid::new("CA1")).await.unwrap(), None);
        assert_eq!(rows_of(&mut database, "CA1").await, 0);
        assert_eq!(rows_of(&mut database, "CA2").await, 8);
        for number in 0..205 {
            database.write(&[started(&format!("CA-old-{number}"), 0)]).await.unwrap();
        }
        assert_eq!(database.purge(1_008).await.unwrap(), 200);
        assert_eq!(database.purge(1_008).await.unwrap(), 5);
        assert_eq!(database.purge(1_008).await.unwrap(), 0);
        assert_eq!(database.purge(1_009).await.unwrap(), 1);
        assert_eq!(rows_of(&mut database, "CA2").await, 0);
    })
    .await;
}

async fn rows_of(database: &mut Connected, call: &str) -> usize {
    let rows = sqlx::query("SELECT sequence FROM moked_entries WHERE call_sid = $1").bind(call.to_owned());
    rows.fetch_all(&mut database.connection).await.unwrap().len()
}

#[tokio::test]
async fn tables_are_made_once_and_missing_ones_are_told() {
    everywhere(async |place| {
        if matches!(place, Place::Sqlite(_)) {
            place.prepare().unwrap();
        }
        let mut database = Connected::open(&place, Purpose::Use).await.unwrap();
        let fault = database.look().await.unwrap_err().to_string();
        assert!(fault.contains("no tables of moked: start once without DB_BOOTSTRAP=0"), "{fault}");
        let fault = database.write(&whole_call("CA1")).await.unwrap_err();
        assert!(matches!(fault, RecordsFault::Unavailable(_)), "{fault:?}");
        drop(database);
        for _ in 0..2 {
            Connected::open(&place, Purpose::Bootstrap)
                .await
                .unwrap()
                .write(&whole_call("CA1"))
                .await
                .unwrap();
        }
        Connected::open(&place, Purpose::Use).await.unwrap().look().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn an_entry_of_a_later_moked_is_counted_and_not_shown() {
    everywhere(async |place| {
        let mut database = Connected::open(&place, Purpose::Bootstrap).await.unwrap();
        database.write(&whole_call("CA1")).await.unwrap();
        let later = "UPDATE moked_entries SET version = 9, fact = '{\"kind\":\"x\"}' WHERE sequence = 4";
        sqlx::raw_sql(later).execute(&mut database.connection).await.unwrap();
        let record = database.call(&CallSid::new("CA1")).await.unwrap().unwrap();
        assert_eq!((record.unreadable, record.conversation.len()), (1, 2));
    })
    .await;
}

#[tokio::test]
async fn of_an_erased_call_no_byte_is_left_in_the_file() {
    let (folder, place) = sqlite();
    let mut database = Connected::open(&place, Purpose::Bootstrap).await.unwrap();
    let said = |call: &str, text: &str| {
        let said = Said::Words(text.repeat(200));
        vec![started(call, 1), entry(call, 2, RecordFact::CallerSaid { turn: TurnId(1), said })]
    };
    database.write(&said("CA1", "zebulon ")).await.unwrap();
    database.write(&said("CA2", "naphtali ")).await.unwrap();
    database.erase(&[CallSid::new("CA1")]).await.unwrap();
    let files = std::fs::read_dir(folder.path()).unwrap();
    let bytes: Vec<u8> = files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("naphtali") && !text.contains("zebulon"));
}

#[tokio::test]
async fn faults_of_a_file_are_told_with_the_mend() {
    let (folder, place) = sqlite();
    std::fs::write(folder.path().join("calls.db"), "this is no database, but long enough to look like one")
        .unwrap();
    let fault = Connected::open(&place, Purpose::Bootstrap).await.unwrap_err().to_string();
    assert!(fault.contains("is damaged") && fault.contains("move it away"), "{fault}");

    let (folder, place) = sqlite();
    let mut database = Connected::open(&place, Purpose::Bootstrap).await.unwrap();
    let mut other = Connected::open(&place, Purpose::Use).await.unwrap();
    sqlx::raw_sql("BEGIN EXCLUSIVE").execute(&mut other.connection).await.unwrap();
    let fault = database.write(&whole_call("CA1")).await.unwrap_err().to_string();
    assert!(fault.contains("is locked by another program"), "{fault}");
    sqlx::raw_sql("ROLLBACK").execute(&mut other.connection).await.unwrap();
    assert!(database.is_current());
    std::fs::remove_file(folder.path().join("calls.db")).unwrap();
    assert!(!database.is_current());

    let nowhere = Place::Sqlite("/proc/moked/calls.db".into());
    let fault = Connected::open(&nowhere, Purpose::Bootstrap).await.unwrap_err().to_string();
    assert!(fault.contains("set records.dir to a folder that can be written"), "{fault}");
    let fault = Connected::open(&nowhere, Purpose::Use).await.unwrap_err().to_string();
    assert!(fault.contains("cannot be opened"), "{fault}");
}
