//! `moked doctor`: the operator's playbook as a program.
//!
//! Each entry of its table asks one thing of the machine or of the server and gives a [`Finding`]: what was asked
//! and what came back, and, when that is wrong, what to do. Asking and judging are apart: a check fetches, and a
//! plain function judges what was fetched, so every verdict is tested without a network. [`examine()`] runs the
//! checks in order and tells the [`screen`] of each as it finishes.
//!
//! What needs no Twilio is asked of the server on this machine. When none listens, one is started in this
//! process for as long as the examination lasts; when a public address is known, the same questions go there
//! too, since most broken calls break between the two.

mod checks;
mod events;
mod examine;
mod finding;
mod patient;
pub(crate) mod processes;
mod providers;
pub mod screen;
mod site;
mod speech;
mod table;
mod words;

pub use examine::{CheckReport, Progress, examine, failures};
pub use finding::{Finding, Verdict};
pub use patient::Order;
pub use providers::examine_providers;
