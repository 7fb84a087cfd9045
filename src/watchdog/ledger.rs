//! Which calls still owe a sign of life, as a machine: the time is an argument.
//!
//! A call is watched from its first document to its first audio and never again: what is lost later is the
//! affair of the resume. A call that was acted on stays known, so that nothing happens twice.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use moked_core::ids::CallSid;

use crate::remembered_calls::RememberedCalls;

/// Calls watched at once; the oldest is let go first. More owe their streams in no honest few seconds.
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
    owing: HashMap<CallSid, Owes<T>>,
    /// Calls of which nothing is expected any more.
    done: RememberedCalls,
}

/// A call that owes its stream, or, once that came, its audio.
#[derive(Debug)]
struct Owes<T> {
    due: Instant,
    owes_audio: bool,
    kept: T,
}

impl<T> Ledger<T> {
    /// A ledger that gives a stream so long.
    pub(super) fn new(limit: Duration) -> Self {
        Self { limit, owing: HashMap::new(), done: RememberedCalls::default() }
    }

    /// The webhook was answered with a stream; `kept` is handed back if the stream does not come. A repeated
    /// webhook begins the wait anew: its answer is the one that Twilio follows.
    pub(super) fn answered(&mut self, call: &CallSid, kept: T, now: Instant) {
        if self.done.contains(call) || self.owing.get(call).is_some_and(|owes| owes.owes_audio) {
            return;
        }
        let owes = Owes { due: now + self.limit, owes_audio: false, kept };
        let is_new = self.owing.insert(call.clone(), owes).is_none();
        if is_new
            && self.owing.len() > MOST
            && let Some(oldest) =
                self.owing.iter().min_by_key(|(_, owes)| owes.due).map(|(call, _)| call.clone())
        {
            self.over(&oldest);
        }
    }

    /// Twilio has left the document, or the call is over.
    pub(super) fn over(&mut self, call: &CallSid) {
        if self.owing.remove(call).is_some() {
            self.done.insert(call);
        }
    }

    /// When to look next.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.owing.values().map(|owes| owes.due).min()
    }

    /// Looks at the calls that are due, and gives those with which something is wrong, each once.
    pub(super) fn handle_timeout(
        &mut self,
        progress: impl Fn(&CallSid) -> Progress,
        now: Instant,
    ) -> Vec<(CallSid, Wrong, T)> {
        let mut looked_at = Vec::new();
        for (call, owes) in self.owing.iter_mut().filter(|(_, owes)| owes.due <= now) {
            let wrong = match progress(call) {
                Progress::Silent if !owes.owes_audio => {
                    (owes.due, owes.owes_audio) = (now + FIRST_AUDIO, true);
                    continue;
                }
                Progress::NeverCame => Some(Wrong::NeverStarted),
                Progress::Silent => Some(Wrong::NoMedia),
                Progress::Settled => None,
            };
            looked_at.push((call.clone(), wrong));
        }
        let mut told = Vec::new();
        for (call, wrong) in looked_at {
            let owes = self.owing.remove(&call);
            self.done.insert(&call);
            told.extend(owes.zip(wrong).map(|(owes, wrong)| (call, wrong, owes.kept)));
        }
        told
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
    fn the_oldest_is_let_go_first() {
        let (mut ledger, _, start) = ledger();
        for number in 0..MOST {
            ledger.answered(&CallSid::new(format!("CB{number}")), 1, start + Duration::from_millis(1));
        }
        assert_eq!(ledger.owing.len(), MOST);
        assert!(!ledger.owing.contains_key(&CallSid::new("CA1")));
    }
}
