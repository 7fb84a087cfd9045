//! The `moked` command.

use std::process::ExitCode;

use clap::Parser;
use moked::cli::Cli;
use moked::commands;

fn main() -> ExitCode {
    commands::run(&Cli::parse())
}
