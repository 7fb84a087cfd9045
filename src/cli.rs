//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::commands::bench::BenchArgs;
use crate::commands::call::CallArgs;
use crate::commands::calls::CallsCommand;
use crate::commands::demo::DemoArgs;
use crate::commands::doctor::DoctorArgs;
use crate::commands::eval::EvalArgs;
use crate::commands::soak::SoakArgs;
use crate::commands::token::TokenArgs;

/// moked: answers phone calls with a voice agent.
#[derive(Debug, Parser)]
#[command(
    name = "moked",
    version,
    about = "Answers phone calls with a voice agent.",
    arg_required_else_help = true,
    after_help = "Examples:\n  moked check                    what is set, what is missing, how to mend it\n  \
                  moked doctor                   what is wrong, and how to mend it\n  \
                  moked serve                    answer calls, settings from ./settings.toml\n  \
                  PORT=9000 moked serve          the same on another port\n  \
                  moked --settings /etc/moked.toml serve"
)]
pub struct Cli {
    /// The settings file. Without it ./settings.toml is read if it is there.
    #[arg(long, global = true, value_name = "FILE")]
    pub settings: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands. Each is a module of the same name in `commands`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Answer calls until SIGTERM or Ctrl-C.
    #[command(after_help = "Examples:\n  moked serve\n  PUBLIC_BASE_URL=calls.example.com \
                            TWILIO_AUTH_TOKEN=… moked serve\n  WS_MODE=DISABLED moked serve     take messages only\n\n\
                            Exit codes: 0 stopped by a signal, 69 the port is taken, 71 the system refused, \
                            78 a setting is wrong.")]
    Serve,
    /// Show the settings in force, the engines, what is missing and how to mend it.
    #[command(after_help = "Examples:\n  moked check\n  moked --settings /etc/moked.toml check\n\n\
                            Exit codes: 0 moked serve would start, 78 a setting is wrong.")]
    Check,
    /// Place a simulated call to a voice webhook, as Twilio would.
    #[command(after_help = "Examples:\n  \
                            moked call http://127.0.0.1:8080/webhook/incoming_call --say \"i want to rent\"\n  \
                            moked call URL --digits 1,3 --record ear.wav --timeline call.svg\n  \
                            moked call URL --barge-in-at 900 --say \"just a moment\"\n\n\
                            Exit codes: 0 the call kept every rule of Twilio, 69 it did not or there was none.")]
    Call(CallArgs),
    /// List, show and erase the records of calls.
    #[command(
        after_help = "Examples:\n  moked calls list\n  moked calls list --caller +972541234567 --json\n  \
                            moked calls show CA0123456789abcdef0123456789abcdef\n  \
                            moked calls erase CA0123456789abcdef0123456789abcdef\n  \
                            moked calls erase --caller +972541234567\n  moked calls purge\n\n\
                            Exit codes: 0 done, 66 no such call is recorded, 69 the database cannot be used now, \
                            78 a setting is wrong."
    )]
    Calls {
        /// What to do with them.
        #[command(subcommand)]
        command: CallsCommand,
    },
    /// Start the server, place a simulated call to it, and show the conversation. Needs no account.
    #[command(after_help = "Examples:\n  moked demo\n  PORT=9000 moked demo --record /tmp/heard.wav")]
    Demo(DemoArgs),
    /// Examine this machine, the server on it and its public address, and say how to mend what is wrong.
    ///
    /// The server's webhooks are asked with made-up calls, and one simulated call is placed to it; --no-call leaves
    /// that out. When no moked listens on the port, one is started inside this process for the examination.
    #[command(after_help = "Examples:\n  moked doctor\n  moked doctor --url https://calls.example.com\n  \
                            moked doctor --no-call --json\n  \
                            moked doctor --providers          ask each provider once, with its real key\n  \
                            moked doctor 31920                what one of Twilio's error codes means\n\n\
                            Exit codes: the number of checks that failed, 100 at most; 0 when none did.")]
    Doctor(DoctorArgs),
    /// Measure what moked itself adds to a turn and what a call costs, with engines of fixed delay.
    #[command(after_help = "Examples:\n  moked bench\n  moked bench --calls 1,100 --seconds 10 --json\n\n\
                            Takes about three minutes. Needs a release build and a quiet machine with two cores.")]
    Bench(BenchArgs),
    /// Hold the calls of scenario files and judge them by what the caller heard.
    #[command(after_help = "Examples:\n  moked eval                          all of ./scenarios\n  \
                            moked eval scenarios/he-stop-word.toml --record wavs\n  \
                            moked eval --only backchannel --json\n  moked eval --figures                how often turn-taking errs\n\n\
                            Exit codes: 0 all came true, 1 something did not, 66 no scenario fits, 78 a scenario is wrong.")]
    Eval(EvalArgs),
    /// Make a token for the admin endpoint, from JWT_SECRET, and print it.
    #[command(
        after_help = "Examples:\n  moked token                                  to look, for 8 hours\n  \
                            moked token --role operator --hours 2 --for dana\n  \
                            curl -H \"Authorization: Bearer $(moked token)\" http://localhost:8080/admin/calls\n\n\
                            Exit codes: 0 the token was printed, 78 JWT_SECRET is missing or weak."
    )]
    Token(TokenArgs),
    /// Hold many calls for a long time while stages panic, sockets break and engines fail, and count what is lost.
    #[command(
        after_help = "Examples:\n  moked soak\n  moked soak --minutes 1 --calls 10 --faults-per-second 2 --json\n\n\
                            Exit code 0 when no call was cut, nothing leaked and memory does not grow, as far as the time tells."
    )]
    Soak(SoakArgs),
}
