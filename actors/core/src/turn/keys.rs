//! Keys that make up an answer.
//!
//! `#` completes it, and so does a pause. Where one key is a whole answer (yes or no, a choice, a lone `*`
//! for "skip this"), it does not wait. A telephone number may be begun by voice and finished on the keys, or the
//! other way round: both are one answer.

use std::time::Duration;

use crate::hints::{RecognitionHints, SlotKind};
use crate::receptionist::understand::{digits_of, words};

/// Settings of the keypad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySettings {
    /// Pause after a key that completes the answer.
    pub gap: Duration,
}

impl Default for KeySettings {
    fn default() -> Self {
        Self { gap: Duration::from_millis(2_500) }
    }
}

/// Most keys of one answer; a jammed key or a tone in music must not grow it for ever.
const MOST_KEYS: usize = 32;

/// The keys pressed so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    pressed: String,
}

impl Keys {
    /// Takes a key; says whether the answer is complete.
    pub(super) fn press(&mut self, key: char, expected: &RecognitionHints) -> bool {
        match key {
            '#' => return true,
            '0'..='9' | '*' if self.pressed.len() < MOST_KEYS => self.pressed.push(key),
            _ => {}
        }
        self.pressed == "*" || is_one_key_answer(expected) && !self.pressed.is_empty()
    }

    /// The pause that completes the answer. Where one key may be all of it but need not (yes or no, or a
    /// corrected number), a lone key waits half as long.
    pub(super) fn gap(&self, settings: KeySettings, expected: &RecognitionHints) -> Duration {
        let may_be_one = expected.kinds.iter().any(|kind| is_one_key(*kind));
        if may_be_one && self.pressed.len() == 1 { settings.gap / 2 } else { settings.gap }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.pressed.is_empty()
    }

    /// The keys, after the digits that were spoken before them.
    pub(super) fn take_after(&mut self, spoken: &str, expected: &RecognitionHints) -> String {
        let pressed = std::mem::take(&mut self.pressed);
        match spoken_digits(spoken, expected) {
            Some(digits) if is_digits(&pressed) => digits + &pressed,
            Some(_) | None => pressed,
        }
    }

    /// The keys with the digits that were spoken after them, if they make up one number.
    pub(super) fn then_spoken(&self, spoken: &str, expected: &RecognitionHints) -> Option<String> {
        let digits = spoken_digits(spoken, expected).filter(|_| is_digits(&self.pressed))?;
        Some(format!("{}{digits}", self.pressed))
    }

    pub(super) fn clear(&mut self) {
        self.pressed.clear();
    }
}

fn is_digits(pressed: &str) -> bool {
    !pressed.is_empty() && pressed.bytes().all(|key| key.is_ascii_digit())
}

/// The digits in the words, where digits are dictated.
fn spoken_digits(spoken: &str, expected: &RecognitionHints) -> Option<String> {
    expected.kinds.contains(&SlotKind::Phone).then(|| digits_of(&words(spoken))).flatten()
}

fn is_one_key_answer(expected: &RecognitionHints) -> bool {
    !expected.kinds.is_empty() && expected.kinds.iter().all(|kind| is_one_key(*kind))
}

fn is_one_key(kind: SlotKind) -> bool {
    match kind {
        SlotKind::YesNo | SlotKind::Choice => true,
        SlotKind::Name
        | SlotKind::Phone
        | SlotKind::Number
        | SlotKind::Date
        | SlotKind::Time
        | SlotKind::FreeText => false,
    }
}
