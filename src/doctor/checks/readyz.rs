//! `/readyz`: what calls would get now, and why.

use std::time::{Duration, Instant};

use serde::Deserialize;

use super::engines::idle;
use super::silent;
use crate::doctor::finding::Finding;
use crate::doctor::patient::Patient;
use crate::doctor::site::{Answer, Asked, Site, Spot};

/// How long a server may still be making its engines.
const STARTING: Duration = Duration::from_secs(10);

/// How often it is asked meanwhile.
const ASK_EVERY: Duration = Duration::from_millis(500);

/// The answer's body.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Readiness {
    status: String,
    /// `agent`, `echo` or `message`.
    pub(super) calls: String,
    why: Option<String>,
    stt: String,
    tts: String,
    llm: String,
    /// `ok`, `starting`, or `degraded` or `off` with the reason. Older servers do not tell.
    #[serde(default)]
    records: Option<String>,
}

/// Asks it until the engines are made.
pub(in crate::doctor) async fn check(patient: &Patient, spot: Spot) -> Finding {
    let site = match patient.site(spot) {
        Ok(site) => site,
        Err(skip) => return skip,
    };
    let is_told = patient.settings.as_ref().is_some_and(|settings| idle(settings).is_some());
    judge(&ask(site).await, spot, is_told)
}

/// The answer, once the server is done with starting or has taken too long.
pub(super) async fn ask(site: &Site) -> Asked {
    let begun = Instant::now();
    loop {
        let asked = site.get("/readyz").await;
        let is_starting = asked.as_ref().ok().and_then(read).is_some_and(|ready| ready.status == "starting");
        if !is_starting || begun.elapsed() > STARTING {
            return asked;
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
}

/// The body, if it is moked's.
pub(super) fn read(answer: &Answer) -> Option<Readiness> {
    serde_json::from_str(&answer.body).ok()
}

/// `is_told` when the settings want messages or echoes.
fn judge(asked: &Asked, spot: Spot, is_told: bool) -> Finding {
    let answer = match asked {
        Err(error) => return silent(error, spot),
        Ok(answer) => answer,
    };
    let Some(ready) = read(answer) else {
        return Finding::fail(
            answer.full_line(),
            "this is not moked's answer: see which server answers there",
        );
    };
    let line = format!("{}: {}, calls get {}", answer.line(), ready.status, words(&ready.calls));
    let parts = [("hearing", &ready.stt), ("speaking", &ready.tts), ("thinking", &ready.llm)];
    let unfit =
        parts.into_iter().filter(|(_, state)| *state != "ok").map(|(part, state)| format!("{part}: {state}"));
    let records = ready.records.filter(|state| state.starts_with("degraded"));
    let unfit = unfit.chain(records.map(|state| format!("call records: {state}")));
    let why = ready.why.unwrap_or_else(|| "it gives no reason".to_owned());
    let fault = if answer.status != 200 {
        Some(Finding::fail(
            format!("calls are not held now: {why}"),
            "mend the part that is named; the server's log of its start has NOT_READY or ENGINE_MISSING",
        ))
    } else if ready.calls == "message" && !is_told {
        Some(Finding::fail(
            format!("every call leaves a message instead of a conversation: {why}"),
            "configure the part that is named, or set WS_MODE=DISABLED if messages are what you want",
        ))
    } else {
        None
    };
    let finding = Finding::pass(line);
    let finding = match fault {
        Some(fault) => finding.and(fault),
        None => finding,
    };
    unfit.fold(finding, Finding::saw)
}

fn words(calls: &str) -> &str {
    match calls {
        "agent" => "a conversation",
        "echo" => "an echo",
        "message" => "a recorded message",
        "elsewhere" => "sent elsewhere",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Verdict;

    fn answer(status: u16, state: &str, calls: &str, stt: &str, why: &str) -> Asked {
        let body = format!(
            r#"{{"status":"{state}","calls":"{calls}","why":{why},"stt":"{stt}","tts":"ok","llm":"ok","db":"x"}}"#
        );
        Ok(Answer { status, body, ..Answer::default() })
    }

    #[test]
    fn a_server_that_holds_conversations_is_ready() {
        let finding = judge(&answer(200, "ok", "agent", "ok", "null"), Spot::Local, false);
        assert_eq!(finding.verdict, Verdict::Pass);
        assert_eq!(finding.evidence.len(), 1);
    }

    #[test]
    fn a_missing_part_is_shown_and_is_judged_elsewhere() {
        let finding = judge(&answer(200, "degraded", "agent", "no library", "null"), Spot::Local, false);
        assert_eq!(finding.verdict, Verdict::Pass);
        assert_eq!(finding.evidence[1], "hearing: no library");
    }

    #[test]
    fn messages_are_a_failure_only_where_nobody_asked_for_them() {
        let asked = answer(200, "ok", "message", "ok", "\"no Hebrew voice\"");
        let finding = judge(&asked, Spot::Public, false);
        assert!(finding.is_failure() && finding.evidence[1].contains("no Hebrew voice"), "{finding:?}");
        assert!(!judge(&asked, Spot::Public, true).is_failure());
    }

    #[test]
    fn a_503_and_a_foreign_page_fail() {
        assert!(judge(&answer(503, "failed", "message", "x", "\"x\""), Spot::Local, false).is_failure());
        let page = Ok(Answer { status: 200, body: "<html>".to_owned(), ..Answer::default() });
        assert!(judge(&page, Spot::Local, false).is_failure());
    }
}
