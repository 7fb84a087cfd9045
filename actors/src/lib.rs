//! The supervised actors of a call, their typed messages, and the registry that finds them.
//!
//! A call is a group of six actors on one thread: the [`CallSupervisor`](supervisor::CallSupervisor) and its
//! children `MediaSocket`, `Stt`, `Dialog`, `Tts` and `Pacer`. This crate knows ports, not vendors, and no
//! HTTP route: the edge hands in a [`CallHost`] and upgrades a connection to a
//! [`MediaSocket`].

mod call;
mod dialog;
mod ferry;
pub mod frames;
pub mod host;
pub mod media_socket;
pub mod messages;
pub mod meters;
mod one_hop;
mod outlet;
mod pacer;
pub mod recorder;
mod redact;
pub mod registry;
mod relay;
mod stt;
pub mod supervisor;
pub mod trace;
mod tts;

pub use call::{Cut, Line};
pub use host::{CallBrief, CallHost, CallSettings, Engines, LocalTime, Refusal, SocketMode, StreamAdmission};
pub use media_socket::MediaSocket;
pub use messages::{CallEnd, OperatorOrder, OrderRefused};
pub use meters::{Meters, Pressure};
pub use recorder::{CallRecorder, NoRecorder};
pub use registry::{CallRegistry, CallSummary, EndedCall, Inspection, Obedience};

#[cfg(test)]
mod call_test;
#[cfg(test)]
mod chaos;
#[cfg(test)]
mod floor_test;
#[cfg(test)]
mod line_test;
#[cfg(test)]
mod one_hop_test;
#[cfg(test)]
mod orders_test;
#[cfg(test)]
mod recovery_test;
#[cfg(test)]
mod rig;
#[cfg(test)]
mod speculation_test;
#[cfg(test)]
mod timed_ears;
