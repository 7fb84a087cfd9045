//! Engines in order: who takes over, what is repeated, and what never is.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use moked_core::ids::{CallSid, TurnId, UtteranceId};
use moked_core::language::Language;
use moked_core::ports::{
    CallerSaid, ChatEvent, ChatModel, ChatRequest, ChatTurn, HearingEvent, HearingRequest, Sink,
    SpeakingEvent, SpeakingRequest, SpeechToText, TextToSpeech,
};
use moked_providers::failover::{FailoverEars, FailoverMind, FailoverVoice, Order, RoleState};
use moked_providers::scripted::{Hearing, ScriptedEars, ScriptedMind, ScriptedVoice, Speaking, Thinking};
use tokio::task::LocalSet;

fn collector<E: Send + 'static>() -> (Sink<E>, Receiver<E>) {
    let (sender, receiver) = channel();
    (Sink::new(move |event| sender.send(event).unwrap_or_default()), receiver)
}

fn run(test: impl Future<Output = ()>) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(LocalSet::new().run_until(test));
}

async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

fn voices(first: ScriptedVoice, second: ScriptedVoice) -> Arc<dyn TextToSpeech> {
    let engines: [(_, Arc<dyn TextToSpeech>); 2] = [("first", Arc::new(first)), ("second", Arc::new(second))];
    FailoverVoice::new(Order::new(engines)).for_call().unwrap()
}

async fn say(voice: &Arc<dyn TextToSpeech>, text: &str) -> Vec<SpeakingEvent> {
    let (sink, events) = collector();
    let request = SpeakingRequest { text: text.into(), language: Language::English };
    let _stream = voice.speak(request, sink);
    settle().await;
    events.try_iter().collect()
}

#[test]
fn a_sentence_that_was_not_begun_is_said_by_the_next_voice_and_the_call_keeps_it() {
    run(async {
        let why = || Speaking::Fails("down".into());
        // An empty text makes no sound before the failure.
        let first = ScriptedVoice::new(0).with_script([why(), why()]);
        let second = ScriptedVoice::new(20);
        let voice = voices(first.clone(), second.clone());
        let events = say(&voice, "Hello.").await;
        assert_eq!(events.last(), Some(&SpeakingEvent::Finished));
        say(&voice, "Again.").await;
        assert_eq!((first.asked().len(), second.asked().len()), (1, 2));
    });
}

#[test]
fn a_sentence_that_was_begun_is_not_said_twice() {
    run(async {
        let first = ScriptedVoice::new(20).with_script([Speaking::Fails("cut".into())]);
        let second = ScriptedVoice::new(20);
        let voice = voices(first, second.clone());
        let events = say(&voice, "Hello.").await;
        assert!(matches!(events.last(), Some(SpeakingEvent::Failed(_))), "{events:?}");
        assert_eq!(second.asked().len(), 0);
        assert_eq!(say(&voice, "More.").await.last(), Some(&SpeakingEvent::Finished));
        assert_eq!(second.asked().len(), 1);
    });
}

#[test]
fn a_voice_without_a_sound_counts_as_failed() {
    run(async {
        let second = ScriptedVoice::new(20);
        let voice = voices(ScriptedVoice::new(0), second.clone());
        assert_eq!(say(&voice, "Hello.").await.last(), Some(&SpeakingEvent::Finished));
        assert_eq!(second.asked().len(), 1);
    });
}

#[test]
fn the_next_ear_hears_what_the_failed_one_did_not_tell() {
    run(async {
        let first = ScriptedEars::new([Hearing::Fails("gone".into())]);
        let second = ScriptedEars::hearing(["are you open"]);
        let engines: [(_, Arc<dyn SpeechToText>); 2] =
            [("first", Arc::new(first)), ("second", Arc::new(second.clone()))];
        let ears = FailoverEars::new(Order::new(engines));
        let (sink, events) = collector();
        let request =
            HearingRequest { call_sid: CallSid::new("CA1"), language: Language::English, vocabulary: vec![] };
        let mut session = ears.open(request, sink).unwrap();
        session.audio(&[0x55; 8_000]);
        session.utterance_started(UtteranceId(1));
        session.audio(&[0x66; 4_000]);
        session.utterance_ended(UtteranceId(1));
        settle().await;
        let told: Vec<_> = events.try_iter().collect();
        let last = HearingEvent::Final { utterance: UtteranceId(1), text: "are you open".into() };
        assert_eq!(told.last(), Some(&last));
        assert_eq!(second.bytes_heard(), 4_800 + 4_000, "600 ms before the onset, and all of the utterance");
    });
}

#[test]
fn an_answer_that_was_not_begun_is_given_by_the_next_mind() {
    run(async {
        let failing = Thinking::Fails { deltas: vec![], why: "overloaded".into() };
        let first = ScriptedMind::new([failing]);
        let second = ScriptedMind::answering(|_| Thinking::says("Hello."));
        let engines: [(_, Arc<dyn ChatModel>); 2] =
            [("first", Arc::new(first)), ("second", Arc::new(second.clone()))];
        let mind = FailoverMind::new(Order::new(engines));
        let (sink, events) = collector();
        let request =
            ChatRequest { call_sid: CallSid::new("CA1"), language: Language::English, caller: None };
        let mut session = mind.open(request, sink);
        let turn = |turn| ChatTurn {
            turn: TurnId(turn),
            said: CallerSaid::Nothing,
            history: vec![],
            now: jiff::civil::date(2026, 11, 20).at(9, 0, 0, 0),
        };
        session.think(turn(1));
        settle().await;
        let told: Vec<_> = events.try_iter().collect();
        assert!(told.contains(&ChatEvent::Text { turn: TurnId(1), delta: "Hello.".into() }), "{told:?}");
        session.think(turn(2));
        settle().await;
        assert_eq!(second.asked().len(), 2, "the switch is for the whole call");
    });
}

#[test]
fn an_answer_that_was_begun_is_not_given_twice() {
    run(async {
        let failing = Thinking::Fails { deltas: vec!["Well, ".into()], why: "cut".into() };
        let second = ScriptedMind::answering(|_| Thinking::says("Hello."));
        let engines: [(_, Arc<dyn ChatModel>); 2] =
            [("first", Arc::new(ScriptedMind::new([failing]))), ("second", Arc::new(second.clone()))];
        let mind = FailoverMind::new(Order::new(engines));
        let (sink, events) = collector();
        let request =
            ChatRequest { call_sid: CallSid::new("CA1"), language: Language::English, caller: None };
        let mut session = mind.open(request, sink);
        let now = jiff::civil::date(2026, 11, 20).at(9, 0, 0, 0);
        session.think(ChatTurn { turn: TurnId(1), said: CallerSaid::Nothing, history: vec![], now });
        settle().await;
        assert!(events.try_iter().any(|event| matches!(event, ChatEvent::Failed { .. })));
        assert_eq!(second.asked().len(), 0);
    });
}

#[test]
fn an_engine_that_keeps_failing_is_passed_over_and_shows_as_degraded() {
    run(async {
        let fails = (0..9).map(|_| Speaking::Fails("down".into()));
        let first = ScriptedVoice::new(0).with_script(fails);
        let engines: [(_, Arc<dyn TextToSpeech>); 2] =
            [("first", Arc::new(first.clone())), ("second", Arc::new(ScriptedVoice::new(20)))];
        let voice = FailoverVoice::new(Order::new(engines));
        assert_eq!(voice.order().health().state, RoleState::Ok);
        for _ in 0..5 {
            let call = voice.for_call().unwrap();
            say(&call, "Hello.").await;
        }
        assert_eq!(first.asked().len(), 3, "three failures in a row open the breaker");
        let health = voice.order().health();
        assert_eq!(health.state, RoleState::Degraded);
        assert!(health.engines[0].last_fault.as_deref().is_some_and(|fault| fault.contains("down")));
        assert_eq!(health.engines[1].first.count(), 5);
    });
}
