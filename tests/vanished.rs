//! A socket that dies after its token was taken and before its call began: nothing of the call is left.
//!
//! No engine is asked so early, so the panic comes through the log, where the soak's come from too.

mod support;

use std::sync::atomic::{AtomicBool, Ordering};

use moked_core::twilio::twiml::Verb;
use support::*;
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

/// Where a socket tells that a stream has started, when its token is spent and its call has not begun.
const START: &str = "moked_actors::media_socket::inbound";

static IS_ARMED: AtomicBool = AtomicBool::new(false);

struct Saboteur;

impl<S: Subscriber> Layer<S> for Saboteur {
    #[expect(clippy::panic, reason = "it is what the test is for")]
    fn on_event(&self, _: &Event<'_>, _: Context<'_, S>) {
        if IS_ARMED.swap(false, Ordering::Relaxed) {
            panic!("the test ordered it");
        }
    }
}

#[actix_rt::test]
async fn a_call_of_which_nothing_is_left_begins_anew_once() {
    let start = Targets::new().with_target(START, LevelFilter::INFO);
    tracing_subscriber::registry().with(Saboteur.with_filter(start)).init();
    let house = house(&Cast::greeting("Hello.")).await;
    let call_sid = "CA1";

    let answer = edge::post(&house, "/webhook/incoming_call", &edge::incoming(call_sid)).await;
    IS_ARMED.store(true, Ordering::Relaxed);
    Phone::dial(&house, call_sid, Some(&answer.token())).await.until_closed().await;
    assert!(!IS_ARMED.load(Ordering::Relaxed), "the socket died");

    let answer = edge::post(&house, "/webhook/stream_action", &edge::incoming(call_sid)).await;
    assert!(matches!(answer.verbs().as_slice(), [Verb::Connect(_)]), "{:?}", answer.verbs());
    let mut phone = Phone::dial(&house, call_sid, Some(&answer.token())).await;
    phone.until_heard(&turn_audio("Hello.")).await;
    phone.hang_up().await;
    nothing_is_left(&house).await;

    let call_sid = "CA2";
    let mut answer = edge::post(&house, "/webhook/incoming_call", &edge::incoming(call_sid)).await;
    for _ in 0..2 {
        IS_ARMED.store(true, Ordering::Relaxed);
        Phone::dial(&house, call_sid, Some(&answer.token())).await.until_closed().await;
        answer = edge::post(&house, "/webhook/stream_action", &edge::incoming(call_sid)).await;
    }
    assert!(is_apology(&answer.verbs()), "what kills it twice would kill it again: {:?}", answer.verbs());
    nothing_is_left(&house).await;
}
