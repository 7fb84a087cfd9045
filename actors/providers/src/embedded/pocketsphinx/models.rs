//! The files a decoder reads, written once for all calls of the same agent.
//!
//! Calls of one agent ask the same questions, so the same few language models are wanted again and again.
//! They are kept in a temporary folder under the phrases they were made from; the folder goes with the
//! engine.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use moked_core::hints::RecognitionHints;
use moked_core::language_model::{Corpus, Trigram};
use tempfile::TempDir;

use super::dictionary::Dictionary;

/// How many models are kept. An agent has one for each question it asks and one for anything else.
const KEPT: usize = 64;

/// What a model is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    /// Phrases of the whole call.
    pub(super) vocabulary: Arc<[String]>,
    /// What is expected now.
    pub(super) hints: RecognitionHints,
}

/// A model on disk. Its files go with the last reference.
#[derive(Debug)]
pub(super) struct Model {
    /// What it was made from.
    pub(super) wanted: Wanted,
    /// Its words, as the file of pronunciations has them.
    pub(super) words: PathBuf,
    /// The trigram, in ARPA form.
    pub(super) trigram: PathBuf,
    /// The text of `words`, to tell whether a decoder has them already.
    pub(super) pronunciations: Arc<str>,
}

impl Drop for Model {
    fn drop(&mut self) {
        // Whatever cannot be removed now goes with the folder.
        let _ = fs::remove_file(&self.words);
        let _ = fs::remove_file(&self.trigram);
    }
}

/// The models in use and lately used.
#[derive(Debug)]
pub(super) struct Models {
    folder: TempDir,
    dictionary: PathBuf,
    text: Mutex<Option<Arc<Dictionary>>>,
    made: Mutex<VecDeque<Arc<Model>>>,
    next: AtomicU64,
}

impl Models {
    /// A new store with a temporary folder of its own. `dictionary` is read when the first model is made.
    ///
    /// # Errors
    /// When no folder can be made.
    pub(super) fn new(dictionary: &Path) -> std::io::Result<Self> {
        Ok(Self {
            folder: tempfile::Builder::new().prefix("moked-ears-").tempdir()?,
            dictionary: dictionary.to_owned(),
            text: Mutex::new(None),
            made: Mutex::new(VecDeque::new()),
            next: AtomicU64::new(0),
        })
    }

    /// The model for something, made now (some 30 ms) if it is not kept.
    ///
    /// # Errors
    /// When the dictionary cannot be read or the files cannot be written.
    pub(super) fn get(&self, wanted: &Wanted) -> std::io::Result<Arc<Model>> {
        let kept = |made: &VecDeque<Arc<Model>>| made.iter().find(|model| model.wanted == *wanted).cloned();
        if let Some(model) = kept(&self.made.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok(model);
        }
        // Made outside the lock: another thread that wants the same now makes it twice, which is harmless.
        let model = Arc::new(self.make(wanted)?);
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        made.push_back(Arc::clone(&model));
        if made.len() > KEPT {
            made.pop_front();
        }
        Ok(model)
    }

    fn make(&self, wanted: &Wanted) -> std::io::Result<Model> {
        let corpus = Corpus::for_call(&wanted.vocabulary, &wanted.hints);
        let selection = self.dictionary()?.select(&corpus.words());
        if !selection.guessed.is_empty() || !selection.unknown.is_empty() {
            let (guessed, unknown) = (selection.guessed.join(" "), selection.unknown.join(" "));
            tracing::debug!(guessed, unknown, "words that the pronunciation dictionary does not have");
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let words = self.folder.path().join(format!("{number}.dict"));
        let trigram = self.folder.path().join(format!("{number}.arpa"));
        fs::write(&words, &selection.text)?;
        fs::write(&trigram, Trigram::train(&corpus).to_arpa())?;
        Ok(Model { wanted: wanted.clone(), words, trigram, pronunciations: selection.text.into() })
    }

    fn dictionary(&self) -> std::io::Result<Arc<Dictionary>> {
        let mut text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(dictionary) = text.as_ref() {
            return Ok(Arc::clone(dictionary));
        }
        let dictionary = Arc::new(Dictionary::read(&self.dictionary)?);
        *text = Some(Arc::clone(&dictionary));
        Ok(dictionary)
    }
}
