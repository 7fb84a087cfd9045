//! Where the records are.

use std::fmt;
use std::fs::{DirBuilder, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use crate::settings::{Database, Settings};

/// Name of the database's file within `records.dir`.
const FILE: &str = "calls.db";

/// A database, with what is needed to open it.
#[derive(Debug, Clone)]
pub enum Place {
    /// A file of SQLite.
    Sqlite(PathBuf),
    /// PostgreSQL.
    Postgres {
        /// Its address, with the password.
        url: SecretString,
        /// Name and host, for people.
        shown: String,
    },
    /// SQLite in memory, which would keep nothing.
    Nowhere,
}

impl Place {
    /// Where the settings want the records.
    pub fn of(settings: &Settings) -> Self {
        match (&settings.database, &settings.secrets.database_url) {
            (Some(Database::SqliteFile { path }), _) => Self::Sqlite(path.into()),
            (Some(shown @ Database::Postgres { .. }), Some(url)) => {
                Self::Postgres { url: url.clone(), shown: shown.to_string() }
            }
            // The address and its secret are read from one variable, so the second cannot be without the first.
            (Some(Database::SqliteMemory | Database::Postgres { .. }), _) => Self::Nowhere,
            (None, _) => Self::Sqlite(settings.records.dir.join(FILE)),
        }
    }

    /// The address for sqlx.
    pub(super) fn url(&self) -> String {
        match self {
            Self::Sqlite(path) => format!("sqlite://{}?mode=rw", escape(path)),
            Self::Postgres { url, .. } => url.expose_secret().to_owned(),
            Self::Nowhere => "sqlite::memory:".to_owned(),
        }
    }

    /// Makes an empty file of SQLite with its folder, readable by this user only, if there is none.
    ///
    /// # Errors
    /// When the system refuses.
    pub(super) fn prepare(&self) -> io::Result<()> {
        let Self::Sqlite(path) = self else { return Ok(()) };
        if let Some(folder) = path.parent() {
            make_folder(folder)?;
        }
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        match made {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => Ok(()),
        }
    }

    /// Which file it is now: its device and number. An open file that was deleted takes rows as if nothing were, and
    /// they are gone; only its name tells.
    pub(super) fn identity(&self) -> Option<(u64, u64)> {
        let Self::Sqlite(path) = self else { return None };
        path.metadata().ok().map(|file| (file.dev(), file.ino()))
    }
}

/// Makes a folder that only this user reads, if there is none.
pub(super) fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// A path as a part of an address: what an address gives a meaning is written as `%` and two digits.
fn escape(path: &Path) -> String {
    let mut out = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => out.push(*byte as char),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "SQLite file {}", path.display()),
            Self::Postgres { shown, .. } => f.write_str(shown),
            Self::Nowhere => f.write_str("SQLite in memory"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_signs_of_addresses_is_escaped() {
        let place = Place::Sqlite("/tmp/a b?c#d%20/ת.db".into());
        assert_eq!(place.url(), "sqlite:///tmp/a%20b%3Fc%23d%2520/%D7%AA.db?mode=rw");
    }

    #[test]
    fn what_is_made_is_for_this_user_only() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place::Sqlite(folder.path().join("deep/er/calls.db"));
        place.prepare().unwrap();
        place.prepare().unwrap();
        let mode = |path: &str| folder.path().join(path).metadata().unwrap().mode() & 0o777;
        assert_eq!((mode("deep/er"), mode("deep/er/calls.db")), (0o700, 0o600));
    }
}
