//! Who has the floor, in whole calls in virtual time: what must not stop the agent, what must, and how fast.

mod faults;
mod late_words;

use std::sync::Arc;
use std::time::{Duration, Instant};

use moked_core::audio::dtmf::{DtmfKey, generate};
use moked_core::audio::{BYTES_PER_MS, FRAME_SAMPLES, SILENCE, mulaw};
use moked_core::hints::{RecognitionHints, SlotKind};
use moked_core::ports::{AfterTurn, CallerSaid};
use moked_providers::scripted::{ScriptedEars, ScriptedMind, ScriptedVoice, Thinking};

use crate::call::now;
use crate::host::CallHost;
use crate::messages::{CallerAudio, LineOrder};
use crate::rig::{Rig, host, is_clear};
use crate::timed_ears::{Script, TimedEars};

/// −6 dBFS, this caller; −31 dBFS, a television behind him.
const CALLER: u8 = 0x90;
const TELEVISION: u8 = 0xCF;

/// What the agent says while things happen: 8 s at 50 ms a character, in one piece, as it has no comma.
const LONG: &str = "The flat has three rooms and a balcony that looks over the park and the sea and the rent \
    of it does not change for two years as the owner lives abroad and likes it quiet.";

const GREETING: &str = "Good morning this is Maya.";

/// What the caller says before, which tells how loud he is.
const HELLO: &str = "tell me about the flat";

fn calling(mind: ScriptedMind, ears: TimedEars) -> Arc<CallHost> {
    let mut host = host(ScriptedEars::hearing([""]), mind, ScriptedVoice::new(50));
    Arc::get_mut(&mut host).unwrap().engines.hearing = Some(Arc::new(ears));
    host
}

/// Frames of one byte each.
async fn sound(call: &Rig, ms: u64, byte: u8) {
    for _ in 0..ms / 20 {
        let mulaw = vec![byte; FRAME_SAMPLES].into();
        call.links.stt.tell(CallerAudio { mulaw, gap_ms: 0 });
        call.wait(20).await;
    }
}

/// A call in which the agent has been saying something for two seconds, to a caller known to both ears.
async fn agent_speaking(answer: &str, expect: Option<RecognitionHints>, over: Script) -> (Rig, ScriptedMind) {
    speaking_to(answer, expect, TimedEars::new([vec![(100, HELLO)], over])).await
}

async fn speaking_to(answer: &str, expect: Option<RecognitionHints>, ears: TimedEars) -> (Rig, ScriptedMind) {
    let (answer, then) = (answer.to_owned(), AfterTurn::Listen);
    let says = Thinking::Says { deltas: vec![answer], expect, then };
    let mind = ScriptedMind::new([Thinking::says(GREETING), says, Thinking::says("I see.")]);
    let call = Rig::call(&calling(mind.clone(), ears), "1");
    sound(&call, 2_000, SILENCE).await;
    sound(&call, 800, CALLER).await;
    while mind.asked().len() < 2 {
        sound(&call, 20, SILENCE).await;
    }
    (call, mind)
}

/// How much the ear has heard in the end.
fn heard_ms(call: &Rig) -> u64 {
    let log = call.log();
    let (mut heard, mut queued, mut at) = (Duration::ZERO, Duration::ZERO, log[0].0);
    for (when, order) in log {
        let played = queued.min(when - at);
        (heard, queued, at) = (heard + played, queued - played, when);
        match order {
            LineOrder::Media(mulaw) => queued += Duration::from_millis((mulaw.len() / BYTES_PER_MS) as u64),
            LineOrder::Clear => queued = Duration::ZERO,
            LineOrder::Mark(_) | LineOrder::Close(_) => {}
        }
    }
    (heard + queued).as_millis() as u64
}

/// The clears after a time.
fn clears(call: &Rig, from: Instant) -> Vec<Duration> {
    let clears = call.log().into_iter().filter(|(when, order)| *when >= from && is_clear(order));
    clears.map(|(when, _)| when - from).collect()
}

fn p95(mut times: Vec<Duration>) -> u128 {
    times.sort();
    times[times.len() * 95 / 100].as_millis()
}

#[actix_rt::test]
async fn sixty_backchannels_and_noises_stop_nothing_and_cost_no_word() {
    tokio::time::pause();
    let words = [
        "mhm",
        "yeah",
        "ok",
        "right",
        "I see",
        "uh-huh",
        "okay okay",
        "sure",
        "כן",
        "כן כן",
        "אוקיי",
        "אהה",
        "הבנתי",
        "נכון",
        "בסדר",
    ];
    let mut events: Vec<(u64, u8, Script)> = Vec::new();
    for (index, word) in words.into_iter().enumerate() {
        events.push((400, CALLER, vec![(80, word)]));
        // Short, and its words come after the verdict.
        events.push((180 + index as u64 % 3 * 20, CALLER, vec![(400, word)]));
    }
    // Coughs, doors, a television that even says "stop", and the agent's own voice.
    events.extend((0..10).map(|index| (80 + index / 2 * 20, CALLER, vec![])));
    events.extend((0..5).map(|index| (20 + index % 3 * 20, CALLER, vec![])));
    events.extend(
        (0..8).map(|_| (2_000, TELEVISION, vec![(200, "stop the press"), (900, "stop the press said he")])),
    );
    events.extend(
        (0..7).map(|_| (600, CALLER, vec![(80, "three rooms and a"), (300, "three rooms and a balcony")])),
    );
    assert_eq!(events.len(), 60);
    let mut ducks = Vec::new();
    for (ms, byte, script) in events {
        let what = format!("{ms} ms of {byte:#x}, {script:?}");
        let (call, mind) = agent_speaking(LONG, None, script).await;
        sound(&call, 2_000, SILENCE).await;
        let onset = now();
        sound(&call, ms, byte).await;
        sound(&call, 2_000, SILENCE).await;
        assert_eq!(call.state().await, "SPEAKING", "{what}");
        ducks.extend(clears(&call, onset).first());
        sound(&call, 9_000, SILENCE).await;
        assert_eq!((mind.asked().len(), call.state().await.as_str()), (2, "LISTENING"), "{what}");
        // Each turn's last frame is filled up.
        let said = [GREETING, LONG].map(|text| (text.chars().count() as u64 * 50).next_multiple_of(20));
        assert_eq!(heard_ms(&call).abs_diff(said.iter().sum()) / 20, 0, "{what}");
        let heard = call.view().await["conversation"][2]["heard"].clone();
        assert_eq!(heard, LONG, "{what}");
    }
    assert!(ducks.len() > 40 && p95(ducks.clone()) <= 80, "{ducks:?}");
}

#[actix_rt::test]
async fn sixty_interruptions_are_all_heard_within_300_ms() {
    tokio::time::pause();
    let said = [
        "stop",
        "wait",
        "hold on",
        "no",
        "excuse me",
        "what about parking",
        "yeah but when",
        "how much is it",
        "not that one",
        "let me ask you",
        "רגע",
        "די",
        "לא",
        "עצור",
        "חכי",
        "כמה זה עולה",
        "כן אבל מתי",
        "לא זה",
        "יש חניה",
        "רק שנייה",
    ];
    let (mut ducked, mut cleared): (Vec<Duration>, Vec<Duration>) = Default::default();
    for said in said {
        // Quick partials, slow ones, and none before the end.
        for script in [vec![(80, said)], vec![(500, said)], vec![(60_000, said)]] {
            let what = format!("{script:?}");
            let (call, mind) = agent_speaking(LONG, None, script).await;
            sound(&call, 2_000, SILENCE).await;
            let onset = now();
            sound(&call, 700, CALLER).await;
            let clears = clears(&call, onset);
            sound(&call, 1_800, SILENCE).await;
            assert_eq!(mind.asked().len(), 3, "{what}");
            assert_eq!(mind.asked()[2].said, CallerSaid::Words(said.into()), "{what}");
            let view = call.view().await;
            assert_eq!(view["conversation"][2]["interrupted"], true, "{what}");
            ducked.extend(clears.first());
            cleared.extend(clears.get(1));
        }
    }
    assert_eq!((ducked.len(), cleared.len()), (60, 60));
    assert!(p95(ducked.clone()) <= 60, "{ducked:?}");
    assert!(cleared.iter().all(|time| time.as_millis() <= 300), "{cleared:?}");
}

#[actix_rt::test]
async fn thirty_dictated_telephone_numbers_with_pauses_of_up_to_1200_ms_are_not_cut() {
    tokio::time::pause();
    let groups = [
        ["oh five two", "oh five two one two three", "oh five two one two three four five six seven"],
        ["054", "054 123", "054 123 4567"],
        ["אפס חמש שתיים", "אפס חמש שתיים אחת שתיים שלוש", "אפס חמש שתיים אחת שתיים שלוש ארבע חמש שש שבע"],
    ];
    for pause in (300..=1_200).step_by(100) {
        for [first, second, third] in groups {
            let second_at = 600 + pause + 300;
            let script = vec![(300, first), (second_at, second), (second_at + 900 + pause, third)];
            let expect = Some(RecognitionHints { phrases: vec![], kinds: vec![SlotKind::Phone], keys: None });
            let (call, mind) = agent_speaking("What is your phone number?", expect, script).await;
            sound(&call, 2_000, SILENCE).await;
            for _ in 0..2 {
                sound(&call, 660, CALLER).await;
                sound(&call, pause, SILENCE).await;
            }
            sound(&call, 900, CALLER).await;
            assert_eq!(mind.asked().len(), 2, "cut in {pause} ms after {first} or {second}");
            sound(&call, 600, SILENCE).await;
            let said = mind.asked().last().map(|turn| turn.said.clone());
            assert_eq!(said, Some(CallerSaid::Words(third.into())), "with pauses of {pause} ms");
        }
    }
}

#[actix_rt::test]
async fn thirty_one_word_hebrew_answers_are_not_lost() {
    tokio::time::pause();
    let question = "הדירה פנויה מיד. נוח לך להיפגש מחר בבוקר?";
    let spoken = question.chars().count() as u64 * 50;
    let silent = ["כן", "לא", "בטח", "אולי", "שלוש", "מחר", "נכון", "רגע", "די", "בסדר"];
    let over_the_question = ["כן", "לא", "בטח", "נכון", "אוקיי", "בסדר", "רגע", "די", "סבבה", "אולי"];
    let amid = ["לא", "רגע", "די", "עצור", "מספיק", "מחר", "שלוש", "אולי", "מה", "איפה"];
    let when = [(silent, spoken + 500), (over_the_question, spoken - 200), (amid, 1_100)];
    for (answers, after) in when {
        for answer in answers {
            for late in [60, 240] {
                let expect =
                    Some(RecognitionHints { phrases: vec![], kinds: vec![SlotKind::YesNo], keys: None });
                let (call, mind) = agent_speaking(question, expect, vec![(late, answer)]).await;
                sound(&call, after, SILENCE).await;
                sound(&call, 240, CALLER).await;
                sound(&call, 1_500, SILENCE).await;
                let said = mind.asked().last().map(|turn| turn.said.clone());
                assert_eq!(said, Some(CallerSaid::Words(answer.into())), "{after} ms after its beginning");
            }
        }
    }
}

#[actix_rt::test]
async fn a_turn_ends_though_the_carrier_sends_nothing_in_silence() {
    tokio::time::pause();
    let (call, mind) = agent_speaking("Which town?", None, vec![(100, "haifa and")]).await;
    sound(&call, 1_000, SILENCE).await;
    sound(&call, 600, CALLER).await;
    call.wait(1_000).await;
    assert_eq!(mind.asked().len(), 2, "\"and\" is waited for");
    call.wait(200).await;
    assert_eq!(mind.asked()[2].said, CallerSaid::Words("haifa and".into()));
}

#[actix_rt::test]
async fn keys_and_voice_make_up_one_number() {
    tokio::time::pause();
    let expect = Some(RecognitionHints { phrases: vec![], kinds: vec![SlotKind::Phone], keys: None });
    let (call, mind) =
        agent_speaking("What is your phone number?", expect, vec![(100, "four five six seven")]).await;
    sound(&call, 2_000, SILENCE).await;
    "052123".chars().for_each(|key| call.press(&key.to_string()));
    sound(&call, 800, CALLER).await;
    sound(&call, 500, SILENCE).await;
    assert_eq!(mind.asked()[2].said, CallerSaid::Digits("0521234567".into()));
}

#[actix_rt::test]
async fn the_tones_of_keys_are_not_speech() {
    tokio::time::pause();
    for key in ["0", "5", "*", "#"] {
        let (call, mind) = agent_speaking(LONG, None, vec![(80, "stop")]).await;
        sound(&call, 2_000, SILENCE).await;
        let onset = now();
        let tone = mulaw::encode(&generate(DtmfKey::parse(key).unwrap(), 600));
        for frame in tone.chunks_exact(FRAME_SAMPLES) {
            call.links.stt.tell(CallerAudio { mulaw: frame.to_vec().into(), gap_ms: 0 });
            call.wait(20).await;
        }
        sound(&call, 1_000, SILENCE).await;
        assert!(clears(&call, onset).is_empty(), "{key}: neither ducked nor stopped");
        assert_eq!((mind.asked().len(), call.state().await.as_str()), (2, "SPEAKING"), "{key}");
    }
}

#[actix_rt::test]
async fn a_key_stops_the_agent_when_one_is_due_and_else_it_is_kept() {
    tokio::time::pause();
    for (kind, stops) in [(SlotKind::Number, true), (SlotKind::Name, false)] {
        let expect = Some(RecognitionHints { phrases: vec![], kinds: vec![kind], keys: None });
        let (call, mind) = agent_speaking(LONG, expect, vec![]).await;
        sound(&call, 2_000, SILENCE).await;
        let pressed = now();
        call.press("3");
        sound(&call, 200, SILENCE).await;
        assert_eq!(!clears(&call, pressed).is_empty(), stops, "{kind:?}");
        sound(&call, 12_000, SILENCE).await;
        assert_eq!(mind.asked()[2].said, CallerSaid::Digits("3".into()), "{kind:?}");
    }
}

#[actix_rt::test]
async fn a_greeting_that_must_be_heard_is_heard() {
    tokio::time::pause();
    let mind = ScriptedMind::new([Thinking::says("This call is recorded."), Thinking::says("Yes?")]);
    let mut host = calling(mind.clone(), TimedEars::new([vec![(60, "stop")]]));
    let settings = &mut Arc::get_mut(&mut host).unwrap().settings;
    Arc::make_mut(settings).barge_in.greeting = false;
    let call = Rig::call(&host, "1");
    sound(&call, 400, SILENCE).await;
    sound(&call, 300, CALLER).await;
    sound(&call, 2_000, SILENCE).await;
    assert_eq!((call.when(is_clear), call.state().await.as_str()), (None, "LISTENING"));
    assert_eq!(call.view().await["conversation"][0]["heard"], "This call is recorded.");
}

#[actix_rt::test]
async fn the_meters_tell_how_fast_the_agent_gave_way() {
    tokio::time::pause();
    let (call, _) = agent_speaking(LONG, None, vec![(80, "stop")]).await;
    sound(&call, 2_000, SILENCE).await;
    sound(&call, 400, CALLER).await;
    let meters = &call.host.registry.meters().barge_in;
    let counts = [&meters.ducked, &meters.resumed, &meters.stopped].map(|histogram| histogram.view().count);
    assert_eq!(counts, [1, 0, 1]);
    assert!(meters.stopped.view().sum_s <= 0.2);
    let view = call.view().await["actors"]["stt"]["barge_in"].clone();
    assert_eq!((&view["stops"], &view["is_ducked"]), (&1.into(), &false.into()));
}
