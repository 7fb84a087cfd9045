//! How long a mind is waited for.

use std::time::Duration;

use serde::Deserialize;

/// Limits of waiting, all in ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MindLimits {
    /// For the first token of an answer, from the request on. Default 4500: two tries fit into `turn_ms`.
    pub first_token_ms: u64,
    /// Between two tokens. Default 4000. Keep-alive comments are no tokens.
    pub gap_ms: u64,
    /// For the first words of a turn over all tries and tool calls. Default 9500, a little under the 10 s
    /// after which the dialog excuses itself.
    pub turn_ms: u64,
}

impl Default for MindLimits {
    fn default() -> Self {
        Self { first_token_ms: 4_500, gap_ms: 4_000, turn_ms: 9_500 }
    }
}

impl MindLimits {
    pub(super) fn first_token(self) -> Duration {
        Duration::from_millis(self.first_token_ms)
    }

    pub(super) fn gap(self) -> Duration {
        Duration::from_millis(self.gap_ms)
    }

    pub(super) fn turn(self) -> Duration {
        Duration::from_millis(self.turn_ms)
    }
}
