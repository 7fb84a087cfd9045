//! Stages that die while the agent is ducked: nobody stays soft, no word is lost, no interruption is eaten.

use moked_core::audio::{level, mulaw};
use moked_core::restart::Child;

use super::*;
use crate::rig::{DEATHS, Death};

/// After the onset is told at 60 ms: as the duck goes out, before the verdict, about it, after it.
const WHEN: [u64; 5] = [60, 100, 200, 280, 340];

/// The caller says this over the agent while a stage dies. An ear that is started anew is played it again.
async fn said_over(said: Script, ms: u64, death: Death, at: u64) -> (Rig, ScriptedMind) {
    let ears = TimedEars::new([vec![(100, HELLO)], said.clone(), said]);
    let (call, mind) = speaking_to(LONG, None, ears).await;
    sound(&call, 2_000, SILENCE).await;
    sound(&call, at, CALLER).await;
    death.1(&call, death.0);
    sound(&call, ms - at, CALLER).await;
    (call, mind)
}

/// How loud the newest frames are that have any sound, in dBFS.
fn loudness(call: &Rig) -> f32 {
    let frames = call.log().into_iter().rev().filter_map(|(_, order)| match order {
        LineOrder::Media(mulaw) => Some(level::dbfs(&mulaw::decode(&mulaw))),
        LineOrder::Mark(_) | LineOrder::Clear | LineOrder::Close(_) => None,
    });
    frames.take(10).fold(f32::MIN, f32::max)
}

#[actix_rt::test]
async fn a_stage_that_dies_over_mhm_leaves_nobody_soft_and_costs_no_word() {
    tokio::time::pause();
    for death in DEATHS {
        for at in WHEN {
            let what = format!("{:?} at {at} ms", death.0);
            let (call, mind) = said_over(vec![(80, "mhm")], 400, death, at).await;
            sound(&call, 1_200, SILENCE).await;
            assert!(loudness(&call) > -12.0, "{what}: {} dBFS", loudness(&call));
            sound(&call, 9_000, SILENCE).await;
            assert_eq!((mind.asked().len(), call.state().await.as_str()), (2, "LISTENING"), "{what}");
            assert_eq!(call.heard().await.last().map(String::as_str), Some(LONG), "{what}");
        }
    }
}

#[actix_rt::test]
async fn a_stage_that_dies_over_an_interruption_does_not_eat_it() {
    tokio::time::pause();
    for death in DEATHS {
        for at in WHEN {
            for said in [vec![(80, "wait")], vec![(500, "what about parking")]] {
                let what = format!("{:?} at {at} ms of {said:?}", death.0);
                let words = said[0].1;
                let (call, mind) = said_over(said, 700, death, at).await;
                sound(&call, 2_500, SILENCE).await;
                let asked = mind.asked();
                let answered = asked.iter().any(|turn| turn.said == CallerSaid::Words(words.into()));
                assert!(answered, "{what}: {asked:?}");
                assert_eq!(call.view().await["conversation"][2]["interrupted"], true, "{what}");
            }
        }
    }
}

#[actix_rt::test]
async fn a_verdict_comes_although_the_ear_died_and_the_carrier_sends_nothing_in_silence() {
    tokio::time::pause();
    let ears = TimedEars::new([vec![(100, HELLO)], vec![(20, "mhm")], vec![(20, "mhm")]]);
    let (call, _) = speaking_to(LONG, None, ears).await;
    sound(&call, 2_000, SILENCE).await;
    sound(&call, 100, CALLER).await;
    call.kill(Child::Stt);
    call.wait(1_500).await;
    assert!(loudness(&call) > -12.0, "{} dBFS", loudness(&call));
    let view = call.view().await["actors"]["stt"]["barge_in"].clone();
    assert_eq!((&view["is_ducked"], &view["resumes"]), (&false.into(), &1.into()));
}
