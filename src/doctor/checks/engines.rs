//! Which ear, voice and mind a call gets here, and why not.

use moked_core::language::Language;

use crate::doctor::finding::Finding;
use crate::doctor::patient::Patient;
use crate::engines::{self, EngineReport, EngineSet, EnginesError, Part};
use crate::settings::{Settings, WsMode};

/// Makes them, off this thread.
pub(in crate::doctor) async fn check(patient: &mut Patient) -> Finding {
    let Some(settings) = patient.settings.clone() else { return Finding::skip("the settings do not load") };
    let language = settings.agent.language;
    let idle = idle(&settings);
    let made = actix_rt::task::spawn_blocking(move || engines::make(&settings)).await;
    let made = made.unwrap_or_else(|panic| Err(EnginesError::Speaking { why: panic.to_string() }));
    let finding = judge(&made, language, idle);
    patient.engines = Some(made);
    finding
}

/// Why calls need no engines with these settings, if they do not.
pub(in crate::doctor) fn idle(settings: &Settings) -> Option<&'static str> {
    match settings.call.ws_mode {
        WsMode::Disabled => Some("WS_MODE is DISABLED: calls leave messages and need no engines"),
        WsMode::Echo => Some("WS_MODE is ECHO: callers hear themselves and need no engines"),
        WsMode::Ai if settings.agent.language == Language::Hebrew && !settings.call.hebrew_realtime => {
            Some("HEBREW_REALTIME_ENABLED is false: calls leave messages and need no engines")
        }
        WsMode::Ai => None,
    }
}

fn judge(made: &Result<EngineSet, EnginesError>, language: Language, idle: Option<&str>) -> Finding {
    let finding = match made {
        Ok(set) => judge_report(&EngineReport::of(set, language)),
        Err(error) => Finding::fail(
            format!("{error}; every call leaves a message"),
            "configure a voice under [engines] in settings.toml",
        ),
    };
    match idle {
        Some(why) if finding.is_failure() => {
            let skip = Finding::skip(why);
            finding.evidence.into_iter().fold(skip, Finding::saw)
        }
        _ => finding,
    }
}

/// What is missing is told here and fails where it is tried: at the voice and at the ears.
fn judge_report(report: &EngineReport) -> Finding {
    let part = |does: &str, part: &Part| match &part.problem {
        None => format!("{does} {}", part.engine),
        Some(problem) => format!("{does} nothing: {}", split(problem).0),
    };
    Finding::pass(part("speaks with", &report.speaking))
        .saw(part("hears with", &report.hearing))
        .saw(part("thinks with", &report.thinking))
}

/// The finding about an engine that does not serve.
pub(super) fn missing(problem: &str) -> Finding {
    let (what, mend) = split(problem);
    Finding::fail(what, mend)
}

/// A problem's text ends with its mend, behind the last semicolon or full stop.
fn split(problem: &str) -> (&str, &str) {
    let parts = problem.rsplit_once("; ").or_else(|| problem.rsplit_once(". "));
    parts.unwrap_or((problem, "configure another engine under [engines] in settings.toml"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Verdict;

    fn ok(engine: &'static str) -> Part {
        Part { engine, problem: None }
    }

    #[test]
    fn engines_are_named_and_missing_ones_told() {
        let problem = Some("e does not hear Hebrew; configure one".to_owned());
        let report =
            EngineReport { hearing: Part { engine: "e", problem }, speaking: ok("v"), thinking: ok("m") };
        let finding = judge_report(&report);
        assert_eq!(finding.verdict, Verdict::Pass);
        let expected = ["speaks with v", "hears with nothing: e does not hear Hebrew", "thinks with m"];
        assert_eq!(finding.evidence, expected);
    }

    #[test]
    fn a_missing_recogniser_fails_with_the_line_that_installs_it() {
        let finding = missing(
            "speech recognition is unavailable: the library x cannot be used: none. On Debian and Ubuntu: \
             apt-get install libpocketsphinx3 pocketsphinx-en-us",
        );
        assert!(finding.is_failure());
        assert!(finding.mends[0].contains("apt-get install libpocketsphinx3"), "{finding:?}");
        assert!(finding.evidence[0].ends_with("cannot be used: none"), "{finding:?}");
    }

    #[test]
    fn missing_engines_do_not_matter_where_calls_only_leave_messages() {
        let made = Err(EnginesError::Speaking { why: "no data".to_owned() });
        assert!(judge(&made, Language::English, None).is_failure());
        let finding = judge(&made, Language::English, Some("WS_MODE is DISABLED"));
        assert_eq!(finding.verdict, Verdict::Skip);
        assert!(finding.evidence.iter().any(|line| line.contains("no data")), "{finding:?}");
    }
}
