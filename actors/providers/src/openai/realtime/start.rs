//! The beginning of a session: who the model is, and the conversation that went before.

use std::collections::BTreeMap;

use moked_core::agent::Agent;
use moked_core::conversation::Remark;
use moked_core::ports::ConversingRequest;
use serde_json::{Value, json};

use super::OpenAiRealtimeOptions;
use super::command::Command;
use crate::minding::briefing::{About, brief};
use crate::minding::notes;
use crate::minding::tools::{ToolSpec, specs};

/// What a fresh session is told, in order.
pub(super) fn commands(
    options: &OpenAiRealtimeOptions,
    agent: &Agent,
    request: &ConversingRequest,
) -> Vec<Command> {
    let language = request.language;
    let mut commands = vec![Command::Configure(session(options, agent, request))];
    for remark in &request.history {
        match remark {
            Remark::Caller { text } => {
                commands.push(Command::CallerText(notes::of_remark(text, language)));
            }
            Remark::Agent { heard, interrupted, .. } => {
                commands.push(Command::AgentText(heard.clone()));
                if *interrupted {
                    commands.push(Command::CallerText(notes::interrupted(language).to_owned()));
                }
            }
        }
    }
    commands
}

fn session(options: &OpenAiRealtimeOptions, agent: &Agent, request: &ConversingRequest) -> Value {
    let known = BTreeMap::new();
    let about = About { agent, caller: request.caller.as_deref(), began: request.now, known: &known };
    let transcription = json!({
        "model": options.transcription_model,
        "language": request.language.code(),
    });
    json!({
        "type": "realtime",
        "instructions": brief(about, request.language),
        "output_modalities": ["audio"],
        "audio": {
            "input": {
                "format": {"type": "audio/pcmu"},
                "transcription": transcription,
                "turn_detection": null,
            },
            "output": {"format": {"type": "audio/pcmu"}, "voice": options.voice},
        },
        "tools": specs(agent).iter().map(tool).collect::<Vec<_>>(),
    })
}

fn tool(tool: &ToolSpec) -> Value {
    let parameters = tool.parameters.clone().unwrap_or_else(|| json!({"type": "object", "properties": {}}));
    json!({
        "type": "function",
        "name": tool.name,
        "description": tool.description,
        "parameters": parameters,
    })
}
