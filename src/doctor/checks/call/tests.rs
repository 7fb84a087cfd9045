//! Judging a call by its report.

use moked_core::ids::{CallSid, StreamSid};

use super::evidence::Seen;
use super::*;
use crate::caller::recording::Tracks;
use crate::caller::report::{ActKind, DoneAct, EndedBy, Problem, StreamEnd, StreamRecord, Turn, measure};
use crate::doctor::finding::Verdict;

fn stream(greeting_ms: Option<u64>, latency_ms: Option<i64>) -> StreamReport {
    let mut stream = measure(StreamRecord {
        stream_sid: StreamSid::new("MZ1"),
        handshake_ms: 3,
        tracks: Tracks { caller: Vec::new(), agent: Vec::new() },
        log: Vec::new(),
        acts: Vec::<DoneAct>::new(),
        violations: Vec::new(),
        violation_count: 0,
        duration_ms: 9_000,
        end: StreamEnd::Caller,
    });
    stream.greeting_ms = greeting_ms;
    stream.turns = vec![Turn {
        what: "rent".to_owned(),
        kind: ActKind::Speech,
        from_ms: 2_000,
        to_ms: 2_400,
        answer_ms: None,
        latency_ms,
        reaction: None,
    }];
    stream
}

fn report(streams: Vec<StreamReport>) -> CallReport {
    CallReport {
        call_sid: CallSid::new("CA1"),
        webhook: "http://127.0.0.1/webhook".to_owned(),
        webhook_ms: 2,
        trail: Vec::new(),
        streams,
        problems: Vec::new(),
        advice: Vec::new(),
        ended_by: EndedBy::Caller,
        duration_ms: 9_000,
    }
}

fn seen(events: &[&str]) -> Seen {
    Seen { events: Some(events.iter().map(|&event| event.to_owned()).collect()), ..Seen::default() }
}

fn healthy() -> Seen {
    seen(&["WS_START", "MEDIA_TX", "STT_PARTIAL", "STT_FINAL", "TTS_LEN_ms", "MEDIA_TX", "WS_STOP"])
}

#[test]
fn a_healthy_call_shows_greeting_answer_and_events() {
    let finding = judge(&report(vec![stream(Some(300), Some(700))]), Expected::Conversation, &healthy());
    assert_eq!(finding.verdict, Verdict::Pass, "{finding:?}");
    let evidence = finding.evidence.join("\n");
    for part in [
        "greeting heard after 300 ms",
        "\"rent\" was answered after 700 ms",
        "WS_START → STT_FINAL → MEDIA_TX",
    ] {
        assert!(evidence.contains(part), "{evidence}");
    }
}

#[test]
fn silence_at_first_or_after_the_callers_words_fails() {
    for (greeting_ms, latency_ms) in [(None, Some(700)), (Some(300), None)] {
        let report = report(vec![stream(greeting_ms, latency_ms)]);
        assert!(judge(&report, Expected::Conversation, &healthy()).is_failure());
    }
}

#[test]
fn an_echo_needs_no_greeting() {
    let report = report(vec![stream(None, Some(-400))]);
    assert!(!judge(&report, Expected::Echo, &seen(&["WS_START"])).is_failure());
}

#[test]
fn an_event_that_is_missing_fails_and_those_seen_are_shown() {
    let report = report(vec![stream(Some(300), Some(700))]);
    let finding =
        judge(&report, Expected::Conversation, &seen(&["WS_START", "MEDIA_TX", "STT_REJECTED", "MEDIA_TX"]));
    assert!(finding.is_failure());
    assert!(finding.evidence[2].ends_with("there were WS_START, MEDIA_TX, STT_REJECTED"), "{finding:?}");
    // Without a look inside, the caller's report is enough.
    assert!(!judge(&report, Expected::Conversation, &Seen::default()).is_failure());
}

#[test]
fn a_call_without_a_stream_and_one_with_complaints_fail() {
    assert!(judge(&report(Vec::new()), Expected::Conversation, &healthy()).is_failure());
    let mut report = report(vec![stream(Some(300), Some(700))]);
    report.problems.push(Problem { code: 12_100, why: "empty".to_owned() });
    assert_eq!(judge(&report, Expected::Conversation, &healthy()).codes, [12_100]);
}
