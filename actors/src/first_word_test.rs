//! How long a caller waits for the first word, in virtual time: with a voice as far away as a vendor's, and with what
//! that voice has kept.

use std::sync::Arc;
use std::time::Duration;

use moked_core::agent::Agent;
use moked_core::language::Language;
use moked_core::ports::{SpeakingRequest, TextToSpeech};
use moked_core::receptionist::{ReceptionistModel, stock_sentences};
use moked_core::speakable::{VoiceSpelling, speakable};
use moked_providers::failover::{FailoverVoice, Order};
use moked_providers::voice_cache::{VoiceCache, VoiceCacheOptions};

use crate::call::now;
use crate::chaos::{Mishap, SpellingVoice, heard};
use crate::host::{CallHost, Engines};
use crate::messages::LineOrder;
use crate::rig::{Rig, plain_host};

/// A provider's voice takes this long to its first sound; see `reference/providers.md`.
const FAR: Duration = Duration::from_millis(450);

fn agent() -> Arc<Agent> {
    let agent = serde_json::json!({
        "name": "Maya",
        "language": "en",
        "greeting": "Hello, this is Maya.",
        "closing": "Thank you, {name}. Goodbye.",
        "slots": [{ "id": "name", "kind": "name", "question": "What is your name?" }],
    });
    Arc::new(serde_json::from_value(agent).unwrap())
}

/// A voice that begins after [`FAR`], of which the agent's texts are kept.
fn cached(agent: &Arc<Agent>) -> (VoiceCache, Arc<dyn TextToSpeech>) {
    // It takes 60 ms by itself.
    let late = Some(Mishap::Late(FAR.as_millis() as u64 - 60));
    let mishaps = Arc::new(std::sync::Mutex::new(vec![late; 1_000]));
    let spoken = stock_sentences(agent).into_iter().map(|sentence| {
        let spoken = speakable(&sentence, Language::English, VoiceSpelling::default());
        SpeakingRequest::of(&spoken, Language::English)
    });
    let cache = VoiceCache::new(VoiceCacheOptions { dir: None, most_bytes: 64 << 20 }, spoken);
    let kept = cache.keep("far", Arc::new(SpellingVoice { mishaps }));
    (cache, Arc::new(FailoverVoice::new(Order::new([("far", kept)]))))
}

/// From the start of a call to the first frame on the line.
async fn first_word(agent: &Arc<Agent>, speaking: &Arc<dyn TextToSpeech>) -> (Duration, String) {
    let base = plain_host();
    let engines = Engines {
        speaking: Arc::clone(speaking),
        thinking: Arc::new(ReceptionistModel::new(Arc::clone(agent))),
        ..base.engines.clone()
    };
    let host = Arc::new(CallHost { engines, ..CallHost::clone(&base) });
    let begun = now();
    let call = Rig::call(&host, "1");
    call.wait(5_000).await;
    let first = call.when(|order| matches!(order, LineOrder::Media(_))).unwrap();
    let said = heard(&call).text();
    call.hang_up();
    call.wait(100).await;
    (first - begun, said)
}

#[actix_rt::test]
async fn the_first_word_comes_within_50_ms_of_the_start_though_the_voice_is_far_away() {
    tokio::time::pause();
    let agent = agent();
    let (cache, voice) = cached(&agent);
    let (uncached, said) = first_word(&agent, &voice).await;
    assert!(uncached >= FAR, "{uncached:?}");
    cache.warm(true).await;
    let (first, kept) = first_word(&agent, &voice).await;
    assert!(first <= Duration::from_millis(50), "{first:?} for {uncached:?}");
    assert_eq!(kept, "hello, this is maya.what is your name?");
    assert_eq!(said, kept, "it says the same");
    assert_eq!(cache.figures().misses, 2);
}
