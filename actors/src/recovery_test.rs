//! Stages that die, in virtual time: what the caller hears of it.

use std::sync::atomic::{AtomicU32, Ordering};

use moked_core::ports::CallerSaid;
use moked_core::restart::Child;
use moked_providers::scripted::{Hearing, ScriptedEars, ScriptedMind, Speaking, Thinking};

use crate::messages::{CallEnd, CloseReason};
use crate::rig::{Rig, hears, host, is_clear, says, voice};

/// Ten words of two seconds and a half.
const LONG: &str = "One two three four five six seven eight nine ten.";

async fn failures(call: &Rig) -> usize {
    call.view().await["failures"].as_array().map_or(0, Vec::len)
}

#[actix_rt::test]
async fn an_ear_that_dies_at_a_word_hears_it_again_in_its_next_life() {
    tokio::time::pause();
    let ears = ScriptedEars::new([Hearing::Panics, Hearing::Hears("are you open".into())]);
    let mind = says(&["Hello.", "Hello.", "Until six."]);
    let host = host(ears, mind.clone(), voice());
    let (broken, bystander) = (Rig::call(&host, "1"), Rig::call(&host, "2"));
    broken.wait(1_000).await;
    broken.speak(400, 600).await;
    assert_eq!(failures(&broken).await, 1);
    assert_eq!(mind.asked().pop().unwrap().said, CallerSaid::Words("are you open".into()));
    assert_eq!(failures(&bystander).await, 0);
    assert_eq!(bystander.state().await, "LISTENING");
}

#[actix_rt::test]
async fn speech_that_kills_two_ears_is_asked_for_again() {
    tokio::time::pause();
    let script = [Hearing::Panics, Hearing::Panics, Hearing::Hears("yes".into())];
    let mind = says(&["Hello.", "Sorry?", "Fine."]);
    let host = host(ScriptedEars::new(script), mind.clone(), voice());
    let call = Rig::call(&host, "1");
    call.wait(1_000).await;
    call.speak(400, 600).await;
    assert_eq!(mind.asked().pop().unwrap().said, CallerSaid::Unclear);
    call.wait(1_000).await;
    call.speak(400, 600).await;
    assert_eq!(mind.asked().pop().unwrap().said, CallerSaid::Words("yes".into()));
}

#[actix_rt::test]
async fn a_recogniser_that_loses_its_session_is_played_the_speech_again() {
    tokio::time::pause();
    let ears = ScriptedEars::new([Hearing::Fails("gone".into()), Hearing::Hears("are you open".into())]);
    let mind = says(&["Hello.", "Until six."]);
    let host = host(ears, mind.clone(), voice());
    let call = Rig::call(&host, "1");
    call.wait(1_000).await;
    call.speak(400, 600).await;
    assert_eq!(mind.asked().pop().unwrap().said, CallerSaid::Words("are you open".into()));
}

#[actix_rt::test]
async fn a_voice_that_dies_costs_no_word() {
    tokio::time::pause();
    let voice = voice().with_script([Speaking::Panics]);
    let host = host(hears(&["hello"]), says(&["Hello there.", "I am back."]), voice);
    let call = Rig::call(&host, "1");
    call.wait(700).await;
    assert_eq!(call.state().await, "LISTENING");
    assert_eq!((call.sent_ms(), call.heard().await), (600, vec!["Hello there.".to_owned()]));
}

#[actix_rt::test]
async fn a_voice_that_dies_in_mid_turn_goes_on_from_the_ear() {
    tokio::time::pause();
    let voice = voice().with_script([Speaking::Speaks, Speaking::Panics]);
    let host = host(hears(&[]), says(&["Hello there. How are you?"]), voice);
    let call = Rig::call(&host, "1");
    call.wait(3_000).await;
    assert_eq!(call.state().await, "LISTENING");
    assert_eq!(call.heard().await, ["Hello there. How are you?"]);
    assert_eq!(failures(&call).await, 1);
}

#[actix_rt::test]
async fn what_is_said_between_two_lives_of_the_voice_is_heard_in_the_next() {
    tokio::time::pause();
    let voice = voice().with_script([Speaking::Speaks, Speaking::Panics, Speaking::Panics]);
    let host = host(hears(&[]), says(&["Hello there.", "You pressed one.", "Two."]), voice);
    let call = Rig::call(&host, "1");
    call.wait(1_000).await;
    call.press("1");
    call.press("#");
    // The third life comes after 100 ms.
    call.wait(20).await;
    call.press("2");
    call.press("#");
    call.wait(400).await;
    assert_eq!(call.state().await, "LISTENING");
    assert_eq!(call.sent_ms(), 600 + 200);
}

#[actix_rt::test]
async fn a_pacer_that_dies_with_its_clock_clears_and_goes_on_from_the_ear() {
    tokio::time::pause();
    let host = host(hears(&[]), says(&[LONG]), voice());
    let call = Rig::call(&host, "1");
    call.wait(1_000).await;
    call.kill_with_engine(Child::Pacer);
    call.wait(2_500).await;
    assert!(call.when(is_clear).is_some());
    assert_eq!(call.state().await, "LISTENING");
    assert_eq!(call.heard().await, [LONG]);
    assert!((2_450..2_900).contains(&call.sent_ms()), "a word repeated at most: {} ms", call.sent_ms());
}

#[actix_rt::test]
async fn a_pacer_that_dies_goes_on_with_its_clock() {
    tokio::time::pause();
    let host = host(hears(&[]), says(&[LONG]), voice());
    let call = Rig::call(&host, "1");
    call.wait(1_000).await;
    call.kill(Child::Pacer);
    call.wait(2_500).await;
    assert_eq!((call.when(is_clear), call.sent_ms()), (None, 2_460), "no frame lost, none sent twice");
    assert_eq!(call.heard().await, [LONG]);
}

#[actix_rt::test]
async fn keys_pressed_in_a_burst_outlive_the_dialog_that_dies_among_them() {
    tokio::time::pause();
    let mind = says(&["Hello.", "Nine nine.", "Nine."]);
    let host = host(hears(&[]), mind.clone(), voice());
    let call = Rig::call(&host, "1");
    call.wait(1_000).await;
    for key in ["9", "#"] {
        call.press(key);
    }
    call.kill(Child::Dialog);
    for key in ["8", "7", "#"] {
        call.press(key);
    }
    call.wait(500).await;
    let said: Vec<_> = mind.asked().into_iter().skip(1).map(|turn| turn.said).collect();
    assert_eq!(said, [CallerSaid::Digits("9".into()), CallerSaid::Digits("87".into())]);
}

#[actix_rt::test]
async fn audio_that_waited_for_an_ear_outlives_it() {
    tokio::time::pause();
    let host = host(hears(&["are you open"]), says(&["Hello.", "Until six."]), voice());
    let call = Rig::call(&host, "1");
    call.wait(1_000).await;
    call.kill(Child::Stt);
    call.speak_at_once(400, 600);
    call.wait(1_000).await;
    assert_eq!(call.heard().await, ["Hello.", "are you open", "Until six."]);
}

#[actix_rt::test]
async fn a_rewind_over_which_the_pacer_dies_does_not_leave_the_voice_mute() {
    tokio::time::pause();
    let host = host(hears(&[]), says(&["Hello there.", "Nine.", "Eight."]), voice());
    let mut call = Rig::call(&host, "1");
    call.wait(700).await;
    call.lose_line(0);
    call.wait(100).await;
    call.reconnect().await;
    call.kill_with_engine(Child::Pacer);
    call.wait(1_000).await;
    call.press("8");
    call.press("#");
    call.wait(1_000).await;
    assert_eq!(call.heard().await.pop().unwrap(), "Eight.");
}

/// A mind that panics the first so many times that the caller spoke.
fn poisoned(times: u32) -> ScriptedMind {
    let asked = AtomicU32::new(0);
    ScriptedMind::answering(move |turn| match turn.said {
        CallerSaid::Words(_) if asked.fetch_add(1, Ordering::Relaxed) < times => panic!("poison"),
        CallerSaid::Words(_) => Thinking::says("Until six."),
        CallerSaid::Nothing
        | CallerSaid::Spoken
        | CallerSaid::Digits(_)
        | CallerSaid::Unclear
        | CallerSaid::Silence
        | CallerSaid::Resumed => Thinking::says("Hello."),
    })
}

#[actix_rt::test]
async fn a_question_over_which_the_dialog_dies_is_asked_once_more() {
    tokio::time::pause();
    let mind = poisoned(1);
    let host = host(hears(&["are you open"]), mind.clone(), voice());
    let (broken, bystander) = (Rig::call(&host, "1"), Rig::call(&host, "2"));
    broken.wait(1_000).await;
    broken.speak(400, 600).await;
    broken.wait(1_000).await;
    assert_eq!(broken.heard().await, ["Hello.", "are you open", "Until six."]);
    assert_eq!(mind.asked().pop().unwrap().history.len(), 1, "the question is not its own past");
    assert_eq!(bystander.state().await, "LISTENING");
    assert_eq!(failures(&bystander).await, 0);
}

#[actix_rt::test]
async fn a_question_that_kills_twice_is_excused_and_the_call_goes_on() {
    tokio::time::pause();
    let host = host(hears(&["boom", "hello"]), poisoned(2), voice());
    let call = Rig::call(&host, "1");
    call.wait(1_000).await;
    call.speak(400, 600).await;
    call.wait(4_000).await;
    assert_eq!(call.state().await, "LISTENING");
    assert!(call.heard().await[2].starts_with("Sorry"));
    call.speak(400, 600).await;
    call.wait(1_000).await;
    assert_eq!(call.heard().await.pop().unwrap(), "Until six.");
}

#[actix_rt::test]
async fn a_dialog_that_dies_while_the_agent_speaks_is_not_noticed() {
    tokio::time::pause();
    let host = host(hears(&["stop"]), says(&[LONG, "Yes?"]), voice());
    let call = Rig::call(&host, "1");
    call.wait(1_000).await;
    call.kill(Child::Dialog);
    call.wait(200).await;
    assert_eq!(call.state().await, "SPEAKING");
    call.speak(400, 600).await;
    call.wait(500).await;
    assert_eq!(call.heard().await[1..], ["stop".to_owned(), "Yes?".to_owned()], "and barge-in works");
}

#[actix_rt::test]
async fn a_dialog_that_keeps_dying_ends_its_call_with_a_fault() {
    tokio::time::pause();
    let host = host(hears(&[]), says(&["Hello."]), voice());
    let call = Rig::call(&host, "1");
    for _ in 0..4 {
        call.wait(1_000).await;
        assert_eq!(call.closed(), None);
        call.kill(Child::Dialog);
    }
    call.wait(100).await;
    assert_eq!(call.closed(), Some(CloseReason::Fault));
    assert_eq!(host.registry.last_end(&call.call_sid), Some(CallEnd::Crashed));
    assert_eq!(host.registry.live_actors(), 0);
}
