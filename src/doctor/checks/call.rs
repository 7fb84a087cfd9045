//! One simulated call to the server on this machine: greeted, heard and answered.
//!
//! The report of the caller proves it from outside. For a server of this process the events of the call prove
//! it from inside as well; for another one, that the call stood in `/admin/calls` while it lasted.

mod evidence;
mod words;

use std::rc::Rc;
use std::time::Duration;

use moked_core::audio::mulaw;
use moked_core::language::Language;
use secrecy::SecretString;

use super::{engines::idle, readyz};
use crate::caller::call::{CallError, CallOptions, place_call};
use crate::caller::report::{CallReport, StreamReport};
use crate::caller::script::{Act, Manners};
use crate::doctor::finding::Finding;
use crate::doctor::patient::Patient;
use crate::doctor::site::{Site, Spot, paths};
use crate::doctor::speech;
use crate::engines::EngineReport;
use crate::settings::{Settings, WsMode};

/// The longest simulated call.
const LIMIT: Duration = Duration::from_secs(20);

/// How long the caller waits for an answer. People give up later.
const PATIENCE: Duration = Duration::from_secs(6);

/// What the call is to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// A greeting, and an answer to what is said.
    Conversation,
    /// A greeting, and an answer to a key: there is no ear.
    Keypad,
    /// The caller's own voice.
    Echo,
}

impl Expected {
    /// Events that such a call writes, in order.
    fn events(self) -> &'static [&'static str] {
        match self {
            Self::Conversation => &["WS_START", "STT_FINAL", "MEDIA_TX"],
            Self::Keypad => &["WS_START", "MEDIA_TX"],
            Self::Echo => &["WS_START"],
        }
    }
}

/// Calls.
pub(in crate::doctor) async fn check(patient: &Patient) -> Finding {
    if patient.order.no_call {
        return Finding::skip("left out, as ordered by --no-call");
    }
    let (Some(settings), Ok(site)) = (&patient.settings, patient.site(Spot::Local)) else {
        return Finding::skip("there is no server on this machine to call");
    };
    let ready = readyz::ask(site).await.ok().as_ref().and_then(readyz::read);
    match ready.map(|ready| ready.calls) {
        None => return Finding::skip("the server does not say what calls get; see the check of readyz"),
        Some(calls) if calls == "message" => {
            return Finding::skip("calls get a recorded message, not a conversation");
        }
        Some(_) => {}
    }
    let (expected, act, voice) = match plan(patient, settings).await {
        Ok(plan) => plan,
        Err(why) => return Finding::skip(why),
    };
    let options = options(site, act, voice);
    let mut watch = evidence::Watch::begin(patient, site);
    let placed = place_call(options, |_| {}).await;
    let seen = match &placed {
        Ok(report) => watch.end(patient, report.call_sid.as_str(), expected.events()).await,
        Err(_) => evidence::Seen::default(),
    };
    match placed {
        Ok(report) => judge(&report, expected, &seen),
        Err(error) => no_call(&error),
    }
}

/// What the caller does, and with which voice.
async fn plan(patient: &Patient, settings: &Settings) -> Result<(Expected, Act, Option<Vec<i16>>), String> {
    let engines = match &patient.engines {
        Some(Ok(engines)) => engines,
        Some(Err(_)) | None => return Err("there are no engines to speak with".to_owned()),
    };
    let is_echo = idle(settings).is_some() && settings.call.ws_mode == WsMode::Echo;
    let language = if is_echo { Language::English } else { settings.agent.language };
    let report = EngineReport::of(engines, language);
    if report.hearing.problem.is_some() && !is_echo {
        return Ok((Expected::Keypad, Act::Keys { digits: "1".to_owned() }, None));
    }
    let text = words::for_agent(&settings.agent);
    let spoken = speech::speak(&engines.engines.speaking, &text, language).await;
    let samples = mulaw::decode(&spoken.map_err(|error| format!("the caller has no voice: {error}"))?.audio);
    let expected = if is_echo { Expected::Echo } else { Expected::Conversation };
    Ok((expected, Act::Say { text }, Some(samples)))
}

fn options(site: &Site, act: Act, voice: Option<Vec<i16>>) -> CallOptions {
    let token: Option<SecretString> = site.token.clone();
    let mut options = CallOptions::new(site.reach.http(paths::INCOMING_CALL));
    options.public_base = (site.signed != site.reach).then(|| site.signed.to_string());
    // Whatever host the document names, it is the server on this machine that is examined.
    options.direct = true;
    options.auth_token = token;
    options.account_sid.clone_from(&site.account_sid);
    options.acts = vec![act];
    options.voice = voice.map(|samples| Rc::new(move |_: &str| samples.clone()) as _);
    options.manners = Manners { patience: PATIENCE };
    options.limit = LIMIT;
    options
}

fn no_call(error: &CallError) -> Finding {
    let finding = Finding::fail(
        format!("there was no call: {error}"),
        "mend what fails above first; the server's log says what it thought of the call",
    );
    error.twilio_code().into_iter().fold(finding, Finding::code)
}

fn judge(report: &CallReport, expected: Expected, seen: &evidence::Seen) -> Finding {
    let Some(stream) = report.streams.first() else {
        let trail: Vec<&str> = report.trail.iter().map(|step| step.what.as_str()).collect();
        return Finding::fail(
            format!("the call had no media stream: {}", trail.join(", ")),
            "see the check of readyz: it says what calls get, and why",
        );
    };
    let finding = greeting(stream, expected).and(answer(stream, expected)).and(seen.judge(expected.events()));
    rules(report).into_iter().fold(finding, Finding::and)
}

fn greeting(stream: &StreamReport, expected: Expected) -> Finding {
    let handshake = stream.handshake_ms;
    match (stream.greeting_ms, expected) {
        (Some(ms), _) => Finding::pass(format!("handshake in {handshake} ms, greeting heard after {ms} ms")),
        (None, Expected::Echo) => {
            Finding::pass(format!("handshake in {handshake} ms; an echo greets nobody"))
        }
        (None, Expected::Conversation | Expected::Keypad) => Finding::fail(
            format!("handshake in {handshake} ms, and then no greeting: the line stayed silent"),
            "see whether the voice speaks (above); the server's log has TTS_FAILED or CHILD_FAILED with the reason",
        ),
    }
}

fn answer(stream: &StreamReport, expected: Expected) -> Finding {
    let Some(turn) = stream.turns.first() else {
        return Finding::fail(
            "the caller never got to speak: the stream was over before",
            "the server ended the call by itself: its log has WS_STOP with the reason",
        )
        .code(31_921);
    };
    match (turn.latency_ms, expected) {
        (Some(_), Expected::Echo) => Finding::pass(format!("\"{}\" came back", turn.what)),
        (Some(ms), Expected::Conversation | Expected::Keypad) => {
            Finding::pass(format!("\"{}\" was answered after {ms} ms", turn.what))
        }
        (None, _) => Finding::fail(
            format!("\"{}\" got no answer in {} s", turn.what, PATIENCE.as_secs()),
            "the server's log of the call shows how far it came: STT_FINAL without MEDIA_TX is the mind or the \
             voice, neither of them is the ears",
        ),
    }
}

/// What Twilio would have complained about.
fn rules(report: &CallReport) -> Vec<Finding> {
    let mend =
        "moked writes nothing that Twilio refuses: see which server answers, or report it with this output";
    let problems =
        report.problems.iter().map(|problem| Finding::fail(problem.why.clone(), mend).code(problem.code));
    let violations = report.streams.iter().flat_map(|stream| stream.violations.first()).map(|violation| {
        violation.code.into_iter().fold(Finding::fail(violation.why.clone(), mend), Finding::code)
    });
    problems.chain(violations).collect()
}

#[cfg(test)]
mod tests;
