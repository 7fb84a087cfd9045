//! Minds that are probed, that take a call over, that lose the ear, and whose connections are measured.

use std::collections::BTreeMap;
use std::sync::Arc;

use moked_core::language::Language;
use moked_core::ports::{AfterTurn, ChatEvent};
use moked_core::receptionist::{Answer as Answered, Lead};
use moked_providers::failover::{FailoverMind, Order};
use serde_json::json;

use crate::call::{ALL, Call, LONG, Wire, on_a_worker};
use crate::sse_vendor::{Answer, Vendor};

#[test]
fn a_probe_asks_for_few_tokens_and_coming_to_their_end_is_an_answer() {
    on_a_worker(async {
        for wire in ALL {
            let vendor = Vendor::start(vec![wire.cut_before_a_word(), wire.cut_before_a_word()]).await;
            let mind = wire.mind(&vendor.url, LONG);
            let probe = mind.for_probe().unwrap();
            let mut call = Call::open(probe.as_ref(), Language::English);
            call.says("hello");
            let outcome = call.outcome().await;
            assert_eq!((outcome.fault, outcome.then), (None, Some(AfterTurn::Listen)), "{wire:?}");
            let body = vendor.requests()[0].body.to_string();
            assert!(body.contains("okens\":16") && body.contains("save_answers"), "{wire:?}: {body}");
            let mut call = Call::open(mind.as_ref(), Language::English);
            call.says("hello");
            assert!(call.outcome().await.fault.is_some(), "{wire:?}: in a call it is none");
        }
    });
}

#[test]
fn a_probe_that_is_refused_for_its_length_was_answered_and_another_refusal_is_not_tried_twice() {
    on_a_worker(async {
        let refused = |message: &str| Answer::Status {
            status: 400,
            headers: "",
            body: json!({ "error": { "message": message } }).to_string(),
        };
        let limit = "Could not finish the message because max_tokens or model output limit was reached.";
        let busy = Answer::Status { status: 503, headers: "", body: "busy".into() };
        for (answer, is_alive) in [(refused(limit), true), (refused("no such model"), false), (busy, false)] {
            let vendor = Vendor::start(vec![answer]).await;
            let probe = Wire::OpenAi.mind(&vendor.url, LONG).for_probe().unwrap();
            let mut call = Call::open(probe.as_ref(), Language::English);
            call.says("hello");
            assert_eq!(call.outcome().await.fault.is_none(), is_alive);
            assert_eq!(vendor.requests().len(), 1);
        }
    });
}

#[test]
fn a_mind_that_takes_over_knows_what_was_saved_and_asks_for_the_rest() {
    on_a_worker(async {
        for wire in ALL {
            let save = ("save_answers", r#"{"topic":"rent"}"#);
            let vendor =
                Vendor::start(vec![wire.answer(&["Thanks."], &[save]), wire.answer(&["Good."], &[])]).await;
            let mut call = Call::open(wire.mind(&vendor.url, LONG).as_ref(), Language::English);
            let answer = Answered { value: "Dana".into(), said: "I am Dana".into() };
            let answers = BTreeMap::from([("name".to_owned(), answer)]);
            call.session.take_over(&Lead { answers, complete: false });
            call.says("rent");
            let outcome = call.outcome().await;
            let ChatEvent::Lead { lead, .. } = &outcome.facts[0] else { panic!("{outcome:?}") };
            assert_eq!((lead.answers["name"].value.as_str(), lead.complete), ("Dana", true), "{wire:?}");
            assert!(vendor.requests()[0].body.to_string().contains("`name`: Dana"), "{wire:?}");
        }
    });
}

#[test]
fn a_mind_is_told_once_that_nobody_hears_the_caller() {
    on_a_worker(async {
        for wire in ALL {
            let vendor =
                Vendor::start(vec![wire.answer(&["Press one."], &[]), wire.answer(&["Fine."], &[])]).await;
            let mut call = Call::open(wire.mind(&vendor.url, LONG).as_ref(), Language::English);
            call.session.ear_is_lost();
            for _ in 0..2 {
                call.says("hello");
                call.outcome().await;
            }
            for request in vendor.requests() {
                let body = request.body.to_string();
                assert_eq!(
                    body.matches("from here on the caller cannot be heard").count(),
                    1,
                    "{wire:?}: {body}"
                );
            }
        }
    });
}

#[test]
fn a_connection_is_measured_where_it_is_made_and_only_there() {
    on_a_worker(async {
        let wire = Wire::OpenAi;
        let vendor = Vendor::start(vec![wire.answer(&["One."], &[]), wire.answer(&["Two."], &[])]).await;
        let order = Order::new([("mine", Arc::from(wire.mind(&vendor.url, LONG)))]);
        let mut call = Call::open(&FailoverMind::new(order.clone()), Language::English);
        for is_new in [true, false] {
            call.says("hello");
            call.outcome().await;
            let served = call.session.served().unwrap();
            assert_eq!((&*served.engine, served.connect_ms.is_some()), ("mine", is_new));
        }
        assert_eq!(order.health().engines[0].connect.count(), 1);
    });
}
