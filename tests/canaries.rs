//! Every provider of the suite, made with keys that must be seen nowhere, against vendors that say them back.
//!
//! One reader hears what moked's own log says at TRACE, one what any library says to whoever asks: the second
//! shows that the first has something to keep quiet.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

#[path = "canary_support/calls.rs"]
mod calls;
#[path = "canary_support/eavesdropper.rs"]
mod eavesdropper;
#[path = "canary_support/google.rs"]
mod google;
#[path = "../actors/providers/tests/support/rsa_key.rs"]
mod rsa_key;
#[path = "canary_support/vendor.rs"]
mod vendor;

use std::collections::BTreeSet;
use std::sync::Arc;

use moked::engines::catalogue::Role;
use moked::engines::{EngineSet, make};
use moked::settings::{Environment, Settings};
use moked_providers::openai::{OpenAiRealtime, OpenAiRealtimeOptions};
use serde_json::json;
use tokio::task::LocalSet;

use crate::eavesdropper::eavesdrop;
use crate::google::Google;
use crate::vendor::{Manner, Vendor};

/// In every key.
const CANARY: &str = "CANARY5up3rS3cr3t";

/// Variables of the vendors whose key is one word.
const KEYS: [&str; 8] = [
    "DEEPGRAM_API_KEY",
    "SONIOX_API_KEY",
    "ELEVENLABS_API_KEY",
    "CARTESIA_API_KEY",
    "AZURE_SPEECH_KEY",
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "GEMINI_API_KEY",
];

/// The providers of a role.
fn providers(role: Role) -> Vec<&'static str> {
    role.names().into_iter().filter(|name| !["embedded", "receptionist"].contains(name)).collect()
}

fn variables(vendor: &Vendor, google: &Google, manner: Manner) -> Vec<(String, String)> {
    let mut variables: Vec<(String, String)> =
        KEYS.iter().map(|name| ((*name).to_owned(), format!("sk-{CANARY}-{name}"))).collect();
    let key_file = json!({
        "type": "service_account", "project_id": "example", "private_key_id": "1",
        "client_email": "ear@example.iam.gserviceaccount.com", "private_key": rsa_key::test_key(),
    });
    variables.push(("GCP_CREDENTIALS_JSON".into(), key_file.to_string()));
    for role in Role::ALL {
        let names = providers(role);
        let word = role.word().to_uppercase();
        variables.push((format!("MOKED__ENGINES__{word}"), names.join(",")));
        for name in names {
            let base = format!("MOKED__PROVIDER__{word}__{}", name.to_uppercase());
            // Google speaks both: gRPC to its streaming engines, HTTP to the others.
            let is_grpc = name == "google" && manner.is_streaming();
            let url = if is_grpc { google.url() } else { vendor.url() };
            variables.push((format!("{base}__BASE_URL"), url));
            if name == "google" && !manner.is_streaming() {
                let (option, value) = match role {
                    Role::Hearing => ("API", "rest"),
                    Role::Speaking | Role::Thinking | Role::Conversing => {
                        ("ENGLISH_VOICE", "en-US-Wavenet-A")
                    }
                };
                variables.push((format!("{base}__{option}"), value.into()));
            }
        }
    }
    variables
}

fn engines(vendor: &Vendor, google: &Google, manner: Manner) -> (EngineSet, OpenAiRealtime) {
    let environment: Environment = variables(vendor, google, manner).into_iter().collect();
    let settings = Settings::load(None, &environment).unwrap();
    let shown = format!("{settings:?}");
    assert!(!shown.contains(CANARY) && !shown.contains(&pem_line()), "Debug of the settings");
    let set = make(&settings).unwrap();
    let roster = &set.roster;
    assert_eq!(roster.hearing.providers().count(), providers(Role::Hearing).len(), "{:?}", roster.hearing);
    assert_eq!(roster.speaking.providers().count(), providers(Role::Speaking).len(), "{:?}", roster.speaking);
    assert_eq!(roster.thinking.providers().count(), providers(Role::Thinking).len(), "{:?}", roster.thinking);
    let options = OpenAiRealtimeOptions { base_url: vendor.url(), ..OpenAiRealtimeOptions::default() };
    let key = format!("sk-{CANARY}-REALTIME").into();
    let realtime = OpenAiRealtime::new(Arc::clone(&settings.agent), options, Some(key)).unwrap();
    (set, realtime)
}

/// A line of the private key's PEM, as it would stand in any text that shows it.
fn pem_line() -> String {
    rsa_key::test_key().lines().nth(2).unwrap().to_owned()
}

#[test]
fn no_key_is_in_any_line_any_debug_or_any_fault_whatever_a_vendor_does() {
    let log = eavesdrop();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let google = runtime.block_on(async { Google::listen().await });
    let mut told = Vec::new();
    for manner in Manner::ALL {
        let vendor = runtime.block_on(Vendor::listen(manner));
        google.behave(manner);
        let (set, realtime) = engines(&vendor, &google, manner);
        told.push(format!("{set:?}"));
        told.push(format!("{realtime:?}"));
        let calls = calls::of_every_provider(&set, &realtime);
        let (mut heard, faults) = runtime.block_on(LocalSet::new().run_until(calls));
        assert!(vendor.requests() > 0, "{manner:?}: nobody was asked");
        assert!(faults >= manner.least_faults(), "{manner:?}: {faults} faults in {heard:#?}");
        told.append(&mut heard);
    }
    assert!(google.bearers().len() > 1, "Google was not asked over gRPC");

    let mut secrets = vec![CANARY.to_owned(), pem_line()];
    secrets.extend(google.bearers());
    secrets.extend(vendor::bearers_seen());
    let leaks = |text: &str| secrets.iter().any(|secret| text.contains(secret.as_str()));

    let leaking: Vec<&String> = told.iter().filter(|text| leaks(text)).collect();
    assert!(leaking.is_empty(), "in events or Debug: {leaking:#?}");
    let leaking: Vec<_> = log.said_by_moked().into_iter().filter(|line| leaks(&line.text)).collect();
    assert!(leaking.is_empty(), "in moked's own log: {leaking:#?}");
    assert!(log.said_by_moked().len() > 10, "the log was not heard");

    let would: BTreeSet<String> = log
        .said_by_anybody()
        .into_iter()
        .filter(|line| leaks(&line.text))
        .map(|line| line.target.split("::").next().unwrap().to_owned())
        .collect();
    assert!(would.contains("tungstenite"), "libraries leak no more; is the eavesdropper deaf? {would:?}");
}
