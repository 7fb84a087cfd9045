//! `pipeline = "realtime"` over the whole server: one vendor hears, thinks and speaks, and calls outlive it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "test code outside of a test function, which clippy does not see as such"
)]

mod support;

use std::net::TcpListener;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt, StreamExt};
use moked::engines;
use moked::settings::Settings;
use moked::startup::{self, Running};
use moked_core::audio::BYTES_PER_MS;
use serde_json::{Value, json};
use support::*;
use tokio_tungstenite::tungstenite::Message;

/// µ-law that is neither silence nor any other test's voice.
const GREETING: u8 = 0x91;
const ANSWER: u8 = 0x9D;

/// A realtime vendor on loopback: greets, answers every later turn, and writes down what it is told.
struct Vendor {
    url: String,
    told: tokio::sync::mpsc::UnboundedReceiver<Value>,
}

impl Vendor {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/v1", listener.local_addr().unwrap());
        let (tell, told) = tokio::sync::mpsc::unbounded_channel();
        actix_rt::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let tell = tell.clone();
                actix_rt::spawn(async move {
                    let mut socket = tokio_tungstenite::accept_async(stream).await.unwrap();
                    let mut answers = 0;
                    while let Some(Ok(Message::Text(text))) = socket.next().await {
                        let command: Value = serde_json::from_str(&text).unwrap();
                        let kind = command["type"].as_str().unwrap().to_owned();
                        if kind != "input_audio_buffer.append" {
                            let _ = tell.send(command);
                        }
                        let says: Vec<Value> = match kind.as_str() {
                            "input_audio_buffer.commit" => vec![committed(), transcribed()],
                            "response.create" => {
                                answers += 1;
                                speech(answers)
                            }
                            "response.cancel" => vec![done(&format!("r{answers}"), "cancelled")],
                            _ => Vec::new(),
                        };
                        for message in says {
                            socket.send(Message::Text(message.to_string().into())).await.unwrap();
                        }
                    }
                });
            }
        });
        Self { url, told }
    }

    /// Waits for a command of this type.
    async fn until(&mut self, kind: &str) -> Value {
        loop {
            let told = tokio::time::timeout(PATIENCE, self.told.recv()).await;
            let command = told.unwrap_or_else(|_| panic!("no {kind} came")).unwrap();
            if command["type"] == kind {
                return command;
            }
        }
    }
}

fn committed() -> Value {
    json!({"type": "input_audio_buffer.committed", "item_id": "u"})
}

fn transcribed() -> Value {
    let kind = "conversation.item.input_audio_transcription.completed";
    json!({"type": kind, "item_id": "u", "transcript": "until when are you open"})
}

fn done(id: &str, status: &str) -> Value {
    json!({"type": "response.done", "response": {"id": id, "status": status, "output": []}})
}

/// The greeting is three seconds long and has no end before it is cancelled; answers take half a second.
fn speech(answers: usize) -> Vec<Value> {
    let (id, item) = (format!("r{answers}"), format!("i{answers}"));
    let (level, ms, words) = if answers == 1 {
        (GREETING, 3_000, "Hello and welcome to our office, how can I help you today?")
    } else {
        (ANSWER, 500, "Until six.")
    };
    let mut says = vec![json!({"type": "response.created", "response": {"id": id}})];
    let kind = "response.output_audio_transcript.delta";
    says.push(json!({"type": kind, "response_id": id, "item_id": item, "delta": words}));
    for _ in 0..ms / 100 {
        let delta = STANDARD.encode(vec![level; 100 * BYTES_PER_MS]);
        let kind = "response.output_audio.delta";
        says.push(json!({"type": kind, "response_id": id, "item_id": item, "delta": delta}));
    }
    if answers > 1 {
        says.push(done(&id, "completed"));
    }
    says
}

async fn house_at(url: &str) -> Running {
    let variables = [
        ("MOKED__SERVER__WORKERS", "1"),
        ("MOKED__ENGINES__PIPELINE", "realtime"),
        ("MOKED__ENGINES__PROBE_AT_START", "false"),
        ("MOKED__PROVIDER__CONVERSING__OPENAI__BASE_URL", url),
    ];
    let settings = Settings::load(None, &edge::environment(&variables)).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let running = startup::run_with(settings, listener, |settings| {
        let mut set = engines::make(settings)?;
        set.engines.voice_activity = std::sync::Arc::new(moked_providers::scripted::ScriptedVoiceActivity);
        Ok(set)
    })
    .unwrap();
    running.prepared().await;
    running
}

async fn ready(house: &Running) -> Value {
    serde_json::from_str(&edge::get(house, "/readyz").await.body).unwrap()
}

fn count(audio: &[u8], level: u8) -> usize {
    audio.iter().filter(|&&byte| byte == level).count() / BYTES_PER_MS
}

#[actix_rt::test]
async fn a_caller_interrupts_one_vendor_that_does_it_all_and_is_answered() {
    let mut vendor = Vendor::start().await;
    let house = house_at(&vendor.url).await;
    assert_eq!(ready(&house).await["realtime"], "ok");
    let mut phone = Phone::ring(&house, "CA1").await;
    let update = vendor.until("session.update").await;
    assert_eq!(update["session"]["audio"]["output"]["format"]["type"], "audio/pcmu");
    phone.until("a second of the greeting", |phone| count(&phone.heard(), GREETING) >= 1_000).await;
    phone.say(Duration::from_millis(400));
    let truncated = async {
        vendor.until("response.cancel").await;
        vendor.until("conversation.item.truncate").await
    };
    let answered = phone.until("the answer", |phone| count(&phone.heard(), ANSWER) >= 500);
    let (truncated, ()) = futures_util::join!(truncated, answered);
    // Part of the greeting was ducked and has other levels.
    let audio = phone.heard();
    let heard = (audio.iter().filter(|byte| **byte != ANSWER).count() / BYTES_PER_MS) as u64;
    let told = truncated["audio_end_ms"].as_u64().unwrap();
    assert_eq!(truncated["item_id"], "i1");
    assert!(told.abs_diff(heard) <= 120, "the vendor was told {told} ms, the ear heard {heard} ms");
    assert!(!phone.clears().is_empty(), "what lay at the carrier was cleared");
    vendor.until("response.create").await;

    phone.hang_up().await;
    nothing_is_left(&house).await;
    let ended = house.registry().ended().remove(0);
    let conversation = serde_json::to_value(&ended.conversation).unwrap();
    assert_eq!(conversation[0]["interrupted"], true);
    assert!(conversation[0]["heard"].as_str().unwrap().starts_with("Hello and"), "{conversation}");
    assert_eq!(conversation[1]["text"], "until when are you open");
    assert_eq!(conversation[2]["heard"], "Until six.");
    let engines = serde_json::to_value(&ended.latencies).unwrap();
    assert_eq!(engines[1]["engines"][0]["role"], "conversing", "{engines}");
    assert_eq!(engines[1]["engines"][0]["engine"], "openai");
    let metrics = edge::get(&house, "/metrics").await.body;
    assert!(metrics.contains(r#"role="conversing""#), "{metrics}");
}

#[actix_rt::test]
async fn a_vendor_that_is_gone_leaves_the_call_to_ear_mind_and_voice() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("ws://{}/v1", listener.local_addr().unwrap());
    drop(listener);
    let house = house_at(&url).await;
    let mut phone = Phone::ring(&house, "CA1").await;
    // The receptionist of the built-in agent, by the embedded voice.
    phone.until("the agent speaks", |phone| !phone.sent().is_empty()).await;
    assert_eq!(ready(&house).await["status"], "degraded");
    assert!(ready(&house).await["realtime"].as_str().unwrap().starts_with("down: openai"));
    phone.hang_up().await;
    nothing_is_left(&house).await;
}
