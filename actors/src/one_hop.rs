//! Speech to speech in a call: one engine in the place of ear, mind and voice.
//!
//! The ear still tells when the caller speaks and the dialog whose turn it is, so barge-in, ledger and
//! timings are those of any call. This stage carries the caller's utterances to the engine and its audio to
//! the pacer, and holds the session: one that is lost is opened anew, with the conversation so far and the
//! speech that has no answer yet. If it is lost too often, the engines of three hops take over.

mod ear;
mod mind;
mod notes;
mod utterances;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, AsyncContext, Context, Handler, Message, MessageResult};
use bytes::Bytes;
use moked_core::audio::BYTES_PER_MS;
use moked_core::ids::{CallSid, TurnId};
use moked_core::pacing::PacingInput;
use moked_core::playback::speech_of;
use moked_core::ports::{
    AfterTurn, ChatEvent, ConversingEvent, ConversingRequest, ConversingSession, ProviderFault, Served, Sink,
    SpeechToSpeech,
};
use moked_core::restart::{Child, Restart, RestartHistory, RestartPolicy};
use serde_json::json;

pub(crate) use self::ear::OneHopEar;
pub(crate) use self::mind::OneHopMind;
pub(crate) use self::notes::OneHopNotes;
use self::notes::{Answer, Notes};
use crate::call::{Contained, EngineRole, Links, Piece, SharedBook, now};
use crate::ferry::Ferry;
use crate::host::{CallBrief, LocalTime};
use crate::messages::{
    AnswerSpoken, AnswerTurn, CallerSpeech, CallerSpoke, CallerWords, CancelTurn, Inspect, OneHopFailed,
    StopAnswer, Thought,
};
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

/// The one-hop actor.
pub(crate) struct OneHop {
    parts: OneHopParts,
    book: SharedBook,
    links: Rc<Links>,
    notes: OneHopNotes,
    failures: RestartHistory,
}

impl OneHop {
    /// The stage of a call, from where its last life left off.
    pub(crate) fn new(parts: OneHopParts, notes: OneHopNotes, book: SharedBook, links: Rc<Links>) -> Self {
        Self { parts, book, links, notes, failures: RestartHistory::default() }
    }

    fn notes<T>(&self, work: impl FnOnce(&mut Notes) -> T) -> T {
        self.notes.with(work)
    }

    /// Opens a session and tells it what has no answer yet.
    fn open(&self) {
        let session = self.notes(|notes| notes.session.renew());
        let ferry = Ferry::to(&self.links, |links| &links.one_hop);
        let sink = Sink::new(move |event| ferry.do_send(Heard { session, event }));
        let mut session = Contained::of(self.parts.engine.open(self.request(), sink));
        if let Some(session) = session.get_mut() {
            self.notes(|notes| notes.utterances.replay(session));
            let asked = self.notes(|notes| notes.answer.as_ref().map(|answer| answer.asked.clone()));
            if let Some(asked) = asked {
                session.answer(asked);
            }
        }
        self.notes(|notes| notes.session.put(session));
    }

    /// Works with the session, which stands in the notes.
    fn session(&self, work: impl FnOnce(&mut dyn ConversingSession)) {
        let mut session = self.notes(|notes| notes.session.take());
        if let Some(session) = session.get_mut() {
            work(session);
        }
        self.notes(|notes| notes.session.put(session));
    }

    /// A life after the first goes on with the session of the last, unless that is lost or both failed over one answer.
    fn go_on(&mut self, ctx: &mut Context<Self>) {
        let has_failed = self.notes(|notes| {
            notes.answer.as_mut().is_some_and(|answer| std::mem::replace(&mut answer.has_failed, true))
        });
        if !has_failed && self.notes(|notes| notes.session.is_open()) {
            let retry = self.notes(|notes| notes.outlet.retry());
            return self.handed_on(retry, ctx);
        }
        self.notes(|notes| notes.outlet.clear());
        self.break_off(|answer| has_failed || answer.bytes > 0, ctx);
        self.open();
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
        self.notes(|notes| notes.session.renew());
        let engine = self.parts.engine.name();
        self.break_off(|answer| answer.bytes > 0, ctx);
        match self.failures.failed(RestartPolicy::of(Child::OneHop), now()) {
            Restart::After(pause) => {
                let ms = pause.as_millis();
                tracing::warn!(event = "ONE_HOP_FAILED", engine, "{error}; a new session opens in {ms} ms");
                ctx.run_later(pause, |actor, _| actor.open());
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

    /// Words that were half spoken are not taken up by another session: the caller is asked again.
    fn break_off(&mut self, is_lost: impl FnOnce(&Answer) -> bool, ctx: &mut Context<Self>) {
        let answer = self.notes(|notes| notes.answer.take_if(|answer| is_lost(answer)));
        let Some(Answer { asked, characters, has_words, .. }) = answer else { return };
        if has_words {
            let (turn, whole) = (asked.turn, speech_of(characters));
            self.hand_on(PacingInput::SentenceBroken { turn, whole }, ctx);
        }
        self.links.dialog.tell(OneHopFailed { for_good: false });
    }

    fn words(&mut self, turn: TurnId, delta: String, ctx: &mut Context<Self>) {
        let had_words = self.answer_to(turn, |answer| {
            answer.characters += delta.chars().count();
            std::mem::replace(&mut answer.has_words, true)
        });
        let Some(is_first) = had_words.map(|had_words| !had_words) else { return };
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
        if self.answer_to(turn, |answer| answer.bytes += mulaw.len()).is_none() {
            return;
        }
        self.enter(turn, Piece::First);
        let ms = (mulaw.len() / BYTES_PER_MS) as u64;
        self.links.spoken_turn.set(turn);
        self.links.dialog.tell(AnswerSpoken { turn, ms });
        self.hand_on(PacingInput::Audio { turn, mulaw }, ctx);
    }

    fn done(&mut self, turn: TurnId, then: AfterTurn, ctx: &mut Context<Self>) {
        let bytes = self.answer_to(turn, |answer| {
            answer.then = Some(then);
            answer.bytes
        });
        let Some(ms) = bytes.map(|bytes| bytes / BYTES_PER_MS) else { return };
        self.enter(turn, Piece::Last);
        tracing::info!(event = "ONE_HOP_DONE", %turn, ms, "answer complete, {ms} ms of audio");
        self.notes(|notes| notes.utterances.answered());
        self.book.borrow_mut().tape.answered();
        self.hand_on(PacingInput::SentenceEnded { turn }, ctx);
    }

    /// Enters a piece of the answer in the call's book.
    fn enter(&self, turn: TurnId, piece: Piece) {
        let asked = {
            let book = self.book.borrow();
            book.timings.last().filter(|timing| timing.turn == turn).map(|timing| timing.heard)
        };
        let Some(asked) = asked else { return };
        let mut told = None;
        self.session(|session| told = session.served());
        let own = || Served { engine: self.parts.engine.name().into(), asked, connect_ms: None };
        let served = told.unwrap_or_else(own);
        self.links.recording.engine_serves(EngineRole::Conversing, &served.engine);
        self.book.borrow_mut().served(turn, EngineRole::Conversing, &served, piece, now());
    }

    /// Works with the answer to a turn, if that is what is being made.
    fn answer_to<T>(&self, turn: TurnId, work: impl FnOnce(&mut Answer) -> T) -> Option<T> {
        self.notes(|notes| {
            let answer = notes.answer.as_mut();
            answer.filter(|answer| answer.asked.turn == turn && answer.then.is_none()).map(work)
        })
    }

    fn hand_on(&mut self, input: PacingInput, ctx: &mut Context<Self>) {
        let retry = self.notes(|notes| notes.outlet.give(input));
        self.handed_on(retry, ctx);
    }

    /// The dialog hears of a complete answer when the pacer has all of it: its end goes another way.
    fn handed_on(&mut self, retry: Option<Duration>, ctx: &mut Context<Self>) {
        if let Some(wait) = retry {
            ctx.run_later(wait, |actor, ctx| {
                let retry = actor.notes(|notes| notes.outlet.retry());
                actor.handed_on(retry, ctx);
            });
        }
        let is_complete = self.notes(|notes| notes.outlet.is_empty());
        if is_complete
            && let Some(Answer { asked, then: Some(then), .. }) =
                self.notes(|notes| notes.answer.take_if(|answer| answer.then.is_some()))
        {
            self.links.dialog.tell(Thought(ChatEvent::Done { turn: asked.turn, then }));
        }
    }
}

impl Actor for OneHop {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        if self.notes(|notes| std::mem::replace(&mut notes.has_begun, true)) {
            self.go_on(ctx);
        } else {
            self.open();
        }
    }
}

impl Handler<CallerSpeech> for OneHop {
    type Result = ();

    fn handle(&mut self, CallerSpeech { utterance, mulaw }: CallerSpeech, _: &mut Self::Context) {
        self.notes(|notes| notes.utterances.audio(utterance, &mulaw));
        self.session(|session| session.audio(utterance, &mulaw));
    }
}

impl Handler<CallerSpoke> for OneHop {
    type Result = ();

    fn handle(&mut self, CallerSpoke { utterance }: CallerSpoke, _: &mut Self::Context) {
        self.notes(|notes| notes.utterances.ended(utterance));
        self.session(|session| session.utterance_ended(utterance));
    }
}

impl Handler<AnswerTurn> for OneHop {
    type Result = ();

    fn handle(&mut self, AnswerTurn(asked): AnswerTurn, _: &mut Self::Context) {
        let question = asked.clone();
        self.notes(|notes| {
            notes.utterances.answered_by(asked.turn);
            notes.answer = Some(Answer::to(asked));
        });
        self.session(|session| session.answer(question));
    }
}

impl Handler<StopAnswer> for OneHop {
    type Result = ();

    fn handle(&mut self, StopAnswer { turn }: StopAnswer, _: &mut Self::Context) {
        let answer = self.notes(|notes| notes.answer.take_if(|answer| answer.asked.turn == turn));
        let Some(answer) = answer else { return };
        self.session(|session| session.cut(turn, (answer.bytes / BYTES_PER_MS) as u64));
    }
}

impl Handler<CancelTurn> for OneHop {
    type Result = ();

    fn handle(&mut self, CancelTurn { turn }: CancelTurn, _: &mut Self::Context) {
        let heard = self.book.borrow().ledger.heard_bytes(turn, now());
        self.notes(|notes| {
            notes.answer.take_if(|answer| answer.asked.turn <= turn);
            notes.outlet.clear();
            if heard > 0 {
                notes.utterances.answered();
            }
        });
        self.session(|session| session.cut(turn, (heard / BYTES_PER_MS) as u64));
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
        if session != self.notes(|notes| notes.session.number()) {
            return;
        }
        match event {
            ConversingEvent::CallerSaid { utterance, text } => {
                tracing::info!(event = "STT_FINAL", %utterance, chars = text.chars().count());
                tracing::debug!(event = "STT_TEXT", %utterance, text);
                let turn = self.notes(|notes| notes.utterances.written_down(utterance));
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
                self.notes(|notes| notes.answer.take_if(|answer| answer.asked.turn == turn));
                self.links.dialog.tell(Thought(ChatEvent::Failed { turn, error }));
            }
            ConversingEvent::Lost(error) => self.lost(&error, ctx),
        }
    }
}

impl Handler<Inspect> for OneHop {
    type Result = MessageResult<Inspect>;

    fn handle(&mut self, _: Inspect, _: &mut Self::Context) -> Self::Result {
        self.notes(|notes| {
            let answer = notes.answer.as_ref();
            MessageResult(json!({
                "engine": self.parts.engine.name(),
                "is_connected": notes.session.is_open(),
                "sessions_opened": notes.session.number(),
                "answering": answer.map(|answer| answer.asked.turn),
                "answer_ms": answer.map(|answer| answer.bytes / BYTES_PER_MS),
                "utterances_unanswered": notes.utterances.unanswered(),
            }))
        })
    }
}

#[cfg(test)]
impl OneHop {
    /// As if it were in the hands of its engine.
    pub(crate) fn lose_engine(&mut self) {
        self.notes(|notes| notes.session.take());
    }
}
