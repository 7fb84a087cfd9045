//! What the caller will probably say next, from the question that is open.

use moked_core::agent::Slot;
use moked_core::hints::{RecognitionHints, SlotKind};

/// Hints for an answer to this slot; anything when none is open.
pub(super) fn of(open: Option<&Slot>) -> RecognitionHints {
    let Some(slot) = open else { return RecognitionHints::default() };
    // A slot to be confirmed is asked for once and then asked about, and only the model knows which it is now.
    let confirmation = slot.confirm.then_some(SlotKind::YesNo);
    let kinds = [slot.kind].into_iter().chain(confirmation).collect();
    let phrases = slot.choices.iter().flat_map(|choice| [&choice.value].into_iter().chain(&choice.phrases));
    RecognitionHints { phrases: phrases.cloned().collect(), kinds, keys: slot.keys.clone() }
}
