//! Speaking and hearing outside of a call: one sentence through the configured voice, and through the ears.

use std::sync::Arc;
use std::time::{Duration, Instant};

use moked_core::audio::{BYTES_PER_MS, SILENCE};
use moked_core::hints::{RecognitionHints, SlotKind};
use moked_core::ids::{CallSid, UtteranceId};
use moked_core::language::Language;
use moked_core::ports::{
    HearingEvent, HearingRequest, ProviderFault, Sink, SpeakingEvent, SpeakingRequest, SpeechToText,
    TextToSpeech,
};
use thiserror::Error;
use tokio::sync::mpsc;

/// How long an engine may take for a sentence.
const PATIENCE: Duration = Duration::from_secs(15);

/// Silence before and after the sentence, milliseconds: what ears get of a caller who waits a moment.
const PADDING_MS: usize = 500;

/// A sentence to try engines with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    /// What is said.
    pub(super) text: &'static str,
    /// Words that must come back.
    pub(super) keys: &'static [&'static str],
    /// What else might have been said: ears that choose from a list are not to be handed the answer.
    pub(super) others: &'static [&'static str],
}

/// The sentence of a language.
pub(super) fn sample(language: Language) -> Sample {
    match language {
        Language::English => Sample {
            text: "I want to rent an apartment.",
            keys: &["rent", "apartment"],
            others: &["I want to buy a house", "I want to sell an office", "I want to talk to an agent"],
        },
        Language::Hebrew => Sample {
            text: "אני רוצה לשכור דירה.",
            keys: &["לשכור", "דירה"],
            others: &["אני רוצה לקנות בית", "אני רוצה למכור משרד", "אני רוצה לדבר עם סוכן"],
        },
    }
}

/// A sentence as a voice spoke it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Spoken {
    /// µ-law at 8 kHz.
    pub(super) audio: Vec<u8>,
    /// To the first audio, milliseconds.
    pub(super) first_ms: u64,
    /// To the last, milliseconds.
    pub(super) total_ms: u64,
}

impl Spoken {
    /// Length of the audio, milliseconds.
    pub(super) fn length_ms(&self) -> usize {
        self.audio.len() / BYTES_PER_MS
    }
}

/// Why a sentence was not spoken or not heard.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(super) enum SpeechError {
    /// The engine refused.
    #[error(transparent)]
    Refused(#[from] ProviderFault),
    /// Neither an answer nor a refusal.
    #[error("{engine} gave no result in {} s", PATIENCE.as_secs())]
    Late {
        /// The engine.
        engine: &'static str,
    },
}

/// Has a voice speak a text.
///
/// # Errors
/// The voice's refusal, or that it took too long.
pub(super) async fn speak(
    voice: &Arc<dyn TextToSpeech>,
    text: &str,
    language: Language,
) -> Result<Spoken, SpeechError> {
    let (facts, mut incoming) = mpsc::unbounded_channel();
    let begun = Instant::now();
    let sink = Sink::new(move |fact| {
        // Nobody waits any more once the time is up.
        let _ = facts.send(fact);
    });
    let _stream = voice.speak(SpeakingRequest { text: text.to_owned(), language }, sink);
    let elapsed_ms = || begun.elapsed().as_millis() as u64;
    let collect = async {
        let (mut audio, mut first_ms) = (Vec::new(), None);
        while let Some(fact) = incoming.recv().await {
            match fact {
                SpeakingEvent::Audio(piece) => {
                    first_ms.get_or_insert_with(elapsed_ms);
                    audio.extend_from_slice(&piece);
                }
                SpeakingEvent::Words(_) => {}
                SpeakingEvent::Finished => break,
                SpeakingEvent::Failed(error) => return Err(error.into()),
            }
        }
        Ok(Spoken { audio, first_ms: first_ms.unwrap_or_else(elapsed_ms), total_ms: elapsed_ms() })
    };
    let late = SpeechError::Late { engine: voice.name() };
    tokio::time::timeout(PATIENCE, collect).await.unwrap_or(Err(late))
}

/// A sentence as ears heard it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heard {
    /// The text; none when the ears would not commit themselves.
    pub(super) text: Option<String>,
    /// From the end of the utterance to the text, milliseconds.
    pub(super) ms: u64,
}

/// Has ears listen to a sentence.
///
/// # Errors
/// The ears' refusal, or that they took too long.
pub(super) async fn hear(
    ears: &Arc<dyn SpeechToText>,
    audio: &[u8],
    language: Language,
) -> Result<Heard, SpeechError> {
    let (facts, mut incoming) = mpsc::unbounded_channel();
    let sink = Sink::new(move |fact| {
        // Nobody waits any more once the time is up.
        let _ = facts.send(fact);
    });
    let sample = sample(language);
    let phrases: Vec<String> =
        std::iter::once(sample.text).chain(sample.others.iter().copied()).map(str::to_owned).collect();
    let call_sid = CallSid::new("CAdoctor");
    let request = HearingRequest { call_sid, language, vocabulary: phrases.clone() };
    let mut session = ears.open(request, sink)?;
    session.expect(&RecognitionHints { phrases, kinds: vec![SlotKind::Choice], keys: None });
    let utterance = UtteranceId(1);
    session.audio(&[SILENCE; PADDING_MS * BYTES_PER_MS]);
    session.utterance_started(utterance);
    for frame in audio.chunks(moked_core::audio::FRAME_SAMPLES) {
        session.audio(frame);
    }
    session.audio(&[SILENCE; PADDING_MS * BYTES_PER_MS]);
    let begun = Instant::now();
    session.utterance_ended(utterance);
    let wait = async {
        while let Some(fact) = incoming.recv().await {
            let text = match fact {
                HearingEvent::Partial { .. } | HearingEvent::Turn { .. } => continue,
                HearingEvent::Final { text, .. } => Some(text),
                HearingEvent::Rejected { .. } => None,
                HearingEvent::Failed(error) => return Err(error.into()),
            };
            return Ok(Heard { text, ms: begun.elapsed().as_millis() as u64 });
        }
        Err(SpeechError::Late { engine: ears.name() })
    };
    let late = SpeechError::Late { engine: ears.name() };
    tokio::time::timeout(PATIENCE, wait).await.unwrap_or(Err(late))
}
