//! Recognisers that tell words only after their end: the agent waits for them in silence, and what they amount to decides.

use super::*;
use crate::rig::DEATHS;

/// Words at their end only.
fn at_last(said: &'static str) -> Script {
    vec![(60_000, said)]
}

/// The longest time without audio to the line after a moment.
fn longest_silence(call: &Rig, from: Instant) -> Duration {
    let frames: Vec<Instant> = call
        .log()
        .into_iter()
        .filter(|(when, order)| *when >= from && matches!(order, LineOrder::Media(_)))
        .map(|(when, _)| when)
        .collect();
    frames.windows(2).map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
}

#[actix_rt::test]
async fn a_sign_of_listening_that_is_longer_than_the_verdict_takes_costs_a_pause_and_no_word() {
    tokio::time::pause();
    for said in ["בסדר", "okay", "mhm", "כן כן", "I see"] {
        for ms in [400, 540, 700] {
            let what = format!("{said}, {ms} ms");
            let (call, mind) = agent_speaking(LONG, None, at_last(said)).await;
            sound(&call, 2_000, SILENCE).await;
            let onset = now();
            sound(&call, ms, CALLER).await;
            let clears = clears(&call, onset);
            assert!(clears.len() == 2 && clears[1].as_millis() <= 300, "{what}: {clears:?}");
            sound(&call, 10_000, SILENCE).await;
            assert_eq!((mind.asked().len(), call.state().await.as_str()), (2, "LISTENING"), "{what}");
            assert_eq!(call.view().await["conversation"][2]["heard"], LONG, "{what}");
            let silence = longest_silence(&call, onset).as_millis() as u64;
            assert!((ms..ms + 600).contains(&silence), "{what}: silent for {silence} ms");
        }
    }
}

#[actix_rt::test]
async fn a_stage_that_dies_while_the_agent_waits_leaves_nobody_silent_and_costs_no_word() {
    tokio::time::pause();
    for death in DEATHS {
        for at in [320_u64, 500, 700] {
            let what = format!("{:?} at {at} ms", death.0);
            let ears = TimedEars::new([vec![(100, HELLO)], at_last("okay"), at_last("okay")]);
            let (call, mind) = speaking_to(LONG, None, ears).await;
            sound(&call, 2_000, SILENCE).await;
            sound(&call, at.min(540), CALLER).await;
            sound(&call, at.saturating_sub(540), SILENCE).await;
            death.1(&call, death.0);
            sound(&call, 540 - at.min(540), CALLER).await;
            sound(&call, 12_000, SILENCE).await;
            assert_eq!((mind.asked().len(), call.state().await.as_str()), (2, "LISTENING"), "{what}");
            assert_eq!(call.heard().await.last().map(String::as_str), Some(LONG), "{what}");
        }
    }
}
