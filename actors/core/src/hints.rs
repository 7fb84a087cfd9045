//! What the dialog expects to hear next, told to the recogniser with each turn.
//!
//! A recogniser that knows a phone number is due hears digits where it would hear words. The embedded
//! recogniser builds its language model from these; cloud recognisers take them as phrase hints.

use serde::{Deserialize, Serialize};

use crate::key_pattern::KeyPattern;

/// The kind of an answer that the agent waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SlotKind {
    /// A person's name.
    Name,
    /// A telephone number.
    Phone,
    /// A number: a count, a budget, a size.
    Number,
    /// Yes or no.
    YesNo,
    /// A day, absolute or relative.
    Date,
    /// A time of day.
    Time,
    /// One of a list; the list travels in [`RecognitionHints::phrases`].
    Choice,
    /// Anything, taken as it was said.
    FreeText,
}

/// Phrases and kinds that are likely in the caller's next utterance. Empty means "anything".
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RecognitionHints {
    /// Whole phrases, in the language of the call, most likely first.
    pub phrases: Vec<String>,
    /// Kinds of values that an answer may hold.
    pub kinds: Vec<SlotKind>,
    /// The form of an answer in keys, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<KeyPattern>,
}

impl RecognitionHints {
    /// Whether an answer in keys is due: where nobody knows what will be said, it may be.
    pub fn expects_keys(&self) -> bool {
        let has_keys = |kind: &SlotKind| match kind {
            SlotKind::Phone
            | SlotKind::Number
            | SlotKind::YesNo
            | SlotKind::Date
            | SlotKind::Time
            | SlotKind::Choice => true,
            SlotKind::Name | SlotKind::FreeText => false,
        };
        self.keys.is_some() || self.kinds.is_empty() || self.kinds.iter().any(has_keys)
    }
}
