//! Speech to speech in one hop: OpenAI's realtime models.
//!
//! The vendor hears, thinks and speaks over one WebSocket. Its own turn detection is off: moked commits an
//! utterance when it is over, asks for its answer, and cuts an answer to what was heard of it. Names of the
//! general release are spoken; those of the beta are understood too, because compatible servers speak them.

mod command;
mod conversation;
mod driver;
mod event;
mod response;
mod spoken;
mod start;

use std::sync::Arc;

use moked_core::agent::Agent;
use moked_core::language::Language;
use moked_core::ports::{
    ConversingEvent, ConversingRequest, ConversingSession, ProviderFault, Sink, SpeechToSpeech,
};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use self::driver::Session;
use super::key::bearer;
use super::realtime_ears::PATH;
use crate::transport::{SocketRequest, endpoint};

/// What the models converse in, as far as moked does.
const LANGUAGES: [Language; 2] = [Language::English, Language::Hebrew];

/// Settings of [`OpenAiRealtime`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OpenAiRealtimeOptions {
    /// Where the API is, with its version. Default `wss://api.openai.com/v1`.
    pub base_url: String,
    /// The model. Default `gpt-realtime-2.1`.
    pub model: String,
    /// The voice. Default `marin`.
    pub voice: String,
    /// The model that writes down what the caller says. Default `gpt-transcribe`.
    pub transcription_model: String,
    /// Longest wait for the first sound of an answer, and between two pieces of one, in ms. Past it the session
    /// counts as lost. Default 5000: another session still answers within the 10 s of a turn.
    pub stall_ms: u64,
}

impl Default for OpenAiRealtimeOptions {
    fn default() -> Self {
        Self {
            base_url: "wss://api.openai.com/v1".into(),
            model: "gpt-realtime-2.1".into(),
            voice: "marin".into(),
            transcription_model: "gpt-transcribe".into(),
            stall_ms: 5_000,
        }
    }
}

/// OpenAI's realtime models.
#[derive(Debug)]
pub struct OpenAiRealtime {
    agent: Arc<Agent>,
    options: OpenAiRealtimeOptions,
    url: Url,
    key: Option<SecretString>,
}

impl OpenAiRealtime {
    /// The models with these settings, as this agent.
    ///
    /// # Errors
    /// [`ProviderFault::Unavailable`] when the base URL is none.
    pub fn new(
        agent: Arc<Agent>,
        options: OpenAiRealtimeOptions,
        key: Option<SecretString>,
    ) -> Result<Self, ProviderFault> {
        let mut url = endpoint(&options.base_url, PATH)?;
        url.query_pairs_mut().append_pair("model", &options.model);
        Ok(Self { agent, options, url, key })
    }
}

impl SpeechToSpeech for OpenAiRealtime {
    fn name(&self) -> &'static str {
        "openai"
    }

    fn languages(&self) -> &[Language] {
        &LANGUAGES
    }

    fn open(&self, request: ConversingRequest, events: Sink<ConversingEvent>) -> Box<dyn ConversingSession> {
        let mut socket = SocketRequest::new(self.url.clone());
        if let Some(bearer) = bearer(self.key.as_ref()) {
            socket = socket.header("authorization", bearer);
        }
        Box::new(Session::open(socket, &self.options, Arc::clone(&self.agent), request, events))
    }
}
