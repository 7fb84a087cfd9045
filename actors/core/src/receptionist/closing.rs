//! Answers said aloud: in the read-back and in the closing.

use jiff::civil::{Date, Time};

use super::phrases::Phrases;
use super::{Answer, Lead};
use crate::agent::{Agent, Piece, Slot, pieces};
use crate::hints::SlotKind;
use crate::spoken::{self, Quantity};

/// An answer as the agent says it. A normal form that does not read back is said as it stands.
pub(super) fn aloud(agent: &Agent, slot: &Slot, answer: &Answer) -> String {
    let (value, language) = (answer.value.as_str(), agent.language);
    let said = match slot.kind {
        SlotKind::Phone => Some(spoken::phone(value, language)),
        SlotKind::Number => {
            value.parse().ok().map(|amount: Quantity| spoken::quantity(amount, language, slot.gender))
        }
        SlotKind::Date => value.parse().ok().map(|day: Date| spoken::date(day, language)),
        SlotKind::Time => Time::strptime("%H:%M", value).ok().map(|time| spoken::time(time, language)),
        SlotKind::YesNo => {
            let phrases = Phrases::of(language);
            Some(if value == "yes" { phrases.yes } else { phrases.no }.to_owned())
        }
        SlotKind::Name | SlotKind::Choice | SlotKind::FreeText => None,
    };
    said.unwrap_or_else(|| value.to_owned())
}

/// The last words: the owner's closing when every answer it names is known, else the incomplete one.
pub(super) fn last_words(agent: &Agent, lead: &Lead) -> String {
    let filled: Option<String> = pieces(&agent.closing)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) | Piece::Stray(text) => Some(text.to_owned()),
            Piece::Slot(name) => {
                let slot = agent.slots.iter().find(|slot| slot.id == name)?;
                Some(aloud(agent, slot, lead.answers.get(name)?))
            }
        })
        .collect();
    filled.unwrap_or_else(|| {
        let built_in = Phrases::of(agent.language).closing_incomplete;
        agent.closing_incomplete.clone().unwrap_or_else(|| built_in.to_owned())
    })
}
