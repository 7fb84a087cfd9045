//! ElevenLabs: ears (Scribe) and a voice, in Hebrew and English.

pub mod ears;
pub mod voice;
