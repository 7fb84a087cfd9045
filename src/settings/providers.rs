//! `[provider.<role>.<name>]`: the options of one engine, in the words of its adapter.
//!
//! Every table that is there is read at the start, whether its engine is in the order or not: a typing error
//! must not wait for the day on which the engine is needed.

use std::collections::BTreeMap;

use config::{Value, ValueKind};
use serde_json::{Map, Value as Json};

use super::environment::Environment;
use super::error::{SettingsError, one_line};
use super::keys::nearest_word;
use crate::engines::catalogue::{OPTION_VARIABLES, Role};

/// Options of engines by role and name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Providers(BTreeMap<(Role, String), Json>);

impl Providers {
    /// Options of an engine; an empty object when none were given.
    pub fn options(&self, role: Role, name: &str) -> Json {
        let found = self.0.get(&(role, name.to_owned()));
        found.cloned().unwrap_or_else(|| Json::Object(Map::new()))
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
                let json = json(options);
                check(found, &name, &json, options, &place)?;
                providers.0.insert((found, name), json);
            }
        }
        for (variable, role, name, option) in OPTION_VARIABLES {
            let text = environment.get(variable).map(|text| text.trim()).filter(|text| !text.is_empty());
            if let Some(text) = text {
                let mut options = providers.options(role, name);
                options[option] = text.into();
                providers.0.insert((role, name.to_owned()), options);
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

fn check(role: Role, name: &str, json: &Json, value: &Value, place: &str) -> Result<(), SettingsError> {
    let Some(read) = role.check(name, json) else {
        return Err(unknown(place, value, name, &role.names()));
    };
    let Err(why) = read else { return Ok(()) };
    let mut quoted = why.split('`').skip(1).step_by(2);
    if why.starts_with("unknown field")
        && let Some(field) = quoted.next()
    {
        let key = format!("{place}.{field}");
        if field.ends_with("key")
            && let Some(variable) = role.keys(name).first()
        {
            return Err(SettingsError::SecretInFile { name: key, variable });
        }
        return Err(unknown(&key, value, field, &quoted.collect::<Vec<_>>()));
    }
    // The reader tells what is wrong and not where; no option depends on another, so each is asked alone.
    let alone = json.as_object().into_iter().flatten().find(|(option, value)| {
        let one = Map::from_iter([((*option).clone(), (*value).clone())]);
        matches!(role.check(name, &Json::Object(one)), Some(Err(_)))
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
fn named(key: &str, value: &Value) -> String {
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
