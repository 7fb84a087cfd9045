//! What each command does, and how it ends.

pub mod bench;
pub mod call;
pub mod call_args;
pub mod calls;
pub mod check;
pub mod demo;
pub mod doctor;
pub mod eval;
pub mod serve;
pub mod soak;
pub mod token;

mod caller_voice;
mod keepsakes;
mod narrator;
mod port_owner;

use std::io::Write;
use std::process::ExitCode;

use crate::cli::{Cli, Command};
use crate::settings::{Settings, SettingsError, read_environment};
use crate::telemetry;

/// How a command failed: one line for people, and the exit code of `sysexits.h` that says what kind it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// 78, `EX_CONFIG`: a setting is wrong.
    #[error("{0}")]
    Config(String),
    /// 1: what was examined is not as it should be.
    #[error("{0}")]
    Missed(String),
    /// 66, `EX_NOINPUT`: what was asked for is not there.
    #[error("{0}")]
    NotFound(String),
    /// 69, `EX_UNAVAILABLE`: something that is needed is taken or gone.
    #[error("{0}")]
    Unavailable(String),
    /// 71, `EX_OSERR`: the system refused.
    #[error("{0}")]
    System(String),
}

impl Failure {
    /// The exit code.
    pub fn code(&self) -> u8 {
        match self {
            Self::Missed(_) => 1,
            Self::NotFound(_) => 66,
            Self::Unavailable(_) => 69,
            Self::System(_) => 71,
            Self::Config(_) => 78,
        }
    }
}

impl From<SettingsError> for Failure {
    fn from(error: SettingsError) -> Self {
        Self::Config(error.to_string())
    }
}

/// Runs a command to its end.
pub fn run(cli: &Cli) -> ExitCode {
    dispatch(cli).unwrap_or_else(|failure| {
        // Nobody is left to tell if standard error is gone.
        let _ = writeln!(std::io::stderr(), "moked: {}", telemetry::escape(&failure.to_string()));
        ExitCode::from(failure.code())
    })
}

fn dispatch(cli: &Cli) -> Result<ExitCode, Failure> {
    let file = cli.settings.as_deref();
    let settings = || Settings::load(file, &read_environment());
    match &cli.command {
        Command::Serve => serve::run(settings()?)?,
        Command::Check => check::run(&settings()?)?,
        Command::Call(args) => call::run(args, &settings()?)?,
        Command::Calls { command } => calls::run(command, &settings()?)?,
        Command::Demo(args) => demo::run(args, settings()?)?,
        Command::Bench(args) => bench::run(args, settings()?)?,
        Command::Eval(args) => eval::run(args, &settings()?)?,
        Command::Soak(args) => soak::run(args, settings()?)?,
        Command::Token(args) => token::run(args, &settings()?)?,
        // Settings that do not load are a finding there and no reason to stop.
        Command::Doctor(args) => return Ok(doctor::run(args, file)),
    }
    Ok(ExitCode::SUCCESS)
}
