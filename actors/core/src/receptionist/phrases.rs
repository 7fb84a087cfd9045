//! What the receptionist says of its own, beside the owner's texts: one table a language.
//!
//! `{…}` is filled in by the dialog. Every list is used in turn, so nothing is said twice in a row.

mod english;
mod hebrew;

use crate::agent::Choice;
use crate::hints::SlotKind;
use crate::language::Language;

/// The built-in texts of a language.
#[derive(Debug)]
pub(super) struct Phrases {
    /// Did not understand.
    pub(super) sorry: [&'static str; 4],
    /// Nobody hears the caller: the keys are all there is.
    pub(super) use_keys: &'static str,
    /// The line broke and is back.
    pub(super) cut_off: &'static str,
    /// The line is silent.
    pub(super) still_there: [&'static str; 2],
    /// Took an answer.
    pub(super) thanks: [&'static str; 4],
    /// Took several; `{values}`.
    pub(super) noted: &'static str,
    /// Read back; `{value}`.
    pub(super) confirm: [&'static str; 2],
    /// The value read back was wrong.
    pub(super) once_more: &'static str,
    /// Half a telephone number; `{digits}`.
    pub(super) go_on: &'static str,
    /// Leaves a question after too many tries.
    pub(super) never_mind: [&'static str; 2],
    /// The caller would rather not say.
    pub(super) no_problem: &'static str,
    /// The caller asks for a moment.
    pub(super) take_your_time: &'static str,
    /// The caller wants a person.
    pub(super) callback: &'static str,
    /// The caller says goodbye.
    pub(super) goodbye: &'static str,
    /// All asked, not all known.
    pub(super) closing_incomplete: &'static str,
    /// Nothing is left to ask.
    pub(super) anything_else: &'static str,
    /// How a yes is said in a closing.
    pub(super) yes: &'static str,
    /// How a no is said in a closing.
    pub(super) no: &'static str,
    /// Keys for a choice; `{key}` and `{choice}`.
    press_for: &'static str,
    phone_hint: &'static str,
    number_hint: &'static str,
    yes_no_hint: &'static str,
    date_hint: &'static str,
    time_hint: &'static str,
    speak_hint: &'static str,
}

impl Phrases {
    /// The table of a language.
    pub(super) fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &english::PHRASES,
            Language::Hebrew => &hebrew::PHRASES,
        }
    }

    /// The texts that are said as they stand, those that a caller waits for first.
    pub(super) fn set_texts(&self) -> Vec<&'static str> {
        let lists = self.sorry.into_iter().chain(self.still_there).chain([self.cut_off]);
        let answers = self.thanks.into_iter().chain(self.never_mind);
        let once = [self.once_more, self.no_problem, self.take_your_time, self.use_keys, self.anything_else];
        lists.chain(answers).chain(once).collect()
    }

    /// What to key in for an answer of this kind.
    pub(super) fn keypad_hint(&self, kind: SlotKind, choices: &[Choice], language: Language) -> String {
        match kind {
            SlotKind::Phone => self.phone_hint.to_owned(),
            SlotKind::Number => self.number_hint.to_owned(),
            SlotKind::YesNo => self.yes_no_hint.to_owned(),
            SlotKind::Date => self.date_hint.to_owned(),
            SlotKind::Time => self.time_hint.to_owned(),
            SlotKind::Name | SlotKind::FreeText => self.speak_hint.to_owned(),
            SlotKind::Choice => {
                let options = choices.iter().enumerate().map(|(index, choice)| {
                    let key = crate::spoken::digits(&(index + 1).to_string(), language);
                    self.press_for.replace("{key}", &key).replace("{choice}", &choice.value)
                });
                format!("{}.", options.collect::<Vec<_>>().join(", "))
            }
        }
    }
}
