//! The voices of vendors, against servers that speak the vendors' wires.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "test code outside of a test function, which clippy does not see as such"
)]

mod azure;
mod cartesia;
mod deepgram;
mod elevenlabs;
mod lines;
mod soniox;
mod vendor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use moked_core::language::Language;
use moked_core::ports::{
    ProviderFault, Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, TextToSpeech, WordTime,
};
use secrecy::SecretString;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::task::LocalSet;
use vendor::soon;

/// A key that must be seen nowhere but on the wire.
const CANARY: &str = "canary-7f3a";

/// A µ-law byte that is heard.
const LOUD: u8 = 0x20;

fn key() -> SecretString {
    SecretString::from(CANARY)
}

/// Runs a scenario on one thread, as a call does.
fn on_a_call(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    LocalSet::new().block_on(&runtime, work);
}

fn loud(bytes: usize) -> Vec<u8> {
    vec![LOUD; bytes]
}

fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A sentence and what came of it.
struct Heard {
    stream: Option<Box<dyn SpeakingStream>>,
    events: UnboundedReceiver<SpeakingEvent>,
    bytes: usize,
    words: Vec<WordTime>,
}

fn say(voice: &dyn TextToSpeech, text: &str, language: Language) -> Heard {
    let (sender, events) = unbounded_channel();
    let request = SpeakingRequest::new(text, language);
    let stream = voice.speak(request, Sink::new(move |event| drop(sender.send(event))));
    Heard { stream: Some(stream), events, bytes: 0, words: Vec::new() }
}

fn hebrew(voice: &dyn TextToSpeech) -> Heard {
    say(voice, "שלום לך", Language::Hebrew)
}

fn english(voice: &dyn TextToSpeech) -> Heard {
    say(voice, "Hello there.", Language::English)
}

impl Heard {
    async fn next(&mut self) -> Option<SpeakingEvent> {
        let event = soon("an event", self.events.recv()).await?;
        match &event {
            SpeakingEvent::Audio(audio) => {
                assert!(!audio.is_empty() && audio.len() <= 1_600, "a piece of {} bytes", audio.len());
                self.bytes += audio.len();
            }
            SpeakingEvent::Words(words) => self.words.extend(words.iter().cloned()),
            SpeakingEvent::Failed(fault) => assert!(!fault.to_string().contains(CANARY), "{fault}"),
            SpeakingEvent::Finished => {}
        }
        Some(event)
    }

    /// Waits for the first audio.
    async fn begins(&mut self) {
        while !matches!(self.next().await, Some(SpeakingEvent::Audio(_))) {}
    }

    /// Waits for the proper end; gives the bytes of audio.
    async fn finishes(&mut self) -> usize {
        loop {
            match self.next().await {
                Some(SpeakingEvent::Audio(_) | SpeakingEvent::Words(_)) => {}
                Some(SpeakingEvent::Finished) => return self.bytes,
                other => panic!("the sentence should have been finished, not {other:?}"),
            }
        }
    }

    /// Waits for the failure.
    async fn fails(&mut self) -> ProviderFault {
        loop {
            match self.next().await {
                Some(SpeakingEvent::Audio(_) | SpeakingEvent::Words(_)) => {}
                Some(SpeakingEvent::Failed(fault)) => return fault,
                other => panic!("the sentence should have failed, not {other:?}"),
            }
        }
    }

    /// The caller interrupts.
    fn cancel(&mut self) {
        self.stream = None;
    }

    /// Checks that nothing more came.
    async fn is_silent(&mut self) {
        let event = soon("the sink's end", self.events.recv()).await;
        assert_eq!(event, None, "it came after all");
    }
}

fn word(word: &str, ends_at_ms: u64) -> WordTime {
    WordTime { word: word.into(), ends_at_ms }
}
