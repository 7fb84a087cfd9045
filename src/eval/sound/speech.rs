//! What the caller says, ready to be sent: its sound, and when each word of it is over.

use std::path::Path;

use moked_core::audio::BYTES_PER_MS;

use super::noises::sound;
use super::{VOICE_DBFS, active_dbfs, factor, leveled};
use crate::caller::audio_in::{WavError, read_wav};
use crate::caller::voiced;
use crate::eval::kit::Renderer;
use crate::eval::scenario::{Act, Piece};
use crate::soak::dice::Dice;

/// A sound of the caller's.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::eval) struct Utterance {
    /// 8 kHz samples.
    pub(in crate::eval) samples: Vec<f32>,
    /// Words that the ear hears.
    pub(in crate::eval) words: Vec<Word>,
    /// First and last audible sample.
    pub(in crate::eval) audible: (usize, usize),
}

/// A word of an utterance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::eval) struct Word {
    /// The word.
    pub(in crate::eval) word: String,
    /// Its first sample.
    pub(in crate::eval) from: usize,
    /// The sample behind it.
    pub(in crate::eval) to: usize,
}

/// The sound of an act, `db` louder than usual; none if it has none.
///
/// # Errors
/// A recording cannot be played.
pub(in crate::eval) fn utterance(
    act: &Act,
    db: f32,
    dice: &mut Dice,
    voice: &Renderer,
) -> Result<Option<Utterance>, WavError> {
    let (samples, words) = match act {
        Act::Says { pieces, .. } => {
            let (samples, words) = said(pieces, voice);
            (leveled(samples, VOICE_DBFS + db), words)
        }
        Act::Plays { wav, heard } => {
            let samples = leveled(played(wav)?, VOICE_DBFS + db);
            let words = spread(heard, &samples);
            (samples, words)
        }
        Act::Sounds { sound: which, heard } => {
            let by = factor(db);
            let samples: Vec<f32> =
                sound(*which, dice, voice).into_iter().map(|sample| sample * by).collect();
            let words = spread(heard, &samples);
            (samples, words)
        }
        Act::Presses(_)
        | Act::HangsUp
        | Act::Stalls(_)
        | Act::DropsStream
        | Act::IsTransferred(_)
        | Act::Waits => return Ok(None),
    };
    let spans = voiced::spans(&super::clipped(&samples));
    let sample = |ms: u64| ms as usize * BYTES_PER_MS;
    let audible = match (spans.first(), spans.last()) {
        (Some(first), Some(last)) => (sample(first.from_ms), sample(last.to_ms).min(samples.len())),
        _ => (0, samples.len()),
    };
    Ok(Some(Utterance { samples, words, audible }))
}

/// Samples and their words.
type Said = (Vec<f32>, Vec<Word>);

/// Pieces in a row, without the silence around each.
fn said(pieces: &[Piece], voice: &Renderer) -> Said {
    let (mut samples, mut words) = (Vec::new(), Vec::new());
    for piece in pieces {
        match piece {
            Piece::Words { sound, heard } => {
                let sound = trimmed(voice(sound));
                let at = samples.len();
                let later = |word: Word| Word { from: at + word.from, to: at + word.to, ..word };
                words.extend(spread(heard, &sound).into_iter().map(later));
                samples.extend(sound);
            }
            Piece::Pause(ms) => {
                samples.resize(samples.len() + *ms as usize * BYTES_PER_MS, 0.0);
            }
        }
    }
    (samples, words)
}

/// Samples of a window: 10 ms.
const WINDOW: usize = 80;

/// How far below its active level speech still is speech, dB.
const BELOW_DB: f32 = 20.0;

/// From the first window that goes on as speech to the last that is. The embedded voice clicks before some words, up to
/// 200 ms ahead of them; nobody's lips do, and an onset is measured from there.
fn trimmed(samples: Vec<i16>) -> Vec<f32> {
    let samples: Vec<f32> = samples.into_iter().map(f32::from).collect();
    let least = active_dbfs(&samples) - BELOW_DB;
    let is_loud: Vec<bool> = samples.chunks(WINDOW).map(|window| active_dbfs(window) >= least).collect();
    let goes_on = |from: &usize| {
        let next = is_loud.get(*from..from + 10).unwrap_or_default();
        is_loud.get(*from) == Some(&true) && next.iter().filter(|&&loud| loud).count() >= 7
    };
    let first = (0..is_loud.len()).find(goes_on).unwrap_or_default() * WINDOW;
    let last = is_loud.iter().rposition(|&loud| loud).map_or(samples.len(), |last| (last + 1) * WINDOW);
    samples.get(first..last.min(samples.len())).unwrap_or_default().to_vec()
}

fn played(wav: &Path) -> Result<Vec<f32>, WavError> {
    Ok(read_wav(wav)?.into_iter().map(f32::from).collect())
}

/// The words over the audible time, each as long as it has letters.
fn spread(heard: &str, samples: &[f32]) -> Vec<Word> {
    let spans = voiced::spans(&super::clipped(samples));
    let letters: usize = heard.split_whitespace().map(|word| word.chars().count()).sum();
    let audible: u64 = spans.iter().map(|span| span.to_ms - span.from_ms).sum();
    let place = |before: usize| {
        let mut left = audible * before as u64 / letters.max(1) as u64;
        for span in &spans {
            let length = span.to_ms - span.from_ms;
            if left <= length {
                return (span.from_ms + left) as usize * BYTES_PER_MS;
            }
            left -= length;
        }
        spans.last().map_or(0, |span| span.to_ms as usize * BYTES_PER_MS)
    };
    let mut before = 0;
    let words = heard.split_whitespace().map(|word| {
        let from = place(before);
        before += word.chars().count();
        Word { word: word.to_owned(), from, to: place(before) }
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn words_end_where_their_letters_do_and_pauses_hold_none() {
        let voice: Renderer = Arc::new(|text: &str| {
            let tone = (0..text.len() * 800).map(|n| if (n / 8) % 2 == 0 { 5_000 } else { -5_000 });
            [vec![0; 400], tone.collect(), vec![0; 400]].concat()
        });
        let words = |sound: &str, heard: &str| Piece::Words { sound: sound.into(), heard: heard.into() };
        let pieces = vec![words("ab", "aa"), Piece::Pause(500), words("cd", "bb")];
        let act = Act::Says { pieces, heard: "aa bb".into() };
        let utterance = utterance(&act, 0.0, &mut Dice::new(1), &voice).unwrap().unwrap();
        assert_eq!(utterance.samples.len(), (200 + 500 + 200) * 8);
        assert_eq!(utterance.audible, (0, 900 * 8));
        let word =
            |word: &str, from: usize, to: usize| Word { word: word.into(), from: from * 8, to: to * 8 };
        assert_eq!(utterance.words, [word("aa", 0, 200), word("bb", 700, 900)]);
        assert!((active_dbfs(&utterance.samples) - VOICE_DBFS).abs() < 0.1);
    }
}
