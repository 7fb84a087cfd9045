//! Engines for a test in one line each.

use moked_providers::scripted::{ScriptedEars, ScriptedMind, ScriptedVoice, Thinking};

/// 50 ms a character: "Hello there." is 600 ms.
pub(crate) fn voice() -> ScriptedVoice {
    ScriptedVoice::new(50)
}

/// A mind that says these, one a turn.
pub(crate) fn says(answers: &[&str]) -> ScriptedMind {
    ScriptedMind::new(answers.iter().map(|answer| Thinking::says(*answer)))
}

/// An ear that hears these, one an utterance.
pub(crate) fn hears(texts: &[&str]) -> ScriptedEars {
    ScriptedEars::hearing(texts.iter().copied())
}
