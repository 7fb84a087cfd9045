//! Which keys exist, and which one a misspelt key was meant to be.

use config::{Map, Value, ValueKind};

use super::error::SettingsError;

/// The table whose inside the owner designs; its shape is `moked_core::agent::Agent`'s.
pub(super) const AGENTS: &str = "agent";

/// The table whose inside the adapters design; see [`super::providers`].
pub(super) const PROVIDERS: &str = "provider";

/// Secrets that people try to put into the file, and where they belong.
const SECRETS: [(&str, &str); 3] = [
    ("twilio.auth_token", "TWILIO_AUTH_TOKEN"),
    ("twilio.auth_tokens", "TWILIO_AUTH_TOKEN"),
    ("server.jwt_secret", "JWT_SECRET"),
];

/// Prefix of the variables that name a key.
pub(super) const PREFIX: &str = "MOKED__";

/// The variable that sets a key.
fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.to_uppercase().replace('.', "__"))
}

/// Likeness from which a key is offered as what was meant (Jaro-Winkler, 0 to 1).
const LIKE_ENOUGH: f64 = 0.8;

/// Keys of tables as `section.key`, agents and providers left out, in alphabetical order.
pub(super) fn flatten(tables: &Map<String, Value>) -> Vec<(String, Value)> {
    let mut flat = Vec::new();
    for (name, value) in tables {
        if name != AGENTS && name != PROVIDERS {
            descend(name, value, &mut flat);
        }
    }
    flat.sort_by(|a, b| a.0.cmp(&b.0));
    flat
}

/// Options of providers as `provider.role.name.option`.
pub(super) fn flatten_providers(tables: &Map<String, Value>) -> Vec<(String, Value)> {
    let mut flat = Vec::new();
    if let Some(providers) = tables.get(PROVIDERS) {
        descend(PROVIDERS, providers, &mut flat);
    }
    flat
}

fn descend(path: &str, value: &Value, flat: &mut Vec<(String, Value)>) {
    if let ValueKind::Table(table) = &value.kind
        && !table.is_empty()
    {
        for (name, inner) in table {
            descend(&format!("{path}.{name}"), inner, flat);
        }
    } else {
        flat.push((path.to_owned(), value.clone()));
    }
}

/// Refuses a key that does not exist. `name` is what the owner wrote, for the message.
pub(super) fn check(key: &str, value: &Value, name: String, known: &[String]) -> Result<(), SettingsError> {
    if let Some((_, variable)) = SECRETS.iter().find(|(secret, _)| *secret == key) {
        return Err(SettingsError::SecretInFile { name, variable });
    }
    if known.iter().any(|known| known == key) || is_empty_section(key, value, known) {
        return Ok(());
    }
    let hint = match nearest(key, known) {
        Some(near) if name.starts_with(PREFIX) => format!("; did you mean {}?", variable(near)),
        Some(near) => format!("; did you mean {near}?"),
        None => "; settings.toml of the distribution lists them all".to_owned(),
    };
    Err(SettingsError::UnknownKey { name, hint })
}

/// Whether the key is a section's head with nothing in it.
fn is_empty_section(key: &str, value: &Value, known: &[String]) -> bool {
    matches!(value.kind, ValueKind::Table(_))
        && known.iter().any(|known| known.split('.').next() == Some(key))
}

/// The word most like `word`, if one is like it.
pub(super) fn nearest_word<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let scored = known.iter().map(|known| (*known, strsim::jaro_winkler(word, known)));
    let like = scored.filter(|(_, likeness)| *likeness >= LIKE_ENOUGH);
    like.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(known, _)| known)
}

fn nearest<'a>(key: &str, known: &'a [String]) -> Option<&'a str> {
    let last = |key: &'a str| key.rsplit('.').next().unwrap_or(key);
    let likeness = |candidate: &'a str| {
        let whole = strsim::jaro_winkler(key, candidate);
        let tail = strsim::jaro_winkler(key.rsplit('.').next().unwrap_or(key), last(candidate));
        // A right name in a wrong section is as likely as a wrong name in the right one.
        whole.max(tail)
    };
    known
        .iter()
        .map(|candidate| (candidate.as_str(), likeness(candidate)))
        .filter(|(_, likeness)| *likeness >= LIKE_ENOUGH)
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|(candidate, _)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<String> {
        ["call.agent", "server.bind", "server.port", "server.public_base_url"].map(String::from).to_vec()
    }

    #[test]
    fn a_misspelt_key_is_answered_with_the_nearest() {
        assert_eq!(nearest("server.prot", &known()), Some("server.port"));
        assert_eq!(nearest("call.port", &known()), Some("server.port"));
        assert_eq!(nearest("server.base_url", &known()), Some("server.public_base_url"));
        assert_eq!(nearest("zebra.crossing", &known()), None);
    }

    #[test]
    fn a_secret_in_the_file_is_sent_to_the_environment() {
        let error =
            check("twilio.auth_token", &Value::from("x"), "twilio.auth_token".into(), &known()).unwrap_err();
        assert!(error.to_string().contains("TWILIO_AUTH_TOKEN"), "{error}");
    }
}
