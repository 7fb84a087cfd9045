//! Google's voices behind the port. The voice's name decides how it is asked: Chirp 3 HD voices stream over
//! gRPC, all others are asked over REST.

use bytes::Bytes;
use moked_core::audio::mulaw;
use moked_core::language::Language;
use moked_core::ports::{ProviderFault, Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, TextToSpeech};
use secrecy::SecretString;
use serde::Deserialize;

use super::credentials::CredentialsFrom;
use super::grpc::Link;
use super::{locale, ssml, voice_rest, voice_streaming};
use crate::transport::Task;

/// Samples whose magnitude stays below this are silence: -50 dBFS.
const QUIET: u16 = 104;

/// Settings of Google's voice.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GoogleVoiceOptions {
    /// Where tokens come from: `key`, `exchange` or `metadata`. Default `key`, the key file.
    pub credentials: CredentialsFrom,
    /// The metadata server with `metadata`, as `host` or `host:port`; `GCE_METADATA_HOST` sets it too. Default
    /// `metadata.google.internal`.
    pub metadata_host: Option<String>,
    /// Where the service is, without a path. Default `https://texttospeech.googleapis.com`.
    pub base_url: String,
    /// The Hebrew voice. Default `he-IL-Chirp3-HD-Kore`. A name with `Chirp3-HD` streams; `he-IL-Wavenet-A`
    /// and `he-IL-Standard-A` (to D) do not.
    pub hebrew_voice: String,
    /// The English voice. Default `en-US-Chirp3-HD-Kore`.
    pub english_voice: String,
    /// Speed, 0.25 to 2.0. Default 1.0.
    pub speaking_rate: f64,
}

impl Default for GoogleVoiceOptions {
    fn default() -> Self {
        Self {
            credentials: CredentialsFrom::Key,
            metadata_host: None,
            base_url: "https://texttospeech.googleapis.com".into(),
            hebrew_voice: "he-IL-Chirp3-HD-Kore".into(),
            english_voice: "en-US-Chirp3-HD-Kore".into(),
            speaking_rate: 1.0,
        }
    }
}

/// Google's text to speech.
#[derive(Debug)]
pub struct GoogleVoice {
    options: GoogleVoiceOptions,
    link: Link,
}

/// One sentence to be spoken.
#[derive(Debug, Clone)]
pub(crate) struct Sentence {
    pub(crate) text: String,
    /// The same with its languages marked, if it has two and the voice takes that.
    pub(crate) ssml: Option<String>,
    pub(crate) voice: String,
    pub(crate) locale: String,
    pub(crate) speaking_rate: f64,
}

impl Sentence {
    /// Whether its voice can stream.
    pub(crate) fn streams(&self) -> bool {
        streams(&self.voice)
    }
}

/// Whether a voice of that name can stream.
fn streams(voice: &str) -> bool {
    voice.contains("Chirp3-HD")
}

impl GoogleVoice {
    /// A voice by these settings. `key` is the JSON of a key file, or base64 of it; with the metadata server
    /// there is none.
    ///
    /// # Errors
    /// `Auth` when the key is missing or cannot be used.
    pub fn new(options: GoogleVoiceOptions, key: Option<&SecretString>) -> Result<Self, ProviderFault> {
        let link = Link::new(&options.base_url, options.credentials, key, options.metadata_host.as_deref())?;
        Ok(Self::over(options, link))
    }

    pub(crate) fn over(options: GoogleVoiceOptions, link: Link) -> Self {
        Self { options, link }
    }

    fn sentence(&self, request: SpeakingRequest) -> Sentence {
        let voice = match request.language {
            Language::Hebrew => &self.options.hebrew_voice,
            Language::English => &self.options.english_voice,
        };
        Sentence {
            ssml: ssml::document(voice, &request),
            text: request.text,
            voice: voice.clone(),
            locale: locale_of(voice).unwrap_or_else(|| locale::spoken(request.language).to_owned()),
            speaking_rate: self.options.speaking_rate,
        }
    }
}

/// `he-IL` of `he-IL-Wavenet-A`.
fn locale_of(voice: &str) -> Option<String> {
    let mut parts = voice.splitn(3, '-');
    let (language, country, _) = (parts.next()?, parts.next()?, parts.next()?);
    Some(format!("{language}-{country}"))
}

struct Speaking(#[expect(dead_code, reason = "held for its drop, which cancels the sentence")] Task);

impl SpeakingStream for Speaking {}

impl TextToSpeech for GoogleVoice {
    fn name(&self) -> &'static str {
        "google"
    }

    fn languages(&self) -> &[Language] {
        &[Language::Hebrew, Language::English]
    }

    fn warm(&self) {
        let voices = [&self.options.hebrew_voice, &self.options.english_voice];
        if voices.iter().any(|voice| streams(voice)) {
            self.link.warm();
        }
        if !voices.iter().all(|voice| streams(voice)) {
            self.link.warm_rest();
        }
    }

    fn speak(&self, request: SpeakingRequest, events: Sink<SpeakingEvent>) -> Box<dyn SpeakingStream> {
        let (sentence, link) = (self.sentence(request), self.link.clone());
        Box::new(Speaking(Task::spawn(async move {
            let mut sound = Sound { events: events.clone(), is_audible: false };
            let spoken = if sentence.streams() {
                voice_streaming::speak(&link, &sentence, &mut sound).await
            } else {
                voice_rest::speak(&link, &sentence, &mut sound).await
            };
            events.send(match spoken.and_then(|()| sound.check()) {
                Ok(()) => SpeakingEvent::Finished,
                Err(fault) => SpeakingEvent::Failed(fault),
            });
        })))
    }
}

/// The audio of a sentence on its way to the call, listened to in passing.
#[derive(Debug)]
pub(crate) struct Sound {
    events: Sink<SpeakingEvent>,
    is_audible: bool,
}

impl Sound {
    /// Hands on µ-law audio.
    pub(crate) fn put(&mut self, audio: Bytes) {
        let is_loud = |&byte: &u8| mulaw::decode_sample(byte).unsigned_abs() >= QUIET;
        self.is_audible = self.is_audible || audio.iter().any(is_loud);
        if !audio.is_empty() {
            self.events.send(SpeakingEvent::Audio(audio));
        }
    }

    /// A sentence of which nothing was to be heard was not spoken.
    fn check(&self) -> Result<(), ProviderFault> {
        if self.is_audible {
            return Ok(());
        }
        Err(ProviderFault::Garbage { why: "the sentence came as silence, or not at all".into() })
    }
}
