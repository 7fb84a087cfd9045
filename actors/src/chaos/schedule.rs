//! Random conversations under random faults, a thousand of them, each against itself without faults.
//!
//! A schedule is a function of its seed: `MOKED_CHAOS_SEED=…` runs one of them, with every step told,
//! `MOKED_CHAOS_RUNS=…` more of them. The caller reacts to what he hears and not to the clock, so that a fault that
//! moves the agent's words moves his too, and two conversations can be compared.
//!
//! Always: nothing but the caller, the agent's goodbye or a spent budget of restarts ends the call; no actor is
//! left; no frame beyond what was sent counts as heard; the call listens at its end; no panic leaves a stage.
//!
//! While no engine fails and no stage fails more often than its rules forgive, the conversation must also be that of
//! the control run: the caller's words all of them, and of each answer that he did not cut into every word. What may
//! differ then: how much of an answer he cut into he had heard; and repairs may be added ("back again" after a lost
//! line).

mod caller;
mod judge;
mod plan;

use std::sync::Arc;

use super::engines::Mishaps;
use super::{SpellingVoice, TimedConversation, TimedEars, TimedMind};
use crate::host::{CallHost, Engines};
use crate::rig::{Rig, plain_host};
use caller::{Outcome, live};
use plan::{Plan, answer};

/// Schedules of a test run.
const RUNS: u64 = 1_000;

#[expect(clippy::disallowed_methods, reason = "knobs of a test, which has no settings")]
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

fn host_of(plan: &Plan, is_control: bool) -> Arc<CallHost> {
    let base = plain_host();
    let mishaps = |of: &Vec<_>| Mishaps::new(if is_control { Vec::new() } else { of.clone() }.into());
    let mind = TimedMind { mishaps: mishaps(&plan.mind), ..TimedMind::new(answer) };
    let conversing =
        plan.is_one_hop.then(|| TimedConversation { answers: answer, mishaps: mishaps(&plan.mind) });
    let engines = Engines {
        hearing: Some(Arc::new(TimedEars { mishaps: mishaps(&plan.ears) })),
        thinking: Arc::new(mind),
        speaking: Arc::new(SpellingVoice { mishaps: mishaps(&plan.voice) }),
        conversing: conversing.map(|engine| Arc::new(engine) as _),
        ..base.engines.clone()
    };
    Arc::new(CallHost { engines, ..CallHost::clone(&base) })
}

async fn run(plan: &Plan, is_control: bool) -> Outcome {
    let host = host_of(plan, is_control);
    let mut call = Rig::call(&host, "1");
    live(&mut call, plan, is_control).await
}

/// What is wrong with a schedule, if anything is.
fn judged(seed: u64) -> Vec<String> {
    let plan = Plan::of(seed);
    let told = number("MOKED_CHAOS_SEED").is_some();
    let (control, outcome) = actix_rt::System::new().block_on(async {
        tokio::time::pause();
        (run(&plan, true).await, run(&plan, false).await)
    });
    if told {
        println!("{plan:#?}\ncontrol: {control:#?}\noutcome: {outcome:#?}");
    }
    judge::faults(&plan, &control, &outcome)
}

/// A schedule that failed before and must not again.
#[test]
fn an_answer_that_its_engine_broke_off_was_not_heard_whole() {
    assert_eq!(judged(788), Vec::<String>::new());
}

/// As before.
#[test]
fn an_answer_that_came_while_nobody_could_hear_it_waits_for_him() {
    assert_eq!(judged(3_378), Vec::<String>::new());
}

/// As before.
#[test]
fn what_was_cut_while_the_line_was_dead_already_is_not_taken_for_heard() {
    assert_eq!(judged(11_601), Vec::<String>::new());
}

#[test]
fn a_thousand_random_schedules_of_faults_cost_what_they_must_and_no_more() {
    if let Some(seed) = number("MOKED_CHAOS_SEED") {
        let faults = judged(seed);
        assert!(faults.is_empty(), "seed {seed}: {faults:#?}");
        return;
    }
    let runs = number("MOKED_CHAOS_RUNS").unwrap_or(RUNS);
    let first = number("MOKED_CHAOS_FIRST").unwrap_or_default();
    let threads = std::thread::available_parallelism().map_or(2, |count| count.get() as u64);
    let workers: Vec<_> = (0..threads)
        .map(|worker| {
            std::thread::spawn(move || {
                let seeds = (first..first + runs).filter(|seed| seed % threads == worker);
                let judged = seeds.map(|seed| (seed, Plan::of(seed).class, judged(seed)));
                judged.filter(|(.., faults)| !faults.is_empty()).collect::<Vec<_>>()
            })
        })
        .collect();
    let mut failed: Vec<_> = workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect();
    failed.sort_by_key(|(seed, ..)| *seed);
    let count = failed.len();
    failed.truncate(20);
    assert!(count == 0, "{count} of {runs} schedules, run one with MOKED_CHAOS_SEED: {failed:#?}");
}
