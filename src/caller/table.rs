//! The report as text: aligned columns, eighty wide, no colour needed.
//!
//! What the caller said stands in the last column, since a terminal that turns Hebrew around may move
//! everything after it.

use std::fmt::Write as _;

use super::report::{ActKind, CallReport, EndedBy, StreamEnd, StreamReport, Turn};

const WIDTH: usize = 80;

/// Violations and problems shown of each kind; the rest is counted.
const SHOWN: usize = 5;

/// Renders a report for a terminal. Every line is at most 80 characters, except addresses and reasons, which
/// are not cut.
pub fn render(report: &CallReport) -> String {
    let mut out = String::new();
    line(&mut out, format_args!("Call {}", report.call_sid));
    line(&mut out, format_args!("  to {}", report.webhook));
    let ended = match report.ended_by {
        EndedBy::Caller => "the caller hung up",
        EndedBy::Server => "the server ended the call",
        EndedBy::Transfer => "the caller was transferred",
        EndedBy::Failure => "the call failed",
    };
    let webhook = report.webhook_ms;
    line(&mut out, format_args!("  webhook {webhook} ms, lasted {}, {ended}", seconds(report.duration_ms)));
    for stream in &report.streams {
        line(&mut out, format_args!(""));
        render_stream(&mut out, stream);
    }
    line(&mut out, format_args!(""));
    line(&mut out, format_args!("What Twilio did"));
    for step in &report.trail {
        line(&mut out, format_args!("  {:>8}  {}", seconds(step.at_ms), step.what));
    }
    if !report.problems.is_empty() {
        line(&mut out, format_args!(""));
        line(&mut out, format_args!("What Twilio would complain about at the webhooks"));
        for problem in &report.problems {
            line(&mut out, format_args!("  {}  {}", problem.code, problem.why));
        }
    }
    if !report.advice.is_empty() {
        line(&mut out, format_args!(""));
        line(&mut out, format_args!("Advice"));
        for advice in &report.advice {
            line(&mut out, format_args!("  {advice}"));
        }
    }
    out
}

fn render_stream(out: &mut String, stream: &StreamReport) {
    let end = match &stream.end {
        StreamEnd::Caller => "the caller hung up".to_owned(),
        StreamEnd::TimeLimit => "the time was up".to_owned(),
        StreamEnd::Server(closing) => format!("the server closed ({})", closing.code),
    };
    line(out, format_args!("Stream {}", stream.stream_sid));
    let (handshake, duration) = (stream.handshake_ms, seconds(stream.duration_ms));
    line(out, format_args!("  handshake {handshake} ms, lasted {duration}, {end}"));
    line(out, format_args!(""));
    row(out, ["turn", "at", "answer after", "clear after", "quiet after", "the caller"]);
    let greeting = stream.greeting_ms.map_or_else(|| "none".to_owned(), seconds);
    row(out, ["0", "0.00 s", &greeting, "", "", "listens"]);
    for (number, turn) in (1..).zip(&stream.turns) {
        render_turn(out, number, turn);
    }
    line(out, format_args!(""));
    let gaps = match stream.gaps.count {
        0 => "none".to_owned(),
        count => format!(
            "{count}, together {:.0} ms, the longest {:.0} ms",
            stream.gaps.total_ms, stream.gaps.longest_ms
        ),
    };
    line(out, format_args!("  gaps in the agent's speech   {gaps}"));
    let marks = stream.marks;
    line(
        out,
        format_args!(
            "  marks                        {} sent, {} played, {} cleared; {} clears",
            marks.queued, marks.played, marks.cleared, stream.clears
        ),
    );
    if stream.overflow_ms > 0 {
        line(out, format_args!("  thrown away, queue was full  {}", seconds(stream.overflow_ms)));
    }
    match stream.violation_count {
        0 => line(out, format_args!("  rules of the stream broken   none")),
        count => {
            line(out, format_args!("  rules of the stream broken   {count}"));
            for violation in stream.violations.iter().take(SHOWN) {
                let (at, code) = (seconds(violation.at_ms), code(violation.code));
                line(out, format_args!("  {at:>8}  {code}  {}", violation.why));
            }
            if let Some(more @ 1..) = count.checked_sub(SHOWN) {
                line(out, format_args!("            and {more} more"));
            }
        }
    }
}

fn render_turn(out: &mut String, number: usize, turn: &Turn) {
    let latency = match turn.latency_ms {
        None => "no answer".to_owned(),
        Some(ms) if ms < 0 => "at once".to_owned(),
        Some(ms) => seconds(ms.unsigned_abs()),
    };
    let (clear, quiet) = match turn.reaction {
        None => (String::new(), String::new()),
        Some(reaction) => (
            reaction.clear_after_ms.map_or_else(|| "never".to_owned(), seconds),
            seconds(reaction.quiet_after_ms),
        ),
    };
    let what = match turn.kind {
        ActKind::Speech => format!("says {}", turn.what),
        ActKind::Interruption => format!("interrupts {}", turn.what),
        ActKind::Keys => format!("presses {}", turn.what),
    };
    row(out, [&number.to_string(), &seconds(turn.from_ms), &latency, &clear, &quiet, &what]);
}

fn row(out: &mut String, [turn, at, answer, clear, quiet, what]: [&str; 6]) {
    let figures = format!("  {turn:>4}  {at:>8}  {answer:>12}  {clear:>11}  {quiet:>11}  ");
    let room = WIDTH - figures.len();
    let mut shown: String = what.chars().take(room).collect();
    if what.chars().nth(room).is_some() {
        shown = what.chars().take(room - 1).chain(['…']).collect();
    }
    line(out, format_args!("{figures}{shown}"));
}

fn seconds(ms: u64) -> String {
    format!("{}.{:02} s", ms / 1_000, ms % 1_000 / 10)
}

fn code(code: Option<u32>) -> String {
    code.map_or_else(|| "  –  ".to_owned(), |code| code.to_string())
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    let text = text.to_string();
    // Writing into a string cannot fail.
    let _ = writeln!(out, "{}", text.trim_end());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caller::sample;

    #[test]
    fn the_table_is_aligned_and_fits_eighty_columns() {
        let text = render(&sample::report());
        for line in text.lines() {
            assert!(line.chars().count() <= WIDTH, "{} characters: {line}", line.chars().count());
        }
        let rows: Vec<&str> =
            text.lines().skip_while(|line| !line.contains("answer after")).take(5).collect();
        assert_eq!(
            rows,
            [
                "  turn        at  answer after  clear after  quiet after  the caller",
                "     0    0.00 s        0.44 s                            listens",
                "     1    3.30 s        0.82 s                            says שלום, אני מחפש ד…",
                "     2    7.45 s        0.71 s       0.18 s       0.19 s  interrupts רגע, כמה ז…",
                "     3   11.20 s        0.60 s                            presses 2#",
            ]
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_number() {
        let text = render(&sample::report());
        assert!(text.contains("31951  additional field \"track\""), "{text}");
        assert!(text.contains("12100  "), "{text}");
        assert!(text.contains("rules of the stream broken   1"), "{text}");
    }
}
