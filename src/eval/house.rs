//! The moked that a scenario talks to: the real server, on a free port of this machine, with scripted engines.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;

use thiserror::Error;
use toml::Value;

use super::engines;
use super::kit::Stage;
use super::scenario::{Chain, Scenario};
use super::world::World;
use crate::engines::{EngineSet, Roster};
use crate::settings::{AdmissionSection, Environment, Settings, SettingsError, WsMode};
use crate::startup::{self, Running};

/// Why there is no server.
#[derive(Debug, Error)]
pub(super) enum HouseFault {
    /// A setting of the scenario is wrong.
    #[error("[settings] does not hold: {0}")]
    Settings(#[from] SettingsError),
    /// A setting of the scenario is of a shape that settings never have.
    #[error("[settings] {key} is {found}; settings are texts, numbers, true or false, and lists of texts")]
    Shape {
        /// Which.
        key: String,
        /// What it is.
        found: &'static str,
    },
    /// The system refused a socket or a thread.
    #[error("the system refuses a server: {0}")]
    System(#[from] io::Error),
}

/// Starts a server for a scenario. Must be called inside an actix system.
pub(super) async fn open(scenario: &Scenario, stage: &Stage, world: &World) -> Result<Running, HouseFault> {
    let settings = settings(scenario, &stage.environment)?;
    let engines = engines::make(scenario, stage, world);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let set = EngineSet { engines, hearing_problem: None, roster: Roster::default() };
    let running = startup::run_with(settings, listener, move |_| Ok(set))?;
    running.prepared().await;
    Ok(running)
}

/// The settings in force in a scenario: the file and the environment as for `moked serve`, then the scenario's.
/// Nothing is recorded, signed or sent elsewhere, whatever they say.
pub(super) fn settings(scenario: &Scenario, environment: &Environment) -> Result<Settings, HouseFault> {
    let body = &scenario.body;
    let mut environment = environment.clone();
    for (section, keys) in &body.settings {
        let Value::Table(keys) = keys else {
            return Err(HouseFault::Shape { key: section.clone(), found: keys.type_str() });
        };
        for (key, value) in keys {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Integer(number) => number.to_string(),
                Value::Float(number) => number.to_string(),
                Value::Boolean(flag) => flag.to_string(),
                Value::Array(items) => items.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
                Value::Datetime(_) | Value::Table(_) => {
                    let (key, found) = (format!("{section}.{key}"), value.type_str());
                    return Err(HouseFault::Shape { key, found });
                }
            };
            let name = format!("MOKED__{}__{}", section.to_uppercase(), key.to_uppercase());
            environment.insert(name, text);
        }
    }
    let mut settings = Settings::load(None, &environment)?;
    let mut agent = settings.agent.as_ref().clone();
    agent.language = body.language;
    body.greeting.clone_into(&mut agent.greeting);
    settings.agent = Arc::new(agent);
    settings.server.workers = Some(1);
    settings.server.public_base_url = None;
    settings.secrets.twilio_auth_tokens.clear();
    settings.twilio.account_sid = None;
    settings.call.ws_mode = WsMode::Ai;
    settings.call.hebrew_realtime = true;
    settings.records.keep = None;
    settings.database = None;
    settings.telemetry.otlp_endpoint = None;
    settings.admission = AdmissionSection::unlimited();
    if body.pipeline == Chain::Realtime {
        settings.engines.pipeline = crate::settings::Pipeline::Realtime;
    }
    Ok(settings)
}
