//! The simulated caller's voice: the embedded one, higher and a little slower than the agent's, so that the
//! two can be told apart in a recording.

use std::rc::Rc;

use moked_providers::embedded::{EmbeddedVoice, VoiceOptions};

use super::Failure;
use crate::caller::acts::CallerVoice;

const PITCH: f32 = 1.3;
const STRETCH: f32 = 1.05;

/// Makes the voice.
///
/// # Errors
/// When the engine cannot start a thread.
pub(super) fn make() -> Result<CallerVoice, Failure> {
    let voice = EmbeddedVoice::new(options())
        .map_err(|error| Failure::System(format!("the caller has no voice: {error}")))?;
    Ok(Rc::new(move |text| voice.render(text)))
}

/// How it sounds.
pub(super) fn options() -> VoiceOptions {
    VoiceOptions { pitch: PITCH, stretch: STRETCH, ..VoiceOptions::default() }
}
