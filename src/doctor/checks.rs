//! One file a check: what is asked, and how the answer is judged.

pub(super) mod call;
pub(super) mod ears;
pub(super) mod engines;
pub(super) mod healthz;
pub(super) mod media;
pub(super) mod port;
pub(super) mod preview;
pub(super) mod readyz;
pub(super) mod settings;
pub(super) mod signature;
pub(super) mod twiml;
pub(super) mod version;
pub(super) mod voice;
pub(super) mod webhooks;

use super::finding::Finding;
use super::site::{NoAnswer, Spot};

/// The finding about a server that does not answer.
fn silent(error: &NoAnswer, spot: Spot) -> Finding {
    let mend = match spot {
        Spot::Local => "start moked with `moked serve` and look at its log",
        Spot::Public => {
            "see whether the platform runs the service and routes the address to moked's port; the address must \
             be reachable from everywhere"
        }
    };
    Finding::fail(error.to_string(), mend).code(error.code)
}
