//! A voice of which the named texts are kept.
//!
//! Asked to speak, it always speaks: a probe that got a clip would learn nothing. Who holds calls asks for the clip
//! first.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::BytesMut;
use moked_core::audio::BYTES_PER_MS;
use moked_core::audio::level::mulaw_dbfs;
use moked_core::language::Language;
use moked_core::ports::{
    Served, Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, TextToSpeech, VoiceClip, WordTime,
};

use super::key::ClipKey;
use super::store::Store;

/// Speech lies between some 40 and 100 ms a letter. What is far from it was cut, or is no speech, and would be
/// played to every caller.
const MS_PER_LETTER: std::ops::RangeInclusive<usize> = 15..=400;

/// Longest pause that a voice may add to a text, however short that is.
const PAUSES_MS: usize = 3_000;

/// Audio below this is silence: line noise lies near -60 dBFS.
const SILENT_DBFS: f32 = -55.0;

/// A voice of which texts are kept.
#[derive(Debug)]
pub(super) struct KeepingVoice {
    voice: Arc<dyn TextToSpeech>,
    identity: Arc<str>,
    keys: Arc<HashSet<ClipKey>>,
    store: Arc<Store>,
}

impl KeepingVoice {
    pub(super) fn new(
        voice: Arc<dyn TextToSpeech>,
        identity: &str,
        texts: &[SpeakingRequest],
        store: Arc<Store>,
    ) -> Self {
        let keys = texts.iter().map(|text| ClipKey::new(identity, text)).collect();
        Self { voice, identity: identity.into(), keys: Arc::new(keys), store }
    }

    /// The key of a request, if it is for one of the texts.
    pub(super) fn key(&self, request: &SpeakingRequest) -> Option<ClipKey> {
        let key = ClipKey::new(&self.identity, request);
        self.keys.contains(&key).then_some(key)
    }
}

impl TextToSpeech for KeepingVoice {
    fn name(&self) -> &'static str {
        self.voice.name()
    }

    fn languages(&self) -> &[Language] {
        self.voice.languages()
    }

    fn warm(&self) {
        self.voice.warm();
    }

    fn for_call(&self) -> Option<Arc<dyn TextToSpeech>> {
        let voice = self.voice.for_call()?;
        let (identity, keys) = (Arc::clone(&self.identity), Arc::clone(&self.keys));
        Some(Arc::new(Self { voice, identity, keys, store: Arc::clone(&self.store) }))
    }

    fn kept(&self, request: &SpeakingRequest) -> Option<Arc<VoiceClip>> {
        self.store.play(&self.key(request)?)
    }

    fn speak(&self, request: SpeakingRequest, events: Sink<SpeakingEvent>) -> Box<dyn SpeakingStream> {
        let Some(key) = self.key(&request).filter(|key| !self.store.has(key)) else {
            return self.voice.speak(request, events);
        };
        let letters = request.text.chars().count();
        let draft: SharedDraft = Arc::new(Mutex::new(Some(Draft::default())));
        let (taken, store) = (Arc::clone(&draft), Arc::clone(&self.store));
        let tee = Sink::new(move |event: SpeakingEvent| {
            if let Some(clip) = take_down(&taken, &event, letters) {
                store.keep(key, clip);
            }
            events.send(event);
        });
        Box::new(TakenDown { stream: self.voice.speak(request, tee), draft })
    }
}

/// What has come of a text so far; `None` when it is over, one way or another.
type SharedDraft = Arc<Mutex<Option<Draft>>>;

#[derive(Debug, Default)]
struct Draft {
    audio: BytesMut,
    words: Vec<WordTime>,
}

/// Adds an event; gives the clip when it is whole and sounds like its text.
fn take_down(draft: &SharedDraft, event: &SpeakingEvent, letters: usize) -> Option<VoiceClip> {
    let mut slot = draft.lock().unwrap_or_else(PoisonError::into_inner);
    match event {
        SpeakingEvent::Audio(audio) => {
            slot.as_mut()?.audio.extend_from_slice(audio);
            slot.take_if(|draft| draft.audio.len() > longest(letters));
            None
        }
        SpeakingEvent::Words(words) => {
            slot.as_mut()?.words.extend_from_slice(words);
            None
        }
        SpeakingEvent::Finished => {
            let draft = slot.take()?;
            let is_speech = draft.audio.len() >= letters * MS_PER_LETTER.start() * BYTES_PER_MS
                && mulaw_dbfs(&draft.audio) > SILENT_DBFS;
            is_speech.then(|| VoiceClip { audio: draft.audio.freeze(), words: draft.words })
        }
        SpeakingEvent::Failed(_) => {
            *slot = None;
            None
        }
    }
}

/// Bytes of audio beyond which it is not this text.
fn longest(letters: usize) -> usize {
    (letters * MS_PER_LETTER.end() + PAUSES_MS) * BYTES_PER_MS
}

/// A text that is being taken down. One that is cancelled before its end was not spoken whole.
struct TakenDown {
    stream: Box<dyn SpeakingStream>,
    draft: SharedDraft,
}

impl SpeakingStream for TakenDown {
    fn served(&self) -> Option<Served> {
        self.stream.served()
    }
}

impl Drop for TakenDown {
    fn drop(&mut self) {
        *self.draft.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}
