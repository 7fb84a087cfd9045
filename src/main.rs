//! The `moked` command.

use std::process::ExitCode;

use clap::Parser;
use moked::cli::Cli;
use moked::commands;
use tikv_jemallocator::Jemalloc;

#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    commands::run(&Cli::parse())
}
