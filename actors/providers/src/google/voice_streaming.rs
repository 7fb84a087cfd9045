//! `StreamingSynthesize` over gRPC: headerless µ-law as it is made. Chirp 3 HD voices only.

use std::time::Duration;

use futures_util::stream;
use moked_core::audio::SAMPLE_RATE;
use moked_core::ports::ProviderFault;
use moked_google_api::texttospeech_v1::streaming_synthesis_input::InputSource;
use moked_google_api::texttospeech_v1::streaming_synthesize_request::StreamingRequest;
use moked_google_api::texttospeech_v1::text_to_speech_client::TextToSpeechClient;
use moked_google_api::texttospeech_v1::{
    AudioEncoding, StreamingAudioConfig, StreamingSynthesisInput, StreamingSynthesizeConfig,
    StreamingSynthesizeRequest, VoiceSelectionParams,
};
use tokio::time::timeout;
use tonic::{Request, Status};

use super::grpc::Link;
use super::status;
use super::voice::{Sentence, Sound};

/// Limit for the first audio.
const FIRST: Duration = Duration::from_secs(4);

/// Limit for each gap after it.
const GAP: Duration = Duration::from_secs(2);

/// Speaks a sentence: the settings and the text go out and the stream is half-closed, for Google ends one
/// that is idle.
pub(crate) async fn speak(link: &Link, sentence: &Sentence, sound: &mut Sound) -> Result<(), ProviderFault> {
    let refused = |error: Status| status::fault(&error);
    let mut client = TextToSpeechClient::new(link.channel().await.map_err(refused)?);
    let mut outgoing = Request::new(stream::iter([opening(sentence), input(sentence)]));
    let permit = link.authorize(&mut outgoing).await.map_err(refused)?;
    let fault = |error: Status| status::fault(&permit.clean(error));
    let first = async {
        let mut answers = client.streaming_synthesize(outgoing).await?.into_inner();
        let answer = answers.message().await?;
        Ok((answers, answer))
    };
    let (mut answers, mut answer) =
        timeout(FIRST, first).await.map_err(|_| stalled("the first audio", FIRST))?.map_err(fault)?;
    while let Some(audio) = answer {
        sound.put(audio.audio_content);
        answer =
            timeout(GAP, answers.message()).await.map_err(|_| stalled("more audio", GAP))?.map_err(fault)?;
    }
    Ok(())
}

fn stalled(waiting_for: &'static str, limit: Duration) -> ProviderFault {
    ProviderFault::Stalled { waiting_for, after_ms: limit.as_millis() as u64 }
}

fn opening(sentence: &Sentence) -> StreamingSynthesizeRequest {
    let voice = VoiceSelectionParams {
        language_code: sentence.locale.clone(),
        name: sentence.voice.clone(),
        ..VoiceSelectionParams::default()
    };
    let audio = StreamingAudioConfig {
        audio_encoding: AudioEncoding::Mulaw.into(),
        sample_rate_hertz: SAMPLE_RATE as i32,
        speaking_rate: sentence.speaking_rate,
    };
    request(StreamingRequest::StreamingConfig(StreamingSynthesizeConfig {
        voice: Some(voice),
        streaming_audio_config: Some(audio),
        ..StreamingSynthesizeConfig::default()
    }))
}

fn input(sentence: &Sentence) -> StreamingSynthesizeRequest {
    let text = InputSource::Text(sentence.text.clone());
    let input = StreamingSynthesisInput { input_source: Some(text), ..StreamingSynthesisInput::default() };
    request(StreamingRequest::Input(input))
}

fn request(streaming_request: StreamingRequest) -> StreamingSynthesizeRequest {
    StreamingSynthesizeRequest { streaming_request: Some(streaming_request) }
}
