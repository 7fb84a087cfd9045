//! The one place where the process environment is read.
//!
//! Everything else gets this map, so a test can say what the environment holds without touching the real
//! one, which all threads share.

use std::collections::BTreeMap;

use super::error::SettingsError;
use super::{keys, names};

/// Variables by name. Values that are empty mean "not set": platforms like to pass empty ones on.
pub type Environment = BTreeMap<String, String>;

/// What stands where a variable's bytes are no Unicode, as the standard library writes it.
const NOT_UNICODE: char = char::REPLACEMENT_CHARACTER;

/// The environment of this process.
///
/// Bytes that are no Unicode become replacement characters, which loading the settings refuses in variables
/// that are read here; a variable that was dropped would not be missed.
#[expect(
    clippy::disallowed_methods,
    reason = "the one reading of the environment that the rule leaves room for"
)]
pub fn read_environment() -> Environment {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.to_string_lossy().into_owned())))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

/// Refuses a variable of ours whose value is no text.
pub(super) fn check(environment: &Environment) -> Result<(), SettingsError> {
    let broken = |name: &str, value: &str| {
        value.contains(NOT_UNICODE) && (name.starts_with(keys::PREFIX) || names::is_read(name))
    };
    match environment.iter().find(|(name, value)| broken(name, value)) {
        None => Ok(()),
        Some((name, _)) => Err(SettingsError::Value {
            name: name.clone(),
            // It may be a key, also under a name that is misspelt, and what is shown of it would be wrong anyway.
            value: "(not shown)".to_owned(),
            fault: "it is not Unicode".to_owned(),
            mend: "set it again, in UTF-8".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(name: &str) -> Option<String> {
        let environment = Environment::from([(name.to_owned(), format!("s3{NOT_UNICODE}"))]);
        check(&environment).err().map(|error| error.to_string())
    }

    #[test]
    fn a_variable_of_ours_that_is_no_text_is_named_and_a_strangers_is_left_alone() {
        for name in ["PORT", "MOKED__SERVER__DEPLOY_ID", "DB_BOOTSTRAP"] {
            assert!(fault(name).is_some_and(|line| line.starts_with(name)), "{name}");
        }
        assert!(fault("TWILIO_AUTH_TOKEN").is_some_and(|line| !line.contains("s3")));
        for key in
            ["MOKED__PROVIDER__SPEAKING__OPENAI__API_KEY", "MOKED__PROWIDER__SPEAKING__OPENAI__API_KEY"]
        {
            assert!(fault(key).is_some_and(|line| line.starts_with(key) && !line.contains("s3")), "{key}");
        }
        assert_eq!(fault("LS_COLORS"), None);
    }
}
