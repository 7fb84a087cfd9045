//! What the caller really heard, found in what came out of his loudspeaker.
//!
//! The voice remembers the samples of each word it made. The ear's track is searched for them: a block counts as heard
//! where the track goes up and down with it, however loud, so that ducked speech is found and its level is known. The
//! result owes nothing to what moked says of itself.

use std::ops::Range;

use moked_core::audio::{BYTES_PER_MS, mulaw};

use super::world::Spoken;

/// Samples of a block: 10 ms.
const BLOCK: usize = 80;

/// Blocks of the track softer than this are silence: ducked speech is louder.
const LEAST_TRACK_RMS: f32 = 50.0;

/// Blocks that must fit together where nothing is known of the place: no two words share 40 ms to the sample.
const ANCHOR: usize = 4 * BLOCK;

/// Blocks softer than this are no evidence, RMS of 32,768.
const LEAST_RMS: f32 = 250.0;

/// Most of other sounds, in blocks, that may stand between what was found and where it goes on: the ends of words are too
/// soft to be found, and all else that the agent said was found before.
const MOST_BETWEEN: usize = 30;

/// The same before a sentence of which nothing was found: its first word may be too soft to be searched for.
const MOST_BEFORE: usize = 100;

/// Anchors softer than this are not searched for.
const ANCHOR_RMS: f32 = 1_000.0;

/// How often a place is searched for in each word: of one that was not heard, in vain.
const SEARCHES: usize = 6;

/// A splice moves what follows it by less than this, samples: 8 ms.
const SPLICE: usize = 64;

/// Correlation of an anchor within a splice of where it is expected; it may be in the middle of a fade.
const LIKELY: f32 = 0.9;

/// Correlation of a block with itself, after companding and fading.
const SAME: f32 = 0.9;

/// The same for an anchor, which must not be taken for its neighbour, a pitch period away.
const SURE: f32 = 0.985;

/// A sentence as it was heard.
#[derive(Debug, Clone)]
pub(super) struct HeardSentence {
    /// Its text.
    pub(super) text: String,
    /// Its words, whether heard or not.
    pub(super) words: Vec<(String, bool)>,
    /// Where its blocks were heard: ms of the track, and how much softer or louder than they were made, dB.
    pub(super) blocks: Vec<(u64, f32)>,
}

impl HeardSentence {
    /// Whether all of it was heard.
    pub(super) fn is_whole(&self) -> bool {
        self.words.iter().all(|(_, heard)| *heard)
    }

    /// Whether its beginning was heard. A voice of diphones says parts of different words alike, and no sentence is
    /// begun in its middle, so that whatever has no beginning was not heard.
    fn begins(&self) -> bool {
        self.words.iter().take(2).any(|(_, heard)| *heard)
    }

    fn unheard(mut self) -> Self {
        self.words.iter_mut().for_each(|(_, heard)| *heard = false);
        self.blocks.clear();
        self
    }

    /// Whether any word was.
    pub(super) fn is_begun(&self) -> bool {
        self.words.iter().any(|(_, heard)| *heard)
    }
}

/// What came out of the loudspeaker, with its loud blocks.
struct Track {
    samples: Vec<f32>,
    is_loud: Vec<bool>,
}

impl Track {
    fn new(mulaw: &[u8]) -> Self {
        let samples: Vec<f32> = mulaw::decode(mulaw).into_iter().map(f32::from).collect();
        let is_loud = samples.chunks(BLOCK).map(|block| rms(block) >= LEAST_TRACK_RMS).collect();
        Self { samples, is_loud }
    }

    fn get(&self, from: usize, length: usize) -> Option<&[f32]> {
        self.samples.get(from..from + length)
    }
}

/// Finds each sentence in the track, in the order in which they were made. `made` tells the track's ms at which each
/// was: it was not heard before.
pub(super) fn find(spoken: &[Spoken], made: &[u64], track: &[u8]) -> Vec<HeardSentence> {
    let track = Track::new(track);
    let mut from = 0;
    let heard = spoken.iter().zip(made).map(|(spoken, made)| {
        let sentence = listen(spoken, &track, from.max(*made as usize * BYTES_PER_MS));
        if let Some((last, _)) = sentence.blocks.last() {
            from = *last as usize * BYTES_PER_MS;
        }
        sentence
    });
    heard.collect()
}

/// Where in the track, from a sample on, the end of `sound` (µ-law) was heard: the sample behind it.
pub(super) fn find_end(sound: &[u8], track: &[u8], from: usize) -> Option<usize> {
    let sound: Vec<f32> = mulaw::decode(sound).into_iter().map(f32::from).collect();
    // The last block that is loud enough to be known again.
    let end = (1..=sound.len() / BLOCK).rev().map(|blocks| blocks * BLOCK).find(|end| {
        end.checked_sub(ANCHOR)
            .is_some_and(|start| sound.get(start..*end).is_some_and(|anchor| rms(anchor) >= LEAST_RMS))
    })?;
    let anchor = sound.get(end.checked_sub(ANCHOR)?..end)?;
    let track = Track::new(track.get(from..)?);
    search(anchor, &track, 0..track.samples.len()).map(|place| from + place + ANCHOR + (sound.len() - end))
}

/// Its words in the track from a sample on. What is found first is seldom the beginning, which is soft, so once a place
/// is known the sentence is listened to again from there.
fn listen(spoken: &Spoken, track: &Track, from: usize) -> HeardSentence {
    let sound: Vec<f32> = mulaw::decode(&spoken.mulaw).into_iter().map(f32::from).collect();
    match follow(spoken, &sound, track, from, None) {
        (_, Some(shift)) => {
            let sentence = follow(spoken, &sound, track, from, Some(shift)).0;
            if sentence.begins() { sentence } else { sentence.unheard() }
        }
        (sentence, None) => sentence,
    }
}

/// Follows the sentence through the track, from where it is expected if that is known; with where it was first found,
/// as the track's sample for the sound's first.
fn follow(
    spoken: &Spoken,
    sound: &[f32],
    track: &Track,
    from: usize,
    expected: Option<isize>,
) -> (HeardSentence, Option<isize>) {
    let mut first = None;
    let mut blocks = Vec::new();
    let mut words = Vec::new();
    let mut shift = expected;
    let mut earliest = from;
    for word in &spoken.words {
        let (mut loud, mut heard) = (0_usize, 0_usize);
        let mut searches = SEARCHES;
        for start in (word.from..word.to.saturating_sub(BLOCK)).step_by(BLOCK) {
            let Some(block) = sound.get(start..start + BLOCK) else { break };
            if rms(block) < LEAST_RMS {
                continue;
            }
            loud += 1;
            let expected = shift.and_then(|shift| start.checked_add_signed(shift));
            let fits =
                |place: usize| track.get(place, BLOCK).is_some_and(|heard| correlation(block, heard) >= SAME);
            let place = match expected.filter(|&place| fits(place)) {
                Some(place) => Some(place),
                None => {
                    let anchor = sound.get(start..start + ANCHOR).filter(|anchor| rms(anchor) >= ANCHOR_RMS);
                    let anchor = anchor.filter(|_| searches > 0);
                    let beside = anchor.zip(expected).and_then(|(anchor, at)| near(anchor, track, at));
                    searches -= usize::from(anchor.is_some());
                    let most = if shift.is_some() { MOST_BETWEEN } else { MOST_BEFORE };
                    let within = earliest..reach(track, earliest, most);
                    beside.or_else(|| anchor.and_then(|anchor| search(anchor, track, within)))
                }
            };
            if let Some(place) = place {
                shift = Some(place as isize - start as isize);
                first = first.or(shift);
                earliest = place;
                searches = SEARCHES;
                heard += 1;
                let level = track.get(place, BLOCK).map_or(0.0, rms);
                blocks.push(((place / BYTES_PER_MS) as u64, 20.0 * (level / rms(block)).log10()));
            }
        }
        words.push((word.word.clone(), loud > 0 && heard * 2 >= loud));
    }
    (HeardSentence { text: spoken.text.clone(), words, blocks }, first)
}

/// The place nearest to where the anchor is expected at which the track goes along with it best.
fn near(anchor: &[f32], track: &Track, at: usize) -> Option<usize> {
    let places = at.saturating_sub(SPLICE)..=at + SPLICE;
    let fit = |place: usize| Some((place, correlation(anchor, track.get(place, anchor.len())?)));
    let best = places.filter_map(fit).max_by(|a, b| a.1.total_cmp(&b.1));
    best.filter(|(_, fit)| *fit >= LIKELY).map(|(place, _)| place)
}

/// Up to where something that goes on from a place can be: many other sounds must not lie between.
fn reach(track: &Track, from: usize, most: usize) -> usize {
    let loud = track.is_loud.iter().enumerate().skip(from / BLOCK).filter(|(_, loud)| **loud);
    loud.map(|(block, _)| block * BLOCK).nth(most).unwrap_or(track.samples.len())
}

/// The first place at which the track goes along with the anchor.
fn search(anchor: &[f32], track: &Track, within: Range<usize>) -> Option<usize> {
    // Half of an anchor lies in a block of its own at least.
    let is_loud = |place: usize| track.is_loud.get(place / BLOCK + 2).is_some_and(|&loud| loud);
    within.filter(|&place| is_loud(place)).find(|&place| {
        let Some(heard) = track.get(place, anchor.len()) else { return false };
        // Most places differ at the first glance: signs cost nothing.
        let glance = anchor.iter().zip(heard).step_by(9).take(24);
        let differ = glance.filter(|(a, b)| (a.abs() > 400.0) && ((**a > 0.0) != (**b > 0.0))).count();
        differ <= 2 && correlation(anchor, heard) >= SURE
    })
}

fn rms(samples: &[f32]) -> f32 {
    (samples.iter().map(|sample| sample * sample).sum::<f32>() / samples.len().max(1) as f32).sqrt()
}

fn correlation(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let norm = (dot(a, a) * dot(b, b)).sqrt();
    if norm > 0.0 { dot(a, b) / norm } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use moked_core::audio::SILENCE;

    use super::*;
    use crate::eval::world::SpokenWord;
    use crate::soak::dice::Dice;

    /// Three words of 200 ms, each a rough hum of its own.
    fn sentence() -> Spoken {
        let mut dice = Dice::new(5);
        let (mut samples, mut words) = (Vec::new(), Vec::new());
        for name in ["one", "two", "three"] {
            let from = samples.len();
            let mut last = 0.0_f32;
            samples.extend((0..1_600).map(|n| {
                last = 0.8 * last + (dice.below(4_000) as f32 - 2_000.0);
                (last + 3_000.0 * (n as f32 * 0.1).sin()) as i16
            }));
            words.push(SpokenWord { word: name.to_owned(), from, to: samples.len() });
            samples.resize(samples.len() + 320, 0);
        }
        Spoken { text: "one two three".into(), mulaw: mulaw::encode(&samples), words, at: Instant::now() }
    }

    fn heard_words(track: &[u8]) -> Vec<bool> {
        find(&[sentence()], &[0], track)[0].words.iter().map(|(_, heard)| *heard).collect()
    }

    #[test]
    fn a_sentence_is_found_at_its_place_and_its_level() {
        let spoken = sentence();
        let softer: Vec<i16> = mulaw::decode(&spoken.mulaw).into_iter().map(|sample| sample / 4).collect();
        let track = [vec![SILENCE; 808], mulaw::encode(&softer)].concat();
        let found = find(&[spoken], &[0], &track).remove(0);
        assert!(found.is_whole());
        let (first, gain) = found.blocks[0];
        assert!((100..=102).contains(&first), "{first}");
        assert!((gain + 12.0).abs() < 0.7, "{gain}");
    }

    #[test]
    fn what_was_cut_off_is_not_heard_and_what_was_said_again_is() {
        let spoken = sentence().mulaw;
        let word_and_a_bit = &spoken[..1_920 + 500];
        assert_eq!(heard_words(word_and_a_bit), [true, false, false]);
        let hole = [&spoken[..1_920], &[SILENCE; 4_000], &spoken[1_920..]].concat();
        assert_eq!(heard_words(&hole), [true, true, true]);
        assert_eq!(heard_words(&[SILENCE; 16_000]), [false, false, false]);
    }

    #[test]
    fn a_word_of_a_later_sentence_is_not_taken_for_one_that_was_cut_off() {
        let spoken = sentence();
        let words = |range: Range<usize>| &spoken.mulaw[range];
        let mut other = sentence();
        let hum: Vec<i16> = (0..4_000).map(|n| (4_000.0 * (n as f32 * 0.3).sin()) as i16).collect();
        other.mulaw = [mulaw::encode(&hum).as_slice(), words(3_840..5_760)].concat();
        other.words = vec![
            SpokenWord { word: "la".into(), from: 0, to: 4_000 },
            SpokenWord { word: "three".into(), from: 4_000, to: 5_600 },
        ];
        let track = [words(0..1_920), &[SILENCE; 2_000], other.mulaw.as_slice()].concat();
        let found = find(&[spoken.clone(), other], &[0, 0], &track);
        let heard = |place: usize| found[place].words.iter().map(|(_, heard)| *heard).collect::<Vec<_>>();
        assert_eq!((heard(0), heard(1)), (vec![true, false, false], vec![true, true]));
    }

    #[test]
    fn the_end_of_a_word_is_found() {
        let spoken = sentence();
        let word = &spoken.words[1];
        let sound = &spoken.mulaw[word.from..word.to];
        let track = [vec![SILENCE; 500], spoken.mulaw.clone()].concat();
        assert_eq!(find_end(sound, &track, 0), Some(500 + word.to));
        assert_eq!(find_end(sound, &track[..2_000], 0), None);
    }
}
