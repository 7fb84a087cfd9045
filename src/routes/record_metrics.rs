//! The records of calls in the text format of Prometheus.

use crate::records::{Records, RecordsHealth};

use super::metrics::family;

/// Writes the families of the records.
pub(super) fn write(out: &mut String, records: &Records) {
    let count = records.count();
    let entries = [
        ("{state=\"taken\"}", count.taken),
        ("{state=\"written\"}", count.written),
        ("{state=\"spooled\"}", count.spooled),
        ("{state=\"dropped\"}", count.dropped),
    ];
    let help = "Entries of call records: given by calls, taken by the database, sent to the spool, lost.";
    family(out, "moked_record_entries_total", "counter", help, &entries);
    let held = [("", count.held)];
    family(
        out,
        "moked_record_entries_held",
        "gauge",
        "Entries that neither database nor spool takes.",
        &held,
    );
    let is_degraded = matches!(records.health(), RecordsHealth::Degraded { .. });
    let help = "1 while call records do not reach the database.";
    family(out, "moked_records_degraded", "gauge", help, &[("", u64::from(is_degraded))]);
}
