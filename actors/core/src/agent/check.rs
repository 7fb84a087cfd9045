//! Whether an agent can hold a conversation: each fault names the key, the value and the mend.

use std::collections::BTreeSet;

use thiserror::Error;

use super::{Agent, Choice, Piece, Slot, pieces};
use crate::hints::SlotKind;
use crate::receptionist::normal_form;

/// Asking the same thing more often than this loses the caller.
pub const MOST_RETRIES: u8 = 5;

/// What is wrong with a declared agent. Keys are relative to `[agent.<id>]`; items count from 1.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AgentFault {
    /// A text that must be spoken is blank.
    #[error(
        "`{key}` is empty; write what the agent should say, or leave the key out where it may be left out"
    )]
    EmptyText {
        /// The key.
        key: String,
    },
    /// A key phrase without a letter or digit can never be heard.
    #[error(
        "`{key}` has the phrase `{phrase}`, in which there is no word to hear; write a word or remove it"
    )]
    PhraseWithoutWords {
        /// The key.
        key: String,
        /// The phrase.
        phrase: String,
    },
    /// A fact that nothing leads to.
    #[error("`{key}` is empty, so this fact is never told; list the words by which callers ask for it")]
    FactWithoutPhrases {
        /// The key.
        key: String,
    },
    /// A slot id that cannot stand between braces.
    #[error("`{key}` is `{id}`; use small letters, digits and `_`, such as `phone` or `move_in_date`")]
    BadSlotId {
        /// The key.
        key: String,
        /// The id.
        id: String,
    },
    /// Two slots of one name.
    #[error("`{key}` is `{id}`, as in an earlier slot; give every slot an id of its own")]
    DuplicateSlotId {
        /// The key.
        key: String,
        /// The id.
        id: String,
    },
    /// A choice between nothing.
    #[error("slot `{id}` is a choice without `choices`; list at least two, such as {{ value = \"rent\" }}")]
    TooFewChoices {
        /// The slot.
        id: String,
    },
    /// The keypad has nine keys for choices.
    #[error("slot `{id}` has {count} choices; nine fit the keypad and a caller's memory holds four")]
    TooManyChoices {
        /// The slot.
        id: String,
        /// How many there are.
        count: usize,
    },
    /// Options on a slot that takes none.
    #[error("slot `{id}` lists `choices` but its kind is not `choice`; set kind = \"choice\" or remove them")]
    ChoicesOfAnotherKind {
        /// The slot.
        id: String,
    },
    /// Two options answer to one phrase.
    #[error("slot `{id}`: `{phrase}` stands for two choices; let each phrase mean one of them")]
    AmbiguousChoice {
        /// The slot.
        id: String,
        /// The phrase.
        phrase: String,
    },
    /// More patience than a caller has.
    #[error("slot `{id}` has retries = {retries}; use 0 to {MOST_RETRIES}")]
    TooManyRetries {
        /// The slot.
        id: String,
        /// The value.
        retries: u8,
    },
    /// Yes or no read back as a question is a riddle.
    #[error(
        "slot `{id}` asks for yes or no and has confirm = true; remove `confirm`, the answer is one word"
    )]
    ConfirmedYesNo {
        /// The slot.
        id: String,
    },
    /// The same words at every wait wear out.
    #[error("`fillers` has one text, which would be said over and over; give at least two")]
    OneFiller,
    /// The closing names a slot that does not exist.
    #[error("`{key}` names {{{name}}}, which is no slot; the slots are: {known}")]
    UnknownPlaceholder {
        /// The key.
        key: String,
        /// The name between the braces.
        name: String,
        /// The ids that exist, or `none`.
        known: String,
    },
    /// A brace where none may be, or one without its partner.
    #[error("`{key}` has a brace that would be spoken: `{text}`; only `closing` takes {{slot id}}")]
    StrayBrace {
        /// The key.
        key: String,
        /// From the brace on.
        text: String,
    },
}

impl Agent {
    /// Whether this agent can hold a conversation.
    ///
    /// # Errors
    /// The first fault, in the order of the file.
    pub fn check(&self) -> Result<(), AgentFault> {
        filled("name", &self.name)?;
        spoken("greeting", &self.greeting)?;
        for (index, fact) in self.facts.iter().enumerate() {
            let key = format!("facts[{}]", index + 1);
            if fact.phrases.is_empty() {
                return Err(AgentFault::FactWithoutPhrases { key: format!("{key}.phrases") });
            }
            hearable(&format!("{key}.phrases"), &fact.phrases)?;
            spoken(&format!("{key}.answer"), &fact.answer)?;
        }
        let mut ids = BTreeSet::new();
        for (index, slot) in self.slots.iter().enumerate() {
            let key = format!("slots[{}]", index + 1);
            slot.check(&key)?;
            if !ids.insert(slot.id.as_str()) {
                return Err(AgentFault::DuplicateSlotId { key: format!("{key}.id"), id: slot.id.clone() });
            }
        }
        self.check_closing(&ids)?;
        for (key, text) in [
            ("closing_incomplete", &self.closing_incomplete),
            ("goodbye", &self.goodbye),
            ("callback", &self.callback),
        ] {
            text.as_deref().map_or(Ok(()), |text| spoken(key, text))?;
        }
        self.sorry.iter().try_for_each(|text| spoken("sorry", text))?;
        self.still_there.iter().try_for_each(|text| spoken("still_there", text))?;
        self.fillers.iter().try_for_each(|text| spoken("fillers", text))?;
        if self.fillers.len() == 1 { Err(AgentFault::OneFiller) } else { Ok(()) }
    }

    fn check_closing(&self, ids: &BTreeSet<&str>) -> Result<(), AgentFault> {
        filled("closing", &self.closing)?;
        for piece in pieces(&self.closing) {
            match piece {
                Piece::Slot(name) if !ids.contains(name) => {
                    let known = ids.iter().copied().collect::<Vec<_>>().join(", ");
                    return Err(AgentFault::UnknownPlaceholder {
                        key: "closing".to_owned(),
                        name: name.to_owned(),
                        known: if known.is_empty() { "none".to_owned() } else { known },
                    });
                }
                Piece::Stray(text) => {
                    return Err(AgentFault::StrayBrace { key: "closing".to_owned(), text: text.to_owned() });
                }
                Piece::Slot(_) | Piece::Text(_) => {}
            }
        }
        Ok(())
    }
}

impl Slot {
    fn check(&self, key: &str) -> Result<(), AgentFault> {
        let id = || self.id.clone();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if self.id.is_empty() || !self.id.chars().all(plain) {
            return Err(AgentFault::BadSlotId { key: format!("{key}.id"), id: id() });
        }
        spoken(&format!("{key}.question"), &self.question)?;
        self.retry.as_deref().map_or(Ok(()), |text| spoken(&format!("{key}.retry"), text))?;
        if self.retries > MOST_RETRIES {
            return Err(AgentFault::TooManyRetries { id: id(), retries: self.retries });
        }
        if self.confirm && self.kind == SlotKind::YesNo {
            return Err(AgentFault::ConfirmedYesNo { id: id() });
        }
        match (self.kind, self.choices.len()) {
            (SlotKind::Choice, 0 | 1) => Err(AgentFault::TooFewChoices { id: id() }),
            (SlotKind::Choice, count @ 10..) => Err(AgentFault::TooManyChoices { id: id(), count }),
            (SlotKind::Choice, _) => self.check_choices(key),
            (_, 0) => Ok(()),
            (_, _) => Err(AgentFault::ChoicesOfAnotherKind { id: id() }),
        }
    }

    fn check_choices(&self, key: &str) -> Result<(), AgentFault> {
        let mut taken = BTreeSet::new();
        for (index, Choice { value, phrases }) in self.choices.iter().enumerate() {
            let key = format!("{key}.choices[{}]", index + 1);
            spoken(&format!("{key}.value"), value)?;
            hearable(&format!("{key}.phrases"), phrases)?;
            let own: BTreeSet<Vec<String>> = phrases.iter().chain([value]).map(|p| normal_form(p)).collect();
            for phrase in own {
                if !taken.insert(phrase.clone()) {
                    return Err(AgentFault::AmbiguousChoice {
                        id: self.id.clone(),
                        phrase: phrase.join(" "),
                    });
                }
            }
        }
        Ok(())
    }
}

fn filled(key: &str, text: &str) -> Result<(), AgentFault> {
    if text.trim().is_empty() { Err(AgentFault::EmptyText { key: key.to_owned() }) } else { Ok(()) }
}

/// A text that is spoken as it stands, so without braces.
fn spoken(key: &str, text: &str) -> Result<(), AgentFault> {
    filled(key, text)?;
    match text.find(['{', '}']).and_then(|at| text.get(at..)) {
        Some(rest) => Err(AgentFault::StrayBrace { key: key.to_owned(), text: rest.to_owned() }),
        None => Ok(()),
    }
}

fn hearable(key: &str, phrases: &[String]) -> Result<(), AgentFault> {
    match phrases.iter().find(|phrase| normal_form(phrase).is_empty()) {
        Some(phrase) => Err(AgentFault::PhraseWithoutWords { key: key.to_owned(), phrase: phrase.clone() }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"
        name = "Maya"
        language = "en"
        greeting = "Hello."
        closing = "Thanks, {name}. See you {day}."
        facts = [{ phrases = ["parking"], answer = "Behind the house." }]
        slots = [
            { id = "topic", kind = "choice", question = "Rent or buy?", choices = [{ value = "rent" }, { value = "buy" }] },
            { id = "name", kind = "name", question = "Your name?" },
            { id = "day", kind = "date", question = "Which day?" },
        ]
    "#;

    fn fault_of(change: impl FnOnce(&mut Agent)) -> String {
        let mut agent: Agent = toml::from_str(SOUND).expect("the sound agent");
        change(&mut agent);
        agent.check().expect_err("a fault").to_string()
    }

    #[test]
    fn a_sound_agent_passes() {
        let agent: Agent = toml::from_str(SOUND).expect("the sound agent");
        assert_eq!(agent.check(), Ok(()));
    }

    #[test]
    fn every_fault_names_its_key_or_slot_and_its_value() {
        let table: Vec<(String, &[&str])> = vec![
            (fault_of(|a| a.name.clear()), &["`name`"]),
            (fault_of(|a| a.greeting = " ".into()), &["`greeting`"]),
            (fault_of(|a| a.greeting = "Hi {name}".into()), &["`greeting`", "{name}"]),
            (fault_of(|a| a.facts[0].phrases.clear()), &["`facts[1].phrases`"]),
            (fault_of(|a| a.facts[0].phrases.push("?!".into())), &["`facts[1].phrases`", "`?!`"]),
            (fault_of(|a| a.facts[0].answer.clear()), &["`facts[1].answer`"]),
            (fault_of(|a| a.slots[1].id = "topic".into()), &["`slots[2].id`", "`topic`"]),
            (fault_of(|a| a.slots[1].id = "Full name".into()), &["`slots[2].id`", "`Full name`"]),
            (fault_of(|a| a.slots[1].question.clear()), &["`slots[2].question`"]),
            (fault_of(|a| a.slots[1].retry = Some(String::new())), &["`slots[2].retry`"]),
            (fault_of(|a| a.slots[1].retries = 6), &["`name`", "6", "0 to 5"]),
            (fault_of(|a| a.slots[0].choices.truncate(1)), &["`topic`", "at least two"]),
            (fault_of(|a| a.slots[0].choices[1].phrases.push("Rent!".into())), &["`topic`", "`rent`"]),
            (fault_of(|a| a.slots[0].choices = vec![a.slots[0].choices[0].clone(); 10]), &["`topic`", "10"]),
            (fault_of(|a| a.slots[0].kind = SlotKind::FreeText), &["`topic`", "choices"]),
            (
                fault_of(|a| {
                    a.slots[1].kind = SlotKind::YesNo;
                    a.slots[1].confirm = true;
                }),
                &["`name`", "confirm"],
            ),
            (fault_of(|a| a.closing = "Bye {phone}".into()), &["`closing`", "{phone}", "day, name, topic"]),
            (fault_of(|a| a.closing = "Bye {name".into()), &["`closing`", "{name"]),
            (fault_of(|a| a.goodbye = Some("Bye {name}".into())), &["`goodbye`", "{name}"]),
            (fault_of(|a| a.callback = Some(String::new())), &["`callback`"]),
            (fault_of(|a| a.sorry.push(String::new())), &["`sorry`"]),
            (fault_of(|a| a.still_there.push(String::new())), &["`still_there`"]),
            (fault_of(|a| a.fillers.push("Hm.".to_owned())), &["`fillers`", "at least two"]),
        ];
        for (fault, parts) in table {
            for part in parts {
                assert!(fault.contains(part), "`{part}` is not in: {fault}");
            }
        }
    }
}
