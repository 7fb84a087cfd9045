//! What the log tells of a call, and what it keeps to itself.
//!
//! A process has one log, so these tests have a process of their own.

mod support;

use std::sync::Arc;
use std::time::Duration;

use moked::caller::line::LineClient;
use moked::caller::messages::Messages;
use moked::caller::route::Place;
use moked::caller::socket::Handshake;
use moked_core::agent::Agent;
use moked_core::receptionist::ReceptionistModel;
use moked_providers::scripted::{Hearing, ScriptedEars};
use support::*;
use tracing::Level;

const SPEECH: Duration = Duration::from_millis(300);

#[actix_rt::test]
async fn a_turn_tells_its_story_in_order_and_every_line_names_its_call() {
    let log = overhear();
    let house = house(&Cast::new(ScriptedEars::hearing(["yes"]), answers(&["Hello.", "Very well."]))).await;
    let mut phone = Phone::ring(&house, "CA-story").await;
    let greeting = turn_audio("Hello.");
    phone.until_heard(&greeting).await;
    phone.say(SPEECH);
    phone.until_heard(&[greeting, turn_audio("Very well.")].concat()).await;
    phone.hang_up().await;
    nothing_is_left(&house).await;

    let lines = log.of_call("CA-story");
    let of_the_answer = |line: &&Line| line.fields.get("turn").is_none_or(|turn| turn == "2");
    let story: Vec<&str> = lines
        .iter()
        .filter(of_the_answer)
        .filter_map(|line| line.event.as_deref())
        .filter(|event| {
            ["WS_START", "STT_PARTIAL", "STT_FINAL", "TTS_LEN_ms", "MEDIA_TX", "WS_STOP"].contains(event)
        })
        .collect();
    assert_eq!(story, ["WS_START", "STT_PARTIAL", "STT_FINAL", "TTS_LEN_ms", "MEDIA_TX", "WS_STOP"]);
    let media = lines.iter().rfind(|line| line.event.as_deref() == Some("MEDIA_TX")).unwrap();
    let latency_ms: u64 = media.fields["latency_ms"].parse().unwrap();
    assert!((450..2_000).contains(&latency_ms), "{latency_ms}");
    let spoken = lines.iter().rfind(|line| line.event.as_deref() == Some("TTS_DONE")).unwrap();
    assert_eq!(spoken.fields["ms"], "400");

    let above_trace = lines.iter().filter(|line| line.level < Level::TRACE).count();
    assert!(phone.line.sent().len() / 160 > 50 && above_trace < 40, "{above_trace} lines: one a frame?");
    let nameless = |line: &&Line| line.target.starts_with("moked_actors") && line.call_sid.is_none();
    assert!(log.lines().iter().find(nameless).is_none(), "{:?}", log.lines().iter().find(nameless));
}

/// The form of a webhook of the call with the canary's number.
fn form(call_sid: &str, status: &str) -> String {
    edge::incoming(call_sid).replace("501234567", "549876512").replace("ringing", status)
}

#[actix_rt::test]
async fn a_status_webhook_that_cannot_be_read_names_its_call() {
    let log = overhear();
    let house = house(&Cast::greeting("Hello.")).await;
    edge::post(&house, "/webhook/stream_status", "CallSid=CA-unreadable&StreamEvent=stream-started").await;
    let lines = log.lines();
    let told = lines.iter().find(|line| {
        line.event.as_deref() == Some("WEBHOOK_UNREADABLE")
            && line.fields.get("call_sid").is_some_and(|call| call == "CA-unreadable")
    });
    assert!(told.is_some(), "{lines:?}");
}

/// The settings of an agent who takes a name, a wish in free words and a number.
const AGENT: &str = r#"
name = "Maya"
language = "en"
greeting = "Hello."
closing = "Goodbye {name}."

[[slots]]
id = "name"
kind = "name"
question = "Name?"

[[slots]]
id = "wish"
kind = "free_text"
question = "Wish?"

[[slots]]
id = "phone"
kind = "phone"
question = "Phone?"
"#;

#[actix_rt::test]
async fn no_number_no_word_and_no_secret_is_in_the_log() {
    let log = overhear();
    let agent: Agent = toml::from_str(AGENT).unwrap();
    let hears =
        ["my name is zebulon", "a purple elephant for my balcony"].map(|text| Hearing::Hears(text.into()));
    let cast = Cast::new(ScriptedEars::new(hears), ReceptionistModel::new(Arc::new(agent)));
    let variables = [
        ("TWILIO_AUTH_TOKEN", "canaryauthtoken"),
        ("JWT_SECRET", "canaryjwtsecret"),
        ("DATABASE_URL", "postgres://moked:canarypassword@db.example/moked"),
        ("PUBLIC_BASE_URL", edge::PUBLIC),
    ];
    let house = house_with(&cast, &variables, |_| {}).await;
    let post = |path: &'static str, form: String| {
        let house = &house;
        async move { edge::post_signed(house, path, &form, "canaryauthtoken").await }
    };
    let answer = post("/webhook/incoming_call", form("CA-quiet", "ringing")).await;
    let token = answer.token();
    let place = Place { signed: answer.stream().stream.url, reach: socket_url(&house).parse().unwrap() };
    let handshake = Handshake { auth_token: Some("canaryauthtoken".into()), without_subprotocol: false };
    let start = start_of("CA-quiet", Some(&token));
    let mut line = LineClient::open(&place, &handshake, start, Duration::from_millis(600)).await.unwrap();
    line.begin().await.unwrap();
    let mut phone = Phone::on(line, "CA-quiet");
    let registry = house.registry();
    let listening = |phone: &Phone| phone.is_quiet();
    phone.until_it_speaks().await;
    for _ in 0..2 {
        phone.until("the agent listens", listening).await;
        let heard = phone.heard().len();
        phone.say(SPEECH);
        phone.until("the agent answers", |phone| phone.heard().len() > heard).await;
    }
    phone.until("the agent listens", listening).await;
    phone.line.mouth().press("0541122339#");
    assert_eq!(phone.until_closed().await.code, 1_000);
    post("/webhook/stream_status", form("CA-quiet", "in-progress") + "&StreamEvent=stream-stopped").await;
    post("/webhook/stream_action", form("CA-quiet", "in-progress")).await;
    post("/webhook/call_status", form("CA-quiet", "completed")).await;
    let replay = Messages::new(start_of("CA-quiet", Some(&token))).start();
    let mut stranger =
        LineClient::open(&place, &handshake, start_of("CA-quiet", Some(&token)), Duration::from_millis(600))
            .await
            .unwrap();
    stranger.send_text(replay).await.unwrap();
    Phone::on(stranger, "CA-quiet").until_closed().await;
    edge::post_signed(&house, "/webhook/incoming_call", &form("CA-forged", "ringing"), "wrong").await;

    let lead = registry.ended()[0].lead.clone().unwrap();
    assert!(lead.complete, "{lead:?}");
    let at_info = log.at_info.get().to_lowercase();
    for event in ["ws_start", "stt_final", "lead", "ws_stop", "stream_action", "ws_refused"] {
        assert!(at_info.contains(event), "the log is listened to: {event}");
    }
    let words = ["zebulon", "purple", "elephant", "balcony"];
    let numbers = ["549876512", "5498765", "0541122339", "541122339"];
    for private in words.iter().chain(&numbers) {
        let line = at_info.lines().find(|line| line.contains(private));
        assert_eq!(line, None, "{private} stands in the log above DEBUG");
    }
    let everything = log.at_trace.get();
    for secret in ["canaryauthtoken", "canaryjwtsecret", "canarypassword", &token] {
        let line = everything.lines().chain(at_info.lines()).find(|line| line.contains(secret));
        assert_eq!(line, None, "{secret} stands in the log");
    }
    assert!(everything.contains("purple"), "from DEBUG on words are told");
}
