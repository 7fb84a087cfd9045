//! More callers than there is room for: those who talk hear no difference, and the rest go elsewhere at once.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod support;

use std::time::{Duration, Instant};

use awc::{Client, Connector};
use futures_util::future::join_all;
use moked::settings::AdmissionSection;
use moked::startup::Running;
use moked_core::twilio::twiml::{Verb, read};
use serde_json::Value;
use support::*;

const INCOMING: &str = "/webhook/incoming_call";

async fn limited(change: impl FnOnce(&mut AdmissionSection)) -> Running {
    house_with(&Cast::greeting("Hello."), &[("MOKED__SERVER__WORKERS", "2")], |settings| {
        change(&mut settings.admission);
    })
    .await
}

async fn state(house: &Running) -> Value {
    let answer = edge::get(house, "/readyz").await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// How long each of so many webhooks at once waits for its answer, and the answers' verbs.
async fn burst(house: &Running, count: usize) -> Vec<(Duration, Vec<Verb>)> {
    // One client for all: a client of one's own costs more than the answer does.
    let client = Client::builder().connector(Connector::new().limit(0)).finish();
    let url = format!("http://{}{INCOMING}", house.address());
    join_all((0..count).map(|call| {
        let request = client.post(&url).content_type("application/x-www-form-urlencoded");
        async move {
            let begun = Instant::now();
            let mut answer = request.send_body(edge::incoming(&format!("CA{call}"))).await.unwrap();
            let body = answer.body().await.unwrap();
            let wait = begun.elapsed();
            assert_eq!(answer.status(), 200);
            (wait, read(std::str::from_utf8(&body).unwrap()).unwrap())
        }
    }))
    .await
}

fn is_stream(verbs: &[Verb]) -> bool {
    matches!(verbs, [Verb::Connect(_)])
}

#[actix_rt::test]
async fn of_five_hundred_callers_twenty_get_a_stream_and_the_others_a_document_at_once() {
    let house = limited(|admission| admission.most_calls = Some(20)).await;
    let answers = burst(&house, 500).await;
    let streams = answers.iter().filter(|(_, verbs)| is_stream(verbs)).count();
    let messages = answers.iter().filter(|(_, verbs)| is_apology(verbs)).count();
    assert_eq!((streams, messages), (20, 480));
    let mut waits: Vec<Duration> = answers.iter().map(|(wait, _)| *wait).collect();
    waits.sort();
    let one = Instant::now();
    let refused = edge::post(&house, INCOMING, &edge::incoming("CA-one")).await;
    let (p50, p99, longest) = (waits[249], waits[494], waits[499]);
    println!(
        "500 webhooks at once, limit 20: answered after {p50:?} (p50), {p99:?} (p99), {longest:?} (longest)"
    );
    println!("one busy document alone: {:?}", one.elapsed());
    assert!(is_apology(&refused.verbs()));
    let state = state(&house).await;
    assert_eq!((&state["status"], &state["calls"]), (&"full".into(), &"elsewhere".into()));
    assert!(state["why"].as_str().unwrap().contains("admission.most_calls"), "{state}");
    let metrics = edge::get(&house, "/metrics").await.body;
    assert!(metrics.contains("moked_calls_refused_total{limit=\"calls\"} 481\n"), "{metrics}");
}

#[actix_rt::test]
async fn a_call_that_has_its_answer_gets_it_again_and_a_seat_that_is_free_is_taken() {
    let house = limited(|admission| admission.most_calls = Some(1)).await;
    let first = edge::post(&house, INCOMING, &edge::incoming("CA1")).await;
    let again = edge::post(&house, INCOMING, &edge::incoming("CA1")).await;
    assert_eq!(first.body, again.body);
    let mut phone = Phone::dial(&house, "CA1", Some(&first.token())).await;
    phone.until_heard(&turn_audio("Hello.")).await;
    let busy = edge::post(&house, INCOMING, &edge::incoming("CA2")).await;
    assert!(is_apology(&busy.verbs()));
    phone.hang_up().await;
    nothing_is_left(&house).await;
    assert_eq!(state(&house).await["status"], "ok");
    assert!(is_stream(&edge::post(&house, INCOMING, &edge::incoming("CA2")).await.verbs()));
    // Its caller hangs up before the stream comes.
    let over = "CallSid=CA2&AccountSid=AC1&CallStatus=completed&Direction=inbound";
    edge::post(&house, "/webhook/call_status", over).await;
    assert!(is_stream(&edge::post(&house, INCOMING, &edge::incoming("CA3")).await.verbs()));
}

#[actix_rt::test]
async fn more_calls_a_second_than_the_rate_go_where_the_setting_says() {
    let house = limited(|admission| {
        admission.calls_per_s = Some(5);
        admission.busy = "+97235550100".parse().unwrap();
    })
    .await;
    let answers = burst(&house, 100).await;
    let streams = answers.iter().filter(|(_, verbs)| is_stream(verbs)).count();
    let dials = answers.iter().filter(|(_, verbs)| matches!(verbs.as_slice(), [Verb::Dial(_)])).count();
    // A slow machine takes a few seconds over a hundred answers.
    assert!((5..50).contains(&streams), "{streams}");
    assert_eq!(streams + dials, 100);
    assert!(edge::get(&house, "/metrics").await.body.contains("moked_calls_refused_total{limit=\"rate\"} "));
}

#[actix_rt::test]
async fn a_loop_that_lags_takes_no_more_calls_and_says_so() {
    let house = limited(|admission| admission.loop_lag = Some(Duration::from_millis(20))).await;
    // A worker that has not turned for a second.
    house.registry().meters().new_worker(Instant::now() - Duration::from_secs(1));
    let busy = edge::post(&house, INCOMING, &edge::incoming("CA1")).await;
    assert!(is_apology(&busy.verbs()));
    let state = state(&house).await;
    assert!(state["why"].as_str().unwrap().contains("admission.loop_lag_ms"), "{state}");
    assert!(
        edge::get(&house, "/metrics").await.body.contains("moked_calls_refused_total{limit=\"lag\"} 1\n")
    );
}
