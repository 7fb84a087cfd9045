//! What the caller really heard, found in what came out of his loudspeaker.
//!
//! The voice remembers the samples of each word it made. The ear's track is searched for the beginning of each sentence,
//! and the sentence followed from there block by block: a block counts as heard where the track goes up and down with
//! it, however loud, so that ducked speech is found and its level is known. The result owes nothing to what moked says
//! of itself.
//!
//! A voice of diphones says the same word alike in every sentence. So a place is only believed if the sentence goes on
//! from it as it should: to its end, or to where the line falls silent.

mod follow;
mod track;

use moked_core::audio::{BYTES_PER_MS, mulaw};

use super::world::Spoken;
use follow::{Run, beginnings, follow, resume};
use track::{ANCHOR, BLOCK, LEAST_RMS, Track, rms};

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

    /// Whether any word was.
    pub(super) fn is_begun(&self) -> bool {
        self.words.iter().any(|(_, heard)| *heard)
    }
}

/// The clock of the track and that of the voice may differ by less than this, ms.
const CLOCKS: u64 = 100;

/// Finds each sentence in the track, in the order in which they were made. `made` tells the track's ms at which each
/// was: it was not heard before.
pub(super) fn find(spoken: &[Spoken], made: &[u64], track: &[u8]) -> Vec<HeardSentence> {
    let track = Track::new(track);
    let sounds: Vec<Vec<f32>> = spoken.iter().map(samples).collect();
    let mut from = 0;
    let firsts = sounds.iter().zip(made).map(|(sound, made)| {
        let made = made.saturating_sub(CLOCKS) as usize * BYTES_PER_MS;
        let first = first_run(sound, &track, from.max(made));
        from = first.as_ref().map_or(from, Run::end);
        first
    });
    let firsts: Vec<Option<Run>> = firsts.collect();
    let heard = spoken.iter().zip(&sounds).enumerate().map(|(place, (spoken, sound))| {
        let mut runs: Vec<Run> = firsts.get(place).cloned().flatten().into_iter().collect();
        // Where the next sentence begins this one is over.
        let next = firsts.iter().skip(place + 1).flatten().next().map_or(track.len(), Run::begin);
        while let Some(run) = runs.last().and_then(|last| resume(sound, &track, last, next)) {
            runs.push(run);
        }
        heard(spoken, sound, &track, &runs)
    });
    heard.collect()
}

fn samples(spoken: &Spoken) -> Vec<f32> {
    mulaw::decode(&spoken.mulaw).into_iter().map(f32::from).collect()
}

/// Where in the track, from a sample on, the end of `sound` (µ-law) was heard: the sample behind it.
pub(super) fn find_end(sound: &[u8], track: &[u8], from: usize) -> Option<usize> {
    let sound: Vec<f32> = mulaw::decode(sound).into_iter().map(f32::from).collect();
    let length = sound.len().min(ANCHOR);
    // The last block that is loud enough to be known again.
    let end = (1..=sound.len() / BLOCK).rev().map(|blocks| blocks * BLOCK).find(|end| {
        let anchor = end.checked_sub(length).and_then(|start| sound.get(start..*end));
        anchor.is_some_and(|anchor| rms(anchor) >= LEAST_RMS)
    })?;
    let anchor = sound.get(end - length..end)?;
    let track = Track::new(track.get(from..)?);
    let place = track.places(anchor, 0..track.len()).next();
    place.map(|place| from + place + sound.len() - (end - length))
}

/// The first stretch of a sentence that was heard, from a sample of the track on.
fn first_run(sound: &[f32], track: &Track, from: usize) -> Option<Run> {
    beginnings(sound).find_map(|begins| {
        let anchor = sound.get(begins..(begins + ANCHOR).min(sound.len()))?;
        let runs = track.places(anchor, from..track.len()).map(|place| follow(sound, track, begins, place));
        runs.into_iter().find(Run::is_believed)
    })
}

fn heard(spoken: &Spoken, sound: &[f32], track: &Track, runs: &[Run]) -> HeardSentence {
    let pairs = || runs.iter().flat_map(|run| run.blocks.iter().copied());
    let words = spoken.words.iter().map(|word| {
        let is_loud =
            |start: &usize| sound.get(*start..*start + BLOCK).is_some_and(|block| rms(block) >= LEAST_RMS);
        // Blocks are counted from the sentence's first sample.
        let of_word = (word.from.next_multiple_of(BLOCK)..word.to.saturating_sub(BLOCK)).step_by(BLOCK);
        let loud = of_word.filter(is_loud).count();
        let heard = pairs().filter(|(start, _)| (word.from..word.to).contains(start)).count();
        (word.word.clone(), loud > 0 && heard * 2 >= loud)
    });
    let level = |(start, place): (usize, usize)| {
        let made = sound.get(start..start + BLOCK).map_or(0.0, rms);
        let heard = track.get(place, BLOCK).map_or(0.0, rms);
        ((place / BYTES_PER_MS) as u64, 20.0 * (heard / made).log10())
    };
    HeardSentence { text: spoken.text.clone(), words: words.collect(), blocks: pairs().map(level).collect() }
}

#[cfg(test)]
mod tests {
    use std::ops::Range;
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
    fn a_sentence_that_was_never_said_is_not_found_in_one_that_begins_with_the_same_word() {
        let said = sentence();
        let mut never = sentence();
        let hum: Vec<i16> = (0..4_000).map(|n| (4_000.0 * (n as f32 * 0.3).sin()) as i16).collect();
        never.mulaw = [&said.mulaw[..1_920], mulaw::encode(&hum).as_slice()].concat();
        never.words[1].to = never.mulaw.len();
        never.words.truncate(2);
        let track = said.mulaw.clone();
        let found = find(&[never, said], &[0, 0], &track);
        assert!(!found[0].is_begun() && found[1].is_whole());
    }

    #[test]
    fn a_sentence_that_swells_and_is_ducked_at_a_splice_is_followed() {
        let spoken = sentence();
        let mut samples = mulaw::decode(&spoken.mulaw);
        samples
            .iter_mut()
            .take(320)
            .enumerate()
            .for_each(|(n, sample)| *sample = *sample / 4 * (1 + n as i16 / 107));
        let later: Vec<i16> = samples.split_off(2_400).into_iter().map(|sample| sample / 4).collect();
        // What was played is said again for 3 ms.
        let again = samples[2_376..].to_vec();
        let track = mulaw::encode(&[samples, again, later].concat());
        let found = find(&[spoken], &[0], &track).remove(0);
        assert!(found.is_whole());
        let soft =
            found.blocks.iter().filter(|(at, db)| *at > 100 && *db < -11.0).map(|(at, _)| *at).min().unwrap();
        assert!((300..330).contains(&soft), "{soft}");
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
