//! `[admission]`: from where on new calls are sent elsewhere, so that those that go on stay good.

use std::time::Duration;

use super::elsewhere::Elsewhere;
use super::error::SettingsError;
use super::reader::Reader;

/// Calls for each worker where the settings give no number.
///
/// `moked bench` measured 1.4 ms of processor time per call-second at 400 calls: 200 calls take 28 % of a core. The
/// rest is for the connections to providers, which the bench does not have, and for bursts.
const CALLS_PER_WORKER: usize = 200;

/// `[admission]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdmissionSection {
    /// Most live calls; `None` is 200 for each worker thread.
    pub most_calls: Option<usize>,
    /// New calls a second; `None` is without limit.
    pub calls_per_s: Option<u32>,
    /// Share of its memory that the process may take, percent; `None` is without limit.
    pub memory_percent: Option<u64>,
    /// Most lateness of audio frames, 99 of 100; `None` is without limit.
    pub pacing_late: Option<Duration>,
    /// Most lateness of an event loop, 99 of 100; `None` is without limit.
    pub loop_lag: Option<Duration>,
    /// Where callers go above a limit.
    pub busy: Elsewhere,
}

impl AdmissionSection {
    pub(super) fn read(reader: &Reader<'_>) -> Result<Self, SettingsError> {
        let number = |key: &str, most: u64, unit: &str| {
            reader.number(key, 0..=most, unit).map(|number| Some(number).filter(|number| *number > 0))
        };
        let millis = |key: &str| number(key, 10_000, "milliseconds").map(|ms| ms.map(Duration::from_millis));
        Ok(Self {
            most_calls: number("admission.most_calls", 100_000, "calls")?.map(|calls| calls as usize),
            calls_per_s: number("admission.calls_per_s", 10_000, "calls a second")?.map(|calls| calls as u32),
            memory_percent: number("admission.memory_percent", 100, "percent")?,
            pacing_late: millis("admission.pacing_late_ms")?,
            loop_lag: millis("admission.loop_lag_ms")?,
            busy: Elsewhere::read(reader, "admission.busy")?,
        })
    }

    /// No limit that depends on the machine or its load: for a bench, which wants to see the pain.
    pub fn unlimited() -> Self {
        Self {
            most_calls: Some(usize::MAX),
            calls_per_s: None,
            memory_percent: None,
            pacing_late: None,
            loop_lag: None,
            busy: Elsewhere::Message,
        }
    }

    /// Most live calls of a process with so many workers.
    pub fn most_calls(&self, workers: usize) -> usize {
        self.most_calls.unwrap_or(CALLS_PER_WORKER * workers.max(1))
    }
}
