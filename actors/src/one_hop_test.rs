//! Whole one-hop calls in virtual time: the same turns, barge-in and ledger, and what follows a lost session.

use std::sync::Arc;

use moked_core::conversation::Remark;
use moked_core::ids::{TurnId, UtteranceId};
use moked_core::ports::{CallerSaid, ChatTurn};
use moked_providers::scripted::{Conversing, ScriptedConversation, ScriptedMind, Thinking, Told};

use crate::messages::LineOrder;
use crate::rig::{Rig, is_clear, one_hop_host};

/// An engine of 50 ms a character: "Hello there." is 600 ms.
fn converses(script: impl IntoIterator<Item = Conversing>) -> ScriptedConversation {
    ScriptedConversation::new(50, script)
}

/// A mind that is not to be asked.
fn nobody() -> ScriptedMind {
    ScriptedMind::new([])
}

fn answers(told: &[Told]) -> Vec<&ChatTurn> {
    let turns = told.iter().filter_map(|told| match told {
        Told::Answer(turn) => Some(turn),
        Told::Opened(_) | Told::Audio(..) | Told::Ended(_) | Told::Cut(..) => None,
    });
    turns.collect()
}

#[actix_rt::test]
async fn a_call_is_greeted_heard_and_answered_by_one_engine() {
    tokio::time::pause();
    let script = [Conversing::says("Hello there.", ""), Conversing::says("Until six.", "are you open")];
    let (engine, mind) = (converses(script), nobody());
    let host = one_hop_host(engine.clone(), mind.clone());
    let call = Rig::call(&host, "1");
    call.wait(100).await;
    assert_eq!(call.state().await, "SPEAKING");
    assert_eq!(host.registry.live_actors(), 6);
    call.wait(700).await;
    assert_eq!(call.state().await, "LISTENING");
    call.speak(800, 480).await;
    call.wait(600).await;
    assert_eq!(call.state().await, "LISTENING");
    assert_eq!(call.sent_ms(), 600 + 500);
    let told = engine.told();
    let first = UtteranceId::default().next();
    let [
        Told::Opened(0),
        Told::Answer(greet),
        Told::Audio(heard, bytes),
        Told::Ended(over),
        Told::Answer(asked),
    ] = told.as_slice()
    else {
        panic!("{told:?}")
    };
    assert_eq!((&greet.said, &asked.said), (&CallerSaid::Nothing, &CallerSaid::Spoken));
    assert_eq!((*heard, *over), (first, first));
    assert!((8 * 800..8 * 2_000).contains(bytes), "the speech, what led to it and its hangover: {bytes}");
    assert_eq!(mind.asked(), [], "nobody else was asked");
    let view = call.view().await;
    let remarks: Vec<_> = (0..3).map(|n| view["conversation"][n].clone()).collect();
    assert_eq!(remarks[0]["heard"], "Hello there.");
    assert_eq!(remarks[1]["text"], "are you open");
    assert_eq!(remarks[2]["heard"], "Until six.");
    assert!(view["latencies"][1]["first_frame_ms"].is_u64(), "{view}");
}

#[actix_rt::test]
async fn silence_is_not_sent_to_a_vendor_who_bills_it() {
    tokio::time::pause();
    let engine = converses([Conversing::says("Hello.", "")]);
    let host = one_hop_host(engine.clone(), nobody());
    let call = Rig::call(&host, "1");
    call.speak(0, 3_000).await;
    assert!(engine.told().iter().all(|told| !matches!(told, Told::Audio(..))), "{:?}", engine.told());
}

#[actix_rt::test]
async fn barge_in_cuts_the_engines_memory_to_what_was_heard() {
    tokio::time::pause();
    let long = "One two three four five six seven eight nine ten.";
    let engine = converses([Conversing::says(long, ""), Conversing::says("Yes?", "stop")]);
    let host = one_hop_host(engine.clone(), nobody());
    let call = Rig::call(&host, "1");
    call.wait(1_000).await;
    call.speak(400, 500).await;
    assert!(call.when(is_clear).is_some());
    let told = engine.told();
    let cut = told.iter().find_map(|told| match told {
        Told::Cut(turn, ms) => Some((*turn, *ms)),
        Told::Opened(_) | Told::Audio(..) | Told::Ended(_) | Told::Answer(_) => None,
    });
    let (turn, ms) = cut.unwrap();
    assert_eq!(turn, TurnId(1));
    assert!(
        (1_200..1_320).contains(&ms),
        "decided 300 ms after the onset: {ms} ms, and {} were sent",
        call.sent_ms()
    );
    let asked = answers(&told).pop().unwrap().clone();
    let [Remark::Agent { heard, interrupted: true, .. }] = asked.history.as_slice() else {
        panic!("{:?}", asked.history)
    };
    assert_eq!(heard, "One two three four five", "20 characters a second");
}

#[actix_rt::test]
async fn a_session_that_is_lost_is_opened_anew_with_the_unanswered_speech() {
    tokio::time::pause();
    let script = [
        Conversing::says("Hello.", ""),
        Conversing::Loses { after_ms: 0 },
        Conversing::says("Until six.", "are you open"),
    ];
    let engine = converses(script);
    let host = one_hop_host(engine.clone(), nobody());
    let call = Rig::call(&host, "1");
    call.wait(500).await;
    call.speak(800, 500).await;
    call.wait(1_000).await;
    assert_eq!(call.sent_ms(), 300 + 500);
    let told = engine.told();
    let opened = told.iter().rposition(|told| matches!(told, Told::Opened(_))).unwrap();
    let [Told::Opened(1), Told::Audio(_, replayed), Told::Ended(_), Told::Answer(again)] = &told[opened..]
    else {
        panic!("{:?}", &told[opened..])
    };
    assert!(*replayed >= 8 * 800);
    assert_eq!(again.said, CallerSaid::Spoken);
    assert_eq!(call.view().await["conversation"][1]["text"], "are you open");
}

#[actix_rt::test]
async fn a_session_that_is_lost_in_mid_answer_costs_an_apology() {
    tokio::time::pause();
    let script = [Conversing::Loses { after_ms: 400 }, Conversing::says("Here I am.", "hello")];
    let engine = converses(script);
    let host = one_hop_host(engine.clone(), nobody());
    let call = Rig::call(&host, "1");
    call.wait(3_500).await;
    assert_eq!(call.state().await, "LISTENING");
    assert_eq!(answers(&engine.told()).len(), 1, "words half spoken are not begun again");
    call.speak(400, 500).await;
    call.wait(600).await;
    assert_eq!(answers(&engine.told()).len(), 2);
}

#[actix_rt::test]
async fn an_engine_that_keeps_failing_leaves_the_call_to_ear_mind_and_voice() {
    tokio::time::pause();
    let engine = converses((0..9).map(|_| Conversing::Loses { after_ms: 0 }));
    let mind = ScriptedMind::answering(|turn| Thinking::says(format!("{:?}.", turn.said)));
    let host = one_hop_host(engine.clone(), mind.clone());
    let call = Rig::call(&host, "1");
    call.wait(3_000).await;
    assert_eq!(answers(&engine.told()).len(), 4, "three restarts");
    assert_eq!(mind.asked().pop().unwrap().said, CallerSaid::Nothing, "the mind greets");
    assert_eq!(call.state().await, "LISTENING");
    call.speak(400, 600).await;
    assert_eq!(mind.asked().pop().unwrap().said, CallerSaid::Words("again".into()));
    assert_eq!(call.closed(), None);
}

#[actix_rt::test]
async fn speech_that_a_lost_engine_heard_is_heard_again_by_the_ear_that_takes_over() {
    tokio::time::pause();
    let lost = (0..9).map(|_| Conversing::Loses { after_ms: 0 });
    let engine = converses([Conversing::says("Hello.", "")].into_iter().chain(lost));
    let mind = ScriptedMind::answering(|turn| Thinking::says(format!("{:?}.", turn.said)));
    let host = one_hop_host(engine.clone(), mind.clone());
    let call = Rig::call(&host, "1");
    call.wait(500).await;
    call.speak(400, 500).await;
    call.wait(1_000).await;
    assert_eq!(mind.asked().pop().unwrap().said, CallerSaid::Words("again".into()), "said once, heard twice");
    assert_eq!(call.closed(), None);
}

#[actix_rt::test]
async fn a_panic_of_the_engine_costs_the_caller_nothing() {
    tokio::time::pause();
    let engine = converses([
        Conversing::says("Hello.", ""),
        Conversing::Panics,
        Conversing::says("Until six.", "are you open"),
    ]);
    let host = one_hop_host(engine.clone(), nobody());
    let call = Rig::call(&host, "1");
    call.wait(500).await;
    call.speak(400, 500).await;
    call.wait(1_000).await;
    assert_eq!(call.state().await, "LISTENING");
    let view = call.view().await;
    assert_eq!(view["conversation"][1]["text"], "are you open");
    assert_eq!(view["conversation"][2]["heard"], "Until six.");
}

#[actix_rt::test]
async fn an_engine_that_panics_over_a_question_twice_costs_an_apology_and_not_the_call() {
    tokio::time::pause();
    let engine = converses([
        Conversing::says("Hello.", ""),
        Conversing::Panics,
        Conversing::Panics,
        Conversing::says("Until six.", "are you open"),
    ]);
    let host = one_hop_host(engine.clone(), nobody());
    let call = Rig::call(&host, "1");
    call.wait(500).await;
    call.speak(400, 500).await;
    call.wait(4_000).await;
    assert_eq!(call.state().await, "LISTENING");
    assert!(call.orders().iter().filter(|order| matches!(order, LineOrder::Media(_))).count() > 20);
    call.speak(400, 500).await;
    call.wait(1_000).await;
    let last = call.view().await["conversation"].as_array().and_then(|all| all.last().cloned()).unwrap();
    assert_eq!(last["heard"], "Until six.");
}

#[actix_rt::test]
async fn keys_are_answered_by_the_engine_too() {
    tokio::time::pause();
    let engine = converses([Conversing::says("Hello.", ""), Conversing::says("Thanks.", "")]);
    let host = one_hop_host(engine.clone(), nobody());
    let call = Rig::call(&host, "1");
    call.wait(500).await;
    call.press("7");
    call.press("#");
    call.wait(100).await;
    let told = engine.told();
    assert_eq!(answers(&told).pop().unwrap().said, CallerSaid::Digits("7".into()));
    call.hang_up();
    call.wait(50).await;
    assert_eq!((host.registry.live(), host.registry.live_actors()), (0, 0));
    assert_eq!(Arc::strong_count(&host), 2, "the rig's and ours");
}
