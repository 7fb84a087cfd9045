//! The voice of a call: sentences in, audio out to the pacer, one sentence at a time.
//!
//! A sentence is asked of the engine when the one before is complete, so an interruption leaves at most one
//! to cancel. A sentence that fails is skipped and the turn goes on: its final mark still comes, and the
//! call with it.

use std::collections::VecDeque;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{Actor, AsyncContext, Context, Handler, Message, MessageResult};
use bytes::Bytes;
use moked_core::audio::BYTES_PER_MS;
use moked_core::audio::lead_in::LeadIn;
use moked_core::ids::TurnId;
use moked_core::language::Language;
use moked_core::pacing::PacingInput;
use moked_core::playback::speech_of;
use moked_core::ports::{
    ProviderFault, Served, Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, TextToSpeech, WordTime,
};
use moked_core::record::EventKind;
use moked_core::speakable::{Spoken, VoiceSpelling, WordFollower, speakable};
use serde_json::json;

use crate::call::{Contained, EngineRole, Links, Piece, SharedBook, now};
use crate::messages::{CancelTurn, Fill, FinishTurn, Hush, Inspect, Say, SayRest};
use crate::outlet::Outlet;

/// Messages offered from outside that the voice holds. Its own engine's pieces pass the bound: they are at
/// most one sentence, some 30.
pub(crate) const MAILBOX: usize = 256;

enum Job {
    Say {
        turn: TurnId,
        text: String,
    },
    /// The same, but not if the answer is there before its first sound.
    Fill {
        turn: TurnId,
        text: String,
    },
    Finish {
        turn: TurnId,
    },
}

struct Speaking {
    turn: TurnId,
    sentence: u64,
    characters: usize,
    bytes: usize,
    asked: Instant,
    has_begun: bool,
    is_filler: bool,
    /// What the voice was given for the text.
    said: Spoken,
    /// From the voice's words to those of the text; `None` until it tells the first.
    follower: Option<WordFollower>,
    /// Dropping it cancels.
    stream: Contained<dyn SpeakingStream>,
}

/// The voice actor.
pub(crate) struct Tts {
    engine: Arc<dyn TextToSpeech>,
    language: Language,
    spelling: VoiceSpelling,
    outlet: Outlet,
    book: SharedBook,
    links: Rc<Links>,
    jobs: VecDeque<Job>,
    speaking: Option<Speaking>,
    /// Turns up to this one are dead.
    dead: Option<TurnId>,
    sentences: u64,
    /// Cuts the silence before the first sound of the turn under way.
    lead_in: LeadIn,
    /// The turn under way and its first sentence, the only one that is cut.
    first_sentence: (TurnId, u64),
}

impl Tts {
    pub(crate) fn new(
        engine: Arc<dyn TextToSpeech>,
        language: Language,
        spelling: VoiceSpelling,
        book: SharedBook,
        links: Rc<Links>,
    ) -> Self {
        // It is told the rest of the turn anew, from where the ear is.
        links.tts.forget_past();
        Self {
            engine: engine.for_call().unwrap_or(engine),
            language,
            spelling,
            outlet: Outlet::new(Rc::clone(&links)),
            book,
            links,
            jobs: VecDeque::new(),
            speaking: None,
            dead: None,
            sentences: 0,
            lead_in: LeadIn::default(),
            first_sentence: Default::default(),
        }
    }

    /// Whether what is to be said comes again, from where the ear is.
    fn is_hushed(&self) -> bool {
        self.book.borrow().hush.is_some()
    }

    fn take(&mut self, turn: TurnId, job: Job, ctx: &mut Context<Self>) {
        if !self.is_hushed() && self.dead.is_none_or(|dead| turn > dead) {
            self.jobs.push_back(job);
            self.work(ctx);
        }
    }

    fn work(&mut self, ctx: &mut Context<Self>) {
        while self.speaking.is_none() {
            match self.jobs.pop_front() {
                None => return,
                Some(Job::Finish { turn }) => self.hand_on(PacingInput::TurnEnded { turn }, ctx),
                Some(Job::Say { turn, text }) => self.speak(turn, text, false, ctx),
                Some(Job::Fill { turn, text }) => self.speak(turn, text, true, ctx),
            }
        }
    }

    /// The answer is there: a filler of which nothing was heard would only hold it up.
    fn skip_filler(&mut self, turn: TurnId, ctx: &mut Context<Self>) {
        let is_late =
            |speaking: &mut Speaking| speaking.is_filler && speaking.turn == turn && speaking.bytes == 0;
        if self.speaking.take_if(is_late).is_some() {
            self.hand_on(PacingInput::SentenceEnded { turn }, ctx);
        }
    }

    fn speak(&mut self, turn: TurnId, text: String, is_filler: bool, ctx: &mut Context<Self>) {
        self.sentences += 1;
        let sentence = self.sentences;
        self.hand_on(PacingInput::Sentence { turn, text: text.clone() }, ctx);
        tracing::debug!(event = "SAY", %turn, text);
        let said = speakable(&text, self.language, self.spelling);
        if said.is_silent() {
            // Only marks for the eye, such as a lone emoji: no voice is asked for silence.
            return self.hand_on(PacingInput::SentenceEnded { turn }, ctx);
        }
        let address = ctx.address();
        let sink = Sink::new(move |event| address.do_send(FromVoice { sentence, event }));
        let text = said.text();
        let characters = text.chars().count();
        let request = SpeakingRequest::of(&said, self.language);
        let asked = now();
        let stream = Contained::of(self.engine.speak(request, sink));
        self.speaking = Some(Speaking {
            turn,
            sentence,
            characters,
            bytes: 0,
            asked,
            has_begun: false,
            is_filler,
            said,
            follower: None,
            stream,
        });
    }

    /// Enters a piece of the sentence under way in the call's book.
    fn enter(&self, piece: Piece) {
        let Some(Speaking { turn, asked, stream, is_filler: false, .. }) = &self.speaking else { return };
        let own = || Served { engine: self.engine.name().into(), asked: *asked, connect_ms: None };
        let served = stream.get().and_then(|stream| stream.served()).unwrap_or_else(own);
        self.links.recording.engine_serves(EngineRole::Speaking, &served.engine);
        self.book.borrow_mut().served(*turn, EngineRole::Speaking, &served, piece, now());
    }

    fn hand_on(&mut self, input: PacingInput, ctx: &mut Context<Self>) {
        let retry = self.outlet.give(input);
        Self::offer_again(retry, ctx);
    }

    fn offer_again(after: Option<Duration>, ctx: &mut Context<Self>) {
        if let Some(wait) = after {
            ctx.run_later(wait, |actor, ctx| Self::offer_again(actor.outlet.retry(), ctx));
        }
    }

    fn audio(&mut self, mulaw: Bytes, ctx: &mut Context<Self>) {
        if let Some(speaking) = &mut self.speaking {
            let turn = speaking.turn;
            if self.first_sentence.0 != turn {
                self.first_sentence = (turn, speaking.sentence);
                self.lead_in = LeadIn::default();
            }
            let mulaw = self.lead_in.trim(mulaw);
            if speaking.bytes == 0 && !mulaw.is_empty() {
                // Before the pacer can send it: playbooks look for this event before MEDIA_TX.
                let ms = mulaw.len() / BYTES_PER_MS;
                tracing::info!(event = "TTS_LEN_ms", %turn, ms, "first audio of a sentence, {ms} ms of it");
            }
            speaking.bytes += mulaw.len();
            self.hand_on(PacingInput::Audio { turn, mulaw }, ctx);
        }
    }

    fn words(&mut self, words: &[WordTime], ctx: &mut Context<Self>) {
        let Some(speaking) = &mut self.speaking else { return };
        let turn = speaking.turn;
        let cut = if self.first_sentence == (turn, speaking.sentence) { self.lead_in.cut() } else { 0 };
        let end_of = |word: &WordTime| (word.ends_at_ms as usize * BYTES_PER_MS).saturating_sub(cut);
        let follower = speaking.follower.get_or_insert_with(|| WordFollower::new(&speaking.said));
        // A spoken word may complete several written ones, or none yet.
        let ends_of = |word: &WordTime| std::iter::repeat_n(end_of(word), follower.word(&word.word));
        let ends = words.iter().flat_map(ends_of).collect();
        self.hand_on(PacingInput::WordEnds { turn, ends }, ctx);
    }

    fn sentence_over(&mut self, error: Option<ProviderFault>, ctx: &mut Context<Self>) {
        let Some(speaking) = self.speaking.take() else { return };
        let ms = speaking.bytes / BYTES_PER_MS;
        let turn = speaking.turn;
        let input = match &error {
            None => PacingInput::SentenceEnded { turn },
            Some(_) => PacingInput::SentenceBroken { turn, whole: speech_of(speaking.characters) },
        };
        match error {
            None => {
                tracing::info!(event = "TTS_DONE", %turn, ms, "sentence spoken, {ms} ms of audio");
                if speaking.follower.is_none() {
                    let ends = speaking.said.estimated_ends(speaking.bytes);
                    self.hand_on(PacingInput::WordEnds { turn, ends }, ctx);
                }
            }
            Some(error) => {
                self.links.recording.event(EventKind::VoiceFailed, error.to_string());
                tracing::warn!(
                    event = "TTS_FAILED", %turn, engine = self.engine.name(),
                    "{error}; the sentence ends after {ms} ms of audio and the call goes on"
                );
            }
        }
        self.hand_on(input, ctx);
        self.work(ctx);
    }
}

impl Actor for Tts {
    type Context = Context<Self>;
}

impl Handler<Say> for Tts {
    type Result = ();

    fn handle(&mut self, Say { turn, text }: Say, ctx: &mut Self::Context) {
        self.skip_filler(turn, ctx);
        self.take(turn, Job::Say { turn, text }, ctx);
    }
}

impl Handler<Fill> for Tts {
    type Result = ();

    fn handle(&mut self, Fill { turn, text }: Fill, ctx: &mut Self::Context) {
        self.take(turn, Job::Fill { turn, text }, ctx);
    }
}

impl Handler<FinishTurn> for Tts {
    type Result = ();

    fn handle(&mut self, FinishTurn { turn }: FinishTurn, ctx: &mut Self::Context) {
        self.take(turn, Job::Finish { turn }, ctx);
    }
}

impl Handler<CancelTurn> for Tts {
    type Result = ();

    fn handle(&mut self, CancelTurn { turn }: CancelTurn, ctx: &mut Self::Context) {
        self.dead = self.dead.max(Some(turn));
        self.jobs.retain(|job| match job {
            Job::Say { turn: queued, .. } | Job::Fill { turn: queued, .. } | Job::Finish { turn: queued } => {
                *queued > turn
            }
        });
        self.outlet.clear();
        if self.speaking.as_ref().is_some_and(|speaking| speaking.turn <= turn) {
            self.speaking = None;
        }
        self.work(ctx);
    }
}

impl Handler<Hush> for Tts {
    type Result = ();

    fn handle(&mut self, Hush(rewind): Hush, _: &mut Self::Context) {
        self.jobs.clear();
        self.speaking = None;
        self.outlet.clear();
        self.book.borrow_mut().hush = Some(rewind);
        self.links.pacer.tell(rewind);
    }
}

impl Handler<SayRest> for Tts {
    type Result = ();

    fn handle(&mut self, rest: SayRest, ctx: &mut Self::Context) {
        let SayRest { turn, sentences, is_complete } = rest;
        if self.book.borrow_mut().hush.take().is_none() {
            return;
        }
        for text in sentences {
            self.take(turn, Job::Say { turn, text }, ctx);
        }
        if is_complete {
            self.take(turn, Job::Finish { turn }, ctx);
        }
    }
}

/// The engine's word, brought home to the actor. Carries its sentence, since a cancelled one may still speak.
#[derive(Debug, Message)]
#[rtype(result = "()")]
struct FromVoice {
    sentence: u64,
    event: SpeakingEvent,
}

impl Handler<FromVoice> for Tts {
    type Result = ();

    fn handle(&mut self, FromVoice { sentence, event }: FromVoice, ctx: &mut Self::Context) {
        if self.speaking.as_ref().is_none_or(|speaking| speaking.sentence != sentence) {
            return;
        }
        match event {
            SpeakingEvent::Audio(mulaw) => {
                let begun =
                    self.speaking.as_mut().map(|speaking| std::mem::replace(&mut speaking.has_begun, true));
                if begun == Some(false) {
                    self.enter(Piece::First);
                }
                self.audio(mulaw, ctx);
            }
            SpeakingEvent::Words(words) => self.words(&words, ctx),
            SpeakingEvent::Finished => {
                self.enter(Piece::Last);
                self.sentence_over(None, ctx);
            }
            SpeakingEvent::Failed(error) => self.sentence_over(Some(error), ctx),
        }
    }
}

impl Handler<Inspect> for Tts {
    type Result = MessageResult<Inspect>;

    fn handle(&mut self, _: Inspect, _: &mut Self::Context) -> Self::Result {
        MessageResult(json!({
            "engine": self.engine.name(),
            "speaking": self.speaking.as_ref().map(|speaking| speaking.turn),
            "is_hushed": self.is_hushed(),
            "sentences_queued": self.jobs.len(),
            "sentences_begun": self.sentences,
        }))
    }
}

#[cfg(test)]
impl Tts {
    /// A sentence's stream never outlives its voice.
    pub(crate) fn lose_engine(&mut self) {}
}
