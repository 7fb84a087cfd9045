//! The gate of a stream: once, in time, for its own call.

use std::collections::BTreeMap;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};

use moked_core::ids::StreamSid;
use moked_core::language::Language;
use moked_core::twilio::MediaFormat;

use super::*;

const LIFE: Duration = Duration::from_secs(60);

fn gate() -> StreamTokens {
    StreamTokens::new(LIFE).unwrap()
}

fn brief() -> CallBrief {
    CallBrief { language: Language::English, caller: Some("+15550100".into()) }
}

fn call(name: &str) -> CallSid {
    CallSid::new(name)
}

fn token(gate: &StreamTokens, name: &str, now: Instant) -> String {
    match gate.issue_at(&call(name), brief(), |_| false, now) {
        Issued::Token(token) => token,
        Issued::Spent => panic!("spent"),
    }
}

fn start(name: &str, token: &str) -> StreamStart {
    start_with(name, [(TOKEN_PARAMETER.to_owned(), token.to_owned())].into())
}

fn start_with(name: &str, parameters: BTreeMap<String, String>) -> StreamStart {
    StreamStart {
        account_sid: None,
        stream_sid: StreamSid::new("MZ1"),
        call_sid: call(name),
        parameters,
        format: MediaFormat::default(),
    }
}

#[test]
fn a_token_opens_its_own_call_once_and_brings_what_the_edge_knows() {
    let (gate, now) = (gate(), Instant::now());
    let token = token(&gate, "CA1", now);
    assert_eq!(gate.admit_at(&start("CA1", &token), now), Ok(brief()));
    let again = gate.admit_at(&start("CA1", &token), now).unwrap_err();
    assert_eq!(again.why, "the token was used before");
}

#[test]
fn a_token_of_another_call_a_late_one_and_none_are_refused() {
    let (gate, now) = (gate(), Instant::now());
    let first = token(&gate, "CA1", now);
    token(&gate, "CA2", now);
    assert!(gate.admit_at(&start("CA2", &first), now).is_err());
    assert!(gate.admit_at(&start("CA3", &first), now).is_err());
    assert!(gate.admit_at(&start("CA1", ""), now).is_err());
    assert!(gate.admit_at(&start("CA1", &first[1..]), now).is_err());
    assert!(gate.admit_at(&start_with("CA1", BTreeMap::new()), now).is_err());
    assert!(gate.admit_at(&start("CA1", &first), now + LIFE).is_err());
    assert!(gate.admit_at(&start("CA1", &first), now + LIFE - Duration::from_millis(1)).is_ok());
}

#[test]
fn a_repeated_webhook_gets_the_same_token_until_it_is_used_and_never_another() {
    let (gate, now) = (gate(), Instant::now());
    let first = token(&gate, "CA1", now);
    assert_eq!(token(&gate, "CA1", now + Duration::from_secs(1)), first);
    gate.admit_at(&start("CA1", &first), now).unwrap();
    assert_eq!(gate.issue_at(&call("CA1"), brief(), |_| false, now), Issued::Spent);
    token(&gate, "CA2", now);
    assert_eq!(gate.issue_at(&call("CA2"), brief(), |_| false, now + LIFE), Issued::Spent);
}

#[test]
fn of_a_thousand_parallel_replays_exactly_one_is_let_in() {
    const THREADS: usize = 20;
    let (gate, now) = (gate(), Instant::now());
    let start = start("CA1", &token(&gate, "CA1", now));
    let (let_in, together) = (AtomicUsize::new(0), Barrier::new(THREADS));
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                together.wait();
                for _ in 0..1_000 / THREADS {
                    let_in.fetch_add(usize::from(gate.admit_at(&start, now).is_ok()), Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(let_in.into_inner(), 1);
}

#[test]
fn a_call_begins_anew_thrice_and_one_that_never_came_once() {
    let (gate, now) = (gate(), Instant::now());
    let first = token(&gate, "CA1", now);
    assert!(gate.begin_anew(&call("CA2")).is_none(), "no token was issued for it");
    assert!(gate.renew(&call("CA1")).is_some());
    let (mut newest, told) = gate.begin_anew(&call("CA1")).unwrap();
    assert_eq!(told, brief());
    assert!(gate.admit_at(&start("CA1", &first), now).is_err());
    for _ in 0..2 {
        assert!(gate.admit_at(&start("CA1", &newest), now).is_ok());
        newest = gate.begin_anew(&call("CA1")).unwrap().0;
    }
    assert!(gate.admit_at(&start("CA1", &newest), now).is_ok());
    assert!(gate.begin_anew(&call("CA1")).is_none(), "what kills it four times would kill it again");
    token(&gate, "CA3", now);
    assert!(gate.begin_anew(&call("CA3")).is_some());
    assert!(gate.begin_anew(&call("CA3")).is_none(), "there is no way to us");
}

#[test]
fn the_table_is_bounded_and_lets_the_oldest_go_first() {
    let (gate, now) = (gate(), Instant::now());
    for index in 0..=MAX_CALLS {
        token(&gate, &format!("CA{index}"), now);
    }
    assert_eq!(gate.calls().entries.len(), MAX_CALLS);
    assert_eq!(gate.calls().looked_at.len(), MAX_CALLS);
    assert_eq!(gate.passage(&call("CA0")), Passage::Past);
    assert_eq!(gate.passage(&call("CA1")), Passage::NeverCame);
}

#[test]
fn a_call_that_is_over_is_soon_only_remembered_and_a_replay_of_it_still_opens_nothing() {
    let (gate, now) = (gate(), Instant::now());
    let issue = |name: &str, lives: bool, at: Instant| gate.issue_at(&call(name), brief(), |_| lives, at);
    issue("CA1", true, now);
    for looked in 1..10 {
        issue(&format!("CB{looked}"), true, now + KEPT * looked);
        assert_ne!(gate.passage(&call("CA1")), Passage::Past, "it lives");
    }
    issue("CC1", false, now + KEPT * 10);
    assert_ne!(gate.passage(&call("CA1")), Passage::Past, "it may have ended just now");
    issue("CC2", false, now + KEPT * 11);
    assert_eq!(gate.passage(&call("CA1")), Passage::Past);
    assert_eq!(issue("CA1", false, now + KEPT * 11), Issued::Spent);
    assert!(gate.renew(&call("CA1")).is_none());
    issue("CC3", false, now + KEPT * 20);
    issue("CC4", false, now + KEPT * 21);
    assert_eq!(gate.calls().entries.len(), 2, "only the newest are known in full");
}

#[test]
fn tokens_are_long_differ_between_processes_and_are_not_printed() {
    let now = Instant::now();
    let (one, other) = (gate(), gate());
    let (first, second) = (token(&one, "CA1", now), token(&other, "CA1", now));
    assert_ne!(first, second);
    assert_eq!(first.len(), 43, "256 bits in base64");
    assert!(!format!("{one:?}").contains(&first));
}
