//! `DATABASE_URL`: understood and checked, so that a wrong one is found now and not by the first call.

use std::fmt;

use url::Url;

use super::environment::Environment;
use super::error::{SettingsError, shown};

/// A database, as far as its address tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// A file of SQLite.
    SqliteFile {
        /// Its path, relative to the working directory or absolute.
        path: String,
    },
    /// SQLite in memory.
    SqliteMemory,
    /// PostgreSQL.
    Postgres {
        /// Host and port.
        host: String,
        /// Name of the database.
        name: String,
    },
}

impl fmt::Display for Database {
    /// Without a user's name or password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SqliteFile { path } => write!(f, "SQLite file {path}"),
            Self::SqliteMemory => f.write_str("SQLite in memory"),
            Self::Postgres { host, name } => write!(f, "PostgreSQL database {name} at {host}"),
        }
    }
}

pub(super) fn read(environment: &Environment) -> Result<Option<Database>, SettingsError> {
    let Some(text) = environment.get("DATABASE_URL").map(|text| text.trim()).filter(|text| !text.is_empty())
    else {
        return Ok(None);
    };
    parse(text).map(Some).map_err(|fault| SettingsError::Value {
        name: "DATABASE_URL".to_owned(),
        // The address may hold a password, so of a wrong one only the scheme is shown.
        value: shown(&text.split_once(':').map_or("…".to_owned(), |(scheme, _)| format!("{scheme}:…"))),
        fault: fault.to_owned(),
        mend: "write sqlite:///./moked.db or postgresql://user:password@host/name".to_owned(),
    })
}

/// The address of a PostgreSQL database as its clients take it, without the driver that SQLAlchemy names.
pub(super) fn postgres_url(environment: &Environment) -> Option<String> {
    let text = environment.get("DATABASE_URL")?.trim();
    let (scheme, rest) = text.split_once(':')?;
    let is_postgres = matches!(scheme.split('+').next(), Some("postgres" | "postgresql"));
    is_postgres.then(|| format!("postgresql:{rest}"))
}

/// SQLAlchemy writes `sqlite:///relative`, `sqlite:////absolute` and `postgresql+driver://`; others write
/// `sqlite:relative` and `sqlite://relative`.
fn parse(text: &str) -> Result<Database, &'static str> {
    let (scheme, rest) = text.split_once(':').ok_or("it has no scheme")?;
    match scheme.split('+').next().unwrap_or(scheme) {
        "sqlite" => sqlite(rest),
        "postgres" | "postgresql" => {
            let url = Url::parse(&format!("postgresql:{rest}")).map_err(|_| "it is not an address")?;
            let host = url.host_str().filter(|host| !host.is_empty()).ok_or("it names no host")?;
            let name = url.path().trim_matches('/');
            if name.is_empty() {
                return Err("it names no database");
            }
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            Ok(Database::Postgres { host: format!("{host}{port}"), name: name.to_owned() })
        }
        _ => Err("it is neither SQLite nor PostgreSQL"),
    }
}

fn sqlite(rest: &str) -> Result<Database, &'static str> {
    let path = rest.strip_prefix("///").or_else(|| rest.strip_prefix("//")).unwrap_or(rest);
    let path = path.split('?').next().unwrap_or(path);
    match path {
        ":memory:" => Ok(Database::SqliteMemory),
        "" if rest == "//" => Ok(Database::SqliteMemory),
        "" => Err("it names no file"),
        path => Ok(Database::SqliteFile { path: path.to_owned() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_sqlite_name_the_same_file() {
        let file = |path: &str| Ok(Database::SqliteFile { path: path.to_owned() });
        assert_eq!(parse("sqlite:///./tmp_dev.db"), file("./tmp_dev.db"));
        assert_eq!(parse("sqlite:////var/lib/moked.db"), file("/var/lib/moked.db"));
        assert_eq!(parse("sqlite://tmp.db?mode=rwc"), file("tmp.db"));
        assert_eq!(parse("sqlite:tmp.db"), file("tmp.db"));
        assert_eq!(parse("sqlite://"), Ok(Database::SqliteMemory));
        assert_eq!(parse("sqlite::memory:"), Ok(Database::SqliteMemory));
    }

    #[test]
    fn a_password_is_not_shown() {
        let database = parse("postgresql+psycopg2://me:s3cret@db.example.com:5433/calls").unwrap();
        assert_eq!(database.to_string(), "PostgreSQL database calls at db.example.com:5433");
        let environment = Environment::from([("DATABASE_URL".into(), "mysql://me:s3cret@host/x".into())]);
        let error = read(&environment).unwrap_err().to_string();
        assert!(!error.contains("s3cret") && error.contains("DATABASE_URL"), "{error}");
    }
}
