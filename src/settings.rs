//! Settings: `settings.toml`, overridden by the environment, checked once at the start.
//!
//! Four layers, each over the one before: the copy of `settings.toml` inside the binary, the file, the
//! variables `MOKED__SECTION__KEY`, and the names that platforms and the old system gave. The copy inside
//! the binary is also the list of what keys exist, so no knob can be missing from the documentation. What
//! comes out is plain values; nothing after this module reads text, a file or the environment.

mod adapter;
mod admin;
mod admission;
mod call;
mod database;
mod elsewhere;
mod engines;
mod environment;
mod error;
mod keys;
mod layers;
mod log;
mod machines;
mod names;
mod providers;
mod public_base_url;
mod reader;
mod records;
mod secrets;
mod server;
mod telemetry;
mod turns;
mod twilio;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use moked_core::agent::Agent;

pub use admin::{AdminSection, MetricsAccess, Words};
pub use admission::AdmissionSection;
pub use call::{CallSection, WsMode};
pub use database::Database;
pub use elsewhere::{Elsewhere, ElsewhereError};
pub use engines::{EnginesSection, Pipeline};
pub use environment::{Environment, read_environment};
pub use error::SettingsError;
pub use layers::Effective;
pub use log::{LogFormat, LogSection};
pub use machines::{call_settings, local_time};
pub use providers::Providers;
pub use public_base_url::PublicBaseUrl;
pub(crate) use public_base_url::is_loopback;
pub use records::RecordsSection;
pub use secrets::{Secrets, TwilioApiKey};
pub use server::ServerSection;
pub use telemetry::TelemetrySection;
pub use turns::TurnsSection;
pub use twilio::{SignaturePolicy, TwilioSection};

use layers::Layers;
use reader::Reader;

/// The file that is read from the working directory when no other is named.
pub const DEFAULT_FILE: &str = "settings.toml";

/// `settings.toml` as it was when this binary was built.
const BUILT_IN: &str = include_str!("../settings.toml");

/// Everything a process is told, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// `[server]`.
    pub server: ServerSection,
    /// `[twilio]`.
    pub twilio: TwilioSection,
    /// `[admission]`.
    pub admission: AdmissionSection,
    /// `[call]`.
    pub call: CallSection,
    /// `[turns]`.
    pub turns: TurnsSection,
    /// `[engines]`.
    pub engines: EnginesSection,
    /// Every `[provider.<role>.<name>]`.
    pub providers: Providers,
    /// Variables that forbid the engines of a vendor, such as `SKIP_OPENAI_INIT`.
    pub skips: Vec<&'static str>,
    /// `[records]`.
    pub records: RecordsSection,
    /// `[log]`.
    pub log: LogSection,
    /// `[admin]`.
    pub admin: AdminSection,
    /// `[telemetry]`.
    pub telemetry: TelemetrySection,
    /// The agent that answers: the `[agent.<id>]` named by `[call] agent`.
    pub agent: Arc<Agent>,
    /// Every `[agent.<id>]`, by id.
    pub agents: BTreeMap<String, Agent>,
    /// What must not be shown.
    pub secrets: Secrets,
    /// `DATABASE_URL`, checked; its password is among the secrets.
    pub database: Option<Database>,
    /// The commit that the platform's variables tell; what the build knew comes before it.
    pub commit: Option<String>,
    /// Each key with its value and where that came from, for `moked check`.
    pub effective: Vec<Effective>,
    /// Where the settings were read: the file's path, or that it is the built-in copy.
    pub source: String,
}

impl Settings {
    /// Reads and checks everything. `file` must exist when it is named; when it is not,
    /// [`DEFAULT_FILE`] is read if it is there.
    ///
    /// # Errors
    /// One line for people: the key, the value, and the mend.
    pub fn load(file: Option<&Path>, environment: &Environment) -> Result<Self, SettingsError> {
        environment::check(environment)?;
        let layers = Layers::collect(file, environment)?;
        let reader = layers.reader();
        let agents = layers.agents()?;
        let call = CallSection::read(&reader)?;
        let agent = answering_agent(&call, &agents, &reader)?;
        let twilio = TwilioSection::read(&reader)?;
        let providers = layers.providers(environment)?;
        let secrets = Secrets::read(environment, &providers)?;
        if twilio.validate_signatures == SignaturePolicy::Required && secrets.twilio_auth_tokens.is_empty() {
            return Err(SettingsError::MissingSecret {
                name: "TWILIO_AUTH_TOKEN",
                wanted_by: "twilio.validate_signatures = \"required\"",
            });
        }
        Ok(Self {
            server: ServerSection::read(&reader)?,
            twilio,
            admission: AdmissionSection::read(&reader)?,
            call,
            turns: TurnsSection::read(&reader)?,
            engines: EnginesSection::read(&reader, &providers)?,
            providers,
            skips: names::skips(environment)?,
            records: RecordsSection::read(&reader)?,
            log: LogSection::read(&reader)?,
            admin: AdminSection::read(&reader)?,
            telemetry: TelemetrySection::read(&reader)?,
            agent,
            agents,
            secrets,
            database: database::read(environment)?,
            commit: names::commit(environment),
            effective: layers.effective(),
            source: layers.source().to_owned(),
        })
    }
}

fn answering_agent(
    call: &CallSection,
    agents: &BTreeMap<String, Agent>,
    reader: &Reader<'_>,
) -> Result<Arc<Agent>, SettingsError> {
    let ids: Vec<&str> = agents.keys().map(String::as_str).collect();
    let mend = match ids.as_slice() {
        [] => "write an [agent.<id>] table".to_owned(),
        ids => format!("choose one of {}", ids.join(", ")),
    };
    let agent = agents.get(&call.agent).cloned().map(Arc::new);
    agent.ok_or_else(|| reader.fault("call.agent", "there is no such agent", &mend))
}
