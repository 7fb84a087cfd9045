//! A deploy: the order to stop comes while people are talking, and nobody is cut.
//!
//! The order is given as `moked serve` gives it when SIGTERM comes; `tests/boot_drain.rs` sends the signal itself.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod support;

use std::cell::Cell;
use std::future::{pending, ready};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use moked::settings::Elsewhere;
use moked::startup::{Drained, Running};
use moked_actors::CallEnd;
use moked_core::ids::CallSid;
use moked_core::twilio::twiml::Verb;
use moked_providers::scripted::ScriptedEars;
use serde_json::Value;
use support::*;

/// Long enough to be in the middle of.
const STORY: &str =
    "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen.";

/// Calls of each drain. All callers of this file share a thread, and one that is silent for 3 s is given up.
const CALLS: u64 = 5;

const INCOMING: &str = "/webhook/incoming_call";

async fn new_caller(house: &Running, call_sid: &str) -> Vec<Verb> {
    edge::post(house, INCOMING, &edge::incoming(call_sid)).await.verbs()
}

async fn until_it_drains(house: &Running) -> Value {
    let limit = Instant::now() + PATIENCE;
    loop {
        let answer = edge::get(house, "/readyz").await;
        if answer.status == 503 {
            return serde_json::from_str(&answer.body).unwrap();
        }
        assert!(Instant::now() < limit, "not draining: {}", answer.body);
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn ends(house: &Running) -> Vec<CallEnd> {
    house.registry().ended().into_iter().map(|call| call.end).collect()
}

#[actix_rt::test]
async fn a_server_that_drains_answers_everybody_and_takes_nobody_new() {
    let house = house_with(&Cast::greeting(STORY), &[], |settings| {
        settings.server.drain_new_calls = "https://next.example.com/webhook/incoming_call".parse().unwrap();
    })
    .await;
    let mut phone = Phone::ring(&house, "CA1").await;
    phone.until_it_speaks().await;
    let known = edge::post(&house, INCOMING, &edge::incoming("CA2")).await;
    let meanwhile = async {
        let state = until_it_drains(&house).await;
        assert_eq!(state["status"], "draining");
        assert!(state["why"].as_str().unwrap().starts_with("draining: 1 calls"), "{state}");
        assert_eq!(edge::get(&house, "/healthz").await.body, "ok");
        let url = "https://next.example.com/webhook/incoming_call".to_owned();
        assert_eq!(new_caller(&house, "CA3").await, [Verb::Redirect { url }]);
        // The carrier repeats a webhook that it was answered before the order came.
        let again = edge::post(&house, INCOMING, &edge::incoming("CA2")).await;
        assert_eq!(again.body, known.body);
        let mut late = Phone::dial(&house, "CA2", Some(&again.token())).await;
        late.until_it_speaks().await;
        late.hang_up().await;
        phone.until("the story is heard to its end", Phone::is_quiet).await;
        phone.hang_up().await;
        assert!(edge::get(&house, "/metrics").await.body.contains("moked_draining 1"));
    };
    let (drained, ()) = tokio::join!(house.drain(pending()), meanwhile);
    assert_eq!(drained, Drained { finished: 2, sent_away: 0, cut: 0, was_hurried: false });
    house.stop().await.unwrap();
}

#[actix_rt::test]
async fn an_empty_server_drains_at_once() {
    let house = house(&Cast::greeting("Hello.")).await;
    let begun = Instant::now();
    assert_eq!(house.drain(pending()).await.cut, 0);
    assert!(begun.elapsed() < Duration::from_secs(1));
}

/// One drain under load: who talks is heard out, and one whose stream breaks meanwhile is taken up again.
async fn drain_under_load(number: usize) -> Drained {
    let cast = Cast::new(ScriptedEars::default(), answers(&[STORY, "Are you there?"]));
    let house = house_with(&cast, &[("MOKED__SERVER__WORKERS", "2")], |settings| {
        settings.call.resume = Duration::from_secs(8);
    })
    .await;
    let talking = Cell::new(0);
    let callers = (0..CALLS).map(|call| {
        let (house, talking) = (&house, &talking);
        async move {
            let mut phone = Phone::ring(house, &format!("CA{number}-{call}")).await;
            phone.until_it_speaks().await;
            talking.set(talking.get() + 1);
            // A phone that waits keeps its line going: without a frame for 3 s it would be given up.
            phone.until("everybody talks", |_| talking.get() == CALLS).await;
            phone.wait(Duration::from_millis(50 * call)).await;
            if call == 3 {
                let call_sid = phone.call_sid.clone();
                drop(phone);
                let form = edge::incoming(call_sid.as_str());
                let answer = edge::post(house, "/webhook/stream_action", &form).await;
                phone = Phone::dial(house, call_sid.as_str(), Some(&answer.token())).await;
                // On a slow machine nothing may be left to say.
                phone.wait(Duration::from_millis(500)).await;
            }
            phone.until("the rest is heard", Phone::is_quiet).await;
            phone.hang_up().await;
        }
    });
    let order = async {
        while talking.get() < CALLS {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        tokio::join!(house.drain(pending()), new_caller(&house, "CA-new"))
    };
    let ((drained, verbs), _) = tokio::join!(order, join_all(callers));
    assert!(is_apology(&verbs) || matches!(verbs.as_slice(), [Verb::Connect(_)]), "{verbs:?}");
    let all = ends(&house);
    assert!(all.iter().all(|end| *end == CallEnd::CallerHungUp), "{all:?}");
    assert_eq!(all.len() as u64, CALLS);
    house.stop().await.unwrap();
    drained
}

#[actix_rt::test]
async fn twenty_drains_under_load_cut_nobody() {
    let mut cut = 0;
    for batch in 0..5 {
        let drains = join_all((0..4).map(|place| drain_under_load(4 * batch + place))).await;
        for drained in drains {
            assert_eq!((drained.finished, drained.sent_away), (CALLS, 0), "{drained}");
            cut += drained.cut;
        }
    }
    println!("calls cut by 20 drains under load = {cut}");
    assert_eq!(cut, 0);
}

/// A call that talks on past the time for it: what the caller hears, and the document after that.
async fn past_the_deadline(place: &str, call_sid: &str) -> (Vec<u8>, Vec<Verb>, Drained) {
    let house = house_with(&Cast::greeting("Hello."), &[], |settings| {
        settings.server.drain = Duration::from_millis(300);
        settings.server.drain_live_calls = place.parse().unwrap();
    })
    .await;
    let mut phone = Phone::ring(&house, call_sid).await;
    phone.until_heard(&turn_audio("Hello.")).await;
    let meanwhile = async {
        let closing = phone.until_closed().await;
        assert_eq!(closing.code, 1_000);
        (phone.heard(), stream_action(&house, &CallSid::new(call_sid)).await)
    };
    let (drained, (heard, verbs)) = tokio::join!(house.drain(pending()), meanwhile);
    assert_eq!(ends(&house), [CallEnd::SentAway]);
    house.stop().await.unwrap();
    (heard, verbs, drained)
}

#[actix_rt::test]
async fn who_is_still_there_at_the_deadline_hears_a_goodbye() {
    let (heard, verbs, drained) = past_the_deadline("goodbye", "CA1").await;
    let words = "I am sorry, we have to end our call here.";
    assert!(heard.len() > voiced(&turn_audio(words)).len(), "{} bytes", heard.len());
    assert_eq!(verbs, [Verb::Hangup]);
    assert_eq!(drained, Drained { finished: 0, sent_away: 1, cut: 0, was_hurried: false });
}

#[actix_rt::test]
async fn or_is_handed_over() {
    let (_, verbs, _) = past_the_deadline("+97235550100", "CA1").await;
    assert!(matches!(verbs.as_slice(), [Verb::Dial(dial)] if dial.number == "+97235550100"), "{verbs:?}");
    let url = "https://next.example.com/webhook/incoming_call";
    let (_, verbs, _) = past_the_deadline(url, "CA2").await;
    assert_eq!(verbs, [Verb::Redirect { url: url.to_owned() }]);
    let (_, verbs, _) = past_the_deadline("message", "CA3").await;
    assert!(is_apology(&verbs), "{verbs:?}");
}

#[actix_rt::test]
async fn a_second_order_ends_within_five_seconds_and_every_call_has_its_cause() {
    let house = house(&Cast::greeting(STORY)).await;
    let mut phones = Vec::new();
    for call in 0..3 {
        let mut phone = Phone::ring(&house, &format!("CA{call}")).await;
        phone.until_it_speaks().await;
        phones.push(phone);
    }
    let registry = house.registry().clone();
    let begun = Instant::now();
    let drained = house.drain(ready(())).await;
    assert_eq!(drained, Drained { finished: 0, sent_away: 0, cut: 3, was_hurried: true });
    let callers = join_all(phones.iter_mut().map(Phone::until_closed));
    let (stopped, _) = tokio::join!(house.stop(), callers);
    stopped.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let ends: Vec<CallEnd> = registry.ended().into_iter().map(|call| call.end).collect();
    assert_eq!(ends, [CallEnd::ServerStopped; 3]);
}

#[actix_rt::test]
async fn callers_go_where_the_setting_says() {
    for (place, is_there) in [
        ("message", (|verbs| is_apology(verbs)) as fn(&[Verb]) -> bool),
        ("goodbye", |verbs| matches!(verbs, [Verb::Say(_), Verb::Hangup])),
        ("+97235550100", |verbs| matches!(verbs, [Verb::Dial(_)])),
    ] {
        let house = house_with(&Cast::greeting(STORY), &[], |settings| {
            settings.server.drain_new_calls = place.parse::<Elsewhere>().unwrap();
        })
        .await;
        let mut phone = Phone::ring(&house, "CA1").await;
        let meanwhile = async {
            until_it_drains(&house).await;
            let verbs = new_caller(&house, "CA2").await;
            assert!(is_there(&verbs), "{place}: {verbs:?}");
            phone.hang_up().await;
        };
        let (drained, ()) = tokio::join!(house.drain(pending()), meanwhile);
        assert_eq!(drained.cut, 0);
    }
}
