//! What an eval is made of besides moked: voices that really sound, and the detector that calls have.

use std::collections::HashMap;
use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};

use moked_core::ports::VoiceActivity;

use super::tap::Tap;
use crate::bench::stubs::{Delays, Lateness, Later};
use crate::settings::Environment;

/// Makes speech of a text: 16-bit samples at 8 kHz; nothing of a text it cannot say.
pub type Renderer = Arc<dyn Fn(&str) -> Vec<i16> + Send + Sync>;

/// Voices and detector.
#[derive(Clone)]
pub struct Kit {
    /// The agent's voice.
    pub agent: Renderer,
    /// The caller's voice; another, so that a recording can be told apart.
    pub caller: Renderer,
    /// Voice activity as in real calls: what a cough is taken for is half of what is examined.
    pub voice_activity: Arc<dyn VoiceActivity>,
}

impl fmt::Debug for Kit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kit").field("voice_activity", &self.voice_activity).finish_non_exhaustive()
    }
}

/// Sounds of words by how they are spelt, µ-law.
pub(super) type Lexicon = Arc<Mutex<HashMap<String, Vec<u8>>>>;

/// What all calls of an eval share.
#[derive(Clone)]
pub struct Stage {
    pub(super) kit: Kit,
    /// The time of the engines.
    pub(super) later: Arc<dyn Later>,
    pub(super) lexicon: Lexicon,
    /// The log of this process.
    pub(super) tap: Tap,
    /// Where settings come from beside the scenario.
    pub(super) environment: Environment,
}

impl Stage {
    /// A stage. `tap` must listen to the log of this process already; of `environment` all is read that
    /// [`crate::settings::Settings::load`] reads.
    ///
    /// # Errors
    /// The system refuses a thread.
    pub fn new(kit: Kit, tap: Tap, environment: Environment) -> io::Result<Self> {
        let later = Arc::new(Delays::start(Lateness::Forgotten, || {})?);
        Ok(Self { kit, later, lexicon: Lexicon::default(), tap, environment })
    }
}

impl fmt::Debug for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stage").field("kit", &self.kit).finish_non_exhaustive()
    }
}
