//! Acts made ready: everything that takes time or can fail is done before the call begins.
//!
//! Synthesising a sentence takes longer than a frame. Were it done in the call, the caller's own stream would
//! stutter and the stutter would be blamed on the server.

use std::rc::Rc;

use thiserror::Error;

use super::audio_in::{WavError, read_wav};
use super::report::ActKind;
use super::script::Act;

/// Turns a text into the caller's voice: 8 kHz mono samples.
pub type CallerVoice = Rc<dyn Fn(&str) -> Vec<i16>>;

/// Why an act cannot be done.
#[derive(Debug, Error)]
pub enum ActError {
    /// The recording cannot be played.
    #[error(transparent)]
    Wav(#[from] WavError),
    /// There is text to say and nobody to say it.
    #[error("\"{text}\" is to be said, but the caller has no voice; give a recording instead")]
    NoVoice {
        /// The text.
        text: String,
    },
    /// The voice made nothing of the text, as an English voice does of Hebrew.
    #[error("the caller's voice cannot say \"{text}\"; give a recording instead")]
    Unsayable {
        /// The text.
        text: String,
    },
    /// No telephone has such a key.
    #[error("there is no key '{key}' in \"{digits}\"; a telephone has 0-9, * and #")]
    Key {
        /// The keys given.
        digits: String,
        /// The one that does not exist.
        key: char,
    },
}

/// What an act sounds like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sound {
    /// 8 kHz samples.
    Speech(Vec<i16>),
    /// Keys.
    Keys(String),
}

/// An act with its sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadyAct {
    /// The act.
    pub act: Act,
    /// How it is named in the report.
    pub what: String,
    /// Its kind.
    pub kind: ActKind,
    /// What goes out on the line.
    pub sound: Sound,
}

/// Makes an act ready.
///
/// # Errors
/// The file cannot be played, the text cannot be said or the key does not exist.
pub fn prepare(act: Act, voice: Option<&CallerVoice>) -> Result<ReadyAct, ActError> {
    let (what, kind, sound) = match &act {
        Act::Say { text } => (text.clone(), ActKind::Speech, say(text, voice)?),
        Act::BargeIn { text, .. } => (text.clone(), ActKind::Interruption, say(text, voice)?),
        Act::Play { wav } => (wav.display().to_string(), ActKind::Speech, Sound::Speech(read_wav(wav)?)),
        Act::Keys { digits } => {
            if let Some(key) = digits.chars().find(|key| !matches!(key, '0'..='9' | '*' | '#')) {
                return Err(ActError::Key { digits: digits.clone(), key });
            }
            (digits.clone(), ActKind::Keys, Sound::Keys(digits.clone()))
        }
    };
    Ok(ReadyAct { act, what, kind, sound })
}

fn say(text: &str, voice: Option<&CallerVoice>) -> Result<Sound, ActError> {
    let voice = voice.ok_or_else(|| ActError::NoVoice { text: text.to_owned() })?;
    let samples = voice(text);
    if samples.is_empty() {
        return Err(ActError::Unsayable { text: text.to_owned() });
    }
    Ok(Sound::Speech(samples))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_no_telephone_has_is_refused() {
        let act = Act::Keys { digits: "12x".to_owned() };
        assert!(matches!(prepare(act, None), Err(ActError::Key { key: 'x', .. })));
    }

    #[test]
    fn a_text_without_a_voice_or_beyond_it_is_refused() {
        let act = || Act::Say { text: "שלום".to_owned() };
        assert!(matches!(prepare(act(), None), Err(ActError::NoVoice { .. })));
        let mute: CallerVoice = Rc::new(|_| Vec::new());
        assert!(matches!(prepare(act(), Some(&mute)), Err(ActError::Unsayable { .. })));
    }
}
