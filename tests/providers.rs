//! Providers in order: who is chosen, who is left out and why, what `/readyz` says of them, and that a call
//! lives on when they fail.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod support;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Instant;

use moked::engines::{EngineSet, LeftOut, RoleRoster, Roster, make};
use moked::settings::{Environment, Settings};
use moked::startup::{self, Running};
use moked_core::ports::{ProviderFault, TextToSpeech};
use moked_core::twilio::twiml::Verb;
use moked_providers::failover::{FailoverVoice, Order};
use moked_providers::scripted::ScriptedVoice;
use serde_json::Value;
use support::*;

fn settings(variables: &[(&str, &str)]) -> Settings {
    Settings::load(None, &edge::environment(variables)).unwrap()
}

fn fault(variables: &[(&str, &str)]) -> String {
    Settings::load(None, &edge::environment(variables)).unwrap_err().to_string()
}

fn names<E: ?Sized>(roster: &RoleRoster<E>) -> Vec<&str> {
    roster.order.iter().flat_map(|order| order.named().map(|(name, _)| name)).collect()
}

fn problem<'a>(left_out: &'a [LeftOut], name: &str) -> &'a str {
    &left_out.iter().find(|left| left.name == name).unwrap().problem
}

const HEBREW: (&str, &str) = ("MOKED__CALL__AGENT", "office");

#[test]
fn the_order_is_kept_and_the_last_resorts_are_added() {
    let set = make(&settings(&[
        ("MOKED__ENGINES__HEARING", "Deepgram, soniox"),
        ("MOKED__ENGINES__SPEAKING", "cartesia"),
        ("MOKED__ENGINES__THINKING", "anthropic,openai"),
        ("DEEPGRAM_API_KEY", "k"),
        ("SONIOX_API_KEY", "k"),
        ("CARTESIA_API_KEY", "k"),
        ("ANTHROPIC_API_KEY", "k"),
        ("OPENAI_API_KEY", "k"),
    ]))
    .unwrap();
    assert_eq!(names(&set.roster.hearing), ["deepgram", "soniox"]);
    assert_eq!(names(&set.roster.speaking), ["cartesia", "embedded"]);
    assert_eq!(names(&set.roster.thinking), ["anthropic", "openai", "receptionist"]);
}

#[test]
fn an_engine_without_its_key_is_left_out_and_the_variable_is_named() {
    let set = make(&settings(&[
        ("MOKED__ENGINES__SPEAKING", "cartesia,soniox"),
        ("MOKED__ENGINES__THINKING", "gemini"),
        ("SONIOX_API_KEY", "k"),
    ]))
    .unwrap();
    assert_eq!(names(&set.roster.speaking), ["soniox", "embedded"]);
    assert!(problem(&set.roster.speaking.left_out, "cartesia").contains("set CARTESIA_API_KEY"));
    assert_eq!(names(&set.roster.thinking), Vec::<&str>::new());
    let gemini = problem(&set.roster.thinking.left_out, "gemini");
    assert!(gemini.contains("GEMINI_API_KEY or GOOGLE_API_KEY"), "{gemini}");
    assert_eq!(set.engines.thinking.name(), "receptionist");
}

#[test]
fn on_google_cloud_google_needs_no_key() {
    let orders = [("MOKED__ENGINES__HEARING", "google"), ("MOKED__ENGINES__SPEAKING", "google")];
    let metadata = [
        ("MOKED__PROVIDER__HEARING__GOOGLE__CREDENTIALS", "metadata"),
        ("MOKED__PROVIDER__SPEAKING__GOOGLE__CREDENTIALS", "metadata"),
        ("GCE_METADATA_HOST", "127.0.0.1:9"),
    ];
    let set = make(&settings(&[orders, [metadata[0], metadata[1]]].concat())).unwrap();
    assert_eq!(names(&set.roster.hearing), ["google"]);
    let set = make(&settings(&[orders.as_slice(), &metadata].concat())).unwrap();
    assert_eq!(names(&set.roster.speaking), ["google", "embedded"]);
    let set = make(&settings(&orders)).unwrap();
    assert!(problem(&set.roster.hearing.left_out, "google").contains("set GCP_CREDENTIALS_JSON"));
}

#[test]
fn an_engine_of_another_language_is_left_out() {
    let keys = [("DEEPGRAM_API_KEY", "k"), ("SONIOX_API_KEY", "k")];
    let orders = [
        HEBREW,
        ("MOKED__ENGINES__HEARING", "deepgram_flux,deepgram"),
        ("MOKED__ENGINES__SPEAKING", "deepgram,soniox"),
    ];
    let set = make(&settings(&[orders.as_slice(), &keys].concat())).unwrap();
    assert_eq!(names(&set.roster.hearing), ["deepgram"]);
    assert_eq!(names(&set.roster.speaking), ["soniox"], "the embedded voice speaks no Hebrew");
    assert!(problem(&set.roster.hearing.left_out, "deepgram_flux").contains("does not hear Hebrew"));
    assert!(problem(&set.roster.speaking.left_out, "deepgram").contains("does not speak Hebrew"));
}

#[test]
fn ones_own_server_needs_no_key_and_the_old_switches_forbid_only_the_vendor() {
    let own = ("MOKED__PROVIDER__THINKING__OPENAI__BASE_URL", "http://127.0.0.1:11434/v1");
    let order = ("MOKED__ENGINES__THINKING", "openai");
    let skip = ("SKIP_OPENAI_INIT", "1");
    let set = make(&settings(&[order, own, skip])).unwrap();
    assert_eq!(names(&set.roster.thinking), ["openai", "receptionist"]);
    let set = make(&settings(&[order, skip, ("OPENAI_API_KEY", "k")])).unwrap();
    assert!(problem(&set.roster.thinking.left_out, "openai").contains("unset it"));
    let set = make(&settings(&[order])).unwrap();
    assert!(problem(&set.roster.thinking.left_out, "openai").contains("OPENAI_API_KEY"));
}

#[test]
fn a_misspelt_name_or_option_is_answered_with_the_nearest_in_one_line() {
    for (name, value, wanted) in [
        ("MOKED__ENGINES__HEARING", "sonix", "did you mean soniox?"),
        ("MOKED__ENGINES__HEARING", "soniox,soniox", "twice"),
        ("MOKED__ENGINES__SPEAKING", "receptionist", "choose from embedded"),
        ("MOKED__PROVIDER__HEARING__SONIOX__MODLE", "x", "did you mean model?"),
        ("MOKED__PROVIDER__HEARING__SONYOX__MODEL", "x", "did you mean soniox?"),
        ("MOKED__PROVIDER__HEARNG__SONIOX__MODEL", "x", "did you mean hearing?"),
        ("MOKED__PROVIDER__SPEAKING__CARTESIA__GAP_MS", "soon", "gap_ms"),
        ("MOKED__PROVIDER__SPEAKING__CARTESIA__API_KEY", "canary", "CARTESIA_API_KEY"),
    ] {
        let line = fault(&[(name, value)]);
        assert!(line.contains(wanted) && !line.contains('\n'), "{name}: {line}");
        assert!(!line.contains("canary"), "{line}");
    }
}

#[test]
fn a_table_of_another_name_must_say_which_engine_it_is_and_where_its_key_is() {
    let groq = |option: &'static str, value| {
        let place = "MOKED__PROVIDER__THINKING__GROQ__";
        (format!("{place}{option}"), value)
    };
    let order = ("MOKED__ENGINES__THINKING".to_owned(), "groq");
    for (variables, wanted) in [
        (vec![order.clone()], "or give [provider.thinking.groq] an adapter"),
        (vec![order.clone(), groq("MODEL", "x")], "needs an adapter, one of openai, anthropic, gemini"),
        (vec![order.clone(), groq("ADAPTER", "opnai")], "choose from openai, anthropic, gemini"),
        (vec![order.clone(), groq("ADAPTER", "receptionist")], "choose from openai"),
        (vec![order.clone(), groq("ADAPTER", "openai"), groq("MODLE", "x")], "did you mean model?"),
        (
            vec![order.clone(), groq("ADAPTER", "openai"), groq("KEY_ENV", "gsk_canary")],
            "such as GROQ_API_KEY",
        ),
        (
            vec![order.clone(), groq("ADAPTER", "openai"), groq("KEY_ENV", "TWILIO_AUTH_TOKEN")],
            "no key of a provider",
        ),
        (vec![("MOKED__PROVIDER__THINKING__OPENAI__ADAPTER".to_owned(), "gemini")], "a name of its own"),
    ] {
        let variables: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        let line = fault(&variables);
        assert!(line.contains(wanted) && !line.contains('\n') && !line.contains("canary"), "{line}");
    }
}

#[test]
fn two_of_one_wire_have_their_own_options_and_keys_and_share_no_key() {
    let tables = [
        ("MOKED__ENGINES__THINKING", "groq,openai,own"),
        ("MOKED__PROVIDER__THINKING__GROQ__ADAPTER", "openai"),
        ("MOKED__PROVIDER__THINKING__GROQ__BASE_URL", "https://api.groq.com/openai/v1"),
        ("MOKED__PROVIDER__THINKING__GROQ__KEY_ENV", "GROQ_API_KEY"),
        ("MOKED__PROVIDER__THINKING__OWN__ADAPTER", "openai"),
        ("MOKED__PROVIDER__THINKING__OWN__BASE_URL", "http://127.0.0.1:9/v1"),
        ("OPENAI_API_KEY", "k"),
    ];
    let set = make(&settings(&tables)).unwrap();
    assert_eq!(names(&set.roster.thinking), ["openai", "own", "receptionist"]);
    assert!(problem(&set.roster.thinking.left_out, "groq").contains("set GROQ_API_KEY in the environment"));
    let settings = settings(&[tables.as_slice(), &[("GROQ_API_KEY", "canary")]].concat());
    assert_eq!(names(&make(&settings).unwrap().roster.thinking), ["groq", "openai", "own", "receptionist"]);
    assert!(!format!("{settings:?}").contains("canary"));
}

#[test]
fn options_come_from_the_file_and_the_environment() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write!(
        file,
        "[engines]\nspeaking = [\"cartesia\", \"azure\"]\n[provider.speaking.cartesia]\nmodel = \"m\"\n\
         voices = {{ he = \"v\" }}\ngap_ms = 900\n"
    )
    .unwrap();
    let variables = [
        ("MOKED__PROVIDER__SPEAKING__CARTESIA__GAP_MS", "700"),
        ("MOKED__PROVIDER__HEARING__SONIOX__TERMS", "[\"נדלן\"]"),
        ("AZURE_SPEECH_REGION", "israelcentral"),
    ];
    let settings = Settings::load(Some(file.path()), &edge::environment(&variables)).unwrap();
    let options = settings.providers.options(moked::engines::catalogue::Role::Speaking, "cartesia");
    assert_eq!(options, serde_json::json!({"model": "m", "voices": {"he": "v"}, "gap_ms": 700}));
    let azure = settings.providers.options(moked::engines::catalogue::Role::Speaking, "azure");
    assert_eq!(azure["region"], "israelcentral");
    assert!(settings.effective.iter().any(|entry| entry.key == "provider.speaking.cartesia.model"));
}

/// The distributed file with the lines between these two uncommented, in place of what is in force.
fn uncommented(from: &str, to: &str) -> Settings {
    let mut inside = false;
    let mut text = String::new();
    for line in include_str!("../settings.toml").lines() {
        inside = (inside || line.starts_with(from)) && !line.starts_with(to);
        let is_replaced =
            ["hearing = ", "speaking = ", "thinking = "].iter().any(|key| line.starts_with(key));
        match line.strip_prefix('#') {
            Some(rest) if inside && !rest.starts_with(' ') => text.push_str(rest),
            _ if is_replaced => {}
            _ => text.push_str(line),
        }
        text.push('\n');
    }
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    Settings::load(Some(file.path()), &Environment::new()).unwrap()
}

#[test]
fn each_profile_of_the_distributed_file_loads_when_uncommented() {
    for profile in ["# Profile 2", "# Profile 3"] {
        let settings = uncommented(profile, "# End of profile");
        assert_eq!(settings.engines.thinking, ["openai"], "{profile}");
        assert!(settings.engines.hearing.len() > 1, "{profile}");
    }
    let settings = uncommented("# Several servers", "# End of several servers");
    assert_eq!(settings.engines.thinking, ["groq", "openai"]);
    let left_out = make(&settings).unwrap().roster.thinking.left_out;
    assert!(problem(&left_out, "groq").contains("set GROQ_API_KEY"), "{left_out:?}");
}

async fn house_of(variables: &[(&str, &str)]) -> Running {
    let mut all = vec![("MOKED__SERVER__WORKERS", "1"), ("MOKED__ENGINES__PROBE_AT_START", "false")];
    all.extend(variables);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let running = startup::run(settings(&all), listener).unwrap();
    running.prepared().await;
    running
}

async fn ready(house: &Running) -> Value {
    serde_json::from_str(&edge::get(house, "/readyz").await.body).unwrap()
}

#[actix_rt::test]
async fn a_hebrew_agent_with_hebrew_providers_gets_a_stream() {
    let house = house_of(&[
        HEBREW,
        ("MOKED__ENGINES__HEARING", "soniox"),
        ("MOKED__ENGINES__SPEAKING", "soniox,cartesia"),
        ("SONIOX_API_KEY", "k"),
        ("CARTESIA_API_KEY", "k"),
    ])
    .await;
    let answer = edge::post(&house, "/webhook/incoming_call", &edge::incoming("CA1")).await;
    assert!(matches!(answer.verbs().first(), Some(Verb::Connect(_))), "{}", answer.body);
    let ready = ready(&house).await;
    assert_eq!(
        (&ready["status"], &ready["calls"], &ready["tts"]),
        (&"ok".into(), &"agent".into(), &"ok".into())
    );
}

#[actix_rt::test]
async fn readyz_and_metrics_tell_how_the_order_stands() {
    let voice = || -> Arc<dyn TextToSpeech> { Arc::new(ScriptedVoice::new(20)) };
    let order = Order::new([("first", voice()), ("second", voice())]);
    let cast = Cast::greeting("Hello.");
    let mut engines = cast.engines();
    engines.engines.speaking = Arc::new(FailoverVoice::new(order.clone()));
    engines.roster = Roster {
        speaking: RoleRoster {
            asked: vec!["first".into()],
            order: Some(order.clone()),
            left_out: Vec::new(),
        },
        ..Roster::default()
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let house = startup::run_with(settings(&[]), listener, move |_| Ok::<EngineSet, _>(engines)).unwrap();
    house.prepared().await;
    assert_eq!(ready(&house).await["tts"], "ok");

    let refused = Err(ProviderFault::Auth { why: "no such key".into() });
    order.probed(0, &refused);
    let degraded = ready(&house).await;
    assert_eq!(degraded["status"], "degraded");
    let tts = degraded["tts"].as_str().unwrap();
    assert!(tts.starts_with("degraded: first: the key was refused"), "{tts}");

    order.probed(1, &refused);
    let tts = ready(&house).await["tts"].as_str().unwrap().to_owned();
    assert!(tts.starts_with("down: first:") && tts.contains("second:"), "{tts}");

    let metrics = edge::get(&house, "/metrics").await.body;
    for line in [
        "moked_engine_first_seconds_bucket{role=\"speaking\",engine=\"first\",le=\"+Inf\"} 0",
        "moked_engine_breaker{role=\"speaking\",engine=\"first\",state=\"open\"} 1",
    ] {
        assert!(metrics.contains(&format!("\n{line}\n")), "{line}: {metrics}");
    }

    order.probed(0, &Ok(5));
    assert_eq!(ready(&house).await["tts"], "ok");
}

#[actix_rt::test]
async fn a_first_choice_without_a_key_shows_as_degraded() {
    let house = house_of(&[("MOKED__ENGINES__SPEAKING", "cartesia,embedded")]).await;
    let ready = ready(&house).await;
    let tts = ready["tts"].as_str().unwrap();
    assert!(tts.starts_with("degraded: cartesia") && tts.contains("CARTESIA_API_KEY"), "{tts}");
    assert_eq!(ready["calls"], "agent");
}

/// Addresses that refuse every connection, for one provider of each role.
fn dead() -> Vec<(&'static str, String)> {
    // A port that was free a moment ago and that nobody took since.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let at = |scheme: &str| format!("{scheme}://127.0.0.1:{port}");
    vec![
        ("MOKED__ENGINES__HEARING", "soniox,embedded".into()),
        ("MOKED__ENGINES__SPEAKING", "soniox,embedded".into()),
        ("MOKED__ENGINES__THINKING", "openai".into()),
        ("MOKED__PROVIDER__HEARING__SONIOX__BASE_URL", at("ws")),
        ("MOKED__PROVIDER__SPEAKING__SONIOX__BASE_URL", at("ws")),
        ("MOKED__PROVIDER__THINKING__OPENAI__BASE_URL", at("http")),
        ("SONIOX_API_KEY", "canarykey".into()),
    ]
}

#[actix_rt::test]
async fn a_call_whose_providers_are_all_dead_is_held_by_the_engines_inside() {
    let log = overhear();
    let variables = dead();
    let variables: Vec<(&str, &str)> =
        variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let house = house_of(&variables).await;
    let mut phone = Phone::ring(&house, "CA-dead").await;
    phone.until("the greeting is heard", |phone| phone.heard().len() > 8_000).await;
    let said = log.of_call("CA-dead");
    for event in ["EAR_SWITCHED", "MIND_SWITCHED", "VOICE_SWITCHED"] {
        assert!(said.iter().any(|line| line.event.as_deref() == Some(event)), "{event}: {said:?}");
    }
    phone.until("the greeting is over", Phone::is_quiet).await;
    phone.hang_up().await;
    nothing_is_left(&house).await;
    assert!(!log.at_trace.get().contains("canarykey"));
}

/// A server that refuses every key. It lives as long as the process of the tests.
fn refusing() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = [0; 16_384];
            let _ = stream.read(&mut request);
            let _ = stream
                .write_all(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    format!("http://{address}/v1")
}

#[actix_rt::test]
async fn the_probe_at_the_start_shows_a_refused_key_before_the_first_caller() {
    let url = refusing();
    let house = house_of(&[
        ("MOKED__ENGINES__PROBE_AT_START", "true"),
        ("MOKED__ENGINES__THINKING", "openai"),
        ("MOKED__PROVIDER__THINKING__OPENAI__BASE_URL", &url),
        ("OPENAI_API_KEY", "canarykey"),
    ])
    .await;
    let limit = Instant::now() + PATIENCE;
    loop {
        let llm = ready(&house).await["llm"].as_str().unwrap().to_owned();
        if llm.starts_with("degraded: openai: the key was refused") {
            break;
        }
        assert!(Instant::now() < limit, "{llm}");
    }
    assert_eq!(ready(&house).await["calls"], "agent", "the receptionist answers");
}
