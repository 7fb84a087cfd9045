//! One call's recogniser: telephone audio in, words and a score out.

use std::path::PathBuf;
use std::sync::Arc;

use moked_core::audio::mulaw;

use super::library::{Api, Native, Setting};
use super::models::{Model, Models, Wanted};

/// How many language models a decoder keeps loaded, at 1 to 2 MB each. One that was dropped is loaded again
/// from its file in 11 ms.
const LOADED: usize = 4;

/// Where a decoder comes from.
#[derive(Debug)]
pub(super) struct Workshop {
    /// The C library.
    pub(super) api: Arc<Api>,
    /// The folder of the acoustic model.
    pub(super) acoustic_model: PathBuf,
    /// Dictionaries and language models.
    pub(super) models: Models,
    /// Whether to search a second time at the end of an utterance.
    pub(super) second_pass: bool,
}

/// What was heard in an utterance.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Heard {
    /// The words, apart by a space. Empty when there were none.
    pub(super) text: String,
    /// Logarithmic score of the path for each frame of 10 ms; the nearer to 0 the better the words fit.
    pub(super) score: f32,
}

/// The recogniser. Bound to the thread that made it.
#[derive(Debug)]
pub(super) struct Decoder {
    workshop: Arc<Workshop>,
    native: Native,
    /// Loaded language models with their names, the one used last at the end.
    loaded: Vec<(String, Arc<Model>)>,
    named: u64,
    samples: Vec<i16>,
}

impl Decoder {
    /// Makes a recogniser for `wanted`: 16 ms, or 45 ms when its language model has to be made first. It
    /// takes 8 MB.
    ///
    /// # Errors
    /// A sentence that says what was refused or could not be read.
    pub(super) fn new(workshop: &Arc<Workshop>, wanted: &Wanted) -> Result<Self, String> {
        let model = model(workshop, wanted)?;
        let native = native(workshop, &model)?;
        let (workshop, loaded) = (Arc::clone(workshop), Vec::new());
        let mut decoder = Self { workshop, native, loaded, named: 0, samples: Vec::new() };
        decoder.load(model)?;
        Ok(decoder)
    }

    /// Expects something else from the next utterance on. Only between utterances.
    ///
    /// Words that the recogniser does not have yet mean a new one, and what it learned of the line's sound
    /// is lost; so phrases should come with the vocabulary of the call.
    ///
    /// # Errors
    /// A sentence that says what was refused or could not be read.
    pub(super) fn expect(&mut self, wanted: &Wanted) -> Result<(), String> {
        if let Some(at) = self.loaded.iter().position(|(_, model)| model.wanted == *wanted) {
            let again = self.loaded.remove(at);
            self.native.use_model(&again.0)?;
            self.loaded.push(again);
            return Ok(());
        }
        let model = model(&self.workshop, wanted)?;
        let same_words =
            self.loaded.last().is_some_and(|(_, other)| other.pronunciations == model.pronunciations);
        if !same_words {
            tracing::debug!("new words: the recogniser starts afresh");
            self.native = native(&self.workshop, &model)?;
            self.loaded.clear();
        }
        self.load(model)
    }

    /// Begins an utterance.
    ///
    /// # Errors
    /// When one is under way.
    pub(super) fn start(&mut self) -> Result<(), String> {
        self.native.start()
    }

    /// Hears µ-law at 8 kHz.
    ///
    /// # Errors
    /// When no utterance is under way.
    pub(super) fn hear(&mut self, audio: &[u8]) -> Result<(), String> {
        self.samples.clear();
        self.samples.extend(audio.iter().flat_map(|&byte| [mulaw::decode_sample(byte); 2]));
        self.native.process(&self.samples)
    }

    /// The words so far.
    pub(super) fn so_far(&mut self) -> String {
        self.native.hypothesis().map(|(text, _)| text).unwrap_or_default()
    }

    /// Ends the utterance.
    ///
    /// # Errors
    /// When none is under way.
    pub(super) fn end(&mut self) -> Result<Heard, String> {
        self.native.end()?;
        let frames = self.native.frames().max(1);
        let (text, score) = self.native.hypothesis().unwrap_or_default();
        Ok(Heard { text, score: score as f32 / frames as f32 })
    }

    fn load(&mut self, model: Arc<Model>) -> Result<(), String> {
        let name = format!("model-{}", self.named);
        self.named += 1;
        self.native.load_model(&name, &model.trigram)?;
        self.native.use_model(&name)?;
        self.loaded.push((name, model));
        if self.loaded.len() > LOADED {
            let (oldest, _) = self.loaded.remove(0);
            self.native.forget_model(&oldest)?;
        }
        Ok(())
    }
}

fn model(workshop: &Workshop, wanted: &Wanted) -> Result<Arc<Model>, String> {
    workshop.models.get(wanted).map_err(|error| format!("the language model could not be made: {error}"))
}

fn native(workshop: &Workshop, model: &Model) -> Result<Native, String> {
    Native::new(
        &workshop.api,
        &[
            Setting::Text("-hmm", workshop.acoustic_model.display().to_string()),
            Setting::Text("-dict", model.words.display().to_string()),
            Setting::Flag("-fwdflat", workshop.second_pass),
            Setting::Flag("-bestpath", workshop.second_pass),
        ],
    )
}
