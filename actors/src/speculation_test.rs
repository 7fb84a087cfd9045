//! Answers begun before the caller's words are certain, in whole calls in virtual time.

use std::sync::Arc;
use std::time::{Duration, Instant};

use moked_core::audio::{FRAME_SAMPLES, SILENCE};
use moked_core::ids::TurnId;
use moked_core::ports::{AfterTurn, CallerSaid, ChatModel};
use moked_providers::scripted::{ScriptedEars, ScriptedMind, ScriptedVoice, Thinking};
use serde_json::json;

use crate::call::now;
use crate::chaos::{Answer, TimedMind};
use crate::host::CallHost;
use crate::messages::{CallerAudio, LineOrder};
use crate::rig::{DEATHS, Rig, host, is_clear};
use crate::timed_ears::{Script, TimedEars};

const LOUD: u8 = 0x90;

fn calling(mind: impl ChatModel + 'static, heard: Vec<Script>) -> Arc<CallHost> {
    let mut host = host(ScriptedEars::hearing([""]), ScriptedMind::new([]), ScriptedVoice::new(50));
    let engines = &mut Arc::get_mut(&mut host).unwrap().engines;
    engines.hearing = Some(Arc::new(TimedEars::new(heard)));
    engines.thinking = Arc::new(mind);
    host
}

fn without_guesses(mut host: Arc<CallHost>) -> Arc<CallHost> {
    let settings = &mut Arc::get_mut(&mut host).unwrap().settings;
    Arc::make_mut(settings).turn.speculate = false;
    host
}

/// A mind that greets and then answers, each at once.
fn quick() -> ScriptedMind {
    ScriptedMind::answering(|turn| match &turn.said {
        CallerSaid::Nothing => Thinking::says("Hello."),
        CallerSaid::Words(words) => Thinking::says(format!("You said {words}.")),
        CallerSaid::Spoken
        | CallerSaid::Digits(_)
        | CallerSaid::Unclear
        | CallerSaid::Silence
        | CallerSaid::Resumed => Thinking::says("What?"),
    })
    .speculating()
}

/// One that takes 400 ms.
fn slow() -> TimedMind {
    TimedMind::new(|turn| match &turn.said {
        CallerSaid::Nothing => Answer(vec!["Hello."], AfterTurn::Listen),
        CallerSaid::Words(_)
        | CallerSaid::Spoken
        | CallerSaid::Digits(_)
        | CallerSaid::Unclear
        | CallerSaid::Silence
        | CallerSaid::Resumed => Answer(vec!["We are open."], AfterTurn::Listen),
    })
}

async fn sound(call: &Rig, ms: u64, byte: u8) {
    for _ in 0..ms / 20 {
        let mulaw = vec![byte; FRAME_SAMPLES].into();
        call.links.stt.tell(CallerAudio { mulaw, gap_ms: 0 });
        call.wait(20).await;
    }
}

/// A call that has greeted, and 1,000 ms of what the caller then says.
async fn spoken_to(host: &Arc<CallHost>) -> Rig {
    let call = Rig::call(host, "1");
    sound(&call, 2_000, SILENCE).await;
    sound(&call, 1_000, LOUD).await;
    call
}

/// Audio that went out after a time, in frames.
fn frames_after(call: &Rig, from: Instant) -> usize {
    let sent = call.log();
    sent.iter().filter(|(at, order)| *at >= from && matches!(order, LineOrder::Media(_))).count()
}

/// From the end of the caller's speech to the first audio of the answer.
async fn waited(host: Arc<CallHost>) -> (Duration, Rig) {
    let call = spoken_to(&host).await;
    let over = now();
    sound(&call, 3_000, SILENCE).await;
    let answered =
        call.log().into_iter().find(|(at, order)| *at >= over && matches!(order, LineOrder::Media(_)));
    (answered.unwrap().0 - over, call)
}

#[actix_rt::test]
async fn a_right_guess_makes_the_answer_earlier_by_the_silence_in_which_it_was_begun() {
    tokio::time::pause();
    let heard = || vec![vec![(700, "are you open")]];
    let (plain, call) = waited(without_guesses(calling(slow(), heard()))).await;
    assert_eq!(call.host.registry.meters().guesses.saved.view().count, 0);
    let (early, call) = waited(calling(slow(), heard())).await;
    let gain = (plain - early).as_millis();
    assert!((230..=270).contains(&gain), "{plain:?} without, {early:?} with");
    let saved = call.host.registry.meters().guesses.saved.view();
    assert_eq!(saved.count, 1);
    assert!((saved.sum_s * 1_000.0 - gain as f64).abs() < 25.0, "{} s told, {gain} ms true", saved.sum_s);
    let told = call.view().await["actors"]["dialog"]["speculation"].clone();
    assert_eq!((&told["begun"], &told["committed"], &told["discarded"]), (&json!(1), &json!(1), &json!(0)));
    assert_eq!(call.heard().await, ["Hello.", "are you open", "We are open."]);
}

#[actix_rt::test]
async fn a_caller_who_goes_on_hears_nothing_of_it_and_is_answered_once() {
    tokio::time::pause();
    let whole = "I want to rent a flat";
    let mind = quick();
    let host = calling(mind.clone(), vec![vec![(700, "I want to rent"), (1_900, whole)]]);
    let call = spoken_to(&host).await;
    let paused = now();
    sound(&call, 300, SILENCE).await;
    assert_eq!(mind.asked().len(), 2, "it was begun");
    sound(&call, 900, LOUD).await;
    assert_eq!(mind.cancelled(), [TurnId(2)], "the request is cancelled");
    assert_eq!((frames_after(&call, paused), call.when(is_clear)), (0, None));
    sound(&call, 4_000, SILENCE).await;
    let asked = mind.asked();
    let last = asked.last().unwrap();
    assert_eq!((last.said.clone(), last.turn), (CallerSaid::Words(whole.into()), TurnId(3)));
    assert_eq!(last.history.len(), 1, "the greeting: {:?}", last.history);
    let heard = ["Hello.".to_owned(), whole.to_owned(), format!("You said {whole}.")];
    assert_eq!(call.heard().await, heard);
    assert_eq!(mind.committed(), [TurnId(3)]);
    let meters = &call.host.registry.meters().guesses;
    let wasted = "You said I want to rent.".len() as u64;
    assert_eq!((meters.discarded.get(), meters.wasted_chars.get()), (1, wasted));
}

#[actix_rt::test]
async fn a_final_that_says_something_else_is_answered_and_the_guess_is_not() {
    tokio::time::pause();
    let mind = quick();
    // The final comes with the end of the utterance, 450 ms after the voice.
    let host = calling(mind.clone(), vec![vec![(700, "I want to rent"), (60_000, "I want to vent")]]);
    let call = spoken_to(&host).await;
    sound(&call, 4_000, SILENCE).await;
    assert_eq!(mind.cancelled(), [TurnId(2)]);
    assert_eq!(call.heard().await, ["Hello.", "I want to vent", "You said I want to vent."]);
}

#[actix_rt::test]
async fn a_mind_that_fails_over_a_guess_is_asked_again_in_earnest() {
    tokio::time::pause();
    let fails = Thinking::Fails { deltas: vec!["Well ".into()], why: "a test wants it".into() };
    let script = [Thinking::says("Hello."), fails, Thinking::says("We are.")];
    let mind = ScriptedMind::new(script).speculating();
    let host = calling(mind.clone(), vec![vec![(700, "are you open")]]);
    let call = spoken_to(&host).await;
    sound(&call, 4_000, SILENCE).await;
    assert_eq!(call.heard().await, ["Hello.", "are you open", "We are."]);
}

#[actix_rt::test]
async fn a_stage_that_dies_over_a_guess_loses_nothing() {
    tokio::time::pause();
    for (child, how) in DEATHS {
        // As it is begun, while the silence lasts, as it is committed, and after.
        for at in [220, 300, 440, 460, 500] {
            let what = format!("{child:?} {at} ms after the voice");
            let heard = vec![(700, "are you open")];
            let call = spoken_to(&calling(slow(), vec![heard.clone(), heard])).await;
            sound(&call, at, SILENCE).await;
            how(&call, child);
            sound(&call, 5_000, SILENCE).await;
            assert_eq!(call.heard().await, ["Hello.", "are you open", "We are open."], "{what}");
            assert_eq!(call.state().await, "LISTENING", "{what}");
        }
    }
}

#[actix_rt::test]
async fn while_more_must_follow_nothing_is_begun() {
    tokio::time::pause();
    let mind = quick();
    let call = spoken_to(&calling(mind.clone(), vec![vec![(700, "I want to rent and")]])).await;
    sound(&call, 1_000, SILENCE).await;
    assert_eq!(mind.asked().len(), 1);
}
