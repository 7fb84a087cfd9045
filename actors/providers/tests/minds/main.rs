//! Minds against scripted vendors: every test runs on the wires of OpenAI, Anthropic and Gemini.

#![cfg(all(feature = "openai", feature = "anthropic", feature = "gemini"))]

mod call;
mod guess;
mod relay;
#[path = "../support/sse_vendor.rs"]
mod sse_vendor;

use moked_core::hints::SlotKind;
use moked_core::language::Language;
use moked_core::ports::{AfterTurn, ChatEvent, ProviderFault};
use serde_json::json;

use call::{ALL, CANARY, Call, LONG, SHORT, Wire, on_a_worker};
use sse_vendor::{Answer, Then, Vendor};

fn status(status: u16, headers: &'static str) -> Answer {
    let body = json!({ "error": { "message": "so it is", "type": "x", "code": null } }).to_string();
    Answer::Status { status, headers, body }
}

#[test]
fn words_go_out_as_they_come_and_the_turn_ends_with_what_is_expected() {
    on_a_worker(async {
        for wire in ALL {
            let vendor = Vendor::start(vec![wire.answer(&["What is ", "your name?"], &[])]).await;
            let mut call = Call::open(wire.mind(&vendor.url, LONG).as_ref(), Language::English);
            call.says("hello");
            let outcome = call.outcome().await;
            assert_eq!(outcome.deltas, ["What is ", "your name?"], "{wire:?}");
            assert_eq!(outcome.then, Some(AfterTurn::Listen));
            let [ChatEvent::Expect { hints, .. }] = &outcome.facts[..] else { panic!("{outcome:?}") };
            assert_eq!(hints.kinds, [SlotKind::Name]);
            let body = vendor.requests()[0].body.to_string();
            assert!(body.contains("hello") && body.contains("Hello, this is Maya."), "{body}");
        }
    });
}

#[test]
fn hebrew_survives_chunks_that_cut_its_letters() {
    on_a_worker(async {
        for wire in ALL {
            let Answer::Stream { pieces, then } = wire.answer(&["שלום, ", "מה שמך?"], &[]) else {
                panic!()
            };
            let pieces = pieces.concat().chunks(1).map(<[u8]>::to_vec).collect();
            let vendor = Vendor::start(vec![Answer::Stream { pieces, then }]).await;
            let mut call = Call::open(wire.mind(&vendor.url, LONG).as_ref(), Language::Hebrew);
            call.says("שלום");
            assert_eq!(call.outcome().await.text(), "שלום, מה שמך?", "{wire:?}");
            assert!(vendor.requests()[0].body.to_string().contains("סגנון הדיבור"));
        }
    });
}

#[test]
fn an_answer_is_kept_and_its_result_goes_back_on_the_same_connection() {
    on_a_worker(async {
        for wire in ALL {
            let save = ("save_answers", r#"{"name":"דנה"}"#);
            let answers = vec![
                wire.answer(&[], &[save]),
                wire.answer(&["Rent or buy?"], &[]),
                wire.answer(&["Goodbye."], &[("save_answers", r#"{"topic":"Rent"}"#), ("end_call", "{}")]),
            ];
            let vendor = Vendor::start(answers).await;
            let mut call = Call::open(wire.mind(&vendor.url, LONG).as_ref(), Language::English);
            call.says("I am Dana");
            let outcome = call.outcome().await;
            assert_eq!(outcome.text(), "Rent or buy?", "{wire:?}");
            let [ChatEvent::Lead { lead, .. }, ChatEvent::Expect { hints, .. }] = &outcome.facts[..] else {
                panic!("{outcome:?}")
            };
            assert_eq!((lead.answers["name"].value.as_str(), lead.complete), ("דנה", false));
            assert_eq!(lead.answers["name"].said, "I am Dana");
            assert_eq!(hints.phrases, ["rent", "buy"]);
            call.says("rent");
            let outcome = call.outcome().await;
            assert_eq!((outcome.text().as_str(), outcome.then), ("Goodbye.", Some(AfterTurn::HangUp)));
            let [ChatEvent::Lead { lead, .. }] = &outcome.facts[..] else { panic!("{outcome:?}") };
            assert!(lead.complete);
            let requests = vendor.requests();
            assert_eq!(requests.len(), 3, "{wire:?}: after a goodbye nothing is asked");
            for later in &requests[1..] {
                assert!(later.body.to_string().contains("missing"), "{wire:?}: the result is not there");
            }
            assert_eq!(vendor.connections(), 1, "{wire:?}");
        }
    });
}

#[test]
fn a_question_beside_a_call_needs_no_second_answer() {
    on_a_worker(async {
        for wire in ALL {
            let save = ("save_answers", r#"{"name":"Dana"}"#);
            let vendor = Vendor::start(vec![wire.answer(&["Thanks! Rent or buy?"], &[save])]).await;
            let mut call = Call::open(wire.mind(&vendor.url, LONG).as_ref(), Language::English);
            call.says("Dana");
            assert_eq!(call.outcome().await.then, Some(AfterTurn::Listen), "{wire:?}");
            assert_eq!(vendor.requests().len(), 1);
        }
    });
}

#[test]
fn the_signature_of_a_thought_goes_back_with_its_call() {
    on_a_worker(async {
        let wire = Wire::Gemini;
        let save = ("save_answers", r#"{"name":"Dana"}"#);
        let vendor = Vendor::start(vec![wire.answer(&[], &[save]), wire.answer(&["Hi."], &[])]).await;
        let mut call = Call::open(wire.mind(&vendor.url, LONG).as_ref(), Language::English);
        call.says("Dana");
        call.outcome().await;
        let body = &vendor.requests()[1].body;
        let part = &body["contents"][1]["parts"][0];
        assert_eq!(part["thoughtSignature"], "c2ln");
        let response = &body["contents"][2]["parts"][0]["functionResponse"];
        assert_eq!(response["id"], part["functionCall"]["id"]);
    });
}

#[test]
fn malformed_arguments_go_back_as_an_error() {
    on_a_worker(async {
        for wire in [Wire::OpenAi, Wire::Anthropic] {
            let broken = ("save_answers", r#"{"name":"Da"#);
            let vendor =
                Vendor::start(vec![wire.answer(&[], &[broken]), wire.answer(&["Sorry?"], &[])]).await;
            let mut call = Call::open(wire.mind(&vendor.url, LONG).as_ref(), Language::English);
            call.says("Dana");
            let outcome = call.outcome().await;
            assert_eq!(outcome.text(), "Sorry?");
            assert!(!outcome.facts.iter().any(|fact| matches!(fact, ChatEvent::Lead { .. })));
            assert!(vendor.requests()[1].body.to_string().contains("not a JSON object"), "{wire:?}");
        }
    });
}

#[test]
fn a_model_that_only_calls_tools_must_talk_in_the_fourth_answer() {
    on_a_worker(async {
        for wire in ALL {
            let vendor = Vendor::start(vec![wire.answer(&[], &[("transfer", "{}")]); 8]).await;
            let mut call = Call::open(wire.mind(&vendor.url, LONG).as_ref(), Language::English);
            call.says("hello");
            let outcome = call.outcome().await;
            assert!(matches!(outcome.fault, Some(ProviderFault::Garbage { .. })), "{outcome:?}");
            let requests = vendor.requests();
            assert_eq!(requests.len(), 5, "four, and one more try of the last");
            let forbids = |body: &serde_json::Value| match wire {
                Wire::OpenAi => body["tool_choice"] == "none",
                Wire::Anthropic => body["tool_choice"]["type"] == "none",
                Wire::Gemini => body["toolConfig"]["functionCallingConfig"]["mode"] == "NONE",
            };
            let forbidden: Vec<_> = requests.iter().map(|request| forbids(&request.body)).collect();
            assert_eq!(forbidden, [false, false, false, true, true], "{wire:?}");
        }
    });
}

#[test]
fn an_end_without_a_goodbye_gets_the_owners() {
    on_a_worker(async {
        let wire = Wire::OpenAi;
        let end = wire.answer(&[], &[("end_call", "{}")]);
        let vendor = Vendor::start(vec![end, wire.answer(&[], &[])]).await;
        let mut call = Call::open(wire.mind(&vendor.url, LONG).as_ref(), Language::English);
        call.says("bye");
        let outcome = call.outcome().await;
        assert_eq!(outcome.text(), "Thanks for calling. Goodbye.");
        assert_eq!(outcome.then, Some(AfterTurn::HangUp));
    });
}

#[test]
fn a_cancelled_turn_is_cancelled_at_the_vendor() {
    on_a_worker(async {
        for wire in ALL {
            let mut vendor = Vendor::start(vec![wire.begins("Well", Then::Silence), Answer::Silence]).await;
            let mut call = Call::open(wire.mind(&vendor.url, LONG).as_ref(), Language::English);
            let turn = call.says("hello");
            assert_eq!(call.next().await, ChatEvent::Text { turn, delta: "Well".into() });
            call.session.cancel(turn.next());
            call.session.cancel(turn);
            vendor.client_went().await;
            call.says("wait");
            while vendor.requests().len() < 2 {
                tokio::task::yield_now().await;
            }
            drop(call);
            vendor.client_went().await;
        }
    });
}

#[test]
fn a_vendor_that_says_nothing_is_asked_twice() {
    on_a_worker(async {
        for wire in ALL {
            let vendor = Vendor::start(vec![Answer::Silence, wire.answer(&["Here."], &[])]).await;
            let mut call = Call::open(wire.mind(&vendor.url, SHORT).as_ref(), Language::English);
            call.says("hello");
            assert_eq!(call.outcome().await.text(), "Here.", "{wire:?}");
            let vendor = Vendor::start(vec![Answer::Silence; 3]).await;
            let mut call = Call::open(wire.mind(&vendor.url, SHORT).as_ref(), Language::English);
            call.says("hello");
            let fault = call.outcome().await.fault;
            assert!(
                matches!(fault, Some(ProviderFault::Stalled { waiting_for: "the first token", .. })),
                "{fault:?}"
            );
            assert_eq!(vendor.requests().len(), 2);
        }
    });
}

#[test]
fn signs_of_life_are_no_tokens() {
    on_a_worker(async {
        let comments = Answer::Stream { pieces: vec![b": processing\n\n".to_vec(); 3], then: Then::Silence };
        let vendor = Vendor::start(vec![comments.clone(), comments]).await;
        let mut call = Call::open(Wire::OpenAi.mind(&vendor.url, SHORT).as_ref(), Language::English);
        call.says("hello");
        assert!(matches!(call.outcome().await.fault, Some(ProviderFault::Stalled { .. })));
    });
}

#[test]
fn after_the_first_word_nothing_is_tried_again() {
    on_a_worker(async {
        for wire in ALL {
            for then in [Then::Silence, Then::Cut, Then::End] {
                let vendor = Vendor::start(vec![wire.begins("Well", then); 2]).await;
                let mut call = Call::open(wire.mind(&vendor.url, SHORT).as_ref(), Language::English);
                call.says("hello");
                let outcome = call.outcome().await;
                assert_eq!(outcome.text(), "Well");
                match (then, outcome.fault) {
                    (Then::Silence, Some(ProviderFault::Stalled { waiting_for: "the next token", .. }))
                    | (Then::Cut | Then::End, Some(ProviderFault::Closed { .. })) => {}
                    other => panic!("{wire:?}: {other:?}"),
                }
                assert_eq!(vendor.requests().len(), 1);
            }
        }
    });
}

#[test]
fn a_line_of_garbage_is_tried_again_before_the_first_word_and_fails_after_it() {
    on_a_worker(async {
        for wire in ALL {
            let garbage = b"data: {\"choi\n\n".to_vec();
            let first = Answer::Stream { pieces: vec![garbage.clone()], then: Then::End };
            let vendor = Vendor::start(vec![first, wire.answer(&["Here."], &[])]).await;
            let mut call = Call::open(wire.mind(&vendor.url, LONG).as_ref(), Language::English);
            call.says("hello");
            assert_eq!(call.outcome().await.text(), "Here.", "{wire:?}");
            let pieces = vec![wire.text("Well").into_bytes(), garbage];
            let vendor = Vendor::start(vec![Answer::Stream { pieces, then: Then::End }]).await;
            let mut call = Call::open(wire.mind(&vendor.url, LONG).as_ref(), Language::English);
            call.says("hello");
            let outcome = call.outcome().await;
            assert!(matches!(outcome.fault, Some(ProviderFault::Garbage { .. })), "{wire:?} {outcome:?}");
        }
    });
}

#[test]
fn a_status_decides_whether_it_is_worth_another_try() {
    on_a_worker(async {
        for wire in ALL {
            for (first, tries) in [
                (status(401, ""), 1),
                (status(400, ""), 1),
                (status(429, "retry-after: 30\r\n"), 1),
                (status(429, "retry-after: 2\r\n"), 1),
                (status(429, "retry-after-ms: 10\r\n"), 2),
                (status(529, ""), 2),
                (status(503, ""), 2),
            ] {
                let vendor = Vendor::start(vec![first.clone(), wire.answer(&["Here."], &[])]).await;
                let mind = wire.mind(&vendor.url, LONG);
                let mut call = Call::open(mind.as_ref(), Language::English);
                call.says("hello");
                let outcome = call.outcome().await;
                assert_eq!(vendor.requests().len(), tries, "{wire:?} {first:?} {outcome:?}");
                assert_eq!(outcome.fault.is_none(), tries == 2);
                if let Some(fault) = outcome.fault {
                    assert!(fault.to_string().contains("so it is"), "{fault}");
                }
            }
        }
    });
}

#[test]
fn faults_have_their_kind() {
    on_a_worker(async {
        for wire in ALL {
            let fault = async |first: Answer| {
                let vendor = Vendor::start(vec![first]).await;
                let mut call = Call::open(wire.mind(&vendor.url, LONG).as_ref(), Language::English);
                call.says("hello");
                call.outcome().await.fault.unwrap()
            };
            assert!(matches!(fault(status(401, "")).await, ProviderFault::Auth { .. }));
            assert!(matches!(fault(status(400, "")).await, ProviderFault::BadRequest { .. }));
            let quota = fault(status(429, "retry-after: 30\r\n")).await;
            assert_eq!(quota.retry_after().map(|after| after.as_secs()), Some(30));
        }
        let wire = Wire::Gemini;
        let body = json!({ "error": { "code": 400, "message": "API key not valid." } }).to_string();
        let vendor = Vendor::start(vec![Answer::Status { status: 400, headers: "", body }]).await;
        let mut call = Call::open(wire.mind(&vendor.url, LONG).as_ref(), Language::English);
        call.says("hello");
        assert!(matches!(call.outcome().await.fault, Some(ProviderFault::Auth { .. })));
    });
}

#[test]
fn a_failure_reported_within_the_stream_has_its_kind() {
    on_a_worker(async {
        let overloaded = "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}\n\n";
        let exhausted = "data: {\"error\":{\"code\":429,\"message\":\"exhausted\",\"status\":\"RESOURCE_EXHAUSTED\"}}\r\n\r\n";
        for (wire, event) in
            [(Wire::Anthropic, overloaded), (Wire::Gemini, exhausted), (Wire::OpenAi, exhausted)]
        {
            let pieces = vec![wire.text("Well").into_bytes(), event.as_bytes().to_vec()];
            let vendor = Vendor::start(vec![Answer::Stream { pieces, then: Then::End }]).await;
            let mut call = Call::open(wire.mind(&vendor.url, LONG).as_ref(), Language::English);
            call.says("hello");
            match (wire, call.outcome().await.fault) {
                (Wire::Anthropic, Some(ProviderFault::Closed { why })) => assert!(why.contains("Overloaded")),
                (Wire::Gemini | Wire::OpenAi, Some(ProviderFault::Quota { .. })) => {}
                other => panic!("{other:?}"),
            }
        }
    });
}

#[test]
fn the_key_stands_in_its_header_and_nowhere_else() {
    on_a_worker(async {
        for wire in ALL {
            let vendor = Vendor::start(vec![status(401, "")]).await;
            let mind = wire.mind(&vendor.url, LONG);
            let mut call = Call::open(mind.as_ref(), Language::English);
            call.says("hello");
            let outcome = call.outcome().await;
            assert!(!format!("{mind:?} {outcome:?}").contains(CANARY), "{wire:?}");
            let request = &vendor.requests()[0];
            let (name, value) = match wire {
                Wire::OpenAi => ("authorization", format!("Bearer {CANARY}")),
                Wire::Anthropic => ("x-api-key", CANARY.to_owned()),
                Wire::Gemini => ("x-goog-api-key", CANARY.to_owned()),
            };
            assert_eq!(request.headers.get(name), Some(&value));
            assert!(!request.target.contains(CANARY) && !request.body.to_string().contains(CANARY));
        }
    });
}

#[test]
fn a_warm_mind_answers_on_the_connection_it_has() {
    on_a_worker(async {
        for wire in ALL {
            let vendor = Vendor::start(vec![status(200, ""), wire.answer(&["Hi."], &[])]).await;
            let mind = wire.mind(&vendor.url, LONG);
            mind.warm();
            while vendor.requests().is_empty() {
                tokio::task::yield_now().await;
            }
            for _ in 0..1_000 {
                tokio::task::yield_now().await;
            }
            let mut call = Call::open(mind.as_ref(), Language::English);
            call.says("hello");
            assert_eq!(call.outcome().await.text(), "Hi.");
            assert_eq!((vendor.requests().len(), vendor.connections()), (2, 1), "{wire:?}");
        }
    });
}
