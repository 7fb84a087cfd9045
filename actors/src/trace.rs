//! What a call tells of its turns while it goes on: numbers for the meters, times for a tracer.
//!
//! A turn is told when it is over, with the moments that its record holds; nobody follows it live, so
//! following costs the call nothing. No text passes here.

use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant};

use moked_core::barge_in::BargeInFact;
use moked_core::ids::TurnId;

use crate::call::{CallBook, now};
use crate::host::Engines;
use crate::messages::CallEnd;
use crate::meters::Meters;
use crate::registry::{CallRegistry, CallSummary};

/// Names of the engines that a call began with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EngineNames {
    /// The ear; `None` for the keypad alone.
    pub hearing: Option<&'static str>,
    /// The mind.
    pub thinking: &'static str,
    /// The voice.
    pub speaking: &'static str,
}

impl EngineNames {
    pub(crate) fn of(engines: &Engines) -> Self {
        Self {
            hearing: engines.hearing.as_ref().map(|engine| engine.name()),
            thinking: engines.thinking.name(),
            speaking: engines.speaking.name(),
        }
    }
}

/// When things happened in one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TurnTimes {
    /// The turn.
    pub turn: TurnId,
    /// The caller's last voiced frame; `None` where he did not speak.
    pub speech_ended: Option<Instant>,
    /// His words reached the dialog.
    pub heard: Instant,
    /// The first sentence went to the voice.
    pub first_words: Option<Instant>,
    /// The first frame went out.
    pub first_frame: Option<Instant>,
    /// It was played, or cut off.
    pub over: Instant,
    /// Whether the caller cut in.
    pub interrupted: bool,
}

/// Follows the calls of a process. Its methods run on calls' threads and must return at once.
pub trait CallTracer: Send + Sync + Debug {
    /// A call began.
    fn begin(&self, call: &CallSummary, engines: EngineNames) -> Box<dyn CallTrace>;
}

/// Follows one call.
pub trait CallTrace {
    /// A turn is over.
    fn turn(&mut self, turn: &TurnTimes);
    /// The call is over.
    fn over(&mut self, end: CallEnd);
}

/// A call's end of the meters and of the tracer.
pub(crate) struct CallWatch {
    meters: Arc<Meters>,
    trace: RefCell<Option<Box<dyn CallTrace>>>,
    told: Cell<Option<TurnId>>,
}

impl CallWatch {
    pub(crate) fn begin(registry: &CallRegistry, call: &CallSummary, engines: &Engines) -> Self {
        let trace = registry.tracer().map(|tracer| tracer.begin(call, EngineNames::of(engines)));
        Self { meters: Arc::clone(registry.meters()), trace: RefCell::new(trace), told: Cell::new(None) }
    }

    /// A frame goes out that was due at this time.
    pub(crate) fn frame_was_due(&self, due: Instant) {
        let now = now();
        if now >= due {
            self.meters.frame_late(now - due, now);
        }
    }

    /// A filler was said.
    pub(crate) fn filled(&self) {
        self.meters.fillers.add();
    }

    /// A frame of the caller's was dropped.
    pub(crate) fn frame_dropped(&self) {
        self.meters.dropped_frames.add();
    }

    /// The agent was ducked, so long after the caller began to speak.
    pub(crate) fn ducked(&self, after: Duration) {
        self.meters.barge_in.ducked.record(after);
    }

    /// It was decided who has the floor.
    pub(crate) fn barge_in(&self, fact: BargeInFact) {
        match fact {
            // The pacer tells when it did.
            BargeInFact::Ducked { .. } => {}
            BargeInFact::Hushed { after, .. } => self.meters.barge_in.hushed.record(after),
            BargeInFact::Resumed { after, .. } => self.meters.barge_in.resumed.record(after),
            BargeInFact::Stopped { after, .. } => self.meters.barge_in.stopped.record(after),
        }
    }

    /// An answer that was begun on a guess is given, so much earlier.
    pub(crate) fn committed(&self, saved: Duration) {
        self.meters.guesses.committed(saved);
    }

    /// An answer that was begun on a guess is dropped.
    pub(crate) fn discarded(&self, wasted_chars: usize) {
        self.meters.guesses.discarded(wasted_chars);
    }

    /// A turn was played or cut off.
    pub(crate) fn turn_over(&self, book: &CallBook, turn: TurnId, interrupted: bool) {
        // What an operator announces is no answer and has no record.
        let Some(timing) = book.timings.iter().rev().find(|timing| timing.turn == turn) else { return };
        let times = TurnTimes {
            turn,
            speech_ended: timing.speech_ended,
            heard: timing.heard,
            first_words: timing.first_words,
            first_frame: book.ledger.first_frame(turn),
            over: now(),
            interrupted,
        };
        self.told.set(Some(turn));
        self.meters.turns.add();
        if interrupted {
            self.meters.interrupted.add();
        }
        // The greeting and reminders answer nothing, so nobody waited for them.
        if let Some(speech_ended) = times.speech_ended {
            let since = |at: Instant| at.saturating_duration_since(speech_ended);
            self.meters.words.record(since(times.heard));
            times.first_words.into_iter().for_each(|at| self.meters.answer.record(since(at)));
            times.first_frame.into_iter().for_each(|at| self.meters.first_frame.record(since(at)));
        }
        if let Some(trace) = self.trace.borrow_mut().as_mut() {
            trace.turn(&times);
        }
    }

    /// The call is over, perhaps in the middle of a turn.
    pub(crate) fn call_over(&self, book: &CallBook, end: CallEnd) {
        if let Some(last) = book.timings.last()
            && self.told.get() != Some(last.turn)
            && last.first_words.is_some()
        {
            self.turn_over(book, last.turn, false);
        }
        if let Some(trace) = self.trace.borrow_mut().take().as_mut() {
            trace.over(end);
        }
    }
}

impl Debug for CallWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CallWatch").field("is_traced", &self.trace.borrow().is_some()).finish_non_exhaustive()
    }
}
