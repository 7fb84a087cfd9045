//! The dialog itself: what happened on the caller's side goes in, what to say comes out.

mod keyed_turn;
mod spoken_turn;

use std::sync::Arc;

use jiff::civil::DateTime;

use super::Lead;
use super::agenda::{Agenda, Open};
use super::closing::{aloud, last_words};
use super::expectation::expectation;
use super::listening::Heard;
use super::phrases::Phrases;
use crate::agent::{Agent, Slot};
use crate::hints::{RecognitionHints, SlotKind};
use crate::ports::{AfterTurn, CallerSaid};

/// Silences in a row after which the call ends.
const LAST_SILENCE: u8 = 3;
/// Misses in a row, with nothing to ask, after which the call ends.
const LAST_MISS: u8 = 3;

/// What the receptionist does about one turn of the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// What to say; never empty.
    pub text: String,
    /// What the caller will probably say to it.
    pub hints: RecognitionHints,
    /// All that is known, whenever this turn changed it and at the end of a call that brought something. The
    /// newest replaces those before: a caller may hang up at any time.
    pub lead: Option<Lead>,
    /// What follows.
    pub then: AfterTurn,
}

/// One call's receptionist.
#[derive(Debug)]
pub struct Receptionist {
    agent: Arc<Agent>,
    phrases: &'static Phrases,
    agenda: Agenda,
    /// Nobody hears the caller: questions name keys, and what no key can answer is not asked.
    keypad_only: bool,
    greeted: bool,
    ended: bool,
    silences: u8,
    aimless: u8,
    /// Digits of a telephone number that is being dictated in parts.
    dictated: String,
    /// How often each kind of remark was made, to vary it.
    sorries: usize,
    thanks: usize,
    asides: usize,
    /// The caller is in the middle of something: say no question now.
    holding: bool,
    /// The lead as last told.
    told: Lead,
}

impl Receptionist {
    /// A receptionist who has just picked up.
    pub fn new(agent: Arc<Agent>) -> Self {
        let agenda = Agenda::new(&agent);
        Self {
            phrases: Phrases::of(agent.language),
            told: agenda.lead(&agent),
            agenda,
            agent,
            keypad_only: false,
            greeted: false,
            ended: false,
            silences: 0,
            aimless: 0,
            dictated: String::new(),
            sorries: 0,
            thanks: 0,
            asides: 0,
            holding: false,
        }
    }

    /// A receptionist who has just picked up on a line on which nobody hears the caller.
    pub fn keypad_only(agent: Arc<Agent>) -> Self {
        let mut receptionist = Self::new(agent);
        receptionist.only_keys();
        receptionist
    }

    /// From now on nobody hears the caller. Names and free text that are not known yet are left out, since no key
    /// can tell them.
    pub fn only_keys(&mut self) {
        self.keypad_only = true;
        for index in self.agenda.wanted() {
            let is_words =
                |slot: &Slot| slot.keys.is_none() && matches!(slot.kind, SlotKind::Name | SlotKind::FreeText);
            if self.slot(index).is_some_and(is_words) {
                self.agenda.give_up(index);
            }
        }
        self.told = self.agenda.lead(&self.agent);
    }

    /// Goes on with a call that another mind began: what it brought is known, and the greeting was said.
    pub fn take_over(&mut self, lead: &Lead) {
        self.greeted = true;
        for (index, slot) in self.agent.slots.iter().enumerate() {
            if let Some(answer) = lead.answers.get(&slot.id) {
                self.agenda.take(index, answer.clone(), false);
            }
        }
        self.told = self.agenda.lead(&self.agent);
    }

    /// Answers one turn. `now` is local time at the business.
    pub fn answer(&mut self, said: &CallerSaid, now: DateTime) -> Reply {
        if !matches!(said, CallerSaid::Silence) {
            self.silences = 0;
        }
        let parts = match said {
            CallerSaid::Nothing => self.greet(),
            CallerSaid::Silence => self.silence(),
            CallerSaid::Resumed => vec![self.phrases.cut_off.to_owned()],
            CallerSaid::Unclear | CallerSaid::Spoken => self.miss(None),
            CallerSaid::Digits(keys) => self.keys(keys, now),
            CallerSaid::Words(said) => self.words(said, now),
        };
        self.reply(parts)
    }

    fn reply(&mut self, mut parts: Vec<String>) -> Reply {
        let open = self.open();
        let holding = std::mem::take(&mut self.holding);
        if !self.ended {
            match self.question() {
                Some(_) if holding => {}
                Some(question) => parts.push(question),
                None if self.agent.slots.is_empty() && !self.keypad_only => {
                    if parts.is_empty() || (parts.len() < 2 && self.asides > 0) {
                        parts.push(self.phrases.anything_else.to_owned());
                    }
                }
                None => {
                    parts.push(last_words(&self.agent, &self.agenda.lead(&self.agent)));
                    self.ended = true;
                }
            }
        }
        let lead = self.agenda.lead(&self.agent);
        let worth_telling = lead != self.told || (self.ended && !lead.answers.is_empty());
        self.told = lead.clone();
        Reply {
            text: parts.join(" "),
            hints: expectation(&self.agent, open.as_ref()),
            lead: worth_telling.then_some(lead),
            then: if self.ended { AfterTurn::HangUp } else { AfterTurn::Listen },
        }
    }

    fn open(&self) -> Option<Open> {
        self.agenda.open(&self.agent)
    }

    fn slot(&self, index: usize) -> Option<&Slot> {
        self.agent.slots.get(index)
    }

    fn greet(&mut self) -> Vec<String> {
        if self.ended {
            return self.end();
        }
        if self.greeted {
            // The caller is back on a new line: only the question again.
            return Vec::new();
        }
        self.greeted = true;
        let mut parts = vec![self.agent.greeting.clone()];
        if self.keypad_only && self.open().is_some() {
            parts.push(self.phrases.use_keys.to_owned());
        }
        parts
    }

    /// The open question, read back, or put another way after a miss.
    fn question(&self) -> Option<String> {
        let open = self.open()?;
        let slot = self.slot(open.slot)?;
        if let Some(answer) = &open.confirming {
            let aloud = aloud(&self.agent, slot, answer);
            let question = pick(&self.phrases.confirm, usize::from(open.misses)).replace("{value}", &aloud);
            return Some(self.with_keys(question, SlotKind::YesNo, slot));
        }
        if self.keypad_only {
            // Another wording speaks of speaking; the keys are what the caller needs.
            return Some(self.with_keys(slot.question.clone(), slot.kind, slot));
        }
        let again = slot.retry.as_ref().filter(|_| open.misses > 0);
        Some(again.unwrap_or(&slot.question).clone())
    }

    /// A question with the keys that answer it, where there is nothing but keys.
    fn with_keys(&self, question: String, kind: SlotKind, slot: &Slot) -> String {
        if !self.keypad_only {
            return question;
        }
        let keys = self.phrases.keypad_hint(kind, &slot.choices, self.agent.language);
        format!("{question} {keys}")
    }

    fn silence(&mut self) -> Vec<String> {
        self.silences += 1;
        if self.silences >= LAST_SILENCE || self.ended {
            self.ended = true;
            return vec![self.phrases.silent_end.to_owned()];
        }
        let turn = usize::from(self.silences - 1);
        vec![vary(&self.agent.still_there, &self.phrases.still_there, turn)]
    }

    fn sorry(&mut self) -> String {
        if self.keypad_only {
            return self.phrases.use_keys.to_owned();
        }
        self.sorries += 1;
        vary(&self.agent.sorry, &self.phrases.sorry, self.sorries - 1)
    }

    fn thank(&mut self) -> String {
        self.thanks += 1;
        pick(&self.phrases.thanks, self.thanks - 1).to_owned()
    }

    /// Nothing usable came. `hint` replaces the apology after wrong keys.
    fn miss(&mut self, hint: Option<String>) -> Vec<String> {
        if self.ended {
            return vec![last_words(&self.agent, &self.agenda.lead(&self.agent))];
        }
        let Some(open) = self.open() else {
            self.aimless += 1;
            self.asides += 1;
            if self.aimless >= LAST_MISS {
                return self.end();
            }
            return vec![self.sorry()];
        };
        let retries = self.slot(open.slot).map_or(0, |slot| slot.retries);
        if !self.agenda.missed(open.slot, retries) {
            return vec![hint.unwrap_or_else(|| self.sorry())];
        }
        if open.confirming.is_some() {
            // Read back and never denied: better kept than lost.
            self.agenda.confirmed(open.slot);
            return self.thank_and_go_on();
        }
        self.leave(open.slot);
        self.asides += 1;
        vec![pick(&self.phrases.never_mind, self.asides - 1).to_owned()]
    }

    fn leave(&mut self, slot: usize) {
        self.dictated.clear();
        self.agenda.give_up(slot);
    }

    fn end(&mut self) -> Vec<String> {
        self.ended = true;
        vec![self.agent.goodbye.clone().unwrap_or_else(|| self.phrases.goodbye.to_owned())]
    }

    /// Half a number: says what is there and waits for the rest.
    fn part_of_phone(&mut self, digits: String) -> Vec<String> {
        let aloud = crate::spoken::digits(&digits, self.agent.language);
        let go_on = self.phrases.go_on.replace("{digits}", &aloud);
        self.dictated = digits;
        let parts = self.miss(Some(go_on.clone()));
        self.holding = parts == [go_on];
        parts
    }

    fn skip(&mut self) -> Vec<String> {
        match self.open() {
            Some(open) => {
                self.leave(open.slot);
                vec![self.phrases.no_problem.to_owned()]
            }
            None => self.miss(None),
        }
    }

    fn confirmation(&mut self, open: &Open, yes: bool) -> Vec<String> {
        if yes {
            self.agenda.confirmed(open.slot);
            return self.thank_and_go_on();
        }
        self.agenda.rejected(open.slot);
        let retries = self.slot(open.slot).map_or(0, |slot| slot.retries);
        if self.agenda.missed(open.slot, retries) {
            self.leave(open.slot);
            self.asides += 1;
            return vec![pick(&self.phrases.never_mind, self.asides - 1).to_owned()];
        }
        vec![self.phrases.once_more.to_owned()]
    }

    /// Thanks for an answer, unless the closing follows, which does that itself.
    fn thank_and_go_on(&mut self) -> Vec<String> {
        if self.open().is_some() { vec![self.thank()] } else { Vec::new() }
    }

    /// Takes values; those to be read back stay open.
    fn take(&mut self, mut heard: Vec<Heard>) -> Vec<String> {
        heard.sort_by_key(|heard| heard.slot);
        let agent = Arc::clone(&self.agent);
        let (mut taken, mut noted) = (Vec::new(), Vec::new());
        for Heard { slot: index, answer, .. } in heard {
            let Some(slot) = agent.slots.get(index) else { continue };
            if slot.kind == SlotKind::Phone {
                self.dictated.clear();
            }
            if !slot.confirm {
                noted.push(aloud(&agent, slot, &answer));
            }
            self.agenda.take(index, answer, slot.confirm);
            taken.push(index);
        }
        let reading_back = self.open().is_some_and(|open| taken.contains(&open.slot));
        match noted.len() {
            _ if taken.is_empty() => Vec::new(),
            0 if reading_back => Vec::new(),
            0 | 1 => self.thank_and_go_on(),
            _ if self.open().is_none() => Vec::new(),
            _ => vec![self.phrases.noted.replace("{values}", &noted.join(", "))],
        }
    }
}

fn pick<'a>(list: &[&'a str], turn: usize) -> &'a str {
    list.get(turn % list.len().max(1)).copied().unwrap_or_default()
}

/// The owner's texts in turn, or the built-in ones.
fn vary(own: &[String], built_in: &[&'static str], turn: usize) -> String {
    match own.get(turn % own.len().max(1)) {
        Some(text) => text.clone(),
        None => pick(built_in, turn).to_owned(),
    }
}
