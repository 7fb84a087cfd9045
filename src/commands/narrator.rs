//! Tells a simulated call as it happens, a line for each thing a person would notice.

use std::io::Write;

use crate::caller::news::{CallEvent, CallNews};

/// Writes one piece of news, if it is one for people. Marks are left to the report.
pub(super) fn tell(out: &mut dyn Write, news: &CallNews) {
    let (who, what) = match &news.event {
        CallEvent::Step { what } => ("line", what.clone()),
        CallEvent::StreamOpened { stream_sid } => ("line", format!("media stream {stream_sid} is open")),
        CallEvent::CallerBegan { what } => ("caller", what.clone()),
        CallEvent::Key { key } => ("caller", format!("key {key}")),
        CallEvent::AgentBegan => ("agent", "speaks".to_owned()),
        CallEvent::AgentFinished => ("agent", "is quiet".to_owned()),
        CallEvent::Clear { discarded_ms } => {
            ("agent", format!("stops at once; {discarded_ms} ms of its words are thrown away"))
        }
        CallEvent::Underrun { gap_ms } => ("line", format!("a hole of {gap_ms:.0} ms in the agent's speech")),
        CallEvent::Overflow { discarded_ms } => {
            ("line", format!("more than ten minutes were queued; {discarded_ms} ms are lost"))
        }
        CallEvent::Violation(violation) => {
            let code = violation.code.map_or_else(|| "rule broken".to_owned(), |code| code.to_string());
            ("twilio", format!("{code}: {}", violation.why))
        }
        CallEvent::Problem(problem) => ("twilio", format!("{}: {}", problem.code, problem.why)),
        CallEvent::StreamEnded(_) => ("line", "the media stream is over".to_owned()),
        CallEvent::CallerFinished | CallEvent::Mark { .. } => return,
    };
    line(out, news.at_ms, who, &what);
}

/// Writes a line of the story. Hebrew stands last on its line, so that what a terminal turns around is only
/// itself.
pub(super) fn line(out: &mut dyn Write, at_ms: u64, who: &str, what: &str) {
    let seconds = at_ms as f64 / 1_000.0;
    // A reader who closed the pipe has seen enough.
    let _ = writeln!(out, "{seconds:>7.2} s  {who:<7} {what}");
}
