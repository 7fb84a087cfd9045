//! Whole calls in virtual time: greeting, turns, barge-in, keys, goodbye, and every way to fail.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix::Recipient;
use moked_core::hints::RecognitionHints;
use moked_core::language::Language;
use moked_core::ports::{
    AfterTurn, CallerSaid, Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, TextToSpeech,
};
use moked_core::receptionist::ReceptionistModel;
use moked_providers::scripted::{Hearing, ScriptedEars, ScriptedMind, ScriptedVoice, Speaking, Thinking};
use serde_json::json;

use crate::call::now;
use crate::host::CallHost;
use crate::messages::{CallEnd, CloseReason, KeyPressed, LineOrder};
use crate::rig::{Rig, hears, host, is_clear, says, voice};

fn is_audio(order: &LineOrder) -> bool {
    matches!(order, LineOrder::Media(_))
}

async fn assert_nothing_is_left(host: &Arc<CallHost>) {
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert_eq!((host.registry.live(), host.registry.live_actors()), (0, 0));
}

#[actix_rt::test]
async fn the_greeting_is_spoken_and_then_the_call_listens() {
    tokio::time::pause();
    let host = host(hears(&[]), says(&["Hello there."]), voice());
    let call = Rig::call(&host, "1");
    call.wait(100).await;
    assert_eq!(call.state().await, "SPEAKING");
    assert_eq!(host.registry.live_actors(), 5);
    call.wait(600).await;
    assert_eq!(call.state().await, "LISTENING");
    assert_eq!(call.sent_ms(), 600);
    let view = call.view().await;
    assert_eq!(view["conversation"][0]["heard"], "Hello there.");
}

#[actix_rt::test]
async fn a_spoken_turn_is_answered_after_450_ms_of_silence() {
    tokio::time::pause();
    let mind = says(&["Hello.", "Until six."]);
    let host = host(hears(&["are you open"]), mind.clone(), voice());
    let call = Rig::call(&host, "1");
    call.wait(1_000).await;
    call.speak(800, 400).await;
    assert_eq!(mind.asked().len(), 1, "450 ms have not passed");
    call.speak(0, 80).await;
    let turn = mind.asked().pop().unwrap();
    assert_eq!(turn.said, CallerSaid::Words("are you open".into()));
    assert_eq!(turn.history.len(), 1, "the greeting was heard");
    call.wait(1_000).await;
    assert_eq!(call.state().await, "LISTENING");
    assert_eq!(call.sent_ms(), 300 + 500);
}

#[actix_rt::test]
async fn barge_in_clears_and_only_what_was_heard_is_remembered() {
    tokio::time::pause();
    let mind = says(&["One two three four five six seven eight nine ten.", "Yes?"]);
    let host = host(hears(&["stop"]), mind.clone(), voice());
    let call = Rig::call(&host, "1");
    call.wait(1_000).await;
    let onset = now();
    call.speak(300, 500).await;
    let clear = call.when(is_clear).expect("a clear");
    assert!(clear - onset <= Duration::from_millis(60), "{:?}", clear - onset);
    let turn = mind.asked().pop().unwrap();
    assert_eq!(turn.said, CallerSaid::Words("stop".into()));
    let heard = serde_json::to_value(&turn.history[0]).unwrap();
    assert_eq!(heard["interrupted"], true);
    assert_eq!(heard["heard"], "One two three four");
    // The first clear ducks, the last one stops.
    let orders = call.orders();
    let frames =
        orders.iter().rev().take_while(|order| !is_clear(order)).filter(|order| is_audio(order)).count();
    assert_eq!(frames, 200 / 20, "only the new answer, of 200 ms");
}

#[actix_rt::test]
async fn the_voice_gets_words_and_the_book_keeps_what_was_written() {
    tokio::time::pause();
    let mind = says(&["It is **$1,250,000** in all. 😊", "Yes?"]);
    let voice = voice();
    let host = host(hears(&["stop"]), mind.clone(), voice.clone());
    let call = Rig::call(&host, "1");
    // With the price 52 of the 60 spoken letters are over, and 20 of the 28 written ones.
    call.wait(2_300).await;
    call.speak(300, 500).await;
    let said = &voice.asked()[0].text;
    assert_eq!(said, "It is one million two hundred fifty thousand dollars in all.");
    let heard = serde_json::to_value(&mind.asked().pop().unwrap().history[0]).unwrap();
    assert_eq!(heard["interrupted"], true);
    assert_eq!(heard["heard"], "It is", "the price was not heard to its end");
}

#[actix_rt::test]
async fn a_sentence_for_the_eye_only_is_no_silence_to_wait_for() {
    tokio::time::pause();
    for (text, asked) in [("Hello. 😊", 1), ("😊", 0)] {
        let voice = voice();
        let host = host(hears(&[]), says(&[text]), voice.clone());
        let call = Rig::call(&host, "1");
        call.wait(1_000).await;
        assert_eq!(voice.asked().len(), asked);
        assert_eq!(call.state().await, "LISTENING", "{text}");
    }
}

#[actix_rt::test]
async fn nothing_is_cleared_when_the_agent_was_heard_to_the_end() {
    tokio::time::pause();
    let host = host(hears(&["yes"]), says(&["Hello.", "Fine."]), voice());
    let call = Rig::call(&host, "1");
    call.wait(2_000).await;
    call.speak(300, 600).await;
    assert_eq!(call.when(is_clear), None);
}

#[actix_rt::test]
async fn keys_interrupt_and_answer() {
    tokio::time::pause();
    let mind = says(&["Please enter your number now and then press the hash key.", "Thanks."]);
    let host = host(hears(&[]), mind.clone(), voice());
    let call = Rig::call(&host, "1");
    call.wait(500).await;
    for key in ["0", "5", "4", "#"] {
        call.press(key);
    }
    call.wait(10).await;
    assert!(call.when(is_clear).is_some());
    assert_eq!(mind.asked().pop().unwrap().said, CallerSaid::Digits("054".into()));
}

#[actix_rt::test]
async fn goodbye_ends_the_call_once_it_was_heard() {
    tokio::time::pause();
    let then = AfterTurn::HangUp;
    let bye = Thinking::Says { deltas: vec!["Goodbye then.".into()], expect: None, then };
    let host = host(hears(&[]), ScriptedMind::new([bye]), voice());
    let call = Rig::call(&host, "1");
    call.wait(640).await;
    assert_eq!(call.closed(), None, "650 ms of goodbye are not over");
    call.wait(30).await;
    assert_eq!(call.closed(), Some(CloseReason::Finished));
    assert_eq!(host.registry.last_end(&call.call_sid), Some(CallEnd::AgentHungUp));
    assert_nothing_is_left(&host).await;
}

#[actix_rt::test]
async fn a_hang_up_leaves_no_actor_behind() {
    tokio::time::pause();
    let host = host(hears(&["hello"]), says(&["Hello, how can I help you today?"]), voice());
    let call = Rig::call(&host, "1");
    call.wait(300).await;
    call.hang_up();
    assert_nothing_is_left(&host).await;
    let sent = call.sent_ms();
    call.wait(5_000).await;
    assert_eq!(call.sent_ms(), sent, "no timer of the call is left");
    assert_eq!(host.registry.ended()[0].end, CallEnd::CallerHungUp);
}

#[actix_rt::test]
async fn a_newer_stream_of_the_same_call_takes_over() {
    tokio::time::pause();
    let host = host(hears(&[]), says(&["Hello.", "Hello again."]), voice());
    let first = Rig::call(&host, "1");
    first.wait(100).await;
    let second = Rig::call(&host, "1");
    second.wait(100).await;
    assert_eq!(first.closed(), Some(CloseReason::Finished));
    assert_eq!(host.registry.live_actors(), 5);
}

/// A voice that breaks at its first sentence, just as the caller presses keys.
#[derive(Debug)]
struct BreaksAsKeysCome {
    voice: ScriptedVoice,
    dialog: Mutex<Option<Recipient<KeyPressed>>>,
}

impl TextToSpeech for BreaksAsKeysCome {
    fn name(&self) -> &'static str {
        "breaking"
    }

    fn languages(&self) -> &[Language] {
        self.voice.languages()
    }

    fn speak(&self, request: SpeakingRequest, events: Sink<SpeakingEvent>) -> Box<dyn SpeakingStream> {
        let dialog = self.dialog.lock().unwrap().take();
        if let Some(dialog) = dialog {
            dialog.do_send(KeyPressed('1'));
            dialog.do_send(KeyPressed('#'));
            panic!("the voice was told to break");
        }
        self.voice.speak(request, events)
    }
}

#[actix_rt::test]
async fn a_failure_of_the_voice_costs_no_turn_after_the_one_it_spoke() {
    tokio::time::pause();
    let breaking = Arc::new(BreaksAsKeysCome { voice: voice(), dialog: Mutex::default() });
    let mut host = host(hears(&[]), says(&["Hello there.", "You pressed one."]), voice());
    Arc::make_mut(&mut host).engines.speaking = breaking.clone();
    let call = Rig::call(&host, "1");
    *breaking.dialog.lock().unwrap() = Some(call.dialog());
    call.wait(1_000).await;
    assert_eq!(call.sent_ms(), 800, "the answer to the key");
    assert_eq!(call.state().await, "LISTENING");
}

#[actix_rt::test]
async fn a_sentence_that_fails_does_not_hold_the_turn() {
    tokio::time::pause();
    let voice = voice().with_script([Speaking::Fails("no".into()), Speaking::Speaks]);
    let host = host(hears(&[]), says(&["Hello there. How are you?"]), voice);
    let call = Rig::call(&host, "1");
    call.wait(2_000).await;
    assert_eq!(call.state().await, "LISTENING");
    assert_eq!(call.sent_ms(), 300 + 600);
}

#[actix_rt::test]
async fn an_ear_that_keeps_failing_leaves_the_keypad() {
    tokio::time::pause();
    let ears = ScriptedEars::new((0..9).map(|_| Hearing::Fails("gone".into())));
    let mind = ScriptedMind::answering(|turn| Thinking::says(format!("{:?}.", turn.said)));
    let host = host(ears, mind.clone(), voice());
    let call = Rig::call(&host, "1");
    call.wait(1_000).await;
    for _ in 0..5 {
        call.speak(200, 3_000).await;
    }
    assert_eq!(call.view().await["actors"]["stt"]["is_listening"], false);
    assert_eq!(mind.asked().pop().unwrap().said, CallerSaid::Unclear);
    call.press("7");
    call.press("#");
    call.wait(10).await;
    assert_eq!(mind.asked().pop().unwrap().said, CallerSaid::Digits("7".into()));
}

#[actix_rt::test]
async fn a_mind_that_fails_or_hangs_is_excused() {
    tokio::time::pause();
    let failing = Thinking::Fails { deltas: vec![], why: "overloaded".into() };
    for fault in [failing, Thinking::Stalls] {
        let host = host(hears(&[]), ScriptedMind::new([fault]), voice());
        let call = Rig::call(&host, "1");
        call.wait(15_000).await;
        assert_eq!(call.state().await, "LISTENING");
        let conversation = call.view().await["conversation"].to_string();
        assert!(conversation.contains("Sorry"), "{conversation}");
    }
}

#[actix_rt::test]
async fn a_line_that_takes_nothing_for_a_while_loses_no_frame() {
    tokio::time::pause();
    let text = "One two three four five six seven eight nine ten.";
    let host = host(hears(&[]), says(&[text]), voice());
    let call = Rig::call(&host, "1");
    call.wait(100).await;
    call.block_line(Duration::from_secs(2));
    call.wait(6_000).await;
    assert_eq!(call.sent_ms(), (text.len() * 50).next_multiple_of(20));
}

#[actix_rt::test]
async fn what_was_heard_before_a_hang_up_is_kept() {
    tokio::time::pause();
    let host = host(hears(&[]), says(&["One two three four five six seven eight nine ten."]), voice());
    let call = Rig::call(&host, "1");
    call.wait(1_500).await;
    call.hang_up();
    call.wait(10).await;
    let conversation = serde_json::to_value(&host.registry.ended()[0].conversation).unwrap();
    assert_eq!(conversation[0]["heard"], "One two three four five six");
    assert_eq!(conversation[0]["interrupted"], true);
}

#[actix_rt::test]
async fn an_ear_that_dies_in_an_utterance_is_told_the_hints_and_the_caller_is_asked_again() {
    tokio::time::pause();
    let ears = ScriptedEars::new([Hearing::Fails("gone".into()), Hearing::Stalls]);
    let hints = RecognitionHints { phrases: vec!["rent".into()], kinds: vec![], keys: None };
    let expect = Some(hints.clone());
    let greeting = Thinking::Says { deltas: vec!["Hello.".into()], expect, then: AfterTurn::Listen };
    let mind = ScriptedMind::new([greeting, Thinking::says("Sorry?")]);
    let host = host(ears.clone(), mind.clone(), voice());
    let call = Rig::call(&host, "1");
    call.wait(1_000).await;
    call.speak(200, 0).await;
    call.wait(6_000).await;
    assert_eq!(mind.asked().pop().unwrap().said, CallerSaid::Unclear);
    assert_eq!(ears.expected(), [hints.clone(), hints]);
}

fn receptionist() -> ReceptionistModel {
    let agent = json!({
        "name": "Maya", "language": "en", "greeting": "Hello.", "closing": "Bye.",
        "slots": [
            { "id": "name", "kind": "name", "question": "Your name?" },
            { "id": "rooms", "kind": "number", "question": "How many rooms?", "retries": 9 },
        ],
    });
    ReceptionistModel::new(Arc::new(serde_json::from_value(agent).unwrap()))
}

#[actix_rt::test]
async fn an_ear_that_is_lost_for_good_is_told_to_the_caller_at_once_and_keys_go_on() {
    tokio::time::pause();
    let fails = (0..4).map(|_| Hearing::Fails("gone".into()));
    let ears = ScriptedEars::new([Hearing::Hears("dana".into())].into_iter().chain(fails));
    let mut host = host(ears, says(&[]), ScriptedVoice::new(5));
    Arc::get_mut(&mut host).unwrap().engines.thinking = Arc::new(receptionist());
    let call = Rig::call(&host, "1");
    call.wait(1_000).await;
    call.speak(200, 2_000).await;
    // Two ears fail over each utterance: the one that hears it, and the next, to which it is played again.
    call.speak(200, 5_000).await;
    let before = call.view().await["conversation"].as_array().unwrap().len();
    call.speak(500, 0).await;
    assert_eq!(call.state().await, "SPEAKING", "the caller need not wait for the end of his sentence");
    call.wait(2_000).await;
    let conversation = call.view().await["conversation"].clone();
    let told = conversation[before]["heard"].as_str().unwrap();
    assert!(told.contains("please use the keys") && told.contains("How many rooms?"), "{conversation}");
    call.press("3");
    call.press("#");
    call.wait(10_000).await;
    let lead = serde_json::to_value(&host.registry.ended()[0].lead).unwrap()["answers"].clone();
    assert_eq!((&lead["name"]["value"], &lead["rooms"]["value"]), (&"Dana".into(), &"3".into()));
}

#[actix_rt::test]
async fn a_call_without_an_ear_is_told_to_its_mind_before_the_greeting() {
    tokio::time::pause();
    let mut host = host(hears(&[]), says(&[]), voice());
    let engines = &mut Arc::get_mut(&mut host).unwrap().engines;
    engines.hearing = None;
    engines.thinking = Arc::new(receptionist());
    let call = Rig::call(&host, "1");
    call.wait(20_000).await;
    let greeting = call.view().await["conversation"][0]["heard"].clone();
    assert!(greeting.as_str().unwrap().contains("please use the keys"), "{greeting}");
}

#[actix_rt::test]
async fn the_call_keeps_who_answered_each_turn_and_how_fast() {
    tokio::time::pause();
    let host = host(hears(&["are you open"]), says(&["Hello.", "Until six."]), voice());
    let call = Rig::call(&host, "1");
    call.wait(1_000).await;
    call.speak(200, 1_000).await;
    let latencies = call.view().await["latencies"].clone();
    let engine = |role: &str, first_ms: u64, last_ms: u64| json!({ "role": role, "engine": "scripted", "connect_ms": null, "first_ms": first_ms, "last_ms": last_ms });
    let by_mind = [engine("thinking", 0, 0), engine("speaking", 0, 0)];
    assert_eq!(latencies[0]["engines"], json!(by_mind), "nobody was heard before the greeting");
    let [mind, voice] = by_mind;
    let ear = &latencies[1]["engines"][0];
    assert_eq!(latencies[1]["engines"], json!([ear, mind, voice]));
    assert_eq!((&ear["role"], &ear["engine"]), (&json!("hearing"), &json!("scripted")));
    assert_eq!(ear["last_ms"], latencies[1]["words_ms"], "from the true end of speech");
    assert!(ear["last_ms"].as_u64().is_some_and(|ms| (450..460).contains(&ms)), "{ear}");
    call.hang_up();
    call.wait(10).await;
    let ended = serde_json::to_value(&host.registry.ended()[0]).unwrap();
    assert_eq!(ended["latencies"], latencies);
}
