//! Draws that look random and never change: a linear congruential generator.

/// The generator. Multiplier and increment are Knuth's for 64 bits (MMIX, TAOCP volume 2, 3.3.4); the high
/// half is used because the low bits of such generators repeat early.
pub(super) struct Draw(u64);

impl Draw {
    /// Starts from a seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `limit`; zero when the limit is zero.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }

    /// One of several texts; the empty text when there are none.
    pub(super) fn one_of<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        let at = self.below(texts.len());
        texts.get(at).copied().unwrap_or_default()
    }
}
