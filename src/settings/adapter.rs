//! `adapter` and `key_env` of a `[provider.<role>.<name>]`: whose wire it speaks, and where its key is.

use config::Value;
use serde_json::Value as Json;

use super::error::{SettingsError, shown};
use super::keys::nearest_word;
use super::names::is_other_secret;
use super::providers::named;
use crate::engines::catalogue::Role;

/// What a table says beside its engine's own options.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub(super) adapter: Option<String>,
    pub(super) key_env: Option<String>,
}

/// Takes both out of a table, so that what is left is for the adapter to read.
pub(super) fn take(options: &mut Json, place: &str, value: &Value) -> Result<Given, SettingsError> {
    let mut text = |option: &str| match options.as_object_mut().and_then(|options| options.remove(option)) {
        None => Ok(None),
        Some(Json::String(text)) => Ok(Some(text)),
        Some(other) => {
            let why = format!("it is {other}, and must be text");
            Err(SettingsError::Shape { place: named(&format!("{place}.{option}"), value), why })
        }
    };
    let (adapter, key_env) = (text("adapter")?, text("key_env")?);
    if let Some(variable) = key_env.as_deref().filter(|variable| !may_hold_a_key(variable)) {
        // Not shown: some will write the key itself here.
        return Err(SettingsError::Value {
            name: named(&format!("{place}.key_env"), value),
            value: "(not shown)".to_owned(),
            fault: if is_other_secret(variable) {
                format!("{variable} is no key of a provider")
            } else {
                "it must be the name of a variable, not a key".to_owned()
            },
            mend: "write capitals, digits and _, with _KEY or _TOKEN at the end, such as GROQ_API_KEY"
                .to_owned(),
        });
    }
    Ok(Given { adapter, key_env })
}

/// The engine whose options a table holds.
pub(super) fn of(
    role: Role,
    name: &str,
    given: Option<String>,
    place: &str,
    value: &Value,
) -> Result<String, SettingsError> {
    let known = role.names();
    let is_own = known.contains(&name);
    // What is inside the binary has no options, and nothing can stand in for it.
    let adapters = role.providers();
    let fault = |option: &str, word: &str, fault: String, mend: String| SettingsError::Value {
        name: named(&format!("{place}{option}"), value),
        value: shown(word),
        fault,
        mend,
    };
    match given {
        None if adapters.contains(&name) => Ok(name.to_owned()),
        None => {
            let meant = match nearest_word(name, &known) {
                Some(near) => format!("; did you mean {near}?"),
                None => format!("; there are {}.", known.join(", ")),
            };
            let hint = format!("{meant} A name of your own needs an adapter, one of {}", adapters.join(", "));
            Err(SettingsError::UnknownKey { name: named(place, value), hint })
        }
        Some(adapter) if !adapters.contains(&adapter.as_str()) => {
            let mend = format!("choose from {}", adapters.join(", "));
            Err(fault(".adapter", &adapter, format!("no engine in {} has this name", role.word()), mend))
        }
        Some(adapter) if is_own && adapter != name => {
            let mend = format!("give the table of this {adapter} a name of its own, such as my_{adapter}");
            Err(fault("", name, "it is the name of another engine".to_owned(), mend))
        }
        Some(_) if !is_name(name) => {
            let mend = "write small letters, digits, - and _".to_owned();
            Err(fault("", name, "it cannot be named in an order".to_owned(), mend))
        }
        Some(adapter) => Ok(adapter),
    }
}

fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(fits)
}

/// Whether a variable of this name may be sent to a provider as a key: it looks like one, and it is no secret of
/// moked's own.
fn may_hold_a_key(variable: &str) -> bool {
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let is_like_a_key = variable.ends_with("_KEY") || variable.ends_with("_TOKEN");
    is_like_a_key && variable.chars().all(fits) && !is_other_secret(variable)
}
