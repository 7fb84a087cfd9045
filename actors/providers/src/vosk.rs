//! vosk-server: small Kaldi models on one's own machine, without an account. No Hebrew model exists.

pub mod ears;

pub use ears::{VoskEars, VoskEarsOptions};
