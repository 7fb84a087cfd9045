//! The one way of listening, with a wire of four words.

use std::time::Duration;

use bytes::Bytes;
use moked_core::ports::{HearingSession, ProviderFault, TurnSignal};
use moked_providers::listening::{Outgoing, SocketSession, SttWire, WireFact, listen, text_message};
use moked_providers::transport::{Incoming, SocketRequest};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt;

use crate::line::{FIRST, FRAME, Facts, SECOND, sink};
use crate::vendor::{Said, Vendor, Visitor, on_a_call, soon};

struct FourWords {
    url: String,
    unanswered_limit: u32,
}

impl SttWire for FourWords {
    fn request(&self) -> SocketRequest {
        SocketRequest::new(&self.url)
    }

    fn opening(&mut self) -> Vec<Outgoing> {
        vec![Outgoing::Text(json!("hello").to_string())]
    }

    fn audio(&mut self, mulaw: &[u8]) -> Outgoing {
        Outgoing::Binary(Bytes::copy_from_slice(mulaw))
    }

    fn finalize(&mut self) -> Option<Outgoing> {
        Some(Outgoing::Text(json!("settle").to_string()))
    }

    fn keep_alive(&self) -> Option<(Duration, Outgoing)> {
        Some((Duration::from_secs(5), Outgoing::Text(json!("still here").to_string())))
    }

    fn unanswered_limit(&self) -> u32 {
        self.unanswered_limit
    }

    fn read(&mut self, message: Incoming) -> Result<Vec<WireFact>, ProviderFault> {
        let json: Value = text_message(&message)?;
        let text = |name: &str| json.get(name).and_then(Value::as_str).map(str::to_owned);
        let settled = text("settled").map(WireFact::Settled);
        let interim = text("interim").map(WireFact::Interim);
        let done = json.get("done").map(|_| WireFact::Finalized);
        let turn = json.get("turn").map(|_| WireFact::Turn(TurnSignal::Ended));
        let fault = text("fault").map(|why| WireFact::Fault(ProviderFault::Closed { why }));
        Ok([settled, interim, done, turn, fault].into_iter().flatten().collect())
    }
}

struct Call {
    session: SocketSession,
    facts: Facts,
}

impl Call {
    fn open(vendor: &Vendor, unanswered_limit: u32) -> Self {
        let (events, facts) = sink();
        let wire = FourWords { url: vendor.url.clone(), unanswered_limit };
        Self { session: listen("four words", wire, events), facts }
    }

    /// A call whose vendor has taken it and said nothing yet.
    async fn begin(unanswered_limit: u32) -> (Self, Visitor) {
        let vendor = Vendor::start().await;
        let call = Self::open(&vendor, unanswered_limit);
        let mut visitor = vendor.accept().await;
        assert_eq!(visitor.next().await, Said::Json(json!("hello")));
        (call, visitor)
    }

    /// One frame of audio that has arrived, so that what was said before it is obeyed.
    async fn frame(&mut self, visitor: &mut Visitor) {
        self.session.audio(&FRAME);
        visitor.binary(FRAME.len()).await;
    }
}

#[test]
fn audio_sent_while_connecting_is_not_lost() {
    on_a_call(async {
        let vendor = Vendor::start().await;
        let mut call = Call::open(&vendor, 1);
        call.session.utterance_started(FIRST);
        let spoken: Vec<u8> = (0..50).flat_map(|number: u8| [number; 160]).collect();
        spoken.chunks(160).for_each(|frame| call.session.audio(frame));
        call.session.utterance_ended(FIRST);
        let mut visitor = vendor.accept().await;
        assert_eq!(visitor.next().await, Said::Json(json!("hello")));
        assert_eq!(visitor.json().await, (json!("settle"), spoken));
        visitor.say(json!({"settled": "yes", "done": true})).await;
        call.facts.partial(FIRST, "yes").await;
        call.facts.last(FIRST, "yes").await;
    });
}

#[test]
fn audio_that_waits_too_long_for_a_connection_is_dropped_from_its_beginning() {
    on_a_call(async {
        let vendor = Vendor::start().await;
        let mut call = Call::open(&vendor, 1);
        let seconds = |second: u8| vec![second; 8_000];
        (1..=12).for_each(|second| call.session.audio(&seconds(second)));
        let mut visitor = vendor.accept().await;
        visitor.next().await;
        let heard = visitor.binary(80_000).await;
        assert_eq!(heard, (3..=12).flat_map(seconds).collect::<Vec<u8>>());
    });
}

#[test]
fn text_becomes_partials_and_one_final_and_turns_are_passed_on() {
    on_a_call(async {
        let (mut call, mut visitor) = Call::begin(1).await;
        call.session.utterance_started(FIRST);
        call.frame(&mut visitor).await;
        visitor.say(json!({"interim": "אני רוצה"})).await;
        call.facts.partial(FIRST, "אני רוצה").await;
        visitor.say(json!({"settled": "אני רוצה לשכור", "turn": true})).await;
        call.facts.partial(FIRST, "אני רוצה לשכור").await;
        call.facts.turn(FIRST, TurnSignal::Ended).await;
        call.session.utterance_ended(FIRST);
        visitor.json().await;
        visitor.say(json!({"settled": "דירה", "done": true})).await;
        call.facts.partial(FIRST, "אני רוצה לשכור דירה").await;
        call.facts.last(FIRST, "אני רוצה לשכור דירה").await;
        visitor.say(json!({"done": true})).await;
        call.frame(&mut visitor).await;
        assert!(call.facts.is_quiet(), "one final");
    });
}

#[test]
fn a_caller_who_speaks_on_before_the_final_gets_two_finals() {
    on_a_call(async {
        let (mut call, mut visitor) = Call::begin(1).await;
        call.session.utterance_started(FIRST);
        call.session.utterance_ended(FIRST);
        call.session.utterance_started(SECOND);
        assert_eq!(visitor.json().await.0, json!("settle"));
        call.frame(&mut visitor).await;
        visitor.say(json!({"settled": "yes", "done": true})).await;
        call.facts.partial(FIRST, "yes").await;
        call.facts.last(FIRST, "yes").await;
        visitor.say(json!({"settled": "please"})).await;
        call.facts.partial(SECOND, "please").await;
        call.session.utterance_ended(SECOND);
        visitor.json().await;
        visitor.say(json!({"done": true})).await;
        call.facts.last(SECOND, "please").await;
    });
}

#[test]
fn a_vendor_that_says_nothing_since_the_caller_began_is_stalled() {
    on_a_call(async {
        let (mut call, mut visitor) = Call::begin(1).await;
        call.session.utterance_started(FIRST);
        call.session.utterance_ended(FIRST);
        visitor.json().await;
        tokio::time::pause();
        let fault = call.facts.fault().await;
        let is_told =
            matches!(fault, ProviderFault::Stalled { after_ms, .. } if (2_000..3_000).contains(&after_ms));
        assert!(is_told, "{fault:?}");
    });
}

#[test]
fn for_a_vendor_that_ignores_noise_a_cough_is_no_stall_but_a_second_silence_is() {
    on_a_call(async {
        let (mut call, mut visitor) = Call::begin(2).await;
        call.session.utterance_started(FIRST);
        call.session.utterance_ended(FIRST);
        visitor.json().await;
        tokio::time::pause();
        call.facts.last(FIRST, "").await;
        call.session.utterance_started(SECOND);
        call.session.utterance_ended(SECOND);
        assert!(matches!(call.facts.fault().await, ProviderFault::Stalled { .. }));
    });
}

#[test]
fn interim_text_is_the_final_when_the_vendor_settles_too_late_and_is_not_heard_twice() {
    on_a_call(async {
        let (mut call, mut visitor) = Call::begin(1).await;
        call.session.utterance_started(FIRST);
        call.frame(&mut visitor).await;
        visitor.say(json!({"interim": "tomorrow"})).await;
        call.facts.partial(FIRST, "tomorrow").await;
        call.session.utterance_ended(FIRST);
        visitor.json().await;
        tokio::time::pause();
        call.facts.last(FIRST, "tomorrow").await;
        tokio::time::resume();
        // The fact behind it shows that the late text was read.
        visitor.say(json!({"settled": "Tomorrow.", "turn": true})).await;
        call.facts.turn(FIRST, TurnSignal::Ended).await;
        call.session.utterance_started(SECOND);
        call.frame(&mut visitor).await;
        visitor.say(json!({"interim": "at ten"})).await;
        call.facts.partial(SECOND, "at ten").await;
    });
}

#[test]
fn words_of_old_noise_are_not_heard_in_the_next_utterance() {
    on_a_call(async {
        let (mut call, mut visitor) = Call::begin(1).await;
        visitor.say(json!({"settled": "television", "turn": true})).await;
        call.facts.turn(moked_core::ids::UtteranceId::default(), TurnSignal::Ended).await;
        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(3)).await;
        tokio::time::resume();
        // A message without words does not make old words new.
        visitor.say(json!({"interim": "", "turn": true})).await;
        call.facts.turn(moked_core::ids::UtteranceId::default(), TurnSignal::Ended).await;
        call.session.utterance_started(FIRST);
        call.frame(&mut visitor).await;
        visitor.say(json!({"interim": "yes"})).await;
        call.facts.partial(FIRST, "yes").await;
    });
}

#[test]
fn the_connection_is_kept_while_no_audio_flows() {
    on_a_call(async {
        let (mut call, mut visitor) = Call::begin(1).await;
        tokio::time::pause();
        let begin = tokio::time::Instant::now();
        assert_eq!(visitor.next().await, Said::Json(json!("still here")));
        assert_eq!(visitor.next().await, Said::Json(json!("still here")));
        assert!(begin.elapsed() >= Duration::from_secs(9), "every 5 s, not more: {:?}", begin.elapsed());
        assert!(call.facts.is_quiet());
    });
}

#[test]
fn a_dropped_session_closes_the_connection() {
    on_a_call(async {
        let (call, mut visitor) = Call::begin(1).await;
        drop(call.session);
        visitor.gone().await;
    });
}

#[test]
fn a_session_dropped_while_connecting_closes_the_connection() {
    on_a_call(async {
        let vendor = Vendor::start().await;
        let call = Call::open(&vendor, 1);
        let mut stream = vendor.silent().await;
        drop(call.session);
        let mut rest = Vec::new();
        // The end of the stream, or its breaking, is what is waited for.
        let _ = soon("the end", stream.read_to_end(&mut rest)).await;
    });
}

#[test]
fn a_handshake_without_an_answer_is_a_stall() {
    on_a_call(async {
        let vendor = Vendor::start().await;
        let mut call = Call::open(&vendor, 1);
        let _stream = vendor.silent().await;
        tokio::time::pause();
        assert!(matches!(call.facts.fault().await, ProviderFault::Stalled { .. }));
    });
}

#[test]
fn a_vendor_that_takes_no_more_audio_is_stalled() {
    on_a_call(async {
        let (mut call, _visitor) = Call::begin(1).await;
        // More than the buffers of both sides hold.
        for _ in 0..600 {
            call.session.audio(&[0; 60_000]);
            tokio::task::yield_now().await;
        }
        tokio::time::pause();
        let fault = call.facts.fault().await;
        let is_told = matches!(fault, ProviderFault::Stalled { waiting_for: "room to send", .. });
        assert!(is_told, "{fault:?}");
    });
}

#[test]
fn garbage_is_passed_over_and_the_session_goes_on() {
    on_a_call(async {
        let (mut call, mut visitor) = Call::begin(1).await;
        call.session.utterance_started(FIRST);
        call.frame(&mut visitor).await;
        for garbage in ["", "{", "<html>"] {
            visitor.say_raw(garbage).await;
        }
        visitor.say(json!({"interim": "yes"})).await;
        call.facts.partial(FIRST, "yes").await;
    });
}

#[test]
fn every_end_that_moked_did_not_ask_for_is_told() {
    on_a_call(async {
        let (mut call, visitor) = Call::begin(1).await;
        visitor.close(1000, "bye").await;
        assert!(matches!(call.facts.fault().await, ProviderFault::Closed { .. }));
        let (mut call, visitor) = Call::begin(1).await;
        visitor.close(1011, "NET-0001").await;
        let fault = call.facts.fault().await.to_string();
        assert!(fault.contains("1011") && fault.contains("NET-0001"), "{fault}");
        let (mut call, visitor) = Call::begin(1).await;
        visitor.hang_up();
        assert!(matches!(call.facts.fault().await, ProviderFault::Closed { .. }));
        let (mut call, mut visitor) = Call::begin(1).await;
        visitor.say(json!({"fault": "out of memory"})).await;
        assert_eq!(call.facts.fault().await, ProviderFault::Closed { why: "out of memory".into() });
        visitor.gone().await;
    });
}
