//! The events of calls as they happen, by server-sent events (WHATWG HTML, 9.2).
//!
//! Each event has its number as id, so that a reader who lost the connection goes on where he was
//! (`Last-Event-ID`). A reader who is too slow gets an event `lagged` with how many he missed; the calls do not
//! notice him. The stream ends with the token, with the server, and, of one call, with the call.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use futures_util::stream::{Stream, unfold};
use moked_core::ids::CallSid;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::super::state::Edge;
use super::fault::AdminFault;
use super::guard::Viewer;
use super::words;
use crate::admin_tokens::Claims;
use crate::call_events::{CallEvent, events};
use crate::settings::Words;

/// Streams that may be open at a time.
const MOST_READERS: usize = 32;

/// Time without an event after which a comment goes out, so that proxies keep the connection.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// Events that are taken from the ring at a time.
const BATCH: usize = 64;

/// The event after which a call has no more.
const LAST: &str = "WS_STOP";

/// The events of all calls.
pub(super) async fn of_all(
    Viewer(who): Viewer,
    request: HttpRequest,
    edge: web::Data<Edge>,
) -> Result<HttpResponse, AdminFault> {
    open(&request, &edge, &who, None)
}

/// The events of one call, which lives.
pub(super) async fn of_call(
    Viewer(who): Viewer,
    request: HttpRequest,
    edge: web::Data<Edge>,
    call_sid: web::Path<String>,
) -> Result<HttpResponse, AdminFault> {
    let call_sid = CallSid::new(call_sid.into_inner());
    if edge.registry.summary(&call_sid).is_none() {
        return Err(AdminFault::NotLive);
    }
    open(&request, &edge, &who, Some(call_sid))
}

fn open(
    request: &HttpRequest,
    edge: &Edge,
    who: &Claims,
    call: Option<CallSid>,
) -> Result<HttpResponse, AdminFault> {
    if !events().is_fed() {
        return Err(AdminFault::NoEvents);
    }
    let seat = Seat::take(&edge.admin.readers).ok_or(AdminFault::TooManyReaders)?;
    let last = request.headers().get("last-event-id").and_then(|id| id.to_str().ok()?.parse::<u64>().ok());
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let reader = Reader {
        place: last.map_or_else(|| events().now(), |id| id.saturating_add(1)),
        more: events().watch(),
        waiting: VecDeque::from([Bytes::from_static(b"retry: 2000\n\n")]),
        call,
        words: edge.settings.admin.words,
        until: Instant::now() + Duration::from_secs(who.exp).saturating_sub(now),
        closing: edge.admin.closing.clone(),
        is_over: false,
        _seat: seat,
    };
    // A proxy that gathers small pieces before it passes them on would make the stream useless.
    let headers = ("x-accel-buffering", "no");
    Ok(HttpResponse::Ok().content_type("text/event-stream").insert_header(headers).streaming(stream(reader)))
}

/// One of the places that readers may take.
struct Seat(Arc<AtomicUsize>);

impl Seat {
    fn take(taken: &Arc<AtomicUsize>) -> Option<Self> {
        let seat = taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |taken| {
            (taken < MOST_READERS).then_some(taken + 1)
        });
        seat.ok().map(|_| Self(Arc::clone(taken)))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// One who follows.
struct Reader {
    /// His place in the ring.
    place: u64,
    more: watch::Receiver<u64>,
    /// What is written and not yet sent.
    waiting: VecDeque<Bytes>,
    call: Option<CallSid>,
    words: Words,
    /// When his token is over.
    until: Instant,
    closing: CancellationToken,
    /// The call he follows is over.
    is_over: bool,
    _seat: Seat,
}

fn stream(reader: Reader) -> impl Stream<Item = Result<Bytes, AdminFault>> {
    unfold(reader, |mut reader| async move {
        let piece = reader.next().await?;
        Some((Ok(piece), reader))
    })
}

impl Reader {
    async fn next(&mut self) -> Option<Bytes> {
        let beat = Instant::now() + HEARTBEAT;
        loop {
            if let Some(piece) = self.waiting.pop_front() {
                return Some(piece);
            }
            if self.is_over {
                return None;
            }
            self.more.mark_unchanged();
            if self.take() {
                continue;
            }
            tokio::select! {
                changed = self.more.changed() => changed.ok()?,
                () = sleep_until(beat) => return Some(Bytes::from_static(b": still here\n\n")),
                () = sleep_until(self.until) => return None,
                () = self.closing.cancelled() => return None,
            }
        }
    }

    /// Takes what has come; `false` when nothing has.
    fn take(&mut self) -> bool {
        let catch = events().from(self.place, BATCH);
        let has_come = catch.next != self.place;
        self.place = catch.next;
        if catch.lost > 0 {
            self.waiting.push_back(written(None, "lagged", &json!({ "lost": catch.lost })));
        }
        for event in catch.events {
            if self.call.as_ref().is_none_or(|call| call.as_str() == &*event.call_sid) {
                self.waiting.push_back(written(Some(event.id), &event.name, &self.shown(&event)));
                self.is_over |= self.call.is_some() && event.name == LAST;
            }
        }
        has_come
    }

    fn shown(&self, event: &CallEvent) -> Value {
        let mut fields = Value::from(event.fields.clone());
        words::mask(&mut fields, self.words);
        json!({
            "id": event.id, "at_ms": event.at_ms, "call_sid": &*event.call_sid, "event": event.name,
            "fields": fields,
        })
    }
}

/// An event in the form of the wire. JSON has no line breaks of its own, so the data is one line.
fn written(id: Option<u64>, name: &str, data: &Value) -> Bytes {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    Bytes::from(format!("{id}event: {name}\ndata: {data}\n\n"))
}
