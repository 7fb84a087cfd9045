//! `[provider.<role>.<name>]`: the options of one engine, in the words of its adapter.
//!
//! Every table that is there is read at the start, whether its engine is in the order or not: a typing error
//! must not wait for the day on which the engine is needed.
//!
//! A table whose name is no engine's names one as its `adapter`: so two servers that speak one wire stand in one
//! order. `key_env` names the variable that holds its key.

use std::collections::{BTreeMap, BTreeSet};

use config::{Value, ValueKind};
use serde_json::{Map, Value as Json};

use super::adapter;
use super::environment::Environment;
use super::error::{SettingsError, one_line};
use super::keys::nearest_word;
use crate::engines::catalogue::{KEY_VARIABLES, OPTION_VARIABLES, Role};

/// Options of engines by role and name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Providers(BTreeMap<(Role, String), Table>);

/// One `[provider.<role>.<name>]`.
#[derive(Debug, Clone, PartialEq)]
struct Table {
    /// The engine whose options these are; mostly the table's own name.
    adapter: String,
    /// The variable with its key, where the owner named one.
    key_env: Option<String>,
    options: Json,
}

impl Providers {
    /// Options of an engine; an empty object when none were given.
    pub fn options(&self, role: Role, name: &str) -> Json {
        let found = self.table(role, name).map(|table| table.options.clone());
        found.unwrap_or_else(|| Json::Object(Map::new()))
    }

    /// The engine of the catalogue behind a name.
    pub fn adapter<'a>(&'a self, role: Role, name: &'a str) -> &'a str {
        self.table(role, name).map_or(name, |table| &table.adapter)
    }

    /// The variable that the owner named for an engine's key.
    pub fn key_env(&self, role: Role, name: &str) -> Option<&str> {
        self.table(role, name)?.key_env.as_deref()
    }

    /// The variables that may hold an engine's key: the one that the owner named, or its vendor's usual ones.
    pub fn key_variables(&self, role: Role, name: &str) -> Vec<&str> {
        match self.key_env(role, name) {
            Some(variable) => vec![variable],
            None => role.keys(self.adapter(role, name)).to_vec(),
        }
    }

    /// Every variable that a table names for its key.
    pub(super) fn key_envs(&self) -> impl Iterator<Item = &str> {
        self.0.values().filter_map(|table| table.key_env.as_deref())
    }

    /// Those of them that are no vendor's usual ones, each once.
    pub fn own_key_envs(&self) -> BTreeSet<&str> {
        self.key_envs().filter(|name| !KEY_VARIABLES.contains(name)).collect()
    }

    /// The names of a role that stand for an engine of another name.
    pub(super) fn aliases(&self, role: Role) -> impl Iterator<Item = &str> {
        let tables = self.0.iter().filter(move |((of, name), table)| *of == role && *name != table.adapter);
        tables.map(|((_, name), _)| name.as_str())
    }

    fn table(&self, role: Role, name: &str) -> Option<&Table> {
        self.0.get(&(role, name.to_owned()))
    }

    pub(super) fn read(table: Option<&Value>, environment: &Environment) -> Result<Self, SettingsError> {
        let mut providers = Self::default();
        for (role, engines) in inside(table, "provider")? {
            let known = Role::ALL.map(Role::word);
            let Some(found) = Role::ALL.into_iter().find(|known| known.word() == role) else {
                return Err(unknown(&format!("provider.{role}"), engines, &role, &known));
            };
            for (name, options) in inside(Some(engines), &format!("provider.{role}"))? {
                let place = format!("provider.{role}.{name}");
                inside(Some(options), &place)?;
                let mut json = json(options);
                let given = adapter::take(&mut json, &place, options)?;
                let adapter = adapter::of(found, &name, given.adapter, &place, options)?;
                check(found, &adapter, &json, options, &place)?;
                let key_env = given.key_env;
                providers.0.insert((found, name), Table { adapter, key_env, options: json });
            }
        }
        for (variable, role, name, option) in OPTION_VARIABLES {
            let text = environment.get(variable).map(|text| text.trim()).filter(|text| !text.is_empty());
            if let Some(text) = text {
                let mut options = providers.options(role, name);
                options[option] = text.into();
                let key_env = providers.key_env(role, name).map(str::to_owned);
                let table = Table { adapter: name.to_owned(), key_env, options };
                providers.0.insert((role, name.to_owned()), table);
            }
        }
        Ok(providers)
    }
}

/// A variable's text as the value it most likely means: numbers, flags and lists as in JSON, all else text.
pub(super) fn variable(name: &str, text: &str) -> Value {
    let origin = Some(name.to_owned());
    let kind = match serde_json::from_str::<Json>(text) {
        Ok(Json::Bool(flag)) => ValueKind::Boolean(flag),
        Ok(Json::Number(number)) => number
            .as_i64()
            .map(ValueKind::I64)
            .or_else(|| number.as_f64().map(ValueKind::Float))
            .unwrap_or_else(|| ValueKind::String(text.to_owned())),
        Ok(Json::Array(items)) => {
            let plain = |item: &Json| item.as_str().map_or_else(|| item.to_string(), str::to_owned);
            ValueKind::Array(
                items.iter().map(|item| Value::new(Some(&name.to_owned()), plain(item))).collect(),
            )
        }
        Ok(Json::Null | Json::String(_) | Json::Object(_)) | Err(_) => ValueKind::String(text.to_owned()),
    };
    Value::new(origin.as_ref(), kind)
}

fn inside<'a>(value: Option<&'a Value>, place: &str) -> Result<Vec<(String, &'a Value)>, SettingsError> {
    let Some(value) = value else { return Ok(Vec::new()) };
    if let ValueKind::Table(table) = &value.kind {
        Ok(table.iter().map(|(name, value)| (name.clone(), value)).collect())
    } else {
        Err(SettingsError::Shape { place: place.to_owned(), why: "it must be a table".to_owned() })
    }
}

fn check(role: Role, adapter: &str, json: &Json, value: &Value, place: &str) -> Result<(), SettingsError> {
    let Some(Err(why)) = role.check(adapter, json) else { return Ok(()) };
    let mut quoted = why.split('`').skip(1).step_by(2);
    if why.starts_with("unknown field")
        && let Some(field) = quoted.next()
    {
        let key = format!("{place}.{field}");
        if field.ends_with("key")
            && let Some(variable) = role.keys(adapter).first()
        {
            return Err(SettingsError::SecretInFile { name: key, variable });
        }
        return Err(unknown(&key, value, field, &quoted.collect::<Vec<_>>()));
    }
    // The reader tells what is wrong and not where; no option depends on another, so each is asked alone.
    let alone = json.as_object().into_iter().flatten().find(|(option, value)| {
        let one = Map::from_iter([((*option).clone(), (*value).clone())]);
        matches!(role.check(adapter, &Json::Object(one)), Some(Err(_)))
    });
    let place = alone.map_or_else(|| format!("[{place}]"), |(option, _)| format!("{place}.{option}"));
    Err(SettingsError::Shape { place: named(&place, value), why: one_line(&why) })
}

fn unknown(key: &str, value: &Value, word: &str, known: &[&str]) -> SettingsError {
    let hint = match nearest_word(word, known) {
        Some(near) => format!("; did you mean {near}?"),
        None => format!("; there are {}", known.join(", ")),
    };
    SettingsError::UnknownKey { name: named(key, value), hint }
}

/// The key with the place that it was read from.
pub(super) fn named(key: &str, value: &Value) -> String {
    let inner = if let ValueKind::Table(table) = &value.kind { table.values().next() } else { None };
    let origin = value.origin().or_else(|| inner.and_then(Value::origin));
    origin.map_or_else(|| key.to_owned(), |origin| format!("{key} in {origin}"))
}

fn json(value: &Value) -> Json {
    match &value.kind {
        ValueKind::Nil => Json::Null,
        ValueKind::Boolean(flag) => (*flag).into(),
        ValueKind::I64(number) => (*number).into(),
        ValueKind::I128(number) => number.to_string().into(),
        ValueKind::U64(number) => (*number).into(),
        ValueKind::U128(number) => number.to_string().into(),
        ValueKind::Float(number) => (*number).into(),
        ValueKind::String(text) => text.clone().into(),
        ValueKind::Table(table) => {
            Json::Object(table.iter().map(|(name, value)| (name.clone(), json(value))).collect())
        }
        ValueKind::Array(items) => Json::Array(items.iter().map(json).collect()),
    }
}
