//! One way of speaking, for every vendor's voice.
//!
//! Vendors differ in words, not in kind: a sentence goes in, µ-law comes out, a command cancels. A vendor's
//! folder says only that, as a [`TtsWire`] over a WebSocket or as an HTTP request; connections kept warm and
//! shared, sentences told apart, late audio dropped, limits, silence and repeats are here, once.

mod decode;
mod delivery;
mod fallback;
mod line;
mod lines;
mod over_http;
mod sentence;
mod spelling;
mod wire;

pub use decode::{decode_audio, read_json, seconds_to_ms};
pub use fallback::speak_or_fetch;
pub use lines::VoiceLines;
pub use over_http::{speak_over_http, warm_http};
pub use spelling::Letter;
pub use wire::{CancelEnd, Cancellation, Limits, TtsWire, VoiceFact, VoiceMessage};

use moked_core::language::Language;
use moked_core::ports::{ProviderFault, Sink, SpeakingEvent, SpeakingRequest, SpeakingStream};

/// A sentence that was over before it began.
struct AlreadyOver;

impl SpeakingStream for AlreadyOver {}

/// Answers what no vendor need be asked: a language the engine does not speak, and text without a letter or
/// a digit, which is spoken by saying nothing. `None` means: go on.
pub fn answer_at_once(
    engine: &'static str,
    languages: &[Language],
    request: &SpeakingRequest,
    events: &Sink<SpeakingEvent>,
) -> Option<Box<dyn SpeakingStream>> {
    let language = request.language;
    if !languages.contains(&language) {
        events.send(SpeakingEvent::Failed(ProviderFault::UnsupportedLanguage { engine, language }));
    } else if !request.text.chars().any(char::is_alphanumeric) {
        events.send(SpeakingEvent::Finished);
    } else {
        return None;
    }
    Some(Box::new(AlreadyOver))
}

/// A URL's query, escaped, with its question mark.
pub fn query(pairs: &[(&str, &str)]) -> String {
    let mut serializer = url::form_urlencoded::Serializer::for_suffix(String::from("?"), 1);
    serializer.extend_pairs(pairs);
    serializer.finish()
}
