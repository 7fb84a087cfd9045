//! Silence that the carrier left out, found by the time stamps of the frames around it.

use crate::audio::FRAME_MS;

/// How far into the caller's line the frames so far reach.
///
/// Time stamps wander by a few milliseconds, so only a step of a whole frame counts. A step back sets the
/// playhead back without a word: nothing can be unheard.
#[derive(Debug, Default)]
pub(super) struct Playhead {
    until_ms: Option<u64>,
}

impl Playhead {
    /// Takes a frame by its time stamp and length and gives the milliseconds missing before it. A frame
    /// without time stamp is taken to follow the last.
    pub(super) fn advance(&mut self, timestamp_ms: Option<u64>, duration_ms: u64) -> u64 {
        let Some(timestamp_ms) = timestamp_ms else {
            self.until_ms = self.until_ms.map(|until| until.saturating_add(duration_ms));
            return 0;
        };
        let until = self.until_ms.unwrap_or(timestamp_ms);
        let jumped = until.abs_diff(timestamp_ms) >= u64::from(FRAME_MS);
        let begin = if jumped { timestamp_ms } else { until };
        self.until_ms = Some(begin.saturating_add(duration_ms));
        begin.saturating_sub(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaps(timestamps: &[Option<u64>]) -> Vec<u64> {
        let mut playhead = Playhead::default();
        timestamps.iter().map(|&timestamp| playhead.advance(timestamp, 20)).collect()
    }

    #[test]
    fn a_line_without_holes_has_no_gaps_wherever_it_begins() {
        assert_eq!(gaps(&[Some(140), Some(160), Some(180)]), [0, 0, 0]);
    }

    #[test]
    fn wandering_time_stamps_are_no_gaps_and_do_not_add_up() {
        let wandering: Vec<_> =
            (0..200).map(|index| Some(index * 20 + [0, 5, 12, 3][index as usize % 4])).collect();
        assert_eq!(gaps(&wandering).iter().sum::<u64>(), 0);
    }

    #[test]
    fn skipped_silence_is_measured_once() {
        assert_eq!(gaps(&[Some(0), Some(1_020), Some(1_040)]), [0, 1_000, 0]);
    }

    #[test]
    fn a_step_back_is_no_gap_and_does_not_hide_the_next() {
        assert_eq!(gaps(&[Some(5_000), Some(0), Some(20), Some(140)]), [0, 0, 0, 100]);
    }

    #[test]
    fn frames_without_time_stamps_follow_one_another() {
        assert_eq!(gaps(&[None, Some(0), None, Some(40), Some(100)]), [0, 0, 0, 0, 40]);
    }

    #[test]
    fn a_time_stamp_at_the_end_of_time_does_not_overflow() {
        assert_eq!(gaps(&[Some(u64::MAX), None, Some(u64::MAX)]), [0, 0, 0]);
    }
}
