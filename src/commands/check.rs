//! `moked check`: what is in force, which engines a call would get, what is missing and how to mend it.

use std::io::{self, Write};

use moked_core::language::Language;

use super::Failure;
use crate::admin_tokens::{AdminKey, SecretFault};
use crate::engines::catalogue::{KEY_VARIABLES, Role};
use crate::engines::{self, EngineReport, Part, Roster};
use crate::records::{Place, SPOOL_FOLDER};
use crate::settings::{Settings, SignaturePolicy, WsMode};

/// Writes the report to standard output.
///
/// # Errors
/// When the system does not take it. Wrong settings never come this far.
pub fn run(settings: &Settings) -> Result<(), Failure> {
    match io::stdout().write_all(report(settings).as_bytes()) {
        // A reader that has seen enough, such as `head`, is none of our business.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::System(format!("cannot write the report: {error}")))
        }
        _ => Ok(()),
    }
}

/// The report, secrets left out.
fn report(settings: &Settings) -> String {
    let mut lines = vec![format!("Settings ({})", settings.source)];
    let width = settings.effective.iter().map(|entry| entry.key.len()).max().unwrap_or_default();
    for entry in &settings.effective {
        let origin =
            if entry.origin == "default" { String::new() } else { format!("   from {}", entry.origin) };
        lines.push(format!("  {:width$} = {}{origin}", entry.key, entry.value));
    }
    lines.push(String::new());
    lines.push("Secrets (from the environment)".to_owned());
    lines.push(format!("  TWILIO_AUTH_TOKEN {}", tokens(settings.secrets.twilio_auth_tokens.len())));
    let jwt = match AdminKey::new(settings.secrets.jwt_secret.as_ref()) {
        Ok(_) => "set; /admin is open to tokens of `moked token`".to_owned(),
        Err(SecretFault::Missing) => "not set; /admin is shut".to_owned(),
        Err(fault) => format!("set, but /admin is shut: {fault}"),
    };
    lines.push(format!("  JWT_SECRET        {jwt}"));
    let key = &settings.secrets.twilio_api_key;
    lines.push(format!(
        "  TWILIO_API_KEY    {}",
        if key.is_some() { "set, with its secret" } else { "not set" }
    ));
    for name in KEY_VARIABLES.into_iter().chain(settings.providers.own_key_envs()) {
        let is_set = settings.secrets.provider_keys.contains_key(name);
        lines.push(format!("  {name:17} {}", if is_set { "set" } else { "not set" }));
    }
    lines.push(String::new());
    lines.push("Records of calls".to_owned());
    lines.push(records(settings));
    lines.push(String::new());
    lines.extend(calls(settings));
    lines.push(String::new());
    lines.join("\n")
}

fn tokens(count: usize) -> String {
    match count {
        0 => "not set".to_owned(),
        1 => "set".to_owned(),
        count => format!("set ({count}, any of them is accepted)"),
    }
}

/// Where the records of calls go. Nothing is opened: that it can be is shown by `/readyz`.
fn records(settings: &Settings) -> String {
    let Some(keep) = settings.records.keep else {
        return "  none: records.keep_days is 0".to_owned();
    };
    let days = keep.as_secs() / 86_400;
    let place = Place::of(settings);
    let spool = settings.records.dir.join(SPOOL_FOLDER);
    format!(
        "  kept for {days} days in the {place}; what it does not take at once waits in {}",
        spool.display()
    )
}

/// Who answers, with what, and what is in the way.
fn calls(settings: &Settings) -> Vec<String> {
    let agent = &settings.agent;
    let language = agent.language;
    let mut lines =
        vec!["Calls".to_owned(), format!("  agent {} ({}, {language})", settings.call.agent, agent.name)];
    let mut problems: Vec<String> = Vec::new();
    let made = engines::make(settings);
    match &made {
        Ok(set) => {
            let report = EngineReport::of(set, language);
            lines.push(part("hears with", &report.hearing));
            lines.push(part("speaks with", &report.speaking));
            lines.push(part("thinks with", &report.thinking));
            lines.extend(Role::ALL.into_iter().filter_map(|role| order(role, &set.roster)));
            let left_out = Role::ALL.into_iter().flat_map(|role| set.roster.left_out(role));
            problems.extend(left_out.map(|left| left.problem.clone()));
            if report.can_converse() && report.hearing.problem.is_some() {
                problems.push("callers can answer by keypad only, until there is an ear".to_owned());
            }
            lines.push(format!("  {}", answer(settings, report.can_converse())));
        }
        Err(error) => {
            problems.push(format!("{error}; every call leaves a message"));
            lines.push(format!("  {}", answer(settings, false)));
        }
    }
    if let Some(base) = &settings.server.public_base_url {
        lines.push(format!("  Twilio reaches it at {base}"));
        lines.push(format!(
            "  the Voice webhook of the number is POST {}",
            base.http("/webhook/incoming_call")
        ));
    } else {
        problems.push(
            "PUBLIC_BASE_URL is not set: addresses are taken from each request's Host; behind a proxy set it to \
             the address that Twilio calls"
                .to_owned(),
        );
    }
    if settings.secrets.twilio_auth_tokens.is_empty() {
        problems.push(
            "TWILIO_AUTH_TOKEN is not set: Twilio's requests get 403, only this machine is let in; copy the token \
             from the Twilio console"
                .to_owned(),
        );
    } else if settings.twilio.validate_signatures == SignaturePolicy::Auto {
        lines.push("  every webhook must be signed".to_owned());
    }
    lines.push(String::new());
    if problems.is_empty() {
        lines.push("Nothing is missing.".to_owned());
    } else {
        lines.push("Missing or worth knowing".to_owned());
        lines.extend(problems.iter().map(|problem| format!("  - {problem}")));
    }
    lines
}

/// The order of a role in which a provider serves.
fn order(role: Role, roster: &Roster) -> Option<String> {
    let names: Vec<String> = roster.health(role).into_iter().map(|engine| engine.name).collect();
    (!names.is_empty()).then(|| format!("  order in {}: {}", role.word(), names.join(", then ")))
}

fn part(does: &str, part: &Part) -> String {
    match &part.problem {
        None => format!("  {does} {}", part.engine),
        Some(problem) => format!("  {does} nothing: {problem}"),
    }
}

fn answer(settings: &Settings, can_converse: bool) -> String {
    let language = settings.agent.language;
    let message = |why: &str| format!("calls are answered with a recorded-message document ({why})");
    match settings.call.ws_mode {
        WsMode::Disabled => message("WS_MODE is DISABLED"),
        _ if language == Language::Hebrew && !settings.call.hebrew_realtime => {
            message("HEBREW_REALTIME_ENABLED is false")
        }
        WsMode::Echo => "calls are echoed, for line tests (WS_MODE is ECHO)".to_owned(),
        WsMode::Ai if can_converse => "calls are conversations".to_owned(),
        WsMode::Ai => message(&format!("no engine of this build speaks {language}")),
    }
}
