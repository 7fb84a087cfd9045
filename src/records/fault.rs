//! What can be wrong with a database, in words that say what to do.

use std::time::Duration;

use sqlx::migrate::MigrateError;
use thiserror::Error;

use super::place::Place;

/// Why the database did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RecordsFault {
    /// It cannot be used now; the same may work later.
    #[error("{0}")]
    Unavailable(String),
    /// It will never take this.
    #[error("the database refuses it: {0}")]
    Refused(String),
    /// Nothing is recorded, so there is nothing to ask.
    #[error("{0}")]
    Off(String),
}

impl RecordsFault {
    pub(super) fn late(limit: Duration) -> Self {
        Self::Unavailable(format!("the database did not answer within {} ms", limit.as_millis()))
    }

    /// Understands an error of sqlx. What the database says may quote values, so only its first line is taken, which
    /// names columns and tables.
    pub(super) fn of(error: &sqlx::Error, place: &Place) -> Self {
        if let sqlx::Error::Database(database) = error {
            let code = database.code().unwrap_or_default();
            let message = database.message().lines().next().unwrap_or_default();
            return match place {
                Place::Sqlite(_) | Place::Nowhere => sqlite(&code, message, place),
                Place::Postgres { .. } => postgres(&code, message, place),
            };
        }
        Self::Unavailable(format!("{place} cannot be reached: {}", one_line(&error.to_string())))
    }

    pub(super) fn of_migration(error: &MigrateError, place: &Place) -> Self {
        if let MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) = error {
            return Self::of(error, place);
        }
        let why = one_line(&error.to_string());
        Self::Unavailable(format!("the tables of {place} cannot be brought up to date: {why}"))
    }
}

/// Result codes of SQLite (sqlite.org/rescode.html); the lowest byte of an extended code is its primary one.
fn sqlite(code: &str, message: &str, place: &Place) -> RecordsFault {
    let primary = code.parse::<i64>().unwrap_or_default() & 0xff;
    let why = match primary {
        5 | 6 => format!("{place} is locked by another program"),
        1 if message.contains("no such table") => missing_tables(place),
        8 => format!("{place} cannot be written: make it writable or set records.dir"),
        11 | 26 => format!("{place} is damaged ({message}): move it away, and a new one is made"),
        13 => format!("the disk of {place} is full"),
        14 => format!("{place} cannot be opened: see that it is there and readable, or set records.dir"),
        18..=20 => return RecordsFault::Refused(message.to_owned()),
        _ => format!("{place}: {message} (code {code})"),
    };
    RecordsFault::Unavailable(why)
}

/// SQLSTATE (PostgreSQL documentation, appendix A).
fn postgres(code: &str, message: &str, place: &Place) -> RecordsFault {
    let why = match code {
        "42P01" => missing_tables(place),
        "42501" | "28000" | "28P01" => format!("{place} lets us not in: {message}"),
        "53100" => format!("the disk of the {place} is full"),
        code if code.starts_with("22") || code.starts_with("23") => {
            return RecordsFault::Refused(message.to_owned());
        }
        code => format!("{place}: {message} ({code})"),
    };
    RecordsFault::Unavailable(why)
}

fn missing_tables(place: &Place) -> String {
    format!("{place} has no tables of moked: start once without DB_BOOTSTRAP=0")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
