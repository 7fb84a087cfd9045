//! The questions that are asked of the database.

use moked_core::ids::CallSid;
use moked_core::record::{EndCause, RecordEntry, Sequence, VERSION};
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::database::{Connected, as_i64, storable};
use super::fault::RecordsFault;
use super::rows::{CallEnding, CallFilter, CallPage, CallRecord, CallRow, Cursor, Page};

/// Most calls on a page.
const LONGEST_PAGE: u32 = 500;

const COLUMNS: &str = "
    SELECT c.call_sid, c.started_at_ms, c.last_at_ms, c.caller, c.language, c.ended_at_ms, c.end_cause, c.seconds,
        (SELECT COUNT(*) FROM moked_entries e WHERE e.call_sid = c.call_sid AND e.kind = 'turn_over') AS turns,
        (SELECT COUNT(*) FROM moked_entries e WHERE e.call_sid = c.call_sid AND e.kind = 'lead') AS leads
    FROM moked_calls c ";

const LISTED: &str = "
    WHERE (CAST($1 AS BIGINT) IS NULL OR c.started_at_ms >= CAST($1 AS BIGINT))
        AND (CAST($2 AS BIGINT) IS NULL OR c.started_at_ms < CAST($2 AS BIGINT))
        AND (CAST($3 AS TEXT) IS NULL OR c.caller = CAST($3 AS TEXT))
        AND (CAST($4 AS TEXT) IS NULL OR c.end_cause = CAST($4 AS TEXT))
        AND (CAST($5 AS BIGINT) IS NULL OR c.started_at_ms < CAST($5 AS BIGINT)
            OR (c.started_at_ms = CAST($5 AS BIGINT) AND c.call_sid < CAST($6 AS TEXT)))
    ORDER BY c.started_at_ms DESC, c.call_sid DESC
    LIMIT CAST($7 AS BIGINT)";

const ENTRIES: &str = "
    SELECT sequence, at_ms, version, fact FROM moked_entries WHERE call_sid = $1 ORDER BY sequence";

impl Connected {
    /// A page of calls.
    pub(super) async fn calls(&mut self, filter: &CallFilter, page: &Page) -> Result<CallPage, RecordsFault> {
        let limit = page.limit.clamp(1, LONGEST_PAGE);
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("{COLUMNS}{LISTED}")))
            .bind(filter.from_ms.map(as_i64))
            .bind(filter.to_ms.map(as_i64))
            .bind(filter.caller.as_deref().map(storable))
            .bind(filter.cause.as_ref().map(|cause| storable(cause.as_str())))
            .bind(page.after.as_ref().map(|cursor| as_i64(cursor.started_at_ms)))
            .bind(page.after.as_ref().map(|cursor| storable(cursor.call_sid.as_str())))
            // One more than is shown tells whether there is another page.
            .bind(i64::from(limit) + 1)
            .fetch_all(&mut self.connection)
            .await
            .and_then(|rows| rows.iter().map(call_row).collect::<Result<Vec<_>, _>>());
        let mut calls = rows.map_err(|error| RecordsFault::of(&error, &self.place))?;
        let more = calls.len() > limit as usize;
        calls.truncate(limit as usize);
        let next = calls
            .last()
            .filter(|_| more)
            .map(|last| Cursor { started_at_ms: last.started_at_ms, call_sid: last.call_sid.clone() });
        Ok(CallPage { calls, next })
    }

    /// One call, if it is known.
    pub(super) async fn call(&mut self, call_sid: &CallSid) -> Result<Option<CallRecord>, RecordsFault> {
        let place = self.place.clone();
        self.try_call(call_sid).await.map_err(|error| RecordsFault::of(&error, &place))
    }

    async fn try_call(&mut self, call_sid: &CallSid) -> Result<Option<CallRecord>, sqlx::Error> {
        let name = storable(call_sid.as_str());
        let row = sqlx::query(sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE c.call_sid = $1")))
            .bind(name.clone())
            .fetch_optional(&mut self.connection)
            .await?;
        let Some(call) = row.as_ref().map(call_row).transpose()? else { return Ok(None) };
        let rows = sqlx::query(ENTRIES).bind(name).fetch_all(&mut self.connection).await?;
        let (mut entries, mut unreadable) = (Vec::with_capacity(rows.len()), 0);
        for row in &rows {
            match entry(&call.call_sid, row)? {
                Some(entry) => entries.push(entry),
                None => unreadable += 1,
            }
        }
        Ok(Some(CallRecord::gather(call, entries, unreadable)))
    }
}

/// An entry, or `None` for one of a later moked.
fn entry(call_sid: &CallSid, row: &AnyRow) -> Result<Option<RecordEntry>, sqlx::Error> {
    let (version, fact): (i64, String) = (row.try_get("version")?, row.try_get("fact")?);
    if version > i64::from(VERSION) {
        return Ok(None);
    }
    let Ok(fact) = serde_json::from_str(&fact) else { return Ok(None) };
    let sequence = Sequence(number(row, "sequence")?);
    Ok(Some(RecordEntry { call_sid: call_sid.clone(), sequence, at_ms: number(row, "at_ms")?, fact }))
}

fn call_row(row: &AnyRow) -> Result<CallRow, sqlx::Error> {
    let (at_ms, cause): (Option<i64>, Option<String>) =
        (row.try_get("ended_at_ms")?, row.try_get("end_cause")?);
    let seconds: Option<i64> = row.try_get("seconds")?;
    let end = at_ms.zip(cause).map(|(at_ms, cause)| CallEnding {
        at_ms: at_ms.max(0) as u64,
        cause: EndCause::new(cause),
        seconds: seconds.unwrap_or_default().max(0) as u64,
    });
    Ok(CallRow {
        call_sid: CallSid::new(row.try_get::<String, _>("call_sid")?),
        started_at_ms: number(row, "started_at_ms")?,
        last_at_ms: number(row, "last_at_ms")?,
        caller: row.try_get("caller")?,
        language: row.try_get("language")?,
        end,
        turns: number(row, "turns")?,
        has_lead: number(row, "leads")? > 0,
    })
}

fn number(row: &AnyRow, column: &str) -> Result<u64, sqlx::Error> {
    row.try_get::<i64, _>(column).map(|number| number.max(0) as u64)
}
