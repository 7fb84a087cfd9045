//! Cartesia: a voice in Hebrew and English that tells when each word is spoken.

pub mod voice;
