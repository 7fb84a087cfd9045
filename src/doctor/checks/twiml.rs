//! The TwiML of a call, and of what follows the stream.
//!
//! The old service answered the second question with an empty 204, which Twilio lists as 12100 and takes for
//! a failed call.

use moked_core::twilio::twiml::lint::{Finding as Lint, lint};
use moked_core::twilio::twiml::{Connect, Verb, read};
use url::Url;

use super::silent;
use crate::caller::identity::Identity;
use crate::doctor::finding::Finding;
use crate::doctor::site::{Answer, Asked, Signing, Site, Spot, paths};

/// Rings, and asks what comes after the stream.
pub(in crate::doctor) async fn check(site: &Site) -> Finding {
    let identity = match Identity::new(&site.account_sid, "+972501234567", "+97231234567") {
        Ok(identity) => identity,
        Err(error) => return Finding::skip(error.to_string()),
    };
    let asked = site.post(paths::INCOMING_CALL, &identity.voice_form("ringing"), Signing::Right).await;
    let (finding, connect) = judge(&asked, site);
    let Some(action) = connect.and_then(|connect| connect.action) else { return finding };
    let Some(path) = site.path_of(&action) else {
        return finding.and(Finding::fail(
            format!("the action {action} is no address"),
            "set PUBLIC_BASE_URL to the address that Twilio calls",
        ));
    };
    let asked = site.post(&path, &identity.voice_form("in-progress"), Signing::Right).await;
    finding.and(judge_action(&asked, site.spot))
}

/// The answer to a call that rings; the stream that it connects to, if it does.
pub(super) fn judge(asked: &Asked, site: &Site) -> (Finding, Option<Connect>) {
    let answer = match asked {
        Err(error) => return (silent(error, site.spot), None),
        Ok(answer) => answer,
    };
    let verbs = match document(answer) {
        Ok(verbs) => verbs,
        Err(finding) => return (finding, None),
    };
    let connect = verbs.iter().find_map(|verb| match verb {
        Verb::Connect(connect) => Some(connect.clone()),
        Verb::Say(_)
        | Verb::Record(_)
        | Verb::Hangup
        | Verb::Redirect { .. }
        | Verb::Reject { .. }
        | Verb::Dial(_)
        | Verb::Pause { .. } => None,
    });
    let finding = match &connect {
        Some(connect) => judge_stream(answer, connect, site),
        None => Finding::pass(format!("{}: no stream, the document is {}", answer.line(), outline(&verbs))),
    };
    let finding = lint(&verbs).iter().map(fault).fold(finding, Finding::and);
    (finding, connect)
}

fn judge_stream(answer: &Answer, connect: &Connect, site: &Site) -> Finding {
    let stream = &connect.stream;
    let mut finding = Finding::pass(format!("{}: <Connect><Stream> {}", answer.line(), stream.url));
    if stream.parameters.iter().all(|(_, value)| value.is_empty()) {
        finding = finding.and(Finding::fail(
            "the stream has no <Parameter>, so nothing proves at the socket which call it is",
            "moked sends a one-time token there: see which server answers",
        ));
    }
    let host = |url: &str| Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    let (named, asked) = (host(&stream.url), host(&site.reach.http("/")));
    if site.spot == Spot::Public && named != asked {
        finding = finding.and(Finding::fail(
            format!("the stream goes to {}, not to the address that was asked", named.unwrap_or_default()),
            "set PUBLIC_BASE_URL at the server to the address in the Twilio console",
        ));
    }
    finding
}

/// The answer to "the stream is over": always a document.
fn judge_action(asked: &Asked, spot: Spot) -> Finding {
    let answer = match asked {
        Err(error) => return silent(error, spot),
        Ok(answer) => answer,
    };
    match document(answer) {
        Ok(verbs) => Finding::pass(format!("action: {}: {}", answer.line(), outline(&verbs))),
        Err(finding) => Finding { evidence: Vec::new(), ..Finding::pass("") }.and(finding).saw(
            "this is the action of <Connect>: asked when the stream is over, it must answer with a document",
        ),
    }
}

/// Reads an answer as strictly as Twilio does.
fn document(answer: &Answer) -> Result<Vec<Verb>, Finding> {
    let failed = |evidence: String, mend: &str, code| Err(Finding::fail(evidence, mend).code(code));
    if answer.status == 403 {
        let mend = "the request was refused: see the check of signatures";
        return failed(answer.full_line(), mend, 11_200);
    }
    if !(200..300).contains(&answer.status) {
        let mend = "see who answered, and the server's log at this time";
        return failed(answer.full_line(), mend, 11_200);
    }
    if answer.body.trim().is_empty() {
        let mend = "Twilio lists this as 12100 and takes it for a failed document: answer with TwiML, \
                    `<Response/>` at least";
        return failed(answer.full_line(), mend, 12_100);
    }
    let essence = answer.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if !matches!(essence.as_str(), "application/xml" | "text/xml") {
        let mend = "TwiML must come as application/xml (Twilio error 12300): see who answered";
        return failed(
            format!("{}, Content-Type {:?}", answer.full_line(), answer.content_type),
            mend,
            12_300,
        );
    }
    read(&answer.body).map_err(|error| {
        Finding::fail(
            format!("{}; {error}", answer.full_line()),
            "see who answered: moked writes no such document",
        )
        .code(error.twilio_code())
    })
}

/// The names of the verbs.
fn outline(verbs: &[Verb]) -> String {
    let names: Vec<&str> = verbs
        .iter()
        .map(|verb| match verb {
            Verb::Connect(_) => "<Connect>",
            Verb::Say(_) => "<Say>",
            Verb::Record(_) => "<Record>",
            Verb::Hangup => "<Hangup>",
            Verb::Redirect { .. } => "<Redirect>",
            Verb::Reject { .. } => "<Reject>",
            Verb::Dial(_) => "<Dial>",
            Verb::Pause { .. } => "<Pause>",
        })
        .collect();
    if names.is_empty() { "empty".to_owned() } else { names.join(" ") }
}

/// What the linter says ends with its mend, behind a colon, where it has one.
fn fault(found: &Lint) -> Finding {
    let text = found.to_string();
    let (what, mend) = match text.rsplit_once(": ") {
        Some((what, mend)) => (what.to_owned(), mend.to_owned()),
        None => (text, "see which server answers: moked writes no such document".to_owned()),
    };
    let finding = Finding::fail(what, mend);
    match found {
        Lint::NotSecure { .. } | Lint::Query { .. } | Lint::EmptyStep { .. } | Lint::NoHost { .. } => {
            finding.code(31_920)
        }
        Lint::NoAction | Lint::PauseAfterConnect { .. } => finding.code(31_921),
        Lint::LongParameter { .. } => finding,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Verdict;

    fn site(spot: Spot) -> Site {
        let base: crate::settings::PublicBaseUrl = "https://a.example".parse().unwrap();
        Site { spot, reach: base.clone(), signed: base, token: None, account_sid: "AC1".to_owned() }
    }

    fn answer(status: u16, content_type: &str, body: &str) -> Asked {
        let (content_type, body) = (content_type.to_owned(), body.to_owned());
        Ok(Answer { status, content_type, body, ..Answer::default() })
    }

    fn xml(body: &str) -> Asked {
        answer(200, "application/xml; charset=utf-8", &format!("<Response>{body}</Response>"))
    }

    fn stream(url: &str) -> Asked {
        xml(&format!(
            "<Connect action=\"https://a.example/after\"><Stream url=\"{url}\"><Parameter name=\"token\" \
             value=\"x\"/></Stream></Connect>"
        ))
    }

    #[test]
    fn a_good_document_passes_and_gives_the_stream() {
        let (finding, connect) = judge(&stream("wss://a.example/ws"), &site(Spot::Public));
        assert_eq!(finding.verdict, Verdict::Pass, "{finding:?}");
        assert_eq!(connect.unwrap().action.as_deref(), Some("https://a.example/after"));
    }

    #[test]
    fn each_fault_of_a_stream_is_named() {
        for (url, word) in [
            ("ws://a.example/ws", "wss://"),
            ("wss://a.example//ws", "//"),
            ("wss://a.example/ws?t=1", "query"),
            ("wss://old.example/ws", "old.example"),
        ] {
            let (finding, _) = judge(&stream(url), &site(Spot::Public));
            assert!(finding.is_failure() && finding.evidence[1].contains(word), "{finding:?}");
        }
        let bare = xml("<Connect><Stream url=\"wss://a.example/ws\"/></Connect>");
        let (finding, _) = judge(&bare, &site(Spot::Public));
        assert!(finding.evidence.iter().any(|line| line.contains("<Parameter>")), "{finding:?}");
        assert!(finding.evidence.iter().any(|line| line.contains("no action")), "{finding:?}");
    }

    #[test]
    fn the_local_server_may_name_the_public_host() {
        let (finding, _) = judge(&stream("wss://public.example/ws"), &site(Spot::Local));
        assert_eq!(finding.verdict, Verdict::Pass, "{finding:?}");
    }

    #[test]
    fn a_document_without_a_stream_is_a_message_and_passes() {
        let (finding, connect) =
            judge(&xml("<Say>hello</Say><Record action=\"/done\"/>"), &site(Spot::Local));
        assert_eq!((finding.verdict, connect), (Verdict::Pass, None));
        assert!(finding.evidence[0].contains("<Say> <Record>"), "{finding:?}");
    }

    #[test]
    fn what_is_no_document_fails_with_twilios_number() {
        for (asked, code) in [
            (answer(204, "", ""), 12_100),
            (answer(200, "application/xml", " "), 12_100),
            (answer(403, "text/plain", "forbidden"), 11_200),
            (answer(500, "text/html", "<html>"), 11_200),
            (answer(200, "text/html", "<html>"), 12_300),
            (answer(200, "application/xml", "<html>"), 12_100),
            (answer(200, "text/xml", "<Response><Nonsense/></Response>"), 12_200),
        ] {
            assert_eq!(judge(&asked, &site(Spot::Local)).0.codes, [code], "{asked:?}");
            let action = judge_action(&asked, Spot::Local);
            assert_eq!((action.verdict, action.codes), (Verdict::Fail, vec![code]), "{asked:?}");
        }
    }

    #[test]
    fn an_empty_action_is_named_as_such() {
        let finding = judge_action(&answer(204, "", ""), Spot::Local);
        assert!(finding.mends[0].contains("12100") && finding.evidence[1].contains("action"), "{finding:?}");
        assert_eq!(judge_action(&xml("<Hangup/>"), Spot::Local).verdict, Verdict::Pass);
    }
}
