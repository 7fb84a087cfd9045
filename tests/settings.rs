//! Settings: the order of the layers, the names that work, and the one line that a fault is.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use moked::settings::{Database, Elsewhere, Environment, Settings, WsMode};
use moked_core::language::Language;
use proptest::prelude::*;

const DISTRIBUTED: &str = include_str!("../settings.toml");

fn environment(variables: &[(&str, &str)]) -> Environment {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn load(variables: &[(&str, &str)]) -> Settings {
    Settings::load(None, &environment(variables)).unwrap()
}

fn fault(variables: &[(&str, &str)]) -> String {
    Settings::load(None, &environment(variables)).unwrap_err().to_string()
}

fn file(text: &str) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

#[test]
fn the_distributed_file_is_what_holds_without_a_file() {
    let settings = load(&[]);
    assert_eq!(settings.server.address().to_string(), "0.0.0.0:8080");
    assert_eq!(settings.call.ws_mode, WsMode::Ai);
    assert_eq!(settings.call.end_of_utterance, Duration::from_millis(450));
    assert_eq!(settings.agent.language, Language::English);
    let named = Settings::load(Some(Path::new("settings.toml")), &Environment::new()).unwrap();
    assert_eq!(named.effective, settings.effective);
}

#[test]
fn every_knob_has_its_reason_above_it() {
    let mut lines = DISTRIBUTED.lines().take_while(|line| !line.starts_with("[agent."));
    let mut above = lines.next().unwrap();
    for line in lines {
        if line.contains(" = ") && !line.starts_with('#') {
            assert!(above.starts_with("# "), "no reason above: {line}");
        }
        above = line;
    }
}

#[test]
fn file_then_prefixed_variables_then_platform_names() {
    let file = file("[server]\nport = 1001\ndeploy_id = \"file\"\nworkers = 3\n");
    let load =
        |variables: &[(&str, &str)]| Settings::load(Some(file.path()), &environment(variables)).unwrap();
    assert_eq!((load(&[]).server.port, load(&[]).server.workers), (1001, Some(3)));
    let prefixed = [("MOKED__SERVER__PORT", "1002"), ("MOKED__SERVER__DEPLOY_ID", "prefixed")];
    assert_eq!(load(&prefixed).server.port, 1002);
    let all = [prefixed[0], prefixed[1], ("PORT", "1003")];
    let settings = load(&all);
    assert_eq!((settings.server.port, settings.server.deploy_id.as_deref()), (1003, Some("prefixed")));
    let origin = |key: &str| settings.effective.iter().find(|entry| entry.key == key).unwrap().origin.clone();
    assert_eq!(origin("server.port"), "PORT");
    assert_eq!(origin("server.deploy_id"), "MOKED__SERVER__DEPLOY_ID");
    assert_eq!(origin("server.workers"), file.path().display().to_string());
    assert_eq!(origin("server.bind"), "default");
}

#[test]
fn the_names_of_the_old_system_keep_working() {
    let settings = load(&[
        ("WS_MODE", "disabled"),
        ("HEBREW_REALTIME_ENABLED", "false"),
        ("SKIP_GCP_INIT", "1"),
        ("SKIP_OPENAI_INIT", "1"),
        ("DB_BOOTSTRAP", "0"),
        ("PUBLIC_BASE_URL", "https://ai-crmd.replit.app"),
        ("JWT_SECRET", "dev-secret"),
        ("DATABASE_URL", "sqlite:///./tmp_dev.db"),
        ("DEPLOY_ID", "0042"),
        ("OPENAI_API_KEY", "sk-secret"),
        ("PORT", ""),
    ]);
    assert_eq!((settings.call.ws_mode, settings.call.hebrew_realtime), (WsMode::Disabled, false));
    assert_eq!(settings.server.public_base_url.unwrap().to_string(), "https://ai-crmd.replit.app");
    assert_eq!(settings.server.deploy_id.as_deref(), Some("0042"));
    assert_eq!(settings.server.port, 8080, "an empty variable is not set");
    assert_eq!(settings.database, Some(Database::SqliteFile { path: "./tmp_dev.db".into() }));
    assert!(!settings.records.bootstrap);
    assert_eq!(settings.skips, ["SKIP_GCP_INIT", "SKIP_OPENAI_INIT"]);
}

#[test]
fn a_fault_names_the_variable_the_value_and_the_mend() {
    for (name, value, mend) in [
        ("PORT", "abc", "from 0 to 65535"),
        ("PORT", "65536", "from 0 to 65535"),
        ("PORT", "-1", "from 0 to 65535"),
        ("MOKED__SERVER__BIND", "localhost", "such as 0.0.0.0"),
        ("PUBLIC_BASE_URL", "ftp://host", "https://calls.example.com"),
        ("PUBLIC_BASE_URL", "8080", "https://calls.example.com"),
        ("PUBLIC_BASE_URL", "https:/calls.example.com", "https://calls.example.com"),
        ("PUBLIC_BASE_URL", "https://x.example/webhook/incoming_call", "leave out /webhook"),
        ("MOKED__LOG__LEVEL", "info,moked=verbose", "debug"),
        ("MOKED__CALL__KEY_GAP_MS", "499", "from 500 to 10000"),
        ("MOKED__ENGINES__HEAR_REJECT_BELOW", "1", "from -200 to 0"),
        ("MOKED__ENGINES__HEAR_SECOND_PASS", "sometimes", "true or false"),
        ("MOKED__ENGINES__VOICE_STRETCH", "0.4", "from 0.5 to 2"),
        ("MOKED__ENGINES__VOICE_PITCH", "high", "from 0.5 to 2"),
        ("WS_MODE", "FULL", "AI, ECHO, DISABLED"),
        ("HEBREW_REALTIME_ENABLED", "perhaps", "true or false"),
        ("SKIP_GCP_INIT", "maybe", "1 or 0"),
        ("TWILIO_ACCOUNT_SID", "AC12", "Twilio console"),
        ("MOKED__CALL__END_OF_UTTERANCE_MS", "299", "from 300 to 600"),
        ("MOKED__CALL__END_OF_UTTERANCE_MS", "450.5", "from 300 to 600"),
        ("MOKED__CALL__TOKEN_TTL_S", "61", "from 5 to 60"),
        ("MOKED__CALL__VAD_THRESHOLD", "1.5", "from 0 to 1"),
        ("MOKED__CALL__VAD_THRESHOLD", "NaN", "from 0 to 1"),
        ("MOKED__CALL__AGENT", "nobody", "demo, office"),
        ("MOKED__CALL__TIME_ZONE", "Asia/Nowhere", "Asia/Jerusalem"),
        ("MOKED__SERVER__TRUSTED_PROXIES", "10.0.0.0/8,me", "10.0.0.0/8"),
        ("MOKED__LOG__LEVEL", "debgu", "debug"),
        ("MOKED__ENGINES__HEARING", "whisper", "embedded"),
    ] {
        let line = fault(&[(name, value)]);
        assert!(line.starts_with(name), "{line}");
        assert!(line.contains(&format!("\"{value}\"")), "{line}");
        assert!(line.contains(mend), "{line}");
    }
}

#[test]
fn an_unknown_key_is_answered_with_the_nearest() {
    assert!(fault(&[("MOKED__SERVER__PROT", "1")]).contains("did you mean MOKED__SERVER__PORT?"));
    assert!(fault(&[("MOKED__SERVER", "1")]).starts_with("MOKED__SERVER is not a setting"));
    assert!(fault(&[("MOKED__ZEBRA__CROSSING", "1")]).contains("settings.toml of the distribution"));
    let file = file("[call]\nend_of_uterance_ms = 400\n");
    let line = Settings::load(Some(file.path()), &Environment::new()).unwrap_err().to_string();
    assert!(line.contains("did you mean call.end_of_utterance_ms?"), "{line}");
}

#[test]
fn a_secret_in_the_file_stops_the_start() {
    let file = file("[twilio]\nauth_token = \"s3cret\"\n");
    let line = Settings::load(Some(file.path()), &Environment::new()).unwrap_err().to_string();
    assert!(line.contains("TWILIO_AUTH_TOKEN") && !line.contains("s3cret"), "{line}");
}

#[test]
fn signatures_cannot_be_required_without_a_token() {
    let required = ("MOKED__TWILIO__VALIDATE_SIGNATURES", "required");
    assert!(fault(&[required]).starts_with("TWILIO_AUTH_TOKEN is not set"));
    load(&[required, ("TWILIO_AUTH_TOKEN", "12345")]);
}

#[test]
fn an_owners_agents_replace_those_of_the_distribution() {
    let one = "[agent.demo]\nname = \"Dana\"\nlanguage = \"en\"\ngreeting = \"Hi.\"\nclosing = \"Bye.\"\n";
    let mine = file(one);
    let settings = Settings::load(Some(mine.path()), &Environment::new()).unwrap();
    assert_eq!((settings.agents.len(), settings.agent.facts.len()), (1, 0));
    let variable = environment(&[("MOKED__AGENT__DEMO__NAME", "Noa")]);
    assert_eq!(Settings::load(Some(mine.path()), &variable).unwrap().agent.name, "Noa");

    for (wrong, wanted) in [
        (one.replace("\"en\"", "\"fr\""), "language: unknown variant `fr`, expected `en` or `he`"),
        (one.replace("greeting", "greting"), "unknown field `greting`"),
        (one.replace("\"Hi.\"", "[]"), "greeting: invalid type: sequence, expected a string"),
        (one.replace("\"Hi.\"", "\" \""), "`greeting` is empty"),
    ] {
        let wrong = file(&wrong);
        let line = Settings::load(Some(wrong.path()), &Environment::new()).unwrap_err().to_string();
        assert!(line.starts_with("[agent.demo] in /"), "{line}");
        assert!(line.contains(wanted), "{line}");
    }
}

#[test]
fn where_callers_go_is_a_word_a_number_or_an_address() {
    let settings = load(&[("MOKED__ADMISSION__BUSY", "+97235550100")]);
    assert_eq!(settings.admission.busy, Elsewhere::Number("+97235550100".into()));
    let line = fault(&[("MOKED__SERVER__DRAIN_NEW_CALLS", "queue")]);
    assert!(line.contains("MOKED__SERVER__DRAIN_NEW_CALLS") && line.contains("write message"), "{line}");
}

#[test]
fn keys_for_rest_come_in_pairs_and_go_over_tls_only() {
    let line = fault(&[("TWILIO_API_KEY", "SK1")]);
    assert!(line.contains("TWILIO_API_SECRET") && !line.contains("SK1"), "{line}");
    let line = fault(&[("MOKED__TWILIO__REST_BASE_URL", "http://api.example.com")]);
    assert!(line.contains("not an https address"), "{line}");
    load(&[("MOKED__TWILIO__REST_BASE_URL", "http://127.0.0.1:9/")]);
}

#[test]
fn secrets_are_not_printed() {
    let settings = load(&[("TWILIO_AUTH_TOKEN", "canary-a,canary-b"), ("JWT_SECRET", "canary-c")]);
    assert_eq!(settings.secrets.twilio_auth_tokens.len(), 2);
    assert!(!format!("{settings:?}").contains("canary"));
}

#[test]
fn a_missing_file_matters_only_when_it_was_named() {
    let line = Settings::load(Some(Path::new("/nowhere/moked.toml")), &Environment::new()).unwrap_err();
    assert!(line.to_string().contains("/nowhere/moked.toml"), "{line}");
}

proptest! {
    #[test]
    fn whatever_a_value_is_the_fault_is_one_line(
        key in "(SERVER__(PORT|BIND|PUBLIC_BASE_URL|TRUSTED_PROXIES)|CALL__(WS_MODE|TIME_ZONE)|LOG__LEVEL|X)",
        value in ".{1,200}",
    ) {
        let variable = [(format!("MOKED__{key}"), value)].into();
        if let Err(error) = Settings::load(None, &variable) {
            let line = error.to_string();
            prop_assert!(!line.contains(|c: char| c.is_control()), "{:?}", line);
            prop_assert!(line.contains("MOKED__"), "{:?}", line);
        }
    }

    #[test]
    fn whatever_a_file_holds_the_fault_is_one_line(text in "(\\[[a-z]{1,6}\\]\n)?([a-z]{1,5} ?= ?[\"0-9a-z\\[]{0,6}\n){0,3}") {
        let file = file(&text);
        if let Err(error) = Settings::load(Some(file.path()), &Environment::new()) {
            let line = error.to_string();
            prop_assert!(!line.contains('\n'), "{:?}", line);
        }
    }
}
