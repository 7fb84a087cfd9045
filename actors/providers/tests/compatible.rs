//! Engines of OpenAI's wire and vosk-server, against a scripted vendor.

#![cfg(all(feature = "openai", feature = "vosk"))]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "test code outside of a test function, which clippy does not see as such"
)]

#[path = "compatible/file_ears.rs"]
mod file_ears;
#[path = "compatible/realtime.rs"]
mod realtime;
#[path = "compatible/realtime_ears.rs"]
mod realtime_ears;
#[path = "support/vendor.rs"]
mod vendor;
#[path = "compatible/voice.rs"]
mod voice;
#[path = "compatible/vosk_ears.rs"]
mod vosk_ears;

use moked_core::ids::{CallSid, UtteranceId};
use moked_core::language::Language;
use moked_core::ports::{HearingEvent, HearingRequest, HearingSession};
use secrecy::SecretString;

/// A key that must be seen nowhere but in its header.
const CANARY: &str = "sk-canary-0123456789";

const FIRST: UtteranceId = UtteranceId(1);
const SECOND: UtteranceId = UtteranceId(2);

fn key() -> Option<SecretString> {
    Some(SecretString::from(CANARY))
}

fn request(language: Language, vocabulary: &[&str]) -> HearingRequest {
    let vocabulary = vocabulary.iter().map(|&phrase| phrase.to_owned()).collect();
    HearingRequest { call_sid: CallSid::new("CA1"), language, vocabulary }
}

/// A second of silence, an utterance of 300 ms of sound, and its end.
fn say(session: &mut dyn HearingSession, utterance: UtteranceId) {
    for _ in 0..50 {
        session.audio(&[0xFF; 160]);
    }
    session.utterance_started(utterance);
    for _ in 0..15 {
        session.audio(&[0x90; 160]);
    }
    session.utterance_ended(utterance);
}

fn partial(utterance: UtteranceId, text: &str) -> HearingEvent {
    HearingEvent::Partial { utterance, text: text.into() }
}

fn told(utterance: UtteranceId, text: &str) -> HearingEvent {
    HearingEvent::Final { utterance, text: text.into() }
}
