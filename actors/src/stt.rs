//! The ear of a call: caller's audio in; "speech started", words and "utterance ended" out to the dialog.
//!
//! Voice activity and endpointing run here, on the machine [`Hearing`]; the recogniser runs wherever its
//! engine wants. A recogniser that fails is opened anew under the restart policy; without one the ear still
//! tells when the caller speaks, and the dialog asks for keys.

mod floor;
mod heard;

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{Actor, AsyncContext, Context, Handler, MessageResult, SpawnHandle};
use moked_core::audio::dtmf::DtmfDetector;
use moked_core::audio::{BYTES_PER_MS, FRAME_SAMPLES, SILENCE, level, mulaw};
use moked_core::barge_in::{BargeInSettings, BargeInput};
use moked_core::cues::Cues;
use moked_core::endpointing::Endpoint;
use moked_core::hearing::{Hearing, HearingSettings};
use moked_core::ids::UtteranceId;
use moked_core::ports::{
    HearingRequest, HearingSession, ProviderFault, Sink, SpeechToText, VoiceActivity, VoiceDetector,
};
use moked_core::record::EventKind;
use moked_core::restart::{Child, Restart, RestartHistory, RestartPolicy};
use moked_core::vad::VoiceFrame;
use serde_json::json;

use crate::call::{Contained, EarClock, EngineRole, Links, Replay, SharedBook, now};
use crate::messages::{
    CallerAudio, EarFailed, EarLost, Expect, GoesOn, Inspect, KeyPressed, LikelyOver, ListenYourself,
    NotUnderstood, SpeechStarted, UtteranceEnded,
};
use crate::one_hop::OneHopEar;
use heard::Heard;

/// Frames the ear holds before the socket drops: 5 s, past which the caller would be answered too late.
pub(crate) const MAILBOX: usize = 250;

/// How late a timer of tokio is on average: its wheel turns in ms and the poll beneath it rounds up to another,
/// so up to 2 ms. A timer set so much ahead is on time, and the caller's answer with it.
const TIMER_LATENESS: Duration = Duration::from_millis(1);

/// Longest gap of the carrier's time stamps that is filled with silence, in ms.
const LONGEST_GAP_MS: u64 = 2_000;

/// What the ear listens with.
#[derive(Debug, Clone)]
pub(crate) struct EarParts {
    pub(crate) engine: Option<Arc<dyn SpeechToText>>,
    pub(crate) voice_activity: Arc<dyn VoiceActivity>,
    pub(crate) request: HearingRequest,
    pub(crate) settings: HearingSettings,
    pub(crate) barge_in: BargeInSettings,
    pub(crate) cues: Arc<Cues>,
}

/// The ear actor.
pub(crate) struct Stt {
    parts: EarParts,
    detector: Contained<dyn VoiceDetector>,
    tones: DtmfDetector,
    session: Contained<dyn HearingSession>,
    clock: EarClock,
    /// Number of the session, so that the word of an older one is known as such.
    opened: u32,
    failures: RestartHistory,
    /// Whether no session will come any more.
    is_lost: bool,
    /// Bytes that do not fill a frame yet.
    rest: Vec<u8>,
    /// When the timer wakes the ear, and the timer.
    timer: Option<(Instant, SpawnHandle)>,
    book: SharedBook,
    links: Rc<Links>,
}

impl Stt {
    pub(crate) fn new(parts: EarParts, book: SharedBook, links: Rc<Links>) -> Self {
        Self {
            detector: Contained::of(parts.voice_activity.open()),
            tones: DtmfDetector::default(),
            session: Contained::none(),
            clock: EarClock::default(),
            opened: 0,
            failures: RestartHistory::default(),
            is_lost: parts.engine.is_none(),
            rest: Vec::with_capacity(FRAME_SAMPLES),
            timer: None,
            parts,
            book,
            links,
        }
    }

    fn open(&mut self, ctx: &mut Context<Self>) {
        if self.links.is_one_hop.get() {
            let under_way = self.book.borrow().tape.under_way();
            self.session = Contained::of(Box::new(OneHopEar::new(Rc::clone(&self.links), under_way)));
            return;
        }
        let Some(engine) = &self.parts.engine else { return };
        self.opened += 1;
        let session = self.opened;
        let address = ctx.address();
        let sink = Sink::new(move |event| address.do_send(Heard { session, event }));
        match engine.open(self.parts.request.clone(), sink) {
            Ok(session) => {
                self.session = Contained::of(session);
                let hints = self.book.borrow().hints.clone();
                if let (Some(session), Some(hints)) = (self.session.get_mut(), hints) {
                    session.expect(&hints);
                }
                self.replay();
            }
            Err(error) => self.failed(&error, ctx),
        }
    }

    /// Plays what the last recogniser heard and did not tell, faster than real time.
    fn replay(&mut self) {
        let Some(session) = self.session.get_mut() else { return };
        let replay = self.book.borrow_mut().tape.replay();
        match replay {
            Replay::Nothing => {}
            Replay::Played { utterance, has_ended } => {
                tracing::info!(event = "STT_REPLAY", %utterance, has_ended, "the new ear hears it again");
                self.book.borrow().tape.play(utterance, session);
                if has_ended {
                    session.utterance_ended(utterance);
                }
            }
            Replay::Poison(utterance) => {
                tracing::error!(
                    event = "STT_POISON", %utterance,
                    "two ears failed over it; the caller is asked to say it again"
                );
                self.not_understood(utterance);
            }
        }
    }

    fn failed(&mut self, error: &ProviderFault, ctx: &mut Context<Self>) {
        self.session = Contained::none();
        match self.failures.failed(RestartPolicy::of(Child::Stt), now()) {
            Restart::After(pause) => {
                self.links.dialog.tell(EarFailed);
                tracing::warn!(event = "STT_FAILED", "{error}; listening again in {} ms", pause.as_millis());
                ctx.run_later(pause, |actor, ctx| actor.open(ctx));
            }
            Restart::GiveUp => {
                self.is_lost = true;
                self.links.recording.event(EventKind::EarLost, error.to_string());
                self.links.dialog.tell(EarLost);
                tracing::error!(event = "STT_LOST", "{error}; this call goes on with the keypad only");
            }
        }
    }

    /// Keeps who heard the utterance, for the turn that answers it.
    fn settled(&mut self) {
        let served = self.session.get().and_then(|session| session.served());
        let own = self.parts.engine.as_ref().map(|engine| engine.name().to_owned());
        let connect_ms = served.as_ref().and_then(|served| served.connect_ms);
        if let Some(engine) = served.map(|served| served.engine.to_string()).or(own) {
            self.links.recording.engine_serves(EngineRole::Hearing, &engine);
            let heard_by = self.clock.settled(engine, connect_ms, now());
            self.book.borrow_mut().heard_by = Some(heard_by);
        }
    }

    fn frame(&mut self, bytes: &[u8; FRAME_SAMPLES]) {
        let now = now();
        self.book.borrow_mut().tape.push(bytes);
        let samples = bytes.map(mulaw::decode_sample);
        self.tones.push(&samples);
        let frame = VoiceFrame {
            probability: self.detector.get_mut().map_or(0.0, |detector| detector.probability(&samples)),
            level_dbfs: level::dbfs(&samples),
            tone: self.tones.in_tone(),
            reference_dbfs: self.book.borrow_mut().reference.loudest(now),
        };
        if let Some(session) = self.session.get_mut() {
            session.audio(bytes);
        }
        self.machine(|machine| machine.handle(frame, now));
        let sound = self.machine(|machine| machine.sound());
        self.barge(BargeInput::Frame { sound, level_dbfs: frame.level_dbfs });
    }

    /// The machine, which stands in the book.
    fn machine<T>(&self, work: impl FnOnce(&mut Hearing) -> T) -> T {
        let mut book = self.book.borrow_mut();
        let settings = self.parts.settings;
        work(book.tape.machine.get_or_insert_with(|| Hearing::new(settings, Arc::clone(&self.parts.cues))))
    }

    fn act(&mut self, ctx: &mut Context<Self>) {
        while let Some(found) = self.machine(Hearing::next_action) {
            match found {
                Endpoint::SpeechStarted { utterance } => {
                    self.clock.started(now());
                    self.book.borrow_mut().tape.started(utterance);
                    self.expects();
                    self.barge(BargeInput::Onset { utterance });
                    // Before the recogniser, which may fail over it.
                    if self.is_told(utterance) {
                        self.links.dialog.tell(SpeechStarted { utterance, gave_way: None });
                    }
                    if let Some(session) = self.session.get_mut() {
                        session.utterance_started(utterance);
                    }
                }
                Endpoint::LikelyOver { utterance } => {
                    if self.is_told(utterance) {
                        let text = self.machine(|machine| machine.said().to_owned());
                        self.links.dialog.tell(LikelyOver { utterance, text });
                    }
                }
                Endpoint::GoesOn { utterance } => self.links.dialog.tell(GoesOn { utterance }),
                Endpoint::UtteranceEnded { utterance, speech_ended, reason } => {
                    // First of all, since the machine will not say it again: whatever fails from here on, the next ear
                    // knows that words are due.
                    self.book.borrow_mut().tape.ended(utterance);
                    self.clock.speech_ended(speech_ended);
                    self.barge(BargeInput::Ended { utterance, speech_ended });
                    self.answers_in_one_hop();
                    if self.is_told(utterance) {
                        self.links.dialog.tell(UtteranceEnded { utterance, speech_ended });
                    }
                    let silence_ms = now().saturating_duration_since(speech_ended).as_millis() as u64;
                    tracing::info!(event = "UTTERANCE_END", %utterance, why = reason.as_str(), silence_ms);
                    match self.session.get_mut() {
                        Some(session) => session.utterance_ended(utterance),
                        None if self.is_lost => {
                            self.not_understood(utterance);
                        }
                        // The next session is played it.
                        None => {}
                    }
                }
            }
        }
        self.arm(ctx);
    }

    /// There were words that nobody could make out, unless they concern nobody.
    fn not_understood(&self, utterance: UtteranceId) {
        self.book.borrow_mut().tape.settled(utterance);
        if self.is_told(utterance) {
            self.links.dialog.tell(NotUnderstood { utterance });
        }
        self.barge(BargeInput::Settled { utterance });
    }

    /// Each voiced frame moves the end of the hangover further away. The timer is left where it is then: it finds
    /// nothing to do and arms the next, and 50 timers a second become five.
    fn arm(&mut self, ctx: &mut Context<Self>) {
        let due = self.machine(|machine| machine.poll_timeout()).map(|(due, _)| due);
        let due = due.into_iter().chain(self.barge_in(|machine| machine.poll_timeout())).min();
        if let (Some(due), Some((armed, _))) = (due, &self.timer)
            && *armed <= due
        {
            return;
        }
        if let Some((_, timer)) = self.timer.take() {
            ctx.cancel_future(timer);
        }
        if let Some(due) = due {
            let wait = due.saturating_duration_since(now() + TIMER_LATENESS);
            let timer = ctx.run_later(wait, |actor, ctx| {
                actor.timer = None;
                actor.machine(|machine| machine.handle_timeout(now() + TIMER_LATENESS));
                actor.decide(now() + TIMER_LATENESS);
                actor.act(ctx);
            });
            self.timer = Some((due, timer));
        }
    }
}

impl Actor for Stt {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Self::Context) {
        self.open(ctx);
        // A verdict may be due, or the end of a turn, and a carrier that sends nothing in silence wakes nobody.
        self.act(ctx);
    }
}

impl Handler<CallerAudio> for Stt {
    type Result = ();

    fn handle(&mut self, CallerAudio { mulaw, gap_ms }: CallerAudio, ctx: &mut Self::Context) {
        if gap_ms > 0 {
            let silence = gap_ms.min(LONGEST_GAP_MS) as usize * BYTES_PER_MS;
            self.rest.resize(self.rest.len() + silence, SILENCE);
        }
        self.rest.extend_from_slice(&mulaw);
        let bytes = std::mem::take(&mut self.rest);
        let (frames, rest) = bytes.as_chunks::<FRAME_SAMPLES>();
        for frame in frames {
            self.frame(frame);
        }
        self.rest.extend_from_slice(rest);
        self.act(ctx);
    }
}

impl Handler<ListenYourself> for Stt {
    type Result = ();

    fn handle(&mut self, _: ListenYourself, ctx: &mut Self::Context) {
        self.session = Contained::none();
        self.open(ctx);
    }
}

impl Handler<Expect> for Stt {
    type Result = ();

    fn handle(&mut self, Expect(hints): Expect, _: &mut Self::Context) {
        if let Some(session) = self.session.get_mut() {
            session.expect(&hints);
        }
        self.book.borrow_mut().hints = Some(hints);
    }
}

impl Handler<KeyPressed> for Stt {
    type Result = ();

    fn handle(&mut self, KeyPressed(key): KeyPressed, ctx: &mut Self::Context) {
        let turn = self.turn();
        self.machine(|machine| machine.learn(|endpointing| endpointing.key(turn, key), now()));
        self.act(ctx);
    }
}

impl Handler<Inspect> for Stt {
    type Result = MessageResult<Inspect>;

    fn handle(&mut self, _: Inspect, _: &mut Self::Context) -> Self::Result {
        let timer = self.machine(|machine| machine.poll_timeout()).map(|(at, why)| {
            json!({ "why": why, "in_ms": at.saturating_duration_since(now()).as_millis() as u64 })
        });
        MessageResult(json!({
            "engine": self.parts.engine.as_ref().map(|engine| engine.name()),
            "is_listening": self.session.is_some(),
            "sessions_opened": self.opened,
            "hearing": self.machine(|machine| machine.observe()),
            "barge_in": self.barge_in(|machine| machine.observe()),
            "next_timer": timer,
        }))
    }
}

#[cfg(test)]
impl Stt {
    /// An ear's session never outlives it.
    pub(crate) fn lose_engine(&mut self) {}
}
