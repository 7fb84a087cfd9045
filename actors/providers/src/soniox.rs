//! Soniox: ears and a voice in Hebrew and English, µ-law both ways.

pub mod ears;
pub mod voice;
