//! The ears as the rest of the program sees them.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use moked_core::language::Language;
use moked_core::ports::{HearingEvent, HearingRequest, HearingSession, ProviderFault, Sink, SpeechToText};

use super::decoder::Workshop;
use super::library::{Api, SONAME};
use super::models::Models;
use super::session::Session;
use super::worker::Workers;

/// The acoustic model's files that a decoder cannot do without.
const ACOUSTIC_FILES: [&str; 6] =
    ["mdef", "means", "variances", "sendump", "transition_matrices", "feat.params"];

/// What to install, for every message that something is missing.
const MEND: &str = "On Debian and Ubuntu: apt-get install libpocketsphinx3 pocketsphinx-en-us";

/// Where the engine is and how it works.
#[derive(Debug, Clone, PartialEq)]
pub struct EarsOptions {
    /// The C library: a name for the system's loader, or a path.
    pub library: PathBuf,
    /// A folder with `en-us/` (the acoustic model) and `cmudict-en-us.dict` (pronunciations).
    pub model: PathBuf,
    /// Threads that recognise for all calls. One hears about 25 s of speech a second, so ten callers who
    /// speak at once leave it room for making language models.
    pub threads: NonZeroUsize,
    /// Whether to search a second time at the end of an utterance. It costs 29 ms (p95: 60 ms) then and 5 MB
    /// a call; without it about twice as many words are wrong (6 % instead of 3 % in the round-trip test).
    pub second_pass: bool,
    /// Words whose score, per frame of 10 ms, is lower than this are not believed. -45 was chosen between
    /// the sentences of the round-trip test and then held on others: of 66 sentences in the domain the
    /// worst had -42.5, of 30 outside of it the best had -47.0. In noise of 15 dB the two overlap.
    pub reject_below: f32,
}

impl Default for EarsOptions {
    fn default() -> Self {
        let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
        Self {
            library: PathBuf::from(SONAME),
            model: PathBuf::from("/usr/share/pocketsphinx/model/en-us"),
            // One core is left to the calls themselves.
            threads: NonZeroUsize::new(cores - 1).unwrap_or(NonZeroUsize::MIN),
            second_pass: true,
            reject_below: -45.0,
        }
    }
}

/// The embedded ears: PocketSphinx with a language model made for each agent and question.
#[derive(Debug)]
pub struct EmbeddedEars {
    workers: Workers,
}

impl EmbeddedEars {
    /// Loads the library, looks for the model's files and starts the threads; a few milliseconds. The model
    /// is read when a call begins.
    ///
    /// # Errors
    /// [`ProviderFault::Unavailable`] with what is missing and what to install.
    pub fn load(options: EarsOptions) -> Result<Self, ProviderFault> {
        let api = Api::load(&options.library).map_err(|error| {
            let library = options.library.display();
            unavailable(format!("the library {library} (PocketSphinx 0.8) cannot be used: {error}. {MEND}"))
        })?;
        let acoustic_model = options.model.join("en-us");
        let dictionary = options.model.join("cmudict-en-us.dict");
        for file in ACOUSTIC_FILES.map(|name| acoustic_model.join(name)).iter().chain([&dictionary]) {
            is_readable(file)?;
        }
        let models = Models::new(&dictionary).map_err(|error| {
            unavailable(format!("no temporary folder for language models: {error}. Set TMPDIR to one"))
        })?;
        let workshop = Arc::new(Workshop { api, acoustic_model, models, second_pass: options.second_pass });
        let workers = Workers::start(options.threads, &workshop, options.reject_below)
            .map_err(|error| unavailable(format!("no thread to hear on: {error}")))?;
        Ok(Self { workers })
    }
}

impl SpeechToText for EmbeddedEars {
    fn name(&self) -> &'static str {
        "pocketsphinx"
    }

    fn languages(&self) -> &[Language] {
        &[Language::English]
    }

    fn open(
        &self,
        request: HearingRequest,
        events: Sink<HearingEvent>,
    ) -> Result<Box<dyn HearingSession>, ProviderFault> {
        if request.language != Language::English {
            let (engine, language) = (self.name(), request.language);
            return Err(ProviderFault::UnsupportedLanguage { engine, language });
        }
        let line = self.workers.seat().ok_or_else(|| unavailable("it has no thread".to_owned()))?;
        Ok(Box::new(Session::open(request.call_sid, request.vocabulary.into(), line, events)))
    }
}

fn is_readable(file: &Path) -> Result<(), ProviderFault> {
    match std::fs::metadata(file) {
        Ok(found) if found.is_file() && found.len() > 0 => Ok(()),
        Ok(_) => Err(unavailable(format!("{} is empty or not a file. {MEND}", file.display()))),
        Err(error) => Err(unavailable(format!("{} cannot be read: {error}. {MEND}", file.display()))),
    }
}

fn unavailable(why: String) -> ProviderFault {
    ProviderFault::Unavailable { why }
}
