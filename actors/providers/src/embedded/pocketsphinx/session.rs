//! The call's end of recognition: keeps the last half second, passes utterances on, never waits.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use moked_core::audio::BYTES_PER_MS;
use moked_core::hints::RecognitionHints;
use moked_core::ids::{CallSid, UtteranceId};
use moked_core::ports::{HearingEvent, HearingSession, ProviderFault, Sink};

use super::worker::{Job, Line};

/// How far before `utterance_started` speech may have begun: 500 ms, as the port says.
const REMEMBERED: usize = 500 * BYTES_PER_MS;

/// The most audio that waits for the recogniser: 10 s. A thread so far behind is overloaded, and to drop
/// audio is better than to answer ever later.
const MOST_WAITING: usize = 10_000 * BYTES_PER_MS;

/// One call's ear.
#[derive(Debug)]
pub(super) struct Session {
    call_sid: CallSid,
    line: Line,
    events: Sink<HearingEvent>,
    /// Audio before an utterance, at most [`REMEMBERED`] bytes of it.
    remembered: VecDeque<u8>,
    in_utterance: bool,
    waiting: Arc<AtomicUsize>,
    /// Bytes dropped so far.
    dropped: usize,
    told_gone: bool,
}

impl Session {
    /// Opens the ear on a thread.
    pub(super) fn open(
        call_sid: CallSid,
        vocabulary: Arc<[String]>,
        line: Line,
        events: Sink<HearingEvent>,
    ) -> Self {
        let mut session = Self {
            call_sid,
            line,
            events: events.clone(),
            remembered: VecDeque::with_capacity(REMEMBERED),
            in_utterance: false,
            waiting: Arc::default(),
            dropped: 0,
            told_gone: false,
        };
        let call_sid = session.call_sid.clone();
        session.ask(Job::Open { call_sid, vocabulary, events });
        session
    }

    fn ask(&mut self, job: Job) {
        if !self.line.ask(job) && !self.told_gone {
            self.told_gone = true;
            let why = "its thread is gone".to_owned();
            self.events.send(HearingEvent::Failed(ProviderFault::Stopped { why }));
        }
    }

    fn pass_on(&mut self, mulaw: Vec<u8>) {
        if mulaw.is_empty() {
            return;
        }
        if self.waiting.load(Ordering::Relaxed) + mulaw.len() > MOST_WAITING {
            if self.dropped == 0 {
                let call_sid = &self.call_sid;
                tracing::warn!(%call_sid, "the recogniser is too far behind; dropping the caller's audio");
            }
            self.dropped += mulaw.len();
            return;
        }
        self.waiting.fetch_add(mulaw.len(), Ordering::Relaxed);
        let waiting = Arc::clone(&self.waiting);
        self.ask(Job::Audio { mulaw, waiting });
    }
}

impl HearingSession for Session {
    fn audio(&mut self, mulaw: &[u8]) {
        if self.in_utterance {
            self.pass_on(mulaw.to_vec());
            return;
        }
        let newest = mulaw.get(mulaw.len().saturating_sub(REMEMBERED)..).unwrap_or_default();
        let surplus = (self.remembered.len() + newest.len()).saturating_sub(REMEMBERED);
        self.remembered.drain(..surplus);
        self.remembered.extend(newest);
    }

    fn expect(&mut self, hints: &RecognitionHints) {
        self.ask(Job::Expect(hints.clone()));
    }

    fn utterance_started(&mut self, utterance: UtteranceId) {
        self.ask(Job::Start(utterance));
        self.in_utterance = true;
        let before: Vec<u8> = self.remembered.drain(..).collect();
        self.pass_on(before);
    }

    fn utterance_ended(&mut self, utterance: UtteranceId) {
        self.in_utterance = false;
        self.ask(Job::End(utterance));
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if self.dropped > 0 {
            let (call_sid, ms) = (&self.call_sid, self.dropped / BYTES_PER_MS);
            tracing::warn!(%call_sid, ms, "audio that was never recognised, in this call");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};

    use super::super::worker::Seat;
    use super::*;

    fn session() -> (Session, Receiver<(Seat, Job)>, Receiver<HearingEvent>) {
        let (line, queue) = Line::loose();
        let (sender, events) = channel();
        let sink = Sink::new(move |event| drop(sender.send(event)));
        (Session::open(CallSid::new("CA1"), Arc::from([]), line, sink), queue, events)
    }

    fn audio(queue: &Receiver<(Seat, Job)>) -> Vec<u8> {
        let pieces = queue.try_iter().filter_map(|(_, job)| match job {
            Job::Audio { mulaw, .. } => Some(mulaw),
            Job::Open { .. } | Job::Expect(_) | Job::Start(_) | Job::End(_) | Job::Close => None,
        });
        pieces.flatten().collect()
    }

    #[test]
    fn an_utterance_begins_with_the_half_second_before_it() {
        let (mut session, queue, _events) = session();
        for number in 0..100 {
            session.audio(&[number; 160]);
        }
        assert!(audio(&queue).is_empty(), "nothing is recognised between utterances");
        session.utterance_started(UtteranceId(1));
        session.audio(&[200; 160]);
        let heard = audio(&queue);
        assert_eq!(heard.len(), REMEMBERED + 160);
        assert_eq!((heard.first(), heard.last()), (Some(&75), Some(&200)));
    }

    #[test]
    fn the_end_of_one_utterance_is_not_heard_again_in_the_next() {
        let (mut session, queue, _events) = session();
        session.utterance_started(UtteranceId(1));
        session.audio(&[1; 160]);
        session.utterance_ended(UtteranceId(1));
        session.audio(&[2; 160]);
        audio(&queue);
        session.utterance_started(UtteranceId(2));
        assert_eq!(audio(&queue), [2; 160]);
    }

    #[test]
    fn a_thread_that_is_ten_seconds_behind_gets_no_more_audio_until_it_catches_up() {
        let (mut session, queue, _events) = session();
        session.utterance_started(UtteranceId(1));
        for _ in 0..600 {
            session.audio(&[0; 160]);
        }
        assert_eq!(session.dropped, 100 * 160, "12 s came, 10 s were taken");
        assert_eq!(audio(&queue).len(), MOST_WAITING);
        session.waiting.store(0, Ordering::Relaxed);
        session.audio(&[7; 160]);
        assert_eq!(audio(&queue), [7; 160]);
    }

    #[test]
    fn a_thread_that_is_gone_is_told_once() {
        let (mut session, queue, events) = session();
        drop(queue);
        session.utterance_started(UtteranceId(1));
        session.utterance_ended(UtteranceId(1));
        let all: Vec<HearingEvent> = events.try_iter().collect();
        assert!(matches!(all[..], [HearingEvent::Failed(ProviderFault::Stopped { .. })]), "{all:?}");
    }
}
