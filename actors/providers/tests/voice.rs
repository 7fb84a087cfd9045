//! The embedded voice behind its port, and the detector of voice activity on what it says.

#![cfg(feature = "embedded")]
#![expect(clippy::unwrap_used, reason = "helpers of tests, which clippy does not see as tests")]

use std::sync::mpsc::{Receiver, channel, sync_channel};

use moked_core::audio::{BYTES_PER_MS, FRAME_SAMPLES, mulaw};
use moked_core::language::Language;
use moked_core::ports::{
    ProviderFault, Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, TextToSpeech, VoiceActivity,
};
use moked_providers::embedded::{EmbeddedVoice, EmbeddedVoiceActivity, VoiceOptions};

const SENTENCE: &str = "Good morning, this is Maya of the estate office. How can I help you?";

fn voice() -> EmbeddedVoice {
    EmbeddedVoice::new(VoiceOptions::default()).unwrap()
}

fn speak(
    voice: &EmbeddedVoice,
    text: &str,
    language: Language,
) -> (Box<dyn SpeakingStream>, Receiver<SpeakingEvent>) {
    let (sender, events) = channel();
    let request = SpeakingRequest::new(text, language);
    (voice.speak(request, Sink::new(move |event| drop(sender.send(event)))), events)
}

/// All audio of a sentence, and how it ended.
fn whole(voice: &EmbeddedVoice, text: &str) -> (Vec<Vec<u8>>, SpeakingEvent) {
    let (_stream, events) = speak(voice, text, Language::English);
    let mut pieces = Vec::new();
    loop {
        match events.recv().unwrap() {
            SpeakingEvent::Audio(bytes) => pieces.push(bytes.to_vec()),
            SpeakingEvent::Words(_) => {}
            last @ (SpeakingEvent::Finished | SpeakingEvent::Failed(_)) => return (pieces, last),
        }
    }
}

#[test]
fn the_same_sentence_sounds_the_same_bit_for_bit_streamed_or_rendered() {
    let voice = voice();
    let (first, end) = whole(&voice, SENTENCE);
    assert_eq!(end, SpeakingEvent::Finished);
    assert_eq!(first.concat(), whole(&voice, SENTENCE).0.concat());
    assert_eq!(first.concat(), mulaw::encode(&voice.render(SENTENCE)));
    assert!(first.concat().len() > 2_000 * BYTES_PER_MS, "a sentence lasts longer than two seconds");
}

#[test]
fn audio_comes_in_pieces_of_at_most_200_ms_and_without_a_click_at_either_end() {
    let (pieces, _) = whole(&voice(), SENTENCE);
    assert!(pieces.iter().all(|piece| !piece.is_empty() && piece.len() <= 200 * BYTES_PER_MS));
    let samples = mulaw::decode(&pieces.concat());
    let edges = samples.iter().take(8).chain(samples.iter().rev().take(8));
    assert!(edges.clone().all(|sample| sample.abs() < 200), "{:?}", edges.collect::<Vec<_>>());
}

#[test]
fn dropping_the_stream_stops_the_sentence_between_two_pieces() {
    let voice = voice();
    // A listener that takes one piece and then lets the voice wait makes the race a certainty.
    let (sender, events) = sync_channel(0);
    let sink = Sink::new(move |event: SpeakingEvent| drop(sender.send(event)));
    let request = SpeakingRequest::new(SENTENCE.repeat(20), Language::English);
    let stream = voice.speak(request, sink);
    assert!(matches!(events.recv().unwrap(), SpeakingEvent::Audio(_)));
    drop(stream);
    // At most the piece that was already on its way; then the sink is dropped with the job.
    let rest: Vec<SpeakingEvent> = events.iter().collect();
    assert!(rest.len() <= 1, "{} more facts after the drop", rest.len());
    assert!(!rest.contains(&SpeakingEvent::Finished));
}

#[test]
fn text_without_words_is_finished_at_once() {
    let (pieces, end) = whole(&voice(), "  ");
    assert_eq!(end, SpeakingEvent::Finished);
    assert!(pieces.concat().len() < 1_000 * BYTES_PER_MS);
}

#[test]
fn hebrew_is_refused() {
    let (_stream, events) = speak(&voice(), "שלום", Language::Hebrew);
    let refusal = ProviderFault::UnsupportedLanguage { engine: "flite", language: Language::Hebrew };
    assert_eq!(events.recv().unwrap(), SpeakingEvent::Failed(refusal));
}

#[test]
fn pitch_and_pace_make_another_voice() {
    let other = VoiceOptions { pitch: 1.3, stretch: 1.2, ..VoiceOptions::default() };
    let slow = EmbeddedVoice::new(other).unwrap().render(SENTENCE).len();
    let normal = voice().render(SENTENCE).len();
    assert!(slow as f64 > 1.1 * normal as f64, "{slow} against {normal} samples");
}

/// The share of frames that the detector takes for speech at its threshold of 0.6.
fn share_of_speech(samples: &[i16]) -> f64 {
    let mut detector = EmbeddedVoiceActivity.open();
    let (frames, _) = samples.as_chunks::<FRAME_SAMPLES>();
    let speech = frames.iter().filter(|frame| detector.probability(frame) >= 0.6).count();
    speech as f64 / frames.len() as f64
}

/// Noise with equal energy at all frequencies, from a generator with a fixed seed.
fn white_noise(samples: usize, peak: i32) -> Vec<i16> {
    let mut state = 1_u32;
    let mut draw = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (i64::from(state >> 8) * i64::from(2 * peak + 1) / (1 << 24)) as i32 - peak
    };
    (0..samples).map(|_| draw() as i16).collect()
}

#[test]
fn the_detector_knows_speech_from_silence_noise_and_hum() {
    let second = 1_000 * BYTES_PER_MS;
    let hum = |n: usize| (2_000.0 * (std::f64::consts::TAU * 50.0 * n as f64 / 8_000.0).sin()) as i16;
    let hum: Vec<i16> = (0..10 * second).map(hum).collect();
    let speech = share_of_speech(&voice().render(SENTENCE));
    let others = [
        ("silence", share_of_speech(&vec![0; 10 * second])),
        ("white noise", share_of_speech(&white_noise(10 * second, 1_500))),
        ("mains hum", share_of_speech(&hum)),
    ];
    println!("speech {speech:.2}, {others:?}");
    assert!(speech > 0.6, "speech is seen in {speech:.2} of the frames");
    for (name, share) in others {
        assert!(share < 0.05, "{name} is taken for speech in {share:.2} of the frames");
    }
}

#[test]
fn the_first_sound_of_a_greeting_comes_long_before_50_ms() {
    let voice = voice();
    let took = (0..5).map(|_| {
        let begun = std::time::Instant::now();
        let (_stream, events) = speak(&voice, SENTENCE, Language::English);
        assert!(matches!(events.recv().unwrap(), SpeakingEvent::Audio(_)));
        begun.elapsed()
    });
    // The quickest of some: a machine that builds meanwhile is late.
    let took = took.min().unwrap();
    assert!(took.as_millis() < 50, "{took:?}");
}
