//! The scenarios that the project ships, held for real: `moked eval scenarios` as a test.
//!
//! Times are stretched, since this is a debug build on a machine that may do other things; that words are heard,
//! remembered and answered is not.

#![expect(clippy::unwrap_used, reason = "a test that cannot read its scenarios has failed")]

use std::path::Path;

use moked::commands::eval::kit;
use moked::eval::scenario::{Scenario, find, load};
use moked::eval::{Manner, Stage, Tap, render, run};
use moked::settings::Environment;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Calls at once: each waits most of the time.
const JOBS: usize = 12;

/// How often a scenario that failed is held again, alone.
const RETRIES: usize = 2;

/// By how much times may be longer here.
const SLACK: f64 = 3.0;

fn shipped() -> Vec<Scenario> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    find(&folder).unwrap().iter().map(|file| load(file).unwrap()).collect()
}

#[actix_rt::test]
async fn every_shipped_scenario_comes_true() {
    let tap = Tap::default();
    tracing_subscriber::registry().with(tap.layer()).init();
    let stage = Stage::new(kit().unwrap(), tap, Environment::new()).unwrap();
    let manner = Manner { jobs: JOBS, slack: SLACK, ..Manner::default() };
    let scenarios = shipped();
    let mut outcomes = run(&scenarios, &stage, &manner, false, |_| {}).await;
    // A machine that was busy for a moment is given others; what moked does wrong it does again.
    for (scenario, outcome) in scenarios.iter().zip(&mut outcomes) {
        for _ in 0..RETRIES {
            if !outcome.passed() {
                let again = std::slice::from_ref(scenario);
                *outcome = run(again, &stage, &manner, false, |_| {}).await.remove(0);
            }
        }
    }
    assert!(outcomes.iter().all(|outcome| outcome.passed()), "\n{}", render(&outcomes));
}

#[test]
fn there_are_thirty_scenarios_in_two_languages_and_each_says_what_it_is_about() {
    let scenarios = shipped();
    assert!(scenarios.len() >= 30, "{}", scenarios.len());
    for scenario in &scenarios {
        let text = std::fs::read_to_string(&scenario.path).unwrap();
        assert!(text.starts_with("# "), "{} does not begin with what it is about", scenario.name);
        let language = scenario.body.language.code();
        assert!(scenario.name.starts_with(language), "{} is in {language}", scenario.name);
    }
    let hebrew = scenarios.iter().filter(|scenario| scenario.name.starts_with("he-")).count();
    assert!(hebrew >= 12, "{hebrew} in Hebrew");
}
