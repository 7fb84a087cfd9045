//! What a caller hears while he waits, when he says nothing, and when his time is up; in virtual time, to the letter.

use std::sync::Arc;
use std::time::Duration;

use moked_core::ports::{AfterTurn, CallerSaid, ChatTurn};
use moked_core::restart::Child;
use moked_providers::scripted::{ScriptedEars, Thinking};

use crate::chaos::{Answer, Mishap, Mishaps, SpellingVoice, TimedMind, heard};
use crate::host::{CallHost, CallSettings, Engines};
use crate::messages::CallEnd;
use crate::rig::{Rig, host, is_clear, plain_host, says, voice};

const FILLER: &str = "one moment, please.";
const ANSWER: &str = "delta echo foxtrot.";

fn answer(turn: &ChatTurn) -> Answer {
    match &turn.said {
        CallerSaid::Nothing => Answer(vec!["Alpha."], AfterTurn::Listen),
        CallerSaid::Digits(_)
        | CallerSaid::Words(_)
        | CallerSaid::Spoken
        | CallerSaid::Unclear
        | CallerSaid::Silence
        | CallerSaid::Resumed => Answer(vec!["Delta echo foxtrot."], AfterTurn::Listen),
    }
}

/// One mishap a work, the first first.
fn mishaps(list: impl IntoIterator<Item = Option<Mishap>>) -> Mishaps {
    let mut list: Vec<_> = list.into_iter().collect();
    list.reverse();
    Arc::new(std::sync::Mutex::new(list))
}

/// A mind that thinks about its second answer for so long, and a voice with these mishaps.
fn slow_host(late_ms: u64, voice: Mishaps) -> (Arc<CallHost>, TimedMind) {
    let base = plain_host();
    let late = mishaps([None, Some(Mishap::Late(late_ms - 400))]);
    let mind = TimedMind { mishaps: late, ..TimedMind::new(answer) };
    let engines = Engines {
        thinking: Arc::new(mind.clone()),
        speaking: Arc::new(SpellingVoice { mishaps: voice }),
        ..base.engines.clone()
    };
    (Arc::new(CallHost { engines, ..CallHost::clone(&base) }), mind)
}

/// A caller who has heard the greeting and asks something by a key.
async fn asked(host: &Arc<CallHost>) -> Rig {
    let call = Rig::call(host, "1");
    call.wait(2_000).await;
    call.press("1");
    call.press("#");
    call
}

async fn heard_of(call: &Rig) -> String {
    call.wait(5_000).await;
    heard(call).text().trim_start_matches("alpha.").to_owned()
}

#[actix_rt::test]
async fn a_caller_who_waits_hears_a_filler_and_then_the_answer_without_a_seam() {
    tokio::time::pause();
    let (host, mind) = slow_host(1_500, Mishaps::default());
    let call = asked(&host).await;
    assert_eq!(heard_of(&call).await, format!("{FILLER}{ANSWER}"));
    assert_eq!(call.when(is_clear), None, "nothing was cut");
    let remarks = call.heard().await;
    assert_eq!(remarks, ["Alpha.", "[keys 1]", "Delta echo foxtrot."], "a filler is no answer");
    call.press("2");
    call.press("#");
    call.wait(3_000).await;
    let last = mind.asked.lock().unwrap().last().unwrap().clone();
    assert!(!format!("{:?}", last.history).contains("moment"), "the mind learns nothing of it");
    assert_eq!(host.registry.meters().fillers.get(), 1);
}

#[actix_rt::test]
async fn an_answer_in_time_has_no_filler() {
    tokio::time::pause();
    let (host, _) = slow_host(790, Mishaps::default());
    let call = asked(&host).await;
    assert_eq!(heard_of(&call).await, ANSWER);
}

#[actix_rt::test]
async fn a_filler_whose_sound_comes_after_the_answer_is_not_said() {
    tokio::time::pause();
    // The voice takes half a second for the filler, and the answer comes meanwhile.
    let (host, _) = slow_host(1_000, mishaps([None, Some(Mishap::Late(500))]));
    let call = asked(&host).await;
    assert_eq!(heard_of(&call).await, ANSWER);
    assert_eq!(call.heard().await.last().unwrap(), "Delta echo foxtrot.");
    assert_eq!(call.state().await, "LISTENING");
}

#[actix_rt::test]
async fn a_filler_that_fails_does_not_cost_the_answer() {
    tokio::time::pause();
    for mishap in [Mishap::Fails, Mishap::Late(900)] {
        let (host, _) = slow_host(2_500, mishaps([None, Some(mishap)]));
        let call = asked(&host).await;
        let heard = heard_of(&call).await;
        assert!(heard.ends_with(ANSWER), "{heard}");
        assert_eq!(call.heard().await.last().unwrap(), "Delta echo foxtrot.");
    }
}

#[actix_rt::test]
async fn who_speaks_into_a_filler_stops_it_and_is_not_remembered_as_having_cut_an_answer() {
    tokio::time::pause();
    let (host, _) = slow_host(4_000, Mishaps::default());
    let call = asked(&host).await;
    call.wait(1_300).await;
    call.press("2");
    call.press("#");
    let heard = heard_of(&call).await;
    assert!(heard.starts_with("one mo") && !heard.contains("please"), "{heard}");
    assert_eq!(call.heard().await, ["Alpha.", "[keys 1]", "[keys 2]", "Delta echo foxtrot."]);
}

#[actix_rt::test]
async fn whichever_stage_dies_around_a_filler_it_is_said_once_and_the_answer_whole() {
    tokio::time::pause();
    let deaths: [fn(&Rig, Child); 2] = [Rig::kill, Rig::kill_with_engine];
    for child in [Child::Tts, Child::Pacer, Child::Dialog, Child::Stt] {
        for (death, kill) in deaths.iter().enumerate() {
            // Before it, as it is made, in it, behind it, and in the answer.
            for after_ms in [790, 810, 860, 1_300, 1_900, 2_500] {
                let (host, mind) = slow_host(2_100, Mishaps::default());
                let call = asked(&host).await;
                call.wait(after_ms).await;
                kill(&call, child);
                let heard = heard_of(&call).await;
                let place = format!("{child:?} {death} at {after_ms}: {heard}");
                assert!(heard.matches("one m").count() <= 1, "{place}");
                assert!(heard.matches("please").count() <= 1, "{place}");
                for word in ["delta", "echo", "foxtrot"] {
                    assert!(heard.contains(word), "{place}");
                }
                assert_eq!(call.state().await, "LISTENING", "{place}");
                let remarks = call.heard().await;
                assert_eq!(remarks.last().unwrap(), "Delta echo foxtrot.", "{place}");
                assert!(!remarks.concat().contains("moment"), "{place}");
                assert!(mind.asked.lock().unwrap().len() <= 3, "{place}");
                call.hang_up();
                call.wait(100).await;
            }
        }
    }
}

#[actix_rt::test]
async fn a_line_that_breaks_in_a_filler_brings_no_filler_back() {
    tokio::time::pause();
    let (host, _) = slow_host(3_000, Mishaps::default());
    let mut call = asked(&host).await;
    call.wait(1_200).await;
    call.lose_line(0);
    call.wait(400).await;
    assert!(call.reconnect().await);
    let heard = heard_of(&call).await;
    assert!(heard.ends_with(ANSWER) && heard.matches("one").count() == 1, "{heard}");
    assert!(!heard.contains("please"), "{heard}");
}

#[actix_rt::test]
async fn a_silent_caller_is_asked_twice_and_then_the_agent_takes_leave() {
    tokio::time::pause();
    let mind = says(&["Hello.", "Are you there?", "Still there?", "Never said."]);
    let host = host(ScriptedEars::default(), mind, voice());
    let call = Rig::call(&host, "1");
    call.wait(60_000).await;
    assert_eq!(host.registry.last_end(&call.call_sid), Some(CallEnd::AgentHungUp));
    let conversation = format!("{:?}", host.registry.ended()[0].conversation);
    assert!(conversation.contains("Still there?") && conversation.contains("Goodbye."), "{conversation}");
    assert!(!conversation.contains("Never"), "{conversation}");
}

/// A host whose calls may be two minutes long.
fn two_minutes() -> Arc<CallHost> {
    let base = plain_host();
    let settings = CallSettings { longest_call: Duration::from_secs(120), ..CallSettings::default() };
    Arc::new(CallHost { settings: Arc::new(settings), ..CallHost::clone(&base) })
}

/// The caller presses a key now and then, so that he is not taken for gone.
async fn go_on(call: &Rig, seconds: u64) {
    for _ in 0..seconds / 5 {
        call.press("1");
        call.press("#");
        call.wait(5_000).await;
    }
}

#[actix_rt::test]
async fn a_call_that_nears_its_longest_is_told_so_once_and_ends_with_a_goodbye() {
    tokio::time::pause();
    let host = two_minutes();
    let call = Rig::call(&host, "1");
    call.wait(4_000).await;
    go_on(&call, 55).await;
    assert!(!call.heard().await.concat().contains("almost over"));
    go_on(&call, 10).await;
    let told = call.heard().await.concat();
    assert_eq!(told.matches("almost over").count(), 1, "{told}");
    go_on(&call, 70).await;
    assert_eq!(host.registry.last_end(&call.call_sid), Some(CallEnd::TooLong));
    let conversation = format!("{:?}", host.registry.ended()[0].conversation);
    assert!(conversation.contains("Our time for this call is over."), "{conversation}");
    assert!(host.registry.ended()[0].seconds < 132, "{}", host.registry.ended()[0].seconds);
}

#[actix_rt::test]
async fn a_voice_that_cannot_say_goodbye_does_not_keep_the_call() {
    tokio::time::pause();
    let base = two_minutes();
    let stalls = mishaps(std::iter::repeat_n(Some(Mishap::Stalls), 200));
    let engines = Engines { speaking: Arc::new(SpellingVoice { mishaps: stalls }), ..base.engines.clone() };
    let host = Arc::new(CallHost { engines, ..CallHost::clone(&base) });
    let call = Rig::call(&host, "1");
    go_on(&call, 145).await;
    assert_eq!(host.registry.last_end(&call.call_sid), Some(CallEnd::TooLong));
}

#[actix_rt::test]
async fn an_answer_that_was_just_given_is_told_as_what_it_is() {
    tokio::time::pause();
    let mind = moked_providers::scripted::ScriptedMind::answering(|turn| match &turn.said {
        CallerSaid::Nothing => Thinking::says("Hello."),
        CallerSaid::Words(_)
        | CallerSaid::Spoken
        | CallerSaid::Digits(_)
        | CallerSaid::Unclear
        | CallerSaid::Silence
        | CallerSaid::Resumed => Thinking::says("We are open until six."),
    });
    let host = host(ScriptedEars::default(), mind, voice());
    let call = Rig::call(&host, "1");
    for _ in 0..2 {
        call.wait(3_000).await;
        call.press("1");
        call.press("#");
    }
    call.wait(3_000).await;
    let remarks = call.heard().await;
    assert_eq!(remarks[2], "We are open until six.");
    assert_eq!(remarks[4], "As I said: We are open until six.");
}
