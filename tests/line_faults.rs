//! A wire that fails between carrier and server, in mid-speech: the call is kept, the carrier connects the
//! caller anew, and he hears what he had not heard.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod support;

use std::time::{Duration, Instant};

use moked::caller::line::LineClient;
use moked::startup::Running;
use moked_actors::registry::Presence;
use moked_core::audio::BYTES_PER_MS;
use moked_core::ids::StreamSid;
use moked_providers::scripted::ScriptedEars;
use support::*;

/// Long enough to be cut anywhere; every byte of it tells its place.
const STORY: &str =
    "One two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen.";

/// What the caller heard is known by marks, one for each 200 ms, and speech goes on at the start of a word:
/// so much may be heard twice at a seam, ms.
const TWICE_MS: usize = 1_000;

/// And so much be missing: the voice says the rest of a sentence as one of its own, which is shorter.
const MISSING_MS: usize = 400;

/// A house with two workers: the second stream of a call may be accepted on another thread.
async fn house_that_says(text: &str) -> Running {
    let cast = Cast::new(ScriptedEars::default(), answers(&[text, "You pressed one."]));
    house_with(&cast, &[("MOKED__SERVER__WORKERS", "2")], |settings| {
        settings.call.resume = Duration::from_secs(8);
    })
    .await
}

/// Asks for the next document, as Twilio does, and opens the stream that it names. It has an id of its own: the
/// first may end after it began.
async fn reconnect(house: &Running, call_sid: &str) -> Phone {
    let answer = edge::post(house, "/webhook/stream_action", &edge::incoming(call_sid)).await;
    let mut start = start_of(call_sid, Some(&answer.token()));
    start.stream_sid = StreamSid::new("MZ-again");
    Phone::on(LineClient::dial(&socket_url(house), start).await.unwrap(), call_sid)
}

/// A call whose wire fails in mid-speech. `within` so long the server must know it. Gives the first phone.
async fn fails_and_goes_on(text: &str, fault: Fault, within: Duration) -> Phone {
    let house = house_that_says(text).await;
    let wire = FaultProxy::before(house.address()).await;
    let mut first = Phone::ring_through(&house, &wire, "CA1").await;
    let third = turn_audio(STORY).len() / 3;
    first.until("a third is heard", |phone| phone.heard().len() >= third).await;
    wire.set(fault);
    let call = first.call_sid.clone();
    let is_adrift = |_: &Phone| matches!(house.registry().presence(&call), Presence::Adrift);
    first.meanwhile(within, "the server knows that the line is dead", is_adrift).await;
    let heard = first.heard().len();

    let lost = Instant::now();
    let mut second = reconnect(&house, "CA1").await;
    second.until_it_speaks().await;
    let gap = lost.elapsed();
    assert!(gap < Duration::from_secs(2), "{gap:?} of silence");
    let limit = Duration::from_millis((turn_audio(text).len() / BYTES_PER_MS) as u64) + PATIENCE;
    let whole = turn_audio(text).len();
    let least = whole - MISSING_MS * BYTES_PER_MS;
    let is_told = |phone: &Phone| phone.is_quiet() && heard + phone.heard().len() >= least;
    second.meanwhile(limit, &format!("the rest of {whole} after {heard} is heard"), is_told).await;
    let all = heard + second.heard().len();
    assert!(all <= whole + TWICE_MS * BYTES_PER_MS, "{heard} and then {} of {whole}", all - heard);
    second.line.mouth().press("1#");
    second.until("the key is answered", |phone| phone.sent().len() > all - heard).await;
    assert_eq!((house.registry().live(), house.registry().begun()), (1, 1));
    second.assert_clean();
    second.hang_up().await;
    nothing_is_left(&house).await;
    wire.set(Fault::None);
    first.meanwhile(PATIENCE, "the dead line ends", |phone| phone.line.closing().is_some()).await;
    first
}

#[actix_rt::test]
async fn a_reset_in_mid_speech_is_a_hiccup() {
    fails_and_goes_on(STORY, Fault::Reset, Duration::from_secs(2)).await;
}

#[actix_rt::test]
async fn an_end_without_a_word_in_mid_speech_is_a_hiccup() {
    fails_and_goes_on(STORY, Fault::Finish, Duration::from_secs(2)).await;
}

#[actix_rt::test]
async fn a_half_open_wire_is_noticed_within_seconds() {
    fails_and_goes_on(STORY, Fault::Stall, Duration::from_secs(6)).await;
}

#[actix_rt::test]
async fn bytes_that_come_wrong_cost_the_stream_and_not_the_call() {
    let phone = fails_and_goes_on(STORY, Fault::Corrupt, Duration::from_secs(2)).await;
    assert_eq!(phone.line.closing().unwrap().code, 1_002);
}

#[actix_rt::test]
async fn a_carrier_that_takes_too_little_is_cut_off_and_the_call_goes_on_elsewhere() {
    let long = [STORY; 5].join(" ").replace(". ", ", ");
    let slow = Fault::SlowReader { bytes_per_s: 2_000 };
    let phone = fails_and_goes_on(&long, slow, Duration::from_secs(16)).await;
    let code = phone.line.closing().unwrap().code;
    assert!(matches!(code, 1_013 | 1_006), "{code}");
}

/// A whole conversation over a wire that is bad and bearable.
async fn is_bearable(fault: Fault) {
    const GREETING: &str = "Hello, are you there?";
    const ANSWER: &str = "Very well, then.";
    let cast = Cast::new(ScriptedEars::hearing(["yes"]), answers(&[GREETING, ANSWER]));
    let house = house(&cast).await;
    let wire = FaultProxy::with(house.address(), fault).await;
    let mut phone = Phone::ring_through(&house, &wire, "CA1").await;
    let greeting = turn_audio(GREETING);
    phone.until_heard(&greeting).await;
    phone.say(Duration::from_millis(400));
    phone.until_heard(&[greeting, turn_audio(ANSWER)].concat()).await;
    phone.assert_heard(&[GREETING, ANSWER]);
    phone.assert_clean();
    phone.hang_up().await;
    nothing_is_left(&house).await;
}

#[actix_rt::test]
async fn frames_that_come_in_crumbs_make_no_difference_to_the_sample() {
    is_bearable(Fault::Slice { longest: 13 }).await;
}

#[actix_rt::test]
async fn a_wire_that_is_late_by_a_seventh_of_a_second_is_heard_without_a_hole() {
    is_bearable(Fault::Latency(Duration::from_millis(140))).await;
}
