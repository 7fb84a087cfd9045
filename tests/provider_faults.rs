//! A wire that fails between the server and a provider: the next one takes over, or the call is excused, and
//! a wire that is only bad makes no difference.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod support;

use std::sync::Arc;
use std::time::Duration;

use moked::settings::Settings;
use moked::startup::{self, Running};
use moked_core::ports::ChatModel;
use moked_providers::failover::{FailoverMind, Order};
use moked_providers::openai::mind::{OpenAiMind, OpenAiMindOptions};
use moked_providers::scripted::{ScriptedEars, ScriptedMind, Thinking};
use serde_json::json;
use support::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What the vendor answers.
const ANSWER: [&str; 4] = ["We are open ", "from nine to five. ", "On Friday ", "until noon."];

/// The sentences of it, as the voice gets them.
const SENTENCES: [&str; 2] = ["We are open from nine to five.", "On Friday until noon."];

/// What the mind after it says.
const SECOND: &str = "Here is the second mind.";

/// A vendor of chat completions. It says the first half of its answer, and the second when `whole`.
async fn vendor(whole: bool) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    actix_rt::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            actix_rt::spawn(async move {
                // The server hangs up when it has had enough.
                let _ = serve(stream, whole).await;
            });
        }
    });
    address
}

async fn serve(mut stream: TcpStream, whole: bool) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        request.push(stream.read_u8().await?);
    }
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    let said = if whole { &ANSWER[..] } else { &ANSWER[..2] };
    for text in said {
        let delta = json!({"choices": [{"index": 0, "delta": {"content": text}}]});
        chunk(&mut stream, &format!("data: {delta}\n\n")).await?;
    }
    if whole {
        let stop = json!({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
        chunk(&mut stream, &format!("data: {stop}\n\ndata: [DONE]\n\n")).await?;
        chunk(&mut stream, "").await?;
    }
    // Whatever else comes is not answered.
    while stream.read_u8().await.is_ok() {}
    Ok(())
}

async fn chunk(stream: &mut TcpStream, text: &str) -> std::io::Result<()> {
    stream.write_all(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes()).await
}

/// A house whose first mind is the vendor behind the wire, and whose second is at hand.
async fn house_behind(wire: &FaultProxy) -> Running {
    let agent = Settings::load(None, &edge::environment(&[])).unwrap().agent;
    let options: OpenAiMindOptions = serde_json::from_value(json!({
        "base_url": format!("http://{}/v1", wire.address()),
        "limits": {"first_token_ms": 1_500, "gap_ms": 1_500, "turn_ms": 2_500},
    }))
    .unwrap();
    let first: Arc<dyn ChatModel> = Arc::new(OpenAiMind::new(agent, options, None));
    let second: Arc<dyn ChatModel> = Arc::new(ScriptedMind::answering(|_| Thinking::says(SECOND)));
    let mind = FailoverMind::new(Order::new([("vendor", first), ("second", second)]));
    house(&Cast::new(ScriptedEars::default(), mind)).await
}

#[actix_rt::test]
async fn a_mind_that_nobody_reaches_is_replaced_before_the_caller_hears_of_it() {
    for fault in [Fault::Reset, Fault::Finish, Fault::Stall] {
        let wire = FaultProxy::with(vendor(true).await, fault).await;
        let house = house_behind(&wire).await;
        let mut phone = Phone::ring(&house, "CA1").await;
        phone.until_heard(&turn_audio(SECOND)).await;
        phone.assert_heard(&[SECOND]);
        phone.hang_up().await;
        nothing_is_left(&house).await;
    }
}

#[actix_rt::test]
async fn a_mind_that_is_lost_in_mid_answer_is_not_begun_again_and_the_next_answers_the_next_turn() {
    for fault in [Fault::Reset, Fault::Finish, Fault::Stall] {
        let wire = FaultProxy::before(vendor(false).await).await;
        let house = house_behind(&wire).await;
        let mut phone = Phone::ring(&house, "CA1").await;
        let said = turn_audio(SENTENCES[0]);
        phone.until("its first sentence is heard", |phone| phone.heard().len() > said.len() / 2).await;
        wire.set(fault);
        phone
            .until("the sentence is heard to its end", |phone| phone.heard().len() >= voiced(&said).len())
            .await;
        phone.until("the turn is over", Phone::is_quiet).await;
        let before = phone.sent().len();
        assert_same("the beginning", &phone.sent()[..said.len()], &said);
        phone.line.mouth().press("1#");
        phone.until("the next mind answers", |phone| ends_with(phone, SECOND)).await;
        assert!(phone.sent().len() >= before, "{fault:?}");
        phone.hang_up().await;
        nothing_is_left(&house).await;
    }
}

fn ends_with(phone: &Phone, sentence: &str) -> bool {
    voiced(&phone.sent()).ends_with(&voiced(&turn_audio(sentence)))
}

#[actix_rt::test]
async fn an_answer_that_comes_in_crumbs_or_late_is_said_whole_and_once() {
    for fault in [Fault::Slice { longest: 3 }, Fault::Latency(Duration::from_millis(200))] {
        let wire = FaultProxy::with(vendor(true).await, fault).await;
        let house = house_behind(&wire).await;
        let mut phone = Phone::ring(&house, "CA1").await;
        let all = SENTENCES.map(turn_audio).concat();
        phone.until("the answer is heard", |phone| phone.heard().len() >= voiced(&all).len()).await;
        assert_same("what was heard", &phone.heard(), &voiced(&all));
        phone.assert_clean();
        phone.hang_up().await;
        nothing_is_left(&house).await;
    }
}

/// A server on an address that takes connections and answers nothing: for vendors that never come to speak.
async fn nobody() -> (TcpListener, std::net::SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

#[actix_rt::test]
async fn a_call_whose_vendors_are_all_behind_a_dead_wire_is_held_by_the_engines_inside() {
    let log = overhear();
    for (call, fault) in [("CA-reset", Fault::Reset), ("CA-stall", Fault::Stall)] {
        let (_held, far) = nobody().await;
        let wire = FaultProxy::with(far, fault).await;
        let at = |scheme: &str| format!("{scheme}://{}", wire.address());
        let variables = [
            ("MOKED__SERVER__WORKERS", "1".to_owned()),
            ("MOKED__ENGINES__PROBE_AT_START", "false".to_owned()),
            ("MOKED__ENGINES__HEARING", "soniox,embedded".to_owned()),
            ("MOKED__ENGINES__SPEAKING", "soniox,embedded".to_owned()),
            ("MOKED__ENGINES__THINKING", "openai".to_owned()),
            ("MOKED__PROVIDER__HEARING__SONIOX__BASE_URL", at("ws")),
            ("MOKED__PROVIDER__SPEAKING__SONIOX__BASE_URL", at("ws")),
            ("MOKED__PROVIDER__THINKING__OPENAI__BASE_URL", at("http")),
            ("SONIOX_API_KEY", "k".to_owned()),
        ];
        let variables: Vec<(&str, &str)> =
            variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let settings = Settings::load(None, &edge::environment(&variables)).unwrap();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let house = startup::run(settings, listener).unwrap();
        house.prepared().await;
        let mut phone = Phone::ring(&house, call).await;
        let limit = Duration::from_secs(20);
        phone.meanwhile(limit, "the greeting is heard", |phone| phone.heard().len() > 8_000).await;
        let told = |event: &str| log.of_call(call).iter().any(|line| line.event.as_deref() == Some(event));
        for event in ["EAR_SWITCHED", "MIND_SWITCHED", "VOICE_SWITCHED"] {
            phone.meanwhile(limit, event, |_| told(event)).await;
        }
        phone.hang_up().await;
        nothing_is_left(&house).await;
    }
}
