//! What a model can do beside talking: keep answers, and end the call.

mod answers;
mod schema;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::civil::DateTime;
use moked_core::agent::Agent;
use moked_core::hints::RecognitionHints;
use moked_core::receptionist::{Answer, Lead};
use serde_json::{Value, json};

use super::expectation;
use super::wire::{ToolCall, ToolResult};

/// Name of the tool that keeps answers.
pub const SAVE_ANSWERS: &str = "save_answers";

/// Name of the tool that ends the call.
pub const END_CALL: &str = "end_call";

/// A tool as it is declared to a model.
#[derive(Debug, Clone, PartialEq)]
pub struct ToolSpec {
    /// Its name.
    pub name: &'static str,
    /// What it does and when to use it.
    pub description: &'static str,
    /// JSON schema of its arguments, an object; `None` when it takes none.
    pub parameters: Option<Value>,
}

/// The tools of an agent. One that asks nothing has nothing to save.
pub fn specs(agent: &Agent) -> Vec<ToolSpec> {
    let save = (!agent.slots.is_empty()).then(|| ToolSpec {
        name: SAVE_ANSWERS,
        description: "Keeps answers of the caller for the business. Give only what the caller has said; leave \
                      out what is not known yet. Saving an answer again replaces it.",
        parameters: Some(schema::answers(agent)),
    });
    let end = ToolSpec {
        name: END_CALL,
        description: "Hangs up once your words of this reply were spoken. Say goodbye in the same reply.",
        parameters: None,
    };
    save.into_iter().chain([end]).collect()
}

/// The tools of one call, with what they have kept.
#[derive(Debug)]
pub struct Toolbox {
    agent: Arc<Agent>,
    answers: BTreeMap<String, Answer>,
    has_ended: bool,
    refused: u32,
}

/// What a tool did.
#[derive(Debug, Clone, PartialEq)]
pub struct Done {
    /// What goes back to the model.
    pub result: ToolResult,
    /// The lead, if it changed.
    pub lead: Option<Lead>,
}

impl Toolbox {
    /// Nothing kept yet.
    pub fn new(agent: Arc<Agent>) -> Self {
        Self::knowing(agent, BTreeMap::new())
    }

    /// With answers that were kept before, by slot: another mind began this call.
    pub fn knowing(agent: Arc<Agent>, answers: BTreeMap<String, Answer>) -> Self {
        Self { agent, answers, has_ended: false, refused: 0 }
    }

    /// With what an earlier session of the call has kept.
    pub fn resuming(agent: Arc<Agent>, lead: Option<&Lead>) -> Self {
        let answers = lead.map(|lead| lead.answers.clone()).unwrap_or_default();
        Self { answers, ..Self::new(agent) }
    }

    /// Whether the call is to be ended.
    pub fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// Calls of this call that were malformed or held a wrong value.
    pub fn refused(&self) -> u32 {
        self.refused
    }

    /// A new turn begins: the caller spoke on, so an end that was not reached is off.
    pub fn begin_turn(&mut self) {
        self.has_ended = false;
    }

    /// What the caller will probably say next: an answer to the first open question.
    pub fn expectation(&self) -> RecognitionHints {
        expectation::of(self.agent.slots.iter().find(|slot| !self.answers.contains_key(&slot.id)))
    }

    /// Runs a call. `said` is what the caller said last, in his own words.
    pub fn run(&mut self, call: &ToolCall, said: &str, now: DateTime) -> Done {
        let (result, lead) = match (call.name.as_str(), &call.malformed) {
            (_, Some(arguments)) => {
                let error = "the arguments are not a JSON object; call the tool again with valid JSON";
                (Err(json!({ "error": error, "arguments": arguments })), None)
            }
            (SAVE_ANSWERS, None) if !self.agent.slots.is_empty() => self.save(call, said, now),
            (END_CALL, None) => {
                self.has_ended = true;
                (Ok(json!({ "ok": true })), None)
            }
            (name, None) => {
                let known: Vec<_> = specs(&self.agent).iter().map(|tool| tool.name).collect();
                (Err(json!({ "error": format!("there is no tool `{name}`"), "tools": known })), None)
            }
        };
        let is_error = result.is_err();
        self.refused += u32::from(is_error);
        let (Ok(result) | Err(result)) = result;
        let result = ToolResult { id: call.id.clone(), name: call.name.clone(), result, is_error };
        Done { result, lead }
    }

    fn save(&mut self, call: &ToolCall, said: &str, now: DateTime) -> (Result<Value, Value>, Option<Lead>) {
        // Some models wrap the object once more.
        let given = match (call.arguments.get("answers"), call.arguments.len()) {
            (Some(Value::Object(inner)), 1) if !self.agent.slots.iter().any(|slot| slot.id == "answers") => {
                inner
            }
            _ => &call.arguments,
        };
        let before = self.answers.clone();
        let (mut saved, mut errors) = (BTreeMap::new(), BTreeMap::new());
        for (id, value) in given {
            let Some(slot) = self.agent.slots.iter().find(|slot| slot.id == *id) else {
                errors.insert(id.clone(), "there is no such answer to save".to_owned());
                continue;
            };
            match answers::normal_form(slot, value, now) {
                Ok(None) => {}
                Ok(Some(value)) => {
                    saved.insert(id.clone(), value.clone());
                    self.answers.insert(id.clone(), Answer { value, said: said.to_owned() });
                }
                Err(why) => {
                    errors.insert(id.clone(), why);
                }
            }
        }
        let missing: Vec<_> = self
            .agent
            .slots
            .iter()
            .map(|slot| &slot.id)
            .filter(|id| !self.answers.contains_key(*id))
            .collect();
        let lead = (self.answers != before)
            .then(|| Lead { answers: self.answers.clone(), complete: missing.is_empty() });
        let result = if errors.is_empty() {
            Ok(json!({ "saved": saved, "missing": missing }))
        } else {
            Err(json!({ "saved": saved, "errors": errors, "missing": missing }))
        };
        (result, lead)
    }
}

#[cfg(test)]
mod tests {
    use moked_core::hints::SlotKind;

    use super::*;

    fn toolbox() -> Toolbox {
        let agent: Agent = toml::from_str(
            r#"
            name = "Maya"
            language = "en"
            greeting = "Hello."
            closing = "Bye."
            slots = [
                { id = "name", kind = "name", question = "Your name?" },
                { id = "phone", kind = "phone", question = "Your phone?", confirm = true },
            ]
            "#,
        )
        .unwrap();
        Toolbox::new(Arc::new(agent))
    }

    fn call(name: &str, arguments: &str) -> ToolCall {
        ToolCall::from_text("c1".into(), name.into(), arguments)
    }

    fn run(toolbox: &mut Toolbox, name: &str, arguments: &str) -> Done {
        toolbox.run(&call(name, arguments), "as I said", "2026-11-20T10:00:00".parse().unwrap())
    }

    #[test]
    fn what_fits_is_kept_and_the_rest_is_refused_with_its_reason() {
        let mut toolbox = toolbox();
        let done = run(&mut toolbox, SAVE_ANSWERS, r#"{"name":"Dana","phone":"12","colour":"red"}"#);
        assert!(done.result.is_error);
        assert_eq!(done.result.result["saved"], json!({"name": "Dana"}));
        assert_eq!(done.result.result["missing"], json!(["phone"]));
        assert!(done.result.result["errors"]["phone"].is_string());
        assert!(done.result.result["errors"]["colour"].is_string());
        let lead = done.lead.unwrap();
        assert!(!lead.complete);
        assert_eq!(lead.answers["name"], Answer { value: "Dana".into(), said: "as I said".into() });
        assert_eq!(toolbox.expectation().kinds, [SlotKind::Phone, SlotKind::YesNo]);
        let done = run(&mut toolbox, SAVE_ANSWERS, r#"{"answers":{"phone":"054-1234567"}}"#);
        assert!(done.lead.unwrap().complete && !done.result.is_error);
        assert_eq!(toolbox.expectation(), RecognitionHints::default());
        assert_eq!(toolbox.refused(), 1);
    }

    #[test]
    fn saving_the_same_again_is_no_news() {
        let mut toolbox = toolbox();
        assert!(run(&mut toolbox, SAVE_ANSWERS, r#"{"name":"Dana"}"#).lead.is_some());
        assert!(run(&mut toolbox, SAVE_ANSWERS, r#"{"name":"Dana"}"#).lead.is_none());
    }

    #[test]
    fn malformed_arguments_and_unknown_tools_are_told_and_counted() {
        let mut toolbox = toolbox();
        let done = run(&mut toolbox, SAVE_ANSWERS, r#"{"name":"Da"#);
        assert!(done.result.is_error && done.result.result["arguments"] == r#"{"name":"Da"#);
        assert!(run(&mut toolbox, "transfer", "{}").result.is_error);
        assert_eq!(toolbox.refused(), 2);
    }

    #[test]
    fn the_end_is_off_when_the_caller_speaks_on() {
        let mut toolbox = toolbox();
        run(&mut toolbox, END_CALL, "");
        assert!(toolbox.has_ended());
        toolbox.begin_turn();
        assert!(!toolbox.has_ended());
    }
}
