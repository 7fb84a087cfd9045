//! A turn in keys.

use jiff::civil::DateTime;

use super::Receptionist;
use crate::hints::SlotKind;
use crate::receptionist::Answer;
use crate::receptionist::keypad::{Keyed, keyed, yes_no_key};
use crate::receptionist::listening::Heard;

impl Receptionist {
    /// Takes keys as an answer to the open question; other keys get a hint of what fits.
    pub(super) fn keys(&mut self, keys: &str, now: DateTime) -> Vec<String> {
        let Some(open) = self.open().filter(|_| !self.ended) else { return self.miss(None) };
        let Some(slot) = self.slot(open.slot).cloned() else { return self.miss(None) };
        if open.confirming.is_some()
            && let Some(yes) = yes_no_key(keys)
        {
            return self.confirmation(&open, yes);
        }
        let joined = format!("{}{keys}", self.dictated);
        let alone = keyed(keys, &slot, now.date());
        // A whole number keyed anew stands for itself; anything less goes on from the digits before.
        let goes_on = slot.kind == SlotKind::Phone && !matches!(alone, Keyed::Value(_) | Keyed::Skip);
        let reading = if goes_on { keyed(&joined, &slot, now.date()) } else { alone };
        match reading {
            Keyed::Value(value) => {
                let answer = Answer { value, said: keys.to_owned() };
                self.take(vec![Heard { slot: open.slot, answer, span: 0..0 }])
            }
            Keyed::PartOfPhone(digits) if open.confirming.is_none() => self.part_of_phone(digits),
            Keyed::Skip => self.skip(),
            Keyed::PartOfPhone(_) | Keyed::Wrong => {
                self.dictated.clear();
                if self.keypad_only {
                    // The question that follows names the keys.
                    return self.miss(None);
                }
                let kind = if open.confirming.is_some() { SlotKind::YesNo } else { slot.kind };
                let language = self.agent.language;
                self.miss(Some(self.phrases.keypad_hint(kind, &slot.choices, language)))
            }
        }
    }
}
