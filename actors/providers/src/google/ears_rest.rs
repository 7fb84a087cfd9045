//! `speech:recognize` over REST: an utterance at a time, for networks that let no gRPC through.
//!
//! Slower than a stream, for nothing is recognised until the caller has finished, and without partial text;
//! but it needs HTTP only. moked's own voice activity cuts the utterances.

use std::rc::Rc;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use moked_core::audio::{BYTES_PER_MS, SAMPLE_RATE};
use moked_core::ids::UtteranceId;
use moked_core::ports::{HearingEvent, ProviderFault, Sink};
use serde::Deserialize;
use serde_json::json;

use super::answer::Recognizer;
use super::ears::usable;
use super::ears_v1::V1;
use crate::listening::{Command, Queue};
use crate::transport::HttpRequest;

/// Audio before the onset that belongs to the utterance, by the port's promise.
const LEAD: usize = 500 * BYTES_PER_MS;

/// The most audio in one request: 55 s, for Google takes a minute.
const LONGEST: usize = 55_000 * BYTES_PER_MS;

/// Limit for an answer.
const LIMIT: Duration = Duration::from_secs(6);

/// Longest answer read.
const ANSWER_BYTES: usize = 1 << 20;

/// What to ask with.
#[derive(Debug)]
pub(crate) struct Rest {
    pub(crate) config: V1,
}

#[derive(Deserialize)]
struct Recognized {
    #[serde(default)]
    results: Vec<RecognizedResult>,
}

#[derive(Deserialize)]
struct RecognizedResult {
    #[serde(default)]
    alternatives: Vec<RecognizedAlternative>,
}

#[derive(Deserialize)]
struct RecognizedAlternative {
    #[serde(default)]
    transcript: String,
}

/// Runs a session until it fails or is aborted.
pub(crate) async fn drive(rest: Rest, vocabulary: Vec<String>, queue: Rc<Queue>, events: Sink<HearingEvent>) {
    let mut phrases = vocabulary.clone();
    let mut current: Option<UtteranceId> = None;
    let mut audio = Vec::new();
    loop {
        match queue.next().await {
            Command::Audio(more) => {
                audio.extend_from_slice(&more);
                let most = if current.is_some() { LONGEST } else { LEAD };
                let surplus = audio.len().saturating_sub(most);
                audio.drain(..surplus);
            }
            Command::Started(utterance) => current = Some(utterance),
            Command::Ended(utterance) if current == Some(utterance) => {
                current = None;
                match rest.recognize(&std::mem::take(&mut audio), &phrases).await {
                    Ok(text) => events.send(HearingEvent::Final { utterance, text }),
                    Err(fault) => return events.send(HearingEvent::Failed(fault)),
                }
            }
            Command::Ended(_) => {}
            Command::Expect(hints) => {
                phrases = usable([hints.phrases.as_slice(), vocabulary.as_slice()].concat());
            }
        }
    }
}

impl Rest {
    async fn recognize(&self, audio: &[u8], phrases: &[String]) -> Result<String, ProviderFault> {
        let mut config = json!({
            "encoding": "MULAW",
            "sampleRateHertz": SAMPLE_RATE,
            "languageCode": self.config.language,
            "model": self.config.model,
            "useEnhanced": self.config.use_enhanced,
            "maxAlternatives": 1,
            "enableAutomaticPunctuation": true,
        });
        if !phrases.is_empty() {
            config["speechContexts"] = json!([{ "phrases": phrases, "boost": self.config.boost }]);
        }
        let body = json!({ "config": config, "audio": { "content": STANDARD.encode(audio) } });
        let link = &self.config.link;
        let request = HttpRequest::post_json(link.url("/v1/speech:recognize"), &body);
        let mut answer = match link.send(request, LIMIT).await {
            Err(ProviderFault::BadRequest { why }) => {
                let why = why + &self.config.advice().await;
                return Err(ProviderFault::BadRequest { why });
            }
            answer => answer?,
        };
        let answer = answer.all(ANSWER_BYTES, LIMIT).await?;
        let answer: Recognized = serde_json::from_slice(&answer)
            .map_err(|error| ProviderFault::Garbage { why: format!("speech:recognize: {error}") })?;
        let texts = answer.results.iter().filter_map(|result| result.alternatives.first());
        let texts: Vec<&str> =
            texts.map(|best| best.transcript.trim()).filter(|text| !text.is_empty()).collect();
        Ok(texts.join(" "))
    }
}
