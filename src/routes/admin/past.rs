//! Calls that are over, wherever they are kept.

use std::fmt::Debug;
use std::sync::Arc;

use futures_util::future::{LocalBoxFuture, ready};
use moked_actors::registry::CallRegistry;
use moked_core::ids::CallSid;
use serde_json::{Value, json};

/// What a list of past calls may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    /// At most so many.
    pub(super) limit: usize,
    /// What the page before gave as [`PastPage::next`].
    pub(super) after: Option<String>,
}

/// Past calls, newest first.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PastPage {
    /// One line each, without what was said.
    pub(super) calls: Vec<Value>,
    /// Where the next page begins; `None` after the last.
    pub(super) next: Option<String>,
}

/// Who remembers calls that are over.
pub(super) trait PastCalls: Debug + Send + Sync {
    /// A page of them.
    ///
    /// # Errors
    /// In words for people, when the store does not answer.
    fn list(&self, page: Page) -> LocalBoxFuture<'_, Result<PastPage, String>>;

    /// One of them with all that is known; `None` for a call that nobody remembers.
    ///
    /// # Errors
    /// As [`Self::list`].
    fn one(&self, call_sid: CallSid) -> LocalBoxFuture<'_, Result<Option<Value>, String>>;
}

/// The last calls of this process, while it runs.
#[derive(Debug)]
pub(super) struct EndedCalls(pub(super) Arc<CallRegistry>);

impl PastCalls for EndedCalls {
    fn list(&self, Page { limit, after }: Page) -> LocalBoxFuture<'_, Result<PastPage, String>> {
        let ended = self.0.ended();
        // The place of a call is its stream's name: new calls come in before it while pages are turned.
        let begin = after.map_or(0, |after| {
            let place = ended.iter().position(|call| call.summary.stream_sid.as_str() == after);
            place.map_or(ended.len(), |place| place + 1)
        });
        let page = &ended[begin..ended.len().min(begin + limit)];
        let calls = page.iter().map(|call| {
            let summary = &call.summary;
            json!({
                "call_sid": summary.call_sid, "stream_sid": summary.stream_sid,
                "started_at_ms": summary.started_at_ms, "seconds": call.seconds, "end": call.end,
                "has_lead": call.lead.is_some(),
            })
        });
        let is_more = begin + page.len() < ended.len();
        let next = page.last().filter(|_| is_more).map(|call| call.summary.stream_sid.to_string());
        Box::pin(ready(Ok(PastPage { calls: calls.collect(), next })))
    }

    fn one(&self, call_sid: CallSid) -> LocalBoxFuture<'_, Result<Option<Value>, String>> {
        let ended = self.0.ended();
        let call = ended.iter().find(|call| call.summary.call_sid == call_sid).map(|call| {
            let mut record = json!(call);
            record["state"] = "over".into();
            record
        });
        Box::pin(ready(Ok(call)))
    }
}
