//! A call's record, written while it lives.
//!
//! The stages tell here what happened, in one line each; here it becomes entries with their sequence and time. What the
//! agent was about to say is entered when the turn is over, since only then is it known what of it was heard.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use moked_core::ids::{CallSid, StreamSid, TurnId};
use moked_core::ports::CallerSaid;
use moked_core::receptionist::Lead;
use moked_core::record::{EndCause, EventKind, RecordEntry, RecordFact, Said, Sequence, TurnRecord};
use moked_core::restart::Child;

use super::{CallBook, EngineRole, now};
use crate::host::CallBrief;
use crate::messages::CallEnd;
use crate::recorder::CallRecorder;

/// The record of one life of a call. Shared by its stages, which live on one thread.
#[derive(Debug)]
pub(crate) struct Recording {
    recorder: Arc<dyn CallRecorder>,
    call_sid: CallSid,
    next: Cell<Sequence>,
    /// The newest turn that is over.
    over: Cell<TurnId>,
    /// The engine that served each role last.
    serving: RefCell<BTreeMap<EngineRole, String>>,
    is_ended: Cell<bool>,
}

impl Recording {
    /// Begins the record of a life of a call.
    pub(crate) fn begin(recorder: Arc<dyn CallRecorder>, call_sid: CallSid, brief: &CallBrief) -> Self {
        let begun = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let recording = Self {
            recorder,
            call_sid,
            next: Cell::new(Sequence::first(begun.as_micros() as u64)),
            over: Cell::default(),
            serving: RefCell::default(),
            is_ended: Cell::new(false),
        };
        recording.write(RecordFact::CallStarted { caller: brief.caller.clone(), language: brief.language });
        recording
    }

    /// A media stream began.
    pub(crate) fn stream_started(&self, stream_sid: &StreamSid) {
        self.write(RecordFact::StreamStarted { stream_sid: stream_sid.clone() });
    }

    /// The caller said something, and a turn begins.
    pub(crate) fn caller_said(&self, turn: TurnId, said: &CallerSaid) {
        let said = match said {
            CallerSaid::Nothing => Said::Nothing,
            CallerSaid::Words(words) => Said::Words(words.clone()),
            CallerSaid::Spoken => Said::Spoken,
            CallerSaid::Resumed => Said::Resumed,
            CallerSaid::Digits(keys) => Said::Keys(keys.clone()),
            CallerSaid::Unclear => Said::Unclear,
            CallerSaid::Silence => Said::Silence,
        };
        self.write(RecordFact::CallerSaid { turn, said });
    }

    /// The media stream was lost.
    pub(crate) fn stream_lost(&self, why: CallEnd) {
        self.event(EventKind::StreamLost, why.to_string());
    }

    /// A turn is over, of which this was heard; the book tells what it was to say.
    pub(crate) fn turn_over(&self, turn: TurnId, heard: &str, interrupted: bool, book: &CallBook) {
        // What a one-hop engine speaks was never to be said by the voice.
        let is_said = book.saying.turn == turn && !book.saying.sentences.is_empty();
        let sentences = if is_said { book.answer(turn).to_vec() } else { book.ledger.sentences(turn) };
        let mut record = TurnRecord::cut(turn, &sentences, heard.to_owned(), interrupted);
        self.over.set(turn);
        record.latencies = book.latencies_of(turn);
        self.write(RecordFact::TurnOver(record));
    }

    /// Less of a turn was heard than was entered: only this.
    pub(crate) fn heard_less(&self, turn: TurnId, heard: String) {
        self.write(RecordFact::HeardLess { turn, heard });
    }

    /// Something that an operator should know of.
    pub(crate) fn event(&self, event: EventKind, detail: impl Into<String>) {
        self.write(RecordFact::Event { event, detail: detail.into() });
    }

    /// An engine gave something of its work. Another one than before took over for it.
    pub(crate) fn engine_serves(&self, role: EngineRole, engine: &str) {
        let mut serving = self.serving.borrow_mut();
        let before = match serving.get_mut(&role) {
            Some(same) if same == engine => return,
            Some(other) => Some(std::mem::replace(other, engine.to_owned())),
            None => serving.insert(role, engine.to_owned()),
        };
        drop(serving);
        if let Some(before) = before {
            self.event(EventKind::ProviderSwitched, format!("{role}: {engine} took over for {before}"));
        }
    }

    /// A stage failed.
    pub(crate) fn stage_failed(&self, child: Child, why: &str, gave_up: bool) {
        let event = if gave_up { EventKind::StageGivenUp } else { EventKind::StageRestarted };
        self.event(event, format!("{child:?}: {why}"));
    }

    /// The call brought this so far.
    pub(crate) fn lead(&self, lead: &Lead) {
        self.write(RecordFact::Lead { lead: lead.clone() });
    }

    /// The call is over, whatever it was doing.
    pub(crate) fn ended(&self, end: CallEnd, seconds: u64, dropped_frames: u64, book: &CallBook) {
        if self.is_ended.replace(true) {
            return;
        }
        let newest = book.ledger.newest(now());
        let spoken = newest.map(|(turn, _)| turn).unwrap_or_default();
        let turn = if book.saying.sentences.is_empty() { spoken } else { book.saying.turn };
        // Of a turn that came no further than a filler there is nothing to tell.
        if turn > self.over.get() && !book.is_filler_only(turn) {
            let heard = book.heard_answer(turn, now());
            self.turn_over(turn, &heard, newest != Some((turn, true)), book);
        }
        if dropped_frames > 0 {
            self.event(EventKind::AudioDropped, format!("{dropped_frames} frames of the caller, 20 ms each"));
        }
        self.write(RecordFact::Ended { cause: cause(end), seconds });
    }

    fn write(&self, fact: RecordFact) {
        let at_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
        let sequence = self.next.replace(self.next.get().next());
        self.recorder.record(RecordEntry { call_sid: self.call_sid.clone(), sequence, at_ms, fact });
    }
}

/// The name of an end, as the admin page shows it too.
fn cause(end: CallEnd) -> EndCause {
    let name = serde_json::to_value(end).ok();
    let name = name.as_ref().and_then(serde_json::Value::as_str);
    EndCause::new(name.map_or_else(|| end.to_string(), str::to_owned))
}

#[cfg(test)]
#[path = "recording_test.rs"]
mod tests;
