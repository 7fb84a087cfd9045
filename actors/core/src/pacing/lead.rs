//! How far ahead of the ear to send: little on a steady line, more on one that jitters.
//!
//! A long lead hides jitter and costs on every interruption: it is what must be cleared, and where the clock is
//! wrong about it, words. So it begins short and grows with what it must hide: how unevenly marks come back, and
//! how late this machine's own timer was.

use std::time::{Duration, Instant};

use super::{Pacing, PacingSettings, PacingTimer};

/// Unevenness of a steady line: timers and the carrier's own frames of 20 ms.
const STEADY: Duration = Duration::from_millis(5);

/// Lead for each ms of deviation: three of them cover all but the rarest, as four do for TCP's time-outs, where
/// being wrong costs more (RFC 6298).
const COVER: u32 = 3;

/// The lead of one line.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Lead {
    /// Deviation of marks that come back.
    jitter: Duration,
    /// How late the timer is, slow to forget.
    lateness: Duration,
}

impl Lead {
    pub(super) fn get(&self, settings: &PacingSettings) -> Duration {
        let hidden = self.jitter.max(self.lateness).saturating_sub(STEADY);
        (settings.lead + hidden * COVER).min(settings.most_lead.max(settings.lead))
    }

    fn was_late(&mut self, late: Duration) {
        let forgotten = self.lateness - self.lateness / 64;
        self.lateness = forgotten.max(late);
    }
}

impl Pacing {
    /// The marks of this line deviate so much from their usual lag (see
    /// [`PlaybackLedger::jitter`](crate::playback::PlaybackLedger::jitter)).
    pub fn marks_jitter(&mut self, deviation: Duration) {
        self.lead.jitter = deviation;
    }

    /// The timer woke. Gives when the next frame was due, if one was.
    pub fn woke(&mut self, now: Instant) -> Option<Instant> {
        let (due, _) = self.poll_timeout().filter(|(_, why)| *why == PacingTimer::NextFrame)?;
        self.lead.was_late(now.saturating_duration_since(due));
        Some(due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{BYTES_PER_MS, FRAME_MS};
    use crate::ids::TurnId;
    use crate::pacing::{PacingAction, PacingInput};
    use crate::testing::{at, start};

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    fn with(jitter: u64, lateness: u64) -> u128 {
        let lead = Lead { jitter: ms(jitter), lateness: ms(lateness) };
        lead.get(&PacingSettings::default()).as_millis()
    }

    #[test]
    fn the_lead_is_120_ms_on_a_steady_line_and_300_at_most() {
        assert_eq!(with(0, 0), 120);
        assert_eq!(with(4, 5), 120);
        assert_eq!(with(25, 0), 180);
        assert_eq!(with(0, 25), 180);
        assert_eq!(with(500, 0), 300);
    }

    #[test]
    fn a_most_below_the_least_means_a_fixed_lead() {
        let fixed = PacingSettings { lead: ms(200), most_lead: ms(0), ..PacingSettings::default() };
        let lead = Lead { jitter: ms(80), lateness: ms(0) };
        assert_eq!(lead.get(&fixed), ms(200));
    }

    #[test]
    fn a_line_that_begins_to_jitter_is_sent_more_at_once_and_less_when_it_is_calm() {
        let zero = start();
        let mut pacing = Pacing::new(PacingSettings::default());
        let mulaw = vec![0x55; 2_000 * BYTES_PER_MS].into();
        pacing.handle(PacingInput::Audio { turn: TurnId(1), mulaw }, zero);
        let ahead = |pacing: &mut Pacing, now: u64| {
            pacing.handle_timeout(at(zero, now));
            while let Some(action) = pacing.next_action() {
                assert!(!matches!(action, PacingAction::Clear));
            }
            pacing.observe().sent_frames * u64::from(FRAME_MS) - now
        };
        assert_eq!(ahead(&mut pacing, 100), 140, "the lead, and the frame that plays now");
        pacing.marks_jitter(ms(65));
        assert_eq!(ahead(&mut pacing, 100), 320);
        pacing.marks_jitter(ms(0));
        assert_eq!(ahead(&mut pacing, 200), 220, "nothing is sent while it shrinks");
        assert_eq!(ahead(&mut pacing, 400), 140);
    }
}
