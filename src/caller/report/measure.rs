//! From tracks and notes to figures.

use moked_core::audio::{BYTES_PER_MS, mulaw};

use super::{ActKind, DoneAct, Gaps, Marks, Reaction, StreamRecord, StreamReport, Turn};
use crate::caller::ear::{EarEvent, EarLogEntry};
use crate::caller::voiced::{self, Span};

/// Measures a stream.
pub fn measure(record: StreamRecord) -> StreamReport {
    let caller = mulaw::decode(&record.tracks.caller);
    let agent_spans = voiced::spans(&mulaw::decode(&record.tracks.agent));
    let ends = record.acts.iter().skip(1).map(|act| act.from_ms).chain([u64::MAX]);
    let turns: Vec<Turn> = record
        .acts
        .iter()
        .zip(ends)
        .map(|(act, end_ms)| turn(act, end_ms, &caller, &agent_spans, &record.log))
        .collect();
    let first_word = turns.first().map_or(u64::MAX, |turn| turn.from_ms);
    let greeting_ms = agent_spans.first().map(|span| span.from_ms).filter(|&at| at < first_word);
    let mut report = StreamReport {
        stream_sid: record.stream_sid,
        handshake_ms: record.handshake_ms,
        greeting_ms,
        turns,
        agent_spans,
        caller_spans: voiced::spans(&caller),
        gaps: Gaps::default(),
        marks: Marks::default(),
        clears: 0,
        overflow_ms: 0,
        violations: record.violations,
        violation_count: record.violation_count,
        duration_ms: record.duration_ms,
        end: record.end,
        log: record.log,
        tracks: record.tracks,
    };
    for entry in &report.log {
        match &entry.event {
            EarEvent::MarkQueued { .. } => report.marks.queued += 1,
            EarEvent::MarkPlayed { .. } => report.marks.played += 1,
            EarEvent::MarkCleared { .. } => report.marks.cleared += 1,
            EarEvent::Cleared { .. } => report.clears += 1,
            EarEvent::Overflow { discarded_ms } => report.overflow_ms += discarded_ms,
            EarEvent::Underrun { gap_ms } => {
                report.gaps.count += 1;
                report.gaps.total_ms += gap_ms;
                report.gaps.longest_ms = report.gaps.longest_ms.max(*gap_ms);
            }
            EarEvent::AgentBegan | EarEvent::AgentFinished { .. } => {}
        }
    }
    report
}

/// Measures the turn of `act`, which lasts until the next one begins at `end_ms`.
fn turn(act: &DoneAct, end_ms: u64, caller: &[i16], agent: &[Span], log: &[EarLogEntry]) -> Turn {
    let (from_ms, to_ms) = voice_of(act, caller);
    let in_turn = |span: &&Span| span.from_ms < end_ms;
    let answer = agent.iter().filter(in_turn).find(|span| span.from_ms >= to_ms).or_else(|| {
        // The agent began while the caller spoke and was still audible afterwards: an echo, or impatience.
        agent.iter().filter(in_turn).rfind(|span| span.from_ms > from_ms && span.to_ms > to_ms)
    });
    let answer_ms = answer.map(|span| span.from_ms);
    let interrupted = agent.iter().find(|span| span.from_ms < from_ms && from_ms < span.to_ms);
    let reaction = interrupted.map(|span| Reaction {
        clear_after_ms: log
            .iter()
            .find(|entry| {
                matches!(entry.event, EarEvent::Cleared { .. }) && (from_ms..end_ms).contains(&entry.at_ms)
            })
            .map(|entry| entry.at_ms - from_ms),
        quiet_after_ms: span.to_ms - from_ms,
    });
    Turn {
        what: act.what.clone(),
        kind: act.kind,
        from_ms,
        to_ms,
        answer_ms,
        latency_ms: answer_ms.map(|at| at as i64 - to_ms as i64),
        reaction,
    }
}

/// First and last audible moment of what was sent for `act`; its whole time when nothing of it is audible.
fn voice_of(act: &DoneAct, caller: &[i16]) -> (u64, u64) {
    if act.kind == ActKind::Keys {
        return (act.from_ms, act.to_ms);
    }
    let (from, to) = (act.from_ms as usize * BYTES_PER_MS, act.to_ms as usize * BYTES_PER_MS);
    let sent = caller.get(from..to.min(caller.len())).unwrap_or_default();
    let spans = voiced::spans(sent);
    match (spans.first(), spans.last()) {
        (Some(first), Some(last)) => (act.from_ms + first.from_ms, act.from_ms + last.to_ms),
        _ => (act.from_ms, act.to_ms),
    }
}

#[cfg(test)]
mod tests {
    use moked_core::audio::SILENCE;
    use moked_core::ids::StreamSid;

    use super::*;
    use crate::caller::recording::Tracks;
    use crate::caller::report::StreamEnd;

    const LOUD: u8 = 0x20;

    /// A track that is loud in the spans given and silent elsewhere.
    fn track(length_ms: usize, loud: &[(usize, usize)]) -> Vec<u8> {
        let mut track = vec![SILENCE; length_ms * BYTES_PER_MS];
        for &(from, to) in loud {
            track[from * BYTES_PER_MS..to * BYTES_PER_MS].fill(LOUD);
        }
        track
    }

    fn act(kind: ActKind, from_ms: u64, to_ms: u64) -> DoneAct {
        DoneAct { what: "x".to_owned(), kind, from_ms, to_ms }
    }

    fn report(
        caller: &[(usize, usize)],
        agent: &[(usize, usize)],
        acts: &[DoneAct],
        log: &[(u64, EarEvent)],
    ) -> StreamReport {
        measure(StreamRecord {
            stream_sid: StreamSid::new("MZ1"),
            handshake_ms: 3,
            tracks: Tracks { caller: track(10_000, caller), agent: track(10_000, agent) },
            log: log
                .iter()
                .map(|(at_ms, event)| EarLogEntry { at_ms: *at_ms, event: event.clone() })
                .collect(),
            acts: acts.to_vec(),
            violations: Vec::new(),
            violation_count: 0,
            duration_ms: 10_000,
            end: StreamEnd::Caller,
        })
    }

    #[test]
    fn latency_runs_from_the_last_sound_to_the_first_and_ignores_the_padding() {
        // The file lasts from 2,000 to 4,000 but speaks from 2,300 to 3,100 only.
        let acts = [act(ActKind::Speech, 2_000, 4_000)];
        let report = report(&[(2_300, 3_100)], &[(400, 1_500), (4_250, 6_000)], &acts, &[]);
        assert_eq!(report.greeting_ms, Some(400));
        let turn = &report.turns[0];
        assert_eq!((turn.from_ms, turn.to_ms), (2_300, 3_100));
        assert_eq!((turn.answer_ms, turn.latency_ms), (Some(4_250), Some(1_150)));
        assert_eq!(turn.reaction, None);
    }

    #[test]
    fn an_interruption_is_measured_to_the_clear_and_to_the_silence() {
        let acts = [act(ActKind::Interruption, 2_000, 2_900)];
        let log = [(2_350, EarEvent::Cleared { discarded_ms: 900 })];
        let report = report(&[(2_100, 2_800)], &[(1_000, 2_360), (3_500, 5_000)], &acts, &log);
        let turn = &report.turns[0];
        let expected = Reaction { clear_after_ms: Some(250), quiet_after_ms: 260 };
        assert_eq!(turn.reaction, Some(expected));
        assert_eq!(turn.latency_ms, Some(700));
        assert_eq!(report.clears, 1);
    }

    #[test]
    fn an_agent_that_talks_on_after_an_interruption_has_no_answer_until_it_stops_and_starts_anew() {
        let acts = [act(ActKind::Interruption, 2_000, 2_500)];
        let report = report(&[(2_000, 2_500)], &[(1_000, 6_000)], &acts, &[]);
        let turn = &report.turns[0];
        assert_eq!(turn.answer_ms, None);
        let expected = Reaction { clear_after_ms: None, quiet_after_ms: 4_000 };
        assert_eq!(turn.reaction, Some(expected));
    }

    #[test]
    fn an_echo_answers_before_the_caller_has_finished() {
        let acts = [act(ActKind::Speech, 2_000, 3_000)];
        let report = report(&[(2_000, 3_000)], &[(2_040, 3_040)], &acts, &[]);
        assert_eq!(report.turns[0].latency_ms, Some(-960));
        assert_eq!(report.turns[0].reaction, None);
        assert_eq!(report.greeting_ms, None);
    }

    #[test]
    fn an_answer_after_the_next_act_does_not_count_for_this_one() {
        let acts = [act(ActKind::Speech, 1_000, 2_000), act(ActKind::Keys, 5_000, 5_240)];
        let report = report(&[(1_000, 2_000)], &[(6_000, 7_000)], &acts, &[]);
        assert_eq!(report.turns[0].latency_ms, None);
        assert_eq!(report.turns[1].latency_ms, Some(760));
    }

    #[test]
    fn gaps_and_marks_are_added_up() {
        let name = moked_core::ids::MarkName::new("m");
        let log = [
            (1, EarEvent::MarkQueued { name: name.clone() }),
            (2, EarEvent::MarkQueued { name: name.clone() }),
            (3, EarEvent::MarkPlayed { name: name.clone() }),
            (4, EarEvent::MarkCleared { name }),
            (5, EarEvent::Underrun { gap_ms: 10.5 }),
            (6, EarEvent::Underrun { gap_ms: 2.0 }),
            (7, EarEvent::Overflow { discarded_ms: 9 }),
        ];
        let report = report(&[], &[], &[], &log);
        assert_eq!(report.marks, Marks { queued: 2, played: 1, cleared: 1 });
        assert_eq!(report.gaps, Gaps { count: 2, total_ms: 12.5, longest_ms: 10.5 });
        assert_eq!(report.overflow_ms, 9);
    }
}
