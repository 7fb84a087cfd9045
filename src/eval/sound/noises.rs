//! Coughs, doors and whatever else sounds beside a caller.

use std::f32::consts::TAU;

use super::{VOICE_DBFS, leveled};
use crate::eval::kit::Renderer;
use crate::eval::scenario::{Noise, Sound};
use crate::soak::dice::Dice;

/// Samples a millisecond.
const MS: usize = 8;

/// What people behind the caller talk about: enough of it that nobody hears the same twice in a call.
const TALK: [&str; 3] = [
    "and now the weather for the weekend, it will be warm and dry along the coast with a light wind from the west",
    "so i told her that we would never find a place to park there on a friday, and of course we did not",
    "the match ended two to one, after a first half in which neither side found much room to play",
];

/// A sound at its natural level beside a caller's voice: hits are louder than it, people in other rooms softer.
pub(in crate::eval) fn sound(sound: Sound, dice: &mut Dice, voice: &Renderer) -> Vec<f32> {
    let (samples, over_voice_db) = match sound {
        Sound::Cough => (cough(dice), 4.0),
        Sound::Door => (door(dice), 4.0),
        Sound::Click => (burst(dice, 30, 6.0, 0.0), 2.0),
        Sound::Breath => (breath(dice), -14.0),
        Sound::Hiss => (hiss(dice, 1_000 * MS), -18.0),
        Sound::Tv => (cut(tv(dice, voice), 2_000), -20.0),
        Sound::Babble => (cut(babble(dice, voice), 2_000), -16.0),
    };
    leveled(samples, VOICE_DBFS + over_voice_db)
}

/// Noise that is played around and around, at `dbfs`.
pub(in crate::eval) fn background(noise: Noise, dbfs: f32, dice: &mut Dice, voice: &Renderer) -> Vec<f32> {
    let samples = match noise {
        Noise::White => hiss(dice, 4_000 * MS),
        Noise::Babble => babble(dice, voice),
        Noise::Tv => tv(dice, voice),
    };
    leveled(samples, dbfs)
}

fn white(dice: &mut Dice) -> f32 {
    dice.below(20_001) as f32 - 10_000.0
}

fn hiss(dice: &mut Dice, samples: usize) -> Vec<f32> {
    (0..samples).map(|_| white(dice)).collect()
}

/// Noise that dies away: by 1/e in a `fall`th of its length. `dull` takes treble away, 0 to 1.
fn burst(dice: &mut Dice, ms: usize, fall: f32, dull: f32) -> Vec<f32> {
    let length = ms * MS;
    let mut last = 0.0;
    let shaped = (0..length).map(|place| {
        last = dull * last + (1.0 - dull) * white(dice);
        last * (-fall * place as f32 / length as f32).exp()
    });
    shaped.collect()
}

/// The lungs' burst, a gap, and the weaker one after it.
fn cough(dice: &mut Dice) -> Vec<f32> {
    let first = burst(dice, 110, 4.0, 0.45);
    let second = burst(dice, 130, 3.5, 0.6).into_iter().map(|sample| sample * 0.5).collect();
    [first, vec![0.0; 40 * MS], second].concat()
}

/// A thump near 90 Hz with the rattle of the lock.
fn door(dice: &mut Dice) -> Vec<f32> {
    let rattle = burst(dice, 350, 12.0, 0.3);
    let thump = (0..350 * MS).map(|place| {
        let t = place as f32 / 8_000.0;
        12_000.0 * (TAU * 90.0 * t).sin() * (-9.0 * t).exp()
    });
    thump.zip(rattle).map(|(thump, rattle)| thump + rattle).collect()
}

/// Hiss that swells and dies.
fn breath(dice: &mut Dice) -> Vec<f32> {
    let length = 600 * MS;
    let hiss = burst(dice, 600, 0.0, 0.5).into_iter().enumerate();
    hiss.map(|(place, sample)| sample * (TAU * 0.5 * place as f32 / length as f32).sin()).collect()
}

fn talk(dice: &mut Dice, voice: &Renderer, which: usize) -> Vec<f32> {
    let text = TALK.get(which % TALK.len()).copied().unwrap_or_default();
    let mut samples: Vec<f32> = voice(text).into_iter().map(f32::from).collect();
    let turn = dice.below(samples.len().max(1) as u64) as usize;
    samples.rotate_left(turn);
    samples
}

/// One voice through a wall: without its treble.
fn tv(dice: &mut Dice, voice: &Renderer) -> Vec<f32> {
    let which = dice.below(TALK.len() as u64) as usize;
    let mut last = 0.0;
    let through = |sample: f32| {
        last = 0.75 * last + 0.25 * sample;
        last
    };
    talk(dice, voice, which).into_iter().map(through).collect()
}

/// Six voices, the three talks twice.
fn babble(dice: &mut Dice, voice: &Renderer) -> Vec<f32> {
    let voices: Vec<Vec<f32>> = (0..6).map(|which| talk(dice, voice, which)).collect();
    let length = voices.iter().map(Vec::len).min().unwrap_or_default();
    let sum = |place: usize| voices.iter().filter_map(|voice| voice.get(place)).sum();
    (0..length).map(sum).collect()
}

fn cut(mut samples: Vec<f32>, ms: usize) -> Vec<f32> {
    samples.truncate(ms * MS);
    samples
}
