//! The orders of turn-taking, carried out.

use actix::Context;
use moked_core::ids::TurnId;
use moked_core::language::Language;
use moked_core::ports::Served;
use moked_core::receptionist::Lead;
use moked_core::record::EventKind;
use moked_core::turn::{TurnAction, TurnInput};

use super::Dialog;
use crate::call::{EngineRole, Piece, Saying, now};
use crate::messages::{CallEnd, CancelTurn, EndCall, Expect, FinishTurn, Hush, Rewind, Say};
use crate::redact;

impl Dialog {
    pub(super) fn obey(&mut self, action: TurnAction) {
        match action {
            TurnAction::Think { turn, said } => self.think(turn, said),
            TurnAction::Speculate { turn, said } => self.speculate(turn, said),
            TurnAction::Commit { turn, said, saved } => self.commit(turn, &said, saved),
            TurnAction::Discard { turn, wasted_chars } => self.discard(turn, wasted_chars),
            TurnAction::StopThinking { turn } => self.mind(|mind| mind.cancel(turn)),
            TurnAction::Apologise { turn } => {
                tracing::warn!(event = "MIND_OVERDUE", %turn, "no answer in time; the caller hears an apology");
                self.links.recording.event(EventKind::MindFailed, "no answer in time; an apology was said");
                let apology = apology(self.language()).to_owned();
                self.machine.handle(TurnInput::AnswerFailed { turn, apology }, now());
            }
            TurnAction::Expect(hints) => self.links.stt.tell(Expect(hints)),
            TurnAction::Say { turn, text } => {
                self.first_words(turn);
                self.links.spoken_turn.set(turn);
                self.book.borrow_mut().saying.add(turn, text.clone());
                self.links.tts.tell_this_life(Say { turn, text });
            }
            TurnAction::FinishTurn { turn } => {
                self.book.borrow_mut().saying.complete(turn);
                self.links.tts.tell_this_life(FinishTurn { turn });
            }
            TurnAction::SpeakAgain { .. } => {
                self.links.tts.tell(Hush(Rewind { to: now(), then_speak: true }));
            }
            TurnAction::CancelTurn { turn } => {
                self.links.tts.tell(CancelTurn { turn });
                // Before the pacer, whose clear ends what can be heard: both read the same ledger.
                self.links.one_hop.tell(CancelTurn { turn });
                self.links.pacer.tell(CancelTurn { turn });
            }
            TurnAction::TurnOver { turn, interrupted } => self.turn_over(turn, interrupted),
            TurnAction::StateChanged { from, to } => {
                tracing::info!(event = "STATE", %from, %to, "{from} → {to}");
            }
            TurnAction::HangUp => {
                let is_sent_away = self.machine.is_sent_away();
                let end = if is_sent_away { CallEnd::SentAway } else { CallEnd::AgentHungUp };
                self.links.tell_supervisor(EndCall(end));
            }
        }
    }

    pub(super) fn apologise(&mut self, turn: TurnId, ctx: &mut Context<Self>) {
        let apology = apology(self.language()).to_owned();
        self.give(TurnInput::AnswerFailed { turn, apology }, ctx);
    }

    pub(super) fn keep_lead(&mut self, turn: TurnId, lead: Lead) {
        let masked = serde_json::to_string(&redact::lead(&lead)).unwrap_or_default();
        tracing::info!(event = "LEAD", %turn, complete = lead.complete, lead = %masked, "the call brought a lead");
        let full = serde_json::to_string(&lead).unwrap_or_default();
        tracing::debug!(event = "LEAD_TEXT", %turn, lead = %full, "the lead in full");
        self.links.recording.lead(&lead);
        self.book.borrow_mut().lead = Some(lead);
    }

    /// Enters a piece of the answer in the call's book.
    pub(super) fn enter(&self, turn: TurnId, piece: Piece) {
        // A one-hop engine's pieces are entered where they arise.
        if self.links.is_one_hop.get() {
            return;
        }
        let asked = {
            let book = self.book.borrow();
            book.timings.last().filter(|timing| timing.turn == turn).map(|timing| timing.heard)
        };
        let Some(asked) = asked else { return };
        let mut told = None;
        self.mind(|mind| told = mind.served());
        let own = || Served { engine: self.parts.engine.name().into(), asked, connect_ms: None };
        let served = told.unwrap_or_else(own);
        self.book.borrow_mut().served(turn, EngineRole::Thinking, &served, piece, now());
    }

    pub(super) fn first_words(&mut self, turn: TurnId) {
        let mut book = self.book.borrow_mut();
        if let Some(timing) = book.timings.last_mut().filter(|timing| timing.turn == turn) {
            timing.first_words.get_or_insert_with(now);
        }
    }

    fn turn_over(&mut self, turn: TurnId, interrupted: bool) {
        let mut book = self.book.borrow_mut();
        let heard = book.ledger.heard_text(turn, now());
        if interrupted {
            let words = heard.split_whitespace().count();
            tracing::info!(event = "BARGE_IN", %turn, words, "the caller cut in after {words} words");
        }
        self.links.recording.turn_over(turn, &heard, interrupted, &book);
        book.conversation.agent_was_heard(turn, heard, interrupted);
        self.links.watch.turn_over(&book, turn, interrupted);
        book.saying = Saying::default();
    }
}

/// Said when no answer can be had.
fn apology(language: Language) -> &'static str {
    match language {
        Language::English => "Sorry, I did not get that. Could you say it again?",
        Language::Hebrew => "סליחה, לא הצלחתי לענות. אפשר לומר את זה שוב?",
    }
}
