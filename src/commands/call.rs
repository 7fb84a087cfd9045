//! `moked call URL`: place a simulated call, tell it as it happens, end with a table.

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use moked_core::twilio::error_code::{ErrorCode, explain};

use super::call_args::ActArgs;
use super::keepsakes::Keepsakes;
use super::{Failure, caller_voice, narrator};
use crate::caller::call::{CallOptions, place_call};
use crate::caller::script::Act;
use crate::caller::table;
use crate::settings::Settings;

/// Arguments of `moked call`.
#[derive(Debug, Args)]
pub struct CallArgs {
    /// The voice webhook, such as http://127.0.0.1:8080/webhook/incoming_call
    #[arg(value_name = "URL")]
    pub url: String,
    /// What the caller does.
    #[command(flatten)]
    pub acts: ActArgs,
    /// Write what the caller heard as a WAV file.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Draw both voices, the states and the marks against time as an SVG picture.
    #[arg(long, value_name = "FILE")]
    pub timeline: Option<PathBuf>,
    /// Print the report as JSON and nothing else; what happens meanwhile goes to standard error.
    #[arg(long)]
    pub json: bool,
    /// Take the media stream to the webhook's own host, whatever host the document names.
    #[arg(long)]
    pub direct: bool,
    /// The caller's number.
    #[arg(long, value_name = "NUMBER", default_value = "+972501234567")]
    pub from: String,
    /// The number called.
    #[arg(long, value_name = "NUMBER", default_value = "+97231234567")]
    pub to: String,
    /// Hang up after this many seconds.
    #[arg(long, value_name = "S", default_value_t = 300)]
    pub limit: u64,
}

/// Places the call. Requests are signed when the settings hold an auth token.
///
/// # Errors
/// When there was no call: the webhook, its document or the handshake failed; or a file cannot be written.
pub fn run(args: &CallArgs, settings: &Settings) -> Result<(), Failure> {
    let keepsakes = Keepsakes::prepare(args.record.as_deref(), args.timeline.as_deref())?;
    let mut options = CallOptions::new(&args.url);
    options.acts.clone_from(&args.acts.0);
    options.direct = args.direct;
    options.from.clone_from(&args.from);
    options.to.clone_from(&args.to);
    options.limit = Duration::from_secs(args.limit);
    options.auth_token = settings.secrets.twilio_auth_tokens.first().cloned();
    options.public_base = settings.server.public_base_url.as_ref().map(ToString::to_string);
    let speaks = |act: &Act| matches!(act, Act::Say { .. } | Act::BargeIn { .. });
    if options.acts.iter().any(speaks) {
        options.voice = Some(caller_voice::make()?);
    }
    let mut progress: Box<dyn Write> =
        if args.json { Box::new(io::stderr()) } else { Box::new(io::stdout()) };
    let report = actix_rt::System::new()
        .block_on(place_call(options, |news| narrator::tell(&mut *progress, &news)))
        .map_err(|error| failed(&error))?;
    let saved = keepsakes.save(&report);
    let text = if args.json {
        serde_json::to_string_pretty(&report).map_err(|error| Failure::System(error.to_string()))?
    } else {
        format!("\n{}", table::render(&report))
    };
    writeln!(io::stdout(), "{text}").map_err(|error| Failure::System(error.to_string()))?;
    saved?;
    match report.complaint() {
        None => Ok(()),
        Some(complaint) => Err(Failure::Unavailable(complaint.into())),
    }
}

/// The error with Twilio's number for it and the remedy.
pub(super) fn failed(error: &crate::caller::call::CallError) -> Failure {
    let code = error.twilio_code();
    let remedy = code.and_then(explain);
    Failure::Unavailable(match remedy {
        Some(ErrorCode { code, meaning, cause, remedy, .. }) => format!(
            "no call: {error}. Twilio would report {code}: {meaning}. Usual cause: {cause}. Remedy: {remedy}"
        ),
        None => format!("no call: {error}"),
    })
}
