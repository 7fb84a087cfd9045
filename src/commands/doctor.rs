//! `moked doctor`: what is wrong, on what evidence, and how to mend it.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::ProgressBar;
use moked_core::twilio::error_code::explain;

use crate::doctor::{CheckReport, Order, Progress, examine, examine_providers, failures, screen};
use crate::settings::{Environment, PublicBaseUrl, read_environment};

/// Exit codes above this mean something else to shells.
const MOST_FAILURES: usize = 100;

/// How often the sign of life moves.
const TICK: Duration = Duration::from_millis(100);

/// Arguments of `moked doctor`.
#[derive(Debug, Clone, Default, Args)]
pub struct DoctorArgs {
    /// The public address to examine. Without it PUBLIC_BASE_URL is taken, if it is set.
    #[arg(long, value_name = "ADDRESS")]
    pub url: Option<PublicBaseUrl>,
    /// Print one JSON document instead of lines.
    #[arg(long)]
    pub json: bool,
    /// Leave the simulated call out; the rest takes a few seconds.
    #[arg(long)]
    pub no_call: bool,
    /// Make one tiny real request to each provider in the order, and examine nothing else. Costs a fraction of a cent.
    #[arg(long, conflicts_with_all = ["url", "no_call", "explain", "code"])]
    pub providers: bool,
    /// Say what one of Twilio's error codes means and what to do, and examine nothing.
    #[arg(long, value_name = "CODE", conflicts_with = "code")]
    pub explain: Option<u32>,
    /// The same as --explain.
    #[arg(value_name = "CODE")]
    pub code: Option<u32>,
}

/// Examines, or explains a code. The exit code is the number of failed checks, 100 at most.
pub fn run(args: &DoctorArgs, settings_file: Option<&Path>) -> ExitCode {
    if let Some(code) = args.explain.or(args.code) {
        return tell_about(code);
    }
    let environment = read_environment();
    let output = Output::new(args.json, &environment);
    let order = Order {
        settings_file: settings_file.map(Path::to_owned),
        environment,
        url: args.url.clone(),
        no_call: args.no_call,
    };
    let begun = Instant::now();
    let reports = actix_rt::System::new().block_on(async {
        let mut output = output;
        let reports = if args.providers {
            examine_providers(&order, |progress| output.tell(progress)).await
        } else {
            examine(order, |progress| output.tell(progress)).await
        };
        output.finish(&reports, begun.elapsed());
        reports
    });
    exit_code(&reports)
}

fn exit_code(reports: &[CheckReport]) -> ExitCode {
    ExitCode::from(u8::try_from(failures(reports).min(MOST_FAILURES)).unwrap_or(u8::MAX))
}

fn tell_about(code: u32) -> ExitCode {
    match explain(code) {
        Some(known) => {
            print(&screen::explanation(known));
            ExitCode::SUCCESS
        }
        None => {
            print(&format!(
                "Twilio {code} is not among the codes that moked meets:\n{}",
                screen::known_codes()
            ));
            ExitCode::FAILURE
        }
    }
}

/// Where the examination is shown.
struct Output {
    is_json: bool,
    style: screen::Style,
    is_terminal: bool,
    spinner: Option<ProgressBar>,
}

impl Output {
    fn new(is_json: bool, environment: &Environment) -> Self {
        let is_terminal = io::stdout().is_terminal();
        let is_dumb = environment.contains_key("NO_COLOR")
            || environment.get("TERM").is_some_and(|terminal| terminal == "dumb");
        let style = screen::Style { is_coloured: is_terminal && !is_dumb };
        Self { is_json, style, is_terminal, spinner: None }
    }

    fn tell(&mut self, progress: Progress<'_>) {
        match progress {
            Progress::Lasts { .. } if self.is_json => {}
            Progress::Lasts { title } if self.is_terminal => {
                let spinner = ProgressBar::new_spinner().with_message(title);
                spinner.enable_steady_tick(TICK);
                self.spinner = Some(spinner);
            }
            Progress::Lasts { title } => print(&format!("  ...   {title}\n")),
            Progress::Done(report) => {
                if let Some(spinner) = self.spinner.take() {
                    spinner.finish_and_clear();
                }
                if !self.is_json {
                    print(&screen::check(report, self.style));
                }
            }
        }
    }

    fn finish(&self, reports: &[CheckReport], lasted: Duration) {
        if self.is_json {
            // Strings, numbers and lists of them: there is nothing in a report that JSON could not hold.
            let document = serde_json::to_string_pretty(reports).unwrap_or_default();
            print(&format!("{document}\n"));
        } else {
            print(&screen::summary(reports, lasted.as_secs_f64(), self.style));
        }
    }
}

/// Writes to standard output at once.
fn print(text: &str) {
    let mut out = io::stdout().lock();
    // A reader that has seen enough, such as `head`, is none of our business; the exit code still tells.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Finding;

    #[test]
    fn the_exit_code_counts_failures_and_stops_at_a_hundred() {
        let reports = |failed: usize| {
            let report = |finding| CheckReport::new("x", "x", finding, 0);
            let mut reports = vec![report(Finding::pass("x")), report(Finding::skip("x"))];
            reports.extend((0..failed).map(|_| report(Finding::fail("x", "x"))));
            reports
        };
        for (failed, code) in [(0, 0), (3, 3), (100, 100), (300, 100)] {
            assert_eq!(exit_code(&reports(failed)), ExitCode::from(code), "{failed}");
        }
    }
}
