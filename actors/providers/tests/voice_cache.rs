//! What the agent always says: spoken once for each voice, then played; what it says to one caller is not kept.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use moked_core::audio::BYTES_PER_MS;
use moked_core::language::Language;
use moked_core::ports::{
    ProviderFault, Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, TextToSpeech, WordTime,
};
use moked_providers::failover::{FailoverVoice, Order};
use moked_providers::scripted::{ScriptedVoice, Speaking};
use moked_providers::voice_cache::{VoiceCache, VoiceCacheOptions};
use tokio::task::LocalSet;
use tokio::time::{Instant, sleep};

const GREETING: &str = "Hello, this is Maya.";
const FILLER: &str = "One moment, please.";
const FOR_ONE_CALLER: &str = "Thank you, Dana. Your number is zero five four.";

/// A vendor's voice takes this long to its first sound.
const SLOW: Duration = Duration::from_millis(450);

fn run(test: impl Future<Output = ()>) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(LocalSet::new().run_until(test));
}

fn request(text: &str) -> SpeakingRequest {
    SpeakingRequest::new(text, Language::English)
}

fn cache(dir: &Path) -> VoiceCache {
    let options = VoiceCacheOptions { dir: Some(dir.to_owned()), most_bytes: 1 << 20 };
    VoiceCache::new(options, [GREETING, FILLER].map(request))
}

/// A scripted voice as far away as a vendor's, which tells when its words are spoken.
#[derive(Debug, Clone)]
struct SlowVoice(ScriptedVoice);

struct Held(#[expect(dead_code, reason = "held for its drop")] tokio::task::JoinHandle<()>);

impl SpeakingStream for Held {}

impl TextToSpeech for SlowVoice {
    fn name(&self) -> &'static str {
        "slow"
    }

    fn languages(&self) -> &[Language] {
        &[Language::English]
    }

    fn speak(&self, request: SpeakingRequest, events: Sink<SpeakingEvent>) -> Box<dyn SpeakingStream> {
        let voice = self.0.clone();
        Box::new(Held(tokio::task::spawn_local(async move {
            sleep(SLOW).await;
            let first = request.text.split(' ').next().unwrap_or_default().to_owned();
            events.send(SpeakingEvent::Words(vec![WordTime { word: first, ends_at_ms: 300 }]));
            voice.speak(request, events);
        })))
    }
}

fn slow() -> SlowVoice {
    SlowVoice(ScriptedVoice::new(60))
}

/// The voice of one call in a process whose voice this is.
fn call(cache: &VoiceCache, identity: &str, voice: &SlowVoice) -> Arc<dyn TextToSpeech> {
    let kept = cache.keep(identity, Arc::new(voice.clone()));
    FailoverVoice::new(Order::new([("slow", kept)])).for_call().unwrap()
}

/// Has a text spoken; gives its events and how long the first sound took.
async fn say(voice: &Arc<dyn TextToSpeech>, text: &str) -> (Vec<SpeakingEvent>, Duration) {
    let (sender, told) = channel();
    let begun = Instant::now();
    let sink = Sink::new(move |event| drop(sender.send((event, begun.elapsed()))));
    let _stream = voice.speak(request(text), sink);
    sleep(Duration::from_secs(2)).await;
    let told: Vec<_> = told.try_iter().collect();
    let first = told.iter().find(|(event, _)| matches!(event, SpeakingEvent::Audio(_)));
    let took = first.map_or(Duration::MAX, |(_, took)| *took);
    (told.into_iter().map(|(event, _)| event).collect(), took)
}

fn sound(events: &[SpeakingEvent]) -> Vec<u8> {
    let audio = events.iter().filter_map(|event| match event {
        SpeakingEvent::Audio(audio) => Some(audio.to_vec()),
        SpeakingEvent::Words(_) | SpeakingEvent::Finished | SpeakingEvent::Failed(_) => None,
    });
    audio.flatten().collect()
}

/// The files in the folder once the thread that has the disk has done what it was asked before.
async fn files(cache: &VoiceCache, dir: &Path) -> Vec<PathBuf> {
    cache.warm(false).await;
    let entries = std::fs::read_dir(dir).map(|entries| entries.flatten().map(|entry| entry.path()).collect());
    entries.unwrap_or_default()
}

#[test]
fn after_warming_the_first_word_costs_nothing_and_sounds_the_same() {
    let dir = tempfile::tempdir().unwrap();
    run(async {
        let (cache, voice) = (cache(dir.path()), slow());
        let call = call(&cache, "slow 1", &voice);
        cache.warm(true).await;
        assert_eq!(voice.0.asked().len(), 2, "each text once");
        let (events, first) = say(&call, GREETING).await;
        assert!(first < Duration::from_millis(5), "{first:?}");
        assert_eq!(sound(&events).len(), voice.0.length_of(GREETING));
        assert!(matches!(&events[0], SpeakingEvent::Words(words) if words[0].ends_at_ms == 300));
        assert_eq!(events.last(), Some(&SpeakingEvent::Finished));
        let piece = |event: &SpeakingEvent| match event {
            SpeakingEvent::Audio(audio) => audio.len(),
            SpeakingEvent::Words(_) | SpeakingEvent::Finished | SpeakingEvent::Failed(_) => 0,
        };
        assert!(events.iter().map(piece).all(|length| length <= 200 * BYTES_PER_MS));
        assert_eq!(voice.0.asked().len(), 2);
        let figures = cache.figures();
        assert_eq!((figures.hits, figures.misses, figures.clips), (1, 0, 2));
    });
}

#[test]
fn a_process_that_starts_again_asks_the_vendor_for_nothing() {
    let dir = tempfile::tempdir().unwrap();
    run(async {
        let first = cache(dir.path());
        let _voice = call(&first, "slow 1", &slow());
        first.warm(true).await;
        assert_eq!(files(&first, dir.path()).await.len(), 2);
        let (second, voice) = (cache(dir.path()), slow());
        let call = call(&second, "slow 1", &voice);
        second.warm(true).await;
        let (_, took) = say(&call, GREETING).await;
        assert!(took < Duration::from_millis(5), "{took:?}");
        assert_eq!(voice.0.asked().len(), 0);
    });
}

#[test]
fn another_voice_or_setting_has_its_own_clips() {
    let dir = tempfile::tempdir().unwrap();
    run(async {
        let first = cache(dir.path());
        let _voice = call(&first, "slow 1", &slow());
        first.warm(true).await;
        files(&first, dir.path()).await;
        let (second, voice) = (cache(dir.path()), slow());
        let call = call(&second, "slow 1, speed 1.2", &voice);
        second.warm(false).await;
        let (_, took) = say(&call, GREETING).await;
        assert_eq!((took, voice.0.asked().len()), (SLOW, 1));
        assert_eq!(second.figures().misses, 1);
        let (_, took) = say(&call, GREETING).await;
        assert!(took < Duration::from_millis(5), "what a call had spoken is kept too: {took:?}");
    });
}

#[test]
fn words_for_one_caller_are_never_kept() {
    let dir = tempfile::tempdir().unwrap();
    run(async {
        let (cache, voice) = (cache(dir.path()), slow());
        let call = call(&cache, "slow 1", &voice);
        for _ in 0..2 {
            assert_eq!(say(&call, FOR_ONE_CALLER).await.1, SLOW);
        }
        say(&call, GREETING).await;
        let files = files(&cache, dir.path()).await;
        assert_eq!(files.len(), 1, "{files:?}");
        let kept = std::fs::read(&files[0]).unwrap();
        assert!(!kept.windows(4).any(|bytes| bytes == b"Dana"));
        assert_eq!((cache.figures().clips, cache.figures().misses), (1, 1));
    });
}

#[test]
fn a_cut_file_is_spoken_anew_and_not_played() {
    let dir = tempfile::tempdir().unwrap();
    run(async {
        let first = cache(dir.path());
        let _voice = call(&first, "slow 1", &slow());
        first.warm(true).await;
        for path in files(&first, dir.path()).await {
            let whole = std::fs::read(&path).unwrap();
            std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        }
        let (second, voice) = (cache(dir.path()), slow());
        let call = call(&second, "slow 1", &voice);
        second.warm(true).await;
        assert_eq!(voice.0.asked().len(), 2);
        let (events, took) = say(&call, GREETING).await;
        assert!(took < Duration::from_millis(5));
        assert_eq!(sound(&events).len(), voice.0.length_of(GREETING));
    });
}

#[test]
fn a_folder_that_cannot_be_written_costs_only_the_next_start() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "").unwrap();
    run(async {
        let (cache, voice) = (cache(&file.join("voices")), slow());
        let call = call(&cache, "slow 1", &voice);
        cache.warm(true).await;
        let (_, took) = say(&call, GREETING).await;
        assert!(took < Duration::from_millis(5), "{took:?}");
    });
}

#[test]
fn what_broke_off_what_is_too_short_for_its_text_and_what_was_cancelled_is_not_kept() {
    let dir = tempfile::tempdir().unwrap();
    run(async {
        let cache = cache(dir.path());
        let broken = SlowVoice(ScriptedVoice::new(60).with_script([Speaking::Fails("gone".into())]));
        let call = call(&cache, "slow 1", &broken);
        say(&call, GREETING).await;
        let hasty = SlowVoice(ScriptedVoice::new(2));
        let hasty = cache.keep("hasty", Arc::new(hasty));
        say(&hasty, GREETING).await;
        let cancelled = cache.keep("slow 2", Arc::new(slow()));
        drop(cancelled.speak(request(GREETING), Sink::new(drop)));
        sleep(Duration::from_secs(2)).await;
        assert_eq!(cache.figures().clips, 0);
    });
}

#[test]
fn a_vendor_that_is_down_at_the_start_is_not_asked_for_everything() {
    run(async {
        let texts: Vec<_> = (0..40).map(|number| request(&format!("Text number {number}."))).collect();
        let options = VoiceCacheOptions { dir: None, most_bytes: 1 << 20 };
        let cache = VoiceCache::new(options, texts);
        let script = (0..40).map(|_| Speaking::Fails("down".into()));
        let voice = SlowVoice(ScriptedVoice::new(60).with_script(script));
        let _voice = cache.keep("slow 1", Arc::new(voice.clone()));
        cache.warm(true).await;
        assert!(voice.0.asked().len() <= 4, "{}", voice.0.asked().len());
    });
}

#[test]
fn a_clip_neither_closes_a_breaker_nor_counts_as_the_vendors_speed() {
    run(async {
        let options = VoiceCacheOptions { dir: None, most_bytes: 1 << 20 };
        let cache = VoiceCache::new(options, [request(GREETING)]);
        let (first, second) = (slow(), slow());
        let engines = [
            ("first", cache.keep("first", Arc::new(first.clone()))),
            ("second", cache.keep("second", Arc::new(second.clone()))),
        ];
        let order = Order::new(engines);
        let voice = FailoverVoice::new(order.clone());
        cache.warm(true).await;
        let call = voice.for_call().unwrap();
        say(&call, GREETING).await;
        assert_eq!(order.health().engines[0].first.cumulative().last().unwrap().1, 0);
        order.probed(0, &Err(ProviderFault::Unavailable { why: "down".into() }));
        let call = voice.for_call().unwrap();
        say(&call, GREETING).await;
        assert!(!order.health().engines[0].is_up, "it was not asked, so nobody knows that it is back");
        say(&call, "Something else.").await;
        assert_eq!(
            (first.0.asked().len(), second.0.asked().len()),
            (1, 2),
            "the call keeps its second voice"
        );
    });
}
