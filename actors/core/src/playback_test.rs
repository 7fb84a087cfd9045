//! The ledger against a model of the caller's ear.

use proptest::prelude::*;

use super::*;
use crate::testing::{at, start};

const TURN: TurnId = TurnId(1);

fn send(ledger: &mut PlaybackLedger, ms: usize, now: Instant) {
    ledger.frame_sent(TURN, ms * BYTES_PER_MS, now);
}

#[test]
fn an_echo_in_the_same_epoch_counts_and_one_after_a_clear_does_not() {
    let zero = start();
    let mut ledger = PlaybackLedger::default();
    send(&mut ledger, 200, zero);
    let first = ledger.mark_sent(TURN, MarkKind::Progress, zero);
    send(&mut ledger, 200, zero);
    let second = ledger.mark_sent(TURN, MarkKind::TurnEnd, zero);
    let played = MarkEcho::Played { turn: TURN, kind: MarkKind::Progress };
    assert_eq!(ledger.mark_reached(&first, at(zero, 200)), played);
    ledger.cleared(at(zero, 240));
    assert_eq!(ledger.mark_reached(&second, at(zero, 250)), MarkEcho::Void);
    assert_eq!(ledger.heard_bytes(TURN, at(zero, 9_000)), 240 * BYTES_PER_MS);
}

#[test]
fn a_mark_acknowledges_those_before_it() {
    let zero = start();
    let mut ledger = PlaybackLedger::default();
    send(&mut ledger, 100, zero);
    ledger.mark_sent(TURN, MarkKind::Progress, zero);
    send(&mut ledger, 100, zero);
    let last = ledger.mark_sent(TURN, MarkKind::TurnEnd, zero);
    ledger.mark_reached(&last, at(zero, 200));
    assert_eq!(ledger.observe(at(zero, 200)).outstanding_marks, 0);
    assert!(!ledger.has_unplayed(at(zero, 201)));
}

#[test]
fn the_carriers_lag_is_learned_and_taken_off_the_clock() {
    let zero = start();
    let mut ledger = PlaybackLedger::default();
    for index in 0..60 {
        let now = at(zero, index * 200);
        send(&mut ledger, 200, now);
        let mark = ledger.mark_sent(TURN, MarkKind::Progress, now);
        ledger.mark_reached(&mark, now + Duration::from_millis(280));
    }
    let lag = ledger.observe(at(zero, 20_000)).carrier_lag_ms;
    assert!((70..=80).contains(&lag), "learned {lag} ms of 80");
}

#[test]
fn words_never_heard_are_not_in_the_text() {
    let zero = start();
    let mut ledger = PlaybackLedger::default();
    ledger.sentence(TURN, "We open at nine in the morning.".into(), Some(3_100 * BYTES_PER_MS), vec![]);
    send(&mut ledger, 1_400, zero);
    ledger.cleared(at(zero, 1_150));
    assert_eq!(ledger.heard_text(TURN, at(zero, 5_000)), "We open at");
}

#[test]
fn a_cut_on_a_line_that_was_dead_by_then_leaves_what_was_heard_before() {
    let zero = start();
    let mut ledger = PlaybackLedger::default();
    ledger.sentence(TURN, "We open at nine in the morning.".into(), Some(3_100 * BYTES_PER_MS), vec![]);
    send(&mut ledger, 400, zero);
    let mark = ledger.mark_sent(TURN, MarkKind::Progress, zero);
    ledger.mark_reached(&mark, at(zero, 400));
    send(&mut ledger, 1_000, at(zero, 400));
    ledger.cleared(at(zero, 1_150));
    assert_eq!(ledger.heard_text(TURN, at(zero, 1_150)), "We open at");
    assert_eq!(ledger.heard_text(TURN, at(zero, 850)), "We open");
    assert_eq!(ledger.heard_bytes(TURN, zero), 400 * BYTES_PER_MS, "an echo is proof");
    ledger.cleared(at(zero, 2_000));
    assert_eq!(ledger.heard_bytes(TURN, at(zero, 1_150)), 1_150 * BYTES_PER_MS, "cut once");
}

#[derive(Debug, Clone)]
enum Step {
    Send,
    Mark,
    Wait(u64),
    Echo,
    Clear,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => Just(Step::Send),
        2 => Just(Step::Mark),
        3 => (1_u64..60).prop_map(Step::Wait),
        2 => Just(Step::Echo),
        1 => Just(Step::Clear),
    ]
}

proptest! {
    /// Heard is never more than sent and stands still once the turn was cut. Before that it only falls back
    /// when a mark shows that the carrier runs further behind the clock than was thought.
    #[test]
    fn heard_is_at_most_what_was_sent_and_final_once_cut(steps in prop::collection::vec(step(), 1..200)) {
        let mut now = start();
        let mut ledger = PlaybackLedger::default();
        let mut marks = VecDeque::new();
        let (mut sent, mut last, mut is_cut) = (0, 0, false);
        for step in steps {
            match step {
                Step::Send if !is_cut => {
                    ledger.frame_sent(TURN, 160, now);
                    sent += 160;
                }
                Step::Send => {}
                Step::Mark => marks.push_back((ledger.mark_sent(TURN, MarkKind::Progress, now), sent, now)),
                Step::Wait(ms) => now += Duration::from_millis(ms),
                Step::Echo => {
                    if let Some((name, _, _)) = marks.pop_front() {
                        ledger.mark_reached(&name, now);
                    }
                }
                Step::Clear => {
                    is_cut = sent > 0;
                    ledger.cleared(now);
                }
            }
            let heard = ledger.heard_bytes(TURN, now);
            prop_assert!(heard <= sent, "heard {heard} of {sent}");
            prop_assert!(heard >= last || !is_cut, "{last} shrank to {heard} after the cut");
            last = heard;
        }
    }
}

#[test]
fn the_clock_is_not_believed_beyond_a_mark_that_should_be_back_long_ago() {
    let zero = start();
    let mut ledger = PlaybackLedger::default();
    let mut marks = Vec::new();
    for index in 0..20 {
        let now = at(zero, index * 200);
        send(&mut ledger, 200, now);
        marks.push(ledger.mark_sent(TURN, MarkKind::Progress, now));
    }
    let at_two = at(zero, 2_000);
    assert_eq!(ledger.heard_bytes(TURN, at_two), 2_000 * BYTES_PER_MS, "a carrier that echoes nothing");
    ledger.mark_reached(&marks[2], at(zero, 600));
    assert_eq!(ledger.heard_bytes(TURN, at(zero, 1_200)), 1_200 * BYTES_PER_MS, "a late echo");
    let stands = 800 * BYTES_PER_MS;
    assert_eq!(ledger.heard_bytes(TURN, at_two), stands, "the line stands still since the third mark");
    assert_eq!(ledger.heard_bytes(TURN, at(zero, 60_000)), stands);
    ledger.mark_reached(&marks[19], at(zero, 60_000));
    assert_eq!(ledger.heard_bytes(TURN, at(zero, 60_000)), 4_000 * BYTES_PER_MS);
}
