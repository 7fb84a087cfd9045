//! Settings: a fault is one line that shows no secret, and the same text always means the same.

use std::io::Write;

use moked::settings::{Environment, Settings};

/// A secret that must not be seen again.
const CANARY: &str = "canary5f1c9e";

/// Lines `NAME=VALUE` up to a line `---` are the environment, what follows is the file.
pub fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (variables, toml) = text.split_once("---\n").unwrap_or(("", &text));
    let mut environment: Environment = variables
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    if text.contains(CANARY) {
        // Then it may stand where it is no secret.
        return;
    }
    environment.entry("DATABASE_URL".to_owned()).or_insert(format!("postgresql://user:{CANARY}@host/calls"));
    for secret in ["TWILIO_AUTH_TOKEN", "JWT_SECRET", "OPENAI_API_KEY"] {
        environment.insert(secret.to_owned(), CANARY.to_owned());
    }
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(toml.as_bytes()).expect("a file that can be written");
    match Settings::load(Some(file.path()), &environment) {
        Ok(settings) => {
            let shown = format!("{settings:?}");
            assert!(!shown.contains(CANARY), "{shown}");
            let again = Settings::load(Some(file.path()), &environment).expect("the same settings");
            assert_eq!(settings.effective, again.effective);
        }
        Err(error) => {
            let line = error.to_string();
            assert!(!line.contains(CANARY), "{line}");
            assert!(!line.contains(['\n', '\r']), "{line:?} is more than a line");
        }
    }
}
