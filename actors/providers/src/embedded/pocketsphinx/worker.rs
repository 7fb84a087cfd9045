//! Few threads that recognise for many calls.
//!
//! A call's recogniser is made, used and freed on one thread, as the C library wants it. A new call goes to
//! the thread with the fewest. Whatever goes wrong in one call, a panic included, ends that call's
//! recognition and nothing else.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use moked_core::hints::RecognitionHints;
use moked_core::ids::{CallSid, UtteranceId};
use moked_core::ports::{HearingEvent, ProviderFault, Sink};

use super::decoder::{Decoder, Workshop};
use super::models::Wanted;
use crate::embedded::flite::panic_text;

/// A call's place on a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Seat(u64);

/// What a call asks of its thread.
pub(super) enum Job {
    /// Make a recogniser.
    Open {
        /// The call, for the log lines of the thread.
        call_sid: CallSid,
        /// Phrases of the whole call.
        vocabulary: Arc<[String]>,
        /// Where its facts go.
        events: Sink<HearingEvent>,
    },
    /// Expect something else, from the next utterance on.
    Expect(RecognitionHints),
    /// Begin an utterance.
    Start(UtteranceId),
    /// Hear µ-law.
    Audio {
        /// At 8 kHz.
        mulaw: Vec<u8>,
        /// Bytes waiting on this call; those of this job are taken off.
        waiting: Arc<AtomicUsize>,
    },
    /// End the utterance.
    End(UtteranceId),
    /// Free the recogniser.
    Close,
}

/// The threads.
#[derive(Debug)]
pub(super) struct Workers {
    threads: Vec<Worker>,
    next: AtomicU64,
}

#[derive(Debug)]
struct Worker {
    jobs: Sender<(Seat, Job)>,
    calls: Arc<AtomicUsize>,
}

/// A call's line to its thread. Dropping it frees the recogniser.
#[derive(Debug)]
pub(super) struct Line {
    seat: Seat,
    jobs: Sender<(Seat, Job)>,
    calls: Arc<AtomicUsize>,
}

impl Workers {
    /// Starts the threads. `reject_below` is the score under which words are not believed.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start(
        threads: NonZeroUsize,
        workshop: &Arc<Workshop>,
        reject_below: f32,
    ) -> std::io::Result<Self> {
        let mut started = Vec::new();
        for number in 0..threads.get() {
            let (jobs, queue) = channel();
            let workshop = Arc::clone(workshop);
            thread::Builder::new()
                .name(format!("ears-{number}"))
                .spawn(move || Bench { workshop, reject_below, seats: HashMap::new() }.run(&queue))?;
            started.push(Worker { jobs, calls: Arc::default() });
        }
        Ok(Self { threads: started, next: AtomicU64::new(0) })
    }

    /// Gives a call a place on the thread with the fewest calls.
    pub(super) fn seat(&self) -> Option<Line> {
        let worker = self.threads.iter().min_by_key(|worker| worker.calls.load(Ordering::Relaxed))?;
        worker.calls.fetch_add(1, Ordering::Relaxed);
        let seat = Seat(self.next.fetch_add(1, Ordering::Relaxed));
        Some(Line { seat, jobs: worker.jobs.clone(), calls: Arc::clone(&worker.calls) })
    }
}

impl Line {
    /// Asks the thread for something. False when the thread is gone.
    pub(super) fn ask(&self, job: Job) -> bool {
        self.jobs.send((self.seat, job)).is_ok()
    }
}

#[cfg(test)]
impl Line {
    /// A line whose other end a test holds.
    pub(super) fn loose() -> (Self, Receiver<(Seat, Job)>) {
        let (jobs, queue) = channel();
        (Self { seat: Seat(0), jobs, calls: Arc::new(AtomicUsize::new(1)) }, queue)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.ask(Job::Close);
        self.calls.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One thread's state.
struct Bench {
    workshop: Arc<Workshop>,
    reject_below: f32,
    seats: HashMap<Seat, Occupant>,
}

/// One call on a thread.
struct Occupant {
    /// Names the call in every line that is logged while it is served.
    span: tracing::Span,
    decoder: Option<Decoder>,
    vocabulary: Arc<[String]>,
    events: Sink<HearingEvent>,
    expected: Option<RecognitionHints>,
    utterance: Option<UtteranceId>,
    partial: String,
}

impl Bench {
    fn run(mut self, queue: &Receiver<(Seat, Job)>) {
        for (seat, job) in queue {
            match job {
                Job::Open { call_sid, vocabulary, events } => {
                    let occupant = Occupant {
                        span: tracing::error_span!("call", %call_sid),
                        decoder: None,
                        vocabulary,
                        events,
                        expected: Some(RecognitionHints::default()),
                        utterance: None,
                        partial: String::new(),
                    };
                    self.seats.insert(seat, occupant);
                    self.serve(seat, |occupant, bench| occupant.prepare(bench));
                }
                Job::Expect(hints) => self.serve(seat, |occupant, bench| {
                    occupant.expected = Some(hints);
                    occupant.prepare(bench)
                }),
                Job::Start(utterance) => self.serve(seat, |occupant, bench| occupant.start(utterance, bench)),
                Job::Audio { mulaw, waiting } => {
                    waiting.fetch_sub(mulaw.len(), Ordering::Relaxed);
                    self.serve(seat, |occupant, _| occupant.hear(&mulaw));
                }
                Job::End(utterance) => self.serve(seat, |occupant, bench| {
                    if occupant.utterance == Some(utterance) { occupant.end(bench) } else { Ok(()) }
                }),
                Job::Close => drop(self.seats.remove(&seat)),
            }
        }
    }

    /// Does something for one call; on an error or a panic the call loses its recogniser.
    fn serve(&mut self, seat: Seat, task: impl FnOnce(&mut Occupant, &Self) -> Result<(), String>) {
        // Taken out while it is served, so that a panic cannot leave a half-changed one behind.
        let Some(mut occupant) = self.seats.remove(&seat) else { return };
        let events = occupant.events.clone();
        let span = occupant.span.clone();
        let _in_call = span.enter();
        let served = catch_unwind(AssertUnwindSafe(|| task(&mut occupant, self)));
        let why = match served {
            Ok(Ok(())) => {
                self.seats.insert(seat, occupant);
                return;
            }
            Ok(Err(why)) => why,
            Err(panic) => format!("a panic: {}", panic_text(panic.as_ref())),
        };
        tracing::error!(%why, "recognition of a call stopped");
        let failure = HearingEvent::Failed(ProviderFault::Stopped { why });
        if catch_unwind(AssertUnwindSafe(|| events.send(failure))).is_err() {
            tracing::error!("the call could not be told");
        }
    }
}

impl Occupant {
    /// Makes or re-arranges the recogniser for what is expected; during an utterance, later.
    fn prepare(&mut self, bench: &Bench) -> Result<(), String> {
        if self.utterance.is_some() {
            return Ok(());
        }
        let Some(hints) = self.expected.take() else { return Ok(()) };
        let wanted = Wanted { vocabulary: Arc::clone(&self.vocabulary), hints };
        match &mut self.decoder {
            Some(decoder) => decoder.expect(&wanted)?,
            None => self.decoder = Some(Decoder::new(&bench.workshop, &wanted)?),
        }
        Ok(())
    }

    fn start(&mut self, utterance: UtteranceId, bench: &Bench) -> Result<(), String> {
        // An utterance that was never ended gets its last word all the same.
        self.end(bench)?;
        let Some(decoder) = &mut self.decoder else { return Ok(()) };
        decoder.start()?;
        self.utterance = Some(utterance);
        self.partial.clear();
        Ok(())
    }

    fn hear(&mut self, mulaw: &[u8]) -> Result<(), String> {
        let (Some(utterance), Some(decoder)) = (self.utterance, &mut self.decoder) else { return Ok(()) };
        decoder.hear(mulaw)?;
        let text = decoder.so_far();
        // The search may take back all it had; that is no text to show.
        if !text.is_empty() && text != self.partial {
            self.partial.clone_from(&text);
            self.events.send(HearingEvent::Partial { utterance, text });
        }
        Ok(())
    }

    fn end(&mut self, bench: &Bench) -> Result<(), String> {
        let (Some(utterance), Some(decoder)) = (self.utterance, &mut self.decoder) else { return Ok(()) };
        let heard = decoder.end()?;
        self.utterance = None;
        self.events.send(if !heard.text.is_empty() && heard.score < bench.reject_below {
            HearingEvent::Rejected { utterance, score: heard.score }
        } else {
            tracing::trace!(score = heard.score, "utterance recognised");
            HearingEvent::Final { utterance, text: heard.text }
        });
        self.prepare(bench)
    }
}
