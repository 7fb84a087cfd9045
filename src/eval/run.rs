//! One run of one scenario.

use std::sync::Arc;
use std::time::{Duration, Instant};

use moked_actors::registry::CallRegistry;
use moked_core::ids::CallSid;
use secrecy::SecretString;

use super::Manner;
use super::call::{CallFault, Target, place};
use super::house;
use super::judge::{Finding, heard_errors, judge};
use super::kit::Stage;
use super::measure::{Moment, first_word, moments};
use super::outcome::{Outcome, Recording};
use super::plan::Plan;
use super::scenario::{Act, Scenario, Step, When};
use super::seen::{Inside, Seen};
use super::sound::room::Room;
use super::sound::speech::utterance;
use super::stream::{Caller, Ready};
use super::truth;
use super::world::World;
use crate::caller::audio_in::WavError;
use crate::caller::route::{Route, RouteError};
use crate::soak::dice::Dice;

/// A server that runs already.
#[derive(Debug, Clone)]
pub struct Elsewhere {
    /// Its voice webhook.
    pub url: String,
    /// The address under which the world knows it; signatures name it.
    pub public_base: Option<String>,
    /// The account's token; with it requests are signed.
    pub token: Option<SecretString>,
}

/// How long a call may take to wind up when the line is gone.
const WINDS_UP: Duration = Duration::from_secs(3);

/// Runs a scenario for the `time`th time.
pub(super) async fn run(scenario: &Scenario, stage: &Stage, manner: &Manner, time: usize) -> Outcome {
    let mut outcome = Outcome::new(scenario, time);
    let world = World::default();
    let mut dice = Dice::new(manner.seed.wrapping_add(time as u64).wrapping_mul(0x9E37_79B9));
    let (ready, room) = match prepared(scenario, stage, dice.split(), time).await {
        Ok(prepared) => prepared,
        Err(why) => return outcome.broken(why, "the recording that the scenario names"),
    };
    let steps: Vec<_> = ready.iter().map(|ready| ready.step.when.clone()).collect();
    let limit = Duration::from_secs(scenario.body.limit_s);
    let conditions = scenario.body.line.clone();
    let new_caller = |world: &World| {
        Caller::new(Plan::new(steps), ready.into(), world.clone(), conditions, room, dice, limit)
    };
    let seen = match &manner.elsewhere {
        Some(elsewhere) => {
            let mut caller = new_caller(&world);
            elsewhere_call(elsewhere, &mut caller).await.map(|walked| Seen::new(walked, caller))
        }
        None => {
            let running = match house::open(scenario, stage, &world).await {
                Ok(running) => running,
                Err(fault) => return outcome.broken(fault.to_string(), "[settings] of the scenario"),
            };
            let mut caller = new_caller(&world);
            let url = format!("http://{}/webhook/incoming_call", running.address());
            let registry = running.registry();
            let walked = match Route::new(&url, None, true) {
                Ok(route) => {
                    let target = Target { route, token: None, registry: Some(registry) };
                    place(&target, &mut caller).await
                }
                Err(error) => Err(error.into()),
            };
            let mut seen = walked.map(|walked| Seen::new(walked, caller));
            if let Ok(seen) = &mut seen {
                seen.inside = Some(inside(registry, &seen.call_sid, &world, stage, seen).await);
            }
            if let Err(error) = running.stop().await {
                return outcome.broken(error.to_string(), "how the server stops");
            }
            seen
        }
    };
    match seen {
        Ok(seen) => {
            let moments = moments(&seen);
            outcome.findings = judge(scenario, &seen, &moments, manner.slack);
            fill(&mut outcome, seen, moments);
            outcome
        }
        Err(fault) => outcome.broken(fault.to_string(), "the server's log"),
    }
}

async fn elsewhere_call(
    elsewhere: &Elsewhere,
    caller: &mut Caller,
) -> Result<super::call::Walked, CallFault> {
    let route = |direct| -> Result<Route, RouteError> {
        Route::new(&elsewhere.url, elsewhere.public_base.as_deref(), direct)
    };
    let target = Target { route: route(true)?, token: elsewhere.token.clone(), registry: None };
    place(&target, caller).await
}

/// The steps with their sounds, of `one_of` the one whose turn it is, and the room. Made before the call, off the thread
/// that holds calls: it takes longer than a frame.
async fn prepared(
    scenario: &Scenario,
    stage: &Stage,
    mut dice: Dice,
    time: usize,
) -> Result<(Vec<Ready>, Room), String> {
    let (steps, line) = (scenario.steps.clone(), scenario.body.line.clone());
    let voice = Arc::clone(&stage.kit.caller);
    let making = actix_rt::task::spawn_blocking(move || {
        let ready = steps.into_iter().enumerate().map(|(place, mut step)| {
            if time > 0 {
                vary(&mut step, &mut dice);
            }
            // Steps that choose from the same list begin at different places of it.
            let choice = (time + place) % step.acts.len().max(1);
            let act = step.acts.get(choice).cloned().unwrap_or(Act::Waits);
            let utterance = utterance(&act, step.level_db, &mut dice, &voice)?;
            Ok(Ready { step, act, utterance })
        });
        let ready = ready.collect::<Result<_, WavError>>()?;
        Ok((ready, Room::new(&line, &mut dice, &voice)))
    });
    match making.await {
        Ok(made) => made.map_err(|fault: WavError| fault.to_string()),
        Err(panic) => Err(panic.to_string()),
    }
}

/// The same step at another moment, a little louder or softer.
fn vary(step: &mut Step, dice: &mut Dice) {
    step.level_db += dice.below(7) as f32 - 3.0;
    let later = dice.below(400);
    match &mut step.when {
        When::At(ms)
        | When::AfterAgent(ms)
        | When::IntoAgent { ms, .. }
        | When::AfterWords { ms, .. }
        | When::Then(ms) => *ms += later,
    }
}

/// What moked holds of the call, once it is over.
async fn inside(
    registry: &CallRegistry,
    call_sid: &CallSid,
    world: &World,
    stage: &Stage,
    seen: &Seen,
) -> Inside {
    let until = Instant::now() + WINDS_UP;
    let ended = loop {
        let ended = registry.ended().into_iter().find(|ended| ended.summary.call_sid == *call_sid);
        if ended.is_some() || Instant::now() >= until {
            break ended;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let end = ended.as_ref().map_or("it did not end", |ended| ended.end.word()).to_owned();
    let conversation = ended.map(|ended| ended.conversation).unwrap_or_default();
    let (spoken, track) = (world.spoken(), seen.tracks.agent.clone());
    let made: Vec<u64> = spoken.iter().map(|spoken| seen.at(spoken.at)).collect();
    let finding = actix_rt::task::spawn_blocking(move || truth::find(&spoken, &made, &track));
    let heard = finding.await.unwrap_or_default();
    Inside { conversation, end, events: stage.tap.take(call_sid), unscripted: world.unscripted(), heard }
}

fn fill(outcome: &mut Outcome, seen: Seen, moments: Vec<Moment>) {
    outcome.duration_ms = seen.duration_ms();
    outcome.first_word_ms = first_word(&seen);
    outcome.moments = moments;
    outcome.caller_late_ms = seen.late_ms.iter().copied().fold(0.0, f64::max);
    if let Some(inside) = &seen.inside {
        outcome.history.clone_from(&inside.conversation);
        outcome.heard_errors = heard_errors(inside).into_iter().map(|error| error.words).collect();
        outcome.end.clone_from(&inside.end);
        outcome.log = inside
            .events
            .iter()
            .map(|event| {
                let fields: Vec<String> =
                    event.fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
                format!("{:>6} ms  {} {}", seen.at(event.at), event.name, fields.join(" "))
            })
            .collect();
    }
    outcome.recording = Recording { tracks: seen.tracks };
}

impl Outcome {
    fn broken(mut self, why: String, look_at: &str) -> Self {
        let (expected, look_at) = ("a call".to_owned(), look_at.to_owned());
        self.findings = vec![Finding { expected, seen: why, look_at }];
        self
    }
}
