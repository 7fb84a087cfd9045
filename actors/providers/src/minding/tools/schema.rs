//! The JSON schema of an agent's answers.
//!
//! Only words that every vendor's subset knows: `type`, `description`, `enum`, `properties`.

use moked_core::agent::{Agent, Slot};
use moked_core::hints::SlotKind;
use serde_json::{Map, Value, json};

/// An object with one property a slot, none required.
pub(super) fn answers(agent: &Agent) -> Value {
    let properties: Map<_, _> = agent.slots.iter().map(|slot| (slot.id.clone(), property(slot))).collect();
    json!({ "type": "object", "properties": properties })
}

fn property(slot: &Slot) -> Value {
    let form = match slot.kind {
        SlotKind::Name => "A name, in the letters of its language.",
        SlotKind::Phone => "A whole telephone number, digits only, with its leading 0 or +country code.",
        SlotKind::Number => "A number in digits, with at most two decimals.",
        SlotKind::YesNo => "yes or no.",
        SlotKind::Date => "A day as YYYY-MM-DD.",
        SlotKind::Time => "A time as HH:MM on the 24-hour clock.",
        SlotKind::Choice => "One of the values.",
        SlotKind::FreeText => "The caller's own words, briefly.",
    };
    let description = format!("{form} Answer to: {}", slot.question);
    match slot.kind {
        SlotKind::Number => json!({ "type": "number", "description": description }),
        SlotKind::YesNo => json!({ "type": "string", "enum": ["yes", "no"], "description": description }),
        SlotKind::Choice => {
            let values: Vec<_> = slot.choices.iter().map(|choice| &choice.value).collect();
            json!({ "type": "string", "enum": values, "description": description })
        }
        SlotKind::Name | SlotKind::Phone | SlotKind::Date | SlotKind::Time | SlotKind::FreeText => {
            json!({ "type": "string", "description": description })
        }
    }
}
