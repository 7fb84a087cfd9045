//! Speech to speech in a call: one engine in the place of ear, mind and voice.
//!
//! The ear still tells when the caller speaks and the dialog whose turn it is, so barge-in, ledger and
//! timings are those of any call. This stage carries the caller's utterances to the engine and its audio to
//! the pacer, and holds the session: one that is lost is opened anew, with the conversation so far and the
//! speech that has no answer yet. If it is lost too often, the engines of three hops take over.

mod ear;
mod mind;
mod utterances;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, AsyncContext, Context, Handler, Message, MessageResult};
use bytes::Bytes;
use moked_core::audio::BYTES_PER_MS;
use moked_core::ids::{CallSid, TurnId};
use moked_core::pacing::PacingInput;
use moked_core::ports::{
    AfterTurn, ChatEvent, ChatTurn, ConversingEvent, ConversingRequest, ConversingSession, ProviderFault,
    Served, Sink, SpeechToSpeech,
};
use moked_core::restart::{Child, Restart, RestartHistory, RestartPolicy};
use serde_json::json;

pub(crate) use self::ear::OneHopEar;
pub(crate) use self::mind::OneHopMind;
use self::utterances::Utterances;
use crate::call::{EngineRole, Links, Piece, SharedBook, now};
use crate::host::{CallBrief, LocalTime};
use crate::messages::{
    AnswerSpoken, AnswerTurn, CallerSpeech, CallerSpoke, CallerWords, CancelTurn, Inspect, OneHopFailed,
    StopAnswer, Thought,
};
use crate::outlet::Outlet;

/// Messages the stage holds: the caller's audio of 5 s, as the ear does.
pub(crate) const MAILBOX: usize = 250;

/// What the stage converses with.
#[derive(Debug, Clone)]
pub(crate) struct OneHopParts {
    pub(crate) engine: Arc<dyn SpeechToSpeech>,
    pub(crate) call_sid: CallSid,
    pub(crate) brief: CallBrief,
    pub(crate) local_time: LocalTime,
}

/// An answer that is being made.
struct Answer {
    asked: ChatTurn,
    has_words: bool,
    /// Bytes of its audio handed on.
    bytes: usize,
    /// Set when it is complete: what follows.
    then: Option<AfterTurn>,
}

/// The one-hop actor.
pub(crate) struct OneHop {
    parts: OneHopParts,
    book: SharedBook,
    links: Rc<Links>,
    session: Option<Box<dyn ConversingSession>>,
    /// Number of the session, so that the word of an older one is known as such.
    opened: u32,
    failures: RestartHistory,
    outlet: Outlet,
    utterances: Utterances,
    answer: Option<Answer>,
}

impl OneHop {
    pub(crate) fn new(parts: OneHopParts, book: SharedBook, links: Rc<Links>) -> Self {
        Self {
            parts,
            book,
            session: None,
            opened: 0,
            failures: RestartHistory::default(),
            outlet: Outlet::new(Rc::clone(&links)),
            links,
            utterances: Utterances::default(),
            answer: None,
        }
    }

    /// Opens a session and tells it what has no answer yet.
    fn open(&mut self, ctx: &mut Context<Self>) {
        self.opened += 1;
        let session = self.opened;
        let address = ctx.address();
        let sink = Sink::new(move |event| address.do_send(Heard { session, event }));
        let mut session = self.parts.engine.open(self.request(), sink);
        self.utterances.replay(session.as_mut());
        if let Some(answer) = &self.answer {
            session.answer(answer.asked.clone());
        }
        self.session = Some(session);
    }

    fn request(&self) -> ConversingRequest {
        let book = self.book.borrow();
        ConversingRequest {
            call_sid: self.parts.call_sid.clone(),
            language: self.parts.brief.language,
            caller: self.parts.brief.caller.clone(),
            now: self.parts.local_time.now(),
            history: book.conversation.remarks().to_vec(),
            lead: book.lead.clone(),
        }
    }

    fn lost(&mut self, error: &ProviderFault, ctx: &mut Context<Self>) {
        self.session = None;
        let engine = self.parts.engine.name();
        // Words that were half spoken are not taken up by another session: the caller is asked again.
        if self.answer.take_if(|answer| answer.bytes > 0).is_some() {
            self.links.dialog.tell(OneHopFailed { for_good: false });
        }
        match self.failures.failed(RestartPolicy::of(Child::OneHop), now()) {
            Restart::After(pause) => {
                let ms = pause.as_millis();
                tracing::warn!(event = "ONE_HOP_FAILED", engine, "{error}; a new session opens in {ms} ms");
                ctx.run_later(pause, |actor, ctx| actor.open(ctx));
            }
            Restart::GiveUp => {
                tracing::error!(
                    event = "ONE_HOP_LOST",
                    engine,
                    "{error}; for the rest of this call ear, mind and voice take over"
                );
                self.links.give_up_one_hop();
            }
        }
    }

    fn words(&mut self, turn: TurnId, delta: String, ctx: &mut Context<Self>) {
        let Some(answer) = self.answer_to(turn) else { return };
        let is_first = !std::mem::replace(&mut answer.has_words, true);
        let input = if is_first {
            PacingInput::Sentence { turn, text: delta }
        } else {
            PacingInput::MoreText { turn, text: delta }
        };
        self.hand_on(input, ctx);
    }

    fn audio(&mut self, turn: TurnId, mulaw: Bytes, ctx: &mut Context<Self>) {
        // Audio has a sentence to belong to, even where its words come after it.
        self.words(turn, String::new(), ctx);
        let Some(answer) = self.answer_to(turn) else { return };
        answer.bytes += mulaw.len();
        self.enter(turn, Piece::First);
        let ms = (mulaw.len() / BYTES_PER_MS) as u64;
        self.links.spoken_turn.set(turn);
        self.links.dialog.tell(AnswerSpoken { turn, ms });
        self.hand_on(PacingInput::Audio { turn, mulaw }, ctx);
    }

    fn done(&mut self, turn: TurnId, then: AfterTurn, ctx: &mut Context<Self>) {
        let Some(answer) = self.answer_to(turn) else { return };
        answer.then = Some(then);
        let ms = answer.bytes / BYTES_PER_MS;
        self.enter(turn, Piece::Last);
        tracing::info!(event = "ONE_HOP_DONE", %turn, ms, "answer complete, {ms} ms of audio");
        self.utterances.answered();
        self.book.borrow_mut().tape.answered();
        self.hand_on(PacingInput::SentenceEnded { turn }, ctx);
    }

    /// Enters a piece of the answer in the call's book.
    fn enter(&self, turn: TurnId, piece: Piece) {
        let mut book = self.book.borrow_mut();
        let Some(asked) = book.timings.last().filter(|timing| timing.turn == turn).map(|timing| timing.heard)
        else {
            return;
        };
        let own = || Served { engine: self.parts.engine.name().into(), asked, connect_ms: None };
        let served = self.session.as_ref().and_then(|session| session.served()).unwrap_or_else(own);
        book.served(turn, EngineRole::Conversing, &served, piece, now());
    }

    fn answer_to(&mut self, turn: TurnId) -> Option<&mut Answer> {
        self.answer.as_mut().filter(|answer| answer.asked.turn == turn && answer.then.is_none())
    }

    fn hand_on(&mut self, input: PacingInput, ctx: &mut Context<Self>) {
        let retry = self.outlet.give(input);
        self.handed_on(retry, ctx);
    }

    /// The dialog hears of a complete answer when the pacer has all of it: its end goes another way.
    fn handed_on(&mut self, retry: Option<Duration>, ctx: &mut Context<Self>) {
        if let Some(wait) = retry {
            ctx.run_later(wait, |actor, ctx| {
                let retry = actor.outlet.retry();
                actor.handed_on(retry, ctx);
            });
        }
        if self.outlet.is_empty()
            && let Some(Answer { asked, then: Some(then), .. }) =
                self.answer.take_if(|answer| answer.then.is_some())
        {
            self.links.dialog.tell(Thought(ChatEvent::Done { turn: asked.turn, then }));
        }
    }
}

impl Actor for OneHop {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.open(ctx);
    }
}

impl Handler<CallerSpeech> for OneHop {
    type Result = ();

    fn handle(&mut self, CallerSpeech { utterance, mulaw }: CallerSpeech, _: &mut Self::Context) {
        self.utterances.audio(utterance, &mulaw);
        if let Some(session) = &mut self.session {
            session.audio(utterance, &mulaw);
        }
    }
}

impl Handler<CallerSpoke> for OneHop {
    type Result = ();

    fn handle(&mut self, CallerSpoke { utterance }: CallerSpoke, _: &mut Self::Context) {
        self.utterances.ended(utterance);
        if let Some(session) = &mut self.session {
            session.utterance_ended(utterance);
        }
    }
}

impl Handler<AnswerTurn> for OneHop {
    type Result = ();

    fn handle(&mut self, AnswerTurn(asked): AnswerTurn, _: &mut Self::Context) {
        self.utterances.answered_by(asked.turn);
        if let Some(session) = &mut self.session {
            session.answer(asked.clone());
        }
        self.answer = Some(Answer { asked, has_words: false, bytes: 0, then: None });
    }
}

impl Handler<StopAnswer> for OneHop {
    type Result = ();

    fn handle(&mut self, StopAnswer { turn }: StopAnswer, _: &mut Self::Context) {
        let Some(answer) = self.answer.take_if(|answer| answer.asked.turn == turn) else { return };
        if let Some(session) = &mut self.session {
            session.cut(turn, (answer.bytes / BYTES_PER_MS) as u64);
        }
    }
}

impl Handler<CancelTurn> for OneHop {
    type Result = ();

    fn handle(&mut self, CancelTurn { turn }: CancelTurn, _: &mut Self::Context) {
        self.answer.take_if(|answer| answer.asked.turn <= turn);
        self.outlet.clear();
        let heard = self.book.borrow().ledger.heard_bytes(turn, now());
        if heard > 0 {
            self.utterances.answered();
        }
        if let Some(session) = &mut self.session {
            session.cut(turn, (heard / BYTES_PER_MS) as u64);
        }
    }
}

/// The engine's word, brought home to the actor.
#[derive(Debug, Message)]
#[rtype(result = "()")]
struct Heard {
    session: u32,
    event: ConversingEvent,
}

impl Handler<Heard> for OneHop {
    type Result = ();

    fn handle(&mut self, Heard { session, event }: Heard, ctx: &mut Self::Context) {
        if session != self.opened {
            return;
        }
        match event {
            ConversingEvent::CallerSaid { utterance, text } => {
                tracing::info!(event = "STT_FINAL", %utterance, chars = text.chars().count());
                tracing::debug!(event = "STT_TEXT", %utterance, text);
                let turn = self.utterances.written_down(utterance);
                self.links.dialog.tell(CallerWords { turn, text });
            }
            ConversingEvent::Words { turn, delta } => self.words(turn, delta, ctx),
            ConversingEvent::Audio { turn, mulaw } => self.audio(turn, mulaw, ctx),
            ConversingEvent::Done { turn, then } => self.done(turn, then, ctx),
            ConversingEvent::Expect { turn, hints } => {
                self.links.dialog.tell(Thought(ChatEvent::Expect { turn, hints }));
            }
            ConversingEvent::Lead { turn, lead } => {
                self.links.dialog.tell(Thought(ChatEvent::Lead { turn, lead }));
            }
            ConversingEvent::Failed { turn, error } => {
                self.answer.take_if(|answer| answer.asked.turn == turn);
                self.links.dialog.tell(Thought(ChatEvent::Failed { turn, error }));
            }
            ConversingEvent::Lost(error) => self.lost(&error, ctx),
        }
    }
}

impl Handler<Inspect> for OneHop {
    type Result = MessageResult<Inspect>;

    fn handle(&mut self, _: Inspect, _: &mut Self::Context) -> Self::Result {
        MessageResult(json!({
            "engine": self.parts.engine.name(),
            "is_connected": self.session.is_some(),
            "sessions_opened": self.opened,
            "answering": self.answer.as_ref().map(|answer| answer.asked.turn),
            "answer_ms": self.answer.as_ref().map(|answer| answer.bytes / BYTES_PER_MS),
            "utterances_unanswered": self.utterances.unanswered(),
        }))
    }
}
