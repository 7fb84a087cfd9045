//! Engines that do what a test tells them: no model, no thread, no time of their own.
//!
//! Every fact goes through the sink before the call that causes it returns, so a test decides the order of
//! everything. Each engine takes what it shall do from a script, one step an utterance or turn, and records
//! what it was asked. They serve both languages.

mod conversing;
mod ears;
mod mind;
mod voice;
mod voice_activity;

pub use conversing::{Conversing, ScriptedConversation, Told};
pub use ears::{Hearing, ScriptedEars};
pub use mind::{ScriptedMind, Thinking};
pub use voice::{ScriptedVoice, Speaking};
pub use voice_activity::ScriptedVoiceActivity;

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use moked_core::language::Language;

/// What all scripted engines serve.
const LANGUAGES: [Language; 2] = [Language::English, Language::Hebrew];

/// Locks even after a panic: scripts may order one, and the record before it stays good.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The next step of a script.
fn next<T>(script: &Mutex<VecDeque<T>>) -> Option<T> {
    lock(script).pop_front()
}
