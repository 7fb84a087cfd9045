//! The form on the receptionist's desk: what is known of each slot and what to ask next.

use std::collections::BTreeMap;

use super::{Answer, Lead};
use crate::agent::Agent;
use crate::hints::SlotKind;

/// What is known of a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    Empty,
    /// Heard, to be read back.
    Heard(Answer),
    Filled(Answer),
    GivenUp,
}

/// The open question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Open {
    /// Index of the slot.
    pub(super) slot: usize,
    /// The value that is being read back, if it is.
    pub(super) confirming: Option<Answer>,
    /// Failed tries so far.
    pub(super) misses: u8,
}

/// All slots of a call.
#[derive(Debug)]
pub(super) struct Agenda {
    states: Vec<(State, u8)>,
    only_contact: bool,
}

impl Agenda {
    pub(super) fn new(agent: &Agent) -> Self {
        Self { states: agent.slots.iter().map(|_| (State::Empty, 0)).collect(), only_contact: false }
    }

    /// A person will call back: from here on only the telephone number and the name matter, in this order.
    pub(super) fn only_contact(&mut self) {
        self.only_contact = true;
    }

    /// What to ask now; `None` when nothing is left.
    pub(super) fn open(&self, agent: &Agent) -> Option<Open> {
        let mut order: Vec<usize> = (0..self.states.len()).collect();
        if self.only_contact {
            let rank = |slot: &usize| match agent.slots.get(*slot).map(|slot| slot.kind) {
                Some(SlotKind::Phone) => 0,
                Some(SlotKind::Name) => 1,
                _ => 2,
            };
            order.retain(|slot| rank(slot) < 2);
            order.sort_by_key(rank);
        }
        order.into_iter().find_map(|slot| match self.states.get(slot)? {
            (State::Empty, misses) => Some(Open { slot, confirming: None, misses: *misses }),
            (State::Heard(answer), misses) => {
                Some(Open { slot, confirming: Some(answer.clone()), misses: *misses })
            }
            (State::Filled(_) | State::GivenUp, _) => None,
        })
    }

    /// Slots that an overheard value may fill.
    pub(super) fn wanted(&self) -> Vec<usize> {
        let empty = |(slot, (state, _)): (usize, &(State, u8))| (*state == State::Empty).then_some(slot);
        self.states.iter().enumerate().filter_map(empty).collect()
    }

    /// Takes an answer; one that needs reading back stays open.
    pub(super) fn take(&mut self, slot: usize, answer: Answer, confirm: bool) {
        if let Some((state, _)) = self.states.get_mut(slot) {
            *state = if confirm { State::Heard(answer) } else { State::Filled(answer) };
        }
    }

    /// The value read back was right, or cannot be made surer.
    pub(super) fn confirmed(&mut self, slot: usize) {
        if let Some((state, _)) = self.states.get_mut(slot)
            && let State::Heard(answer) = state
        {
            *state = State::Filled(answer.clone());
        }
    }

    /// The value read back was wrong.
    pub(super) fn rejected(&mut self, slot: usize) {
        if let Some((state, _)) = self.states.get_mut(slot) {
            *state = State::Empty;
        }
    }

    /// One more failed try; `true` when the slot's tries are used up.
    pub(super) fn missed(&mut self, slot: usize, retries: u8) -> bool {
        let Some((_, misses)) = self.states.get_mut(slot) else { return true };
        *misses = misses.saturating_add(1);
        *misses > retries
    }

    pub(super) fn give_up(&mut self, slot: usize) {
        if let Some((state, _)) = self.states.get_mut(slot) {
            *state = State::GivenUp;
        }
    }

    /// What is known. A value that was heard but not yet confirmed is worth keeping too.
    pub(super) fn lead(&self, agent: &Agent) -> Lead {
        let known = |(state, _): &(State, u8)| match state {
            State::Heard(answer) | State::Filled(answer) => Some(answer.clone()),
            State::Empty | State::GivenUp => None,
        };
        let answers: BTreeMap<String, Answer> = agent
            .slots
            .iter()
            .zip(&self.states)
            .filter_map(|(slot, state)| Some((slot.id.clone(), known(state)?)))
            .collect();
        let complete = self.states.iter().all(|(state, _)| matches!(state, State::Filled(_)));
        Lead { answers, complete }
    }
}
