//! What was in the caller's ear: read from the line, letter by letter.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use moked_core::audio::BYTES_PER_MS;

use super::engines::{LETTER, TONE, letter};
use crate::messages::LineOrder;
use crate::rig::Rig;

/// Letters, and when each began to sound.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heard(Vec<(Instant, char)>);

/// A word for the count of losses: where it was first heard in full, and how often.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word {
    pub(crate) first: Instant,
    pub(crate) times: usize,
}

impl Heard {
    pub(crate) fn text(&self) -> String {
        self.0.iter().map(|(_, letter)| *letter).collect()
    }

    /// When the last letter began.
    pub(crate) fn last(&self) -> Option<Instant> {
        self.0.last().map(|(at, _)| *at)
    }

    /// The words of a list that were heard.
    pub(crate) fn words<'a>(&self, list: &[&'a str]) -> BTreeMap<&'a str, Word> {
        let text = self.text();
        let found = list.iter().filter_map(|word| {
            let mut places = text.match_indices(word);
            let (place, _) = places.next()?;
            let (first, _) = self.0[place];
            Some((*word, Word { first, times: 1 + places.count() }))
        });
        found.collect()
    }
}

/// What the caller of a call has heard so far.
pub(crate) fn heard(call: &Rig) -> Heard {
    let deaths = call.deaths();
    let mut deaths = deaths.iter().copied().peekable();
    let mut played = Played::default();
    for (at, order) in call.log() {
        while let Some(death) = deaths.next_if(|death| *death <= at) {
            played.silence(death);
        }
        match order {
            LineOrder::Media(mulaw) => played.play(&mulaw, at),
            LineOrder::Clear => played.silence(at),
            LineOrder::Mark(_) | LineOrder::Close(_) => {}
        }
    }
    deaths.for_each(|death| played.silence(death));
    played.read()
}

/// Audio in the order it is played: the carrier's buffer, as it plays it.
#[derive(Default)]
struct Played {
    pieces: Vec<(Instant, Vec<u8>)>,
    drained: Option<Instant>,
}

impl Played {
    fn play(&mut self, mulaw: &[u8], at: Instant) {
        let begins = self.drained.map_or(at, |drained| drained.max(at));
        self.drained = Some(begins + Duration::from_micros(mulaw.len() as u64 * 125));
        self.pieces.push((begins, mulaw.to_vec()));
    }

    fn silence(&mut self, at: Instant) {
        self.pieces.retain(|(begins, _)| *begins < at);
        if let Some((begins, mulaw)) = self.pieces.last_mut() {
            mulaw.truncate(at.duration_since(*begins).as_millis() as usize * BYTES_PER_MS);
        }
        self.drained = self.drained.map(|drained| drained.min(at));
    }

    fn read(&self) -> Heard {
        let mut runs: Vec<(Instant, Option<char>, usize)> = Vec::new();
        for (begins, mulaw) in &self.pieces {
            for (index, tone) in mulaw.chunks(TONE).enumerate() {
                let letter = letter(tone);
                match runs.last_mut() {
                    Some((_, last, length)) if *last == letter => *length += TONE,
                    _ => runs.push((*begins + Duration::from_millis(index as u64), letter, TONE)),
                }
            }
        }
        let letters = runs.into_iter().flat_map(|(at, letter, length)| {
            let count = (length + LETTER / 2) / LETTER;
            let at = move |place| at + Duration::from_millis(place as u64 * 50);
            letter.into_iter().flat_map(move |letter| (0..count).map(move |place| (at(place), letter)))
        });
        Heard(letters.collect())
    }
}
