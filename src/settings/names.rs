//! Names of variables that platforms and the replaced system gave, and what becomes of each.

use config::{Map, Value};

use super::environment::Environment;
use super::error::{SettingsError, shown};
use super::reader::flag;
use crate::engines::catalogue::KEY_VARIABLES;

/// Variables that set a key. They win over everything: a platform that routes to `PORT` means it.
const PLATFORM: [(&str, &str); 7] = [
    ("PORT", "server.port"),
    ("PUBLIC_BASE_URL", "server.public_base_url"),
    ("DEPLOY_ID", "server.deploy_id"),
    ("WS_MODE", "call.ws_mode"),
    ("HEBREW_REALTIME_ENABLED", "call.hebrew_realtime"),
    ("TWILIO_ACCOUNT_SID", "twilio.account_sid"),
    ("DB_BOOTSTRAP", "records.bootstrap"),
];

/// Switches of the old system that forbid the engines of a vendor, when they say yes.
const SKIPS: [&str; 2] = ["SKIP_GCP_INIT", "SKIP_OPENAI_INIT"];

/// Variables whose values must not be shown.
const SECRETS: [&str; 5] =
    ["TWILIO_AUTH_TOKEN", "TWILIO_API_KEY", "TWILIO_API_SECRET", "JWT_SECRET", "DATABASE_URL"];

/// Variables in which platforms tell the commit of what they deployed.
const COMMITS: [&str; 5] =
    ["GIT_COMMIT", "SOURCE_VERSION", "RENDER_GIT_COMMIT", "RAILWAY_GIT_COMMIT_SHA", "HEROKU_SLUG_COMMIT"];

/// Whether a variable of this name is read, its prefix aside.
pub(super) fn is_read(name: &str) -> bool {
    let platform = PLATFORM.iter().map(|(name, _)| *name);
    platform.chain(SKIPS).chain(SECRETS).chain(KEY_VARIABLES).any(|known| known == name)
}

/// Whether a variable holds a secret of moked's own, which no provider may see.
pub(super) fn is_other_secret(name: &str) -> bool {
    SECRETS.contains(&name)
}

/// The commit that the platform says it deployed.
pub(super) fn commit(environment: &Environment) -> Option<String> {
    let values = COMMITS.iter().filter_map(|name| environment.get(*name));
    values.map(|value| value.trim()).find(|value| !value.is_empty()).map(str::to_owned)
}

/// The layer of the platform's variables.
pub(super) fn platform(environment: &Environment) -> Map<String, Value> {
    let mut layer = Map::new();
    for (name, key) in PLATFORM {
        if let Some(text) = environment.get(name).filter(|text| !text.trim().is_empty()) {
            layer.insert(key.to_owned(), Value::new(Some(&name.to_owned()), text.as_str()));
        }
    }
    layer
}

/// The switches that forbid the engines of a vendor.
pub(super) fn skips(environment: &Environment) -> Result<Vec<&'static str>, SettingsError> {
    let mut found = Vec::new();
    for name in SKIPS {
        if switch(environment, name)? == Some(true) {
            found.push(name);
        }
    }
    Ok(found)
}

fn switch(environment: &Environment, name: &str) -> Result<Option<bool>, SettingsError> {
    let Some(text) = environment.get(name).filter(|text| !text.trim().is_empty()) else { return Ok(None) };
    flag(text).map(Some).ok_or_else(|| SettingsError::Value {
        name: name.to_owned(),
        value: shown(text),
        fault: "it is neither yes nor no".to_owned(),
        mend: "write 1 or 0".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platforms_commit_is_found_under_each_name() {
        for name in COMMITS {
            let environment = Environment::from([(name.to_owned(), " abc123 ".to_owned())]);
            assert_eq!(commit(&environment).as_deref(), Some("abc123"), "{name}");
        }
        assert_eq!(commit(&Environment::new()), None);
    }
}
