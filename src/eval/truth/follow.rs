//! A sentence followed through the track, block by block.

use super::track::{ANCHOR, BLOCK, LEAST_RMS, Track, rms};

/// Beginnings softer than this are not searched for: in noise of companding everything goes along with them.
const ANCHOR_RMS: f32 = 1_000.0;

/// How far behind its first sound a sentence is searched for, samples: beyond a fade.
const BEGINNING: usize = 20 * BLOCK;

/// Blocks that make a stretch: of less no word was heard, and sounds of a voice recur.
const LEAST_STRETCH: usize = 10;

/// Correlation of a block with itself, after companding and fading.
const SAME: f32 = 0.9;

/// A splice moves what follows it by less than this, samples: 8 ms.
const SPLICE: usize = 64;

/// Loud blocks in a row that do not fit and are passed over: soft ones drown in companding while the agent is ducked.
const MOST_ODD: usize = 6;

/// Loud blocks in a row of which nothing sounds where the line was cut, behind the one in which it was.
const SILENT: usize = 3;

/// Blocks that must fit behind a hole.
const LEAST_BEHIND: usize = 12;

/// A stretch that was heard without a break.
#[derive(Debug, Clone)]
pub(super) struct Run {
    /// Pairs: the sentence's sample, and the track's that goes with it.
    pub(super) blocks: Vec<(usize, usize)>,
    /// How it ends.
    ending: Ending,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// The sentence is over.
    Whole,
    /// The line fell silent at this sample of the sentence.
    Silence(usize),
    /// Something else sounds there.
    Other,
}

impl Run {
    /// Whether it ends as a sentence does that was really said.
    pub(super) fn is_believed(&self) -> bool {
        self.ending != Ending::Other && self.blocks.len() >= LEAST_STRETCH
    }

    /// The track's sample at which it begins.
    pub(super) fn begin(&self) -> usize {
        self.blocks.first().map_or(0, |(_, place)| *place)
    }

    /// The track's sample behind it.
    pub(super) fn end(&self) -> usize {
        self.blocks.last().map_or(0, |(_, place)| place + BLOCK)
    }
}

/// Where a sentence is loud enough to be searched for, at its beginning: its very first sound may lie in a fade.
pub(super) fn beginnings(sound: &[f32]) -> impl Iterator<Item = usize> {
    let first = loud_from(sound, 0);
    let end = first.unwrap_or_default() + BEGINNING;
    let later = move |begin: usize| loud_from(sound, begin + ANCHOR / 2);
    std::iter::successors(first, move |begin| later(*begin)).take_while(move |begin| *begin < end)
}

fn loud_from(sound: &[f32], from: usize) -> Option<usize> {
    let mut starts = (from.next_multiple_of(BLOCK)..sound.len()).step_by(BLOCK);
    let anchor = |start: usize| sound.get(start..(start + ANCHOR).min(sound.len())).unwrap_or_default();
    starts.find(|&start| anchor(start).len() >= ANCHOR / 2 && rms(anchor(start)) >= ANCHOR_RMS)
}

/// Follows a sentence from one of its samples, which was heard at a place.
pub(super) fn follow(sound: &[f32], track: &Track, begins: usize, place: usize) -> Run {
    let mut shift = place as isize - begins as isize;
    // What lies before the place and was too soft to be searched for.
    let mut blocks: Vec<(usize, usize)> = (0..begins / BLOCK)
        .map(|block| block * BLOCK)
        .filter_map(|start| Some((start, start.checked_add_signed(shift)?)))
        .filter(|&(start, place)| fits(sound, track, start, place))
        .collect();
    let mut odd = 0;
    for start in (begins..sound.len().saturating_sub(BLOCK - 1)).step_by(BLOCK) {
        let Some(block) = sound.get(start..start + BLOCK) else { break };
        let Some(expected) = start.checked_add_signed(shift) else { break };
        if rms(block) < LEAST_RMS {
            continue;
        }
        if fits(sound, track, start, expected) {
            blocks.push((start, expected));
            odd = 0;
        } else if let Some(place) = spliced(sound, track, start, expected) {
            shift = place as isize - start as isize;
            blocks.push((start, place));
            odd = 0;
        } else if is_cut(sound, track, start, shift) {
            return Run { blocks, ending: Ending::Silence(start) };
        } else {
            odd += 1;
            if odd > MOST_ODD {
                return Run { blocks, ending: Ending::Other };
            }
        }
    }
    Run { blocks, ending: Ending::Whole }
}

/// Where a sentence goes on after a hole in the line, if it does before a sample of the track.
pub(super) fn resume(sound: &[f32], track: &Track, before: &Run, until: usize) -> Option<Run> {
    let Ending::Silence(at) = before.ending else { return None };
    // Of the block in which the line fell silent a part was heard before.
    let begins = loud_from(sound, at + BLOCK)?;
    let anchor = sound.get(begins..(begins + ANCHOR).min(sound.len()))?;
    let runs = track.places(anchor, before.end()..until).map(|place| follow(sound, track, begins, place));
    let is_it = |run: &Run| {
        let behind = run.blocks.iter().filter(|(start, _)| *start >= begins).count();
        run.is_believed() && (behind >= LEAST_BEHIND || run.ending == Ending::Whole)
    };
    let mut run = runs.into_iter().find(is_it)?;
    run.blocks.retain(|(start, _)| *start >= at);
    Some(run)
}

fn fits(sound: &[f32], track: &Track, start: usize, place: usize) -> bool {
    sound
        .get(start..start + BLOCK)
        .is_some_and(|block| rms(block) >= LEAST_RMS && track.fit(block, place) >= SAME)
}

/// Whether the line is silent from this block on, where the sentence is not.
fn is_cut(sound: &[f32], track: &Track, start: usize, shift: isize) -> bool {
    let starts = (start + BLOCK..sound.len().saturating_sub(BLOCK - 1)).step_by(BLOCK);
    let loud =
        starts.filter(|start| sound.get(*start..*start + BLOCK).is_some_and(|block| rms(block) >= LEAST_RMS));
    let places = loud.take(SILENT).filter_map(|start| start.checked_add_signed(shift));
    places.into_iter().all(|place| track.is_silent(place, BLOCK))
}

/// The place nearest to where the anchor is expected at which the track goes along with it best.
fn spliced(sound: &[f32], track: &Track, start: usize, expected: usize) -> Option<usize> {
    let anchor = sound.get(start..(start + ANCHOR / 2).min(sound.len()))?;
    let places = expected.saturating_sub(SPLICE)..=expected + SPLICE;
    let best = places.map(|place| (place, track.fit(anchor, place))).max_by(|a, b| a.1.total_cmp(&b.1));
    best.filter(|(_, fit)| *fit >= SAME).map(|(place, _)| place)
}
