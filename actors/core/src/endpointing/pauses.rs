//! How long this caller pauses within a turn.
//!
//! Slow speakers are cut off by a limit that quick ones find sluggish. The limit follows a smoothed mean and
//! deviation of the pauses after which he spoke on, as TCP follows round trips (RFC 6298), within bounds.

use std::time::Duration;

/// Bounds of what is learned: less cuts into words, more is felt as slowness by anybody.
const LEAST: f32 = 300.0;
const MOST: f32 = 600.0;

/// Pauses before they are believed.
const ENOUGH: u32 = 3;

/// Silence beyond the usual pause, in ms: the speaker may take a little longer this time.
const MARGIN: f32 = 60.0;

/// Longer silences are turns of their own, not pauses, in ms.
const LONGEST: f32 = 1_000.0;

/// A caller's pauses, in ms.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pauses {
    mean: f32,
    deviation: f32,
    count: u32,
}

impl Pauses {
    /// He paused so long and spoke on.
    pub(super) fn observe(&mut self, pause: Duration) {
        let pause = pause.as_secs_f32() * 1_000.0;
        if pause > LONGEST {
            return;
        }
        if self.count == 0 {
            (self.mean, self.deviation) = (pause, pause / 4.0);
        } else {
            self.deviation += ((pause - self.mean).abs() - self.deviation) / 4.0;
            self.mean += (pause - self.mean) / 8.0;
        }
        self.count += 1;
    }

    /// Silence that is longer than his pauses; `base` until they are known.
    pub(super) fn limit(&self, base: Duration) -> Duration {
        if self.count < ENOUGH {
            return base;
        }
        let limit = self.mean + 2.0 * self.deviation + MARGIN;
        Duration::from_millis(limit.clamp(LEAST, MOST) as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: Duration = Duration::from_millis(450);

    fn after(pauses: &[u64]) -> u128 {
        let mut known = Pauses::default();
        pauses.iter().for_each(|ms| known.observe(Duration::from_millis(*ms)));
        known.limit(BASE).as_millis()
    }

    #[test]
    fn the_limit_follows_the_caller_within_bounds() {
        assert_eq!(after(&[500, 500]), 450, "two pauses prove nothing");
        assert!(after(&[220; 20]) < 320);
        assert!((550..=600).contains(&after(&[430, 520, 480, 500, 510])));
        assert_eq!(after(&[900; 20]), 600);
        assert_eq!(after(&[3_000; 20]), 450, "that was no pause");
    }
}
