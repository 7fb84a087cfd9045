//! Speech to speech in one hop.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use moked_core::ports::ProviderFault;
use moked_providers::openai::realtime::{RealtimeCommand, RealtimeEvent, ToolCall};
use moked_providers::openai::{OpenAiRealtime, OpenAiRealtimeOptions};
use serde_json::json;

use super::vendor::{Vendor, events, on_a_call};
use super::{CANARY, key};

#[test]
fn a_conversation_with_a_tool_and_an_interruption() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let options = OpenAiRealtimeOptions { base_url: vendor.url("ws", "/v1"), ..Default::default() };
        let model = OpenAiRealtime::new(options, key()).unwrap();
        assert!(!format!("{model:?}").contains(CANARY));
        let (sink, mut events) = events();
        let session = model.open("Be kind.", &[], sink);
        session.tell(RealtimeCommand::Audio(vec![0xFF; 160]));
        let mut call = vendor.accept_socket().await;
        assert_eq!(call.path, "/v1/realtime?model=gpt-realtime-2.1");
        let update = call.next_json().await;
        assert_eq!(update["session"]["instructions"], "Be kind.");
        assert_eq!(update["session"]["audio"]["output"]["format"]["type"], "audio/pcmu");
        assert_eq!(call.next_json().await["audio"], STANDARD.encode([0xFF; 160]));

        let audio = STANDARD.encode([0x90; 160]);
        let arguments = json!({"type": "function_call", "call_id": "c", "name": "hours", "arguments": "{}"});
        for message in [
            json!({"type": "session.updated", "session": {}}),
            json!({"type": "response.created", "response": {"id": "r", "status": "in_progress", "output": []}}),
            json!({"type": "response.output_audio.delta", "item_id": "i", "delta": audio}),
            json!({"type": "response.audio.delta", "item_id": "i", "delta": audio}),
            json!({"type": "response.audio_transcript.delta", "item_id": "i", "delta": "שלום"}),
            json!({"type": "input_audio_buffer.speech_started", "audio_start_ms": 40, "item_id": "j"}),
            json!({"type": "response.done", "response": {"id": "r", "status": "cancelled", "output": [arguments]}}),
            json!({"type": "error", "error": {"type": "invalid_request_error", "message": "no answer to cancel"}}),
        ] {
            call.say(message).await;
        }
        let audio = RealtimeEvent::Audio { item_id: "i".into(), audio: vec![0x90; 160].into() };
        let hours = ToolCall { call_id: "c".into(), name: "hours".into(), arguments: "{}".into() };
        for expected in [
            RealtimeEvent::Configured,
            RealtimeEvent::AnswerStarted { response_id: "r".into() },
            audio.clone(),
            audio,
            RealtimeEvent::Words { item_id: "i".into(), delta: "שלום".into() },
            RealtimeEvent::CallerStarted { at_ms: 40 },
            RealtimeEvent::AnswerEnded { status: "cancelled".into(), calls: vec![hours] },
            RealtimeEvent::Complaint(ProviderFault::BadRequest { why: "no answer to cancel".into() }),
        ] {
            assert_eq!(events.next().await, expected);
        }

        session.tell(RealtimeCommand::Cancel);
        session.tell(RealtimeCommand::Truncate { item_id: "i".into(), audio_end_ms: 20 });
        session.tell(RealtimeCommand::ToolOutput { call_id: "c".into(), output: "nine to five".into() });
        assert_eq!(call.next_json().await, json!({"type": "response.cancel"}));
        let truncate = json!({"type": "conversation.item.truncate", "item_id": "i", "content_index": 0, "audio_end_ms": 20});
        assert_eq!(call.next_json().await, truncate);
        assert_eq!(call.next_json().await["item"]["output"], "nine to five");
        drop(session);
        call.closed().await;
    });
}

#[test]
fn a_session_that_ends_says_why() {
    on_a_call(async {
        let vendor = Vendor::listen().await;
        let options = OpenAiRealtimeOptions { base_url: vendor.url("ws", "/v1"), ..Default::default() };
        let model = OpenAiRealtime::new(options, None).unwrap();
        let (sink, mut events) = events();
        let _session = model.open("", &[], sink);
        let mut call = vendor.accept_socket().await;
        let error = json!({"type": "insufficient_quota", "message": "pay"});
        call.say(json!({"type": "error", "error": error})).await;
        let quota = ProviderFault::Quota { why: "pay".into(), retry_after: None };
        assert_eq!(events.next().await, RealtimeEvent::Failed(quota));
    });
}
