//! Chat completions of OpenAI and of every server that is compatible with them: Ollama, llama.cpp, vLLM,
//! Groq and others. How they differ is known to `reader` and to
//! [`OpenAiMindOptions`].

mod options;
mod reader;
mod request;
mod thoughts;

use std::sync::Arc;

use moked_core::agent::Agent;
use moked_core::ports::{ChatEvent, ChatModel, ChatRequest, ChatSession, Sink};
use secrecy::SecretString;

pub use options::{MaxTokensField, OpenAiMindOptions};

use request::OpenAiWire;

use crate::minding::{self, MindLimits, MindWire};

/// A mind behind `/chat/completions`.
#[derive(Debug, Clone)]
pub struct OpenAiMind {
    wire: Arc<OpenAiWire>,
    agent: Arc<Agent>,
    limits: MindLimits,
}

impl OpenAiMind {
    /// A mind for this agent. Local servers need no key. Nothing is connected yet.
    pub fn new(agent: Arc<Agent>, options: OpenAiMindOptions, key: Option<SecretString>) -> Self {
        let limits = options.limits;
        Self { wire: Arc::new(OpenAiWire::new(options, key)), agent, limits }
    }
}

impl ChatModel for OpenAiMind {
    fn name(&self) -> &'static str {
        self.wire.name()
    }

    fn warm(&self) {
        minding::warm(Arc::<OpenAiWire>::clone(&self.wire));
    }

    fn for_probe(&self) -> Option<Arc<dyn ChatModel>> {
        let wire = Arc::new(self.wire.for_probe());
        Some(minding::for_probe(wire, Arc::clone(&self.agent), self.limits))
    }

    fn open(&self, request: ChatRequest, events: Sink<ChatEvent>) -> Box<dyn ChatSession> {
        let wire = Arc::<OpenAiWire>::clone(&self.wire);
        minding::open(wire, Arc::clone(&self.agent), self.limits, request, events)
    }
}
