//! Streams that break in every way: the call goes on, and the caller hears what he had not heard.

mod support;

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use moked::startup::Running;
use moked_actors::CallEnd;
use moked_core::twilio::twiml::Verb;
use moked_providers::scripted::ScriptedEars;
use support::*;

/// Long enough to be cut anywhere, and every word is audible as itself.
const STORY: &str =
    "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen.";

/// Asks for the next document, as Twilio does, and opens the stream that it names.
async fn reconnect(house: &Running, call_sid: &str) -> Phone {
    let answer = edge::post(house, "/webhook/stream_action", &edge::incoming(call_sid)).await;
    Phone::dial(house, call_sid, Some(&answer.token())).await
}

/// A house with two workers: the second stream of a call may be accepted on another thread.
async fn house_of_two(text: &str) -> Running {
    let cast = Cast::new(ScriptedEars::default(), answers(&[text, "You pressed one."]));
    house_with(&cast, &[("MOKED__SERVER__WORKERS", "2")], |settings| {
        settings.call.resume = Duration::from_secs(8);
    })
    .await
}

#[actix_rt::test]
async fn a_caller_whose_stream_was_cut_hears_the_rest_on_the_next() {
    let house = house_of_two(STORY).await;
    let mut phone = Phone::ring(&house, "CA1").await;
    let before = turn_audio(STORY).len() / 3;
    phone.until("a third is heard", |phone| phone.heard().len() >= before).await;
    let heard = phone.heard().len();
    drop(phone);
    let lost = Instant::now();
    let mut phone = reconnect(&house, "CA1").await;
    phone.until_it_speaks().await;
    let gap = lost.elapsed();
    assert!(gap < Duration::from_secs(2), "{gap:?} of silence");
    phone.until("the rest is heard", Phone::is_quiet).await;
    let all = heard + phone.heard().len();
    let whole = turn_audio(STORY).len();
    // A word is 200 ms on average; the voice says the rest of the sentence as a sentence of its own.
    assert!(all + 3_200 >= whole && all <= whole + 8_000, "{heard} and then {} of {whole}", all - heard);
    phone.line.mouth().press("1#");
    phone.until("the key is answered", |phone| phone.sent().len() > all - heard).await;
    assert_eq!(house.registry().live(), 1);
    phone.hang_up().await;
    nothing_is_left(&house).await;
    let call = moked_core::ids::CallSid::new("CA1");
    assert_eq!(house.registry().last_end(&call), Some(CallEnd::CallerHungUp));
    assert_eq!(stream_action(&house, &call).await, [Verb::Hangup]);
}

#[actix_rt::test]
async fn twenty_streams_that_break_are_twenty_calls_that_go_on() {
    let house = house_of_two(STORY).await;
    let calls = (0..20).map(|number| {
        let house = &house;
        async move {
            let call_sid = format!("CA{number}");
            let mut phone = Phone::ring(house, &call_sid).await;
            phone.until_it_speaks().await;
            phone.wait(Duration::from_millis(40 * number)).await;
            drop(phone);
            let lost = Instant::now();
            let mut phone = reconnect(house, &call_sid).await;
            phone.until_it_speaks().await;
            let gap = lost.elapsed();
            phone.hang_up().await;
            gap
        }
    });
    let gaps = join_all(calls).await;
    let longest = gaps.iter().max().unwrap();
    assert!(*longest < Duration::from_secs(2), "{gaps:?}");
    nothing_is_left(&house).await;
}

#[actix_rt::test]
async fn a_call_nobody_comes_back_to_is_over_and_its_caller_is_caught() {
    let house = house(&Cast::greeting(STORY)).await;
    let mut phone = Phone::ring(&house, "CA1").await;
    phone.until_it_speaks().await;
    let call_sid = phone.call_sid.clone();
    drop(phone);
    nothing_is_left(&house).await;
    assert_eq!(house.registry().last_end(&call_sid), Some(CallEnd::LineLost));
    assert!(is_apology(&stream_action(&house, &call_sid).await));
}

#[actix_rt::test]
async fn a_token_opens_one_stream_even_of_a_call_that_was_lost() {
    let house = house_of_two(STORY).await;
    let token = edge::post(&house, "/webhook/incoming_call", &edge::incoming("CA1")).await.token();
    let mut phone = Phone::dial(&house, "CA1", Some(&token)).await;
    phone.until_it_speaks().await;
    drop(phone);
    let mut replay = Phone::dial(&house, "CA1", Some(&token)).await;
    assert_eq!(replay.until_closed().await.code, 1_008, "the first stream's token");
    let mut phone = reconnect(&house, "CA1").await;
    phone.until_it_speaks().await;
    phone.hang_up().await;
    nothing_is_left(&house).await;
}

#[actix_rt::test]
async fn a_line_without_a_sign_of_life_is_given_up_within_seconds() {
    let house = house(&Cast::greeting("Hello.")).await;
    let token = edge::post(&house, "/webhook/incoming_call", &edge::incoming("CA1")).await.token();
    let mut messages = moked::caller::messages::Messages::new(start_of("CA1", Some(&token)));
    let mut socket = RawSocket::open(&house).await;
    socket.text(&messages.start()).await;
    eventually("the call lives", || house.registry().live() == 1).await;
    // A peer that answers no ping. Its connection stays open.
    nothing_is_left(&house).await;
    let call = moked_core::ids::CallSid::new("CA1");
    assert_eq!(house.registry().last_end(&call), Some(CallEnd::LineLost));
    drop(socket);
}

#[actix_rt::test]
async fn a_stream_that_never_came_is_asked_for_once_more() {
    let house = house(&Cast::greeting("Hello.")).await;
    edge::post(&house, "/webhook/incoming_call", &edge::incoming("CA1")).await;
    let answer = edge::post(&house, "/webhook/stream_action", &edge::incoming("CA1")).await;
    let mut phone = Phone::dial(&house, "CA1", Some(&answer.token())).await;
    phone.until_heard(&turn_audio("Hello.")).await;
    phone.hang_up().await;

    edge::post(&house, "/webhook/incoming_call", &edge::incoming("CA2")).await;
    edge::post(&house, "/webhook/stream_action", &edge::incoming("CA2")).await;
    let answer = edge::post(&house, "/webhook/stream_action", &edge::incoming("CA2")).await;
    assert!(is_apology(&answer.verbs()), "there is no way to it: {:?}", answer.verbs());
    nothing_is_left(&house).await;
}
