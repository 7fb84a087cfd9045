//! What the caller says, ready to be sent: its sound, and when each word of it is over.

use std::path::Path;

use super::noises::sound;
use super::{VOICE_DBFS, factor, leveled};
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
    /// Words that the ear hears, each with the sample at which it is over.
    pub(in crate::eval) words: Vec<(usize, String)>,
    /// First and last audible sample.
    pub(in crate::eval) audible: (usize, usize),
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
    let (samples, heard) = match act {
        Act::Says { pieces, heard } => (leveled(said(pieces, voice), VOICE_DBFS + db), heard),
        Act::Plays { wav, heard } => (leveled(played(wav)?, VOICE_DBFS + db), heard),
        Act::Sounds { sound: which, heard } => {
            let by = factor(db);
            (sound(*which, dice, voice).into_iter().map(|sample| sample * by).collect(), heard)
        }
        Act::Presses(_)
        | Act::HangsUp
        | Act::Stalls(_)
        | Act::DropsStream
        | Act::IsTransferred(_)
        | Act::Waits => return Ok(None),
    };
    let spans = voiced::spans(&super::clipped(&samples));
    let sample = |ms: u64| ms as usize * moked_core::audio::BYTES_PER_MS;
    let audible = match (spans.first(), spans.last()) {
        (Some(first), Some(last)) => (sample(first.from_ms), sample(last.to_ms).min(samples.len())),
        _ => (0, samples.len()),
    };
    let words = spread(heard, &spans);
    Ok(Some(Utterance { samples, words, audible }))
}

/// Pieces in a row, without the silence around each.
fn said(pieces: &[Piece], voice: &Renderer) -> Vec<f32> {
    let mut samples = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Words(words) => samples.extend(trimmed(voice(words))),
            Piece::Pause(ms) => {
                samples.resize(samples.len() + *ms as usize * moked_core::audio::BYTES_PER_MS, 0.0);
            }
        }
    }
    samples
}

fn trimmed(samples: Vec<i16>) -> Vec<f32> {
    let spans = voiced::spans(&samples);
    let (Some(first), Some(last)) = (spans.first(), spans.last()) else { return Vec::new() };
    let sample = |ms: u64| ms as usize * moked_core::audio::BYTES_PER_MS;
    let end = sample(last.to_ms).min(samples.len());
    samples.get(sample(first.from_ms)..end).unwrap_or_default().iter().copied().map(f32::from).collect()
}

fn played(wav: &Path) -> Result<Vec<f32>, WavError> {
    Ok(read_wav(wav)?.into_iter().map(f32::from).collect())
}

/// The words over the audible time, each as long as it has letters.
fn spread(heard: &str, spans: &[voiced::Span]) -> Vec<(usize, String)> {
    let letters: usize = heard.split_whitespace().map(|word| word.chars().count()).sum();
    let audible: u64 = spans.iter().map(|span| span.to_ms - span.from_ms).sum();
    let mut before = 0;
    let words = heard.split_whitespace().map(|word| {
        before += word.chars().count();
        let mut left = audible * before as u64 / letters.max(1) as u64;
        let mut at = spans.last().map_or(0, |span| span.to_ms);
        for span in spans {
            let length = span.to_ms - span.from_ms;
            if left <= length {
                at = span.from_ms + left;
                break;
            }
            left -= length;
        }
        (at as usize * moked_core::audio::BYTES_PER_MS, word.to_owned())
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::eval::sound::active_dbfs;

    #[test]
    fn words_end_where_their_letters_do_and_pauses_hold_none() {
        let voice: Renderer = Arc::new(|text: &str| {
            let tone = (0..text.len() * 800).map(|n| if (n / 8) % 2 == 0 { 5_000 } else { -5_000 });
            [vec![0; 400], tone.collect(), vec![0; 400]].concat()
        });
        let pieces = vec![Piece::Words("ab".into()), Piece::Pause(500), Piece::Words("cd".into())];
        let act = Act::Says { pieces, heard: "aa bb".into() };
        let utterance = utterance(&act, 0.0, &mut Dice::new(1), &voice).unwrap().unwrap();
        assert_eq!(utterance.samples.len(), (200 + 500 + 200) * 8);
        assert_eq!(utterance.audible, (0, 900 * 8));
        assert_eq!(utterance.words, [(200 * 8, "aa".to_owned()), (900 * 8, "bb".to_owned())]);
        assert!((active_dbfs(&utterance.samples) - VOICE_DBFS).abs() < 0.1);
    }
}
