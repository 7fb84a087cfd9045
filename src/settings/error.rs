//! Why the settings cannot be used: always one line that names the key, the value and the mend.

use thiserror::Error;

/// A fault in the settings. The process stops with exit code 78 (`EX_CONFIG` of `sysexits.h`).
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SettingsError {
    /// A value that cannot be.
    #[error("{name} = {value}: {fault}; {mend}")]
    Value {
        /// The key, with the variable or file that set it, such as `PORT (server.port)`.
        name: String,
        /// The value, quoted, at most 80 characters, without control characters.
        value: String,
        /// What is wrong with it.
        fault: String,
        /// What to write instead.
        mend: String,
    },
    /// A key that does not exist.
    #[error("{name} is not a setting{hint}")]
    UnknownKey {
        /// The key, with the variable or file that set it.
        name: String,
        /// `; did you mean …?`, or where to look.
        hint: String,
    },
    /// A secret in a place that others can read.
    #[error("{name}: secrets do not belong there; set the variable {variable} instead")]
    SecretInFile {
        /// Where it stands.
        name: String,
        /// Where it belongs.
        variable: &'static str,
    },
    /// A secret that the settings demand.
    #[error("{name} is not set, but {wanted_by} needs it; set it in the environment")]
    MissingSecret {
        /// The variable.
        name: &'static str,
        /// The setting that needs it.
        wanted_by: &'static str,
    },
    /// The file cannot be read.
    #[error("cannot read the settings file {path}: {why}; name another with --settings")]
    File {
        /// Its path.
        path: String,
        /// The system's words.
        why: String,
    },
    /// The file is not TOML, or a table in it has the wrong shape.
    #[error("{place}: {why}; compare with settings.toml of the distribution")]
    Shape {
        /// File and table.
        place: String,
        /// The parser's words, on one line.
        why: String,
    },
}

/// The longest value shown in an error, characters.
const SHOWN: usize = 80;

/// A value as an error shows it: quoted, short, on one line.
pub(crate) fn shown(value: &str) -> String {
    let short: String = value.chars().take(SHOWN).collect();
    let dots = if short.len() < value.len() { "…" } else { "" };
    format!("\"{}{dots}\"", short.escape_debug())
}

/// A message of several lines on one, without the source excerpt that TOML errors draw.
pub(crate) fn one_line(message: &str) -> String {
    let words: Vec<&str> = message
        .lines()
        .map(str::trim)
        .filter(|line| !line.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ').starts_with('|'))
        .filter(|line| !line.is_empty())
        .collect();
    words.join(", ")
}
