//! How fast the agent gives way to a caller, and how often it need not.

use super::Histogram;

/// Bounds around what is promised: soft within 80 ms of the onset, silent within 300.
const BOUNDS_US: [u64; 12] = [
    40_000, 60_000, 80_000, 100_000, 150_000, 200_000, 250_000, 300_000, 400_000, 500_000, 800_000, 2_000_000,
];

/// Times from the onset of the caller's speech over the agent; their counts are how often it happened.
#[derive(Debug)]
pub struct BargeInMeters {
    /// Until the agent was ducked.
    pub ducked: Histogram,
    /// Until it fell silent to wait for his words.
    pub hushed: Histogram,
    /// Until it was known that it is no interruption.
    pub resumed: Histogram,
    /// Until the caller had the floor.
    pub stopped: Histogram,
}

impl Default for BargeInMeters {
    fn default() -> Self {
        let new = || Histogram::new(&BOUNDS_US);
        Self { ducked: new(), hushed: new(), resumed: new(), stopped: new() }
    }
}
