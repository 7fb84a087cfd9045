//! A limit with hysteresis: shut above it, open again only well below.
//!
//! Without the gap the call that is let in at the limit would push the measure over it, and the gate would
//! flap with each caller (the Jitsi bridge recovers at four fifths too).

/// The gate. It counts in whatever unit its limit has.
#[derive(Debug)]
pub(super) struct Gate {
    limit: u64,
    is_shut: bool,
}

impl Gate {
    /// An open gate.
    pub(super) fn new(limit: u64) -> Self {
        Self { limit, is_shut: false }
    }

    /// Whether it is shut at this measure.
    pub(super) fn is_shut(&mut self, measure: u64) -> bool {
        self.is_shut = if self.is_shut { measure > self.limit / 5 * 4 } else { measure > self.limit };
        self.is_shut
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gate_that_shut_opens_at_four_fifths() {
        let mut gate = Gate::new(100);
        let states = [100, 101, 100, 81, 80, 100, 101].map(|measure| gate.is_shut(measure));
        assert_eq!(states, [false, true, true, true, false, false, true]);
    }
}
