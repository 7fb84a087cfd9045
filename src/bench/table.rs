//! The results as text: one row a level, then the marks to beat.

use std::fmt::Write as _;

use super::Level;

/// A mark to beat, of the brief: what, at how many calls, less than how much.
struct Mark {
    what: &'static str,
    calls: usize,
    limit: f64,
    unit: &'static str,
    of: fn(&Level) -> Option<f64>,
}

const MARKS: [Mark; 4] = [
    Mark { what: "added to a turn, p99", calls: 1, limit: 3.0, unit: "ms", of: added_p99 },
    Mark { what: "added to a turn, p99", calls: 400, limit: 10.0, unit: "ms", of: added_p99 },
    Mark { what: "CPU per call-second", calls: 400, limit: 2.0, unit: "ms", of: |level| Some(level.cpu_ms) },
    Mark {
        what: "memory per call",
        calls: 400,
        limit: 150.0,
        unit: "KiB",
        of: |level| Some(level.memory_kib),
    },
];

/// Heads of the columns; [`row`] keeps to their widths.
const HEAD: [&str; 2] = [
    "              added to a turn, ms     late frames, ms  CPU, ms per   memory  late themselves, ms",
    "calls  turns    p50     p95     p99     p50     p99    call-s xbare KiB/call  callers  stubs p99",
];

/// A turn without an answer is a late one.
fn added_p99(level: &Level) -> Option<f64> {
    if level.unanswered > 0 { Some(f64::INFINITY) } else { level.added_ms.map(|added| added.p99) }
}

/// Renders the levels, at most 100 columns wide.
pub fn render(levels: &[Level]) -> String {
    let mut out = String::new();
    line(&mut out, HEAD[0]);
    line(&mut out, HEAD[1]);
    for level in levels {
        row(&mut out, level);
    }
    line(&mut out, "");
    for level in levels.iter().filter(|level| level.unanswered + level.oddities > 0) {
        let Level { calls, unanswered, oddities, .. } = level;
        line(
            &mut out,
            &format!("{calls} calls: {unanswered} turns unanswered, {oddities} messages out of place"),
        );
    }
    line(&mut out, &format!("{:<38} {:>9} {:>11}", "mark to beat", "less than", "measured"));
    for mark in &MARKS {
        let name = format!("{} at {} call{}", mark.what, mark.calls, if mark.calls == 1 { "" } else { "s" });
        let measured = levels.iter().find(|level| level.calls == mark.calls).and_then(mark.of);
        let (shown, verdict) = match measured {
            None => ("not run".to_owned(), ""),
            Some(value) if value < mark.limit => (format!("{value:.2} {}", mark.unit), "PASS"),
            Some(value) => (format!("{value:.2} {}", mark.unit), "MISS"),
        };
        let limit = format!("{} {}", mark.limit, mark.unit);
        line(&mut out, &format!("{name:<38} {limit:>9} {shown:>11}  {verdict}"));
    }
    out
}

fn row(out: &mut String, level: &Level) {
    let added = level.added_ms.unwrap_or_default();
    let pacing = level.pacing_ms.unwrap_or_default();
    let callers = level.caller_lateness_ms.unwrap_or_default();
    let stubs = level.stub_lateness_ms.unwrap_or_default();
    let text = format!(
        "{:>5} {:>6} {:>6.2} {:>7.2} {:>7.2} {:>7.2} {:>7.2} {:>9.3} {:>5.1} {:>8.1} {:>8.2} {:>10.2}",
        level.calls,
        added.count,
        added.p50,
        added.p95,
        added.p99,
        pacing.p50,
        pacing.p99,
        level.cpu_ms,
        level.cpu_ms / level.bare_ms,
        level.memory_kib,
        callers.p99,
        stubs.p99,
    );
    line(out, &text);
}

fn line(out: &mut String, text: &str) {
    // Writing into a string cannot fail.
    let _ = writeln!(out, "{}", text.trim_end());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Spread;

    fn level(calls: usize, p99: f64) -> Level {
        let spread = Some(Spread { count: 1_234, p50: 1.0, p95: 1.5, p99 });
        Level {
            calls,
            seconds: 20.0,
            added_ms: spread,
            pacing_ms: spread,
            cpu_ms: 1.5,
            bare_ms: 0.15,
            memory_kib: 99.5,
            caller_lateness_ms: spread,
            stub_lateness_ms: spread,
            unanswered: 0,
            oddities: 0,
        }
    }

    #[test]
    fn the_table_fits_a_hundred_columns_and_lines_up() {
        let text = render(&[level(1, 2.0), level(400, 12.0)]);
        for line in text.lines() {
            assert!(line.chars().count() <= 100, "{} columns: {line}", line.chars().count());
        }
        let widths: Vec<_> = text.lines().skip(1).take(3).map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{widths:?}\n{text}");
    }

    #[test]
    fn each_mark_says_whether_it_is_beaten() {
        let text = render(&[level(1, 2.0), level(400, 12.0)]);
        let verdicts: Vec<_> = text
            .lines()
            .filter_map(|line| line.split_whitespace().last())
            .filter(|w| ["PASS", "MISS"].contains(w))
            .collect();
        assert_eq!(verdicts, ["PASS", "MISS", "PASS", "PASS"]);
        let silent = Level { unanswered: 1, ..level(1, 2.0) };
        assert!(render(&[silent]).contains("MISS"), "an unanswered turn is no fast one");
        assert!(render(&[]).contains("not run"));
    }
}
