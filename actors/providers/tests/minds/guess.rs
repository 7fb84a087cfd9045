//! Answers begun on a guess: their tools wait for the commit, and a discarded one leaves no trace.

use std::sync::Arc;
use std::time::Duration;

use moked_core::language::Language;
use moked_core::ports::{AfterTurn, ChatEvent};
use moked_providers::failover::{FailoverMind, Order};

use crate::call::{ALL, Call, LONG, Wire, on_a_worker};
use crate::sse_vendor::{Answer, Vendor};

/// Ample for a scripted vendor on this machine, whose whole answer has come already.
const A_WHILE: Duration = Duration::from_millis(100);

#[test]
fn no_tool_is_run_and_nothing_is_asked_on_before_the_commit() {
    on_a_worker(async {
        for wire in ALL {
            let save = ("save_answers", r#"{"name":"Dana"}"#);
            let answers = vec![wire.answer(&["Thanks."], &[save]), wire.answer(&["Rent or buy?"], &[])];
            let vendor = Vendor::start(answers).await;
            let mut call = Call::open(wire.mind(&vendor.url, LONG).as_ref(), Language::English);
            let turn = call.guesses("I am Dana");
            assert_eq!(call.next().await, ChatEvent::Text { turn, delta: "Thanks.".into() }, "{wire:?}");
            assert!(tokio::time::timeout(A_WHILE, call.next()).await.is_err(), "{wire:?}");
            assert_eq!(vendor.requests().len(), 1);
            call.session.commit(turn);
            let outcome = call.outcome().await;
            assert_eq!(outcome.text(), " Rent or buy?");
            let ChatEvent::Lead { lead, .. } = &outcome.facts[0] else { panic!("{outcome:?}") };
            assert_eq!(lead.answers["name"].value, "Dana");
        }
    });
}

#[test]
fn a_discarded_guess_keeps_no_answer_and_is_unknown_to_the_next_turn() {
    on_a_worker(async {
        for wire in ALL {
            let save = ("save_answers", r#"{"name":"Dan"}"#);
            let answers = vec![wire.answer(&["Thanks."], &[save]), wire.answer(&["Rent or buy?"], &[])];
            let vendor = Vendor::start(answers).await;
            let mut call = Call::open(wire.mind(&vendor.url, LONG).as_ref(), Language::English);
            call.session.ear_is_lost();
            let turn = call.guesses("I am Dan");
            call.next().await;
            call.session.cancel(turn);
            call.says("I am Dana Levi");
            let outcome = call.outcome().await;
            assert!(!outcome.facts.iter().any(|fact| matches!(fact, ChatEvent::Lead { .. })), "{outcome:?}");
            let body = vendor.requests()[1].body.to_string();
            assert!(body.contains("I am Dana Levi") && !body.contains("I am Dan\""), "{wire:?}: {body}");
            let lost = "from here on the caller cannot be heard";
            assert_eq!(body.matches(lost).count(), 1, "{wire:?}: it is told with the turn that is one");
        }
    });
}

#[test]
fn a_guess_that_fails_is_worth_no_second_mind_and_the_turn_is() {
    on_a_worker(async {
        let wire = Wire::OpenAi;
        let busy = || Answer::Status { status: 400, headers: "", body: "no".into() };
        let first = Vendor::start(vec![wire.answer(&["Hi."], &[]), busy()]).await;
        let second = Vendor::start(vec![wire.answer(&["Until six."], &[])]).await;
        let minds = [&first, &second].map(|vendor| Arc::from(wire.mind(&vendor.url, LONG)));
        let order = Order::new(["first", "second"].into_iter().zip(minds));
        let mut call = Call::open(&FailoverMind::new(order), Language::English);
        assert!(!call.session.speculate(call.question("hello")), "no mind has the call yet");
        call.says("hello");
        call.outcome().await;
        call.guesses("until when are you open");
        assert!(call.outcome().await.fault.is_some());
        assert!(second.requests().is_empty());
        call.says("until when are you open");
        let outcome = call.outcome().await;
        assert_eq!((outcome.text().as_str(), outcome.then), ("Until six.", Some(AfterTurn::Listen)));
    });
}
