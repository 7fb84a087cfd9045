//! `text:synthesize` over REST: a whole sentence, µ-law in a WAV file in base64 in JSON.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use moked_core::audio::SAMPLE_RATE;
use moked_core::ports::ProviderFault;
use serde::Deserialize;
use serde_json::json;

use super::grpc::Link;
use super::riff;
use super::voice::{Sentence, Sound};
use crate::transport::HttpRequest;

/// Limit for the whole answer to begin, and for each gap in it: it is made before it is sent.
const LIMIT: Duration = Duration::from_secs(5);

/// Longest answer read: four minutes of speech.
const ANSWER_BYTES: usize = 3 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Synthesized {
    audio_content: String,
}

/// Speaks a sentence.
pub(crate) async fn speak(link: &Link, sentence: &Sentence, sound: &mut Sound) -> Result<(), ProviderFault> {
    let input = match &sentence.ssml {
        Some(ssml) => json!({ "ssml": ssml }),
        None => json!({ "text": sentence.text }),
    };
    let body = json!({
        "input": input,
        "voice": { "languageCode": sentence.locale, "name": sentence.voice },
        "audioConfig": {
            "audioEncoding": "MULAW",
            "sampleRateHertz": SAMPLE_RATE,
            "speakingRate": sentence.speaking_rate,
            "effectsProfileId": ["telephony-class-application"],
        },
    });
    let request = HttpRequest::post_json(link.url("/v1/text:synthesize"), &body);
    let answer = link.send(request, LIMIT).await?.all(ANSWER_BYTES, LIMIT).await?;
    let garbage = |why: String| ProviderFault::Garbage { why: format!("text:synthesize: {why}") };
    let answer: Synthesized = serde_json::from_slice(&answer).map_err(|error| garbage(error.to_string()))?;
    let file = STANDARD.decode(answer.audio_content).map_err(|error| garbage(error.to_string()))?;
    let audio = riff::audio(&file).map_err(|error| garbage(error.to_string()))?;
    sound.put(Bytes::from(file).slice(audio));
    Ok(())
}
