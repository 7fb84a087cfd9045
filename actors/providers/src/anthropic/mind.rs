//! The Messages API of Anthropic.

mod options;
mod reader;
mod request;

use std::sync::Arc;

use moked_core::agent::Agent;
use moked_core::ports::{ChatEvent, ChatModel, ChatRequest, ChatSession, Sink};
use secrecy::SecretString;

pub use options::AnthropicMindOptions;

use request::AnthropicWire;

use crate::minding::{self, MindLimits, MindWire};

/// A mind behind `/v1/messages`.
#[derive(Debug, Clone)]
pub struct AnthropicMind {
    wire: Arc<AnthropicWire>,
    agent: Arc<Agent>,
    limits: MindLimits,
}

impl AnthropicMind {
    /// A mind for this agent. A gateway of one's own may need no key. Nothing is connected yet.
    pub fn new(agent: Arc<Agent>, options: AnthropicMindOptions, key: Option<SecretString>) -> Self {
        let limits = options.limits;
        Self { wire: Arc::new(AnthropicWire::new(options, key)), agent, limits }
    }
}

impl ChatModel for AnthropicMind {
    fn name(&self) -> &'static str {
        self.wire.name()
    }

    fn warm(&self) {
        minding::warm(Arc::<AnthropicWire>::clone(&self.wire));
    }

    fn for_probe(&self) -> Option<Arc<dyn ChatModel>> {
        let wire = Arc::new(self.wire.for_probe());
        Some(minding::for_probe(wire, Arc::clone(&self.agent), self.limits))
    }

    fn open(&self, request: ChatRequest, events: Sink<ChatEvent>) -> Box<dyn ChatSession> {
        let wire = Arc::<AnthropicWire>::clone(&self.wire);
        minding::open(wire, Arc::clone(&self.agent), self.limits, request, events)
    }
}
