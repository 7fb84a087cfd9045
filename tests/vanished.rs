//! A socket that dies before its call began: nothing of the call is left.
//!
//! No engine is asked so early, so the panic comes through the log.

mod support;

use moked_core::twilio::twiml::Verb;
use support::*;
use tracing::level_filters::LevelFilter;

/// Where a socket tells that a stream has started, when its token is spent and its call has not begun.
const START: &str = "moked_actors::media_socket::inbound";

#[actix_rt::test]
async fn a_call_of_which_nothing_is_left_begins_anew_once() {
    let saboteur = Saboteur::reading(START, LevelFilter::INFO);
    let house = house(&Cast::greeting("Hello.")).await;
    let call_sid = "CA1";

    let answer = edge::post(&house, "/webhook/incoming_call", &edge::incoming(call_sid)).await;
    saboteur.arm();
    Phone::dial(&house, call_sid, Some(&answer.token())).await.until_closed().await;
    assert!(!saboteur.is_armed(), "the socket died");

    let answer = edge::post(&house, "/webhook/stream_action", &edge::incoming(call_sid)).await;
    assert!(matches!(answer.verbs().as_slice(), [Verb::Connect(_)]), "{:?}", answer.verbs());
    let mut phone = Phone::dial(&house, call_sid, Some(&answer.token())).await;
    phone.until_heard(&turn_audio("Hello.")).await;
    phone.hang_up().await;
    nothing_is_left(&house).await;

    let call_sid = "CA2";
    let mut answer = edge::post(&house, "/webhook/incoming_call", &edge::incoming(call_sid)).await;
    for _ in 0..2 {
        saboteur.arm();
        Phone::dial(&house, call_sid, Some(&answer.token())).await.until_closed().await;
        answer = edge::post(&house, "/webhook/stream_action", &edge::incoming(call_sid)).await;
    }
    assert!(is_apology(&answer.verbs()), "what kills it twice would kill it again: {:?}", answer.verbs());
    nothing_is_left(&house).await;
}
