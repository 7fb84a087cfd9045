//! What no vendor's own scenario shows: idle connections, and cancels that nobody confirms.

use std::time::Duration;

use moked_core::language::Language;
use moked_core::ports::{ProviderFault, SpeakingRequest, TextToSpeech};
use moked_providers::cartesia::voice::{CartesiaVoice, CartesiaVoiceOptions};
use moked_providers::deepgram::voice::{DeepgramVoice, DeepgramVoiceOptions};
use moked_providers::elevenlabs::voice::{ElevenLabsVoice, ElevenLabsVoiceOptions};
use moked_providers::listening::Outgoing;
use moked_providers::soniox::voice::{SonioxVoice, SonioxVoiceOptions};
use moked_providers::speaking::{
    CancelEnd, Cancellation, Limits, TtsWire, VoiceFact, VoiceLines, VoiceMessage,
};
use moked_providers::transport::{Incoming, SocketRequest};
use serde_json::json;

use super::vendor::Vendor;
use super::*;

/// A wire of few words: a sentence is its text, bytes are audio, any text ends the sentence.
struct Plain {
    url: String,
    idle: Duration,
}

fn text(value: serde_json::Value) -> Outgoing {
    Outgoing::Text(value.to_string())
}

impl TtsWire for Plain {
    fn engine(&self) -> &'static str {
        "plain"
    }

    fn request(&self, _language: Language) -> Result<SocketRequest, ProviderFault> {
        Ok(SocketRequest::new(self.url.clone()))
    }

    fn limits(&self, _language: Language) -> Limits {
        Limits::from_ms(5_000, 5_000)
    }

    fn most_contexts(&self) -> usize {
        2
    }

    fn begin(&self, _context: &str, sentence: &SpeakingRequest) -> Vec<Outgoing> {
        vec![text(json!({ "say": sentence.text }))]
    }

    fn cancel(&self, _context: &str) -> Cancellation {
        Cancellation { messages: vec![text(json!("cancel"))], end: CancelEnd::WithOver }
    }

    fn keep_alive(&self) -> Option<(Duration, Outgoing)> {
        Some((Duration::from_millis(30), text(json!("alive"))))
    }

    fn idle_limit(&self) -> Duration {
        self.idle
    }

    fn goodbye(&self) -> Option<Outgoing> {
        Some(text(json!("bye")))
    }

    fn read(&self, message: Incoming) -> Result<Vec<VoiceMessage>, ProviderFault> {
        let fact = match message {
            Incoming::Binary(audio) => VoiceFact::Audio(audio),
            Incoming::Text(_) => VoiceFact::Over,
        };
        Ok(vec![VoiceMessage { context: None, fact }])
    }
}

fn lines(vendor: &Vendor, idle_ms: u64) -> VoiceLines {
    VoiceLines::new(Plain { url: vendor.url("ws"), idle: Duration::from_millis(idle_ms) })
}

fn speak(lines: &VoiceLines) -> Heard {
    let (sender, events) = unbounded_channel();
    let request = SpeakingRequest::new("yes", Language::English);
    let stream = lines.speak(request, Sink::new(move |event| drop(sender.send(event))));
    Heard { stream: Some(stream), events, bytes: 0, words: Vec::new() }
}

#[test]
fn an_idle_connection_is_kept_alive_then_closed_and_the_next_sentence_opens_another() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let lines = lines(&vendor, 100);
        lines.warm(Language::English);
        let mut peer = vendor.socket().await;
        assert_eq!(peer.json().await, json!("alive"));
        while peer.json().await != json!("bye") {}
        peer.closed().await;
        let mut heard = speak(&lines);
        let mut peer = vendor.socket().await;
        assert_eq!(peer.json().await, json!({ "say": "yes" }));
        peer.binary(&loud(8)).await;
        peer.text("over").await;
        assert_eq!(heard.finishes().await, 8);
    });
}

#[test]
fn a_connection_that_closed_while_idle_costs_the_next_sentence_nothing() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let lines = lines(&vendor, 60_000);
        lines.warm(Language::English);
        drop(vendor.socket().await);
        let mut heard = speak(&lines);
        let mut peer = vendor.socket().await;
        while peer.json().await != json!({ "say": "yes" }) {}
        peer.binary(&loud(8)).await;
        peer.text("over").await;
        assert_eq!(heard.finishes().await, 8);
    });
}

#[test]
fn a_cancel_that_nobody_confirms_retires_the_connection() {
    on_a_call(async {
        let vendor = Vendor::bind().await;
        let lines = lines(&vendor, 60_000);
        let mut heard = speak(&lines);
        let mut peer = vendor.socket().await;
        assert_eq!(peer.json().await, json!({ "say": "yes" }));
        heard.cancel();
        while peer.json().await != json!("bye") {}
        peer.closed().await;
        let _next = speak(&lines);
        let mut peer = vendor.socket().await;
        assert_eq!(peer.json().await, json!({ "say": "yes" }));
    });
}

#[test]
fn an_address_that_is_none_fails_every_sentence_with_its_value() {
    on_a_call(async {
        let base_url = || "api.vendor.example".to_owned();
        let voices: [Box<dyn TextToSpeech>; 4] = [
            Box::new(CartesiaVoice::new(
                CartesiaVoiceOptions { base_url: base_url(), ..Default::default() },
                key(),
            )),
            Box::new(DeepgramVoice::new(
                DeepgramVoiceOptions { base_url: base_url(), ..Default::default() },
                key(),
            )),
            Box::new(ElevenLabsVoice::new(
                ElevenLabsVoiceOptions { base_url: base_url(), ..Default::default() },
                key(),
            )),
            Box::new(SonioxVoice::new(
                SonioxVoiceOptions { base_url: base_url(), ..Default::default() },
                key(),
            )),
        ];
        for voice in voices {
            for _ in 0..2 {
                let fault = english(voice.as_ref()).fails().await;
                let is_told =
                    matches!(&fault, ProviderFault::Unavailable { why } if why.contains(&base_url()));
                assert!(is_told, "{}: {fault}", voice.name());
            }
        }
    });
}
