//! `moked eval`: hold scenario calls and judge them. See [`crate::eval`].

use std::fs;
use std::io::{self, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use moked_providers::embedded::{EmbeddedVoice, EmbeddedVoiceActivity, VoiceOptions};
use serde_json::json;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use super::{Failure, caller_voice};
use crate::caller::recording::write_both;
use crate::eval::scenario::{self, Scenario};
use crate::eval::{self, Elsewhere, Figures, Kit, Manner, Outcome, Stage, Tap};
use crate::settings::{Settings, read_environment};

/// Arguments of `moked eval`.
#[derive(Debug, Args)]
pub struct EvalArgs {
    /// Scenario files, or folders of them
    #[arg(value_name = "PATH", default_value = "scenarios")]
    pub paths: Vec<PathBuf>,
    /// Only scenarios whose name contains this; repeatable
    #[arg(long, value_name = "PART")]
    pub only: Vec<String>,
    /// Show the scenarios and their titles, and call nobody
    #[arg(long)]
    pub list: bool,
    /// Count over many calls: run each scenario as often as its `repeat` says, and show how often turn-taking erred
    #[arg(long)]
    pub figures: bool,
    /// Call this voice webhook instead of starting a server for each scenario; what only moked itself knows is not
    /// looked at then
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Calls at once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=100))]
    pub jobs: u16,
    /// Stretch every expected time by this factor, on a machine that is busy
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    pub slack: f64,
    /// What the dice begin with; the same seed gives the same noise and the same moments
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Write each call as NAME.wav into this folder: the caller left, the agent right
    #[arg(long, value_name = "DIR")]
    pub record: Option<PathBuf>,
    /// Print everything as JSON
    #[arg(long)]
    pub json: bool,
}

/// Runs the scenarios.
///
/// # Errors
/// A scenario file is wrong, the system refuses something, or a scenario failed.
pub fn run(args: &EvalArgs, settings: &Settings) -> Result<(), Failure> {
    let scenarios = read(args)?;
    if args.list {
        scenarios.iter().for_each(|scenario| say(&format!("{:<36} {}", scenario.name, scenario.body.title)));
        return Ok(());
    }
    if let Some(folder) = &args.record {
        fs::create_dir_all(folder).map_err(|error| cannot_write(folder, &error))?;
    }
    let tap = Tap::default();
    // An embedding program's own subscriber is left in place; the log of calls is then not looked at.
    let _ = tracing_subscriber::registry().with(tap.layer()).try_init();
    let system = |error: io::Error| Failure::System(format!("the eval cannot start: {error}"));
    let stage = Stage::new(kit()?, tap, read_environment()).map_err(system)?;
    let elsewhere = args.url.clone().map(|url| Elsewhere {
        url,
        public_base: settings.server.public_base_url.as_ref().map(ToString::to_string),
        token: settings.secrets.twilio_auth_tokens.first().cloned(),
    });
    let manner = Manner { jobs: args.jobs.into(), slack: args.slack.max(0.1), seed: args.seed, elsewhere };
    let running = eval::run(&scenarios, &stage, &manner, args.figures, progress);
    let outcomes = actix_rt::System::new().block_on(running);
    if let Some(folder) = &args.record {
        outcomes.iter().try_for_each(|outcome| record(folder, outcome))?;
    }
    let figures = args.figures.then(|| Figures::of(&outcomes, manner.slack));
    show(args.json, &outcomes, figures.as_ref())?;
    verdict(&outcomes, figures.as_ref())
}

/// The embedded voices and detector.
///
/// # Errors
/// When the engine cannot start a thread.
pub fn kit() -> Result<Kit, Failure> {
    let voice = |options| {
        let made = EmbeddedVoice::new(options);
        made.map_err(|error| Failure::System(format!("there is no voice: {error}")))
    };
    let (agent, caller) = (voice(VoiceOptions::default())?, voice(caller_voice::options())?);
    Ok(Kit {
        agent: Arc::new(move |text| agent.render(text)),
        caller: Arc::new(move |text| caller.render(text)),
        voice_activity: Arc::new(EmbeddedVoiceActivity),
    })
}

fn read(args: &EvalArgs) -> Result<Vec<Scenario>, Failure> {
    let fault = |fault: scenario::ScenarioFault| Failure::Config(fault.to_string());
    let mut scenarios = Vec::new();
    for path in &args.paths {
        for file in scenario::find(path).map_err(fault)? {
            scenarios.push(scenario::load(&file).map_err(fault)?);
        }
    }
    let is_wanted = |scenario: &Scenario| {
        args.only.is_empty() || args.only.iter().any(|part| scenario.name.contains(part.as_str()))
    };
    scenarios.retain(is_wanted);
    if args.figures {
        scenarios.retain(|scenario| scenario.body.repeat > 0);
    }
    if scenarios.is_empty() {
        let only = args.only.join(", ");
        return Err(Failure::NotFound(format!("no scenario fits --only {only}; --list shows their names")));
    }
    Ok(scenarios)
}

fn show(json: bool, outcomes: &[Outcome], figures: Option<&Figures>) -> Result<(), Failure> {
    if json {
        let all = json!({ "outcomes": outcomes, "figures": figures });
        let text = serde_json::to_string_pretty(&all).map_err(|error| Failure::System(error.to_string()))?;
        say(&text);
        return Ok(());
    }
    match figures {
        // Runs of which each is another have no expectations in common but these.
        Some(figures) => say(&eval::render_figures(figures)),
        None => say(&eval::render(outcomes)),
    }
    Ok(())
}

fn verdict(outcomes: &[Outcome], figures: Option<&Figures>) -> Result<(), Failure> {
    let failed: Vec<&str> =
        outcomes.iter().filter(|outcome| !outcome.passed()).map(|outcome| outcome.name.as_str()).collect();
    if let Some(figures) = figures {
        return if figures.are_met() {
            Ok(())
        } else {
            Err(Failure::Missed("a figure missed its target".to_owned()))
        };
    }
    match failed.as_slice() {
        [] => Ok(()),
        failed => Err(Failure::Missed(format!("failed: {}", failed.join(", ")))),
    }
}

fn record(folder: &Path, outcome: &Outcome) -> Result<(), Failure> {
    let name =
        if outcome.time == 0 { outcome.name.clone() } else { format!("{}-{}", outcome.name, outcome.time) };
    let path = folder.join(format!("{name}.wav"));
    let file = fs::File::create(&path).map_err(|error| cannot_write(&path, &error))?;
    write_both(io::BufWriter::new(file), &outcome.recording.tracks)
        .map_err(|error| Failure::System(format!("{} cannot be written: {error}", path.display())))
}

fn cannot_write(path: &Path, error: &io::Error) -> Failure {
    Failure::System(format!("{} cannot be written: {error}", path.display()))
}

/// One line for each call that is over, for whoever watches.
fn progress(outcome: &Outcome) {
    let mut out = io::stderr();
    if out.is_terminal() {
        let verdict = if outcome.passed() { "ok" } else { "FAIL" };
        // Nobody is left to tell if standard error is gone.
        let _ = writeln!(out, "{verdict:<4} {} {}", outcome.name, outcome.time);
    }
}

fn say(text: &str) {
    // A reader who closed the pipe has seen enough.
    let _ = writeln!(io::stdout(), "{text}");
}
