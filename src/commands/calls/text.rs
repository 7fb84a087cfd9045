//! Recorded calls as a person reads them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use moked_core::record::Said;

use crate::records::{CallRecord, CallRow, TurnRow};
use crate::telemetry;

/// One line of a list.
pub(super) fn row(call: &CallRow, zone: &TimeZone) -> String {
    let caller = call.caller.as_deref().unwrap_or("withheld");
    let end = match &call.end {
        Some(end) => format!("{:>5} s  {}", end.seconds, end.cause),
        None => format!("{:>5} s  no end recorded", seconds(call)),
    };
    let lead = if call.has_lead { "  lead" } else { "" };
    let turns = format!("{:>3} turns", call.turns);
    let line =
        format!("{}  {:34}  {caller:16}  {turns}  {end}{lead}", at(call.started_at_ms, zone), call.call_sid);
    telemetry::escape(&line) + "\n"
}

/// One call.
pub(super) fn whole(record: &CallRecord, zone: &TimeZone) -> String {
    let mut lines = vec![row(&record.call, zone).trim_end().to_owned(), String::new()];
    for turn in &record.conversation {
        said(turn, zone, &mut lines);
    }
    if !record.events.is_empty() {
        lines.push(String::new());
        let events = record.events.iter();
        lines.extend(
            events.map(|event| format!("{}  {:?}: {}", clock(event.at_ms, zone), event.event, event.detail)),
        );
    }
    if let Some(lead) = &record.lead {
        lines.push(String::new());
        lines.push(format!("lead ({})", if lead.complete { "complete" } else { "not complete" }));
        lines.extend(lead.answers.iter().map(|(slot, answer)| format!("  {slot}: {}", answer.value)));
    }
    if record.unreadable > 0 {
        lines.push(String::new());
        lines.push(format!("{} entries are of a later moked and not shown", record.unreadable));
    }
    let lines = lines.iter().map(|line| telemetry::escape(line));
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

fn said(turn: &TurnRow, zone: &TimeZone, lines: &mut Vec<String>) {
    let time = clock(turn.at_ms, zone);
    match &turn.said {
        None | Some(Said::Nothing) => {}
        Some(Said::Spoken) => lines.push(format!("{time}  caller  [spoke]")),
        Some(Said::Resumed) => lines.push(format!("{time}          [the line is back]")),
        Some(Said::Words(words)) => lines.push(format!("{time}  caller  {words}")),
        Some(Said::Keys(keys)) => lines.push(format!("{time}  caller  [keys {keys}]")),
        Some(Said::Unclear) => lines.push(format!("{time}  caller  [not understood]")),
        Some(Said::Silence) => lines.push(format!("{time}  caller  [silence]")),
    }
    if let Some(answer) = &turn.answer {
        let wait = answer.latencies.first_frame_ms.map(|ms| format!("  ({ms} ms)")).unwrap_or_default();
        lines.push(format!("{time}  agent   {}{wait}", answer.heard));
        if !answer.unheard.is_empty() {
            let why = if answer.interrupted { "interrupted" } else { "not heard" };
            lines.push(format!("{time}          [{why}: {}]", answer.unheard));
        }
    }
}

fn seconds(call: &CallRow) -> u64 {
    call.last_at_ms.saturating_sub(call.started_at_ms) / 1_000
}

fn at(ms: u64, zone: &TimeZone) -> String {
    formatted(ms, zone, "%Y-%m-%d %H:%M:%S")
}

fn clock(ms: u64, zone: &TimeZone) -> String {
    formatted(ms, zone, "%H:%M:%S")
}

fn formatted(ms: u64, zone: &TimeZone, form: &str) -> String {
    let time = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    time.map_or_else(|| ms.to_string(), |time| time.to_zoned(zone.clone()).strftime(form).to_string())
}

#[cfg(test)]
mod tests {
    use moked_core::ids::{CallSid, TurnId};
    use moked_core::record::TurnRecord;

    use super::*;

    #[test]
    fn a_call_is_shown_with_what_was_not_heard_and_without_control_characters() {
        let call = CallRow {
            call_sid: CallSid::new("CA1"),
            started_at_ms: 1_795_000_000_000,
            last_at_ms: 1_795_000_012_000,
            caller: None,
            language: Some("he".to_owned()),
            end: None,
            turns: 1,
            has_lead: false,
        };
        let answer = TurnRecord {
            turn: TurnId(2),
            heard: "אנחנו פתוחים".to_owned(),
            unheard: "עד שש.".to_owned(),
            interrupted: true,
            ..TurnRecord::default()
        };
        let said = Some(Said::Words("מתי\u{1b}[31m פתוח".to_owned()));
        let turn = TurnRow { turn: TurnId(2), at_ms: 1_795_000_001_000, said, answer: Some(answer) };
        let record = CallRecord {
            call,
            streams: Vec::new(),
            conversation: vec![turn],
            events: Vec::new(),
            lead: None,
            unreadable: 0,
        };
        let text = whole(&record, &TimeZone::UTC);
        assert!(text.contains("withheld") && text.contains("12 s  no end recorded"), "{text}");
        assert!(text.contains("agent   אנחנו פתוחים") && text.contains("[interrupted: עד שש.]"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
    }
}
