//! Gemini's native API, `streamGenerateContent`: it alone hands out and takes back the signatures of a model's
//! thoughts, without which newer models refuse the results of their own tools.

mod options;
mod reader;
mod request;

use std::sync::Arc;

use moked_core::agent::Agent;
use moked_core::ports::{ChatEvent, ChatModel, ChatRequest, ChatSession, Sink};
use secrecy::SecretString;

pub use options::GeminiMindOptions;

use request::GeminiWire;

use crate::minding::{self, MindLimits, MindWire};

/// A mind behind `:streamGenerateContent`.
#[derive(Debug, Clone)]
pub struct GeminiMind {
    wire: Arc<GeminiWire>,
    agent: Arc<Agent>,
    limits: MindLimits,
}

impl GeminiMind {
    /// A mind for this agent. A gateway of one's own may need no key. Nothing is connected yet.
    pub fn new(agent: Arc<Agent>, options: GeminiMindOptions, key: Option<SecretString>) -> Self {
        let limits = options.limits;
        Self { wire: Arc::new(GeminiWire::new(options, key)), agent, limits }
    }
}

impl ChatModel for GeminiMind {
    fn name(&self) -> &'static str {
        self.wire.name()
    }

    fn warm(&self) {
        minding::warm(Arc::<GeminiWire>::clone(&self.wire));
    }

    fn for_probe(&self) -> Option<Arc<dyn ChatModel>> {
        let wire = Arc::new(self.wire.for_probe());
        Some(minding::for_probe(wire, Arc::clone(&self.agent), self.limits))
    }

    fn open(&self, request: ChatRequest, events: Sink<ChatEvent>) -> Box<dyn ChatSession> {
        let wire = Arc::<GeminiWire>::clone(&self.wire);
        minding::open(wire, Arc::clone(&self.agent), self.limits, request, events)
    }
}
