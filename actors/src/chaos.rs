//! Faults against whole calls in virtual time: what a caller loses by them, to the word.
//!
//! The engines take their time as real ones do, so that a fault can fall into any state. The voice spells: each
//! letter is a tone of its own, so that the words in the caller's ear can be read from the line and not only from
//! moked's own books. The caller's words are measured likewise, by how much of his speech an ear was given.

mod drops;
mod engines;
mod heard;
mod matrix;
mod one_hop;
mod schedule;

pub(crate) use engines::{Answer, Mishap, Mishaps, SpellingVoice, TimedEars, TimedMind};
pub(crate) use heard::{Heard, heard};
pub(crate) use one_hop::TimedConversation;
