//! The webhooks and pages of a running server, over HTTP.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod edge_support;

use std::io::Write;
use std::sync::mpsc;

use awc::http::StatusCode;
use edge_support::*;
use moked::engines::{EngineSet, EnginesError};
use moked::settings::Settings;
use moked_core::twilio::twiml::Verb;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const INCOMING: &str = "/webhook/incoming_call";
const SIGNED: [(&str, &str); 2] = [("TWILIO_AUTH_TOKEN", AUTH_TOKEN), ("PUBLIC_BASE_URL", PUBLIC)];

fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap()
}

#[actix_rt::test]
async fn a_fresh_call_gets_a_stream_with_a_token_and_the_callers_number() {
    let server = server(&[]).await;
    let answer = post(&server, INCOMING, &incoming("CA1")).await;
    assert_eq!(answer.content_type, "application/xml; charset=utf-8");
    assert_eq!(answer.cache_control, "no-store");
    assert!(answer.body.starts_with("<?xml"), "{}", answer.body);
    let connect = answer.stream();
    let address = server.address();
    assert_eq!(connect.stream.url, format!("ws://{address}/ws/twilio-media"));
    assert_eq!(connect.action, Some(format!("http://{address}/webhook/stream_action")));
    assert_eq!(connect.stream.status_callback, Some(format!("http://{address}/webhook/stream_status")));
    assert!(connect.stream.parameters.contains(&("from".into(), "+972501234567".into())));
    assert_eq!(answer.token().len(), 43);
}

#[actix_rt::test]
async fn the_same_call_gets_the_same_answer_and_another_call_another_token() {
    let server = server(&[]).await;
    let first = post(&server, INCOMING, &incoming("CA1")).await;
    let again = post(&server, INCOMING, &incoming("CA1")).await;
    let other = post(&server, INCOMING, &incoming("CA2")).await;
    assert_eq!(first.body, again.body);
    assert_ne!(first.token(), other.token());
}

#[actix_rt::test]
async fn addresses_never_hold_a_double_slash_whatever_the_public_address_looks_like() {
    for base in ["https://ai-crmd.replit.app", "https://ai-crmd.replit.app/", "ai-crmd.replit.app/"] {
        let server = server(&[("PUBLIC_BASE_URL", base)]).await;
        let connect = post(&server, INCOMING, &incoming("CA1")).await.stream();
        assert_eq!(connect.stream.url, "wss://ai-crmd.replit.app/ws/twilio-media", "{base}");
        let action = connect.action.unwrap();
        assert_eq!(action, "https://ai-crmd.replit.app/webhook/stream_action", "{base}");
    }
}

#[actix_rt::test]
async fn a_webhook_in_a_browser_says_what_to_do() {
    let server = server(&[]).await;
    for path in [INCOMING, "/webhook/stream_action", "/webhook/stream_status", "/webhook/recording_done"] {
        let answer = get(&server, path).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert!(answer.body.contains("/webhook/incoming_call_preview"), "{}", answer.body);
    }
}

#[actix_rt::test]
async fn the_preview_looks_like_the_answer_and_issues_nothing() {
    let server = server(&[]).await;
    let preview = get(&server, "/webhook/incoming_call_preview").await;
    assert_eq!(preview.token(), "preview-opens-nothing");
    let action = post(&server, "/webhook/stream_action", "CallSid=CA1").await;
    assert!(matches!(action.verbs().as_slice(), [Verb::Say(_), Verb::Hangup]), "{}", action.body);
    let message = get(&server, "/webhook/incoming_call_preview?answer=message").await;
    assert!(matches!(message.verbs().as_slice(), [Verb::Say(_), Verb::Record(_), Verb::Hangup]));
}

#[actix_rt::test]
async fn with_a_token_only_twilio_is_let_in() {
    let server = server(&SIGNED).await;
    let form = incoming("CA1");
    for path in [
        INCOMING,
        "/webhook/stream_action",
        "/webhook/stream_status",
        "/webhook/stream_ended",
        "/webhook/call_status",
        "/webhook/recording_done",
    ] {
        let unsigned = post(&server, path, &form).await;
        assert_eq!(
            (unsigned.status, unsigned.body.as_str()),
            (StatusCode::FORBIDDEN, "forbidden\n"),
            "{path}"
        );
        let wrong = post_signed(&server, path, &form, "54321").await;
        assert_eq!((wrong.status, wrong.body.as_str()), (StatusCode::FORBIDDEN, "forbidden\n"), "{path}");
        assert!(post_signed(&server, path, &form, AUTH_TOKEN).await.status.is_success(), "{path}");
    }
}

#[actix_rt::test]
async fn while_a_token_is_rotated_both_are_good() {
    let server = server(&[("TWILIO_AUTH_TOKEN", "12345, 67890"), ("PUBLIC_BASE_URL", PUBLIC)]).await;
    for token in ["12345", "67890"] {
        assert_eq!(post_signed(&server, INCOMING, &incoming("CA1"), token).await.status, StatusCode::OK);
    }
}

#[actix_rt::test]
async fn a_changed_form_no_longer_fits_its_signature() {
    let server = server(&SIGNED).await;
    let pairs = moked_core::twilio::parse_form(incoming("CA1").as_bytes());
    let signature = moked_core::twilio::signature::sign(AUTH_TOKEN, &format!("{PUBLIC}{INCOMING}"), &pairs);
    let header = [("x-twilio-signature", signature.as_str())];
    let changed = request(server.address(), INCOMING, Some(&incoming("CA2")), &header).await.unwrap();
    assert_eq!(changed.status, StatusCode::FORBIDDEN);
}

#[actix_rt::test]
async fn a_call_of_another_account_is_refused() {
    let ours = format!("AC{:032}", 1);
    let theirs = format!("AC{:032}", 2);
    let mine = server(&[("TWILIO_ACCOUNT_SID", &ours)]).await;
    assert_eq!(post(&mine, INCOMING, &incoming("CA1")).await.status, StatusCode::OK);
    let other = server(&[("TWILIO_ACCOUNT_SID", &theirs)]).await;
    assert_eq!(post(&other, INCOMING, &incoming("CA1")).await.status, StatusCode::FORBIDDEN);
}

#[actix_rt::test]
async fn without_a_token_a_request_that_was_passed_on_is_refused() {
    let server = server(&[]).await;
    for header in [("X-Forwarded-For", "203.0.113.7"), ("Host", "calls.example.com")] {
        let answer = request(server.address(), INCOMING, Some(&incoming("CA1")), &[header]).await.unwrap();
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{header:?}");
    }
}

#[actix_rt::test]
async fn a_body_that_is_too_long_is_413_and_one_that_does_not_come_is_408() {
    let server = server(&[("MOKED__SERVER__BODY_TIMEOUT_MS", "100")]).await;
    let long = format!("{}&Padding={}", incoming("CA1"), "x".repeat(65_536));
    assert_eq!(post(&server, INCOMING, &long).await.status, StatusCode::PAYLOAD_TOO_LARGE);

    for (length, status) in [("Content-Length: 100", "408"), ("Content-Length: 99999999", "413")] {
        let head = format!(
            "POST {INCOMING} HTTP/1.1\r\nHost: localhost\r\n{length}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\n\r\nCallSid="
        );
        let mut socket = tokio::net::TcpStream::connect(server.address()).await.unwrap();
        socket.write_all(head.as_bytes()).await.unwrap();
        let mut answer = vec![0; 12];
        socket.read_exact(&mut answer).await.unwrap();
        assert_eq!(String::from_utf8(answer).unwrap(), format!("HTTP/1.1 {status}"), "{length}");
    }
}

#[actix_rt::test]
async fn an_unsigned_stranger_is_refused_before_his_body_is_read() {
    let server = server(&SIGNED).await;
    let head = format!("POST {INCOMING} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n");
    let mut socket = tokio::net::TcpStream::connect(server.address()).await.unwrap();
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    socket.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 403");
}

#[actix_rt::test]
async fn of_the_form_only_the_calls_id_is_demanded() {
    let server = server(&[]).await;
    let answer = post(&server, INCOMING, "AccountSid=AC1").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.body.contains("CallSid"), "{}", answer.body);
    let withheld = post(&server, INCOMING, "CallSid=CA1&From=anonymous").await.stream().stream;
    assert_eq!(withheld.parameters.len(), 1, "a withheld number is not passed on");
}

#[actix_rt::test]
async fn while_engines_are_made_the_server_answers_and_a_call_waits_for_them() {
    let (go, gate) = mpsc::channel();
    let server = starting(move |settings| {
        gate.recv().unwrap();
        moked::engines::make(settings)
    });
    assert_eq!(get(&server, "/healthz").await.status, StatusCode::OK);
    let ready = get(&server, "/readyz").await;
    assert_eq!(
        (ready.status, &json(&ready)["status"]),
        (StatusCode::SERVICE_UNAVAILABLE, &"starting".into())
    );
    let form = incoming("CA1");
    let call = post(&server, INCOMING, &form);
    let engines = async {
        // The call is asked first; the engines come while it waits.
        tokio::task::yield_now().await;
        go.send(()).unwrap();
    };
    let (answer, ()) = futures_util::future::join(call, engines).await;
    answer.token();
    assert_eq!(get(&server, "/readyz").await.status, StatusCode::OK);
}

#[actix_rt::test]
async fn engines_that_cannot_be_made_leave_the_message() {
    let refusing = |_: &Settings| Err(EnginesError::Speaking { why: "no data".into() });
    let breaking = |_: &Settings| -> Result<EngineSet, EnginesError> { panic!("engines break") };
    for server in [starting(refusing), starting(breaking)] {
        server.prepared().await;
        let ready = get(&server, "/readyz").await;
        assert_eq!(
            (ready.status, &json(&ready)["status"]),
            (StatusCode::SERVICE_UNAVAILABLE, &"failed".into())
        );
        let answer = post(&server, INCOMING, &incoming("CA1")).await;
        assert!(matches!(answer.verbs().as_slice(), [Verb::Say(_), Verb::Record(_), Verb::Hangup]));
    }
}

/// A server whose engines are made by the test.
fn starting(
    make: impl FnOnce(&Settings) -> Result<EngineSet, EnginesError> + Send + 'static,
) -> moked::startup::Running {
    let settings = Settings::load(None, &environment(&[])).unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    moked::startup::run_with(settings, listener, make).unwrap()
}

#[actix_rt::test]
async fn a_caller_whose_stream_never_came_is_asked_again_and_then_leaves_a_message() {
    let server = server(&[]).await;
    let first = post(&server, INCOMING, &incoming("CA1")).await.token();
    let again = post(&server, "/webhook/stream_action", &incoming("CA1")).await.token();
    assert_ne!(first, again);
    let answer = post(&server, "/webhook/stream_action", &incoming("CA1")).await;
    match answer.verbs().as_slice() {
        [Verb::Say(say), Verb::Record(record), Verb::Hangup] => {
            assert!(say.text.contains("cut off"), "{}", say.text);
            let target = format!("http://{}/webhook/recording_done", server.address());
            assert_eq!(record.action.as_deref(), Some(target.as_str()));
        }
        other => panic!("{other:?}"),
    }
}

#[actix_rt::test]
async fn what_follows_a_stream_is_always_a_document() {
    let server = server(&[]).await;
    for form in ["", "CallSid=", "CallSid=CA404", "x"] {
        let answer = post(&server, "/webhook/stream_action", form).await;
        assert!(matches!(answer.verbs().as_slice(), [Verb::Say(_), Verb::Hangup]), "{form}: {}", answer.body);
    }
    let thanks = post(&server, "/webhook/recording_done", "CallSid=CA1&RecordingSid=RE1").await;
    assert!(matches!(thanks.verbs().as_slice(), [Verb::Say(_), Verb::Hangup]), "{}", thanks.body);
}

#[actix_rt::test]
async fn webhooks_that_only_tell_are_answered_with_an_empty_204() {
    let server = server(&[]).await;
    for (path, form) in [
        ("/webhook/stream_status", "CallSid=CA1&StreamSid=MZ1&StreamEvent=stream-error&StreamError=no"),
        ("/webhook/stream_status", "nonsense"),
        ("/webhook/stream_ended", "CallSid=CA1"),
        ("/webhook/call_status", "CallSid=CA1&CallStatus=completed&CallDuration=12"),
    ] {
        let answer = post(&server, path, form).await;
        assert_eq!((answer.status, answer.body.as_str()), (StatusCode::NO_CONTENT, ""), "{path} {form}");
    }
}

#[actix_rt::test]
async fn when_streams_are_off_every_caller_leaves_a_message() {
    let server = server(&[("WS_MODE", "DISABLED")]).await;
    let answer = post(&server, INCOMING, &incoming("CA1")).await;
    match answer.verbs().as_slice() {
        [Verb::Say(say), Verb::Record(_), Verb::Hangup] => assert_eq!(say.language.as_deref(), Some("en-US")),
        other => panic!("{other:?}"),
    }
    let ready = get(&server, "/readyz").await;
    assert_eq!((ready.status, json(&ready)["status"].as_str()), (StatusCode::OK, Some("ok")));
    assert_eq!(json(&ready)["calls"], "message");
}

#[actix_rt::test]
async fn a_hebrew_agent_without_a_hebrew_voice_takes_a_message_in_hebrew() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write!(
        file,
        "[call]\nagent = \"office\"\n[agent.office]\nname = \"מאיה\"\nlanguage = \"he\"\n\
         greeting = \"שלום\"\nclosing = \"תודה\"\n"
    )
    .unwrap();
    let server = server_with(Some(file.path()), &[]).await;
    let answer = post(&server, INCOMING, &incoming("CA1")).await;
    match answer.verbs().as_slice() {
        [Verb::Say(say), Verb::Record(_), Verb::Hangup] => {
            assert_eq!(say.language.as_deref(), Some("he-IL"));
            assert!(say.text.contains("הצליל"), "{}", say.text);
        }
        other => panic!("{other:?}"),
    }
    let ready = get(&server, "/readyz").await;
    assert_eq!(json(&ready)["status"], "degraded");
    assert!(json(&ready)["tts"].as_str().unwrap().contains("does not speak Hebrew"), "{}", ready.body);
}

#[actix_rt::test]
async fn health_readiness_version_and_metrics_tell_the_truth() {
    let server = server(&[("DEPLOY_ID", "blue-7")]).await;
    let health = get(&server, "/healthz").await;
    assert_eq!((health.status, health.body.as_str()), (StatusCode::OK, "ok"));
    let ready = get(&server, "/readyz").await;
    assert_eq!(ready.status, StatusCode::OK);
    assert_eq!((&json(&ready)["tts"], &json(&ready)["llm"]), (&"ok".into(), &"ok".into()));
    let version = json(&get(&server, "/version").await);
    assert_eq!((&version["name"], &version["deploy_id"]), (&"moked".into(), &"blue-7".into()));
    post(&server, INCOMING, &incoming("CA1")).await;
    let metrics = get(&server, "/metrics").await.body;
    assert!(metrics.contains("\nmoked_incoming_calls_total{answer=\"stream\"} 1\n"), "{metrics}");
    for line in ["moked_calls_live 0", "moked_calls_started_total 0", "moked_actors_live 0"] {
        assert!(metrics.contains(&format!("\n{line}\n")), "{line}: {metrics}");
    }
}
