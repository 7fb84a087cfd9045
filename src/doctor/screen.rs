//! The examination as text: one line a check, its evidence and its mend below, at most 100 columns.

use std::fmt::Write as _;

use moked_core::twilio::error_code::{ErrorCode, TABLE, explain};

use super::examine::{CheckReport, failures};
use super::finding::Verdict;
use crate::telemetry::escape;

/// Columns that are never exceeded, save by a word that is longer by itself, such as an address.
const WIDTH: usize = 100;

/// Columns of a title, so that the times stand below each other.
const TITLE: usize = 30;

/// Where evidence begins.
const INDENT: &str = "        ";

/// How text is made to stand out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Whether the reader is a terminal that knows colours.
    pub is_coloured: bool,
}

impl Style {
    fn paint(self, colour: &str, text: &str) -> String {
        if self.is_coloured { format!("\x1b[{colour}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn verdict(self, verdict: Verdict) -> String {
        match verdict {
            Verdict::Pass => self.paint("32", "PASS"),
            Verdict::Fail => self.paint("1;31", "FAIL"),
            Verdict::Skip => self.paint("33", "SKIP"),
        }
    }
}

/// A finished check, ending with a line break.
pub fn check(report: &CheckReport, style: Style) -> String {
    let mut out = String::new();
    let verdict = style.verdict(report.result);
    let mut evidence = report.evidence.iter().peekable();
    if report.result == Verdict::Skip {
        // The reason stands beside the title if it fits there: a row of skipped checks is read at a glance.
        let beside = evidence.next_if(|why| INDENT.len() + TITLE + 1 + why.chars().count() <= WIDTH);
        let why = escape(beside.map_or("", String::as_str));
        let _ = writeln!(out, "{}", format!("  {verdict}  {:TITLE$} {why}", report.title).trim_end());
    } else {
        let _ = writeln!(out, "  {verdict}  {:TITLE$} {:>6} ms", report.title, report.ms);
    }
    for line in evidence {
        // Much of it comes from whoever answered.
        wrap(&mut out, INDENT, &escape(line));
    }
    if let Some(mend) = &report.mend {
        wrap(&mut out, INDENT, &escape(&format!("→ {mend}")));
    }
    for code in &report.codes {
        wrap(&mut out, INDENT, &format!("Twilio {code}{}", explain(*code).map_or_else(String::new, advice)));
    }
    out
}

/// What Twilio's number says beyond the mend: its remedy, or the usual cause where the remedy is the doctor.
fn advice(known: &ErrorCode) -> String {
    if known.remedy.contains("moked doctor") {
        format!(": {}; usual cause: {}", known.meaning, known.cause)
    } else {
        format!(": {}", known.remedy)
    }
}

/// The last line.
pub fn summary(reports: &[CheckReport], seconds: f64, style: Style) -> String {
    let count = |verdict| reports.iter().filter(|report| report.result == verdict).count();
    let failed = failures(reports);
    let words = match failed {
        0 => style.paint("32", "nothing failed"),
        _ => style.paint("1;31", &format!("{failed} failed")),
    };
    let (passed, skipped) = (count(Verdict::Pass), count(Verdict::Skip));
    format!("\n{words}, {passed} passed, {skipped} skipped in {seconds:.1} s\n")
}

/// What is known about one of Twilio's numbers.
pub fn explanation(known: &ErrorCode) -> String {
    let mut out = format!("Twilio {}\n", known.code);
    for (name, text) in [("meaning", known.meaning), ("cause", known.cause), ("remedy", known.remedy)] {
        wrap(&mut out, &format!("  {name:9}"), text);
    }
    out
}

/// The numbers that are known, when another was asked for.
pub fn known_codes() -> String {
    let mut out = String::new();
    for known in &TABLE {
        wrap(&mut out, &format!("  {:<7}", known.code), known.meaning);
    }
    out
}

/// Writes a text behind `first`, its further lines as far in.
fn wrap(out: &mut String, first: &str, text: &str) {
    let indent = first.chars().count();
    out.push_str(first);
    let mut column = indent;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if column > indent && column + 1 + length > WIDTH {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            column = indent;
        } else if column > indent {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Finding;

    const PLAIN: Style = Style { is_coloured: false };

    fn report(finding: Finding) -> CheckReport {
        CheckReport::new("x", "media handshake, public", finding, 12)
    }

    #[test]
    fn a_failure_shows_evidence_mend_and_twilios_remedy_within_the_width() {
        let finding = Finding::fail("long ".repeat(60), "mend it").code(31_920).code(31_921).code(19_999);
        let text = check(&report(finding), PLAIN);
        assert!(text.starts_with("  FAIL  media handshake, public "), "{text}");
        assert!(text.ends_with("Twilio 19999\n"), "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        assert!(!text.contains('\x1b'));
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("→ mend it") && text.contains("Twilio 31921: find WS_STOP"), "{text}");
        assert!(
            text.contains("Twilio 31920: the handshake") && text.contains("usual cause: a proxy"),
            "{text}"
        );
        assert!(!text.contains("run `moked doctor"), "{text}");
    }

    #[test]
    fn a_short_reason_for_a_skip_stands_beside_the_title() {
        let text = check(&report(Finding::skip("no public address")), PLAIN);
        assert_eq!(text, "  SKIP  media handshake, public        no public address\n");
        let long = check(&report(Finding::skip("why ".repeat(30))), PLAIN);
        assert_eq!(long.lines().next(), Some("  SKIP  media handshake, public"));
        assert_eq!(long.lines().count(), 3);
    }

    #[test]
    fn a_long_address_stays_whole() {
        let url = format!("https://{}/x", "a".repeat(120));
        assert!(check(&report(Finding::pass(url.clone())), PLAIN).contains(&url));
    }

    #[test]
    fn an_answer_cannot_act_on_the_terminal() {
        let text = check(&report(Finding::fail("GET x → 500: \x1b[2J\r", "see \x1b[0m")), PLAIN);
        assert!(!text.contains(['\x1b', '\r']), "{text:?}");
    }

    #[test]
    fn colours_are_for_terminals() {
        let coloured = Style { is_coloured: true };
        assert!(check(&report(Finding::pass("x")), coloured).contains("\x1b[32mPASS\x1b[0m"));
        assert!(!summary(&[], 1.0, PLAIN).contains('\x1b'));
    }

    #[test]
    fn the_summary_counts_and_a_skip_is_no_failure() {
        let reports =
            [report(Finding::pass("x")), report(Finding::skip("x")), report(Finding::fail("x", "y"))];
        assert_eq!(summary(&reports, 2.04, PLAIN), "\n1 failed, 1 passed, 1 skipped in 2.0 s\n");
        assert_eq!(summary(&reports[..2], 0.0, PLAIN), "\nnothing failed, 1 passed, 1 skipped in 0.0 s\n");
    }

    #[test]
    fn every_known_number_is_explained_in_three_parts() {
        for known in &TABLE {
            let text = explanation(known);
            assert!(["meaning", "cause", "remedy"].iter().all(|part| text.contains(part)), "{text}");
            assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        }
    }
}
