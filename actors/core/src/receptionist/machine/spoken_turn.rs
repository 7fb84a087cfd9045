//! A turn in words: what of it is an answer, what a wish, what a question.

use std::ops::Range;

use jiff::civil::DateTime;

use super::Receptionist;
use crate::hints::SlotKind;
use crate::receptionist::Answer;
use crate::receptionist::agenda::Open;
use crate::receptionist::closing::last_words;
use crate::receptionist::facts::asked_for;
use crate::receptionist::intent::{Intent, wish};
use crate::receptionist::listening::{Heard, Listening, blank, listen};
use crate::receptionist::understand::{Phone, Word, digits_of, phone_from_digits, words, yes_no};

/// Free text longer than this is told, not asked, even when a fact's phrase is in it.
const LONGEST_QUESTION: usize = 6;

impl Receptionist {
    /// Takes words: answers first, then wishes and facts, and when there is nothing of these, says so.
    pub(super) fn words(&mut self, said: &str, now: DateTime) -> Vec<String> {
        let spoken = words(said);
        if spoken.is_empty() {
            return self.miss(None);
        }
        if self.ended || self.agent.slots.is_empty() {
            return self.without_question(&spoken);
        }
        let open = self.open();
        let told = self.sort_out(said, &spoken, open.as_ref(), now);
        self.respond(told, open.as_ref(), &spoken)
    }

    /// Parts an utterance into answers, wish, fact, and a yes or no to what was read back.
    fn sort_out(&self, said: &str, spoken: &[Word], open: Option<&Open>, now: DateTime) -> Told {
        let fact = asked_for(&self.agent, spoken);
        let asking = fact.is_some() && (spoken.len() <= LONGEST_QUESTION || !self.is_free_text(open));
        let wish = wish(spoken);
        let read_back = open.is_some_and(|open| open.confirming.is_some());
        let verdict = if read_back { yes_no(spoken) } else { None };
        let denied = verdict.as_ref().is_some_and(|verdict| !verdict.value);
        let listening = Listening {
            agent: &self.agent,
            wanted: &self.agenda.wanted(),
            open: open.map(|open| open.slot),
            take_anything: wish.is_none() && !asking && (!read_back || denied),
            now,
        };
        let mut rest = spoken.to_vec();
        if let Some(verdict) = &verdict {
            blank(&mut rest, &verdict.span);
        }
        let mut answers = listen(listening, said, &rest);
        // What was asked comes first: a word that answers the open question asks for nothing else.
        let of_open = |heard: &&Heard| open.is_some_and(|open| open.slot == heard.slot);
        let answer = answers.iter().find(of_open).map(|heard| heard.span.clone());
        let free = |span: &Range<usize>| !answer.as_ref().is_some_and(|answer| within(span, answer));
        let wish = wish.filter(|wish| free(&wish.span));
        let fact = fact.filter(|fact| asking && free(&fact.span));
        // And what belongs to a longer phrase of another meaning is no answer: the one of "one moment".
        answers.retain(|heard| {
            let in_wish = wish.as_ref().is_some_and(|wish| within(&heard.span, &wish.span));
            let in_fact = fact.as_ref().is_some_and(|fact| within(&heard.span, &fact.span));
            !in_wish && !in_fact
        });
        Told {
            answered: answers.iter().any(|heard| of_open(&heard)),
            answers,
            intent: wish.map(|wish| wish.intent),
            fact: fact.map(|fact| fact.value.answer.clone()),
            verdict: verdict.map(|verdict| verdict.value),
        }
    }

    fn respond(&mut self, told: Told, open: Option<&Open>, spoken: &[Word]) -> Vec<String> {
        if let (Some(open), Some(yes), false) = (open, told.verdict, told.answered) {
            let mut parts = self.confirmation(open, yes);
            parts.extend(self.take(told.answers));
            if told.intent == Some(Intent::Goodbye) {
                return self.end();
            }
            parts.extend(told.fact);
            return parts;
        }
        let any = !told.answers.is_empty();
        let mut parts = self.take(told.answers);
        let nothing_else = !any && told.fact.is_none();
        match told.intent {
            Some(Intent::Goodbye) => return self.end(),
            Some(Intent::Person) => {
                self.agenda.only_contact();
                parts.push(self.callback());
                return parts;
            }
            Some(Intent::Repeat) if nothing_else => return parts,
            Some(Intent::Wait) if nothing_else => {
                self.holding = true;
                parts.push(self.phrases.take_your_time.to_owned());
                return parts;
            }
            Some(Intent::Pass) if nothing_else => return self.skip(),
            Some(Intent::Repeat | Intent::Wait | Intent::Pass) | None => {}
        }
        if nothing_else {
            return self.not_understood(open, spoken);
        }
        parts.extend(told.fact);
        parts
    }

    fn callback(&self) -> String {
        self.agent.callback.clone().unwrap_or_else(|| self.phrases.callback.to_owned())
    }

    fn is_free_text(&self, open: Option<&Open>) -> bool {
        open.and_then(|open| self.slot(open.slot)).is_some_and(|slot| slot.kind == SlotKind::FreeText)
    }

    /// No value and no wish; perhaps the next digits of a number.
    fn not_understood(&mut self, open: Option<&Open>, spoken: &[Word]) -> Vec<String> {
        let phone = open.filter(|open| self.slot(open.slot).is_some_and(|slot| slot.kind == SlotKind::Phone));
        let (Some(open), Some(digits)) = (phone, digits_of(spoken)) else { return self.miss(None) };
        match phone_from_digits(&format!("{}{digits}", self.dictated)) {
            Some(Phone::Whole(value)) => {
                let answer = Answer { value, said: format!("{}{digits}", self.dictated) };
                self.take(vec![Heard { slot: open.slot, answer, span: 0..0 }])
            }
            Some(Phone::Partial(digits)) => self.part_of_phone(digits),
            None => {
                self.dictated.clear();
                let hint = self.phrases.keypad_hint(SlotKind::Phone, &[], self.agent.language);
                self.miss(Some(hint))
            }
        }
    }

    /// Nothing is left to ask: facts, a no, or a goodbye.
    fn without_question(&mut self, spoken: &[Word]) -> Vec<String> {
        self.asides += 1;
        if let Some(fact) = asked_for(&self.agent, spoken).map(|fact| fact.value.answer.clone()) {
            self.aimless = 0;
            let mut parts = vec![fact];
            if self.ended {
                parts.extend(self.end());
            }
            return parts;
        }
        let intent = wish(spoken).map(|wish| wish.intent);
        if intent != Some(Intent::Goodbye) && yes_no(spoken).is_some_and(|found| !found.value) {
            self.ended = true;
            return vec![last_words(&self.agent, &self.agenda.lead(&self.agent))];
        }
        match intent {
            Some(Intent::Goodbye) => self.end(),
            Some(Intent::Person) if !self.ended => vec![self.callback()],
            Some(Intent::Wait) if !self.ended => vec![self.phrases.take_your_time.to_owned()],
            Some(Intent::Repeat) if !self.ended => Vec::new(),
            Some(Intent::Person | Intent::Repeat | Intent::Wait | Intent::Pass) | None => self.miss(None),
        }
    }
}

/// An utterance, sorted out.
struct Told {
    answers: Vec<Heard>,
    /// Whether the open question is among them.
    answered: bool,
    intent: Option<Intent>,
    fact: Option<String>,
    /// Yes or no to the value that was read back.
    verdict: Option<bool>,
}

fn within(inner: &Range<usize>, outer: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}
