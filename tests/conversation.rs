//! Taking turns: what the mind is told, what the ear of the agent is told, and what the caller hears when he
//! interrupts.

mod support;

use std::time::Duration;

use moked::caller::ear::EarEvent;
use moked_core::audio::BYTES_PER_MS;
use moked_core::conversation::Remark;
use moked_core::hints::{RecognitionHints, SlotKind};
use moked_core::ids::TurnId;
use moked_core::ports::{AfterTurn, CallerSaid};
use moked_providers::scripted::{Hearing, ScriptedEars, ScriptedMind, Thinking};
use support::*;

const SPEECH: Duration = Duration::from_millis(300);

fn heard(turn: u32, text: &str) -> Remark {
    Remark::Agent { turn: TurnId(turn), heard: text.to_owned(), interrupted: false }
}

fn caller(text: &str) -> Remark {
    Remark::Caller { text: text.to_owned() }
}

/// Says this and tells what to expect.
fn asks(question: &str, kind: SlotKind) -> (Thinking, RecognitionHints) {
    let hints = RecognitionHints { phrases: vec!["להשכיר".to_owned()], kinds: vec![kind], keys: None };
    let deltas = question.split_inclusive(' ').map(str::to_owned).collect();
    (Thinking::Says { deltas, expect: Some(hints.clone()), then: AfterTurn::Listen }, hints)
}

#[actix_rt::test]
async fn a_spoken_turn_is_understood_and_answered() {
    let (question, hints) = asks("Rent or sell?", SlotKind::Choice);
    let mind = ScriptedMind::new([question, Thinking::says("Until six.")]);
    let ears = ScriptedEars::hearing(["מתי אתם פתוחים"]);
    let house = house(&Cast::new(ears.clone(), mind.clone())).await;
    let mut phone = Phone::ring(&house, "CA1").await;
    let greeting = turn_audio("Rent or sell?");
    phone.until_heard(&greeting).await;
    phone.say(SPEECH);
    let both = [greeting, turn_audio("Until six.")].concat();
    phone.until_heard(&both).await;

    phone.assert_heard(&["Rent or sell?", "Until six."]);
    assert!(phone.clears().is_empty(), "there was nothing to interrupt");
    assert_eq!(ears.expected(), [hints]);
    assert!(ears.bytes_heard() >= SPEECH.as_millis() as usize * BYTES_PER_MS);
    let asked = mind.asked();
    assert_eq!(asked[0].said, CallerSaid::Nothing);
    assert_eq!(asked[1].said, CallerSaid::Words("מתי אתם פתוחים".into()));
    assert_eq!(asked[1].history, [heard(1, "Rent or sell?")]);
    phone.assert_clean();

    phone.hang_up().await;
    nothing_is_left(&house).await;
    let ended = house.registry().ended().remove(0);
    let whole = [heard(1, "Rent or sell?"), caller("מתי אתם פתוחים"), heard(2, "Until six.")];
    assert_eq!(ended.conversation, whole);
}

#[actix_rt::test]
async fn an_interruption_silences_the_agent_and_only_what_was_heard_is_remembered() {
    let long = "One two three four five six seven eight nine ten eleven twelve thirteen.";
    let mind = answers(&[long, "Yes?"]);
    let house = house(&Cast::new(ScriptedEars::hearing(["stop"]), mind.clone())).await;
    let mut phone = Phone::ring(&house, "CA1").await;
    phone.until("800 ms are heard", |phone| phone.heard().len() >= 800 * BYTES_PER_MS).await;
    let onset_ms = (phone.line.sent().len() / BYTES_PER_MS) as u64;
    phone.say(SPEECH);
    let answer = turn_audio("Yes?");
    phone
        .until("the answer is heard", |phone| {
            phone.sent_since_clear() == answer && phone.heard().ends_with(&voiced(&answer))
        })
        .await;

    let [ducked_ms, cleared_ms] = phone.clears()[..] else { panic!("two clears, not {:?}", phone.clears()) };
    // Three frames make speech of a noise. The upper bound is for a busy machine; the usual is 80 ms.
    assert!(ducked_ms <= cleared_ms, "softly at first, then silent");
    let reaction = cleared_ms - onset_ms;
    assert!((40..=500).contains(&reaction), "cleared {reaction} ms after the caller began");
    let heard = phone.heard();
    let old = &heard[..heard.len() - voiced(&answer).len()];
    assert!(
        is_beginning(old, &turn_audio(long)),
        "what was heard before the clear is the sentence's beginning"
    );

    let turn = mind.asked().pop().unwrap();
    assert_eq!(turn.said, CallerSaid::Words("stop".into()));
    let [Remark::Agent { heard: claimed, interrupted: true, .. }] = &turn.history[..] else {
        panic!("{:?}", turn.history)
    };
    assert!(long.starts_with(claimed.as_str()), "{claimed}");
    let bytes_per_character = turn_audio(long).len() / long.len();
    let truth = long[..old.len() / bytes_per_character].matches(' ').count();
    let claimed_words = claimed.split_whitespace().count();
    assert!(truth.abs_diff(claimed_words) <= 1, "{truth} words were heard, {claimed_words} are remembered");

    let cleared: Vec<_> = phone.events().filter_map(epoch_of_cleared).collect();
    assert!(cleared.iter().all(|epoch| epoch == "e0" || epoch == "e1"), "{cleared:?}");
    phone.assert_clean();
    phone.hang_up().await;
    nothing_is_left(&house).await;
}

/// Whether `heard` is the beginning of `said`, ducked from some place on. What the carrier had not played by then
/// was sent again, from where moked's clock says that the ear was: a few samples may lie between the two clocks.
fn is_beginning(heard: &[u8], said: &[u8]) -> bool {
    // Ducked samples are lower, on the same side of zero.
    let signs = |audio: &[u8]| audio.iter().map(|byte| byte & 0x80).collect::<Vec<_>>();
    let (heard, said) = (signs(heard), signs(said));
    let splice = heard.iter().zip(&said).take_while(|(heard, said)| heard == said).count();
    let near = splice.saturating_sub(2 * BYTES_PER_MS)..splice + 2 * BYTES_PER_MS;
    near.into_iter().any(|place| said[place..].starts_with(&heard[splice..]))
}

/// The epoch in the name of a mark that was thrown out.
fn epoch_of_cleared(event: &EarEvent) -> Option<String> {
    match event {
        EarEvent::MarkCleared { name } => name.as_str().split('-').next().map(str::to_owned),
        EarEvent::MarkQueued { .. }
        | EarEvent::MarkPlayed { .. }
        | EarEvent::Cleared { .. }
        | EarEvent::AgentBegan
        | EarEvent::AgentFinished { .. }
        | EarEvent::Underrun { .. }
        | EarEvent::Overflow { .. } => None,
    }
}

#[actix_rt::test]
async fn keys_answer() {
    let (question, _) = asks("Your number?", SlotKind::Phone);
    let (confirmation, _) = asks("Is it right?", SlotKind::YesNo);
    let mind = ScriptedMind::new([question, confirmation, Thinking::says("Thanks.")]);
    let house = house(&Cast::new(ScriptedEars::default(), mind.clone())).await;
    let mut phone = Phone::ring(&house, "CA1").await;
    let mut audio = turn_audio("Your number?");
    phone.until_heard(&audio).await;
    phone.line.mouth().press("054#");
    audio.extend(turn_audio("Is it right?"));
    phone.until_heard(&audio).await;
    // A yes or no is one key, and does not wait for another.
    phone.line.mouth().press("1");
    audio.extend(turn_audio("Thanks."));
    phone.until_heard(&audio).await;

    let asked = mind.asked();
    assert_eq!(asked[1].said, CallerSaid::Digits("054".into()));
    assert_eq!(asked[2].said, CallerSaid::Digits("1".into()));
    phone.assert_heard(&["Your number?", "Is it right?", "Thanks."]);
    let history = [heard(1, "Your number?"), caller("[keys 054]"), heard(2, "Is it right?")];
    assert_eq!(asked[2].history, history);
    assert!(phone.clears().is_empty());
    phone.assert_clean();
}

#[actix_rt::test]
async fn keys_interrupt() {
    let long = "Please enter your number now and then press the hash key.";
    let mind = answers(&[long, "Thank you."]);
    let house = house(&Cast::new(ScriptedEars::default(), mind.clone())).await;
    let mut phone = Phone::ring(&house, "CA1").await;
    phone.until("400 ms are heard", |phone| phone.heard().len() >= 400 * BYTES_PER_MS).await;
    phone.line.mouth().press("7#");
    let answer = turn_audio("Thank you.");
    phone
        .until("the answer is heard", |phone| {
            phone.sent_since_clear() == answer && phone.heard().ends_with(&voiced(&answer))
        })
        .await;
    assert_eq!(phone.clears().len(), 1);
    let turn = mind.asked().pop().unwrap();
    assert_eq!(turn.said, CallerSaid::Digits("7".into()));
    assert!(matches!(&turn.history[0], Remark::Agent { interrupted: true, .. }), "{:?}", turn.history);
    phone.assert_clean();
}

#[actix_rt::test]
async fn speech_that_fits_nothing_is_told_as_unclear_and_a_noise_is_not_told() {
    let ears = ScriptedEars::new([Hearing::Hears(String::new()), Hearing::Rejects(-9.0)]);
    let mind = answers(&["Hello.", "Sorry?"]);
    let house = house(&Cast::new(ears, mind.clone())).await;
    let mut phone = Phone::ring(&house, "CA1").await;
    let greeting = turn_audio("Hello.");
    phone.until_heard(&greeting).await;
    phone.say(SPEECH);
    phone.wait(Duration::from_millis(1_000)).await;
    assert_eq!(mind.asked().len(), 1, "a noise is no turn");
    phone.say(SPEECH);
    phone.until_heard(&[greeting, turn_audio("Sorry?")].concat()).await;
    phone.assert_heard(&["Hello.", "Sorry?"]);
    assert_eq!(mind.asked()[1].said, CallerSaid::Unclear);
    phone.assert_clean();
}
