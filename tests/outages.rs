//! Providers that die in the middle of a call, that are ill at the start, and that heal: what the caller hears, and
//! what `/readyz` and the call's record say.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod support;
mod vendor_support;

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use moked::engines::RoleRoster;
use moked::settings::Settings;
use moked::startup::{self, Running};
use moked_actors::registry::{EngineRole, Inspection, TurnLatency};
use moked_core::agent::Agent;
use moked_core::ports::{ChatModel, TextToSpeech};
use moked_providers::failover::{FailoverMind, FailoverVoice, Order};
use moked_providers::minding::MindLimits;
use moked_providers::openai::mind::{OpenAiMind, OpenAiMindOptions};
use moked_providers::openai::{OpenAiVoice, OpenAiVoiceOptions};
use moked_providers::scripted::{ScriptedEars, ScriptedMind};
use serde_json::{Value, json};
use support::*;
use vendor_support::{Act, Vendor};

const SPEECH: Duration = Duration::from_millis(300);

fn settings(variables: &[(&str, &str)]) -> Settings {
    let all = [[("MOKED__SERVER__WORKERS", "1")].as_slice(), variables].concat();
    Settings::load(None, &edge::environment(&all)).unwrap()
}

fn agent() -> Arc<Agent> {
    let agent: Agent = toml::from_str(
        "name = \"Maya\"\nlanguage = \"en\"\ngreeting = \"Hello.\"\nclosing = \"Bye.\"\n\
         [[slots]]\nid = \"name\"\nkind = \"name\"\nquestion = \"Your name?\"\n\
         [[slots]]\nid = \"rooms\"\nkind = \"number\"\nquestion = \"How many rooms?\"\n",
    )
    .unwrap();
    Arc::new(agent)
}

/// A mind at this vendor, with little patience.
fn mind(vendor: &Vendor) -> Arc<dyn ChatModel> {
    let limits = MindLimits { first_token_ms: 300, gap_ms: 300, turn_ms: 2_000 };
    let options = OpenAiMindOptions { base_url: vendor.url.clone(), limits, ..OpenAiMindOptions::default() };
    Arc::new(OpenAiMind::new(agent(), options, None))
}

/// A server whose mind is the first or, when it fails, the second.
async fn house_of_minds(cast: &Cast, first: &Vendor, second: &Vendor) -> Running {
    let mut set = cast.engines();
    let order = Order::new([("first", mind(first)), ("second", mind(second))]);
    set.engines.thinking = Arc::new(FailoverMind::new(order));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let house = startup::run_with(settings(&[]), listener, move |_| Ok(set)).unwrap();
    house.prepared().await;
    house
}

async fn ready(house: &Running) -> Value {
    serde_json::from_str(&edge::get(house, "/readyz").await.body).unwrap()
}

/// Waits until `/readyz` says of a part what begins like this.
async fn until_ready(house: &Running, part: &str, wanted: &str) {
    let limit = Instant::now() + PATIENCE;
    loop {
        let said = ready(house).await[part].as_str().unwrap().to_owned();
        if said.starts_with(wanted) {
            return;
        }
        assert!(Instant::now() < limit, "{part} is {said:?}, not {wanted:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn engines(latencies: &[TurnLatency], role: EngineRole) -> Vec<&str> {
    let all = latencies.iter().flat_map(|turn| &turn.engines);
    all.filter(|engine| engine.role == role).map(|engine| engine.engine.as_str()).collect()
}

#[actix_rt::test]
async fn a_mind_that_dies_between_two_turns_costs_the_caller_nothing() {
    for death in
        [Act::Refuses(401, "no such key"), Act::Stalls, Act::Garbles, Act::Refuses(503, "overloaded")]
    {
        let first =
            Vendor::doing([Act::Says("Your name?"), Act::Saves("Rooms?", json!({ "name": "Dana" }))], death);
        let second = Vendor::doing([], Act::Says("Three, good."));
        let cast = Cast::new(ScriptedEars::hearing(["dana", "three rooms"]), ScriptedMind::new([]));
        let house = house_of_minds(&cast, &first, &second).await;
        let mut phone = Phone::ring(&house, "CA1").await;
        let mut heard = turn_audio("Your name?");
        phone.until_heard(&heard).await;
        phone.say(SPEECH);
        heard.extend(turn_audio("Rooms?"));
        phone.until_heard(&heard).await;
        phone.say(SPEECH);
        heard.extend(turn_audio("Three, good."));
        phone.until_heard(&heard).await;
        phone.assert_heard(&["Your name?", "Rooms?", "Three, good."]);
        phone.assert_clean();

        let live = match house.registry().inspect(&phone.call_sid, PATIENCE).await {
            Inspection::View(view) => view,
            Inspection::Unknown | Inspection::Stuck => panic!("the call does not answer"),
        };
        let turn = &live["latencies"][2]["engines"];
        assert_eq!((&turn[0]["role"], &turn[0]["engine"]), (&json!("hearing"), &json!("scripted")), "{turn}");
        assert_eq!((&turn[1]["role"], &turn[1]["engine"]), (&json!("thinking"), &json!("second")), "{turn}");
        for figure in ["connect_ms", "first_ms", "last_ms"] {
            assert!(turn[1][figure].is_u64(), "{figure}: {turn}");
        }

        // What the first mind saved is known to the second, and so is what was said.
        let asked = second.asked();
        let messages = asked.last().unwrap()["messages"].as_array().unwrap();
        assert!(messages[0]["content"].as_str().unwrap().contains("- `name`: Dana\n"), "{}", messages[0]);
        assert!(messages.last().unwrap()["content"].as_str().unwrap().contains("three rooms"));
        assert!(messages.iter().any(|message| message["content"] == "Rooms?"), "{messages:?}");

        phone.hang_up().await;
        nothing_is_left(&house).await;
        let ended = house.registry().ended().remove(0);
        assert_eq!(engines(&ended.latencies, EngineRole::Thinking), ["first", "first", "second"]);
        assert_eq!(engines(&ended.latencies, EngineRole::Speaking), ["telling"; 3]);
        house.stop().await.unwrap();
    }
}

#[actix_rt::test]
async fn a_voice_that_dies_in_mid_call_is_followed_by_another_with_every_word() {
    for death in [Act::Refuses(402, "no money"), Act::Stalls, Act::Sounds(0)] {
        let vendor = Vendor::doing([Act::Sounds(400)], death);
        let cast = Cast::new(ScriptedEars::hearing(["yes"]), answers(&["Hello.", "Until six."]));
        let options = json!({ "base_url": vendor.url });
        let options: OpenAiVoiceOptions = serde_json::from_value(options).unwrap();
        let first: Arc<dyn TextToSpeech> = Arc::new(OpenAiVoice::new(options, None).unwrap());
        let order = Order::new([("first", first), ("second", Arc::new(cast.voice.clone()))]);
        let mut set = cast.engines();
        set.engines.speaking = Arc::new(FailoverVoice::new(order));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let house = startup::run_with(settings(&[]), listener, move |_| Ok(set)).unwrap();
        house.prepared().await;
        let mut phone = Phone::ring(&house, "CA1").await;
        phone.until_it_speaks().await;
        phone.until("the greeting is over", Phone::is_quiet).await;
        phone.wait(Duration::from_millis(300)).await;
        phone.say(SPEECH);
        let answer = voiced(&turn_audio("Until six."));
        phone.until("the other voice is heard", |phone| phone.heard().ends_with(&answer)).await;
        phone.until("the answer is over", Phone::is_quiet).await;
        phone.hang_up().await;
        nothing_is_left(&house).await;
        let ended = house.registry().ended().remove(0);
        assert_eq!(engines(&ended.latencies, EngineRole::Speaking), ["first", "second"]);
        house.stop().await.unwrap();
    }
}

/// A server with a mind at this address, as its settings make it.
async fn house_at(url: &str, more: &[(&str, &str)]) -> Running {
    let own = [
        ("MOKED__ENGINES__THINKING", "openai"),
        ("MOKED__PROVIDER__THINKING__OPENAI__BASE_URL", url),
        ("OPENAI_API_KEY", "canarykey"),
    ];
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let house = startup::run(settings(&[own.as_slice(), more].concat()), listener).unwrap();
    house.prepared().await;
    house
}

#[actix_rt::test]
async fn whatever_the_start_probe_meets_shows_before_the_first_caller() {
    let refusing = Vendor::doing([], Act::Refuses(401, "no such key"));
    let unknown = Vendor::doing([], Act::Refuses(404, "the model does not exist"));
    let nobody = format!("http://{}/v1", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap());
    for (url, wanted) in [
        (&refusing.url, "degraded: openai: the key was refused: HTTP 401: no such key"),
        (&unknown.url, "degraded: openai: the request was refused: HTTP 404: the model does not exist"),
        (&nobody, "degraded: openai: cannot connect"),
    ] {
        let house = house_at(url, &[]).await;
        until_ready(&house, "llm", wanted).await;
        assert_eq!(ready(&house).await["start_probe"], "on");
        house.stop().await.unwrap();
    }
    assert_eq!(refusing.asked().len(), 1, "a refused key is not tried twice");
}

#[actix_rt::test]
async fn where_nobody_was_asked_at_the_start_readyz_says_so() {
    let vendor = Vendor::doing([], Act::Refuses(401, "no such key"));
    let house = house_at(&vendor.url, &[("MOKED__ENGINES__PROBE_AT_START", "false")]).await;
    let ready = ready(&house).await;
    assert_eq!(ready["llm"], "ok");
    let told = ready["start_probe"].as_str().unwrap();
    assert!(told.starts_with("off") && told.contains("engines.probe_at_start"), "{told}");
    assert_eq!(vendor.asked().len(), 0);
    house.stop().await.unwrap();
}

#[actix_rt::test]
async fn a_vendor_that_heals_is_back_without_a_caller_and_is_left_alone_from_then_on() {
    let log = overhear();
    let vendor = Vendor::doing([], Act::Refuses(503, "out of order"));
    let house = house_at(&vendor.url, &[]).await;
    until_ready(&house, "llm", "degraded: openai: closed").await;
    vendor.now(Act::Says("Hello."));
    // The first pause is 5 s.
    until_ready(&house, "llm", "ok").await;
    let asked = vendor.asked();
    assert_eq!(asked.len(), 2, "the start's probe and one in the background");
    assert!(asked[1]["max_tokens"].as_u64().unwrap() <= 32, "{}", asked[1]);
    let closed = |log: &Overheard| log.at_trace.get().matches("BREAKER_CLOSED").count();
    assert_eq!(closed(&log), 1);
    house.stop().await.unwrap();
}

#[actix_rt::test]
async fn a_stopped_server_probes_no_more() {
    let voice: Arc<dyn TextToSpeech> = Arc::new(TellingVoice::default());
    let watched = Arc::downgrade(&voice);
    let mut set = Cast::greeting("Hello.").engines();
    let order = Order::new([("first", voice)]);
    set.engines.speaking = Arc::new(FailoverVoice::new(order.clone()));
    set.roster.speaking =
        RoleRoster { asked: vec!["first".into()], order: Some(order), left_out: Vec::new() };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let house = startup::run_with(settings(&[]), listener, move |_| Ok(set)).unwrap();
    house.prepared().await;
    assert!(watched.upgrade().is_some());
    house.stop().await.unwrap();
    eventually("nobody holds the engine any more", || watched.upgrade().is_none()).await;
}

#[actix_rt::test]
async fn two_servers_of_one_wire_stand_in_one_order() {
    let groq = Vendor::doing([], Act::Says("Hello."));
    let openai = Vendor::doing([], Act::Refuses(401, "no such key"));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let settings = settings(&[
        ("MOKED__ENGINES__THINKING", "openai,groq"),
        ("MOKED__PROVIDER__THINKING__OPENAI__BASE_URL", &openai.url),
        ("MOKED__PROVIDER__THINKING__GROQ__ADAPTER", "openai"),
        ("MOKED__PROVIDER__THINKING__GROQ__BASE_URL", &groq.url),
        ("MOKED__PROVIDER__THINKING__GROQ__MODEL", "fast-one"),
        ("MOKED__PROVIDER__THINKING__GROQ__KEY_ENV", "GROQ_API_KEY"),
        ("GROQ_API_KEY", "canarykey"),
    ]);
    let set = moked::engines::make(&settings).unwrap();
    let RoleRoster { order, .. } = &set.roster.thinking;
    let names: Vec<&str> = order.as_ref().unwrap().named().map(|(name, _)| name).collect();
    assert_eq!(names, ["openai", "groq", "receptionist"]);
    let house = startup::run(settings, listener).unwrap();
    until_ready(&house, "llm", "degraded: openai").await;
    let limit = Instant::now() + PATIENCE;
    while groq.asked().is_empty() {
        assert!(Instant::now() < limit);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(groq.asked()[0]["model"], "fast-one");
    let metrics = edge::get(&house, "/metrics").await.body;
    assert!(
        metrics.contains("moked_engine_connect_seconds_count{role=\"thinking\",engine=\"groq\"} 1\n"),
        "{metrics}"
    );
    house.stop().await.unwrap();
}
