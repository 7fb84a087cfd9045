//! The rules of a realtime conversation: what a call wants and what the vendor says in, commands and facts out.
//!
//! A pure machine. The vendor makes one answer at a time, so a turn that comes while a dead one is still being
//! cancelled waits for its end. Tools run here; what the caller did not hear is forgotten at the vendor.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use moked_core::agent::Agent;
use moked_core::ids::{TurnId, UtteranceId};
use moked_core::language::Language;
use moked_core::ports::{AfterTurn, CallerSaid, ChatTurn, ConversingEvent, ConversingRequest, ProviderFault};

use super::command::Command;
use super::event::{Ending, Event};
use super::response::{Answering, ROUNDS, Response};
use super::spoken::Spoken;
use crate::minding::tools::Toolbox;
use crate::minding::{ToolCall, notes};

/// Utterances whose words may still come.
const MOST_UTTERANCES: usize = 16;

/// What the call wants.
#[derive(Debug)]
pub(super) enum Wish {
    Audio(Vec<u8>),
    UtteranceEnded(UtteranceId),
    Answer(ChatTurn),
    Cut { turn: TurnId, heard_ms: u64 },
}

/// What follows.
#[derive(Debug, PartialEq)]
pub(super) enum Outcome {
    /// Goes to the vendor.
    Tell(Command),
    /// Goes to the call.
    Report(ConversingEvent),
}

/// One session's conversation.
#[derive(Debug)]
pub(super) struct Conversation {
    language: Language,
    toolbox: Toolbox,
    stall: Duration,
    outcomes: VecDeque<Outcome>,
    /// Utterances committed whose items are not known yet.
    committed: VecDeque<UtteranceId>,
    /// Utterances and their items.
    items: VecDeque<(String, UtteranceId)>,
    answering: Option<Answering>,
    response: Option<Response>,
    spoken: Spoken,
    /// When the answer under way has stalled.
    stalls_at: Option<Instant>,
}

impl Conversation {
    pub(super) fn new(agent: Arc<Agent>, request: &ConversingRequest, stall: Duration) -> Self {
        Self {
            language: request.language,
            toolbox: Toolbox::resuming(agent, request.lead.as_ref()),
            stall,
            outcomes: VecDeque::new(),
            committed: VecDeque::new(),
            items: VecDeque::new(),
            answering: None,
            response: None,
            spoken: Spoken::default(),
            stalls_at: None,
        }
    }

    pub(super) fn next_outcome(&mut self) -> Option<Outcome> {
        self.outcomes.pop_front()
    }

    /// When the vendor has been silent for too long.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.stalls_at
    }

    pub(super) fn wish(&mut self, wish: Wish, now: Instant) {
        match wish {
            Wish::Audio(mulaw) => self.tell(Command::Audio(mulaw)),
            Wish::UtteranceEnded(utterance) => {
                self.committed.push_back(utterance);
                self.tell(Command::Commit);
            }
            Wish::Answer(turn) => self.answer(turn, now),
            Wish::Cut { turn, heard_ms } => self.cut(turn, heard_ms),
        }
    }

    /// Takes what the vendor says.
    ///
    /// # Errors
    /// Why the session is over.
    pub(super) fn hear(&mut self, event: Event, now: Instant) -> Result<(), ProviderFault> {
        match event {
            Event::Committed { item_id } => {
                if let Some(utterance) = self.committed.pop_front() {
                    self.items.push_back((item_id, utterance));
                }
                if self.items.len() > MOST_UTTERANCES {
                    self.items.pop_front();
                }
            }
            Event::CallerSaid { item_id, text } => {
                if let Some((_, utterance)) = self.items.iter().find(|(known, _)| *known == item_id) {
                    let utterance = *utterance;
                    self.report(ConversingEvent::CallerSaid { utterance, text });
                }
            }
            Event::Began { response_id } => {
                if let Some(response) = self.response.as_mut().filter(|response| response.id.is_none()) {
                    response.id = Some(response_id);
                }
            }
            Event::Words { response_id, delta } => {
                if let Some((answering, turn)) = self.wanted(&response_id, now) {
                    let delta = answering.words(delta);
                    self.report(ConversingEvent::Words { turn, delta });
                }
            }
            Event::Audio { response_id, item_id, mulaw } => {
                if let Some((answering, turn)) = self.wanted(&response_id, now) {
                    answering.has_sound = true;
                    self.spoken.add(turn, item_id, mulaw.len());
                    self.report(ConversingEvent::Audio { turn, mulaw });
                }
            }
            Event::Ended { response_id, ending } => self.ended(&response_id, ending, now),
            Event::Complaint(fault) => tracing::debug!("the realtime model complains: {fault}"),
            Event::Lost(fault) => return Err(fault),
        }
        Ok(())
    }

    fn wanted(&mut self, response_id: &str, now: Instant) -> Option<(&mut Answering, TurnId)> {
        let turn = self.response.as_ref().filter(|response| response.owns(response_id))?.turn;
        self.stalls_at = Some(now + self.stall);
        Some((self.answering.as_mut().filter(|answering| answering.turn.turn == turn)?, turn))
    }

    fn answer(&mut self, turn: ChatTurn, now: Instant) {
        self.toolbox.begin_turn();
        if turn.said != CallerSaid::Spoken {
            self.tell(Command::CallerText(notes::of(&turn.said, self.language)));
        }
        self.answering = Some(Answering::new(turn));
        self.ask(now);
    }

    /// Asks for the next answer of the turn, as soon as the vendor has none under way.
    fn ask(&mut self, now: Instant) {
        self.stalls_at = Some(now + self.stall);
        if self.response.is_some() {
            return;
        }
        if let Some(answering) = &self.answering {
            self.response = Some(Response::to(answering.turn.turn));
            let may_call = answering.round < ROUNDS;
            self.tell(Command::Answer { may_call });
        }
    }

    fn cut(&mut self, turn: TurnId, heard_ms: u64) {
        self.answering.take_if(|answering| answering.turn.turn == turn);
        if let Some(response) = self.response.as_mut().filter(|response| response.turn == turn)
            && !std::mem::replace(&mut response.is_dead, true)
        {
            self.tell(Command::Cancel);
        }
        if self.answering.is_none() {
            self.stalls_at = None;
        }
        let forget = self.spoken.cut(turn, heard_ms);
        self.outcomes.extend(forget.into_iter().map(Outcome::Tell));
    }

    fn ended(&mut self, response_id: &str, ending: Ending, now: Instant) {
        let is_this = |response: &mut Response| {
            response_id.is_empty() || response.id.as_deref().is_none_or(|id| id == response_id)
        };
        let Some(response) = self.response.take_if(is_this) else { return };
        self.stalls_at = None;
        if response.is_dead {
            return self.ask_if_waiting(now);
        }
        let Some(mut answering) = self.answering.take_if(|answering| answering.turn.turn == response.turn)
        else {
            return self.ask_if_waiting(now);
        };
        match ending {
            Ending::Completed(calls) if calls.is_empty() || answering.round == ROUNDS => {
                self.finish(&answering);
            }
            Ending::Completed(calls) => {
                let all_well = self.run_tools(&answering.turn, calls);
                let is_over = answering.is_rounded_off() || self.toolbox.has_ended();
                if all_well && answering.has_sound && is_over {
                    return self.finish(&answering);
                }
                answering.next_round();
                self.answering = Some(answering);
                self.ask(now);
            }
            Ending::Cancelled => self.finish(&answering),
            Ending::Failed(_) if answering.has_sound => self.finish(&answering),
            Ending::Failed(fault) if fault.is_retryable() && !answering.has_retried => {
                tracing::info!(event = "ONE_HOP_RETRY", turn = %answering.turn.turn, "asked again: {fault}");
                answering.has_retried = true;
                self.answering = Some(answering);
                self.ask(now);
            }
            Ending::Failed(error) => {
                self.report(ConversingEvent::Failed { turn: answering.turn.turn, error });
            }
        }
    }

    fn ask_if_waiting(&mut self, now: Instant) {
        if self.answering.is_some() {
            self.ask(now);
        }
    }

    fn finish(&mut self, answering: &Answering) {
        let turn = answering.turn.turn;
        if !answering.has_sound && !self.toolbox.has_ended() {
            let error = ProviderFault::Garbage { why: "an answer without a sound".to_owned() };
            return self.report(ConversingEvent::Failed { turn, error });
        }
        if self.toolbox.has_ended() {
            return self.report(ConversingEvent::Done { turn, then: AfterTurn::HangUp });
        }
        let hints = self.toolbox.expectation();
        self.report(ConversingEvent::Expect { turn, hints });
        self.report(ConversingEvent::Done { turn, then: AfterTurn::Listen });
    }

    /// Runs the tools; whether every call was right.
    fn run_tools(&mut self, turn: &ChatTurn, calls: Vec<ToolCall>) -> bool {
        let mut all_well = true;
        for call in calls {
            // What was said is written down too late to be kept with the answer.
            let done = self.toolbox.run(&call, "", turn.now);
            all_well &= !done.result.is_error;
            self.tell(Command::ToolOutput { call_id: call.id, output: done.result.result });
            if let Some(lead) = done.lead {
                self.report(ConversingEvent::Lead { turn: turn.turn, lead });
            }
        }
        all_well
    }

    fn tell(&mut self, command: Command) {
        self.outcomes.push_back(Outcome::Tell(command));
    }

    fn report(&mut self, event: ConversingEvent) {
        self.outcomes.push_back(Outcome::Report(event));
    }
}
