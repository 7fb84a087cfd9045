//! How a call begins: the supervisor with its book and links, then the stages, the last of the line first.

use std::cell::Cell;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use actix::{Actor, AsyncContext, Context};
use futures_util::FutureExt;
use moked_core::ports::{ChatRequest, HearingRequest};
use moked_core::restart::Child;
use moked_core::twilio::StreamStart;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use super::CallSupervisor;
use crate::call::{
    Keeper, Line, LineSlot, Links, Post, Recording, Restarts, SharedBook, Slot, contain, now, panic_message,
    run_child,
};
use crate::dialog::{self, Dialog, MindParts};
use crate::host::{CallBrief, CallHost};
use crate::messages::{CallEnd, CloseReason, LineOrder};
use crate::one_hop::{self, OneHop, OneHopNotes, OneHopParts};
use crate::pacer::{self, Pacer};
use crate::registry::CallSummary;
use crate::stt::{self, EarParts, Stt};
use crate::trace::CallWatch;
use crate::tts::{self, Tts};

impl CallSupervisor {
    /// Begins a call on this thread. Its end is told to `line` as [`LineOrder::Close`].
    pub(crate) fn begin(host: Arc<CallHost>, brief: CallBrief, start: &StreamStart, line: Line) -> Rc<Links> {
        let context = Context::new();
        let address = context.address();
        let recording = Recording::begin(Arc::clone(&host.recorder), start.call_sid.clone(), &brief);
        recording.stream_started(&start.stream_sid);
        let summary = CallSummary {
            call_sid: start.call_sid.clone(),
            stream_sid: start.stream_sid.clone(),
            started_at_ms: unix_ms(),
        };
        let links = Rc::new(Links {
            recording,
            restarts: Restarts::default(),
            watch: CallWatch::begin(&host.registry, &summary, &host.engines),
            stream: Cell::default(),
            dropped_frames: Cell::default(),
            spoken_turn: Cell::default(),
            line: LineSlot::up(line),
            supervisor: address.downgrade(),
            stt: Slot::default(),
            dialog: Slot::default(),
            tts: Slot::default(),
            pacer: Slot::default(),
            one_hop: Slot::default(),
            is_one_hop: Cell::new(host.engines.conversing.is_some()),
        });
        let token = CancellationToken::new();
        let supervisor = Self {
            summary,
            brief,
            links: Rc::clone(&links),
            book: SharedBook::default(),
            _ends_the_stages: token.clone().drop_guard(),
            token,
            started: now(),
            grace: None,
            resumed: 0,
            end: None,
            host: Arc::clone(&host),
        };
        // Now and not when the supervisor runs: what comes with `start` in one read finds its stage.
        supervisor.start_stages();
        let (call_sid, kept) = (supervisor.summary.call_sid.clone(), Rc::clone(&links));
        let (started, book) = (supervisor.started, Rc::clone(&supervisor.book));
        let alive = host.registry.actor_started();
        let life = AssertUnwindSafe(context.into_future(supervisor)).catch_unwind();
        let run = async move {
            let _alive = alive;
            if let Err(panic) = life.await {
                let why = panic_message(panic.as_ref());
                tracing::error!(
                    event = "SUPERVISOR_FAILED",
                    "the call's supervisor panicked: {why}; the call ends"
                );
                host.registry.lost(&call_sid);
                kept.line.tell(LineOrder::Close(CloseReason::Fault));
                let seconds = now().duration_since(started).as_secs();
                // A panic while the book was borrowed leaves it borrowed no more: the borrow unwound with it.
                kept.recording.ended(CallEnd::Crashed, seconds, kept.dropped_frames.get(), &book.borrow());
            }
        };
        tokio::task::spawn_local(run.in_current_span());
        links
    }

    /// Starts the stages, from the line inwards, so that whoever speaks finds its listener.
    fn start_stages(&self) {
        let settings = Arc::clone(&self.host.settings);
        let engines = self.host.engines.clone();
        // The greeting is still being made: names and TLS are done by the time the caller answers it.
        contain("an engine that was to warm up", || {
            engines.hearing.iter().for_each(|engine| engine.warm());
            engines.speaking.warm();
            engines.thinking.warm();
            engines.conversing.iter().for_each(|engine| engine.warm());
        });
        let (links, book) = (Rc::clone(&self.links), Rc::clone(&self.book));

        let pacing = settings.pacing;
        self.start(Child::Pacer, |links| &links.pacer, pacer::MAILBOX, {
            let (links, book) = (Rc::clone(&links), Rc::clone(&book));
            move || Pacer::new(pacing, Rc::clone(&book), Rc::clone(&links))
        });

        let (voice, language) = (Arc::clone(&engines.speaking), self.brief.language);
        let spelling = settings.spelling;
        self.start(Child::Tts, |links| &links.tts, tts::MAILBOX, {
            let (links, book) = (Rc::clone(&links), Rc::clone(&book));
            move || Tts::new(Arc::clone(&voice), language, spelling, Rc::clone(&book), Rc::clone(&links))
        });

        let has_ear = engines.hearing.is_some();
        if let Some(engine) = engines.conversing {
            let parts = OneHopParts {
                engine,
                call_sid: self.summary.call_sid.clone(),
                brief: self.brief.clone(),
                local_time: self.host.local_time.clone(),
            };
            self.start(Child::OneHop, |links| &links.one_hop, one_hop::MAILBOX, {
                let (links, book) = (Rc::clone(&links), Rc::clone(&book));
                let notes = OneHopNotes::new(&links);
                move || OneHop::new(parts.clone(), notes.clone(), Rc::clone(&book), Rc::clone(&links))
            });
        }

        let ear = EarParts {
            engine: engines.hearing,
            voice_activity: engines.voice_activity,
            request: HearingRequest {
                call_sid: self.summary.call_sid.clone(),
                language,
                vocabulary: settings.vocabulary.clone(),
            },
            settings: settings.hearing,
            barge_in: settings.barge_in,
            cues: Arc::clone(&settings.cues),
        };
        self.start(Child::Stt, |links| &links.stt, stt::MAILBOX, {
            let (links, book) = (Rc::clone(&links), Rc::clone(&book));
            move || Stt::new(ear.clone(), Rc::clone(&book), Rc::clone(&links))
        });

        let mind = MindParts {
            engine: engines.thinking,
            request: ChatRequest {
                call_sid: self.summary.call_sid.clone(),
                language,
                caller: self.brief.caller.clone(),
            },
            settings: settings.turn,
            has_ear,
            local_time: self.host.local_time.clone(),
        };
        self.start(
            Child::Dialog,
            |links| &links.dialog,
            dialog::MAILBOX,
            move || Dialog::new(mind.clone(), Rc::clone(&book), Rc::clone(&links)),
        );
    }

    fn start<A>(
        &self,
        child: Child,
        slot: fn(&Links) -> &Slot<A>,
        mailbox: usize,
        make: impl Fn() -> A + 'static,
    ) where
        A: Actor<Context = Context<A>>,
    {
        let keeper = Keeper {
            links: Rc::clone(&self.links),
            registry: Arc::clone(&self.host.registry),
            token: self.token.clone(),
        };
        let post = Post { slot, mailbox };
        let context = post.open(&self.links);
        tokio::task::spawn_local(run_child(child, keeper, post, context, make).in_current_span());
    }
}

fn unix_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}
