//! The words of `/v1/listen`. Shapes of Deepgram's Python SDK 7.16.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use moked_core::audio::BYTES_PER_MS;
use moked_core::ports::{HearingRequest, ProviderFault};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use super::{DeepgramEarsOptions, MOST_TERM_CHARACTERS, MOST_TERMS};
use crate::listening::{Outgoing, SttWire, WireFact, limited_terms, text_message};
use crate::transport::{Incoming, SocketRequest};

/// How often silence is bridged: Deepgram closes (NET-0001) after 10 s without audio and advises 3 to 5 s.
const KEEP_ALIVE: Duration = Duration::from_secs(4);

/// A settled result that ends this little before the end of an utterance, in seconds, covers it.
const TOLERANCE: f64 = 0.1;

/// How far behind an utterance an empty interim result must reach to say that nothing is left of it, in s.
const EMPTY_MARGIN: f64 = 0.5;

/// The answer to `Finalize` may end this much before the audio sent: Deepgram may leave out the silence, in s.
const FINALIZE_MARGIN: f64 = 0.5;

/// Whether a model listens for key terms.
fn takes_keyterms(options: &DeepgramEarsOptions) -> bool {
    options.model.starts_with("nova-3")
}

/// A session's wire.
pub(super) struct ListenWire {
    url: Url,
    key: SecretString,
    vocabulary: Vec<String>,
    /// The key terms in force; `None` when the model takes none, or refused to change them.
    keyterms: Option<Vec<String>>,
    sent_bytes: usize,
    /// Ends of utterances that Deepgram has not answered: seconds of audio sent when it was asked.
    asked: VecDeque<f64>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type")]
enum Message {
    Results(Results),
    ConfigureFailure {},
    Error {
        #[serde(default)]
        variant: Option<String>,
        #[serde(default)]
        description: Option<String>,
        #[serde(default)]
        message: Option<String>,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
struct Results {
    #[serde(default)]
    start: f64,
    #[serde(default)]
    duration: f64,
    #[serde(default)]
    is_final: bool,
    #[serde(default)]
    from_finalize: bool,
    channel: Channel,
}

#[derive(Debug, Deserialize)]
struct Channel {
    alternatives: Vec<Alternative>,
}

#[derive(Debug, Deserialize)]
struct Alternative {
    transcript: String,
}

impl ListenWire {
    pub(super) fn new(
        options: &DeepgramEarsOptions,
        mut url: Url,
        request: &HearingRequest,
        key: SecretString,
    ) -> Self {
        let all = || request.vocabulary.iter().chain(&options.keyterms);
        let keyterms =
            takes_keyterms(options).then(|| limited_terms(all(), MOST_TERMS, MOST_TERM_CHARACTERS));
        url.query_pairs_mut()
            .append_pair("model", &options.model)
            .append_pair("language", request.language.code())
            .append_pair("encoding", "mulaw")
            .append_pair("sample_rate", "8000")
            .append_pair("channels", "1")
            .append_pair("interim_results", "true")
            .append_pair("punctuate", "true")
            .append_pair("smart_format", if options.smart_format { "true" } else { "false" })
            .append_pair("endpointing", &options.endpointing_ms.to_string())
            .extend_pairs(keyterms.iter().flatten().map(|term| ("keyterm", term)));
        let vocabulary = all().cloned().collect();
        Self { url, key, vocabulary, keyterms, sent_bytes: 0, asked: VecDeque::new() }
    }

    fn sent_seconds(&self) -> f64 {
        self.sent_bytes as f64 / (BYTES_PER_MS as f64 * 1_000.0)
    }

    fn results(&mut self, results: Results) -> Vec<WireFact> {
        let end = results.start + results.duration;
        let text =
            results.channel.alternatives.into_iter().next().map(|first| first.transcript).unwrap_or_default();
        // Words near the end of what was heard come a little later, so emptiness must reach further.
        let covers = match (results.is_final, text.is_empty()) {
            (true, _) => end + TOLERANCE,
            (false, true) => end - EMPTY_MARGIN,
            (false, false) => 0.0,
        };
        // A late answer to a question that counts as answered must not answer the next one.
        let answers = if results.from_finalize { end + FINALIZE_MARGIN } else { 0.0 };
        let mut facts = match results.is_final {
            true => vec![WireFact::Settled(text)],
            false => vec![WireFact::Interim(text)],
        };
        while self.asked.front().is_some_and(|asked| covers.max(answers) >= *asked) {
            self.asked.pop_front();
            facts.push(WireFact::Finalized);
        }
        facts
    }
}

impl SttWire for ListenWire {
    fn request(&self) -> SocketRequest {
        let token = format!("Token {}", self.key.expose_secret());
        SocketRequest::new(self.url.as_str()).header("authorization", token)
    }

    fn audio(&mut self, mulaw: &[u8]) -> Outgoing {
        self.sent_bytes += mulaw.len();
        Outgoing::Binary(Bytes::copy_from_slice(mulaw))
    }

    fn finalize(&mut self) -> Option<Outgoing> {
        self.asked.push_back(self.sent_seconds());
        Some(Outgoing::Text(json!({"type": "Finalize"}).to_string()))
    }

    fn keep_alive(&self) -> Option<(Duration, Outgoing)> {
        Some((KEEP_ALIVE, Outgoing::Text(json!({"type": "KeepAlive"}).to_string())))
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
            Message::Results(results) => self.results(results),
            Message::ConfigureFailure {} => {
                tracing::debug!("Deepgram does not change key terms within this call");
                self.keyterms = None;
                Vec::new()
            }
            Message::Error { variant, description, message } => {
                let words = [variant, description.or(message)].into_iter().flatten().collect::<Vec<_>>();
                vec![WireFact::Fault(ProviderFault::Closed { why: words.join(": ") })]
            }
            Message::Other => Vec::new(),
        })
    }
}
