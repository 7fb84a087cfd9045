//! A call made by hand, for the tests of what shows a report.

use moked_core::audio::{BYTES_PER_MS, SILENCE, mulaw};
use moked_core::ids::{CallSid, MarkName, StreamSid};

use super::ear::{EarEvent, EarLogEntry};
use super::recording::Tracks;
use super::report::{
    ActKind, CallReport, DoneAct, EndedBy, Problem, Step, StreamEnd, StreamRecord, StreamReport, measure,
};
use super::strict::{Rule, Violation};

const LENGTH_MS: usize = 15_000;

/// Syllables of a voice: a tone that swells and fades five times a second.
fn voice(track: &mut [u8], from_ms: usize, to_ms: usize, pitch: f64) {
    let spoken = track.iter_mut().enumerate().take(to_ms * BYTES_PER_MS).skip(from_ms * BYTES_PER_MS);
    for (n, byte) in spoken {
        let t = n as f64 / 8_000.0;
        let syllable = 0.25 + 0.75 * (t * 5.0 * std::f64::consts::PI).sin().powi(2);
        let swell = syllable * (0.6 + 0.4 * (t * 2.3).sin());
        let sample = 9_000.0 * swell * (t * pitch * std::f64::consts::TAU).sin();
        *byte = mulaw::encode_sample(sample as i16);
    }
}

fn entry(at_ms: u64, event: EarEvent) -> EarLogEntry {
    EarLogEntry { at_ms, event }
}

/// A greeting, a question, an interruption, two keys.
pub(super) fn stream() -> StreamReport {
    let (mut caller, mut agent) = (vec![SILENCE; LENGTH_MS * 8], vec![SILENCE; LENGTH_MS * 8]);
    voice(&mut caller, 3_300, 4_900, 180.0);
    voice(&mut caller, 7_450, 8_400, 180.0);
    for (from, to) in [(440, 2_600), (5_720, 7_640), (9_110, 10_700), (12_280, 14_000)] {
        voice(&mut agent, from, to, 120.0);
    }
    let act = |what: &str, kind, from_ms, to_ms| DoneAct { what: what.to_owned(), kind, from_ms, to_ms };
    let mut log = Vec::new();
    for (number, at_ms) in [600, 1_200, 1_800, 2_600, 6_200, 6_700, 7_200].into_iter().enumerate() {
        let name = MarkName::new(format!("m{number}"));
        log.push(entry(at_ms - 200, EarEvent::MarkQueued { name: name.clone() }));
        log.push(entry(at_ms, EarEvent::MarkPlayed { name }));
    }
    log.push(entry(7_630, EarEvent::Cleared { discarded_ms: 900 }));
    log.push(entry(7_630, EarEvent::MarkCleared { name: MarkName::new("m7") }));
    log.push(entry(9_900, EarEvent::Underrun { gap_ms: 60.0 }));
    measure(StreamRecord {
        stream_sid: StreamSid::new("MZ0123456789abcdef0123456789abcdef"),
        handshake_ms: 4,
        tracks: Tracks { caller, agent },
        log,
        acts: vec![
            act("שלום, אני מחפש דירה בחיפה", ActKind::Speech, 3_200, 5_100),
            act("רגע, כמה זה עולה?", ActKind::Interruption, 7_400, 8_500),
            act("2#", ActKind::Keys, 11_200, 11_680),
        ],
        violations: vec![Violation {
            at_ms: 9_120,
            rule: Rule::MessageShape,
            code: Some(31_951),
            why: "additional field \"track\"".to_owned(),
        }],
        violation_count: 1,
        duration_ms: LENGTH_MS as u64,
        end: StreamEnd::Caller,
    })
}

/// The call around it.
pub(crate) fn report() -> CallReport {
    CallReport {
        call_sid: CallSid::new("CA0123456789abcdef0123456789abcdef"),
        webhook: "http://127.0.0.1:8080/webhook/incoming_call".to_owned(),
        webhook_ms: 6,
        trail: vec![
            Step { at_ms: 0, what: "POST /webhook/incoming_call".to_owned() },
            Step { at_ms: 6, what: "<Connect><Stream wss://moked.example/ws/twilio-media>".to_owned() },
        ],
        streams: vec![stream()],
        problems: vec![Problem { code: 12_100, why: "the action's answer was empty".to_owned() }],
        advice: Vec::new(),
        ended_by: EndedBy::Caller,
        duration_ms: LENGTH_MS as u64 + 20,
    }
}
