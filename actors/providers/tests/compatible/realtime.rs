//! Speech to speech in one hop.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use moked_core::agent::Agent;
use moked_core::conversation::Remark;
use moked_core::ids::{CallSid, TurnId};
use moked_core::language::Language;
use moked_core::ports::{
    AfterTurn, CallerSaid, ChatTurn, ConversingEvent, ConversingRequest, ConversingSession, ProviderFault,
    SpeechToSpeech,
};
use moked_providers::openai::{OpenAiRealtime, OpenAiRealtimeOptions};
use serde_json::{Value, json};

use super::vendor::{Events, SocketCall, Vendor, events, on_a_call};
use super::{CANARY, FIRST, SECOND, key};

const AGENT: &str = r#"
    name = "Maya"
    language = "en"
    greeting = "Hello, this is Maya."
    closing = "Thank you."
    slots = [{ id = "name", kind = "name", question = "Your name?" }]
"#;

/// 100 ms of sound.
const SOUND: [u8; 800] = [0x90; 800];

fn model(vendor: &Vendor) -> OpenAiRealtime {
    let agent: Agent = toml::from_str(AGENT).unwrap();
    let options = OpenAiRealtimeOptions { base_url: vendor.url("ws", "/v1"), ..Default::default() };
    OpenAiRealtime::new(Arc::new(agent), options, key()).unwrap()
}

fn request(history: Vec<Remark>) -> ConversingRequest {
    ConversingRequest {
        call_sid: CallSid::new("CA1"),
        language: Language::English,
        caller: None,
        now: "2026-11-20T10:00:00".parse().unwrap(),
        history,
        lead: None,
    }
}

fn turn(number: u32, said: CallerSaid) -> ChatTurn {
    let now = "2026-11-20T10:00:00".parse().unwrap();
    ChatTurn { turn: TurnId(number), said, history: Vec::new(), now }
}

/// A session, and the vendor's side of it behind its first message.
async fn begin(
    vendor: &Vendor,
    history: Vec<Remark>,
) -> (Box<dyn ConversingSession>, SocketCall, Events<ConversingEvent>, Value) {
    let (sink, events) = events();
    let session = model(vendor).open(request(history), sink);
    let mut call = vendor.accept_socket().await;
    assert_eq!(call.path, "/v1/realtime?model=gpt-realtime-2.1");
    let update = call.next_json().await;
    assert_eq!(update["type"], "session.update");
    (session, call, events, update["session"].clone())
}

async fn kinds(call: &mut SocketCall, count: usize) -> Vec<String> {
    let mut kinds = Vec::new();
    for _ in 0..count {
        kinds.push(call.next_json().await["type"].as_str().unwrap().to_owned());
    }
    kinds
}

fn created(id: &str) -> Value {
    json!({"type": "response.created", "response": {"id": id, "status": "in_progress", "output": []}})
}

fn sound(response: &str, item: &str) -> Value {
    json!({"type": "response.output_audio.delta", "response_id": response, "item_id": item, "content_index": 0,
           "delta": STANDARD.encode(SOUND)})
}

fn words(response: &str, delta: &str) -> Value {
    json!({"type": "response.output_audio_transcript.delta", "response_id": response, "item_id": "i",
           "delta": delta})
}

fn done(id: &str, status: &str, output: &[Value]) -> Value {
    json!({"type": "response.done", "response": {"id": id, "status": status, "output": output}})
}

fn audio(number: u32) -> ConversingEvent {
    ConversingEvent::Audio { turn: TurnId(number), mulaw: SOUND.to_vec().into() }
}

fn said(number: u32, delta: &str) -> ConversingEvent {
    ConversingEvent::Words { turn: TurnId(number), delta: delta.into() }
}

async fn say_all(call: &mut SocketCall, messages: impl IntoIterator<Item = Value>) {
    for message in messages {
        call.say(message).await;
    }
}

/// The next events, but for what the caller is expected to say.
async fn told(events: &mut Events<ConversingEvent>, count: usize) -> Vec<ConversingEvent> {
    let mut told = Vec::new();
    while told.len() < count {
        match events.next().await {
            ConversingEvent::Expect { .. } => {}
            event => told.push(event),
        }
    }
    told
}

#[test]
fn an_utterance_is_committed_answered_and_written_down() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        assert!(!format!("{:?}", model(&vendor)).contains(CANARY));
        let (mut session, mut call, mut events, settings) = begin(&vendor, Vec::new()).await;
        assert_eq!(call.header("authorization"), Some(format!("Bearer {CANARY}").as_str()));
        assert_eq!(settings["audio"]["input"]["format"]["type"], "audio/pcmu");
        assert_eq!(settings["audio"]["input"]["turn_detection"], Value::Null, "turns are the call's");
        assert_eq!(settings["audio"]["output"]["format"]["type"], "audio/pcmu");
        assert_eq!(settings["tools"][0]["name"], "save_answers");
        assert!(settings["instructions"].as_str().unwrap().contains("Maya"));

        session.audio(FIRST, &SOUND);
        session.utterance_ended(FIRST);
        session.answer(turn(2, CallerSaid::Spoken));
        let append = call.next_json().await;
        assert_eq!(append["audio"], STANDARD.encode(SOUND));
        assert_eq!(kinds(&mut call, 2).await, ["input_audio_buffer.commit", "response.create"]);
        let transcribed = "conversation.item.input_audio_transcription.completed";
        say_all(
            &mut call,
            [
                json!({"type": "input_audio_buffer.committed", "item_id": "u"}),
                created("r"),
                words("r", "Until "),
                sound("r", "i"),
                json!({"type": "response.audio_transcript.delta", "item_id": "i", "delta": "six."}),
                json!({"type": "response.audio.delta", "item_id": "i", "delta": STANDARD.encode(SOUND)}),
                json!({"type": transcribed, "item_id": "u", "transcript": "until when"}),
                done("r", "completed", &[]),
            ],
        )
        .await;
        let caller = ConversingEvent::CallerSaid { utterance: FIRST, text: "until when".into() };
        let over = ConversingEvent::Done { turn: TurnId(2), then: AfterTurn::Listen };
        let expected = [said(2, "Until "), audio(2), said(2, "six."), audio(2), caller, over];
        assert_eq!(told(&mut events, 6).await, expected, "in the names of both generations");
        drop(session);
        call.closed().await;
    });
}

#[test]
fn an_interruption_cancels_truncates_and_lets_the_next_answer_wait_for_its_end() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let (mut session, mut call, mut events, _) = begin(&vendor, Vec::new()).await;
        session.answer(turn(1, CallerSaid::Nothing));
        let note = call.next_json().await;
        assert_eq!(note["item"]["content"][0]["text"], "[the call begins; greet the caller]");
        assert_eq!(kinds(&mut call, 1).await, ["response.create"]);
        say_all(&mut call, [created("r"), sound("r", "i"), sound("r", "i"), sound("r", "j")]).await;
        assert_eq!(told(&mut events, 3).await, [audio(1), audio(1), audio(1)]);

        session.cut(TurnId(1), 130);
        session.audio(SECOND, &SOUND);
        session.utterance_ended(SECOND);
        session.answer(turn(2, CallerSaid::Spoken));
        assert_eq!(call.next_json().await, json!({"type": "response.cancel"}));
        let truncate = json!({"type": "conversation.item.truncate", "item_id": "i", "content_index": 0,
                              "audio_end_ms": 130});
        assert_eq!(call.next_json().await, truncate);
        assert_eq!(call.next_json().await, json!({"type": "conversation.item.delete", "item_id": "j"}));
        let next = ["input_audio_buffer.append", "input_audio_buffer.commit"];
        assert_eq!(kinds(&mut call, 2).await, next, "the vendor has an answer under way");
        say_all(&mut call, [sound("r", "j"), words("r", "late"), done("r", "cancelled", &[])]).await;
        assert_eq!(kinds(&mut call, 1).await, ["response.create"]);
        say_all(&mut call, [created("s"), sound("s", "k"), done("s", "completed", &[])]).await;
        assert_eq!(told(&mut events, 1).await, [audio(2)], "nothing of the dead answer came out");
    });
}

#[test]
fn tools_run_and_the_model_goes_on() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let (mut session, mut call, mut events, _) = begin(&vendor, Vec::new()).await;
        session.answer(turn(2, CallerSaid::Digits("1".into())));
        assert_eq!(kinds(&mut call, 2).await, ["conversation.item.create", "response.create"]);
        let save = json!({"type": "function_call", "call_id": "c", "name": "save_answers",
                          "arguments": "{\"name\":\"Dana\"}"});
        say_all(&mut call, [created("r"), done("r", "completed", &[save])]).await;
        let output = call.next_json().await;
        assert_eq!(output["item"]["call_id"], "c");
        assert!(output["item"]["output"].as_str().unwrap().contains("Dana"));
        assert_eq!(kinds(&mut call, 1).await, ["response.create"]);
        let ConversingEvent::Lead { lead, .. } = events.next().await else { panic!("no lead") };
        assert!(lead.complete);
        let end = json!({"type": "function_call", "call_id": "d", "name": "end_call", "arguments": ""});
        say_all(&mut call, [created("s"), sound("s", "i"), done("s", "completed", &[end])]).await;
        let over = ConversingEvent::Done { turn: TurnId(2), then: AfterTurn::HangUp };
        assert_eq!(told(&mut events, 2).await, [audio(2), over]);
    });
}

#[test]
fn a_new_session_is_told_what_went_before() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let history = vec![
            Remark::Agent { turn: TurnId(1), heard: "Hello, this".into(), interrupted: true },
            Remark::Caller { text: "are you open".into() },
        ];
        let (_session, mut call, _events, _) = begin(&vendor, history).await;
        let mut items = Vec::new();
        for _ in 0..3 {
            let item = call.next_json().await["item"].clone();
            items.push((item["role"].clone(), item["content"][0]["text"].clone()));
        }
        assert_eq!(items[0], (json!("assistant"), json!("Hello, this")));
        assert!(items[1].1.as_str().unwrap().contains("interrupted"));
        assert_eq!(items[2], (json!("user"), json!("are you open")));
    });
}

#[test]
fn an_answer_that_fails_is_asked_again_once_and_a_silent_vendor_is_lost() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let (mut session, mut call, mut events, _) = begin(&vendor, Vec::new()).await;
        session.answer(turn(1, CallerSaid::Spoken));
        for id in ["r", "s"] {
            assert_eq!(kinds(&mut call, 1).await, ["response.create"]);
            let error = json!({"type": "server_error", "message": "try later"});
            let details = json!({"type": "failed", "error": error});
            let response = json!({"id": id, "status": "failed", "output": [], "status_details": details});
            say_all(&mut call, [created(id), json!({"type": "response.done", "response": response})]).await;
        }
        let error = ProviderFault::Closed { why: "try later".into() };
        assert_eq!(events.next().await, ConversingEvent::Failed { turn: TurnId(1), error });

        session.answer(turn(2, CallerSaid::Spoken));
        assert_eq!(kinds(&mut call, 1).await, ["response.create"]);
        tokio::time::pause();
        let lost = events.next().await;
        let stalled = ProviderFault::Stalled { waiting_for: "more of the answer", after_ms: 5_000 };
        assert_eq!(lost, ConversingEvent::Lost(stalled));
    });
}

#[test]
fn a_session_that_ends_says_why_and_garbage_does_not_end_it() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let (mut session, mut call, mut events, _) = begin(&vendor, Vec::new()).await;
        session.answer(turn(1, CallerSaid::Spoken));
        assert_eq!(kinds(&mut call, 1).await, ["response.create"]);
        let complaint = json!({"type": "error", "error": {"type": "invalid_request_error", "message": "no"}});
        let quota = json!({"type": "error", "error": {"type": "insufficient_quota", "message": "pay"}});
        say_all(&mut call, [created("r"), json!({"kind": "?"}), json!(7), complaint, sound("r", "i")]).await;
        assert_eq!(told(&mut events, 1).await, [audio(1)]);
        call.say(quota).await;
        let quota = ProviderFault::Quota { why: "pay".into(), retry_after: None };
        assert_eq!(events.next().await, ConversingEvent::Lost(quota));
    });
}

#[test]
fn a_vendor_that_stops_reading_is_lost_although_no_answer_is_awaited() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let (mut session, _call, mut events, _) = begin(&vendor, Vec::new()).await;
        // More than the buffers of both sides hold.
        for _ in 0..300 {
            session.audio(FIRST, &[0x90; 60_000]);
        }
        tokio::time::pause();
        let stalled = ProviderFault::Stalled { waiting_for: "room to send", after_ms: 2_000 };
        assert_eq!(events.next().await, ConversingEvent::Lost(stalled));
    });
}
