//! The layers of the settings, merged, with the origin of each value kept.

use std::collections::BTreeMap;
use std::path::Path;

use config::{Config, ConfigError, File, FileFormat, Map, Source, Value, ValueKind};
use moked_core::agent::Agent;

use super::environment::Environment;
use super::error::{SettingsError, one_line};
use super::providers::{self, Providers};
use super::reader::{Reader, find};
use super::{BUILT_IN, DEFAULT_FILE, keys, names};

/// One key in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Effective {
    /// `section.key`.
    pub key: String,
    /// The value as TOML would write it, roughly.
    pub value: String,
    /// A variable's name, a file's path, or `default` when it says the same.
    pub origin: String,
}

/// One layer: a map of values that `config` merges.
#[derive(Debug, Clone)]
struct Layer(Map<String, Value>);

impl Source for Layer {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, ConfigError> {
        Ok(self.0.clone())
    }
}

/// The merged layers.
#[derive(Debug)]
pub(super) struct Layers {
    merged: Map<String, Value>,
    defaults: BTreeMap<String, Value>,
    source: String,
}

impl Layers {
    /// Reads and merges all layers, refusing keys that do not exist.
    pub(super) fn collect(file: Option<&Path>, environment: &Environment) -> Result<Self, SettingsError> {
        let mut built_in = tables(File::from_str(BUILT_IN, FileFormat::Toml), "the built-in settings")?;
        let defaults: BTreeMap<String, Value> = keys::flatten(&built_in).into_iter().collect();
        let known: Vec<String> = defaults.keys().cloned().collect();

        let (file, source) = read_file(file)?;
        for (key, value) in keys::flatten(&file) {
            keys::check(&key, &value, format!("{key} in {source}"), &known)?;
        }
        // Agents are replaced as a whole: half of the demo's answers must not leak into the owner's agent.
        if file.contains_key(keys::AGENTS) {
            built_in.remove(keys::AGENTS);
        }

        let merged = Config::builder()
            .add_source(Layer(built_in))
            .add_source(Layer(file))
            .add_source(Layer(prefixed(environment, &known)?))
            .add_source(Layer(names::platform(environment)))
            .build()
            .and_then(|merged| merged.collect())
            .map_err(|error| shape(&source, &error))?;
        Ok(Self { merged, defaults, source })
    }

    /// Typed reading of the merged values.
    pub(super) fn reader(&self) -> Reader<'_> {
        Reader::new(&self.merged)
    }

    /// Where the file layer came from.
    pub(super) fn source(&self) -> &str {
        &self.source
    }

    /// The agents, by id.
    pub(super) fn agents(&self) -> Result<BTreeMap<String, Agent>, SettingsError> {
        let mut agents = BTreeMap::new();
        let Some(Value { kind: ValueKind::Table(tables), .. }) = self.merged.get(keys::AGENTS) else {
            return Ok(agents);
        };
        for (id, table) in tables {
            let place = format!("[agent.{id}] in {}", self.source);
            let agent: Agent =
                table.clone().try_deserialize().map_err(|error| agent_fault(place.clone(), table, &error))?;
            agent
                .check()
                .map_err(|fault| SettingsError::Shape { place, why: one_line(&fault.to_string()) })?;
            agents.insert(id.clone(), agent);
        }
        Ok(agents)
    }

    /// The options of providers.
    pub(super) fn providers(&self, environment: &Environment) -> Result<Providers, SettingsError> {
        Providers::read(self.merged.get(keys::PROVIDERS), environment)
    }

    /// Every key with its value and origin, in alphabetical order.
    pub(super) fn effective(&self) -> Vec<Effective> {
        let known = self.defaults.iter().filter_map(|(key, default)| {
            let value = find(&self.merged, key)?;
            let is_default = written(value) == written(default);
            let origin = if is_default { "default" } else { value.origin().unwrap_or("default") };
            Some(Effective { key: key.clone(), value: written(value), origin: origin.to_owned() })
        });
        let given = keys::flatten_providers(&self.merged).into_iter().map(|(key, value)| {
            let origin = value.origin().unwrap_or("default").to_owned();
            Effective { key, value: written(&value), origin }
        });
        let mut effective: Vec<Effective> = known.chain(given).collect();
        effective.sort_by(|a, b| a.key.cmp(&b.key));
        effective
    }
}

fn read_file(file: Option<&Path>) -> Result<(Map<String, Value>, String), SettingsError> {
    let (path, named) = match file {
        Some(path) => (path, true),
        None => (Path::new(DEFAULT_FILE), false),
    };
    let shown = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => {
            let mut tables = tables(File::from_str(&text, FileFormat::Toml), &shown)?;
            for value in tables.values_mut() {
                stamp(value, &shown);
            }
            Ok((tables, shown))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !named => {
            Ok((Map::new(), "the built-in settings".to_owned()))
        }
        Err(error) => Err(SettingsError::File { path: shown, why: error.to_string() }),
    }
}

/// Writes the origin into a value and everything in it: a file given as text has none.
fn stamp(value: &mut Value, origin: &str) {
    let mut kind = std::mem::take(&mut value.kind);
    if let ValueKind::Table(table) = &mut kind {
        table.values_mut().for_each(|inner| stamp(inner, origin));
    } else if let ValueKind::Array(array) = &mut kind {
        array.iter_mut().for_each(|inner| stamp(inner, origin));
    }
    *value = Value::new(Some(&origin.to_owned()), kind);
}

fn tables(source: impl Source, place: &str) -> Result<Map<String, Value>, SettingsError> {
    source.collect().map_err(|error| shape(place, &error))
}

fn shape(place: &str, error: &ConfigError) -> SettingsError {
    let why =
        if let ConfigError::FileParse { cause, .. } = error { cause.to_string() } else { error.to_string() };
    SettingsError::Shape { place: place.to_owned(), why: one_line(&why) }
}

/// What is wrong with an agent. `config` knows the key and JSON's reader knows what was expected; the owner
/// needs both.
fn agent_fault(place: String, table: &Value, error: &ConfigError) -> SettingsError {
    let expected = table
        .clone()
        .try_deserialize::<serde_json::Value>()
        .ok()
        .and_then(|table| serde_json::from_value::<Agent>(table).err());
    let why = match (expected, error) {
        (Some(why), ConfigError::Type { key: Some(key), .. } | ConfigError::At { key: Some(key), .. }) => {
            format!("{key}: {why}")
        }
        (Some(why), _) => why.to_string(),
        (None, error) => error.to_string(),
    };
    SettingsError::Shape { place, why: one_line(&why) }
}

/// The layer of `MOKED__SECTION__KEY` variables.
fn prefixed(environment: &Environment, known: &[String]) -> Result<Map<String, Value>, SettingsError> {
    let mut layer = Map::new();
    for (name, text) in environment {
        let Some(rest) = name.strip_prefix(keys::PREFIX) else { continue };
        let key = rest.to_lowercase().replace("__", ".");
        let value = Value::new(Some(name), text.as_str());
        if key.starts_with("provider.") {
            layer.insert(key, providers::variable(name, text));
            continue;
        }
        if !key.starts_with("agent.") {
            keys::check(&key, &value, name.clone(), known)?;
        }
        layer.insert(key, value);
    }
    Ok(layer)
}

fn written(value: &Value) -> String {
    if let ValueKind::String(text) = &value.kind {
        format!("\"{}\"", text.escape_debug())
    } else if let ValueKind::Array(items) = &value.kind {
        format!("[{}]", items.iter().map(written).collect::<Vec<_>>().join(", "))
    } else {
        value.to_string()
    }
}
