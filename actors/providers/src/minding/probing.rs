//! A mind for probes: the real brief and tools, and an answer of a few tokens.
//!
//! The request is a call's request, since what is to be found out is whether a call would be answered: models
//! differ in what they refuse, tools among it. What costs is the answer, and a model that reasons may come to
//! the end of a small one without a word. It has answered then all the same.

use std::sync::Arc;

use moked_core::agent::Agent;
use moked_core::ports::{ChatEvent, ChatModel, ChatRequest, ChatSession, ProviderFault, Sink};

use super::limits::MindLimits;
use super::session::{Session, Work};
use super::wire::MindWire;

/// Longest answer to a probe, tokens: a greeting, and above the least that vendors take.
pub const PROBE_TOKENS: u32 = 16;

/// A mind whose wire asks for answers of [`PROBE_TOKENS`].
#[derive(Debug)]
struct ProbeMind {
    wire: Arc<dyn MindWire>,
    agent: Arc<Agent>,
    limits: MindLimits,
}

/// The mind behind this wire, for probes. The wire must ask for answers of [`PROBE_TOKENS`].
pub fn for_probe(wire: Arc<dyn MindWire>, agent: Arc<Agent>, limits: MindLimits) -> Arc<dyn ChatModel> {
    Arc::new(ProbeMind { wire, agent, limits })
}

impl ChatModel for ProbeMind {
    fn name(&self) -> &'static str {
        self.wire.name()
    }

    fn open(&self, request: ChatRequest, events: Sink<ChatEvent>) -> Box<dyn ChatSession> {
        let wire = Arc::clone(&self.wire);
        let session = Session::new(wire, Arc::clone(&self.agent), self.limits, request, events);
        Box::new(session.at(Work::Probe))
    }
}

/// Whether a refusal only says that the answer would have been longer: OpenAI refuses the whole request when a
/// model's reasoning uses up the limit ("… max_tokens or model output limit was reached …").
pub(super) fn is_cut_short(fault: &ProviderFault) -> bool {
    matches!(fault, ProviderFault::BadRequest { why } if why.contains("output limit was reached"))
}
