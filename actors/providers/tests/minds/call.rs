//! A call with a mind at a scripted vendor, and how each vendor writes its streams.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "test code outside of a test function, which clippy does not see as such"
)]

use std::sync::Arc;
use std::time::Duration;

use moked_core::agent::Agent;
use moked_core::ids::{CallSid, TurnId};
use moked_core::language::Language;
use moked_core::ports::{
    AfterTurn, CallerSaid, ChatEvent, ChatModel, ChatRequest, ChatSession, ChatTurn, Sink,
};
use moked_providers::anthropic::mind::{AnthropicMind, AnthropicMindOptions};
use moked_providers::gemini::mind::{GeminiMind, GeminiMindOptions};
use moked_providers::minding::MindLimits;
use moked_providers::openai::mind::{OpenAiMind, OpenAiMindOptions};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::sse_vendor::{Answer, Then};

/// Longer than anything here takes: a test that hangs should say so.
const PATIENCE: Duration = Duration::from_secs(20);

/// A key that must appear nowhere but in its header.
pub(crate) const CANARY: &str = "canary-key-4711";

/// Short limits for tests of stalls, long ones for all others.
pub(crate) const SHORT: MindLimits = MindLimits { first_token_ms: 150, gap_ms: 150, turn_ms: 5_000 };
pub(crate) const LONG: MindLimits = MindLimits { first_token_ms: 15_000, gap_ms: 15_000, turn_ms: 15_000 };

/// A vendor's wire as its server writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    OpenAi,
    Anthropic,
    Gemini,
}

pub(crate) const ALL: [Wire; 3] = [Wire::OpenAi, Wire::Anthropic, Wire::Gemini];

impl Wire {
    pub(crate) fn mind(self, url: &str, limits: MindLimits) -> Box<dyn ChatModel> {
        let (agent, base_url) = (Arc::new(agent()), url.to_owned());
        let key = Some(SecretString::from(CANARY));
        match self {
            Self::OpenAi => {
                let options = OpenAiMindOptions { base_url, limits, ..OpenAiMindOptions::default() };
                Box::new(OpenAiMind::new(agent, options, key))
            }
            Self::Anthropic => {
                let options = AnthropicMindOptions { base_url, limits, ..AnthropicMindOptions::default() };
                Box::new(AnthropicMind::new(agent, options, key))
            }
            Self::Gemini => {
                let options = GeminiMindOptions { base_url, limits, ..GeminiMindOptions::default() };
                Box::new(GeminiMind::new(agent, options, key))
            }
        }
    }

    fn event(self, data: &Value) -> String {
        match self {
            Self::OpenAi => format!("data: {data}\n\n"),
            Self::Anthropic => {
                format!("event: {}\ndata: {data}\n\n", data["type"].as_str().unwrap_or_default())
            }
            Self::Gemini => format!("data: {data}\r\n\r\n"),
        }
    }

    /// What stands before the first token.
    fn preamble(self) -> String {
        match self {
            Self::OpenAi => ": keep-alive\n\n".to_owned(),
            Self::Anthropic => {
                let start = json!({ "type": "message_start", "message": { "id": "m", "usage": {} } });
                self.event(&start) + &self.event(&json!({ "type": "ping" }))
            }
            Self::Gemini => String::new(),
        }
    }

    pub(crate) fn text(self, text: &str) -> String {
        self.event(&match self {
            Self::OpenAi => json!({ "object": "chat.completion.chunk",
                "choices": [{ "index": 0, "delta": { "content": text }, "finish_reason": null }] }),
            Self::Anthropic => json!({ "type": "content_block_delta", "index": 0,
                "delta": { "type": "text_delta", "text": text } }),
            Self::Gemini => {
                json!({ "candidates": [{ "content": { "parts": [{ "text": text }], "role": "model" } }] })
            }
        })
    }

    /// A call of a tool; `arguments` are cut in two where the wire allows it.
    fn call(self, index: usize, (name, arguments): (&str, &str)) -> String {
        let cut = arguments.char_indices().nth(arguments.chars().count() / 2).map_or(0, |(at, _)| at);
        let halves = arguments.split_at(cut);
        let events = match self {
            Self::OpenAi => {
                let piece = |piece: Value| json!({ "choices": [{ "delta": { "tool_calls": [piece] } }] });
                let half = |half: &str| piece(json!({ "index": index, "function": { "arguments": half } }));
                let head = json!({ "index": index, "id": format!("v{index}"), "type": "function",
                    "function": { "name": name, "arguments": "" } });
                vec![piece(head), half(halves.0), half(halves.1)]
            }
            Self::Anthropic => {
                let half = |half: &str| {
                    json!({ "type": "content_block_delta", "index": index + 1,
                        "delta": { "type": "input_json_delta", "partial_json": half } })
                };
                let block =
                    json!({ "type": "tool_use", "id": format!("v{index}"), "name": name, "input": {} });
                vec![
                    json!({ "type": "content_block_start", "index": index + 1, "content_block": block }),
                    half(halves.0),
                    half(halves.1),
                    json!({ "type": "content_block_stop", "index": index + 1 }),
                ]
            }
            Self::Gemini => {
                let arguments: Value = serde_json::from_str(arguments).unwrap();
                let part = json!({ "functionCall": { "name": name, "args": arguments }, "thoughtSignature": "c2ln" });
                vec![json!({ "candidates": [{ "content": { "parts": [part] } }] })]
            }
        };
        events.iter().map(|event| self.event(event)).collect()
    }

    fn end(self, has_calls: bool) -> String {
        match self {
            Self::OpenAi => {
                let reason = if has_calls { "tool_calls" } else { "stop" };
                let last = json!({ "choices": [{ "delta": {}, "finish_reason": reason }] });
                self.event(&last) + "data: [DONE]\n\n"
            }
            Self::Anthropic => {
                let reason = if has_calls { "tool_use" } else { "end_turn" };
                let delta = json!({ "type": "message_delta", "delta": { "stop_reason": reason } });
                self.event(&delta) + &self.event(&json!({ "type": "message_stop" }))
            }
            Self::Gemini => {
                self.event(&json!({ "candidates": [{ "finishReason": "STOP" }], "usageMetadata": {} }))
            }
        }
    }

    /// An answer that comes to the limit of tokens before its first word.
    pub(crate) fn cut_before_a_word(self) -> Answer {
        let last = match self {
            Self::OpenAi => {
                let last = json!({ "choices": [{ "delta": {}, "finish_reason": "length" }] });
                self.event(&last) + "data: [DONE]\n\n"
            }
            Self::Anthropic => {
                let delta = json!({ "type": "message_delta", "delta": { "stop_reason": "max_tokens" } });
                self.event(&delta) + &self.event(&json!({ "type": "message_stop" }))
            }
            Self::Gemini => self.event(&json!({ "candidates": [{ "finishReason": "MAX_TOKENS" }] })),
        };
        Answer::Stream { pieces: vec![(self.preamble() + &last).into_bytes()], then: Then::End }
    }

    /// A whole answer: words, then calls.
    pub(crate) fn answer(self, text: &[&str], calls: &[(&str, &str)]) -> Answer {
        let mut pieces = vec![self.preamble()];
        pieces.extend(text.iter().map(|text| self.text(text)));
        pieces.extend(calls.iter().enumerate().map(|(index, call)| self.call(index, *call)));
        pieces.push(self.end(!calls.is_empty()));
        let pieces = pieces.into_iter().filter(|piece| !piece.is_empty()).map(String::into_bytes).collect();
        Answer::Stream { pieces, then: Then::End }
    }

    /// A beginning in these words, and what follows it.
    pub(crate) fn begins(self, text: &str, then: Then) -> Answer {
        let pieces = [self.preamble(), self.text(text)].into_iter().filter(|piece| !piece.is_empty());
        Answer::Stream { pieces: pieces.map(String::into_bytes).collect(), then }
    }
}

fn agent() -> Agent {
    toml::from_str(
        r#"
        name = "Maya"
        language = "en"
        greeting = "Hello, this is Maya."
        closing = "Thank you."
        goodbye = "Thanks for calling. Goodbye."
        slots = [
            { id = "name", kind = "name", question = "Your name?" },
            { id = "topic", kind = "choice", question = "Rent or buy?", choices = [{ value = "rent" }, { value = "buy" }] },
        ]
        "#,
    )
    .unwrap()
}

/// One call's mind and what it says.
pub(crate) struct Call {
    pub(crate) session: Box<dyn ChatSession>,
    events: UnboundedReceiver<ChatEvent>,
    turn: TurnId,
}

impl Call {
    pub(crate) fn open(mind: &dyn ChatModel, language: Language) -> Self {
        let (sender, events) = unbounded_channel();
        let request = ChatRequest { call_sid: CallSid::new("CA1"), language, caller: None };
        let session = mind.open(request, Sink::new(move |event| drop(sender.send(event))));
        Self { session, events, turn: TurnId(0) }
    }

    /// The caller says this; the turn's number.
    pub(crate) fn says(&mut self, words: &str) -> TurnId {
        let question = self.question(words);
        self.turn = question.turn;
        self.session.think(question);
        self.turn
    }

    /// The caller has probably said this; the turn's number.
    pub(crate) fn guesses(&mut self, words: &str) -> TurnId {
        let question = self.question(words);
        self.turn = question.turn;
        assert!(self.session.speculate(question));
        self.turn
    }

    /// The next turn, with these words of the caller.
    pub(crate) fn question(&self, words: &str) -> ChatTurn {
        let now = "2026-11-20T10:00:00".parse().unwrap();
        let said = CallerSaid::Words(words.to_owned());
        ChatTurn { turn: self.turn.next(), said, history: Vec::new(), now }
    }

    pub(crate) async fn next(&mut self) -> ChatEvent {
        let event = tokio::time::timeout(PATIENCE, self.events.recv()).await;
        event.expect("an event in time").expect("an event")
    }

    /// Everything up to the turn's end.
    pub(crate) async fn outcome(&mut self) -> Outcome {
        let mut outcome = Outcome::default();
        loop {
            match self.next().await {
                ChatEvent::Text { delta, .. } => outcome.deltas.push(delta),
                event @ (ChatEvent::Lead { .. } | ChatEvent::Expect { .. }) => outcome.facts.push(event),
                ChatEvent::Done { then, .. } => outcome.then = Some(then),
                ChatEvent::Failed { error, .. } => outcome.fault = Some(error),
            }
            if outcome.then.is_some() || outcome.fault.is_some() {
                return outcome;
            }
        }
    }
}

/// What a turn brought.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) deltas: Vec<String>,
    pub(crate) facts: Vec<ChatEvent>,
    pub(crate) then: Option<AfterTurn>,
    pub(crate) fault: Option<moked_core::ports::ProviderFault>,
}

impl Outcome {
    pub(crate) fn text(&self) -> String {
        self.deltas.concat()
    }
}

/// Runs a test on one thread, as a worker does.
pub(crate) fn on_a_worker(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, test);
}
