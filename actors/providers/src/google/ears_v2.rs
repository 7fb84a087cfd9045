//! `google.cloud.speech.v2` `StreamingRecognize`: newer models, regions, and a project in every request.
//!
//! Which of its models hear Hebrew was not to be found out without an account, so Google is asked: a refused
//! request is told with the models that the location lists for the language.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use moked_core::audio::SAMPLE_RATE;
use moked_core::ports::ProviderFault;
use moked_google_api::speech_v2::explicit_decoding_config::AudioEncoding;
use moked_google_api::speech_v2::recognition_config::DecodingConfig;
use moked_google_api::speech_v2::speech_adaptation::{AdaptationPhraseSet, adaptation_phrase_set};
use moked_google_api::speech_v2::speech_client::SpeechClient;
use moked_google_api::speech_v2::streaming_recognition_features::EndpointingSensitivity;
use moked_google_api::speech_v2::streaming_recognize_request::StreamingRequest;
use moked_google_api::speech_v2::streaming_recognize_response::SpeechEventType;
use moked_google_api::speech_v2::{
    ExplicitDecodingConfig, PhraseSet, RecognitionConfig, RecognitionFeatures, SpeechAdaptation,
    StreamingRecognitionConfig, StreamingRecognitionFeatures, StreamingRecognizeRequest,
    StreamingRecognizeResponse, phrase_set,
};
use tokio::sync::mpsc;
use tonic::metadata::AsciiMetadataValue;
use tonic::{Request, Status};

use super::answer::{Activity, Answer, Answers, Piece, Recognizer, Word, time};
use super::ears::Endpointing;
use super::grpc::Link;
use crate::transport::HttpRequest;

/// Limit for the list of models, which only makes a message better.
const LIST_LIMIT: Duration = Duration::from_secs(2);

/// Longest list of models read: it names every language and model of a region.
const LIST_BYTES: usize = 4 << 20;

/// Streaming by version 2.
#[derive(Debug, Clone)]
pub(crate) struct V2 {
    pub(crate) link: Link,
    /// `projects/P/locations/L`.
    pub(crate) location: String,
    pub(crate) language: &'static str,
    pub(crate) model: String,
    pub(crate) endpointing: Option<Endpointing>,
    pub(crate) boost: f32,
}

impl V2 {
    fn recognizer(&self) -> String {
        format!("{}/recognizers/_", self.location)
    }

    fn opening(&self, phrases: &[String]) -> StreamingRecognizeRequest {
        let decoding = ExplicitDecodingConfig {
            encoding: AudioEncoding::Mulaw.into(),
            sample_rate_hertz: SAMPLE_RATE as i32,
            audio_channel_count: 1,
        };
        let features = RecognitionFeatures {
            enable_word_time_offsets: true,
            enable_automatic_punctuation: true,
            max_alternatives: 1,
            ..RecognitionFeatures::default()
        };
        let config = RecognitionConfig {
            decoding_config: Some(DecodingConfig::ExplicitDecodingConfig(decoding)),
            model: self.model.clone(),
            language_codes: vec![self.language.into()],
            features: Some(features),
            adaptation: (!phrases.is_empty()).then(|| adaptation(phrases, self.boost)),
            ..RecognitionConfig::default()
        };
        let sensitivity = match self.endpointing {
            None => EndpointingSensitivity::Unspecified,
            Some(Endpointing::Standard) => EndpointingSensitivity::Standard,
            Some(Endpointing::Short) => EndpointingSensitivity::Short,
            Some(Endpointing::Supershort) => EndpointingSensitivity::Supershort,
        };
        let streaming = StreamingRecognitionConfig {
            config: Some(config),
            streaming_features: Some(StreamingRecognitionFeatures {
                enable_voice_activity_events: true,
                interim_results: true,
                endpointing_sensitivity: sensitivity.into(),
                ..StreamingRecognitionFeatures::default()
            }),
            ..StreamingRecognitionConfig::default()
        };
        StreamingRecognizeRequest {
            recognizer: self.recognizer(),
            streaming_request: Some(StreamingRequest::StreamingConfig(streaming)),
        }
    }
}

impl Recognizer for V2 {
    fn open(&self, phrases: &[String], mut audio: mpsc::Receiver<Bytes>) -> Answers {
        let opening = self.opening(phrases);
        let link = self.link.clone();
        let recognizer = self.recognizer();
        let call = async move {
            let mut client = SpeechClient::new(link.channel().await?);
            let audio = stream::poll_fn(move |context| audio.poll_recv(context));
            let audio = audio.map(|bytes| StreamingRecognizeRequest {
                recognizer: String::new(),
                streaming_request: Some(StreamingRequest::Audio(bytes)),
            });
            let mut outgoing = Request::new(stream::iter([opening]).chain(audio));
            let permit = link.authorize(&mut outgoing).await?;
            let routing = AsciiMetadataValue::try_from(format!("recognizer={recognizer}"))
                .map_err(|_| Status::invalid_argument(format!("{recognizer} is no name of a recognizer")))?;
            outgoing.metadata_mut().insert("x-goog-request-params", routing);
            let answers = client.streaming_recognize(outgoing).await;
            let answers = answers.map_err(|status| permit.clean(status))?.into_inner();
            Ok::<_, Status>(answers.map_ok(read).map_err(move |status| permit.clean(status)))
        };
        stream::once(call).try_flatten().boxed_local()
    }

    fn advice(&self) -> LocalBoxFuture<'static, String> {
        let (link, location, language) = (self.link.clone(), self.location.clone(), self.language);
        async move {
            match models(&link, &location, language).await {
                Ok(models) if models.is_empty() => format!("; {location} lists no model for {language}"),
                Ok(models) => format!("; {location} lists for {language}: {}", models.join(", ")),
                Err(error) => format!("; the list of models for {language} cannot be had: {error}"),
            }
        }
        .boxed_local()
    }
}

fn adaptation(phrases: &[String], boost: f32) -> SpeechAdaptation {
    let phrase = |value: &String| phrase_set::Phrase { value: value.clone(), boost };
    let set = PhraseSet { phrases: phrases.iter().map(phrase).collect(), ..PhraseSet::default() };
    let value = adaptation_phrase_set::Value::InlinePhraseSet(set);
    SpeechAdaptation {
        phrase_sets: vec![AdaptationPhraseSet { value: Some(value) }],
        ..SpeechAdaptation::default()
    }
}

/// The models that a location lists for a language, by the Locations API.
async fn models(link: &Link, location: &str, language: &str) -> Result<Vec<String>, ProviderFault> {
    let request = HttpRequest::get(link.url(&format!("/v2/{location}")));
    let body = link.send(request, LIST_LIMIT).await?.all(LIST_BYTES, LIST_LIMIT).await?;
    let list: serde_json::Value = serde_json::from_slice(&body)
        .map_err(|error| ProviderFault::Garbage { why: format!("the list of models: {error}") })?;
    let features = list.pointer(&format!("/metadata/languages/models/{language}/modelFeatures"));
    Ok(features
        .and_then(serde_json::Value::as_object)
        .into_iter()
        .flatten()
        .map(|model| model.0.clone())
        .collect())
}

fn read(response: StreamingRecognizeResponse) -> Answer {
    let activity = match response.speech_event_type() {
        SpeechEventType::SpeechActivityBegin => Some(Activity::Began),
        SpeechEventType::SpeechActivityEnd => Some(Activity::Ended),
        SpeechEventType::Unspecified | SpeechEventType::EndOfSingleUtterance => None,
    };
    let pieces = response.results.into_iter().filter_map(|result| {
        let alternative = result.alternatives.into_iter().next()?;
        let words = alternative.words.into_iter().map(|word| Word {
            text: word.word,
            begins: time(word.start_offset),
            ends: time(word.end_offset),
        });
        Some(Piece {
            text: alternative.transcript,
            is_final: result.is_final,
            ends: time(result.result_end_offset),
            words: words.collect(),
        })
    });
    Answer { pieces: pieces.collect(), activity }
}
