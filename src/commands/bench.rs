//! `moked bench`: what moked adds to each turn, and what a call costs. See [`crate::bench`].

use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use moked_providers::embedded::EmbeddedVoiceActivity;

use super::{Failure, caller_voice};
use crate::bench::{self, Cores, Extent, Level, Utterance, server, table};
use crate::settings::Settings;

/// What callers say, over and over; only its first second is used.
const SENTENCE: &str = "i want to rent an apartment";

/// Arguments of `moked bench`.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// Calls at once, a level each.
    #[arg(long, value_name = "N,N", value_delimiter = ',', default_value = "1,50,200,400",
          value_parser = clap::value_parser!(u16).range(1..=2_000))]
    pub calls: Vec<u16>,
    /// Least time of a level, in seconds, once all its calls are up.
    #[arg(long, value_name = "S", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub seconds: u64,
    /// Least number of turns of a level.
    #[arg(long, value_name = "N", default_value_t = 40, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub turns: u32,
    /// Print the results as JSON instead of a table.
    #[arg(long)]
    pub json: bool,
    /// Be the server: how the bench starts itself a second time, with the core of the world outside.
    #[arg(long, hide = true, value_name = "CORE", num_args = 0..=1, require_equals = true)]
    pub as_server: Option<Option<usize>>,
}

/// Runs the bench.
///
/// # Errors
/// When the server does not start, or loses a call.
pub fn run(args: &BenchArgs, settings: Settings) -> Result<(), Failure> {
    let failed = |error: anyhow::Error| Failure::System(format!("the bench failed: {error:#}"));
    if let Some(world) = args.as_server {
        return server::run(settings, Arc::new(EmbeddedVoiceActivity), world).map_err(failed);
    }
    let cores = Cores::find();
    let voice = caller_voice::make()?;
    let utterance = Utterance::cut(&voice(SENTENCE), &EmbeddedVoiceActivity)
        .map_err(|error| Failure::System(error.to_string()))?;
    let levels =
        actix_rt::System::new().block_on(measure(args, &settings, &utterance, cores)).map_err(failed)?;
    if args.json {
        let json = serde_json::to_string_pretty(&levels).map_err(|error| failed(error.into()))?;
        say(&json);
    } else {
        say(&table::render(&levels));
        say(explanation(cores));
    }
    Ok(())
}

async fn measure(
    args: &BenchArgs,
    settings: &Settings,
    utterance: &Utterance,
    cores: Option<Cores>,
) -> anyhow::Result<Vec<Level>> {
    let turns = args.turns as usize;
    let extent = Extent { time: Duration::from_secs(args.seconds), turns };
    if let Some(cores) = cores {
        bench::bind_this_thread(cores.world);
    }
    let mut levels = Vec::new();
    for &calls in &args.calls {
        let progress = |what: &str| progress(&format!("{calls} calls: {what}"));
        let measuring =
            bench::measure(calls.into(), extent, &settings.call, utterance, cores, &progress).await;
        progress("done");
        if io::stderr().is_terminal() {
            let _ = writeln!(io::stderr());
        }
        levels.push(measuring?);
    }
    Ok(levels)
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

fn explanation(cores: Option<Cores>) -> &'static str {
    match cores {
        Some(_) => {
            "\nAdded: from the caller's last voiced frame to the agent's first, less the end-of-utterance\n\
             silence and the stubs' delays. The server had one worker on a core of its own; the callers and\n\
             the stubs shared another, and what they were late themselves is in the figures."
        }
        None => {
            "\nAdded: from the caller's last voiced frame to the agent's first, less the end-of-utterance\n\
             silence and the stubs' delays. NOT PINNED: there is only one core, or no taskset (util-linux), so\n\
             the server and its callers got in each other's way."
        }
    }
}

fn say(text: &str) {
    // A reader who closed the pipe has seen enough.
    let _ = writeln!(io::stdout(), "{text}");
}
