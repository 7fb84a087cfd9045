//! Lines that break, in virtual time: what the caller hears of it.

use std::time::Duration;

use moked_core::ports::CallerSaid;

use crate::messages::{CallEnd, CloseReason, LineOrder};
use crate::registry::Presence;
use crate::rig::{Rig, hears, host, says, voice};

/// Ten words of two seconds and a half.
const LONG: &str = "One two three four five six seven eight nine ten.";

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
    assert_eq!(call.heard().await, [LONG]);
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
    assert_eq!(call.heard().await, ["Hello.", "Sorry, we were cut off."]);
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
    assert_eq!(call.heard().await, ["Hello.", "are you open", "Until six."]);
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
    assert_eq!(call.heard().await[0].matches("ten.").count(), 8);
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
    assert_eq!(call.heard().await, [LONG]);
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
