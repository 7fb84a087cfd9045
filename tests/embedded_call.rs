//! The call that everyone can make offline: the settings as they are distributed, the embedded engines, a
//! caller with an embedded voice.

mod support;

use std::rc::Rc;
use std::time::Duration;

use moked::caller::call::{CallOptions, place_call};
use moked::caller::report::{EndedBy, StreamEnd};
use moked::caller::script::Act;
use moked_core::conversation::Remark;
use moked_providers::embedded::{EmbeddedVoice, VoiceOptions};
use support::*;

#[actix_rt::test]
async fn the_distributed_agent_greets_and_answers_two_spoken_turns() {
    let log = overhear();
    let house = edge::server(&[]).await;
    let voice = EmbeddedVoice::new(VoiceOptions { pitch: 1.3, ..VoiceOptions::default() }).unwrap();
    let url = format!("http://{}/webhook/incoming_call", house.address());
    let say = |text: &str| Act::Say { text: text.to_owned() };
    let mut options = CallOptions::new(url);
    options.acts = vec![say("i want to rent"), say("three rooms")];
    options.voice = Some(Rc::new(move |text| voice.render(text)));
    options.limit = Duration::from_secs(60);
    let report = place_call(options, |_| {}).await.unwrap();

    let stream = &report.streams[0];
    assert!(report.is_clean(), "{:?} {:?}", report.problems, stream.violations);
    assert_eq!((report.ended_by, &stream.end), (EndedBy::Caller, &StreamEnd::Caller));
    let greeting_ms = stream.greeting_ms.unwrap();
    assert!(greeting_ms < 1_000, "the greeting came after {greeting_ms} ms");
    assert_eq!(stream.turns.len(), 2);
    for turn in &stream.turns {
        let latency_ms = turn.latency_ms.unwrap_or(i64::MAX);
        assert!((0..4_000).contains(&latency_ms), "{turn:?}");
    }
    nothing_is_left(&house).await;

    // The recogniser's threads serve all calls; each of their lines still tells of which.
    let recognised: Vec<Line> =
        log.lines().into_iter().filter(|line| line.target.ends_with("pocketsphinx::worker")).collect();
    assert!(!recognised.is_empty());
    let call_sid = report.call_sid.as_str();
    assert!(recognised.iter().all(|line| line.call_sid.as_deref() == Some(call_sid)), "{recognised:?}");

    // What the recogniser made of the words may differ from them; that it made something may not.
    let ended = house.registry().ended().remove(0);
    let said = ended.conversation.iter().filter(|remark| matches!(remark, Remark::Caller { .. })).count();
    assert!(said >= 1, "{:?}", ended.conversation);
}
