//! Every way to fail that all networked ears share, and where their keys must not be seen.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use moked_core::language::Language;
use moked_core::ports::{HearingEvent, ProviderFault, SpeechToText};
use moked_providers::deepgram::ears::{DeepgramEars, DeepgramEarsOptions};
use moked_providers::deepgram::flux::{DeepgramFluxEars, DeepgramFluxOptions};
use moked_providers::elevenlabs::ears::{ElevenLabsEars, ElevenLabsEarsOptions};
use moked_providers::soniox::ears::{SonioxEars, SonioxEarsOptions};
use serde::de::DeserializeOwned;
use serde_json::json;
use tracing_subscriber::fmt::MakeWriter;

use crate::line::{CANARY, FIRST, Line, key, request, sink};
use crate::vendor::{Vendor, on_a_call};

/// All of them, at one address.
fn ears(base_url: &str) -> Vec<Box<dyn SpeechToText>> {
    let settings = json!({"base_url": base_url}).to_string();
    vec![
        Box::new(DeepgramEars::new(serde_json::from_str(&settings).unwrap(), key())),
        Box::new(DeepgramFluxEars::new(serde_json::from_str(&settings).unwrap(), key())),
        Box::new(SonioxEars::new(serde_json::from_str(&settings).unwrap(), key())),
        Box::new(ElevenLabsEars::new(serde_json::from_str(&settings).unwrap(), key())),
    ]
}

/// Opens each, lets the vendor refuse the handshake, and checks the fault.
fn refused(status: u16, headers: &[(&str, &str)], body: &str, is_expected: impl Fn(&ProviderFault) -> bool) {
    on_a_call(async {
        let vendor = Vendor::start().await;
        for ears in ears(&vendor.url) {
            let mut line = Line::open(ears.as_ref(), Language::English, &[]);
            vendor.refuse(status, headers, body).await;
            let fault = line.facts.fault().await;
            assert!(is_expected(&fault), "{}: {fault:?}", ears.name());
        }
    });
}

#[test]
fn a_wrong_key_is_told_with_the_vendors_words() {
    refused(
        401,
        &[],
        r#"{"err_code":"INVALID_AUTH","err_msg":"Invalid credentials."}"#,
        |fault| matches!(fault, ProviderFault::Auth { why } if why == "HTTP 401: Invalid credentials."),
    );
}

#[test]
fn too_many_calls_are_told_with_the_time_to_come_back() {
    refused(429, &[("retry-after", "7")], "Too Many Requests", |fault| {
        fault.is_retryable() && fault.retry_after() == Some(Duration::from_secs(7))
    });
}

#[test]
fn a_bad_parameter_is_not_tried_again() {
    refused(
        400,
        &[],
        r#"{"detail":{"message":"no such model"}}"#,
        |fault| matches!(fault, ProviderFault::BadRequest { why } if why.contains("no such model")),
    );
}

#[test]
fn a_broken_vendor_is_worth_another_try() {
    refused(503, &[], "upstream", |fault| {
        matches!(fault, ProviderFault::Closed { .. }) && fault.is_retryable()
    });
}

#[test]
fn nobody_at_the_address_is_no_connection() {
    on_a_call(async {
        let free = Vendor::start().await.url;
        for ears in ears(&free) {
            let mut line = Line::open(ears.as_ref(), Language::English, &[]);
            let fault = line.facts.fault().await;
            assert!(matches!(fault, ProviderFault::Connect { .. }), "{}: {fault:?}", ears.name());
        }
    });
}

#[test]
fn an_address_that_is_none_is_told_at_once() {
    on_a_call(async {
        for ears in ears("deepgram") {
            let fault = ears.open(request(Language::English, &[]), sink().0).err();
            assert!(matches!(fault, Some(ProviderFault::Unavailable { .. })), "{}: {fault:?}", ears.name());
        }
    });
}

#[test]
fn garbage_a_break_in_mid_session_and_a_drop_are_survived_told_and_seen() {
    on_a_call(async {
        let vendor = Vendor::start().await;
        for ears in ears(&vendor.url) {
            let mut line = Line::open(ears.as_ref(), Language::English, &[]);
            let mut visitor = vendor.accept().await;
            for garbage in ["", "<html>", "[]", "null", r#"{"type": 7}"#, r#"{"tokens": "many"}"#] {
                visitor.say_raw(garbage).await;
            }
            visitor.close(1011, "NET-0001").await;
            let fault = line.facts.fault().await;
            let is_told = matches!(&fault, ProviderFault::Closed { why } if why.contains("NET-0001"));
            assert!(is_told, "{}: {fault:?}", ears.name());

            let line = Line::open(ears.as_ref(), Language::English, &[]);
            let mut visitor = vendor.accept().await;
            drop(line);
            visitor.gone().await;
        }
    });
}

#[test]
fn a_vendor_that_never_answers_is_stalled() {
    on_a_call(async {
        let vendor = Vendor::start().await;
        for ears in ears(&vendor.url) {
            let mut line = Line::open(ears.as_ref(), Language::English, &[]);
            let visitor = vendor.accept().await;
            tokio::time::pause();
            let mut utterance = FIRST;
            let fault = loop {
                line.session.utterance_started(utterance);
                line.session.utterance_ended(utterance);
                let fact = line.facts.next().await;
                if let HearingEvent::Failed(fault) = fact {
                    break fault;
                }
                assert!(utterance == FIRST, "{}: {fact:?}", ears.name());
                utterance = utterance.next();
            };
            assert!(matches!(fault, ProviderFault::Stalled { .. }), "{}: {fault:?}", ears.name());
            tokio::time::resume();
            drop(visitor);
        }
    });
}

/// Log lines of all tests in this program.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

#[test]
fn no_key_is_in_a_log_line_or_a_debug_form() {
    let log = Log::default();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    // For the whole program: a subscriber of one thread misses lines that another thread logged first.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    on_a_call(async {
        let vendor = Vendor::start().await;
        for ears in ears(&vendor.url) {
            assert!(!format!("{ears:?}").contains(CANARY), "{}", ears.name());
            let mut line = Line::open(ears.as_ref(), Language::English, &["rent"]);
            let mut visitor = vendor.accept().await;
            visitor.say_raw("garbage").await;
            visitor.close(1008, "policy").await;
            line.facts.fault().await;
        }
    });
    let lines = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(lines.contains("makes no sense"), "something was logged: {lines}");
    assert!(!lines.contains(CANARY), "{lines}");
}

#[test]
fn a_setting_that_does_not_exist_is_refused_by_name() {
    fn refusal<Options: DeserializeOwned>() -> String {
        serde_json::from_str::<Options>(r#"{"modell": "x"}"#).err().unwrap().to_string()
    }
    let refusals = [
        refusal::<DeepgramEarsOptions>(),
        refusal::<DeepgramFluxOptions>(),
        refusal::<SonioxEarsOptions>(),
        refusal::<ElevenLabsEarsOptions>(),
    ];
    assert!(refusals.iter().all(|refusal| refusal.contains("modell")), "{refusals:?}");
}
