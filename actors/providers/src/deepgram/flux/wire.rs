//! The words of `/v2/listen`. Shapes of Deepgram's Python SDK 7.16.

use std::time::Duration;

use bytes::Bytes;
use moked_core::audio::{BYTES_PER_MS, SILENCE};
use moked_core::ports::{HearingRequest, ProviderFault, TurnSignal};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::DeepgramFluxOptions;
use crate::deepgram::ears::{MOST_TERM_CHARACTERS, MOST_TERMS};
use crate::listening::{Outgoing, SttWire, WireFact, limited_terms, text_message};
use crate::transport::{Incoming, SocketRequest};

/// The pieces of audio that Deepgram advises for Flux.
const PIECE: Duration = Duration::from_millis(80);

/// How often a gap in the audio is bridged. Flux has no word for that, so it is told what the line has:
/// silence.
const KEEP_ALIVE: Duration = Duration::from_secs(4);

/// A session's wire.
pub(super) struct FluxWire {
    url: Url,
    key: SecretString,
    vocabulary: Vec<String>,
    /// The key terms in force; `None` when Flux refused to change them.
    keyterms: Option<Vec<String>>,
    /// Whether Flux hears a turn.
    is_open: bool,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
enum Message {
    TurnInfo {
        event: Event,
        #[serde(default)]
        transcript: String,
    },
    ConfigureFailure {},
    Error {
        #[serde(default)]
        code: Option<String>,
        #[serde(default)]
        description: Option<String>,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
enum Event {
    StartOfTurn,
    Update,
    EagerEndOfTurn,
    TurnResumed,
    EndOfTurn,
    #[serde(other)]
    Other,
}

impl FluxWire {
    pub(super) fn new(
        options: &DeepgramFluxOptions,
        mut url: Url,
        request: &HearingRequest,
        key: SecretString,
    ) -> Self {
        let vocabulary: Vec<String> = request.vocabulary.iter().chain(&options.keyterms).cloned().collect();
        let keyterms = limited_terms(&vocabulary, MOST_TERMS, MOST_TERM_CHARACTERS);
        url.query_pairs_mut()
            .append_pair("model", &options.model)
            .append_pair("encoding", "mulaw")
            .append_pair("sample_rate", "8000")
            .append_pair("eot_threshold", &options.eot_threshold.to_string())
            .append_pair("eot_timeout_ms", &options.eot_timeout_ms.to_string())
            .extend_pairs(options.eager_eot_threshold.map(|eager| ("eager_eot_threshold", eager.to_string())))
            .extend_pairs(keyterms.iter().map(|term| ("keyterm", term)));
        Self { url, key, vocabulary, keyterms: Some(keyterms), is_open: false }
    }

    fn turn(&mut self, event: &Event, text: String) -> Vec<WireFact> {
        let signal = match event {
            // While nobody speaks updates have no text; they must not take away what is due.
            Event::Update if text.is_empty() => return Vec::new(),
            Event::Update => return vec![WireFact::Interim(text)],
            Event::EndOfTurn => {
                self.is_open = false;
                return vec![WireFact::Settled(text), WireFact::Turn(TurnSignal::Ended), WireFact::Finalized];
            }
            Event::StartOfTurn => TurnSignal::Started,
            Event::EagerEndOfTurn => TurnSignal::ProbablyEnded,
            Event::TurnResumed => TurnSignal::Resumed,
            Event::Other => return Vec::new(),
        };
        self.is_open = true;
        vec![WireFact::Interim(text), WireFact::Turn(signal)]
    }
}

impl SttWire for FluxWire {
    fn request(&self) -> SocketRequest {
        let token = format!("Token {}", self.key.expose_secret());
        SocketRequest::new(self.url.as_str()).header("authorization", token)
    }

    fn audio(&mut self, mulaw: &[u8]) -> Outgoing {
        Outgoing::Binary(Bytes::copy_from_slice(mulaw))
    }

    fn piece(&self) -> Duration {
        PIECE
    }

    fn finalize(&mut self) -> Option<Outgoing> {
        self.is_open.then(|| Outgoing::Text(json!({"type": "ForceEndTurn"}).to_string()))
    }

    fn keep_alive(&self) -> Option<(Duration, Outgoing)> {
        let silence = vec![SILENCE; PIECE.as_millis() as usize * BYTES_PER_MS];
        Some((KEEP_ALIVE, Outgoing::Binary(silence.into())))
    }

    fn unanswered_limit(&self) -> u32 {
        2
    }

    fn expect(&mut self, phrases: &[String]) -> Option<Outgoing> {
        let terms = limited_terms(phrases.iter().chain(&self.vocabulary), MOST_TERMS, MOST_TERM_CHARACTERS);
        let in_force = self.keyterms.as_mut().filter(|in_force| **in_force != terms)?;
        let message = json!({"type": "Configure", "keyterms": &terms}).to_string();
        *in_force = terms;
        Some(Outgoing::Text(message))
    }

    fn read(&mut self, message: Incoming) -> Result<Vec<WireFact>, ProviderFault> {
        Ok(match text_message(&message)? {
            Message::TurnInfo { event, transcript } => self.turn(&event, transcript),
            Message::ConfigureFailure {} => {
                tracing::debug!("Flux does not change key terms within this call");
                self.keyterms = None;
                Vec::new()
            }
            Message::Error { code, description } => {
                let words = [code, description].into_iter().flatten().collect::<Vec<_>>();
                vec![WireFact::Fault(ProviderFault::Closed { why: words.join(": ") })]
            }
            Message::Other => Vec::new(),
        })
    }
}
