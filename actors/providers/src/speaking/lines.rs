//! The connections of a thread: who speaks over which.
//!
//! A voice serves all threads, a connection only the one it was opened on; so connections are kept by the
//! thread, under the voice's number.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use moked_core::language::Language;
use moked_core::ports::{Sink, SpeakingEvent, SpeakingRequest, SpeakingStream};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::line;
use super::sentence::{Job, Place, Sentence, SharedStream};
use super::wire::TtsWire;
use crate::transport::Task;

static VOICES: AtomicU64 = AtomicU64::new(0);
static SENTENCES: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static LINES: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
}

/// A connection, or one that is being opened.
struct Line {
    voice: u64,
    route: &'static str,
    jobs: UnboundedSender<Job>,
    load: Rc<Cell<usize>>,
    /// Takes no new sentences.
    is_retired: Rc<Cell<bool>>,
    _task: Task,
}

impl Line {
    fn is_over(&self) -> bool {
        self.jobs.is_closed()
    }

    fn can_take(&self, most: usize) -> bool {
        !self.is_retired.get() && !self.is_over() && self.load.get() < most
    }
}

/// A vendor's voice over WebSockets. Cheap to clone; clones share connections.
#[derive(Clone)]
pub struct VoiceLines {
    voice: u64,
    wire: Arc<dyn TtsWire>,
}

impl fmt::Debug for VoiceLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VoiceLines").field("engine", &self.wire.engine()).finish_non_exhaustive()
    }
}

impl VoiceLines {
    /// A voice with a wire. Opens nothing.
    pub fn new(wire: impl TtsWire) -> Self {
        Self { voice: VOICES.fetch_add(1, Ordering::Relaxed), wire: Arc::new(wire) }
    }

    /// Opens a connection for a language on this thread, if there is none. Needs a tokio `LocalSet`.
    pub fn warm(&self, language: Language) {
        self.with_line(language, |_| ());
    }

    /// Speaks a sentence over a connection of this thread, opening one if all are taken. Needs a tokio
    /// `LocalSet`.
    pub fn speak(&self, request: SpeakingRequest, events: Sink<SpeakingEvent>) -> Box<dyn SpeakingStream> {
        let number = SENTENCES.fetch_add(1, Ordering::Relaxed);
        let is_dropped = Rc::new(Cell::new(false));
        let language = request.language;
        let jobs = self.with_line(language, |line| {
            let place = Place::take(&line.load);
            let limits = self.wire.limits(language);
            let sentence = Sentence::new(number, request, events, limits, Rc::clone(&is_dropped), place);
            // A connection that ended a moment ago hands its jobs back to nobody: `with_line` has looked.
            let _ = line.jobs.send(Job::Speak(Box::new(sentence)));
            line.jobs.clone()
        });
        Box::new(SharedStream { number, is_dropped, jobs })
    }

    fn with_line<T>(&self, language: Language, with: impl FnOnce(&Line) -> T) -> T {
        let route = self.wire.route(language);
        let most = self.wire.most_contexts();
        LINES.with_borrow_mut(|lines| {
            lines.retain(|line| !line.is_over());
            let free = lines
                .iter()
                .position(|line| line.voice == self.voice && line.route == route && line.can_take(most));
            if let Some(line) = free.and_then(|index| lines.get(index)) {
                return with(line);
            }
            let line = self.open(route, language);
            let result = with(&line);
            lines.push(line);
            result
        })
    }

    fn open(&self, route: &'static str, language: Language) -> Line {
        let (jobs, taken) = unbounded_channel();
        let is_retired = Rc::new(Cell::new(false));
        let work = line::run(Arc::clone(&self.wire), language, taken, Rc::clone(&is_retired));
        Line { voice: self.voice, route, jobs, load: Rc::default(), is_retired, _task: Task::spawn(work) }
    }
}
