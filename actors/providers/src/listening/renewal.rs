//! What a session that does not last owes to the next one: when to change, and what to say again. A machine
//! without a clock.
//!
//! Some vendors end a session at an age that a call can reach. Between utterances nothing is lost by a change,
//! so it is made there, well before the end; amid speech only when the end is near, or has come. Then the
//! next session hears every utterance again that has no final yet.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use moked_core::audio::BYTES_PER_MS;
use moked_core::ids::UtteranceId;

/// How long before the end a session is changed between two utterances.
const AT_A_PAUSE: Duration = Duration::from_secs(300);

/// How long before the end it is changed whatever is being said.
const AT_THE_LATEST: Duration = Duration::from_secs(30);

/// How long after a failed change the next is tried.
const AGAIN: Duration = Duration::from_secs(20);

/// A session that ends sooner than this was not ended by its age, and a fresh one would not live longer.
const LASTING: Duration = Duration::from_secs(60);

/// What is kept of an utterance: its last minute, 480 kB.
const KEPT: usize = 60_000 * BYTES_PER_MS;

/// An utterance without its final.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spoken {
    pub(super) utterance: UtteranceId,
    /// What was sent of it.
    pub(super) audio: Vec<u8>,
    /// Whether the vendor was asked to settle it.
    pub(super) is_ended: bool,
}

/// The renewal of one call's session.
#[derive(Debug)]
pub(super) struct Renewal {
    /// `None`: a session lasts as long as a call.
    lifetime: Option<Duration>,
    opened: Instant,
    not_before: Instant,
    unsettled: VecDeque<Spoken>,
}

impl Renewal {
    /// For a session opened at `now` that the vendor ends at the age of `lifetime`.
    pub(super) fn new(lifetime: Option<Duration>, now: Instant) -> Self {
        Self { lifetime, opened: now, not_before: now, unsettled: VecDeque::new() }
    }

    /// A fresh session was opened.
    pub(super) fn opened(&mut self, now: Instant) {
        (self.opened, self.not_before) = (now, now);
    }

    /// No fresh session could be had.
    pub(super) fn failed(&mut self, now: Instant) {
        self.not_before = now + AGAIN;
    }

    /// When to change sessions; `is_quiet` between utterances.
    pub(super) fn poll_timeout(&self, is_quiet: bool) -> Option<Instant> {
        let before = if is_quiet { AT_A_PAUSE } else { AT_THE_LATEST };
        let at = self.opened + self.lifetime?.saturating_sub(before);
        Some(at.max(self.not_before))
    }

    /// Whether the vendor may have ended the session by its age alone.
    pub(super) fn is_of_age(&self, now: Instant) -> bool {
        let age = now.saturating_duration_since(self.opened);
        self.lifetime.is_some_and(|lifetime| age + AT_A_PAUSE >= lifetime)
    }

    /// Whether the session lasted long enough for a fresh one to be worth it.
    pub(super) fn has_lasted(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.opened) >= LASTING
    }

    /// An utterance began.
    pub(super) fn started(&mut self, utterance: UtteranceId) {
        if self.lifetime.is_some() {
            // One that never ended gets no audio any more, and no final.
            self.unsettled.retain(|spoken| spoken.is_ended);
            self.unsettled.push_back(Spoken { utterance, audio: Vec::new(), is_ended: false });
        }
    }

    /// Audio of the utterance under way was sent.
    pub(super) fn sent(&mut self, audio: &[u8]) {
        if let Some(spoken) = self.unsettled.back_mut() {
            spoken.audio.extend_from_slice(audio);
            let surplus = spoken.audio.len().saturating_sub(KEPT);
            spoken.audio.drain(..surplus);
        }
    }

    /// The vendor was asked to settle an utterance.
    pub(super) fn ended(&mut self, utterance: UtteranceId) {
        for spoken in self.unsettled.iter_mut().filter(|spoken| spoken.utterance == utterance) {
            spoken.is_ended = true;
        }
    }

    /// An utterance has its final.
    pub(super) fn told(&mut self, utterance: UtteranceId) {
        self.unsettled.retain(|spoken| spoken.utterance != utterance);
    }

    /// What a fresh session is to hear, oldest first.
    pub(super) fn unsettled(&self) -> Vec<Spoken> {
        self.unsettled.iter().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    fn minutes(count: u64) -> Duration {
        Duration::from_secs(count * 60)
    }

    #[test]
    fn a_session_is_changed_at_55_minutes_in_a_pause_and_at_59_and_a_half_amid_speech() {
        let start = Instant::now();
        let mut renewal = Renewal::new(Some(HOUR), start);
        assert_eq!(renewal.poll_timeout(true), Some(start + minutes(55)));
        assert_eq!(renewal.poll_timeout(false), Some(start + minutes(60) - AT_THE_LATEST));
        renewal.failed(start + minutes(55));
        assert_eq!(renewal.poll_timeout(true), Some(start + minutes(55) + AGAIN));
        renewal.opened(start + minutes(56));
        assert_eq!(renewal.poll_timeout(true), Some(start + minutes(56 + 55)));
    }

    #[test]
    fn a_session_that_lasts_is_never_changed_and_keeps_nothing() {
        let mut renewal = Renewal::new(None, Instant::now());
        renewal.started(UtteranceId(1));
        renewal.sent(&[1; 160]);
        assert_eq!((renewal.poll_timeout(true), renewal.unsettled()), (None, Vec::new()));
    }

    #[test]
    fn utterances_are_kept_until_their_finals() {
        let mut renewal = Renewal::new(Some(HOUR), Instant::now());
        for (number, ends) in [(1, true), (2, true), (3, false)] {
            renewal.started(UtteranceId(number));
            renewal.sent(&[number as u8; 3]);
            if ends {
                renewal.ended(UtteranceId(number));
            }
        }
        renewal.told(UtteranceId(1));
        let kept: Vec<_> =
            renewal.unsettled().into_iter().map(|spoken| (spoken.audio, spoken.is_ended)).collect();
        assert_eq!(kept, [(vec![2; 3], true), (vec![3; 3], false)]);
    }
}
