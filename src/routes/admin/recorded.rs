//! Past calls from the store of records; without a store, what this process remembers.

use std::sync::Arc;

use futures_util::future::LocalBoxFuture;
use moked_core::ids::CallSid;
use moked_core::record::Said;
use serde_json::{Value, json};

use super::past::{EndedCalls, Page, PastCalls, PastPage};
use crate::records::{
    CallFilter, CallRecord, CallRow, Cursor, Page as Stored, Records, RecordsHealth, TurnRow,
};

/// The store, and what stands in for it where nothing is recorded.
#[derive(Debug)]
pub(super) struct RecordedCalls {
    pub(super) records: Arc<Records>,
    pub(super) ended: EndedCalls,
}

impl RecordedCalls {
    fn is_off(&self) -> bool {
        matches!(self.records.health(), RecordsHealth::Off { .. })
    }
}

impl PastCalls for RecordedCalls {
    fn list(&self, page: Page) -> LocalBoxFuture<'_, Result<PastPage, String>> {
        if self.is_off() {
            return self.ended.list(page);
        }
        Box::pin(async move {
            let stored = Stored { after: page.after.as_deref().and_then(cursor), limit: page.limit as u32 };
            let page = self
                .records
                .calls(&CallFilter::default(), &stored)
                .await
                .map_err(|fault| fault.to_string())?;
            let next = page.next.map(|cursor| format!("{}.{}", cursor.started_at_ms, cursor.call_sid));
            Ok(PastPage { calls: page.calls.iter().filter_map(line).collect(), next })
        })
    }

    fn one(&self, call_sid: CallSid) -> LocalBoxFuture<'_, Result<Option<Value>, String>> {
        if self.is_off() {
            return self.ended.one(call_sid);
        }
        Box::pin(async move {
            let record = self.records.call(&call_sid).await.map_err(|fault| fault.to_string())?;
            // A call that ended a moment ago may still wait for the writer.
            match record.as_ref().and_then(whole) {
                Some(call) => Ok(Some(call)),
                None => self.ended.one(call_sid).await,
            }
        })
    }
}

/// The line of a call that is over.
fn line(row: &CallRow) -> Option<Value> {
    let end = row.end.as_ref()?;
    Some(json!({
        "call_sid": row.call_sid, "started_at_ms": row.started_at_ms, "seconds": end.seconds, "end": end.cause,
        "has_lead": row.has_lead,
    }))
}

fn whole(record: &CallRecord) -> Option<Value> {
    let end = record.call.end.as_ref()?;
    Some(json!({
        "state": "over", "call_sid": record.call.call_sid, "started_at_ms": record.call.started_at_ms,
        "seconds": end.seconds, "end": end.cause, "lead": record.lead,
        "conversation": record.conversation.iter().flat_map(remarks).collect::<Vec<_>>(),
    }))
}

/// What one turn brought into the conversation.
fn remarks(row: &TurnRow) -> Vec<Value> {
    let caller = match &row.said {
        Some(Said::Words(text)) => Some(json!({ "by": "caller", "text": text })),
        Some(Said::Keys(keys)) => Some(json!({ "by": "caller", "text": format!("[keys {keys}]") })),
        Some(Said::Nothing | Said::Spoken | Said::Unclear | Said::Silence | Said::Resumed) | None => None,
    };
    let agent = row.answer.as_ref().filter(|answer| !answer.heard.is_empty()).map(|answer| {
        json!({ "by": "agent", "turn": row.turn, "heard": answer.heard, "interrupted": answer.interrupted })
    });
    caller.into_iter().chain(agent).collect()
}

/// `1795190000000.CA…`, as a page gave it.
fn cursor(text: &str) -> Option<Cursor> {
    let (started, call_sid) = text.split_once('.')?;
    Some(Cursor { started_at_ms: started.parse().ok()?, call_sid: CallSid::new(call_sid) })
}
