//! Deepgram: ears by `listen` (Hebrew and English) and by Flux (English, with turns of its own), and a voice
//! in English.

pub mod ears;
pub mod flux;
pub mod voice;
