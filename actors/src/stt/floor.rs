//! Who has the floor: the ear's side of barge-in.
//!
//! The machine [`BargeIn`] decides; here it is told what the agent does and says, and its orders are carried
//! out. An utterance that it withholds is recognised like any other, but the dialog does not know of it.

use std::sync::Arc;
use std::time::Instant;

use moked_core::barge_in::{
    Agent, BargeAction, BargeIn, BargeInFact, BargeInput, last_sentence, question_was_put,
};
use moked_core::hearing::Hearing;
use moked_core::hints::SlotKind;
use moked_core::ids::{TurnId, UtteranceId};
use moked_core::turn::{TurnState, Turns};

use super::Stt;
use crate::call::now;
use crate::messages::{Duck, FallSilent, FullLevel, SpeechStarted, UtteranceEnded};

/// What the agent says in the newest turn, and what the caller heard of it.
struct Heard {
    says: String,
    heard: String,
}

impl Stt {
    /// The machine, which stands in the book.
    pub(super) fn barge_in<T>(&self, work: impl FnOnce(&mut BargeIn) -> T) -> T {
        let mut book = self.book.borrow_mut();
        let new = || BargeIn::new(self.parts.barge_in, Arc::clone(&self.parts.cues));
        work(book.tape.barge_in.get_or_insert_with(new))
    }

    pub(super) fn barge(&self, input: BargeInput<'_>) {
        let agent = self.agent();
        self.barge_in(|machine| machine.handle(input, agent, now()));
        self.give_the_floor();
    }

    /// Gives the verdict that is due.
    pub(super) fn decide(&self, now: Instant) {
        let agent = self.agent();
        self.barge_in(|machine| machine.handle_timeout(agent, now));
        self.give_the_floor();
    }

    /// Whether the dialog knows of the utterance.
    pub(super) fn is_told(&self, utterance: UtteranceId) -> bool {
        !self.barge_in(|machine| machine.withholds(utterance))
    }

    /// Words of an utterance, to both machines.
    pub(super) fn has_words(&self, utterance: UtteranceId, said: &str, is_final: bool) {
        if !is_final {
            self.machine(|machine| machine.learn(|endpointing| endpointing.words(utterance, said), now()));
        }
        if is_final && self.is_told(utterance) {
            return;
        }
        let Heard { says, heard } = self.agents_words();
        let asked = self.takes_a_yes() && question_was_put(&heard, &says);
        self.barge(BargeInput::Words { utterance, said, agent_says: &says, asked });
    }

    /// Tells the end of turns what an utterance that begins now probably answers.
    pub(super) fn expects(&self) {
        let heard = self.agents_words().heard;
        let (turn, hints) = (self.turn(), self.book.borrow().hints.clone().unwrap_or_default());
        self.machine(|machine: &mut Hearing| {
            machine.learn(|endpointing| endpointing.expect(turn, &hints, last_sentence(&heard)), now());
        });
    }

    /// A one-hop engine tells no words in time, so that whatever was said to a question is its answer.
    pub(super) fn answers_in_one_hop(&self) {
        if self.links.is_one_hop.get() {
            let Heard { says, heard } = self.agents_words();
            if question_was_put(&heard, &says) {
                let agent = self.agent();
                self.barge_in(|machine| machine.answered(agent, now()));
                self.give_the_floor();
            }
        }
    }

    pub(super) fn turn(&self) -> TurnId {
        self.book.borrow().turns.as_ref().map(Turns::turn).unwrap_or_default()
    }

    fn agent(&self) -> Agent {
        let book = self.book.borrow();
        let turns = book.turns.as_ref().filter(|turns| turns.state() == TurnState::Speaking);
        // On a line that is down nobody hears it, and nobody speaks over it.
        let Some(turns) = turns.filter(|_| self.links.line.is_there()) else {
            return Agent::Quiet;
        };
        let turn = turns.turn();
        let is_greeting = turn == TurnId::default().next();
        let interruptible = turns.may_be_interrupted() && (self.parts.barge_in.greeting || !is_greeting);
        // An engine that hears, thinks and speaks in one tells words when it has answered them.
        let awaits_words = !self.links.is_one_hop.get() && !self.is_lost;
        let first_frame = book.ledger.first_frame(turn);
        // Of which nothing was heard yet, there is nothing to interrupt: the caller was not done.
        first_frame.map_or(Agent::Quiet, |since| Agent::Speaking { since, interruptible, awaits_words })
    }

    fn agents_words(&self) -> Heard {
        let book = self.book.borrow();
        let Some((turn, _)) = book.ledger.newest(now()) else {
            return Heard { says: String::new(), heard: String::new() };
        };
        let heard = book.ledger.heard_text(turn, now());
        let is_saying = book.saying.turn == turn && !book.saying.sentences.is_empty();
        let says = if is_saying { book.saying.sentences.join(" ") } else { heard.clone() };
        Heard { says, heard }
    }

    /// Where something else is due, "yes" is no answer.
    fn takes_a_yes(&self) -> bool {
        let book = self.book.borrow();
        let kinds = book.hints.as_ref().map_or(&[][..], |hints| &hints.kinds);
        kinds.is_empty() || kinds.contains(&SlotKind::YesNo)
    }

    fn give_the_floor(&self) {
        while let Some(action) = self.barge_in(BargeIn::next_action) {
            match action {
                BargeAction::Duck { onset } => self.links.pacer.tell(Duck { onset }),
                BargeAction::Hush => self.links.pacer.tell(FallSilent),
                BargeAction::Resume => self.links.pacer.tell(FullLevel),
                BargeAction::Release { utterance, gave_way, speech_ended } => {
                    self.links.dialog.tell(SpeechStarted { utterance, gave_way: Some(gave_way) });
                    if let Some(speech_ended) = speech_ended {
                        self.links.dialog.tell(UtteranceEnded { utterance, speech_ended });
                    }
                }
                BargeAction::Tell(fact) => self.tell(fact),
            }
        }
    }

    fn tell(&self, fact: BargeInFact) {
        self.links.watch.barge_in(fact);
        match fact {
            BargeInFact::Ducked { utterance } => {
                tracing::info!(event = "DUCKED", %utterance, "the caller speaks over the agent");
            }
            BargeInFact::Hushed { utterance, after } => {
                let after_ms = after.as_millis() as u64;
                tracing::info!(event = "HUSHED", %utterance, after_ms, "the agent is silent until it knows his words");
            }
            BargeInFact::Resumed { utterance, remark, after } => {
                let after_ms = after.as_millis() as u64;
                tracing::info!(event = "RESUMED", %utterance, ?remark, after_ms, "it was no interruption");
            }
            BargeInFact::Stopped { utterance, reason, after } => {
                let (after_ms, reason) = (after.as_millis() as u64, reason.as_str());
                tracing::info!(event = "FLOOR_TAKEN", %utterance, reason, after_ms, "the caller has the floor");
            }
        }
    }
}
