//! Ears by vosk-server over a WebSocket.
//!
//! Linear audio at 8 kHz goes out in binary messages, and each has exactly one answer: a partial, or a result
//! when the server's own endpointer closed a stretch of speech. So counting tells which answer belongs to the
//! end of an utterance.
//!
//! Settling without closing is the hard part. `{"eof" : 1}` settles, but the server then closes. Newer servers
//! know `{"reset" : 1}` (that very spelling), which settles and listens on; older ones, among them published
//! images, take any other text for audio and die of it. What every server does is to close a stretch by its
//! endpointer after 2 s of silence at most, and silence need not be spoken in real time: by default a burst of
//! it goes out in one message, whose one answer holds the result. It costs the decoding of the silence, so
//! `reset` is there for those who know their server.
//!
//! A phrase list is a grammar: nothing outside it is ever heard but as `[unk]`. So the agent's vocabulary is
//! made one only on demand, for agents that ask closed questions.

use std::time::Duration;

use bytes::Bytes;
use moked_core::audio::{SAMPLE_RATE, mulaw};
use moked_core::language::Language;
use moked_core::ports::{HearingEvent, HearingRequest, HearingSession, ProviderFault, Sink, SpeechToText};
use serde::Deserialize;
use serde_json::json;

use crate::listening::{Outgoing, SttWire, WireFact, listen};
use crate::transport::{Incoming, SocketRequest};

/// Short name for logs.
const NAME: &str = "vosk";

/// Silence that closes any stretch with a word in it: Kaldi's slowest such rule waits for 2.0 s.
const BURST_MS: usize = 2_100;

/// The words for "settle and listen on"; the server compares the text as it stands.
const RESET: &str = r#"{"reset" : 1}"#;

/// Settings of [`VoskEars`].
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VoskEarsOptions {
    /// Where the server is. Default `ws://127.0.0.1:2700`.
    pub base_url: String,
    /// How an utterance is settled. Default `silence`.
    pub settle_by: SettleBy,
    /// Whether the agent's vocabulary is the only thing that can be heard. Default false. Models with a fixed
    /// graph ignore it.
    pub vocabulary_only: bool,
    /// The language of the server's model. Default `en`.
    pub language: Language,
}

impl Default for VoskEarsOptions {
    fn default() -> Self {
        Self {
            base_url: "ws://127.0.0.1:2700".into(),
            settle_by: SettleBy::Silence,
            vocabulary_only: false,
            language: Language::English,
        }
    }
}

/// How an utterance is settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SettleBy {
    /// A burst of silence: works with every server.
    Silence,
    /// The command `reset`: faster, but older servers break the connection.
    Reset,
}

/// A vosk-server.
#[derive(Debug)]
pub struct VoskEars {
    options: VoskEarsOptions,
}

impl VoskEars {
    /// Ears with these settings. The server knows no keys.
    pub fn new(options: VoskEarsOptions) -> Self {
        Self { options }
    }
}

impl SpeechToText for VoskEars {
    fn name(&self) -> &'static str {
        NAME
    }

    fn languages(&self) -> &[Language] {
        std::slice::from_ref(&self.options.language)
    }

    fn open(
        &self,
        request: HearingRequest,
        events: Sink<HearingEvent>,
    ) -> Result<Box<dyn HearingSession>, ProviderFault> {
        if request.language != self.options.language {
            return Err(ProviderFault::UnsupportedLanguage { engine: NAME, language: request.language });
        }
        let vocabulary = if self.options.vocabulary_only { request.vocabulary } else { Vec::new() };
        let wire = Wire { options: self.options.clone(), vocabulary, sent: 0, answered: 0, settles_at: None };
        Ok(Box::new(listen(NAME, wire, events)))
    }
}

/// One session's wire.
struct Wire {
    options: VoskEarsOptions,
    vocabulary: Vec<String>,
    /// Messages that are answered, and the answers to them.
    sent: u64,
    answered: u64,
    /// The answer that settles the utterance.
    settles_at: Option<u64>,
}

/// An answer. A server with alternatives sends other fields, which are then missing here.
#[derive(Debug, Deserialize)]
struct Answer {
    partial: Option<String>,
    text: Option<String>,
}

impl SttWire for Wire {
    fn request(&self) -> SocketRequest {
        SocketRequest::new(self.options.base_url.clone())
    }

    fn opening(&mut self) -> Vec<Outgoing> {
        let mut config = json!({"sample_rate": SAMPLE_RATE, "words": false, "max_alternatives": 0});
        let phrases = self.vocabulary.iter().map(|phrase| phrase.trim().to_lowercase());
        let mut phrases: Vec<String> = phrases.filter(|phrase| !phrase.is_empty()).collect();
        if !phrases.is_empty() {
            phrases.push("[unk]".into());
            config["phrase_list"] = phrases.into();
        }
        vec![Outgoing::Text(json!({"config": config}).to_string())]
    }

    fn audio(&mut self, audio: &[u8]) -> Outgoing {
        self.sent += 1;
        let bytes: Vec<u8> = mulaw::decode(audio).into_iter().flat_map(i16::to_le_bytes).collect();
        Outgoing::Binary(bytes.into())
    }

    fn piece(&self) -> Duration {
        // Every message costs an answer, and the server decodes in steps of this order anyway.
        Duration::from_millis(100)
    }

    fn is_speech_only(&self) -> bool {
        true
    }

    fn finalize(&mut self) -> Option<Outgoing> {
        self.sent += 1;
        self.settles_at = Some(self.sent);
        Some(match self.options.settle_by {
            SettleBy::Silence => {
                Outgoing::Binary(Bytes::from(vec![0; BURST_MS * 2 * SAMPLE_RATE as usize / 1_000]))
            }
            SettleBy::Reset => Outgoing::Text(RESET.into()),
        })
    }

    fn read(&mut self, message: Incoming) -> Result<Vec<WireFact>, ProviderFault> {
        self.answered += 1;
        let is_last = self.settles_at.is_some_and(|at| self.answered >= at);
        if is_last {
            self.settles_at = None;
        }
        let understood = understand(&message);
        let mut facts = match understood {
            Ok(fact) => vec![fact],
            Err(fault) if !is_last => return Err(fault),
            Err(fault) => vec![WireFact::Fault(fault)],
        };
        if is_last {
            facts.push(WireFact::Finalized);
        }
        Ok(facts)
    }
}

fn understand(message: &Incoming) -> Result<WireFact, ProviderFault> {
    let Incoming::Text(text) = message else {
        return Err(ProviderFault::Garbage { why: "a binary message".into() });
    };
    let answer: Answer = serde_json::from_str(text)
        .map_err(|error| ProviderFault::Garbage { why: format!("not an answer: {error}") })?;
    match (answer.text, answer.partial) {
        (Some(text), _) => Ok(WireFact::Settled(known_words(&text))),
        (None, Some(partial)) => Ok(WireFact::Interim(known_words(&partial))),
        (None, None) => Err(ProviderFault::Garbage { why: "neither a partial nor a text".into() }),
    }
}

/// The text without the mark of words outside the phrase list.
fn known_words(text: &str) -> String {
    text.split_whitespace().filter(|&word| word != "[unk]").collect::<Vec<_>>().join(" ")
}
