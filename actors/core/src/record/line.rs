//! An entry as one line of JSON, with the version of its form.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{RecordEntry, RecordFact, Sequence};
use crate::ids::CallSid;

/// The version of the form in which entries are written. A change that an older reader would misread raises it; a new
/// field with a default, or a new kind of event, does not.
pub const VERSION: u32 = 1;

/// Why a line is not an entry.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum LineFault {
    /// It was written by a later version of moked.
    #[error("it is of version {0} and this moked reads version {VERSION}")]
    Newer(u32),
    /// It is damaged.
    #[error("it cannot be read: {0}")]
    Damaged(String),
}

#[derive(Serialize, Deserialize)]
struct Line<Fact> {
    v: u32,
    call_sid: CallSid,
    sequence: Sequence,
    at_ms: u64,
    fact: Fact,
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

impl RecordEntry {
    /// The entry on one line, without the line's end. Control characters are escaped by JSON.
    ///
    /// # Errors
    /// Never with the facts of today, whose keys are all text.
    pub fn to_line(&self) -> Result<String, serde_json::Error> {
        let Self { call_sid, sequence, at_ms, fact } = self;
        let line = Line { v: VERSION, call_sid: call_sid.clone(), sequence: *sequence, at_ms: *at_ms, fact };
        serde_json::to_string(&line)
    }

    /// Reads a line of [`RecordEntry::to_line`].
    ///
    /// # Errors
    /// When it is damaged, or of a later version.
    pub fn from_line(line: &str) -> Result<Self, LineFault> {
        let damaged = |error: serde_json::Error| LineFault::Damaged(error.to_string());
        let Version { v } = serde_json::from_str(line).map_err(damaged)?;
        if v > VERSION {
            return Err(LineFault::Newer(v));
        }
        let Line { call_sid, sequence, at_ms, fact, .. } =
            serde_json::from_str::<Line<RecordFact>>(line).map_err(damaged)?;
        Ok(Self { call_sid, sequence, at_ms, fact })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TurnId;
    use crate::record::Said;

    fn entry() -> RecordEntry {
        let said = Said::Words("שורה\nאחת\u{0}".into());
        let fact = RecordFact::CallerSaid { turn: TurnId(2), said };
        RecordEntry { call_sid: CallSid::new("CA1"), sequence: Sequence(7), at_ms: 9, fact }
    }

    #[test]
    fn an_entry_is_one_line_and_comes_back_whole() {
        let line = entry().to_line().unwrap();
        assert!(!line.contains('\n') && !line.contains('\0'), "{line}");
        assert_eq!(RecordEntry::from_line(&line), Ok(entry()));
    }

    #[test]
    fn a_torn_line_and_a_later_version_are_told_apart() {
        let line = entry().to_line().unwrap();
        assert!(matches!(RecordEntry::from_line(&line[..line.len() - 9]), Err(LineFault::Damaged(_))));
        let later = line.replace("\"v\":1", "\"v\":2").replace("caller_said", "caller_sang");
        assert_eq!(RecordEntry::from_line(&later), Err(LineFault::Newer(2)));
    }

    #[test]
    fn a_kind_of_event_of_a_later_moked_is_readable() {
        let line = r#"{"v":1,"call_sid":"CA1","sequence":1,"at_ms":1,"fact":{"kind":"event","event":"teleported","detail":"x"}}"#;
        let fact = RecordEntry::from_line(line).unwrap().fact;
        assert!(matches!(fact, RecordFact::Event { event: crate::record::EventKind::Other, .. }), "{fact:?}");
    }
}
