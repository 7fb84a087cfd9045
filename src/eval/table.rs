//! Outcomes for people.

use std::fmt::Write as _;

use super::figures::Figures;
use super::outcome::Outcome;

/// A line for each scenario, and under each that failed what was expected, what was seen, and what to look at.
pub fn render(outcomes: &[Outcome]) -> String {
    let mut out = String::new();
    let width = outcomes.iter().map(|outcome| outcome.name.chars().count()).max().unwrap_or_default();
    for outcome in outcomes {
        let verdict = if outcome.passed() { "ok  " } else { "FAIL" };
        let _ = writeln!(
            out,
            "{verdict}  {:<width$}  {:>5.1} s  {}",
            outcome.name,
            outcome.duration_ms as f64 / 1_000.0,
            outcome.title
        );
        for finding in &outcome.findings {
            // Hebrew stands last on its line, so that what a terminal turns around is only itself.
            let _ = writeln!(out, "      expected  {}", finding.expected);
            let _ = writeln!(out, "      seen      {}", finding.seen);
            let _ = writeln!(out, "      look at   {}", finding.look_at);
        }
    }
    let failed = outcomes.iter().filter(|outcome| !outcome.passed()).count();
    let _ = writeln!(out, "\n{} scenarios, {failed} failed", outcomes.len());
    out
}

/// The figures with their targets.
pub fn render_figures(figures: &Figures) -> String {
    let mut out = String::new();
    for figure in &figures.figures {
        let verdict = if figure.is_met() { "ok  " } else { "MISS" };
        let value = figure.value.map_or_else(|| "–".to_owned(), |value| value.to_string());
        let value = format!("{value} {}", figure.unit);
        let _ = writeln!(
            out,
            "{verdict}  {:<40} {:>10}   of {:>4}   target {} {}",
            figure.name, value, figure.of, figure.target, figure.unit
        );
        for place in &figure.missed_in {
            let _ = writeln!(out, "        {place}");
        }
    }
    if figures.unfair > 0 {
        let _ = writeln!(
            out,
            "\n{} runs are not counted: this machine was too busy. Try --jobs 2, or a release build.",
            figures.unfair
        );
    }
    out
}
