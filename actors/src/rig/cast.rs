//! Engines for a test in one line each, and ways for a stage to die.

use moked_core::restart::Child;
use moked_providers::scripted::{ScriptedEars, ScriptedMind, ScriptedVoice, Thinking};

use super::Rig;

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

/// Who dies, and how.
pub(crate) type Death = (Child, fn(&Rig, Child));

/// Each stage of three hops, and those of which an engine or a clock goes along.
pub(crate) const DEATHS: [Death; 6] = [
    (Child::Stt, Rig::kill),
    (Child::Dialog, Rig::kill),
    (Child::Dialog, Rig::kill_with_engine),
    (Child::Tts, Rig::kill),
    (Child::Pacer, Rig::kill),
    (Child::Pacer, Rig::kill_with_engine),
];
