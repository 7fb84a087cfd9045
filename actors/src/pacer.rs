//! The playback clock of a call: the shell of [`Pacing`].
//!
//! It writes the ledger as it sends, and holds what the socket cannot take: a carrier that stops reading
//! costs the caller a delay, and after five seconds the line, never a hole in a sentence.

mod ducking;

use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use actix::{Actor, AsyncContext, Context, Handler, MessageResult, SpawnHandle};
use moked_core::audio::{FRAME_MS, level, mulaw};
use moked_core::ids::TurnId;
use moked_core::pacing::{Pacing, PacingAction, PacingInput, PacingSettings};
use serde_json::json;

use crate::call::{Links, Offer, SharedBook, now};
use crate::messages::{
    AgentSpeech, CancelTurn, Inspect, LineDown, LineOrder, LineStuck, LineUp, Rewind, SayRest, StageRestarted,
};

/// Messages the pacer holds: some ten seconds of a fast voice's chunks.
pub(crate) const MAILBOX: usize = 64;

/// Orders held for a socket that does not take them, before the line is given up: 5 s of frames.
const MOST_HELD: usize = 250;

/// The pacer actor.
pub(crate) struct Pacer {
    settings: PacingSettings,
    book: SharedBook,
    links: Rc<Links>,
    timer: Option<SpawnHandle>,
    /// The turn whose first frame was logged.
    announced: Option<TurnId>,
}

impl Pacer {
    pub(crate) fn new(settings: PacingSettings, book: SharedBook, links: Rc<Links>) -> Self {
        Self { settings, book, links, timer: None, announced: None }
    }

    /// Works with the clock, which stands in the book.
    fn machine<T>(&self, work: impl FnOnce(&mut Pacing) -> T) -> T {
        let kept = self.book.borrow_mut().pacing.machine.take();
        let mut machine = kept.unwrap_or_else(|| {
            let mut fresh = Pacing::new(self.settings);
            if !self.links.line.is_there() {
                fresh.handle(PacingInput::Hold, now());
            }
            fresh
        });
        let result = work(&mut machine);
        self.book.borrow_mut().pacing.machine = Some(machine);
        result
    }

    fn act(&mut self, ctx: &mut Context<Self>) {
        while let Some(action) = self.machine(Pacing::next_action) {
            self.enter(action);
        }
        self.flush();
        self.arm(ctx);
    }

    /// Enters an action in the ledger, and what goes to the line for it.
    fn enter(&mut self, action: PacingAction) {
        let now = now();
        let mut book = self.book.borrow_mut();
        let order = match action {
            PacingAction::Sentence { turn, text, bytes, word_ends } => {
                book.ledger.sentence(turn, text, bytes, word_ends);
                None
            }
            PacingAction::MoreText { turn, text } => {
                book.ledger.more_text(turn, &text);
                None
            }
            PacingAction::WordEnds { turn, ends } => {
                book.ledger.word_ends(turn, &ends);
                None
            }
            PacingAction::SentenceLength { turn, bytes } => {
                book.ledger.sentence_length(turn, bytes);
                None
            }
            PacingAction::SentenceEnded { turn } => {
                book.ledger.sentence_ended(turn);
                None
            }
            PacingAction::Frame { turn, mulaw } => {
                book.ledger.frame_sent(turn, mulaw.len(), now);
                book.reference.sent(level::dbfs(&mulaw::decode(&mulaw)), now);
                if self.announced != Some(turn) {
                    self.announced = Some(turn);
                    let latency_ms = book.waited_ms(turn, now);
                    tracing::info!(event = "MEDIA_TX", %turn, latency_ms, "first audio of the turn sent");
                }
                Some(LineOrder::Media(mulaw))
            }
            PacingAction::Mark { turn, kind } => {
                Some(LineOrder::Mark(book.ledger.mark_sent(turn, kind, now)))
            }
            PacingAction::TakeBack { turn, bytes } => {
                let is_unplayed = book.ledger.unplayed_bytes(now) > 0 || !book.pacing.held.is_empty();
                book.ledger.taken_back(turn, bytes, now);
                book.pacing.held.clear();
                is_unplayed.then_some(LineOrder::Clear)
            }
            PacingAction::Clear => {
                book.ledger.cleared(now);
                book.pacing.held.clear();
                Some(LineOrder::Clear)
            }
        };
        book.pacing.held.extend(order);
    }

    fn held<T>(&self, work: impl FnOnce(&mut VecDeque<LineOrder>) -> T) -> T {
        work(&mut self.book.borrow_mut().pacing.held)
    }

    fn flush(&mut self) {
        while let Some(order) = self.held(VecDeque::pop_front) {
            match self.links.line.offer(order) {
                Offer::Taken => {}
                Offer::Full(order) => {
                    self.held(|held| held.push_front(order));
                    break;
                }
                // Nobody hears it; the ledger goes back when the line is known to be down.
                Offer::Nobody => self.held(VecDeque::clear),
            }
        }
        if self.held(|held| held.len()) > MOST_HELD {
            self.held(VecDeque::clear);
            self.links.tell_supervisor(LineStuck);
        }
    }

    /// Tells how late the next frame is, if it is due, and how the line jitters: the lead follows both. Of the frames
    /// that a late tick makes up the first counts.
    fn tell_lateness(&self) {
        let jitter = self.book.borrow().ledger.jitter();
        let due = self.machine(|machine| {
            machine.marks_jitter(jitter);
            machine.woke(now())
        });
        if let Some(due) = due {
            self.links.watch.frame_was_due(due);
        }
    }

    fn arm(&mut self, ctx: &mut Context<Self>) {
        if let Some(timer) = self.timer.take() {
            ctx.cancel_future(timer);
        }
        let frame = Duration::from_millis(u64::from(FRAME_MS));
        let due = self.machine(|machine| machine.poll_timeout());
        let due = due.map(|(due, _)| due.saturating_duration_since(now()));
        let again = self.held(|held| !held.is_empty()).then_some(frame);
        let Some(wait) = due.into_iter().chain(again).min() else { return };
        self.timer = Some(ctx.run_later(wait, |actor, ctx| {
            actor.timer = None;
            actor.tell_lateness();
            actor.machine(|machine| machine.handle_timeout(now()));
            actor.act(ctx);
        }));
    }
}

impl Actor for Pacer {
    type Context = Context<Self>;

    /// A life after the first goes on with the clock of the last. If that was lost, the carrier holds audio that
    /// the new one knows nothing of, and what waits belongs to sentences whose beginnings are lost.
    fn started(&mut self, ctx: &mut Self::Context) {
        let (has_begun, has_clock, has_unplayed, hush) = {
            let mut book = self.book.borrow_mut();
            let has_begun = std::mem::replace(&mut book.pacing.has_begun, true);
            (has_begun, book.pacing.machine.is_some(), book.ledger.has_unplayed(now()), book.hush)
        };
        if has_begun && !has_clock {
            self.links.pacer.forget_past();
            if has_unplayed {
                self.enter(PacingAction::Clear);
            }
            let turn = self.links.spoken_turn.get();
            self.machine(|machine| machine.handle(PacingInput::PastLost { turn }, now()));
            self.links.dialog.tell(StageRestarted { turn });
        }
        // The last life may have died of it, and the voice waits for its word.
        if let Some(rewind) = hush {
            self.handle(rewind, ctx);
        }
        self.act(ctx);
    }
}

impl Handler<AgentSpeech> for Pacer {
    type Result = ();

    fn handle(&mut self, AgentSpeech(input): AgentSpeech, ctx: &mut Self::Context) {
        self.tell_lateness();
        self.machine(|machine| machine.handle(input, now()));
        self.act(ctx);
    }
}

impl Handler<Rewind> for Pacer {
    type Result = ();

    fn handle(&mut self, Rewind { to, then_speak }: Rewind, ctx: &mut Self::Context) {
        let turn = self.book.borrow().saying.turn;
        // Of a one-hop engine's answer the voice cannot say the rest, and what the line did not take yet waits here.
        if self.machine(|machine| machine.newest_turn()) > turn {
            if then_speak {
                self.links.tts.tell(SayRest { turn, sentences: Vec::new(), is_complete: false });
            }
            return;
        }
        let (unplayed, rest) = self.book.borrow_mut().rewind(to, now());
        self.held(VecDeque::clear);
        self.machine(|machine| machine.handle(PacingInput::Rewind { unplayed }, now()));
        if then_speak {
            self.links.tts.tell(rest);
        }
        self.act(ctx);
    }
}

impl Handler<LineDown> for Pacer {
    type Result = ();

    fn handle(&mut self, _: LineDown, ctx: &mut Self::Context) {
        self.machine(|machine| machine.handle(PacingInput::Hold, now()));
        self.act(ctx);
    }
}

impl Handler<LineUp> for Pacer {
    type Result = ();

    fn handle(&mut self, _: LineUp, ctx: &mut Self::Context) {
        self.machine(|machine| machine.handle(PacingInput::Release, now()));
        self.act(ctx);
    }
}

impl Handler<CancelTurn> for Pacer {
    type Result = ();

    fn handle(&mut self, CancelTurn { turn }: CancelTurn, ctx: &mut Self::Context) {
        let unplayed = self.book.borrow().ledger.has_unplayed(now());
        self.machine(|machine| machine.handle(PacingInput::Cancel { turn, unplayed }, now()));
        self.act(ctx);
    }
}

impl Handler<Inspect> for Pacer {
    type Result = MessageResult<Inspect>;

    fn handle(&mut self, _: Inspect, _: &mut Self::Context) -> Self::Result {
        MessageResult(json!({
            "pacing": self.machine(|machine| machine.observe()),
            "next_timer": self.machine(|machine| machine.poll_timeout()).map(|(at, why)| {
                json!({ "why": why, "in_ms": at.saturating_duration_since(now()).as_millis() as u64 })
            }),
            "held_for_the_line": self.held(|held| held.len()),
            "playback": self.book.borrow().ledger.observe(now()),
        }))
    }
}

#[cfg(test)]
impl Pacer {
    /// As if it were in the hands of its clock.
    pub(crate) fn lose_engine(&mut self) {
        self.book.borrow_mut().pacing.machine = None;
    }
}
