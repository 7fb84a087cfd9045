//! The conversation of a call: the shell of [`Turns`], with the mind at its side.
//!
//! It translates facts from the ear, the keypad, the mind and the line into the machine's inputs and the
//! machine's orders into messages, and writes the conversation: what the caller said, and what he heard.

mod hearing;
mod operator;
mod orders;
mod thinking;

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{Actor, AsyncContext, Context, Handler, Message, MessageResult, SpawnHandle};
use moked_core::ids::UtteranceId;
use moked_core::language::Language;
use moked_core::pacing::MarkKind;
use moked_core::playback::MarkEcho;
use moked_core::ports::{ChatEvent, ChatModel, ChatRequest, ChatSession, Sink};
use moked_core::record::EventKind;
use moked_core::turn::{TurnInput, TurnSettings, Turns};
use serde_json::json;

use crate::call::{Contained, Links, Piece, SharedBook, now};
use crate::ferry::Ferry;
use crate::host::LocalTime;
use crate::messages::{
    AnswerSpoken, Hush, Inspect, KeyPressed, LineDown, LineUp, MarkReached, OneHopFailed, Rewind,
    StageRestarted, Thought,
};
use crate::one_hop::OneHopMind;

/// Messages the dialog holds. All are control, which passes the bound; it is for offers from outside.
pub(crate) const MAILBOX: usize = 256;

/// A line that brings nothing for 3 s is given up, and one that takes nothing after 5 s of audio.
const LONGEST_DEAD: Duration = Duration::from_secs(15);

/// What the dialog talks with.
#[derive(Debug, Clone)]
pub(crate) struct MindParts {
    pub(crate) engine: Arc<dyn ChatModel>,
    pub(crate) request: ChatRequest,
    pub(crate) settings: TurnSettings,
    /// Whether anybody hears the caller.
    pub(crate) has_ear: bool,
    pub(crate) local_time: LocalTime,
    /// The agent's own fillers, if it has any.
    pub(crate) fillers: Arc<[String]>,
}

/// The dialog actor.
pub(crate) struct Dialog {
    machine: Turns,
    /// Whether this is the first life.
    begins: bool,
    parts: MindParts,
    book: SharedBook,
    links: Rc<Links>,
    timer: Option<SpawnHandle>,
    /// The newest stretch of speech; words of an older one come too late.
    utterance: UtteranceId,
    speech_ended: Option<Instant>,
    partial: String,
}

impl Dialog {
    /// The dialog of a call, from where its last life left off.
    pub(crate) fn new(parts: MindParts, book: SharedBook, links: Rc<Links>) -> Self {
        let (kept, utterance) = {
            // It stays in the book: the ear asks it meanwhile whether the agent speaks.
            let book = book.borrow();
            (book.turns.clone(), book.utterance)
        };
        Self {
            begins: kept.is_none(),
            machine: kept.unwrap_or_else(|| Turns::new(parts.settings)),
            parts,
            book,
            links,
            timer: None,
            utterance,
            speech_ended: None,
            partial: String::new(),
        }
    }

    fn language(&self) -> Language {
        self.parts.request.language
    }

    fn open_mind(&self) {
        let session = self.book.borrow_mut().mind.renew();
        let mut mind: Box<dyn ChatSession> = if self.links.is_one_hop.get() {
            Box::new(OneHopMind(Rc::clone(&self.links)))
        } else {
            let ferry = Ferry::to(&self.links, |links| &links.dialog);
            let sink = Sink::new(move |event| ferry.do_send(MindSaid { session, event }));
            self.parts.engine.open(self.parts.request.clone(), sink)
        };
        let (lead, is_ear_lost) = {
            let book = self.book.borrow();
            (book.lead.clone(), !self.parts.has_ear || book.ear_is_lost)
        };
        if let Some(lead) = &lead {
            mind.take_over(lead);
        }
        if is_ear_lost {
            mind.ear_is_lost();
        }
        self.book.borrow_mut().mind.put(Contained::of(mind));
    }

    /// Works with the mind, which stands in the book.
    fn mind(&self, work: impl FnOnce(&mut dyn ChatSession)) {
        let mut mind = self.book.borrow_mut().mind.take();
        if let Some(mind) = mind.get_mut() {
            work(mind);
        }
        self.book.borrow_mut().mind.put(mind);
    }

    /// Whether the mind may go on with its answer: it is well, and the dialog did not fail over the same turn
    /// before.
    fn mind_goes_on(&self) -> bool {
        let mut book = self.book.borrow_mut();
        let turn = self.machine.turn();
        book.dialog_failed_in.replace(turn) != Some(turn) && book.mind.is_open()
    }

    fn give(&mut self, input: TurnInput, ctx: &mut Context<Self>) {
        self.machine.handle(input, now());
        self.act(ctx);
    }

    /// Keeps turn-taking as it stands, for a life after this.
    fn keep(&self) {
        self.book.borrow_mut().turns = Some(self.machine.clone());
    }

    fn act(&mut self, ctx: &mut Context<Self>) {
        while let Some(action) = self.machine.next_action() {
            self.keep();
            self.obey(action);
        }
        self.keep();
        if let Some(timer) = self.timer.take() {
            ctx.cancel_future(timer);
        }
        if let Some((due, _)) = self.machine.poll_timeout() {
            let wait = due.saturating_duration_since(now());
            self.timer = Some(ctx.run_later(wait, |actor, ctx| {
                actor.timer = None;
                actor.machine.handle_timeout(now());
                actor.act(ctx);
            }));
        }
    }
}

impl Actor for Dialog {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        if self.begins {
            self.open_mind();
            self.give(TurnInput::CallStarted, ctx);
        } else if self.mind_goes_on() {
            self.act(ctx);
        } else {
            self.open_mind();
            self.give(TurnInput::MindRestarted, ctx);
        }
    }
}

impl Handler<AnswerSpoken> for Dialog {
    type Result = ();

    fn handle(&mut self, AnswerSpoken { turn, ms }: AnswerSpoken, ctx: &mut Self::Context) {
        self.first_words(turn);
        self.give(TurnInput::AnswerSpoken { turn, ms }, ctx);
    }
}

impl Handler<OneHopFailed> for Dialog {
    type Result = ();

    fn handle(&mut self, OneHopFailed { for_good }: OneHopFailed, ctx: &mut Self::Context) {
        if for_good {
            self.open_mind();
            self.give(TurnInput::HeardAgain, ctx);
        } else {
            self.apologise(self.machine.turn(), ctx);
        }
    }
}

impl Handler<KeyPressed> for Dialog {
    type Result = ();

    fn handle(&mut self, KeyPressed(key): KeyPressed, ctx: &mut Self::Context) {
        // The wait for an answer to keys begins with the last of them.
        self.speech_ended = Some(now());
        self.links.stt.tell(KeyPressed(key));
        self.give(TurnInput::Key(key), ctx);
    }
}

impl Handler<MarkReached> for Dialog {
    type Result = ();

    fn handle(&mut self, MarkReached(name): MarkReached, ctx: &mut Self::Context) {
        let echo = self.book.borrow_mut().ledger.mark_reached(&name, now());
        match echo {
            MarkEcho::Played { turn, kind: MarkKind::TurnEnd } => self.give(TurnInput::Played { turn }, ctx),
            MarkEcho::Played { kind: MarkKind::Progress | MarkKind::SentenceEnd, .. } | MarkEcho::Void => {}
        }
    }
}

impl Handler<StageRestarted> for Dialog {
    type Result = ();

    fn handle(&mut self, StageRestarted { turn }: StageRestarted, ctx: &mut Self::Context) {
        // What a one-hop engine has spoken cannot be spoken again by the voice.
        let is_one_hop = self.links.is_one_hop.get();
        self.give(
            if is_one_hop { TurnInput::VoiceFailed { turn } } else { TurnInput::VoiceRestarted { turn } },
            ctx,
        );
    }
}

/// No line is dead for longer before it is known: what was heard before then was heard.
fn longest_dead() -> Instant {
    let now = now();
    now.checked_sub(LONGEST_DEAD).unwrap_or(now)
}

impl Handler<LineDown> for Dialog {
    type Result = ();

    fn handle(&mut self, LineDown { since }: LineDown, ctx: &mut Self::Context) {
        let taken_back = self.book.borrow_mut().drop_heard_after(since.max(longest_dead()));
        for (turn, heard) in taken_back {
            self.links.recording.heard_less(turn, heard);
        }
        self.links.tts.tell(Hush(Rewind { to: since, then_speak: false }));
        if self.links.is_one_hop.get() {
            // Before the turn is entered: what went into the dead line was not heard.
            self.book.borrow_mut().rewind(since, now());
            self.give(TurnInput::VoiceFailed { turn: self.machine.turn() }, ctx);
        }
        self.give(TurnInput::LineDown, ctx);
    }
}

impl Handler<LineUp> for Dialog {
    type Result = ();

    fn handle(&mut self, _: LineUp, ctx: &mut Self::Context) {
        self.give(TurnInput::LineUp, ctx);
    }
}

/// The mind's word, brought home. Carries its session, since one that is lost may still speak.
#[derive(Debug, Message)]
#[rtype(result = "()")]
struct MindSaid {
    session: u32,
    event: ChatEvent,
}

impl Handler<MindSaid> for Dialog {
    type Result = ();

    fn handle(&mut self, MindSaid { session, event }: MindSaid, ctx: &mut Self::Context) {
        let newest = self.book.borrow().mind.number();
        if session == newest {
            self.handle(Thought(event), ctx);
        }
    }
}

impl Handler<Thought> for Dialog {
    type Result = ();

    fn handle(&mut self, Thought(event): Thought, ctx: &mut Self::Context) {
        match event {
            ChatEvent::Text { turn, delta } => {
                self.enter(turn, Piece::First);
                self.give(TurnInput::Answer { turn, delta }, ctx);
            }
            ChatEvent::Expect { turn, hints } => self.give(TurnInput::Expect { turn, hints }, ctx),
            ChatEvent::Done { turn, then } => {
                self.enter(turn, Piece::Last);
                self.give(TurnInput::AnswerDone { turn, then }, ctx);
            }
            ChatEvent::Lead { turn, .. } if self.machine.is_speculative(turn) => {
                tracing::error!(event = "LEAD_TOO_EARLY", %turn, "the mind keeps answers on a guess; dropped");
            }
            ChatEvent::Lead { turn, lead } => self.keep_lead(turn, lead),
            ChatEvent::Failed { turn, error } if self.machine.is_speculative(turn) => {
                tracing::info!(event = "SPECULATION_FAILED", %turn, "{error}; it is asked again in earnest");
                self.apologise(turn, ctx);
            }
            ChatEvent::Failed { turn, error } => {
                tracing::warn!(event = "MIND_FAILED", %turn, "{error}; the caller hears an apology");
                self.links.recording.event(EventKind::MindFailed, error.to_string());
                self.apologise(turn, ctx);
            }
        }
    }
}

impl Handler<Inspect> for Dialog {
    type Result = MessageResult<Inspect>;

    fn handle(&mut self, _: Inspect, _: &mut Self::Context) -> Self::Result {
        MessageResult(json!({
            "engine": self.parts.engine.name(),
            "turn": self.machine.observe(now()),
            "partial": self.partial,
            "speculation": self.book.borrow().guesses,
        }))
    }
}

#[cfg(test)]
impl Dialog {
    /// As if it were in the hands of its mind.
    pub(crate) fn lose_engine(&mut self) {
        self.book.borrow_mut().mind.take();
    }
}
