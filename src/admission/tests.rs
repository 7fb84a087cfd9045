//! Each limit by itself, in virtual time.

use super::*;
use crate::settings::{Environment, Settings};

/// A process with these measures.
#[derive(Debug, Default)]
struct Process {
    live: Vec<CallSid>,
    pressure: Pressure,
    resident: u64,
}

impl Measures for Process {
    fn live(&self) -> usize {
        self.live.len()
    }

    fn lives(&self, call: &CallSid) -> bool {
        self.live.contains(call)
    }

    fn pressure(&self) -> Pressure {
        self.pressure
    }

    fn resident(&self) -> Option<u64> {
        Some(self.resident)
    }
}

fn admission(variables: &[(&str, &str)], now: Instant) -> Admission {
    let variables =
        variables.iter().map(|(name, value)| (format!("MOKED__ADMISSION__{name}"), (*value).to_owned()));
    let settings = Settings::load(None, &variables.collect::<Environment>()).unwrap();
    Admission::new(&settings.admission, 2, now)
}

fn call(number: usize) -> CallSid {
    CallSid::new(format!("CA{number}"))
}

const MS: Duration = Duration::from_millis(1);

#[test]
fn callers_who_were_answered_and_have_not_come_are_counted() {
    let start = Instant::now();
    let admission = admission(&[("MOST_CALLS", "2")], start);
    let mut process = Process { live: vec![call(1)], ..Process::default() };
    assert_eq!(admission.admit(&call(2), &process, start), Ok(()));
    assert_eq!(admission.admit(&call(3), &process, start), Err(Full::Calls { most: 2 }));
    process.live.push(call(2));
    assert_eq!(admission.admit(&call(3), &process, start), Err(Full::Calls { most: 2 }));
    process.live.clear();
    assert_eq!(admission.admit(&call(3), &process, start), Ok(()));
    assert_eq!(admission.expected(&process, start), 1);
    admission.free(&call(3));
    assert_eq!(admission.expected(&process, start), 0);
}

#[test]
fn without_a_number_a_worker_takes_two_hundred_calls() {
    let start = Instant::now();
    let admission = admission(&[("CALLS_PER_S", "0")], start);
    let process = Process::default();
    assert!((0..400).all(|number| admission.admit(&call(number), &process, start).is_ok()));
    assert_eq!(admission.admit(&call(400), &process, start), Err(Full::Calls { most: 400 }));
}

#[test]
fn who_is_refused_takes_nobodys_token() {
    let start = Instant::now();
    let admission = admission(&[("CALLS_PER_S", "1"), ("MOST_CALLS", "1")], start);
    let mut process = Process { live: vec![call(1)], ..Process::default() };
    assert_eq!(admission.admit(&call(2), &process, start), Err(Full::Calls { most: 1 }));
    process.live.clear();
    assert_eq!(admission.why_full(&process, start), None);
    assert_eq!(admission.admit(&call(2), &process, start), Ok(()));
    process.live.clear();
    admission.free(&call(2));
    assert_eq!(admission.admit(&call(3), &process, start), Err(Full::Rate));
    assert_eq!(admission.why_full(&process, start), Some(Full::Rate));
    assert_eq!(admission.admit(&call(3), &process, start + 1_000 * MS), Ok(()));
}

#[test]
fn late_audio_and_lagging_loops_shut_until_they_are_well_below_the_limit() {
    let start = Instant::now();
    let admission = admission(&[("PACING_LATE_MS", "50"), ("LOOP_LAG_MS", "50")], start);
    let mut process = Process::default();
    let mut at = start;
    let mut look = |pacing: u32, lag: u32| {
        at += FRESH;
        process.pressure = Pressure { loop_lag: MS * lag, pacing_late: MS * pacing };
        admission.why_full(&process, at).map(Full::word)
    };
    assert_eq!(look(50, 50), None);
    assert_eq!(look(51, 0), Some("pacing"));
    assert_eq!(look(41, 0), Some("pacing"));
    assert_eq!(look(40, 51), Some("lag"));
    assert_eq!(look(0, 45), Some("lag"));
    assert_eq!(look(0, 0), None);
}

#[test]
fn memory_past_its_share_shuts_and_says_how_much() {
    let start = Instant::now();
    let admission = admission(&[("MEMORY_PERCENT", "50")], start);
    let most = admission.most_memory.unwrap();
    let mut process = Process { resident: most, ..Process::default() };
    assert_eq!(admission.why_full(&process, start), None);
    process.resident = most + MIB;
    assert_eq!(admission.why_full(&process, start + FRESH / 2), None, "measures stand for a while");
    let full = admission.why_full(&process, start + FRESH).unwrap();
    assert_eq!(full, Full::Memory { resident_mib: (most + MIB) / MIB, most_mib: most / MIB });
    assert!(full.to_string().contains("MiB"), "{full}");
}

#[test]
fn a_limit_of_zero_is_none() {
    let start = Instant::now();
    let off = [("CALLS_PER_S", "0"), ("MEMORY_PERCENT", "0"), ("PACING_LATE_MS", "0"), ("LOOP_LAG_MS", "0")];
    let admission = admission(&off, start);
    let pressure = Pressure { loop_lag: 9_000 * MS, pacing_late: 9_000 * MS };
    assert_eq!(
        admission.why_full(&Process { pressure, resident: u64::MAX, ..Process::default() }, start),
        None
    );
}
