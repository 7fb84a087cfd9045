//! `google.cloud.speech.v1` `StreamingRecognize`: the version whose Hebrew is known good.

use bytes::Bytes;
use futures_util::future::LocalBoxFuture;
use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use moked_core::audio::SAMPLE_RATE;
use moked_google_api::speech_v1::speech_client::SpeechClient;
use moked_google_api::speech_v1::streaming_recognize_request::StreamingRequest;
use moked_google_api::speech_v1::streaming_recognize_response::SpeechEventType;
use moked_google_api::speech_v1::{
    RecognitionConfig, SpeechContext, StreamingRecognitionConfig, StreamingRecognizeRequest,
    StreamingRecognizeResponse, recognition_config,
};
use tokio::sync::mpsc;
use tonic::{Request, Status};

use super::answer::{Activity, Answer, Answers, Piece, Recognizer, Word, time};
use super::grpc::Link;

/// Streaming by version 1.
#[derive(Debug, Clone)]
pub(crate) struct V1 {
    pub(crate) link: Link,
    pub(crate) language: &'static str,
    pub(crate) model: String,
    pub(crate) use_enhanced: bool,
    pub(crate) boost: f32,
}

impl V1 {
    fn opening(&self, phrases: &[String]) -> StreamingRecognizeRequest {
        let context = SpeechContext { phrases: phrases.to_vec(), boost: self.boost };
        let config = RecognitionConfig {
            encoding: recognition_config::AudioEncoding::Mulaw.into(),
            sample_rate_hertz: SAMPLE_RATE as i32,
            audio_channel_count: 1,
            language_code: self.language.into(),
            max_alternatives: 1,
            speech_contexts: if phrases.is_empty() { Vec::new() } else { vec![context] },
            enable_word_time_offsets: true,
            enable_automatic_punctuation: true,
            model: self.model.clone(),
            use_enhanced: self.use_enhanced,
            ..RecognitionConfig::default()
        };
        let streaming = StreamingRecognitionConfig {
            config: Some(config),
            interim_results: true,
            enable_voice_activity_events: true,
            ..StreamingRecognitionConfig::default()
        };
        request(StreamingRequest::StreamingConfig(streaming))
    }
}

impl Recognizer for V1 {
    fn open(&self, phrases: &[String], mut audio: mpsc::Receiver<Bytes>) -> Answers {
        let opening = self.opening(phrases);
        let link = self.link.clone();
        let call = async move {
            let mut client = SpeechClient::new(link.channel().await?);
            let audio = stream::poll_fn(move |context| audio.poll_recv(context));
            let audio = audio.map(|bytes| request(StreamingRequest::AudioContent(bytes)));
            let mut outgoing = Request::new(stream::iter([opening]).chain(audio));
            let permit = link.authorize(&mut outgoing).await?;
            let answers = client.streaming_recognize(outgoing).await;
            let answers = answers.map_err(|status| permit.clean(status))?.into_inner();
            let answers = answers.and_then(|answer| std::future::ready(read(answer)));
            Ok::<_, Status>(answers.map_err(move |status| permit.clean(status)))
        };
        stream::once(call).try_flatten().boxed_local()
    }

    fn advice(&self) -> LocalBoxFuture<'static, String> {
        let language = self.language;
        async move { format!("; for {language} v1 is known to take `default` and `command_and_search`") }
            .boxed_local()
    }
}

fn request(streaming_request: StreamingRequest) -> StreamingRecognizeRequest {
    StreamingRecognizeRequest { streaming_request: Some(streaming_request) }
}

fn read(response: StreamingRecognizeResponse) -> Result<Answer, Status> {
    if let Some(error) = response.error.as_ref().filter(|error| error.code != 0) {
        return Err(Status::new(error.code.into(), error.message.clone()));
    }
    let activity = match response.speech_event_type() {
        SpeechEventType::SpeechActivityBegin => Some(Activity::Began),
        SpeechEventType::SpeechActivityEnd => Some(Activity::Ended),
        SpeechEventType::SpeechEventUnspecified
        | SpeechEventType::EndOfSingleUtterance
        | SpeechEventType::SpeechActivityTimeout => None,
    };
    let pieces = response.results.into_iter().filter_map(|result| {
        let alternative = result.alternatives.into_iter().next()?;
        let words = alternative.words.into_iter().map(|word| Word {
            text: word.word,
            begins: time(word.start_time),
            ends: time(word.end_time),
        });
        Some(Piece {
            text: alternative.transcript,
            is_final: result.is_final,
            ends: time(result.result_end_time),
            words: words.collect(),
        })
    });
    Ok(Answer { pieces: pieces.collect(), activity })
}
