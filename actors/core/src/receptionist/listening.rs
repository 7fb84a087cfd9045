//! Which slots an utterance fills.
//!
//! The open question has the first claim. Other slots take only what is unmistakably theirs, and no word
//! serves twice: days and times are set aside first, so that the ten of "three rooms at ten" is no number of
//! rooms.

use std::ops::Range;

use jiff::civil::DateTime;

use super::Answer;
use super::understand::{
    Attention, Found, Phone, Word, choice, date, free_text, name, normal_form, number, phone, time, yes_no,
};
use crate::agent::{Agent, Slot};
use crate::hints::SlotKind;

/// A slot's value, heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) slot: usize,
    pub(super) answer: Answer,
    pub(super) span: Range<usize>,
}

/// What to listen for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listening<'a> {
    pub(super) agent: &'a Agent,
    /// Slots without a value.
    pub(super) wanted: &'a [usize],
    /// The slot of the open question.
    pub(super) open: Option<usize>,
    /// Whether a bare name or any text answers the open question. Not when the caller plainly said
    /// something else.
    pub(super) take_anything: bool,
    pub(super) now: DateTime,
}

/// Surest forms first.
const ORDER: [SlotKind; 8] = [
    SlotKind::Phone,
    SlotKind::Date,
    SlotKind::Time,
    SlotKind::Choice,
    SlotKind::YesNo,
    SlotKind::Number,
    SlotKind::Name,
    SlotKind::FreeText,
];

/// The values in an utterance.
pub(super) fn listen(to: Listening<'_>, said: &str, words: &[Word]) -> Vec<Heard> {
    let mut left = words.to_vec();
    let mut heard = Vec::new();
    for kind in ORDER {
        let of_kind = |slot: &usize| to.agent.slots.get(*slot).is_some_and(|slot| slot.kind == kind);
        let open = to.open.filter(of_kind);
        let others = to.wanted.iter().copied().filter(|slot| of_kind(slot) && Some(*slot) != open);
        let mut candidates: Vec<usize> = others.collect();
        // A number beside another question's noun is that question's; all else is first of all the open one's.
        match (kind, open) {
            (SlotKind::Number, Some(open)) => candidates.push(open),
            (_, Some(open)) => candidates.insert(0, open),
            (_, None) => {}
        }
        for slot in candidates {
            let Some(found) = value(to, slot, said, &left) else { continue };
            blank(&mut left, &found.span);
            let said = said_there(words, &found.span, said, kind);
            heard.push(Heard { slot, answer: Answer { value: found.value, said }, span: found.span });
        }
        if heard.is_empty() || !heard.iter().any(|heard| of_kind(&heard.slot)) {
            set_aside(kind, to.now, &mut left);
        }
    }
    heard
}

/// A day or a time is not material for other kinds, even when no slot wants it.
fn set_aside(kind: SlotKind, now: DateTime, left: &mut [Word]) {
    let span = match kind {
        SlotKind::Phone => phone(left, Attention::Overheard).map(|found| found.span),
        SlotKind::Date => date(left, now.date(), Attention::Overheard).map(|found| found.span),
        SlotKind::Time => time(left, Attention::Overheard).map(|found| found.span),
        SlotKind::Choice | SlotKind::YesNo | SlotKind::Number | SlotKind::Name | SlotKind::FreeText => None,
    };
    if let Some(span) = span {
        blank(left, &span);
    }
}

fn value(to: Listening<'_>, index: usize, said: &str, words: &[Word]) -> Option<Found<String>> {
    let slot = to.agent.slots.get(index)?;
    let asked = to.open == Some(index);
    let attention = if asked { Attention::Asked } else { Attention::Overheard };
    match slot.kind {
        SlotKind::Phone => phone(words, attention).and_then(|found| match found.value {
            Phone::Whole(number) => Some(Found { value: number, span: found.span }),
            Phone::Partial(_) => None,
        }),
        SlotKind::Date => date(words, to.now.date(), attention).map(|found| found.map(|day| day.to_string())),
        SlotKind::Time => {
            time(words, attention).map(|found| found.map(|time| time.strftime("%H:%M").to_string()))
        }
        SlotKind::Choice => {
            let found = choice(words, &slot.choices, attention)?;
            let value = slot.choices.get(found.value)?.value.clone();
            Some(Found { value, span: found.span })
        }
        SlotKind::YesNo if asked => {
            yes_no(words).map(|found| found.map(|yes| if yes { "yes" } else { "no" }.to_owned()))
        }
        SlotKind::Number => {
            number(words, &nouns(to, slot, asked), attention).map(|found| found.map(|n| n.to_string()))
        }
        SlotKind::Name => {
            let attention = if to.take_anything { attention } else { Attention::Overheard };
            name(words, attention)
        }
        SlotKind::FreeText if asked && to.take_anything => {
            free_text(said).map(|value| Found { value, span: 0..words.len() })
        }
        SlotKind::YesNo | SlotKind::FreeText => None,
    }
}

/// The words of a number's question that may stand beside the number; those that the open question shares
/// tell nothing.
fn nouns(to: Listening<'_>, slot: &Slot, asked: bool) -> Vec<String> {
    let open = to.open.and_then(|open| to.agent.slots.get(open));
    let shared = open.filter(|_| !asked).map(|open| normal_form(&open.question)).unwrap_or_default();
    let mut nouns = normal_form(&slot.question);
    nouns.retain(|word| !shared.contains(word));
    nouns
}

/// Takes words out without moving the others.
pub(super) fn blank(words: &mut [Word], span: &Range<usize>) {
    for word in words.get_mut(span.clone()).into_iter().flatten() {
        *word = Word::default();
    }
}

/// The caller's own words for a value.
fn said_there(words: &[Word], span: &Range<usize>, said: &str, kind: SlotKind) -> String {
    if kind == SlotKind::FreeText {
        return said.trim().to_owned();
    }
    let part = words.get(span.clone()).unwrap_or_default();
    part.iter().map(|word| word.raw.as_str()).collect::<Vec<_>>().join(" ")
}
