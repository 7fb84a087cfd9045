//! Why a new caller is sent elsewhere.

use std::fmt;
use std::time::Duration;

/// The limit that is passed, with its measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Full {
    /// As many calls live, or are about to, as may.
    Calls {
        /// How many may.
        most: usize,
    },
    /// More calls a second came than may.
    Rate,
    /// Memory is short.
    Memory {
        /// What the process takes, MiB.
        resident_mib: u64,
        /// What it may take, MiB.
        most_mib: u64,
    },
    /// Audio frames go out late.
    Pacing {
        /// How late 1 of 100 goes out.
        late: Duration,
    },
    /// An event loop lags.
    Lag {
        /// How late 1 of 100 of its timers comes.
        lag: Duration,
    },
}

impl Full {
    /// One word for each limit, as `/metrics` has it.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Calls { .. } => "calls",
            Self::Rate => "rate",
            Self::Memory { .. } => "memory",
            Self::Pacing { .. } => "pacing",
            Self::Lag { .. } => "lag",
        }
    }
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Calls { most } => {
                write!(f, "{most} calls live, and admission.most_calls allows no more")
            }
            Self::Rate => f.write_str("more calls come than admission.calls_per_s allows"),
            Self::Memory { resident_mib, most_mib } => {
                write!(
                    f,
                    "{resident_mib} MiB of the {most_mib} MiB that admission.memory_percent allows are taken"
                )
            }
            Self::Pacing { late } => {
                write!(f, "audio goes out {} ms late, past admission.pacing_late_ms", late.as_millis())
            }
            Self::Lag { lag } => {
                write!(f, "an event loop lags {} ms, past admission.loop_lag_ms", lag.as_millis())
            }
        }
    }
}
