//! Frames that are sent again: what the carrier had not played is taken back, byte by byte.
//!
//! Unlike a rewind, which goes back to a word and has the rest spoken anew, the same audio follows at once, so
//! sentences and words keep their places.

use std::time::Instant;

use super::PlaybackLedger;
use crate::audio::BYTES_PER_MS;
use crate::ids::TurnId;

impl PlaybackLedger {
    /// Bytes at the carrier that it has not played, by the clock alone: `clear` travels the way that the audio
    /// did, so it finds the carrier where the clock was when it was sent, however long both were under way.
    pub fn unplayed_bytes(&self, now: Instant) -> usize {
        let ahead = self.drained_at.map(|drained| drained.saturating_duration_since(now));
        ahead.map_or(0, |ahead| ahead.as_micros() as usize * BYTES_PER_MS / 1_000)
    }

    /// The last `bytes` of the turn are about to be sent again, after a `clear` if the carrier has not played them. Marks
    /// under way count for nothing.
    pub fn taken_back(&mut self, turn: TurnId, bytes: usize, now: Instant) {
        if let Some(playback) = self.turns.get_mut(&turn) {
            playback.sent = playback.sent.saturating_sub(bytes);
            playback.acknowledged = playback.acknowledged.min(playback.sent);
        }
        self.epoch = self.epoch.next();
        self.outstanding.clear();
        self.drained_at = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::FRAME_SAMPLES;
    use crate::pacing::MarkKind;
    use crate::playback::MarkEcho;
    use crate::testing::{at, start};

    const TURN: TurnId = TurnId(1);

    fn send(ledger: &mut PlaybackLedger, frames: usize, now: Instant) {
        for _ in 0..frames {
            ledger.frame_sent(TURN, FRAME_SAMPLES, now);
        }
    }

    #[test]
    fn what_is_taken_back_and_sent_again_is_heard_once_and_in_its_place() {
        let zero = start();
        let mut ledger = PlaybackLedger::default();
        ledger.sentence(TURN, "Yes of course.".into(), Some(10 * FRAME_SAMPLES), Vec::new());
        send(&mut ledger, 10, zero);
        ledger.sentence_ended(TURN);
        let mark = ledger.mark_sent(TURN, MarkKind::SentenceEnd, zero);
        let now = at(zero, 60);
        let bytes = ledger.unplayed_bytes(now);
        assert_eq!(bytes, 7 * FRAME_SAMPLES);
        ledger.taken_back(TURN, bytes, now);
        assert_eq!(ledger.mark_reached(&mark, now), MarkEcho::Void);
        assert_eq!(ledger.heard_bytes(TURN, now), 3 * FRAME_SAMPLES);
        send(&mut ledger, 7, now);
        assert_eq!(ledger.heard_bytes(TURN, at(zero, 100)), 5 * FRAME_SAMPLES);
        assert_eq!(ledger.heard_text(TURN, at(zero, 300)), "Yes of course.");
    }

    #[test]
    fn a_carrier_that_lags_is_not_taken_for_one_that_has_heard_more() {
        let zero = start();
        let mut ledger = PlaybackLedger::default();
        for index in 0..60 {
            let now = at(zero, index * 200);
            send(&mut ledger, 10, now);
            let mark = ledger.mark_sent(TURN, MarkKind::Progress, now);
            ledger.mark_reached(&mark, at(now, 280));
        }
        let now = at(zero, 12_000);
        send(&mut ledger, 10, now);
        let (now, heard) = (at(now, 100), ledger.heard_bytes(TURN, at(now, 100)));
        ledger.taken_back(TURN, ledger.unplayed_bytes(now), now);
        assert!(ledger.heard_bytes(TURN, now).abs_diff(heard) <= BYTES_PER_MS, "not a word more or less");
    }
}
