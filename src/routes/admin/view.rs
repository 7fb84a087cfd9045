//! One call as the admin endpoint shows it: the supervisor's account in one shape for every stage.

use moked_actors::registry::CallSummary;
use serde_json::{Map, Value, json};

/// What a stage says of itself when it has no state to tell; see `supervisor.rs` of the actors.
const SILENT: [&str; 2] = ["stuck", "not running"];

/// A live call: its state as it is, and each stage with whether it runs and why it wakes next.
pub(super) fn live(mut view: Value) -> Value {
    let stages = view.as_object_mut().and_then(|view| view.remove("actors")).unwrap_or_default();
    let stages: Map<String, Value> = match stages {
        Value::Object(stages) => stages.into_iter().map(|(name, state)| (name, stage(state))).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    };
    let is_stuck = stages.values().any(|stage| stage["status"] == SILENT[0]);
    view["state"] = if is_stuck { "stuck" } else { "live" }.into();
    view["stages"] = stages.into();
    view
}

/// A call whose thread does not answer.
pub(super) fn stuck(summary: &CallSummary, unix_ms: u64) -> Value {
    json!({
        "state": "stuck",
        "call_sid": summary.call_sid,
        "stream_sid": summary.stream_sid,
        "started_at_ms": summary.started_at_ms,
        "seconds": unix_ms.saturating_sub(summary.started_at_ms) / 1_000,
    })
}

fn stage(mut state: Value) -> Value {
    if let Some(status) = state.as_str() {
        let status = if status == SILENT[0] { "stuck" } else { "not_running" };
        return json!({ "status": status, "next_timer": null, "state": null });
    }
    let own = state.as_object_mut().and_then(|state| state.remove("next_timer"));
    let next = own.unwrap_or_else(|| {
        // The dialog tells its timer within its turn.
        let turn = &state["turn"];
        match (&turn["next_timer"], &turn["next_timer_in_ms"]) {
            (Value::String(why), in_ms) => json!({ "why": why, "in_ms": in_ms }),
            _ => Value::Null,
        }
    });
    json!({ "status": "running", "next_timer": next, "state": state })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stuck_stage_makes_the_call_show_as_stuck() {
        let shown = live(json!({ "call_sid": "CA1", "actors": {
            "stt": { "engine": "x", "next_timer": { "why": "hangover", "in_ms": 20 } },
            "dialog": { "turn": { "state": "LISTENING", "next_timer": "silence", "next_timer_in_ms": 900 } },
            "tts": "stuck",
            "pacer": "not running",
        } }));
        assert_eq!(shown["state"], "stuck");
        assert_eq!(shown["stages"]["stt"]["next_timer"], json!({ "why": "hangover", "in_ms": 20 }));
        assert_eq!(shown["stages"]["dialog"]["next_timer"], json!({ "why": "silence", "in_ms": 900 }));
        assert_eq!(shown["stages"]["tts"], json!({ "status": "stuck", "next_timer": null, "state": null }));
        assert_eq!(shown["stages"]["pacer"]["status"], "not_running");
    }
}
