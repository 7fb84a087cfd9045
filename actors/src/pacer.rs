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
use crate::messages::{AgentSpeech, CancelTurn, Inspect, LineOrder, LineStuck, Rewind};

/// Messages the pacer holds: some ten seconds of a fast voice's chunks.
pub(crate) const MAILBOX: usize = 64;

/// Orders held for a socket that does not take them, before the line is given up: 5 s of frames.
const MOST_HELD: usize = 250;

/// The pacer actor.
pub(crate) struct Pacer {
    machine: Pacing,
    book: SharedBook,
    links: Rc<Links>,
    timer: Option<SpawnHandle>,
    /// What the socket's full mailbox gave back.
    held: VecDeque<LineOrder>,
    /// The turn whose first frame was logged.
    announced: Option<TurnId>,
}

impl Pacer {
    pub(crate) fn new(settings: PacingSettings, book: SharedBook, links: Rc<Links>) -> Self {
        let machine = Pacing::new(settings);
        Self { machine, book, links, timer: None, held: VecDeque::new(), announced: None }
    }

    fn act(&mut self, ctx: &mut Context<Self>) {
        while let Some(action) = self.machine.next_action() {
            let order = self.enter(action);
            self.held.extend(order);
        }
        self.flush();
        self.arm(ctx);
    }

    /// Enters an action in the ledger; gives what goes to the line for it.
    fn enter(&mut self, action: PacingAction) -> Option<LineOrder> {
        let now = now();
        let mut book = self.book.borrow_mut();
        match action {
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
                book.ledger.taken_back(turn, bytes, now);
                self.held.clear();
                Some(LineOrder::Clear)
            }
            PacingAction::Clear => {
                book.ledger.cleared(now);
                self.held.clear();
                Some(LineOrder::Clear)
            }
        }
    }

    fn flush(&mut self) {
        while let Some(order) = self.held.pop_front() {
            match self.links.line.offer(order) {
                Offer::Taken => {}
                Offer::Full(order) => {
                    self.held.push_front(order);
                    break;
                }
                // Nobody hears it; the ledger goes back when the line is known to be down.
                Offer::Nobody => self.held.clear(),
            }
        }
        if self.held.len() > MOST_HELD {
            self.held.clear();
            self.links.tell_supervisor(LineStuck);
        }
    }

    /// Tells how late the next frame is, if it is due. Of those that a late tick makes up the first counts.
    fn tell_lateness(&self) {
        if let Some((due, _)) = self.machine.poll_timeout() {
            self.links.watch.frame_was_due(due);
        }
    }

    fn arm(&mut self, ctx: &mut Context<Self>) {
        if let Some(timer) = self.timer.take() {
            ctx.cancel_future(timer);
        }
        let frame = Duration::from_millis(u64::from(FRAME_MS));
        let wait = match self.machine.poll_timeout() {
            Some((due, _)) => due.saturating_duration_since(now()),
            None if !self.held.is_empty() => frame,
            None => return,
        };
        self.timer = Some(ctx.run_later(wait, |actor, ctx| {
            actor.timer = None;
            actor.tell_lateness();
            actor.machine.handle_timeout(now());
            actor.act(ctx);
        }));
    }
}

impl Actor for Pacer {
    type Context = Context<Self>;

    /// A life after the first finds audio at the carrier that its machine knows nothing of.
    fn started(&mut self, ctx: &mut Self::Context) {
        let has_unplayed = self.book.borrow().ledger.has_unplayed(now());
        if has_unplayed {
            let order = self.enter(PacingAction::Clear);
            self.held.extend(order);
            self.act(ctx);
        }
    }
}

impl Handler<AgentSpeech> for Pacer {
    type Result = ();

    fn handle(&mut self, AgentSpeech(input): AgentSpeech, ctx: &mut Self::Context) {
        self.tell_lateness();
        self.machine.handle(input, now());
        self.act(ctx);
    }
}

impl Handler<Rewind> for Pacer {
    type Result = ();

    fn handle(&mut self, Rewind { to, then_speak }: Rewind, ctx: &mut Self::Context) {
        let (unplayed, rest) = self.book.borrow_mut().rewind(to, now());
        self.held.clear();
        self.machine.handle(PacingInput::Rewind { unplayed }, now());
        if then_speak {
            self.links.tts.tell(rest);
        }
        self.act(ctx);
    }
}

impl Handler<CancelTurn> for Pacer {
    type Result = ();

    fn handle(&mut self, CancelTurn { turn }: CancelTurn, ctx: &mut Self::Context) {
        let unplayed = self.book.borrow().ledger.has_unplayed(now());
        self.machine.handle(PacingInput::Cancel { turn, unplayed }, now());
        self.act(ctx);
    }
}

impl Handler<Inspect> for Pacer {
    type Result = MessageResult<Inspect>;

    fn handle(&mut self, _: Inspect, _: &mut Self::Context) -> Self::Result {
        MessageResult(json!({
            "pacing": self.machine.observe(),
            "next_timer": self.machine.poll_timeout().map(|(at, why)| {
                json!({ "why": why, "in_ms": at.saturating_duration_since(now()).as_millis() as u64 })
            }),
            "held_for_the_line": self.held.len(),
            "playback": self.book.borrow().ledger.observe(now()),
        }))
    }
}
