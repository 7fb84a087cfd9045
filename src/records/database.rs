//! One connection to the database, of either kind, and what is written through it.
//!
//! The same SQL runs on both: `$1` is understood by SQLite too, and what they name differently is not used. Every write
//! may be repeated: an entry that is there stays, and a call's row takes the earliest begin and the latest end of all
//! that was ever told of it, in whatever order.

use std::collections::BTreeMap;

use moked_core::record::{RecordEntry, RecordFact, VERSION};
use sqlx::AnyConnection;
use sqlx::any::{AnyConnectOptions, install_default_drivers};
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::{ConnectOptions, Connection, SqlSafeStr};

use super::fault::RecordsFault;
use super::place::Place;

/// Where migrations that were run are noted.
const MIGRATIONS_TABLE: &str = "moked_migrations";

/// An open database.
#[derive(Debug)]
pub(super) struct Connected {
    pub(super) connection: AnyConnection,
    pub(super) place: Place,
    identity: Option<(u64, u64)>,
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To write; makes file and tables.
    Bootstrap,
    /// To write or read what is there.
    Use,
}

impl Connected {
    /// Opens the database.
    pub(super) async fn open(place: &Place, purpose: Purpose) -> Result<Self, RecordsFault> {
        install_default_drivers();
        if purpose == Purpose::Bootstrap {
            place.prepare().map_err(|error| {
                RecordsFault::Unavailable(format!(
                    "the {place} cannot be made: {error}; set records.dir to a folder that can be written, or \
                     DATABASE_URL to PostgreSQL, or records.keep_days to 0 to record nothing"
                ))
            })?;
        }
        let fault = |error: sqlx::Error| RecordsFault::of(&error, place);
        let options: AnyConnectOptions = place.url().parse().map_err(fault)?;
        let mut connection = options.disable_statement_logging().connect().await.map_err(fault)?;
        let habits: &[&str] = match place {
            Place::Sqlite(_) | Place::Nowhere => &SQLITE_HABITS,
            Place::Postgres { .. } => &POSTGRES_HABITS,
        };
        for habit in habits {
            sqlx::raw_sql(*habit).execute(&mut connection).await.map_err(fault)?;
        }
        if purpose == Purpose::Bootstrap {
            migrator()
                .run(&mut connection)
                .await
                .map_err(|error| RecordsFault::of_migration(&error, place))?;
        }
        Ok(Self { connection, place: place.clone(), identity: place.identity() })
    }

    /// Waits longer for another program's lock: for a person who would only say it again.
    pub(super) async fn be_patient(&mut self) -> Result<(), RecordsFault> {
        if matches!(self.place, Place::Sqlite(_)) {
            let wait = sqlx::raw_sql("PRAGMA busy_timeout = 4000").execute(&mut self.connection).await;
            wait.map_err(|error| RecordsFault::of(&error, &self.place))?;
        }
        Ok(())
    }

    /// Whether its file is still the one of its name.
    pub(super) fn is_current(&self) -> bool {
        self.identity == self.place.identity()
    }

    /// Closes it; the last to leave a SQLite file folds its log.
    pub(super) async fn close(self) {
        if let Err(error) = self.connection.close().await {
            tracing::debug!(event = "RECORDS_CLOSED", "{} was not closed in order: {error}", self.place);
        }
    }

    /// Looks whether the tables are there.
    pub(super) async fn look(&mut self) -> Result<(), RecordsFault> {
        let looked = sqlx::query("SELECT 1 FROM moked_erased LIMIT 1").execute(&mut self.connection).await;
        looked.map(|_| ()).map_err(|error| RecordsFault::of(&error, &self.place))
    }

    /// Writes entries in one transaction; those that are there, and those of erased calls, are passed over.
    pub(super) async fn write(&mut self, entries: &[RecordEntry]) -> Result<(), RecordsFault> {
        let place = self.place.clone();
        self.try_write(entries).await.map_err(|error| RecordsFault::of(&error, &place))
    }

    async fn try_write(&mut self, entries: &[RecordEntry]) -> Result<(), sqlx::Error> {
        let mut transaction = self.connection.begin().await?;
        for (call_sid, call) in CallSums::of(entries) {
            sqlx::query(UPSERT_CALL)
                .bind(storable(call_sid))
                .bind(call.started_at_ms)
                .bind(call.last_at_ms)
                .bind(call.caller.as_deref().map(storable))
                .bind(call.language)
                .bind(call.ended_at_ms)
                .bind(call.end_cause)
                .bind(call.seconds)
                .execute(&mut *transaction)
                .await?;
        }
        for entry in entries {
            let fact =
                serde_json::to_string(&entry.fact).map_err(|error| sqlx::Error::Encode(error.into()))?;
            sqlx::query(INSERT_ENTRY)
                .bind(storable(entry.call_sid.as_str()))
                .bind(as_i64(entry.sequence.0))
                .bind(as_i64(entry.at_ms))
                .bind(i64::from(VERSION))
                .bind(entry.fact.kind())
                .bind(fact)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await
    }
}

/// Text that PostgreSQL takes: it holds no NUL, and a carrier's words may.
pub(super) fn storable(text: &str) -> String {
    text.replace('\0', "")
}

/// Databases have no unsigned numbers. None of ours comes near the difference.
pub(super) fn as_i64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A short wait for another program's lock, since the writer has a spool and better things to do; readers beside the
/// writer; each commit on the disk before it counts; what is erased is overwritten; 256 KiB of pages in memory instead of 2 MiB,
/// since entries are written at the end and read once in a while.
const SQLITE_HABITS: [&str; 5] = [
    "PRAGMA busy_timeout = 150",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA secure_delete = ON",
    "PRAGMA cache_size = -256",
];

/// No remark in the log, at each connection, that the tables are there already.
const POSTGRES_HABITS: [&str; 1] = ["SET client_min_messages = warning"];

fn migrator() -> Migrator {
    let calls = include_str!("migrations/0001_calls.sql").into_sql_str();
    let migrations = vec![Migration::new(1, "calls".into(), MigrationType::Simple, calls, false)];
    let mut migrator = Migrator::with_migrations(migrations);
    migrator.dangerous_set_table_name(MIGRATIONS_TABLE);
    // An older moked after a newer one: what the newer added stays, and is not in the way.
    migrator.set_ignore_missing(true);
    migrator
}

const UPSERT_CALL: &str = "
    INSERT INTO moked_calls
        (call_sid, started_at_ms, last_at_ms, caller, language, ended_at_ms, end_cause, seconds)
    SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS TEXT), CAST($5 AS TEXT),
        CAST($6 AS BIGINT), CAST($7 AS TEXT), CAST($8 AS BIGINT)
    WHERE NOT EXISTS (SELECT 1 FROM moked_erased WHERE call_sid = $1)
    ON CONFLICT (call_sid) DO UPDATE SET
        started_at_ms = CASE WHEN excluded.started_at_ms < moked_calls.started_at_ms
            THEN excluded.started_at_ms ELSE moked_calls.started_at_ms END,
        last_at_ms = CASE WHEN excluded.last_at_ms > moked_calls.last_at_ms
            THEN excluded.last_at_ms ELSE moked_calls.last_at_ms END,
        caller = COALESCE(excluded.caller, moked_calls.caller),
        language = COALESCE(excluded.language, moked_calls.language),
        ended_at_ms = CASE WHEN excluded.ended_at_ms >= COALESCE(moked_calls.ended_at_ms, 0)
            THEN excluded.ended_at_ms ELSE moked_calls.ended_at_ms END,
        end_cause = CASE WHEN excluded.ended_at_ms >= COALESCE(moked_calls.ended_at_ms, 0)
            THEN excluded.end_cause ELSE moked_calls.end_cause END,
        seconds = CASE WHEN excluded.ended_at_ms >= COALESCE(moked_calls.ended_at_ms, 0)
            THEN excluded.seconds ELSE moked_calls.seconds END";

const INSERT_ENTRY: &str = "
    INSERT INTO moked_entries (call_sid, sequence, at_ms, version, kind, fact)
    SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS TEXT),
        CAST($6 AS TEXT)
    WHERE NOT EXISTS (SELECT 1 FROM moked_erased WHERE call_sid = $1)
    ON CONFLICT (call_sid, sequence) DO NOTHING";

/// What a batch tells of one call as a whole.
#[derive(Debug, Default)]
struct CallSums {
    started_at_ms: i64,
    last_at_ms: i64,
    caller: Option<String>,
    language: Option<&'static str>,
    ended_at_ms: Option<i64>,
    end_cause: Option<String>,
    seconds: Option<i64>,
}

impl CallSums {
    fn of(entries: &[RecordEntry]) -> BTreeMap<&str, Self> {
        let mut calls: BTreeMap<&str, Self> = BTreeMap::new();
        for entry in entries {
            let at_ms = as_i64(entry.at_ms);
            let fresh = Self { started_at_ms: at_ms, ..Self::default() };
            let call = calls.entry(entry.call_sid.as_str()).or_insert(fresh);
            call.started_at_ms = call.started_at_ms.min(at_ms);
            call.last_at_ms = call.last_at_ms.max(at_ms);
            match &entry.fact {
                RecordFact::CallStarted { caller, language } => {
                    call.caller.clone_from(caller);
                    call.language = Some(language.code());
                }
                RecordFact::Ended { cause, seconds } => {
                    call.ended_at_ms = Some(at_ms);
                    call.end_cause = Some(storable(cause.as_str()));
                    call.seconds = Some(as_i64(*seconds));
                }
                RecordFact::StreamStarted { .. }
                | RecordFact::CallerSaid { .. }
                | RecordFact::TurnOver(_)
                | RecordFact::HeardLess { .. }
                | RecordFact::Event { .. }
                | RecordFact::Lead { .. } => {}
            }
        }
        calls
    }
}

#[cfg(test)]
#[path = "database_test.rs"]
mod tests;
