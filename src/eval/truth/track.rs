//! What came out of the loudspeaker, and where in it a piece of sound is.

use std::ops::Range;

use moked_core::audio::mulaw;

/// Samples of a block: 10 ms.
pub(super) const BLOCK: usize = 80;

/// Samples that are searched for where nothing is known of the place: 80 ms.
pub(super) const ANCHOR: usize = 8 * BLOCK;

/// Blocks softer than this are no evidence, RMS of 32,768.
pub(super) const LEAST_RMS: f32 = 250.0;

/// Blocks of the track softer than this are silence: ducked speech is louder.
const LEAST_TRACK_RMS: f32 = 50.0;

/// Correlation of an anchor where it is; it may be in the middle of a fade.
const SURE: f32 = 0.93;

/// An anchor that is a little off its place may go along with its neighbour, a pitch period away: the best within this
/// counts, samples.
const PITCH: usize = 160;

/// Signs that are looked at first, and how many of them a fade or companding may turn.
const SIGNS: usize = 32;
const MOST_DIFFER: usize = 3;

/// What came out of the loudspeaker.
pub(super) struct Track {
    samples: Vec<f32>,
    is_loud: Vec<bool>,
}

impl Track {
    pub(super) fn new(mulaw: &[u8]) -> Self {
        let samples: Vec<f32> = mulaw::decode(mulaw).into_iter().map(f32::from).collect();
        let is_loud = samples.chunks(BLOCK).map(|block| rms(block) >= LEAST_TRACK_RMS).collect();
        Self { samples, is_loud }
    }

    pub(super) fn len(&self) -> usize {
        self.samples.len()
    }

    pub(super) fn get(&self, from: usize, length: usize) -> Option<&[f32]> {
        self.samples.get(from..from + length)
    }

    /// Whether nothing sounds there. Behind its end nothing does.
    pub(super) fn is_silent(&self, from: usize, length: usize) -> bool {
        let end = (from + length).min(self.samples.len());
        self.samples.get(from..end).is_none_or(|samples| samples.is_empty() || rms(samples) < LEAST_TRACK_RMS)
    }

    /// How well the track goes along with a sound there.
    pub(super) fn fit(&self, sound: &[f32], place: usize) -> f32 {
        self.get(place, sound.len()).map_or(0.0, |heard| correlation(sound, heard))
    }

    /// The places at which the track goes along with the anchor, in order.
    pub(super) fn places<'a>(
        &'a self,
        anchor: &'a [f32],
        within: Range<usize>,
    ) -> impl Iterator<Item = usize> + 'a {
        let signs = signs(anchor);
        let mut from = within.start;
        std::iter::from_fn(move || {
            let is_there = |place: &usize| self.may_be(&signs, *place) && self.fit(anchor, *place) >= SURE;
            let place = (from..within.end).find(is_there)?;
            let best = (place..place + PITCH).map(|place| (place, self.fit(anchor, place)));
            let (best, _) = best.max_by(|a, b| a.1.total_cmp(&b.1))?;
            from = place + PITCH;
            Some(best)
        })
    }

    /// Whether a place is worth to be looked at. Most differ at the first glance.
    fn may_be(&self, signs: &[(usize, bool)], place: usize) -> bool {
        // Half of an anchor lies in a block of its own at least.
        if !self.is_loud.get(place / BLOCK + 2).is_some_and(|&loud| loud) {
            return false;
        }
        let mut differ = 0;
        for (offset, is_positive) in signs {
            let Some(sample) = self.samples.get(place + offset) else { return false };
            differ += usize::from((*sample > 0.0) != *is_positive);
            if differ > MOST_DIFFER {
                return false;
            }
        }
        true
    }
}

/// Where an anchor is far from zero, and on which side: as many places as tell enough.
fn signs(anchor: &[f32]) -> Vec<(usize, bool)> {
    let loudest = anchor.iter().fold(0.0_f32, |most, sample| most.max(sample.abs()));
    let telling = anchor.iter().enumerate().filter(|(_, sample)| sample.abs() > loudest / 8.0);
    let all: Vec<(usize, bool)> = telling.map(|(offset, sample)| (offset, *sample > 0.0)).collect();
    // Spread over the anchor: neighbours tell the same.
    all.iter().step_by((all.len() / SIGNS).max(1)).copied().collect()
}

/// The level of samples.
pub(super) fn rms(samples: &[f32]) -> f32 {
    (samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len().max(1) as f32).sqrt()
}

fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let norm = (dot(a, a) * dot(b, b)).sqrt();
    if norm > 0.0 { dot(a, b) / norm } else { 0.0 }
}
