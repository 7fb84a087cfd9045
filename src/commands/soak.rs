//! `moked soak`: many calls for a long time while something breaks every second. See [`crate::soak`].

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use moked_providers::embedded::EmbeddedVoiceActivity;

use super::{Failure, caller_voice};
use crate::bench::Utterance;
use crate::settings::Settings;
use crate::soak::{self, Extent};

/// What callers say; only its first second is used.
const SENTENCE: &str = "i want to rent an apartment";

/// Arguments of `moked soak`.
#[derive(Debug, Args)]
pub struct SoakArgs {
    /// How long.
    #[arg(long, value_name = "N", default_value_t = 10.0, value_parser = within(0.05, 10_000.0))]
    pub minutes: f64,
    /// Calls at once.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub calls: u16,
    /// Faults in a second, over all calls.
    #[arg(long, value_name = "N", default_value_t = 1.0, value_parser = within(0.001, 1_000.0))]
    pub faults_per_second: f64,
    /// What the dice begin with; the same seed orders the same faults.
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub seed: u64,
    /// Print the report as JSON.
    #[arg(long)]
    pub json: bool,
    /// Be the server: how the soak starts itself a second time.
    #[arg(long, hide = true)]
    pub as_server: bool,
}

/// Reads a number within limits.
fn within(least: f64, most: f64) -> impl Fn(&str) -> Result<f64, String> + Clone + Send + Sync {
    move |text| match text.parse::<f64>() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        Ok(_) | Err(_) => Err(format!("give a number from {least} to {most}")),
    }
}

/// Runs the soak.
///
/// # Errors
/// When the server does not start or goes away, or a target is missed.
pub fn run(args: &SoakArgs, settings: Settings) -> Result<(), Failure> {
    let failed = |error: anyhow::Error| Failure::System(format!("the soak failed: {error:#}"));
    if args.as_server {
        return soak::serve(settings, Arc::new(EmbeddedVoiceActivity)).map_err(failed);
    }
    let voice = caller_voice::make()?;
    let utterance = Utterance::cut(&voice(SENTENCE), &EmbeddedVoiceActivity)
        .map_err(|error| Failure::System(error.to_string()))?;
    let extent = Extent {
        time: Duration::from_secs_f64(args.minutes * 60.0),
        calls: args.calls.into(),
        faults: args.faults_per_second,
        seed: args.seed,
    };
    let soaking = soak::soak(extent, &utterance, &progress);
    let report = actix_rt::System::new().block_on(soaking).map_err(failed)?;
    let text = if args.json {
        serde_json::to_string_pretty(&report).map_err(|error| failed(error.into()))?
    } else {
        report.render()
    };
    // A reader who closed the pipe has seen enough.
    let _ = writeln!(io::stdout(), "{text}");
    match report.misses() {
        misses if misses.is_empty() => Ok(()),
        misses => Err(Failure::System(format!("the soak missed: {}", misses.join("; ")))),
    }
}

/// One line that is written over, for whoever watches.
fn progress(what: &str) {
    let mut out = io::stderr();
    if out.is_terminal() {
        // Nobody is left to tell if standard error is gone.
        let _ = write!(out, "\r{what:<60}");
        let _ = out.flush();
    }
}
