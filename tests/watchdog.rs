//! Callers whom no stream reaches: Twilio is asked, once, to take their message.
//!
//! Twilio's REST API is a server of this test; it notes what it is asked and answers what it is told.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails the test")]

mod support;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use moked::caller::messages::Messages;
use moked::startup::Running;
use moked_core::twilio::form::parse_form;
use moked_core::twilio::twiml::read;
use support::*;

const INCOMING: &str = "/webhook/incoming_call";

/// How long these servers give a stream.
const LIMIT: Duration = Duration::from_millis(300);

/// What Twilio was asked.
#[derive(Debug, Clone)]
struct Asked {
    path: String,
    authorization: String,
    form: Vec<(String, String)>,
}

/// Twilio's side.
#[derive(Debug, Clone, Default)]
struct Rest {
    asked: Arc<Mutex<Vec<Asked>>>,
    /// Answers other than 200, in order.
    script: Arc<Mutex<VecDeque<(u16, &'static str)>>>,
    base: String,
}

async fn update(request: HttpRequest, body: web::Bytes, rest: web::Data<Rest>) -> HttpResponse {
    let header = request.headers().get("authorization").map(|value| value.to_str().unwrap().to_owned());
    rest.asked.lock().unwrap().push(Asked {
        path: request.path().to_owned(),
        authorization: header.unwrap_or_default(),
        form: parse_form(&body),
    });
    match rest.script.lock().unwrap().pop_front() {
        None => HttpResponse::Ok().json(serde_json::json!({"status": "in-progress"})),
        Some((status, body)) => HttpResponse::build(status.try_into().unwrap())
            .insert_header(("retry-after", "0"))
            .content_type("application/json")
            .body(body),
    }
}

impl Rest {
    /// A server that answers these in turn, and 200 from then on.
    fn answering(script: &[(u16, &'static str)]) -> (Self, ServerHandle) {
        let script = Arc::new(Mutex::new(script.iter().copied().collect()));
        let mut rest = Self { script, ..Self::default() };
        let shared = web::Data::new(rest.clone());
        let server =
            HttpServer::new(move || App::new().app_data(shared.clone()).default_service(web::to(update)));
        let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
        rest.base = format!("http://{}", server.addrs()[0]);
        let server = server.run();
        let handle = server.handle();
        actix_rt::spawn(server);
        (rest, handle)
    }

    fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// A house that asks this server, with these keys.
    async fn house(&self, keys: &[(&str, &str)]) -> Running {
        let mut variables = vec![("MOKED__TWILIO__REST_BASE_URL", self.base.as_str())];
        variables.extend(keys);
        house_with(&Cast::greeting("Hello."), &variables, |settings| {
            settings.twilio.watchdog = Some(LIMIT);
            // The webhooks of these tests are not signed.
            settings.twilio.account_sid = None;
        })
        .await
    }
}

const KEY: [(&str, &str); 2] = [("TWILIO_API_KEY", "SK1"), ("TWILIO_API_SECRET", "canary-secret")];

/// Waits until the watchdog has done what it does.
async fn until_counted(house: &Running, outcome: &str) {
    let sample = format!("moked_watchdog_total{{outcome=\"{outcome}\"}} 1\n");
    for _ in 0..800 {
        if edge::get(house, "/metrics").await.body.contains(&sample) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no {sample}");
}

#[actix_rt::test]
async fn a_caller_whose_stream_never_starts_leaves_a_message() {
    let (rest, _server) = Rest::answering(&[]);
    let house = rest.house(&KEY).await;
    edge::post(&house, INCOMING, &edge::incoming("CA1")).await.token();
    until_counted(&house, "redirected").await;
    // A replayed webhook does not begin it again.
    edge::post(&house, INCOMING, &edge::incoming("CA1")).await;
    tokio::time::sleep(2 * LIMIT).await;
    let [asked] = rest.asked().try_into().unwrap();
    assert_eq!(asked.path, format!("/2010-04-01/Accounts/AC{:032}/Calls/CA1.json", 1));
    let basic = STANDARD.encode("SK1:canary-secret");
    assert_eq!(asked.authorization, format!("Basic {basic}"));
    let [(name, twiml)] = asked.form.try_into().unwrap();
    assert_eq!(name, "Twiml");
    assert!(is_apology(&read(&twiml).unwrap()), "{twiml}");
}

#[actix_rt::test]
async fn a_stream_without_a_frame_is_given_up() {
    let (rest, _server) = Rest::answering(&[]);
    let house = rest.house(&KEY).await;
    let token = edge::post(&house, INCOMING, &edge::incoming("CA1")).await.token();
    let mut messages = Messages::new(start_of("CA1", Some(&token)));
    let mut socket = RawSocket::open(&house).await;
    socket.text(&Messages::connected()).await;
    socket.text(&messages.start()).await;
    let lives = async {
        loop {
            socket.frame(opcode::PING, b"").await;
            tokio::time::sleep(LIMIT).await;
        }
    };
    tokio::select! {
        () = lives => {}
        () = until_counted(&house, "redirected") => {}
    }
    assert_eq!(rest.asked().len(), 1);
}

#[actix_rt::test]
async fn calls_that_talk_that_resume_and_that_are_over_are_left_alone() {
    let (rest, _server) = Rest::answering(&[]);
    let house = rest.house(&KEY).await;
    let mut talks = Phone::ring(&house, "CA-talks").await;
    let mut ends = Phone::ring(&house, "CA-ends").await;
    ends.until_it_speaks().await;
    ends.hang_up().await;
    let mut lost = Phone::ring(&house, "CA-lost").await;
    lost.until_it_speaks().await;
    drop(lost);
    let answer = edge::post(&house, "/webhook/stream_action", &edge::incoming("CA-lost")).await;
    assert!(!answer.token().is_empty(), "it is being resumed");
    edge::post(&house, INCOMING, &edge::incoming("CA-gone")).await.token();
    let over = "CallSid=CA-gone&AccountSid=AC1&CallStatus=completed&Direction=inbound";
    edge::post(&house, "/webhook/call_status", over).await;
    talks.wait(Duration::from_secs(5)).await;
    assert!(rest.asked().is_empty(), "{:?}", rest.asked());
    talks.hang_up().await;
}

#[actix_rt::test]
async fn what_may_pass_is_tried_once_more_and_what_may_not_is_not() {
    let error = r#"{"code":20003,"message":"Authentication Error"}"#;
    let gone = r#"{"code":20404,"message":"not found"}"#;
    for (script, outcome, requests) in [
        (vec![(503, "<html>")], "redirected", 2),
        (vec![(429, "{}")], "redirected", 2),
        (vec![(503, ""), (503, "")], "failed", 2),
        (vec![(401, error)], "failed", 1),
        (vec![(404, gone)], "gone", 1),
    ] {
        let (rest, _server) = Rest::answering(&script);
        let house = rest.house(&KEY).await;
        edge::post(&house, INCOMING, &edge::incoming("CA1")).await.token();
        until_counted(&house, outcome).await;
        assert_eq!(rest.asked().len(), requests, "{script:?}");
    }
}

#[actix_rt::test]
async fn without_keys_it_says_what_to_set_and_with_keys_never_which() {
    let overheard = overhear();
    let (rest, _server) = Rest::answering(&[(401, r#"{"message":"no canary-secret"}"#)]);
    let without = rest.house(&[]).await;
    edge::post(&without, INCOMING, &edge::incoming("CA1")).await.token();
    until_counted(&without, "failed").await;
    assert!(rest.asked().is_empty());
    let with = rest.house(&KEY).await;
    edge::post(&with, INCOMING, &edge::incoming("CA2")).await.token();
    until_counted(&with, "failed").await;
    let log = overheard.at_trace.get();
    assert!(log.contains("set TWILIO_AUTH_TOKEN") && log.contains("check TWILIO_ACCOUNT_SID"), "{log}");
    assert!(!log.contains("canary") && !log.contains(&STANDARD.encode("SK1:canary-secret")), "{log}");
}
