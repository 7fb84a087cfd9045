//! The calls that live, by their call id, and the last that ended.
//!
//! It holds weak addresses, so that it keeps no call alive, and asks with a time limit, so that a stuck call
//! cannot make the admin page stuck.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use actix::{Addr, WeakAddr};
use dashmap::DashMap;
use moked_core::conversation::Remark;
use moked_core::ids::{CallSid, StreamSid};
use moked_core::receptionist::Lead;
use moked_core::turn::LastWords;
use serde::Serialize;

pub use crate::call::{EngineLatency, EngineRole, TurnLatency};
use crate::messages::{CallEnd, EndCall, Inspect, Operate, OperatorOrder, OrderRefused, SayGoodbye};
use crate::meters::Meters;
use crate::supervisor::CallSupervisor;
use crate::trace::CallTracer;

/// Ended calls that are remembered, with what was said in them.
const REMEMBERED: usize = 200;

/// The calls of this process.
#[derive(Debug, Default)]
pub struct CallRegistry {
    calls: DashMap<CallSid, Entry>,
    ended: Mutex<VecDeque<EndedCall>>,
    begun: AtomicU64,
    actors: Arc<AtomicUsize>,
    meters: Arc<Meters>,
    tracer: OnceLock<Arc<dyn CallTracer>>,
    transfers: Mutex<VecDeque<(CallSid, String)>>,
}

#[derive(Debug)]
struct Entry {
    supervisor: WeakAddr<CallSupervisor>,
    summary: CallSummary,
    is_adrift: bool,
    has_media: bool,
}

/// Whether a call lives, and whether a stream carries it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// It does not live here.
    Absent,
    /// A stream carries it, as far as is known.
    Connected,
    /// It waits for another stream.
    Adrift,
}

/// One line of the list of live calls.
#[derive(Debug, Clone, Serialize)]
pub struct CallSummary {
    /// The call.
    pub call_sid: CallSid,
    /// Its stream.
    pub stream_sid: StreamSid,
    /// Start of the stream, milliseconds since the Unix epoch.
    pub started_at_ms: u64,
}

/// A call that is over.
#[derive(Debug, Clone, Serialize)]
pub struct EndedCall {
    /// Which.
    #[serde(flatten)]
    pub summary: CallSummary,
    /// Why it ended.
    pub end: CallEnd,
    /// How long it was.
    pub seconds: u64,
    /// What it brought.
    pub lead: Option<Lead>,
    /// What was said and heard.
    pub conversation: Vec<Remark>,
    /// How fast each turn was answered, and by whom.
    pub latencies: Vec<TurnLatency>,
}

/// What came of asking a call for its state.
#[derive(Debug)]
pub enum Inspection {
    /// The state of each actor.
    View(serde_json::Value),
    /// No such call lives here.
    Unknown,
    /// The call lives but did not answer in time: its thread is stuck.
    Stuck,
}

/// What came of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obedience {
    /// The call carries it out.
    Done,
    /// The call does not.
    Refused(OrderRefused),
    /// No such call lives here.
    Unknown,
    /// The call lives but did not answer in time: its thread is stuck.
    Stuck,
}

impl CallRegistry {
    /// Enters a call. If an older stream of the same call is entered, the newest wins and the older is ended.
    pub(crate) fn enter(&self, summary: CallSummary, supervisor: &Addr<CallSupervisor>) {
        self.begun.fetch_add(1, Ordering::Relaxed);
        let entry = Entry { supervisor: supervisor.downgrade(), summary, is_adrift: false, has_media: false };
        let older = self.calls.insert(entry.summary.call_sid.clone(), entry);
        if let Some(older) = older.and_then(|entry| entry.supervisor.upgrade()) {
            older.do_send(EndCall(CallEnd::Replaced));
        }
    }

    /// Notes whether a stream carries the call.
    pub(crate) fn adrift(&self, call_sid: &CallSid, is_adrift: bool) {
        if let Some(mut entry) = self.calls.get_mut(call_sid) {
            entry.is_adrift = is_adrift;
        }
    }

    /// Notes that a frame of the caller's audio has come.
    pub(crate) fn media_came(&self, call_sid: &CallSid) {
        if let Some(mut entry) = self.calls.get_mut(call_sid) {
            entry.has_media = true;
        }
    }

    /// Notes that another stream carries the call.
    pub(crate) fn moved(&self, summary: &CallSummary) {
        if let Some(mut entry) = self.calls.get_mut(&summary.call_sid) {
            entry.summary = summary.clone();
            entry.is_adrift = false;
        }
    }

    /// The supervisor of a call that lives.
    pub(crate) fn supervisor(&self, call_sid: &CallSid) -> Option<Addr<CallSupervisor>> {
        self.calls.get(call_sid).and_then(|entry| entry.supervisor.upgrade())
    }

    /// Whether a call lives, and whether a stream carries it.
    pub fn presence(&self, call_sid: &CallSid) -> Presence {
        match self.calls.get(call_sid) {
            Some(entry) if entry.supervisor.upgrade().is_none() => Presence::Absent,
            Some(entry) if entry.is_adrift => Presence::Adrift,
            Some(_) => Presence::Connected,
            None => Presence::Absent,
        }
    }

    /// Whether a frame of the caller's audio ever came on any stream of a live call; a second may pass until
    /// it is known.
    pub fn has_media(&self, call_sid: &CallSid) -> bool {
        self.calls.get(call_sid).is_some_and(|entry| entry.has_media)
    }

    /// Removes a call and remembers how it ended.
    pub(crate) fn leave(&self, ended: EndedCall) {
        let CallSummary { call_sid, stream_sid, .. } = &ended.summary;
        self.calls.remove_if(call_sid, |_, entry| entry.summary.stream_sid == *stream_sid);
        self.meters.call_ended(ended.end);
        let mut list = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        if list.len() == REMEMBERED {
            list.pop_front();
        }
        list.push_back(ended);
    }

    /// Removes a call whose supervisor is dead.
    pub(crate) fn lost(&self, call_sid: &CallSid) {
        let lost = self.calls.remove_if(call_sid, |_, entry| entry.supervisor.upgrade().is_none());
        if lost.is_some() {
            self.meters.call_ended(CallEnd::Crashed);
        }
    }

    /// Counts an actor for as long as the returned guard lives.
    pub(crate) fn actor_started(&self) -> AliveGuard {
        self.actors.fetch_add(1, Ordering::Relaxed);
        AliveGuard(Arc::clone(&self.actors))
    }

    /// What the calls measure of themselves.
    pub fn meters(&self) -> &Arc<Meters> {
        &self.meters
    }

    /// Has every call from now on followed by a tracer. The first one stays.
    pub fn follow(&self, tracer: Arc<dyn CallTracer>) {
        // A second tracer is a mistake of the caller that costs no call.
        let _ = self.tracer.set(tracer);
    }

    pub(crate) fn tracer(&self) -> Option<&Arc<dyn CallTracer>> {
        self.tracer.get()
    }

    /// How many calls live.
    pub fn live(&self) -> usize {
        self.calls.len()
    }

    /// How many calls began since the start of the process.
    pub fn begun(&self) -> u64 {
        self.begun.load(Ordering::Relaxed)
    }

    /// How many supervisors and stages run: five a call, six with a one-hop engine, and none without a call.
    pub fn live_actors(&self) -> usize {
        self.actors.load(Ordering::Relaxed)
    }

    /// The live calls, oldest first.
    pub fn list(&self) -> Vec<CallSummary> {
        let mut all: Vec<_> = self.calls.iter().map(|entry| entry.summary.clone()).collect();
        all.sort_by_key(|summary| summary.started_at_ms);
        all
    }

    /// The last calls that ended, newest first.
    pub fn ended(&self) -> Vec<EndedCall> {
        let list = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        list.iter().rev().cloned().collect()
    }

    /// How the newest stream of a call ended, if it did and is remembered.
    pub fn last_end(&self, call_sid: &CallSid) -> Option<CallEnd> {
        let list = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        list.iter().rev().find(|call| call.summary.call_sid == *call_sid).map(|call| call.end)
    }

    /// Has every live call excuse itself with these words and end; tells how many there are.
    pub fn send_all_away(&self, words: &str) -> usize {
        let supervisors = self.calls.iter().filter_map(|entry| entry.supervisor.upgrade());
        let goodbye = || SayGoodbye { words: words.to_owned(), why: LastWords::SentAway };
        supervisors.map(|supervisor| supervisor.do_send(goodbye())).count()
    }

    /// Ends every live call, as the server stops.
    pub fn end_all(&self) {
        for entry in &self.calls {
            if let Some(supervisor) = entry.supervisor.upgrade() {
                supervisor.do_send(EndCall(CallEnd::ServerStopped));
            }
        }
    }

    /// Has a call carry out an order; waits for its yes or no for at most `limit`.
    pub async fn order(&self, call_sid: &CallSid, order: OperatorOrder, limit: Duration) -> Obedience {
        let address = self.calls.get(call_sid).and_then(|entry| entry.supervisor.upgrade());
        let Some(address) = address else { return Obedience::Unknown };
        match tokio::time::timeout(limit, address.send(Operate(order))).await {
            Ok(Ok(Ok(()))) => Obedience::Done,
            Ok(Ok(Err(refused))) => Obedience::Refused(refused),
            Ok(Err(_gone)) => Obedience::Unknown,
            Err(_late) => Obedience::Stuck,
        }
    }

    /// Remembers where the document after a call's stream shall send the caller, or that it shall not; gives
    /// what was remembered before.
    pub fn transfer_to(&self, call_sid: &CallSid, number: Option<String>) -> Option<String> {
        let mut transfers = self.transfers.lock().unwrap_or_else(PoisonError::into_inner);
        let place = transfers.iter().position(|(transferred, _)| transferred == call_sid);
        let before = place.and_then(|place| transfers.remove(place)).map(|(_, number)| number);
        if let Some(number) = number {
            if transfers.len() == REMEMBERED {
                transfers.pop_front();
            }
            transfers.push_back((call_sid.clone(), number));
        }
        before
    }

    /// Where to send a caller whose stream is over. The answer stays the same when the carrier asks again.
    pub fn transfer_of(&self, call_sid: &CallSid) -> Option<String> {
        let transfers = self.transfers.lock().unwrap_or_else(PoisonError::into_inner);
        transfers.iter().find(|(transferred, _)| transferred == call_sid).map(|(_, number)| number.clone())
    }

    /// The line of a live call in the list.
    pub fn summary(&self, call_sid: &CallSid) -> Option<CallSummary> {
        self.calls.get(call_sid).map(|entry| entry.summary.clone())
    }

    /// Asks one call for the state of its actors, for at most `limit`.
    pub async fn inspect(&self, call_sid: &CallSid, limit: Duration) -> Inspection {
        let Some(address) = self.supervisor(call_sid) else { return Inspection::Unknown };
        match tokio::time::timeout(limit, address.send(Inspect)).await {
            Ok(Ok(view)) => Inspection::View(view),
            Ok(Err(_gone)) => Inspection::Unknown,
            Err(_late) => Inspection::Stuck,
        }
    }
}

/// Counts one actor as alive while it lives.
#[derive(Debug)]
pub(crate) struct AliveGuard(Arc<AtomicUsize>);

impl Drop for AliveGuard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
