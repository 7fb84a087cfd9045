//! How a role stands, for `/readyz`, the doctor and the metrics.

use moked_core::breaker::BreakerState;
use moked_core::latency::Latency;
use serde::Serialize;

/// A role in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RoleState {
    /// The first choice serves.
    Ok,
    /// No engine is configured.
    Unconfigured,
    /// The first choice is down, a later one serves.
    Degraded,
    /// None serves.
    Down,
}

/// One engine of a role.
#[derive(Debug, Clone, Serialize)]
pub struct EngineHealth {
    /// Its name.
    pub name: String,
    /// Whether requests go to it.
    pub is_up: bool,
    /// Its breaker.
    pub breaker: BreakerState,
    /// Its last failure, in words.
    pub last_fault: Option<String>,
    /// Time of each new connection: name, TCP, TLS and the protocol's own greeting.
    pub connect: Latency,
    /// Time to the first piece of an answer.
    pub first: Latency,
    /// Time to the last piece.
    pub whole: Latency,
}

/// A role and its engines, first choice first.
#[derive(Debug, Clone, Serialize)]
pub struct RoleHealth {
    /// In one word.
    pub state: RoleState,
    /// The engines.
    pub engines: Vec<EngineHealth>,
}
