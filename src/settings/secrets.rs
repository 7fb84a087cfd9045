//! What must never be shown: read from the environment only, held so that `Debug` hides it.

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::database;
use super::environment::Environment;
use super::error::SettingsError;
use super::providers::Providers;
use crate::engines::catalogue::KEY_VARIABLES;

/// A key of Twilio's REST API. Unlike the auth token it can be limited and withdrawn.
#[derive(Debug, Clone)]
pub struct TwilioApiKey {
    /// Its id, `SK` and 32 hexadecimal digits.
    pub sid: String,
    /// Its secret.
    pub secret: SecretString,
}

/// The secrets of this process.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    /// `TWILIO_AUTH_TOKEN`: tokens whose signatures are accepted. Two while one is being rotated out.
    pub twilio_auth_tokens: Vec<SecretString>,
    /// `TWILIO_API_KEY` and `TWILIO_API_SECRET`: for REST in place of the auth token.
    pub twilio_api_key: Option<TwilioApiKey>,
    /// `JWT_SECRET`: signs the tokens that open `/admin`. Whether it is strong enough is judged there.
    pub jwt_secret: Option<SecretString>,
    /// `DATABASE_URL` of PostgreSQL, whose password it may hold, in the form of libpq.
    pub database_url: Option<SecretString>,
    /// Keys of providers, by the variable that holds each.
    pub provider_keys: BTreeMap<String, SecretString>,
}

impl Secrets {
    pub(super) fn read(environment: &Environment, providers: &Providers) -> Result<Self, SettingsError> {
        let value =
            |name: &str| environment.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
        let tokens = value("TWILIO_AUTH_TOKEN").unwrap_or_default();
        let tokens: Vec<&str> = tokens.split(',').map(str::trim).filter(|token| !token.is_empty()).collect();
        if tokens.iter().any(|token| token.contains(char::is_whitespace)) {
            return Err(SettingsError::Value {
                name: "TWILIO_AUTH_TOKEN".to_owned(),
                value: "(not shown)".to_owned(),
                fault: "it holds a blank".to_owned(),
                mend: "give one token, or two with a comma between them".to_owned(),
            });
        }
        Ok(Self {
            twilio_auth_tokens: tokens.into_iter().map(SecretString::from).collect(),
            twilio_api_key: api_key(value("TWILIO_API_KEY"), value("TWILIO_API_SECRET"))?,
            jwt_secret: value("JWT_SECRET").map(SecretString::from),
            database_url: database::postgres_url(environment).map(SecretString::from),
            provider_keys: KEY_VARIABLES
                .into_iter()
                .chain(providers.key_envs())
                .filter_map(|name| Some((name.to_owned(), value(name)?.into())))
                .collect(),
        })
    }

    /// The key in the first of these variables that holds one.
    pub fn provider_key(&self, variables: &[&str]) -> Option<SecretString> {
        variables.iter().find_map(|name| self.provider_keys.get(*name).cloned())
    }
}

fn api_key(sid: Option<&str>, secret: Option<&str>) -> Result<Option<TwilioApiKey>, SettingsError> {
    let missing = |name: &'static str, other: &str| SettingsError::Value {
        name: name.to_owned(),
        value: "(not set)".to_owned(),
        fault: format!("{other} is set without it"),
        mend: "set both, from Twilio's console under API keys, or neither".to_owned(),
    };
    match (sid, secret) {
        (None, None) => Ok(None),
        (Some(sid), Some(secret)) => Ok(Some(TwilioApiKey { sid: sid.to_owned(), secret: secret.into() })),
        (Some(_), None) => Err(missing("TWILIO_API_SECRET", "TWILIO_API_KEY")),
        (None, Some(_)) => Err(missing("TWILIO_API_KEY", "TWILIO_API_SECRET")),
    }
}
