//! What the dialog expects to hear next, told to the recogniser with each turn.
//!
//! A recogniser that knows a phone number is due hears digits where it would hear words. The embedded
//! recogniser builds its language model from these; cloud recognisers take them as phrase hints.

use serde::{Deserialize, Serialize};

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
}
