//! `moked eval`: calls written down as scenarios, held for real, and judged by what the caller heard.
//!
//! A scenario says what a caller does, on what line, and what must come of it. The server is the one of `moked serve`
//! on a free port, one for each call; its ear, mind and voice follow the scenario, so that nothing is to blame but
//! moked itself. Voice activity, turn-taking, barge-in, pacing, ledger, history and the carrier's protocol are the
//! real ones, and so is the sound: voices speak, coughs cough, and what came out of the caller's loudspeaker is
//! compared to the sample with what the agent's voice made (`truth`).
//!
//! `scenario` reads the files, `plan` knows when the caller does what, `stream` and `call` hold the call,
//! `judge` holds it against what was expected, `figures` counts over many.

mod call;
mod engines;
mod figures;
mod house;
mod judge;
mod kit;
mod measure;
mod outcome;
mod plan;
mod romanise;
mod run;
pub mod scenario;
mod seen;
mod sound;
mod stream;
mod table;
mod tap;
mod truth;
mod world;

use std::rc::Rc;

use futures_util::{StreamExt, stream as futures};

pub use figures::{Figure, Figures};
pub use judge::Finding;
pub use kit::{Kit, Renderer, Stage};
pub use measure::Moment;
pub use outcome::{Outcome, Recording};
pub use run::Elsewhere;
pub use table::{render, render_figures};
pub use tap::Tap;

use scenario::Scenario;

/// How scenarios are run.
#[derive(Debug, Clone)]
pub struct Manner {
    /// Calls at once.
    pub jobs: usize,
    /// By how much every time that is expected is stretched; 1 on a machine that does nothing else.
    pub slack: f64,
    /// What the dice begin with.
    pub seed: u64,
    /// A server that runs already, in place of one for each call.
    pub elsewhere: Option<Elsewhere>,
}

impl Default for Manner {
    /// Four calls at once, as they are expected.
    fn default() -> Self {
        Self { jobs: 4, slack: 1.0, seed: 1, elsewhere: None }
    }
}

/// Runs each scenario once, or with `repeated` as often as it says for the figures.
///
/// Must be called inside an actix system. `tell` hears of each outcome as it comes; all come back in the order of the
/// scenarios.
pub async fn run(
    scenarios: &[Scenario],
    stage: &Stage,
    manner: &Manner,
    repeated: bool,
    tell: impl Fn(&Outcome),
) -> Vec<Outcome> {
    let times = |scenario: &Scenario| if repeated { scenario.body.repeat } else { 1 };
    let runs = scenarios.iter().flat_map(|scenario| (0..times(scenario)).map(move |time| (scenario, time)));
    let tell = Rc::new(tell);
    let outcomes = futures::iter(runs).map(|(scenario, time)| {
        let tell = Rc::clone(&tell);
        async move {
            let outcome = run::run(scenario, stage, manner, time).await;
            tell(&outcome);
            outcome
        }
    });
    outcomes.buffered(manner.jobs.max(1)).collect().await
}
