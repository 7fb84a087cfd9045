//! Stages that die and lines that break, in virtual time: what the caller hears of it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use moked_core::ports::CallerSaid;
use moked_core::restart::Child;
use moked_providers::scripted::{Hearing, ScriptedEars, ScriptedMind, ScriptedVoice, Speaking, Thinking};

use crate::messages::{CallEnd, CloseReason, LineOrder};
use crate::registry::Presence;
use crate::rig::{Rig, host, is_clear};

/// 50 ms a character: "Hello there." is 600 ms.
fn voice() -> ScriptedVoice {
    ScriptedVoice::new(50)
}

fn says(answers: &[&str]) -> ScriptedMind {
    ScriptedMind::new(answers.iter().map(|answer| Thinking::says(*answer)))
}

fn hears(texts: &[&str]) -> ScriptedEars {
    ScriptedEars::hearing(texts.iter().copied())
}

/// Ten words of two seconds and a half.
const LONG: &str = "One two three four five six seven eight nine ten.";

async fn heard(call: &Rig) -> Vec<String> {
    let view = call.view().await;
    let remarks = view["conversation"].as_array().cloned().unwrap_or_default();
    let text = |remark: &serde_json::Value| {
        remark["heard"].as_str().or_else(|| remark["text"].as_str()).unwrap_or_default().to_owned()
    };
    remarks.iter().map(text).collect()
}

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
    assert_eq!((call.sent_ms(), heard(&call).await), (600, vec!["Hello there.".to_owned()]));
}

#[actix_rt::test]
async fn a_voice_that_dies_in_mid_turn_goes_on_from_the_ear() {
    tokio::time::pause();
    let voice = voice().with_script([Speaking::Speaks, Speaking::Panics]);
    let host = host(hears(&[]), says(&["Hello there. How are you?"]), voice);
    let call = Rig::call(&host, "1");
    call.wait(3_000).await;
    assert_eq!(call.state().await, "LISTENING");
    assert_eq!(heard(&call).await, ["Hello there. How are you?"]);
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
    assert_eq!(heard(&call).await, [LONG]);
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
    assert_eq!(heard(&call).await, [LONG]);
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
    assert_eq!(heard(&call).await, ["Hello.", "are you open", "Until six."]);
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
    assert_eq!(heard(&call).await.pop().unwrap(), "Eight.");
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
    assert_eq!(heard(&broken).await, ["Hello.", "are you open", "Until six."]);
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
    assert!(heard(&call).await[2].starts_with("Sorry"));
    call.speak(400, 600).await;
    call.wait(1_000).await;
    assert_eq!(heard(&call).await.pop().unwrap(), "Until six.");
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
    assert_eq!(heard(&call).await[1..], ["stop".to_owned(), "Yes?".to_owned()], "and barge-in works");
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

#[actix_rt::test]
async fn a_caller_who_is_cut_off_hears_the_rest_when_he_is_back() {
    tokio::time::pause();
    let host = host(hears(&[]), says(&[LONG]), voice());
    let mut call = Rig::call(&host, "1");
    call.wait(1_020).await;
    call.lose_line(0);
    call.wait(1_500).await;
    assert_eq!(host.registry.presence(&call.call_sid), Presence::Adrift);
    let before = call.sent_ms();
    assert!(call.reconnect().await);
    call.wait(3_000).await;
    assert_eq!(call.state().await, "LISTENING");
    assert_eq!(heard(&call).await, [LONG]);
    let again = call.sent_ms() - before;
    assert!((1_400..=1_600).contains(&again), "what he had not heard: {again} ms");
    assert_eq!(host.registry.presence(&call.call_sid), Presence::Connected);
}

#[actix_rt::test]
async fn audio_sent_into_a_half_open_line_was_not_heard() {
    tokio::time::pause();
    let host = host(hears(&[]), says(&[LONG]), voice());
    let mut call = Rig::call(&host, "1");
    call.wait(1_000).await;
    call.fall_silent();
    call.wait(1_400).await;
    call.lose_line(1_400);
    call.wait(100).await;
    let before = call.sent_ms();
    call.reconnect().await;
    call.wait(3_000).await;
    let again = call.sent_ms() - before;
    assert!((1_400..=1_700).contains(&again), "all since the last sign of life: {again} ms");
}

#[actix_rt::test]
async fn a_caller_who_was_cut_off_while_he_listened_is_told_so() {
    tokio::time::pause();
    let mind = says(&["Hello.", "Sorry, we were cut off."]);
    let host = host(hears(&[]), mind.clone(), voice());
    let mut call = Rig::call(&host, "1");
    call.wait(1_000).await;
    call.lose_line(0);
    call.wait(9_500).await;
    assert_eq!(mind.asked().len(), 1, "nobody asks an empty line whether it is there");
    call.reconnect().await;
    call.wait(2_000).await;
    assert_eq!(mind.asked().pop().unwrap().said, CallerSaid::Resumed);
    assert_eq!(heard(&call).await, ["Hello.", "Sorry, we were cut off."]);
}

#[actix_rt::test]
async fn words_said_before_the_line_broke_are_answered_after_it() {
    tokio::time::pause();
    let mind = says(&["Hello.", "Until six."]);
    let host = host(hears(&["are you open"]), mind.clone(), voice());
    let mut call = Rig::call(&host, "1");
    call.wait(1_000).await;
    call.speak(400, 100).await;
    call.lose_line(0);
    call.wait(2_000).await;
    let before = call.sent_ms();
    assert_eq!(mind.asked().pop().unwrap().said, CallerSaid::Words("are you open".into()));
    call.reconnect().await;
    call.wait(1_000).await;
    assert_eq!(call.sent_ms() - before, 500);
    assert_eq!(heard(&call).await, ["Hello.", "are you open", "Until six."]);
}

#[actix_rt::test]
async fn a_call_that_nobody_takes_up_again_is_over_after_ten_seconds() {
    tokio::time::pause();
    let host = host(hears(&[]), says(&["Hello."]), voice());
    let mut call = Rig::call(&host, "1");
    call.wait(1_000).await;
    call.lose_line(0);
    call.wait(9_900).await;
    assert_eq!(host.registry.live(), 1);
    call.wait(200).await;
    assert_eq!(host.registry.last_end(&call.call_sid), Some(CallEnd::LineLost));
    assert!(!call.reconnect().await);
    assert_eq!(host.registry.live_actors(), 0);
}

#[actix_rt::test]
async fn twenty_lost_lines_are_twenty_calls_resumed() {
    tokio::time::pause();
    let host = host(hears(&[]), says(&[&LONG.repeat(8)]), voice());
    let mut call = Rig::call(&host, "1");
    for lost in 0..20 {
        call.wait(700 + 13 * lost).await;
        call.lose_line(0);
        call.wait(300).await;
        assert!(call.reconnect().await);
    }
    call.wait(20_000).await;
    assert_eq!(call.state().await, "LISTENING");
    assert_eq!(heard(&call).await[0].matches("ten.").count(), 8);
    assert_eq!(host.registry.live_actors(), 5, "relays of lost lines are gone");
}

#[actix_rt::test]
async fn a_stream_that_comes_before_the_old_one_is_known_dead_takes_over() {
    tokio::time::pause();
    let host = host(hears(&[]), says(&[LONG]), voice());
    let mut call = Rig::call(&host, "1");
    call.wait(1_000).await;
    assert!(call.reconnect().await);
    assert_eq!(call.closed(), Some(CloseReason::Moved), "the old one");
    call.wait(3_000).await;
    assert_eq!(heard(&call).await, [LONG]);
    assert_eq!(host.registry.live(), 1);
}

#[actix_rt::test]
async fn a_line_that_takes_nothing_is_given_up_and_another_carries_the_call() {
    tokio::time::pause();
    let host = host(hears(&[]), says(&[&LONG.repeat(8)]), voice());
    let mut call = Rig::call(&host, "1");
    call.wait(300).await;
    call.block_line(Duration::from_secs(60));
    call.wait(8_000).await;
    assert_eq!(host.registry.presence(&call.call_sid), Presence::Adrift);
    assert!(call.was_cut(), "no order reaches a peer that reads nothing");
    assert!(call.reconnect().await);
    call.wait(1_000).await;
    assert!(call.orders().iter().rev().take(20).any(|order| matches!(order, LineOrder::Media(_))));
}

#[actix_rt::test]
async fn a_line_that_takes_nothing_ends_the_call_when_no_other_comes() {
    tokio::time::pause();
    let host = host(hears(&[]), says(&[&LONG.repeat(8)]), voice());
    let call = Rig::call(&host, "1");
    call.wait(300).await;
    call.block_line(Duration::from_secs(60));
    call.wait(18_000).await;
    assert_eq!(host.registry.last_end(&call.call_sid), Some(CallEnd::LineStuck));
}
