//! Filling the cache beside the calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::stream::{StreamExt, iter};
use moked_core::ports::{ProviderFault, Sink, SpeakingEvent, SpeakingRequest, TextToSpeech};
use tokio::sync::mpsc::unbounded_channel;

use super::store::Store;
use super::voice::KeepingVoice;

/// Sentences that one voice is asked for at once: the smallest plans of vendors allow two or three, and calls
/// come first.
const AT_ONCE: usize = 2;

/// How long a sentence may take.
const LIMIT: Duration = Duration::from_secs(20);

/// Failures of a voice after which it is left alone: it is down, or out of credit. What it has not spoken is taken
/// down when a call has it spoken.
const MOST_FAILURES: usize = 3;

/// Fetches what the folder has; with `speak` has the rest spoken.
pub(super) async fn warm(
    voices: &[Arc<KeepingVoice>],
    texts: &[SpeakingRequest],
    store: &Store,
    speak: bool,
) {
    let key = |voice: &Arc<KeepingVoice>, text| voice.key(text);
    let keys = voices.iter().flat_map(|voice| texts.iter().filter_map(move |text| key(voice, text)));
    store.fetch(keys.collect()).await;
    let found = store.figures().clips;
    if speak {
        for voice in voices {
            fill(voice, texts, store).await;
        }
    }
    let figures = store.figures();
    tracing::info!(
        event = "VOICE_CACHE",
        clips = figures.clips,
        found,
        spoken = figures.clips.saturating_sub(found),
        kib = figures.memory_bytes / 1_024,
        "what the agent always says is at hand: {found} texts were kept, {} were spoken anew",
        figures.clips.saturating_sub(found)
    );
}

async fn fill(voice: &KeepingVoice, texts: &[SpeakingRequest], store: &Store) {
    let failures = AtomicUsize::new(0);
    let is_missing = |text: &&SpeakingRequest| voice.key(text).is_some_and(|key| !store.has(&key));
    let speaks = voice.languages();
    let missing = texts.iter().filter(is_missing).filter(|text| speaks.contains(&text.language));
    iter(missing)
        .for_each_concurrent(AT_ONCE, |text| async {
            if failures.load(Ordering::Relaxed) >= MOST_FAILURES {
                return;
            }
            match spoken(voice, text).await {
                Ok(()) => failures.store(0, Ordering::Relaxed),
                Err(fault) => {
                    let engine = voice.name();
                    if failures.fetch_add(1, Ordering::Relaxed) + 1 == MOST_FAILURES {
                        tracing::warn!(
                            event = "VOICE_CACHE_PARTIAL",
                            engine,
                            "{fault}; the rest of what the agent always says is kept when calls have it spoken"
                        );
                    } else {
                        tracing::debug!(engine, "a text was not kept: {fault}");
                    }
                }
            }
        })
        .await;
}

/// Has one text spoken to its end; the voice takes it down.
async fn spoken(voice: &KeepingVoice, text: &SpeakingRequest) -> Result<(), ProviderFault> {
    let (sender, mut told) = unbounded_channel();
    let sink = Sink::new(move |event| {
        // Nobody waits any more for one that took too long.
        let _ = sender.send(event);
    });
    let _stream = voice.speak(text.clone(), sink);
    let end = async {
        while let Some(event) = told.recv().await {
            match event {
                SpeakingEvent::Audio(_) | SpeakingEvent::Words(_) => {}
                SpeakingEvent::Finished => return Ok(()),
                SpeakingEvent::Failed(fault) => return Err(fault),
            }
        }
        Err(ProviderFault::Stopped { why: "the voice fell silent without a word".to_owned() })
    };
    let after_ms = LIMIT.as_millis() as u64;
    let stalled = ProviderFault::Stalled { waiting_for: "a sentence to be kept", after_ms };
    tokio::time::timeout(LIMIT, end).await.unwrap_or(Err(stalled))
}
