//! What is read from the store: calls in a list, and one call whole.

use moked_core::ids::{CallSid, StreamSid, TurnId};
use moked_core::receptionist::Lead;
use moked_core::record::{EndCause, EventKind, RecordEntry, RecordFact, Said, TurnRecord};
use serde::Serialize;

/// One call in a list. Times are milliseconds since the Unix epoch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallRow {
    /// The call.
    pub call_sid: CallSid,
    /// Its first entry.
    pub started_at_ms: u64,
    /// Its last.
    pub last_at_ms: u64,
    /// The caller's number as it was kept.
    pub caller: Option<String>,
    /// The code of its language, `en` or `he`.
    pub language: Option<String>,
    /// How it ended. `None`: it lives, or its process ended without a word.
    pub end: Option<CallEnding>,
    /// Answers of the agent.
    pub turns: u64,
    /// Whether it brought a lead.
    pub has_lead: bool,
}

/// How a call ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallEnding {
    /// When, in milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// Why.
    pub cause: EndCause,
    /// How long the call was.
    pub seconds: u64,
}

/// Which calls to list. The default is all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CallFilter {
    /// Begun at this time or later, milliseconds since the Unix epoch.
    pub from_ms: Option<u64>,
    /// Begun before this time.
    pub to_ms: Option<u64>,
    /// From this number, in full: `+972541234567`. Finds no masked number.
    pub caller: Option<String>,
    /// Ended for this reason.
    pub cause: Option<EndCause>,
}

/// Which part of a list, newest call first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Calls before this one; `None` begins with the newest.
    pub after: Option<Cursor>,
    /// Calls at most, 1 to 500; what is beyond is taken as the nearest.
    pub limit: u32,
}

impl Page {
    /// The newest calls.
    pub fn first(limit: u32) -> Self {
        Self { after: None, limit }
    }
}

/// Where a page ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cursor {
    /// Start of the last call of the page, milliseconds since the Unix epoch.
    pub started_at_ms: u64,
    /// The last call of the page.
    pub call_sid: CallSid,
}

/// A part of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallPage {
    /// The calls, newest first.
    pub calls: Vec<CallRow>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
}

/// One call, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CallRecord {
    /// What the list shows of it.
    #[serde(flatten)]
    pub call: CallRow,
    /// Its media streams.
    pub streams: Vec<StreamSid>,
    /// Its turns, in order.
    pub conversation: Vec<TurnRow>,
    /// What went wrong and was mended.
    pub events: Vec<EventRow>,
    /// What it brought.
    pub lead: Option<Lead>,
    /// Entries that this version cannot read.
    pub unreadable: u64,
}

/// One turn: what the caller said, and the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TurnRow {
    /// The turn. A second life of a call counts from the beginning again.
    pub turn: TurnId,
    /// When the caller had said it, milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// What he said; `None` when that was lost.
    pub said: Option<Said>,
    /// What the agent answered; `None` when he was not answered before he spoke on, or the call broke.
    pub answer: Option<TurnRecord>,
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EventRow {
    /// When, milliseconds since the Unix epoch.
    pub at_ms: u64,
    /// Its kind.
    pub event: EventKind,
    /// What exactly.
    pub detail: String,
}

impl CallRecord {
    /// Gathers a call from its entries, in the order of their sequence.
    pub(super) fn gather(call: CallRow, entries: Vec<RecordEntry>, unreadable: u64) -> Self {
        let mut record = Self {
            call,
            streams: Vec::new(),
            conversation: Vec::new(),
            events: Vec::new(),
            lead: None,
            unreadable,
        };
        for entry in entries {
            record.take(entry);
        }
        record
    }

    fn take(&mut self, entry: RecordEntry) {
        let at_ms = entry.at_ms;
        match entry.fact {
            RecordFact::StreamStarted { stream_sid } => self.streams.push(stream_sid),
            RecordFact::CallerSaid { turn, said } => {
                let waits = |row: &&mut TurnRow| row.turn == turn && row.said == Some(Said::Spoken);
                match self.conversation.iter_mut().rev().find(waits) {
                    Some(row) => row.said = Some(said),
                    None => self.conversation.push(TurnRow { turn, at_ms, said: Some(said), answer: None }),
                }
            }
            RecordFact::TurnOver(answer) => {
                let is_its = |row: &&mut TurnRow| row.turn == answer.turn && row.answer.is_none();
                match self.conversation.iter_mut().rev().find(is_its) {
                    Some(row) => row.answer = Some(answer),
                    None => self.conversation.push(TurnRow {
                        turn: answer.turn,
                        at_ms,
                        said: None,
                        answer: Some(answer),
                    }),
                }
            }
            RecordFact::HeardLess { turn, heard } => {
                let of_turn = |row: &&mut TurnRow| row.turn == turn;
                let row = self.conversation.iter_mut().rev().find(of_turn);
                if let Some(answer) = row.and_then(|row| row.answer.as_mut()) {
                    *answer = std::mem::take(answer).heard_less(heard);
                }
            }
            RecordFact::Event { event, detail } => self.events.push(EventRow { at_ms, event, detail }),
            RecordFact::Lead { lead } => self.lead = Some(lead),
            // In the row already.
            RecordFact::CallStarted { .. } | RecordFact::Ended { .. } => {}
        }
    }
}
