//! `moked calls`: what is recorded of calls, shown and erased. It needs no server, and disturbs none that runs.

mod text;

use std::io::{self, Write};
use std::time::Duration;

use clap::{Args, Subcommand};
use moked_core::ids::CallSid;
use serde::Serialize;

use super::Failure;
use crate::records::{Archive, CallFilter, Cursor, Erased, Erasure, Page, RecordsFault};
use crate::settings::Settings;

/// What to do with the records of calls.
#[derive(Debug, Subcommand)]
pub enum CallsCommand {
    /// List calls, newest first.
    List(ListArgs),
    /// Show one call: what was said and heard, what went wrong, what it brought.
    Show {
        /// Which, as Twilio names it: CA and 32 hexadecimal digits.
        call_sid: String,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Erase calls for good, from the database and from what waits for it.
    ///
    /// Entries of a call that still lives are refused from then on. Copies elsewhere, such as backups of the database,
    /// are not touched.
    Erase(EraseArgs),
    /// Erase calls that are older than records.keep_days, as the server does once a day.
    Purge {
        /// Keep this many days instead.
        #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(0..=36_500))]
        keep_days: Option<u32>,
    },
}

/// Arguments of `moked calls list`.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Calls from this number only, in full: +972541234567.
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    pub caller: Option<String>,
    /// How many.
    #[arg(long, value_name = "COUNT", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub limit: u32,
    /// As JSON, one call a line.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `moked calls erase`.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct EraseArgs {
    /// These calls, as Twilio names them.
    #[arg(value_name = "CALL_SID")]
    pub calls: Vec<String>,
    /// Every call from this number, in full: +972541234567.
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    pub caller: Option<String>,
}

/// A telephone number as Twilio writes it (E.164): `+` and 4 to 15 digits. Blanks, dashes and brackets are passed over.
fn number(text: &str) -> Result<String, String> {
    let compact: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
    let digits = compact.strip_prefix('+').unwrap_or_default();
    if (4..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(compact)
    } else {
        Err("write it with + and the country, such as +972541234567".to_owned())
    }
}

/// Does it.
///
/// # Errors
/// When the database cannot be used, or what was asked for is not in it.
pub fn run(command: &CallsCommand, settings: &Settings) -> Result<(), Failure> {
    let archive = Archive::of(settings);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::System(format!("the system gave no runtime: {error}")))?;
    runtime.block_on(async {
        match command {
            CallsCommand::List(args) => list(args, &archive, settings).await,
            CallsCommand::Show { call_sid, json } => show(call_sid, *json, &archive, settings).await,
            CallsCommand::Erase(args) => erase(args, &archive).await,
            CallsCommand::Purge { keep_days } => purge(*keep_days, &archive, settings).await,
        }
    })
}

/// Calls asked for at once.
const PAGE: u32 = 200;

async fn list(args: &ListArgs, archive: &Archive, settings: &Settings) -> Result<(), Failure> {
    let filter = CallFilter { caller: args.caller.clone(), ..CallFilter::default() };
    let mut after: Option<Cursor> = None;
    let mut left = args.limit;
    while left > 0 {
        let page = Page { after: after.take(), limit: left.min(PAGE) };
        let page = archive.calls(&filter, &page).await.map_err(failed)?;
        left -= page.calls.len() as u32;
        for call in &page.calls {
            let line = if args.json { json_line(call)? } else { text::row(call, &settings.call.time_zone) };
            say(&line)?;
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    if left == args.limit && !args.json {
        say(&format!("No such call is recorded in the {}.\n", archive.place()))?;
    }
    if after.is_some() && !args.json {
        say("There are more: --limit shows them.\n")?;
    }
    Ok(())
}

async fn show(call_sid: &str, json: bool, archive: &Archive, settings: &Settings) -> Result<(), Failure> {
    let call = archive.call(&CallSid::new(call_sid)).await.map_err(failed)?;
    let call = call.ok_or_else(|| unknown(&format!("no call {call_sid}"), archive))?;
    say(&if json { json_line(&call)? } else { text::whole(&call, &settings.call.time_zone) })
}

async fn erase(args: &EraseArgs, archive: &Archive) -> Result<(), Failure> {
    let erasure = match &args.caller {
        Some(caller) => Erasure::Caller(caller.clone()),
        None => Erasure::Calls(args.calls.iter().map(CallSid::new).collect()),
    };
    let erased = archive.erase(&erasure).await.map_err(|fault| match fault {
        RecordsFault::Unavailable(why) => Failure::Unavailable(format!(
            "{why}; what waits in the spool is erased, the database is not: say it again when it is there"
        )),
        fault @ (RecordsFault::Refused(_) | RecordsFault::Off(_)) => failed(fault),
    })?;
    if erased == Erased::default() {
        return Err(match &args.caller {
            Some(caller) => unknown(
                &format!(
                    "no call from {caller} (calls that were recorded with masked numbers or none are erased by their \
                     CallSid)"
                ),
                archive,
            ),
            None => unknown(&format!("no call {}", args.calls.join(", ")), archive),
        });
    }
    say(&told("Erased", erased))
}

async fn purge(keep_days: Option<u32>, archive: &Archive, settings: &Settings) -> Result<(), Failure> {
    const DAY: Duration = Duration::from_secs(86_400);
    let keep = keep_days.map(|days| DAY * days).or(settings.records.keep).ok_or_else(|| {
        Failure::Config(
            "records.keep_days is 0, which names no age: say how many days to keep with --keep-days, 0 for none"
                .to_owned(),
        )
    })?;
    let erased = archive.purge(keep).await.map_err(failed)?;
    say(&told(&format!("Older than {} days and erased", keep.as_secs() / DAY.as_secs()), erased))
}

fn told(done: &str, erased: Erased) -> String {
    let Erased { calls, spooled } = erased;
    let spool =
        if spooled == 0 { String::new() } else { format!(", and {spooled} lines that waited in the spool") };
    format!("{done}: {calls} call{}{spool}.\n", if calls == 1 { "" } else { "s" })
}

fn unknown(what: &str, archive: &Archive) -> Failure {
    Failure::NotFound(format!("{what} is recorded in the {}; `moked calls list` shows them", archive.place()))
}

fn failed(fault: RecordsFault) -> Failure {
    match fault {
        RecordsFault::Unavailable(why) => Failure::Unavailable(why),
        RecordsFault::Refused(why) => Failure::Unavailable(format!("the database refuses: {why}")),
        RecordsFault::Off(why) => Failure::Config(why),
    }
}

fn json_line(value: &impl Serialize) -> Result<String, Failure> {
    let line = serde_json::to_string(value);
    line.map(|line| line + "\n").map_err(|error| Failure::System(format!("cannot write JSON: {error}")))
}

fn say(text: &str) -> Result<(), Failure> {
    match io::stdout().write_all(text.as_bytes()) {
        // A reader that has seen enough, such as `head`, is none of our business.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::System(format!("cannot write: {error}")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_taken_in_full_only() {
        assert_eq!(number("+972 54-123 4567"), Ok("+972541234567".to_owned()));
        for wrong in ["0541234567", "", "+", "+97254x", "+12", "972541234567"] {
            assert!(number(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_was_erased_is_told_in_words() {
        assert_eq!(told("Erased", Erased { calls: 1, spooled: 0 }), "Erased: 1 call.\n");
        let both = Erased { calls: 2, spooled: 5 };
        assert_eq!(told("Erased", both), "Erased: 2 calls, and 5 lines that waited in the spool.\n");
    }
}
