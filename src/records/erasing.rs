//! Erasing calls: on request, and for their age.
//!
//! An erased call is noted, so that entries of it that still wait anywhere are refused when they come. The notes go
//! when the entries would be too old anyway.

use std::time::{SystemTime, UNIX_EPOCH};

use moked_core::ids::CallSid;
use sqlx::{Connection as _, Row as _};

use super::database::{Connected, as_i64, storable};
use super::fault::RecordsFault;
use super::place::Place;

impl Connected {
    /// Erases these calls for good; gives how many of them were known.
    pub(super) async fn erase(&mut self, calls: &[CallSid]) -> Result<u64, RecordsFault> {
        let place = self.place.clone();
        let known = self.try_erase(calls).await.map_err(|error| RecordsFault::of(&error, &place))?;
        self.compact().await;
        Ok(known)
    }

    async fn try_erase(&mut self, calls: &[CallSid]) -> Result<u64, sqlx::Error> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
        // The notes first and for themselves: the writer of a call that lives sees them before its rows are taken.
        let mut transaction = self.connection.begin().await?;
        for call in calls {
            sqlx::query(
                "INSERT INTO moked_erased (call_sid, erased_at_ms) VALUES ($1, $2)
                 ON CONFLICT (call_sid) DO UPDATE SET erased_at_ms = excluded.erased_at_ms",
            )
            .bind(storable(call.as_str()))
            .bind(as_i64(now))
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        let mut transaction = self.connection.begin().await?;
        let mut known = 0;
        for call in calls {
            for (table, is_call) in [("moked_entries", false), ("moked_calls", true)] {
                let sql = format!("DELETE FROM {table} WHERE call_sid = $1");
                let done = sqlx::query(sqlx::AssertSqlSafe(sql))
                    .bind(storable(call.as_str()))
                    .execute(&mut *transaction)
                    .await?;
                known += if is_call { done.rows_affected() } else { 0 };
            }
        }
        transaction.commit().await?;
        Ok(known)
    }

    /// Erases calls whose last entry is older than `before_ms`, the oldest two hundred; gives how many.
    pub(super) async fn purge(&mut self, before_ms: u64) -> Result<u64, RecordsFault> {
        let place = self.place.clone();
        let gone =
            self.try_purge(as_i64(before_ms)).await.map_err(|error| RecordsFault::of(&error, &place))?;
        if gone > 0 {
            self.compact().await;
        }
        Ok(gone)
    }

    async fn try_purge(&mut self, before_ms: i64) -> Result<u64, sqlx::Error> {
        let mut transaction = self.connection.begin().await?;
        sqlx::query(
            "DELETE FROM moked_entries WHERE call_sid IN
                (SELECT call_sid FROM moked_calls WHERE last_at_ms < $1 ORDER BY last_at_ms, call_sid LIMIT 200)",
        )
        .bind(before_ms)
        .execute(&mut *transaction)
        .await?;
        let calls = sqlx::query(
            "DELETE FROM moked_calls WHERE call_sid IN
                (SELECT call_sid FROM moked_calls WHERE last_at_ms < $1 ORDER BY last_at_ms, call_sid LIMIT 200)",
        )
        .bind(before_ms)
        .execute(&mut *transaction)
        .await?;
        // What a writer brought in while its call was being erased.
        sqlx::query("DELETE FROM moked_entries WHERE call_sid IN (SELECT call_sid FROM moked_erased)")
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM moked_calls WHERE call_sid IN (SELECT call_sid FROM moked_erased)")
            .execute(&mut *transaction)
            .await?;
        sqlx::query("DELETE FROM moked_erased WHERE erased_at_ms < $1")
            .bind(before_ms)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(calls.rows_affected())
    }

    /// The calls from this number, in full.
    pub(super) async fn calls_from(&mut self, caller: &str) -> Result<Vec<CallSid>, RecordsFault> {
        let rows = sqlx::query("SELECT call_sid FROM moked_calls WHERE caller = $1")
            .bind(storable(caller))
            .fetch_all(&mut self.connection)
            .await
            .map_err(|error| RecordsFault::of(&error, &self.place))?;
        let names = rows.iter().map(|row| row.try_get::<String, _>("call_sid").map(CallSid::new));
        names.collect::<Result<_, _>>().map_err(|error| RecordsFault::of(&error, &self.place))
    }

    /// SQLite's log of writes holds old pages until it is folded into the file, where what was erased is overwritten.
    /// While somebody reads it stays; the next time will do. PostgreSQL does the like by itself (autovacuum).
    async fn compact(&mut self) {
        if matches!(self.place, Place::Sqlite(_)) {
            let folded = sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut self.connection).await;
            if let Err(error) = folded {
                tracing::debug!(event = "RECORDS_PURGE", "the write-ahead log was not folded: {error}");
            }
        }
    }
}
