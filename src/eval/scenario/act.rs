//! One thing that the caller does.

use std::fmt;
use std::path::PathBuf;

use serde::Deserialize;

/// One thing that the caller does.
#[derive(Debug, Clone, PartialEq)]
pub enum Act {
    /// Says something.
    Says {
        /// What, with its pauses.
        pieces: Vec<Piece>,
        /// All that the ear makes of it.
        heard: String,
    },
    /// Plays a recording.
    Plays {
        /// A WAV file.
        wav: PathBuf,
        /// What the ear makes of it.
        heard: String,
    },
    /// Makes a noise, or something beside him does.
    Sounds {
        /// Which.
        sound: Sound,
        /// What the ear makes of it; mostly nothing.
        heard: String,
    },
    /// Presses keys.
    Presses(String),
    /// Hangs up.
    HangsUp,
    /// The network stands still both ways for so many ms, then everything comes at once.
    Stalls(u64),
    /// The stream breaks, and the carrier asks for the next document.
    DropsStream,
    /// An operator hands the caller to this number.
    IsTransferred(String),
    /// Nothing: the step only waits.
    Waits,
}

/// Part of something said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Words.
    Words {
        /// In the embedded voice's spelling: English, or Hebrew in Latin letters.
        sound: String,
        /// What the ear makes of them.
        heard: String,
    },
    /// Silence, ms.
    Pause(u64),
}

/// A sound that is no speech of the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sound {
    /// Two bursts of breath, 300 ms.
    Cough,
    /// A thump and its echo in the room, 350 ms.
    Door,
    /// A sharp click, 30 ms.
    Click,
    /// Breath into the microphone, 600 ms.
    Breath,
    /// Two seconds of somebody who talks in another room.
    Tv,
    /// Two seconds of several people who talk at once.
    Babble,
    /// A second of hiss.
    Hiss,
}

impl Act {
    /// What the ear is to hear of it.
    pub(in crate::eval) fn heard(&self) -> &str {
        match self {
            Self::Says { heard, .. } | Self::Plays { heard, .. } | Self::Sounds { heard, .. } => heard,
            Self::Presses(_)
            | Self::HangsUp
            | Self::Stalls(_)
            | Self::DropsStream
            | Self::IsTransferred(_)
            | Self::Waits => "",
        }
    }
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Says { heard, .. } => write!(f, "says “{heard}”"),
            Self::Plays { wav, .. } => write!(f, "plays {}", wav.display()),
            Self::Sounds { sound, .. } => write!(f, "{}", format!("{sound:?}").to_lowercase()),
            Self::Presses(keys) => write!(f, "presses {keys}"),
            Self::HangsUp => f.write_str("hangs up"),
            Self::Stalls(ms) => write!(f, "the line stalls for {ms} ms"),
            Self::DropsStream => f.write_str("the stream breaks"),
            Self::IsTransferred(number) => write!(f, "is transferred to {number}"),
            Self::Waits => f.write_str("waits"),
        }
    }
}
