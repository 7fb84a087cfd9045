//! The conversation of a call: the shell of [`Turns`], with the mind at its side.
//!
//! It translates facts from the ear, the keypad, the mind and the line into the machine's inputs and the
//! machine's orders into messages, and writes the conversation: what the caller said, and what he heard.

mod operator;
mod orders;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Instant;

use actix::{Actor, AsyncContext, Context, Handler, MessageResult, SpawnHandle};
use moked_core::ids::UtteranceId;
use moked_core::language::Language;
use moked_core::pacing::MarkKind;
use moked_core::playback::MarkEcho;
use moked_core::ports::{CallerSaid, ChatEvent, ChatModel, ChatRequest, ChatSession, Sink};
use moked_core::record::EventKind;
use moked_core::turn::{TurnInput, TurnSettings, TurnTimer, Turns};
use serde_json::json;

use crate::call::{Links, Piece, SharedBook, now};
use crate::host::LocalTime;
use crate::messages::{
    AnswerSpoken, CallerWords, EarFailed, EarLost, Hush, Inspect, KeyPressed, LineDown, LineUp, MarkReached,
    NotUnderstood, OneHopFailed, PartialWords, Rewind, SpeechStarted, Spoken, StageRestarted, Thought,
    UtteranceEnded, Words,
};
use crate::one_hop::OneHopMind;

/// Messages the dialog holds. All are control, which passes the bound; it is for offers from outside.
pub(crate) const MAILBOX: usize = 256;

/// What the dialog talks with.
#[derive(Debug, Clone)]
pub(crate) struct MindParts {
    pub(crate) engine: Arc<dyn ChatModel>,
    pub(crate) request: ChatRequest,
    pub(crate) settings: TurnSettings,
    /// Whether anybody hears the caller.
    pub(crate) has_ear: bool,
    pub(crate) local_time: LocalTime,
}

/// The dialog actor.
pub(crate) struct Dialog {
    machine: Turns,
    /// Whether this is the first life.
    begins: bool,
    mind: Option<Box<dyn ChatSession>>,
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
            let mut book = book.borrow_mut();
            (book.turns.take(), book.utterance)
        };
        Self {
            begins: kept.is_none(),
            machine: kept.unwrap_or_else(|| Turns::new(parts.settings)),
            mind: None,
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

    fn open_mind(&mut self, ctx: &mut Context<Self>) {
        let mut mind: Box<dyn ChatSession> = if self.links.is_one_hop.get() {
            Box::new(OneHopMind(Rc::clone(&self.links)))
        } else {
            let address = ctx.address();
            let sink = Sink::new(move |event| address.do_send(Thought(event)));
            self.parts.engine.open(self.parts.request.clone(), sink)
        };
        let book = self.book.borrow();
        if let Some(lead) = &book.lead {
            mind.take_over(lead);
        }
        if !self.parts.has_ear || book.ear_is_lost {
            mind.ear_is_lost();
        }
        drop(book);
        self.mind = Some(mind);
    }

    fn give(&mut self, input: TurnInput, ctx: &mut Context<Self>) {
        self.machine.handle(input, now());
        self.act(ctx);
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

impl Dialog {
    /// Keeps turn-taking as it stands, for a life after this.
    fn keep(&self) {
        self.book.borrow_mut().turns = Some(self.machine.clone());
    }
}

impl Actor for Dialog {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.open_mind(ctx);
        let begins = self.begins;
        self.give(if begins { TurnInput::CallStarted } else { TurnInput::MindRestarted }, ctx);
    }
}

impl Handler<SpeechStarted> for Dialog {
    type Result = ();

    fn handle(&mut self, SpeechStarted { utterance }: SpeechStarted, ctx: &mut Self::Context) {
        self.utterance = utterance;
        self.book.borrow_mut().utterance = utterance;
        self.speech_ended = None;
        self.partial.clear();
        self.give(TurnInput::SpeechStarted, ctx);
    }
}

impl Handler<UtteranceEnded> for Dialog {
    type Result = ();

    fn handle(&mut self, ended: UtteranceEnded, ctx: &mut Self::Context) {
        if ended.utterance == self.utterance {
            self.speech_ended = Some(ended.speech_ended);
            self.give(TurnInput::UtteranceEnded, ctx);
        }
    }
}

impl Handler<PartialWords> for Dialog {
    type Result = ();

    fn handle(&mut self, PartialWords { utterance, text }: PartialWords, _: &mut Self::Context) {
        if utterance == self.utterance {
            self.partial = text;
        }
    }
}

impl Handler<Words> for Dialog {
    type Result = ();

    fn handle(&mut self, Words { utterance, text }: Words, ctx: &mut Self::Context) {
        // Of an utterance that is not the newest the caller has spoken on since.
        let is_newest = utterance == self.utterance;
        self.give(if is_newest { TurnInput::Words(text) } else { TurnInput::EarlierWords(text) }, ctx);
    }
}

impl Handler<Spoken> for Dialog {
    type Result = ();

    fn handle(&mut self, Spoken { utterance }: Spoken, ctx: &mut Self::Context) {
        if utterance == self.utterance {
            self.give(TurnInput::Spoken, ctx);
        }
    }
}

impl Handler<CallerWords> for Dialog {
    type Result = ();

    fn handle(&mut self, CallerWords { turn, text }: CallerWords, _: &mut Self::Context) {
        if !text.trim().is_empty() {
            self.book.borrow_mut().conversation.caller_said_before(turn, text.trim());
            self.links.recording.caller_said(turn, &CallerSaid::Words(text.trim().to_owned()));
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
            self.open_mind(ctx);
            self.give(TurnInput::HeardAgain, ctx);
        } else {
            self.apologise(self.machine.turn(), ctx);
        }
    }
}

impl Handler<NotUnderstood> for Dialog {
    type Result = ();

    fn handle(&mut self, NotUnderstood { utterance }: NotUnderstood, ctx: &mut Self::Context) {
        if utterance == self.utterance {
            self.give(TurnInput::Unclear, ctx);
        }
    }
}

impl Handler<EarFailed> for Dialog {
    type Result = ();

    fn handle(&mut self, _: EarFailed, ctx: &mut Self::Context) {
        self.give(TurnInput::EarFailed, ctx);
    }
}

impl Handler<EarLost> for Dialog {
    type Result = ();

    /// The caller learns of it at once, unless the agent is speaking or he is at the keys: then with the next answer.
    fn handle(&mut self, _: EarLost, ctx: &mut Self::Context) {
        self.book.borrow_mut().ear_is_lost = true;
        if let Some(mind) = &mut self.mind {
            mind.ear_is_lost();
        }
        let is_keying = matches!(self.machine.poll_timeout(), Some((_, TurnTimer::KeyGap)));
        // A one-hop engine hears for itself.
        let can_wait = is_keying || self.links.is_one_hop.get();
        self.give(if can_wait { TurnInput::EarFailed } else { TurnInput::Unclear }, ctx);
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

impl Handler<LineDown> for Dialog {
    type Result = ();

    fn handle(&mut self, LineDown { since }: LineDown, ctx: &mut Self::Context) {
        self.links.tts.tell(Hush(Rewind { to: since, then_speak: false }));
        if self.links.is_one_hop.get() {
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
            ChatEvent::Lead { turn, lead } => self.keep_lead(turn, lead),
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
        }))
    }
}
