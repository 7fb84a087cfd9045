//! Keys that make up an answer.
//!
//! `#` completes it, and so does a pause. Where one key is a whole answer (yes or no, a choice, a lone `*`
//! for "skip this"), it does not wait. A telephone number may be begun by voice and finished on the keys, or the
//! other way round: both are one answer.

use std::time::Duration;

use crate::endpointing::Entity;
use crate::hints::{RecognitionHints, SlotKind};
use crate::key_pattern::MOST_KEYS;
use crate::receptionist::understand::{digits_of, words};

/// What `#` or `*` does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyRole {
    /// It completes the answer.
    Finish,
    /// It is a part of the answer. A lone `*` is a whole one: "skip this".
    Digit,
    /// It takes back what was pressed.
    Clear,
    /// Nothing.
    Ignore,
}

/// Which keys stop the agent while it speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyInterrupt {
    /// Those of an answer that is due. Others are kept until it has spoken.
    Expected,
    /// All.
    Always,
    /// None.
    Never,
}

/// Settings of the keypad.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeySettings {
    /// Pause after a key that completes the answer.
    pub gap: Duration,
    /// What `#` does.
    pub hash: KeyRole,
    /// What `*` does.
    pub star: KeyRole,
    /// Which keys stop the agent.
    pub interrupt: KeyInterrupt,
}

impl KeySettings {
    /// What a key does.
    fn role(&self, key: char) -> KeyRole {
        match key {
            '#' => self.hash,
            '*' => self.star,
            '0'..='9' => KeyRole::Digit,
            _ => KeyRole::Ignore,
        }
    }
}

impl Default for KeySettings {
    fn default() -> Self {
        Self {
            gap: Duration::from_millis(2_500),
            hash: KeyRole::Finish,
            star: KeyRole::Digit,
            interrupt: KeyInterrupt::Expected,
        }
    }
}

/// The keys pressed so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    pressed: String,
}

impl Keys {
    /// Takes a key; says whether the answer is complete.
    pub(super) fn press(&mut self, key: char, settings: KeySettings, expected: &RecognitionHints) -> bool {
        match settings.role(key) {
            KeyRole::Finish => return true,
            KeyRole::Clear => self.pressed.clear(),
            KeyRole::Digit if self.pressed.len() < MOST_KEYS => self.pressed.push(key),
            KeyRole::Digit | KeyRole::Ignore => {}
        }
        if let Some(pattern) = &expected.keys {
            return self.pressed == "*" || pattern.is_complete(&self.pressed);
        }
        self.pressed == "*" || is_one_key_answer(expected) && !self.pressed.is_empty()
    }

    /// Whether a key is a word of its own: one that ends or takes back nothing is the tail of an answer that was
    /// complete without it.
    pub(super) fn says_something(&self, key: char, settings: KeySettings) -> bool {
        match settings.role(key) {
            KeyRole::Digit => true,
            KeyRole::Finish | KeyRole::Clear => !self.is_empty(),
            KeyRole::Ignore => false,
        }
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
    pub(super) fn take_after(&mut self, spoken: &str, dictated: Option<Entity>) -> String {
        let pressed = std::mem::take(&mut self.pressed);
        match spoken_digits(spoken, dictated) {
            Some(digits) if is_digits(&pressed) => digits + &pressed,
            Some(_) | None => pressed,
        }
    }

    /// The keys with the digits that were spoken after them, if they make up one number.
    pub(super) fn then_spoken(&self, spoken: &str, dictated: Option<Entity>) -> Option<String> {
        let digits = spoken_digits(spoken, dictated).filter(|_| is_digits(&self.pressed))?;
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
fn spoken_digits(spoken: &str, dictated: Option<Entity>) -> Option<String> {
    match dictated? {
        Entity::Phone | Entity::Id | Entity::Card => digits_of(&words(spoken)),
        Entity::Email | Entity::Date | Entity::Address => None,
    }
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
