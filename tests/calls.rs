//! Whole calls, from the webhook to the last frame: greeting, goodbye, every way to end, many at once.

mod support;

use std::time::Duration;

use futures_util::future::join_all;
use moked::caller::ear::EarEvent;
use moked_actors::CallEnd;
use moked_core::ports::{AfterTurn, CallerSaid};
use moked_core::twilio::twiml::Verb;
use moked_providers::scripted::{Hearing, ScriptedEars, ScriptedMind, Thinking};
use support::*;

/// A mind that greets with this and hangs up once it was heard.
fn goodbye(text: &str) -> ScriptedMind {
    let deltas = vec![text.to_owned()];
    ScriptedMind::new([Thinking::Says { deltas, expect: None, then: AfterTurn::HangUp }])
}

#[actix_rt::test]
async fn the_greeting_is_heard_to_the_sample() {
    let text = "Hello, this is the office.";
    let house = house(&Cast::greeting(text)).await;
    let mut phone = Phone::ring(&house, "CA1").await;
    let audio = turn_audio(text);
    phone.until_heard(&audio).await;
    phone.assert_heard(&[text]);
    let played = phone.events().filter(|event| matches!(event, EarEvent::MarkPlayed { .. })).count();
    let every_ms = 200;
    assert!(played >= audio.len() / (every_ms * 8), "{played} marks for {} ms", audio.len() / 8);
    phone.assert_clean();
    phone.hang_up().await;
    phone.assert_clean();
    nothing_is_left(&house).await;
}

#[actix_rt::test]
async fn a_goodbye_closes_the_socket_only_when_it_was_heard() {
    let text = "Goodbye and take care.";
    let house = house(&Cast::new(ScriptedEars::default(), goodbye(text))).await;
    let mut phone = Phone::ring(&house, "CA1").await;
    let closing = phone.until_closed().await;
    assert_eq!(closing.code, 1_000);
    phone.assert_heard(&[text]);
    let queued = phone.events().filter(|event| matches!(event, EarEvent::MarkQueued { .. })).count();
    let played = phone.events().filter(|event| matches!(event, EarEvent::MarkPlayed { .. })).count();
    assert_eq!(queued, played, "the last mark was played before the socket closed");
    phone.assert_clean();
    assert_eq!(stream_action(&house, &phone.call_sid).await, [Verb::Hangup]);
    nothing_is_left(&house).await;
}

#[actix_rt::test]
async fn however_the_caller_goes_nothing_stays() {
    let house = house(&Cast::greeting("Hello, how can I help you today?")).await;
    let mut polite = Phone::ring(&house, "CA-stop").await;
    polite.until_it_speaks().await;
    let mut cut = Phone::ring(&house, "CA-cut").await;
    cut.until_it_speaks().await;
    let token = edge::post(&house, "/webhook/incoming_call", &edge::incoming("CA-close")).await.token();
    let mut closing = RawSocket::open(&house).await;
    let mut messages = moked::caller::messages::Messages::new(start_of("CA-close", Some(&token)));
    closing.text(&messages.start()).await;
    eventually("three calls live", || house.registry().live() == 3).await;
    assert_eq!(house.registry().live_actors(), 15);

    polite.hang_up().await;
    polite.assert_clean();
    drop(cut);
    closing.frame(opcode::CLOSE, &1_001_u16.to_be_bytes()).await;
    assert_eq!(closing.ending().await, Ending::Closed(1_001));
    nothing_is_left(&house).await;

    let end = |call: &str| house.registry().last_end(&moked_core::ids::CallSid::new(call));
    assert_eq!(end("CA-stop"), Some(CallEnd::CallerHungUp));
    assert_eq!(end("CA-cut"), Some(CallEnd::LineLost));
    assert_eq!(end("CA-close"), Some(CallEnd::LineLost));
    assert_eq!(stream_action(&house, &polite.call_sid).await, [Verb::Hangup]);

    let mut next = Phone::ring(&house, "CA-next").await;
    next.until_heard(&turn_audio("Hello, how can I help you today?")).await;
    next.assert_clean();
}

#[actix_rt::test]
async fn eight_callers_at_once_each_hear_their_own_greeting() {
    // No digits: the voice would be given words for them, which take longer.
    let texts: Vec<String> = (1..=8).map(|n| format!("Hello {}there.", "friend ".repeat(n))).collect();
    let sids: Vec<String> = (1..=8).map(|n| format!("CA{n}")).collect();
    let minds = sids.iter().zip(&texts).map(|(sid, text)| (sid.clone(), answers(&[text])));
    let cast = Cast::new(ScriptedEars::default(), ByCall::new(minds));
    let house = house_with(&cast, &[("MOKED__SERVER__WORKERS", "2")], |_| {}).await;
    let calls = sids.iter().zip(&texts).map(|(sid, text)| {
        let house = &house;
        async move {
            let mut phone = Phone::ring(house, sid).await;
            let audio = turn_audio(text);
            phone.until_heard(&audio).await;
            phone.assert_heard(&[text]);
            phone.assert_clean();
            phone.hang_up().await;
        }
    });
    join_all(calls).await;
    assert_eq!(house.registry().begun(), 8);
    nothing_is_left(&house).await;
}

/// What a caller hears in the place of an answer that cannot be had.
const APOLOGY: [&str; 2] = ["Sorry, I did not get that.", "Could you say it again?"];

#[actix_rt::test]
async fn a_panic_in_one_call_is_not_heard_in_the_others() {
    let poisoned = ScriptedMind::answering(|_| panic!("the mind was told to break"));
    let minds = [
        ("CA-mind", poisoned),
        ("CA-voice", answers(&["This is poison.", "I am back."])),
        ("CA-ears", answers(&["Hello.", "You said yes."])),
        ("CA-well", answers(&["Hello, I hope that you are well.", "So am I."])),
    ];
    let hears = || ScriptedEars::hearing(["yes"]);
    let breaking = ScriptedEars::new([Hearing::Panics, Hearing::Hears("yes".into())]);
    let ears = [("CA-mind", hears()), ("CA-voice", hears()), ("CA-ears", breaking), ("CA-well", hears())];
    let house = house(&Cast::new(ByCall::new(ears), ByCall::new(minds))).await;

    let mind = async {
        let mut phone = Phone::ring(&house, "CA-mind").await;
        phone.until_heard(&APOLOGY.map(turn_audio).concat()).await;
        phone.assert_heard(&APOLOGY);
        phone.hang_up().await;
    };
    let voice = async {
        let mut phone = Phone::ring(&house, "CA-voice").await;
        let apology = APOLOGY.map(turn_audio).concat();
        phone.until_heard(&apology).await;
        phone.say(Duration::from_millis(300));
        phone.until_heard(&[apology, turn_audio("I am back.")].concat()).await;
        // The turn that broke the voice twice was excused.
        phone.assert_heard(&[APOLOGY[0], APOLOGY[1], "I am back."]);
        phone.hang_up().await;
        phone.assert_clean();
    };
    let ears = async {
        let mut phone = Phone::ring(&house, "CA-ears").await;
        let greeting = turn_audio("Hello.");
        phone.until_heard(&greeting).await;
        phone.say(Duration::from_millis(400));
        let both = [greeting, turn_audio("You said yes.")].concat();
        phone.until_heard(&both).await;
        // The new ear heard the rest of the utterance.
        phone.assert_heard(&["Hello.", "You said yes."]);
        phone.hang_up().await;
    };
    let well = async {
        let mut phone = Phone::ring(&house, "CA-well").await;
        let greeting = turn_audio("Hello, I hope that you are well.");
        phone.until_heard(&greeting).await;
        phone.say(Duration::from_millis(300));
        let both = [greeting, turn_audio("So am I.")].concat();
        phone.until_heard(&both).await;
        phone.assert_heard(&["Hello, I hope that you are well.", "So am I."]);
        phone.assert_clean();
        phone.hang_up().await;
    };
    futures_util::join!(mind, voice, ears, well);
    nothing_is_left(&house).await;
}

#[actix_rt::test]
async fn a_voice_that_breaks_again_and_again_ends_its_call_with_an_apology() {
    let house = house(&Cast::new(
        ScriptedEars::default(),
        ScriptedMind::answering(|_| Thinking::says("This is poison.")),
    ))
    .await;
    let mut phone = Phone::ring(&house, "CA1").await;
    // Four failures within 30 s are too many. The first key may come before the greeting.
    for key in ["1#", "2#", "3#", "4#"] {
        phone.line.mouth().press(key);
    }
    assert_eq!(phone.until_closed().await.code, 1_011);
    assert!(is_apology(&stream_action(&house, &phone.call_sid).await));
    nothing_is_left(&house).await;
}

#[actix_rt::test]
async fn what_comes_together_with_the_start_is_not_lost() {
    let mind = answers(&["Hello.", "You pressed one."]);
    let house = house(&Cast::new(ScriptedEars::default(), mind.clone())).await;
    let token = edge::post(&house, "/webhook/incoming_call", &edge::incoming("CA1")).await.token();
    let mut messages = moked::caller::messages::Messages::new(start_of("CA1", Some(&token)));
    let mut socket = RawSocket::open(&house).await;
    let texts = [messages.start(), messages.dtmf('1'), messages.dtmf('#')];
    socket.bytes(&texts.map(|text| frame(opcode::TEXT, text.as_bytes())).concat()).await;
    eventually("the keys are answered", || mind.asked().len() == 2).await;
    assert_eq!(mind.asked()[1].said, CallerSaid::Digits("1".into()));
}

#[actix_rt::test]
async fn in_echo_mode_the_caller_gets_back_what_he_sent_byte_for_byte() {
    let house = house_with(&Cast::greeting("Unheard."), &[("WS_MODE", "ECHO")], |_| {}).await;
    let mut phone = Phone::ring(&house, "CA1").await;
    let mut sent = Vec::new();
    for (index, length) in [160, 1, 159, 161, 8_000, 320, 160].into_iter().enumerate() {
        let payload: Vec<u8> = (0..length).map(|at| (at * 31 + index * 7) as u8).collect();
        let media = phone.line.messages().media(20 * index as u64, &payload);
        phone.line.send_text(media).await.unwrap();
        sent.extend(payload);
    }
    // The line's own frames of silence may follow.
    phone.until("all of it is back", |phone| phone.sent().len() >= sent.len()).await;
    assert_same("the echo", &phone.sent()[..sent.len()], &sent);
    assert!(phone.sent()[sent.len()..].iter().all(|&byte| byte == 0xFF));
    assert_eq!(phone.line.strict().violations(), []);
    phone.hang_up().await;
    nothing_is_left(&house).await;
}
