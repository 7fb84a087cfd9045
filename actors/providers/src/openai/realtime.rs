//! Speech to speech in one hop: OpenAI's realtime models.
//!
//! The vendor hears, thinks and speaks over one WebSocket. This is the session with typed commands and events;
//! barge-in, the ledger and tools are the call's business.

mod command;
mod event;

use moked_core::ports::{ProviderFault, Sink};
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use url::Url;

pub use self::command::RealtimeCommand;
pub use self::event::{RealtimeEvent, ToolCall};
use super::key::bearer;
use super::realtime_ears::endpoint;
use crate::transport::{Incoming, SocketRequest, Task};

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
}

impl Default for OpenAiRealtimeOptions {
    fn default() -> Self {
        Self {
            base_url: "wss://api.openai.com/v1".into(),
            model: "gpt-realtime-2.1".into(),
            voice: "marin".into(),
            transcription_model: "gpt-transcribe".into(),
        }
    }
}

/// OpenAI's realtime models.
#[derive(Debug)]
pub struct OpenAiRealtime {
    options: OpenAiRealtimeOptions,
    url: Url,
    key: Option<SecretString>,
}

impl OpenAiRealtime {
    /// The models with these settings.
    ///
    /// # Errors
    /// [`ProviderFault::Unavailable`] when the base URL is none.
    pub fn new(options: OpenAiRealtimeOptions, key: Option<SecretString>) -> Result<Self, ProviderFault> {
        let mut url = endpoint(&options.base_url)?;
        url.query_pairs_mut().append_pair("model", &options.model);
        Ok(Self { options, url, key })
    }

    /// Begins a conversation with these instructions and tools (each a JSON schema in OpenAI's form). Returns
    /// at once; commands wait for the connection. Must be called on a thread with a tokio `LocalSet`.
    pub fn open(&self, instructions: &str, tools: &[Value], events: Sink<RealtimeEvent>) -> RealtimeSession {
        let mut request = SocketRequest::new(self.url.clone());
        if let Some(bearer) = bearer(self.key.as_ref()) {
            request = request.header("authorization", bearer);
        }
        let update = json!({"type": "session.update", "session": self.session(instructions, tools)});
        let (commands, queue) = unbounded_channel();
        let task = Task::spawn(async move {
            if let Err(fault) = converse(request, update, queue, &events).await {
                events.send(RealtimeEvent::Failed(fault));
            }
        });
        RealtimeSession { commands, _task: task }
    }

    fn session(&self, instructions: &str, tools: &[Value]) -> Value {
        json!({
            "type": "realtime",
            "instructions": instructions,
            "output_modalities": ["audio"],
            "audio": {
                "input": {
                    "format": {"type": "audio/pcmu"},
                    "transcription": {"model": self.options.transcription_model},
                    // The call truncates by what was heard, so it also cancels by itself.
                    "turn_detection":
                        {"type": "server_vad", "create_response": true, "interrupt_response": false},
                },
                "output": {"format": {"type": "audio/pcmu"}, "voice": self.options.voice},
            },
            "tools": tools,
        })
    }
}

/// A conversation. Dropping it closes the connection.
#[derive(Debug)]
pub struct RealtimeSession {
    commands: UnboundedSender<RealtimeCommand>,
    _task: Task,
}

impl RealtimeSession {
    /// Gives a command. A session that is over has told so and takes none.
    pub fn tell(&self, command: RealtimeCommand) {
        let _ = self.commands.send(command);
    }
}

async fn converse(
    request: SocketRequest,
    update: Value,
    mut commands: UnboundedReceiver<RealtimeCommand>,
    events: &Sink<RealtimeEvent>,
) -> Result<(), ProviderFault> {
    let mut socket = request.connect().await?;
    socket.send_json(&update).await?;
    loop {
        tokio::select! {
            command = commands.recv() => match command {
                Some(command) => socket.send_json(&command.message()).await?,
                None => return Ok(()),
            },
            message = socket.next() => match message? {
                Some(Incoming::Text(text)) => match event::read(&text) {
                    Ok(Some(RealtimeEvent::Failed(fault))) => return Err(fault),
                    Ok(Some(event)) => events.send(event),
                    Ok(None) => {}
                    Err(fault) => events.send(RealtimeEvent::Complaint(fault)),
                },
                Some(Incoming::Binary(_)) => {}
                None => {
                    return Err(ProviderFault::Closed { why: "the vendor ended the session".into() });
                }
            },
        }
    }
}
