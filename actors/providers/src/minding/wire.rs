//! What a vendor must say of its wire, and the words in which it is asked.

use std::fmt::Debug;

use moked_core::ports::ProviderFault;
use serde_json::{Map, Value};

use super::tools::ToolSpec;
use crate::transport::{HttpRequest, SseEvent};

/// A vendor's wire: requests out, streams in. No logic of a conversation.
pub trait MindWire: Debug + Send + Sync + 'static {
    /// Short vendor id for logs and `/readyz`.
    fn name(&self) -> &'static str;

    /// The request for one answer, streamed as server-sent events.
    fn request(&self, prompt: &Prompt<'_>) -> HttpRequest;

    /// A cheap request to the same host, to have a connection ready.
    fn greeting(&self) -> HttpRequest;

    /// A reader for one answer.
    fn reader(&self) -> Box<dyn ReplyReader>;

    /// The kind of a failure, where the vendor's status alone misleads.
    fn judge(&self, fault: ProviderFault) -> ProviderFault {
        fault
    }
}

/// Reads one streamed answer.
pub trait ReplyReader {
    /// Takes the next event.
    ///
    /// # Errors
    /// When it cannot be understood, or it reports a failure.
    fn read(&mut self, event: &SseEvent) -> Result<Step, ProviderFault>;

    /// The answer, once the stream has ended.
    ///
    /// # Errors
    /// When it ended before the answer did.
    fn finish(self: Box<Self>) -> Result<Reply, ProviderFault>;
}

/// What an event brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// Words to say.
    pub text: String,
    /// Whether the model moved on, if only by a piece of a tool call or of its reasoning.
    pub is_progress: bool,
    /// How far the stream has come.
    pub stage: Stage,
}

impl Step {
    /// Words to say, which may be none.
    pub fn words(text: String) -> Self {
        Self { is_progress: !text.is_empty(), text, stage: Stage::Streaming }
    }

    /// A sign of life without words.
    pub fn progress() -> Self {
        Self { is_progress: true, ..Self::default() }
    }

    /// An event of no consequence.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// The same, further along.
    #[must_use]
    pub fn at(self, stage: Stage) -> Self {
        Self { stage, ..self }
    }
}

/// How far a stream has come.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// More of the answer is due.
    #[default]
    Streaming,
    /// The answer is whole; counts of tokens and the like may follow.
    Whole,
    /// The vendor has said its last word.
    Over,
}

/// One whole answer, apart from the words that were already handed on.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reply {
    /// Tools it calls, in order.
    pub calls: Vec<ToolCall>,
    /// Why it is not a whole answer: it was cut at its longest, or refused.
    pub flaw: Option<Flaw>,
}

/// Why an answer is not a whole one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Flaw {
    /// It came to the limit of tokens.
    TooLong,
    /// The vendor's filters or the model itself refused, in these words.
    Refused(String),
}

/// Everything a model needs for one answer.
#[derive(Debug, Clone, Copy)]
pub struct Prompt<'a> {
    /// The brief, for the system's place.
    pub brief: &'a str,
    /// The conversation; begins with [`Message::User`], and no two of one speaker follow each other.
    pub messages: &'a [Message],
    /// Tools it has.
    pub tools: &'a [ToolSpec],
    /// Whether it may call them; they stay declared, because past calls stand in `messages`.
    pub may_call: bool,
}

/// One message to or from the model.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// The caller's side: words and bracketed notes.
    User(String),
    /// The agent's side, perhaps with calls of tools.
    Agent {
        /// Words, perhaps none.
        text: String,
        /// Calls, perhaps none.
        calls: Vec<ToolCall>,
    },
    /// What the tools called last gave, in the order of the calls.
    Results(Vec<ToolResult>),
}

/// A call of a tool.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolCall {
    /// The vendor's id; empty when it gave none, until one is made.
    pub id: String,
    /// The tool.
    pub name: String,
    /// Its arguments; empty when they were malformed.
    pub arguments: Map<String, Value>,
    /// The arguments as they came, when they were no JSON object.
    pub malformed: Option<String>,
    /// An opaque token of the vendor that must come back with the call (Gemini's `thoughtSignature`).
    pub signature: Option<String>,
}

impl ToolCall {
    /// A call whose arguments came as text. No text at all stands for no arguments.
    pub fn from_text(id: String, name: String, arguments: &str) -> Self {
        let arguments = arguments.trim();
        let text = if arguments.is_empty() { "{}" } else { arguments };
        match serde_json::from_str(text) {
            Ok(Value::Object(map)) => Self { id, name, arguments: map, malformed: None, signature: None },
            // Some servers write the object as a string within a string.
            Ok(Value::String(inner)) if inner != text && inner.trim_start().starts_with('{') => {
                Self::from_text(id, name, &inner)
            }
            Ok(_) | Err(_) => {
                let malformed = Some(text.chars().take(200).collect());
                Self { id, name, arguments: Map::new(), malformed, signature: None }
            }
        }
    }
}

/// An id for a call that came without: nine letters and digits, which the strictest servers (Mistral's) want.
pub(super) fn made_id(number: u32) -> String {
    format!("call{:05}", number % 100_000)
}

/// What a tool gave.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolResult {
    /// Id of the call.
    pub id: String,
    /// The tool.
    pub name: String,
    /// Its result, an object.
    pub result: Value,
    /// Whether the call was wrong.
    pub is_error: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> ToolCall {
        ToolCall::from_text("1".into(), "t".into(), text)
    }

    #[test]
    fn arguments_are_read_from_text_in_the_forms_that_servers_send() {
        assert!(read("").malformed.is_none() && read("").arguments.is_empty());
        assert_eq!(read(r#"{"a":1}"#).arguments["a"], 1);
        assert_eq!(read(r#""{\"a\":1}""#).arguments["a"], 1);
    }

    #[test]
    fn arguments_that_are_no_object_are_malformed() {
        for text in [r#"{"a":"#, "[1]", "null", "\"x\""] {
            assert_eq!(read(text).malformed.as_deref(), Some(text));
        }
    }

    #[test]
    fn a_made_id_has_nine_letters_and_digits() {
        assert_eq!(made_id(3), "call00003");
    }
}
