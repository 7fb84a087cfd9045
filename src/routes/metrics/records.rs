//! The records of calls.

use super::text::{Kind, Text};
use crate::records::{Records, RecordsHealth};

/// Writes the families of the records.
pub(super) fn write(out: &mut Text, records: &Records) {
    let count = records.count();
    let help = "Entries of call records: given by calls, taken by the database, sent to the spool, lost.";
    out.family("moked_record_entries_total", Kind::Counter, help);
    for (state, entries) in [
        ("taken", count.taken),
        ("written", count.written),
        ("spooled", count.spooled),
        ("dropped", count.dropped),
    ] {
        out.sample("", &[("state", state)], entries as f64);
    }
    let help = "Entries that neither database nor spool takes.";
    out.one("moked_records_held_entries", Kind::Gauge, help, count.held as f64);
    let is_up = !matches!(records.health(), RecordsHealth::Degraded { .. });
    let help = "1 while nothing keeps call records from the database.";
    out.one("moked_records_up", Kind::Gauge, help, f64::from(u8::from(is_up)));
}
