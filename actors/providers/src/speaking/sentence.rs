//! A sentence on a connection, from the call's order to its end.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use moked_core::ports::{ProviderFault, Sink, SpeakingEvent, SpeakingRequest, SpeakingStream};
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::Instant;

use super::delivery::Delivery;
use super::wire::{CancelEnd, Limits};

/// A place taken on a connection; given back when dropped.
#[derive(Debug)]
pub(super) struct Place(Rc<Cell<usize>>);

impl Place {
    pub(super) fn take(load: &Rc<Cell<usize>>) -> Self {
        load.set(load.get() + 1);
        Self(Rc::clone(load))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.set(self.0.get().saturating_sub(1));
    }
}

/// What the call wants of a connection.
pub(super) enum Job {
    /// Speak this.
    Speak(Box<Sentence>),
    /// The stream of this sentence was dropped.
    Cancel(u64),
}

/// The call's end of a sentence. Dropping it cancels.
pub(super) struct SharedStream {
    pub(super) number: u64,
    pub(super) is_dropped: Rc<Cell<bool>>,
    pub(super) jobs: UnboundedSender<Job>,
}

impl SpeakingStream for SharedStream {}

impl Drop for SharedStream {
    fn drop(&mut self) {
        self.is_dropped.set(true);
        // A connection that is gone has nothing to cancel.
        let _ = self.jobs.send(Job::Cancel(self.number));
    }
}

/// Where a sentence stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Its audio is awaited.
    Speaking,
    /// The call wants no more of it; the vendor has not confirmed yet.
    Cancelled(CancelEnd),
}

/// A sentence and what is known of it.
pub(super) struct Sentence {
    pub(super) number: u64,
    pub(super) request: SpeakingRequest,
    pub(super) delivery: Delivery,
    pub(super) limits: Limits,
    pub(super) stage: Stage,
    pub(super) has_audio: bool,
    pub(super) is_repeated: bool,
    /// When it was sent on the present connection.
    pub(super) sent: Instant,
    /// When the next sign of it is due.
    pub(super) due: Instant,
    is_dropped: Rc<Cell<bool>>,
    _place: Place,
}

impl Sentence {
    pub(super) fn new(
        number: u64,
        request: SpeakingRequest,
        events: Sink<SpeakingEvent>,
        limits: Limits,
        is_dropped: Rc<Cell<bool>>,
        place: Place,
    ) -> Self {
        let now = Instant::now();
        Self {
            number,
            request,
            delivery: Delivery::new(events),
            limits,
            stage: Stage::Speaking,
            has_audio: false,
            is_repeated: false,
            sent: now,
            due: now,
            is_dropped,
            _place: place,
        }
    }

    /// Its name on the wire. Not used twice on a connection.
    pub(super) fn context(&self) -> String {
        let repeat = if self.is_repeated { "r" } else { "" };
        format!("moked-{}{repeat}", self.number)
    }

    /// Whether the call still waits for it.
    pub(super) fn is_wanted(&self) -> bool {
        self.stage == Stage::Speaking && !self.is_dropped.get()
    }

    /// It is being sent now.
    pub(super) fn begin(&mut self) {
        self.sent = Instant::now();
        self.due = self.sent + self.limits.first_byte;
        self.has_audio = false;
        self.delivery.start_over();
    }

    /// Audio came.
    pub(super) fn heard(&mut self) {
        self.has_audio = true;
        self.due = Instant::now() + self.limits.gap;
    }

    /// The fault of a vendor that fell silent.
    pub(super) fn stalled(&self) -> ProviderFault {
        let (waiting_for, after): (_, Duration) = if self.has_audio {
            ("more of a sentence's audio", self.limits.gap)
        } else {
            ("a sentence's first audio", self.limits.first_byte)
        };
        ProviderFault::Stalled { waiting_for, after_ms: after.as_millis() as u64 }
    }

    /// Tells the call that no more will come, if it still listens.
    pub(super) fn fail(&mut self, fault: ProviderFault) {
        if self.is_wanted() {
            self.delivery.fail(fault);
        }
    }
}
