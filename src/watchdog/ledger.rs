//! Which calls still owe a sign of life, as a machine: the time is an argument.
//!
//! A call is watched from its first document to its first audio and never again: what is lost later is the
//! affair of the resume. A call that was acted on stays known, so that nothing happens twice.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use moked_core::ids::CallSid;

/// Calls remembered; the oldest is forgotten first. At 10 calls a second this is a quarter of an hour.
const MOST: usize = 10_000;

/// How long audio may take when the stream is there and silent at the first look. A stream that has just
/// started needs a second to be known for its audio.
const FIRST_AUDIO: Duration = Duration::from_secs(3);

/// What the rest of the process knows of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Its stream has not come.
    NeverCame,
    /// Its stream is up and brought no audio.
    Silent,
    /// It went its way: it was heard, it waits for another stream, or it is over.
    Settled,
}

/// What is wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// Its stream never started.
    NeverStarted,
    /// Its stream brings no audio.
    NoMedia,
}

/// The calls.
#[derive(Debug)]
pub(super) struct Ledger<T> {
    limit: Duration,
    entries: HashMap<CallSid, Entry<T>>,
    oldest_first: VecDeque<CallSid>,
}

#[derive(Debug)]
enum Entry<T> {
    /// It owes its stream, or, once that came, its audio.
    Owes { due: Instant, owes_audio: bool, kept: T },
    /// Nothing is expected of it any more.
    Done,
}

impl<T> Ledger<T> {
    /// A ledger that gives a stream so long.
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit, entries: HashMap::new(), oldest_first: VecDeque::new() }
    }

    /// The webhook was answered with a stream; `kept` is handed back if the stream does not come. A repeated
    /// webhook begins the wait anew: its answer is the one that Twilio follows.
    pub(super) fn answered(&mut self, call: &CallSid, kept: T, now: Instant) {
        if matches!(self.entries.get(call), Some(Entry::Done | Entry::Owes { owes_audio: true, .. })) {
            return;
        }
        let due = now + self.limit;
        if self.entries.insert(call.clone(), Entry::Owes { due, owes_audio: false, kept }).is_some() {
            return;
        }
        if self.oldest_first.len() == MOST
            && let Some(oldest) = self.oldest_first.pop_front()
        {
            self.entries.remove(&oldest);
        }
        self.oldest_first.push_back(call.clone());
    }

    /// Twilio has left the document, or the call is over.
    pub(super) fn over(&mut self, call: &CallSid) {
        if let Some(entry) = self.entries.get_mut(call) {
            *entry = Entry::Done;
        }
    }

    /// When to look next.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let due = |entry: &Entry<T>| match entry {
            Entry::Owes { due, .. } => Some(*due),
            Entry::Done => None,
        };
        self.entries.values().filter_map(due).min()
    }

    /// Looks at the calls that are due, and gives those with which something is wrong, each once.
    pub(super) fn handle_timeout(
        &mut self,
        progress: impl Fn(&CallSid) -> Progress,
        now: Instant,
    ) -> Vec<(CallSid, Wrong, T)> {
        let mut wrong = Vec::new();
        for (call, entry) in &mut self.entries {
            let Entry::Owes { due, owes_audio, .. } = entry else { continue };
            if *due > now {
                continue;
            }
            let what = match (progress(call), *owes_audio) {
                (Progress::Silent, false) => {
                    (*due, *owes_audio) = (now + FIRST_AUDIO, true);
                    continue;
                }
                (Progress::NeverCame, _) => Some(Wrong::NeverStarted),
                (Progress::Silent, true) => Some(Wrong::NoMedia),
                (Progress::Settled, _) => None,
            };
            if let (Entry::Owes { kept, .. }, Some(what)) = (std::mem::replace(entry, Entry::Done), what) {
                wrong.push((call.clone(), what, kept));
            }
        }
        wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(6);

    fn ledger() -> (Ledger<u8>, CallSid, Instant) {
        let (mut ledger, call, start) = (Ledger::new(LIMIT), CallSid::new("CA1"), Instant::now());
        ledger.answered(&call, 7, start);
        assert_eq!(ledger.poll_timeout(), Some(start + LIMIT));
        (ledger, call, start)
    }

    #[test]
    fn a_stream_that_never_starts_is_told_once() {
        let (mut ledger, call, start) = ledger();
        let early = start + LIMIT - Duration::from_millis(1);
        assert_eq!(ledger.handle_timeout(|_| Progress::NeverCame, early), []);
        let wrong = ledger.handle_timeout(|_| Progress::NeverCame, start + LIMIT);
        assert_eq!(wrong, [(call.clone(), Wrong::NeverStarted, 7)]);
        ledger.answered(&call, 7, start + LIMIT);
        assert_eq!(ledger.poll_timeout(), None, "a replayed webhook arms nothing");
    }

    #[test]
    fn a_stream_without_audio_gets_a_little_longer() {
        let (mut ledger, call, start) = ledger();
        assert_eq!(ledger.handle_timeout(|_| Progress::Silent, start + LIMIT), []);
        assert_eq!(ledger.poll_timeout(), Some(start + LIMIT + FIRST_AUDIO));
        ledger.answered(&call, 7, start + LIMIT);
        let wrong = ledger.handle_timeout(|_| Progress::Silent, start + LIMIT + FIRST_AUDIO);
        assert_eq!(wrong, [(call, Wrong::NoMedia, 7)]);
        assert_eq!(ledger.poll_timeout(), None);
    }

    #[test]
    fn a_call_that_went_its_way_is_left_alone_for_good() {
        let (mut ledger, call, start) = ledger();
        assert_eq!(ledger.handle_timeout(|_| Progress::Settled, start + LIMIT), []);
        ledger.answered(&call, 7, start + LIMIT);
        assert_eq!(ledger.handle_timeout(|_| Progress::NeverCame, start + 3 * LIMIT), []);
    }

    #[test]
    fn twilio_asking_what_comes_next_ends_the_watch() {
        let (mut ledger, call, start) = ledger();
        ledger.over(&call);
        assert_eq!(ledger.poll_timeout(), None);
        assert_eq!(ledger.handle_timeout(|_| Progress::NeverCame, start + LIMIT), []);
    }

    #[test]
    fn a_repeated_webhook_moves_the_wait() {
        let (mut ledger, call, start) = ledger();
        ledger.answered(&call, 8, start + LIMIT / 2);
        assert_eq!(ledger.handle_timeout(|_| Progress::NeverCame, start + LIMIT), []);
        let wrong = ledger.handle_timeout(|_| Progress::NeverCame, start + 2 * LIMIT);
        assert_eq!(wrong, [(call, Wrong::NeverStarted, 8)]);
    }

    #[test]
    fn the_oldest_is_forgotten_first() {
        let (mut ledger, _, start) = ledger();
        for number in 0..MOST {
            ledger.answered(&CallSid::new(format!("CB{number}")), 1, start);
        }
        assert_eq!(ledger.entries.len(), MOST);
        assert!(!ledger.entries.contains_key(&CallSid::new("CA1")));
    }
}
