//! The words of Soniox's WebSocket. Shapes of Soniox's Python SDK 2.10.

use std::time::Duration;

use bytes::Bytes;
use moked_core::ports::{HearingRequest, ProviderFault, TurnSignal};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::SonioxEarsOptions;
use crate::listening::{Outgoing, SttWire, WireFact, limited_terms, text_message};
use crate::transport::{Incoming, SocketRequest};

/// How often silence is bridged. Soniox closes after 20 s without audio.
const KEEP_ALIVE: Duration = Duration::from_secs(5);

/// Most terms in the context, and most characters of all of them: far below the 10 000 that Soniox takes.
const MOST_TERMS: usize = 200;
const MOST_TERM_CHARACTERS: usize = 4_000;

/// A session's wire.
pub(super) struct SonioxWire {
    options: SonioxEarsOptions,
    url: Url,
    request: HearingRequest,
    key: SecretString,
    /// Whether words came since the last `<end>`.
    is_open: bool,
}

#[derive(Debug, Deserialize)]
struct Message {
    #[serde(default)]
    tokens: Vec<Token>,
    #[serde(default)]
    error_code: Option<u16>,
    #[serde(default)]
    error_message: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Token {
    text: String,
    #[serde(default)]
    is_final: bool,
}

impl SonioxWire {
    pub(super) fn new(
        options: SonioxEarsOptions,
        url: Url,
        request: HearingRequest,
        key: SecretString,
    ) -> Self {
        Self { options, url, request, key, is_open: false }
    }

    fn tokens(&mut self, tokens: Vec<Token>) -> Vec<WireFact> {
        let mut facts = Vec::new();
        let (mut settled, mut interim) = (String::new(), String::new());
        let open = |is_open: &mut bool, facts: &mut Vec<WireFact>| {
            if !std::mem::replace(is_open, true) {
                facts.push(WireFact::Turn(TurnSignal::Started));
            }
        };
        for token in tokens {
            let mark = match token.text.as_str() {
                "<end>" => WireFact::Turn(TurnSignal::Ended),
                "<fin>" => WireFact::Finalized,
                _ => {
                    open(&mut self.is_open, &mut facts);
                    let text = if token.is_final { &mut settled } else { &mut interim };
                    text.push_str(&token.text);
                    continue;
                }
            };
            facts.push(WireFact::Pieces { settled: std::mem::take(&mut settled), interim: String::new() });
            if mark == WireFact::Turn(TurnSignal::Ended) {
                self.is_open = false;
            }
            facts.push(mark);
        }
        facts.push(WireFact::Pieces { settled, interim });
        facts
    }
}

impl SttWire for SonioxWire {
    fn request(&self) -> SocketRequest {
        SocketRequest::new(self.url.as_str())
    }

    fn opening(&mut self) -> Vec<Outgoing> {
        let SonioxEarsOptions { other_languages, terms, .. } = &self.options;
        let own = self.request.language.code();
        let others = other_languages.iter().map(String::as_str).filter(|other| *other != own);
        let mut hello = json!({
            "api_key": self.key.expose_secret(),
            "model": self.options.model,
            "audio_format": "mulaw",
            "sample_rate": 8000,
            "num_channels": 1,
            "language_hints": std::iter::once(own).chain(others).collect::<Vec<_>>(),
            "language_hints_strict": self.options.language_hints_strict,
            "enable_endpoint_detection": true,
        });
        if let Some(delay) = self.options.max_endpoint_delay_ms {
            hello["max_endpoint_delay_ms"] = delay.into();
        }
        if let Some(sensitivity) = self.options.endpoint_sensitivity {
            hello["endpoint_sensitivity"] = sensitivity.into();
        }
        let terms =
            limited_terms(self.request.vocabulary.iter().chain(terms), MOST_TERMS, MOST_TERM_CHARACTERS);
        if !terms.is_empty() {
            hello["context"] = json!({"terms": terms});
        }
        vec![Outgoing::Text(hello.to_string())]
    }

    fn audio(&mut self, mulaw: &[u8]) -> Outgoing {
        Outgoing::Binary(Bytes::copy_from_slice(mulaw))
    }

    fn finalize(&mut self) -> Option<Outgoing> {
        Some(Outgoing::Text(json!({"type": "finalize"}).to_string()))
    }

    fn keep_alive(&self) -> Option<(Duration, Outgoing)> {
        Some((KEEP_ALIVE, Outgoing::Text(json!({"type": "keepalive"}).to_string())))
    }

    fn read(&mut self, message: Incoming) -> Result<Vec<WireFact>, ProviderFault> {
        let Message { tokens, error_code, error_message } = text_message(&message)?;
        if error_code.is_none() && error_message.is_none() {
            return Ok(self.tokens(tokens));
        }
        let status = error_code.unwrap_or(500);
        let why = format!("{status}: {}", error_message.unwrap_or_default());
        Ok(vec![WireFact::Fault(ProviderFault::from_status(status, why, None))])
    }
}
