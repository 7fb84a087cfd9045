//! The simulated caller: Twilio's side of a call.
//!
//! `moked call URL` rings a webhook the way Twilio does, follows its TwiML, opens the media stream, listens,
//! speaks, interrupts, presses keys, and reports what a person would have felt: how long the line was silent,
//! whether the agent stopped when interrupted, and every place where the server broke Twilio's protocol. The
//! end-to-end tests use the same parts, so what is tested is what is measured.
//!
//! The machines ([`ear`], [`strict`], [`mouth`], [`script`]) are pure and take the time as an argument;
//! [`mod@line`] joins them to a socket and [`call`] to a whole call. [`report`], [`table`], [`timeline`] and
//! [`recording`] show what it was like.

pub mod acts;
pub mod audio_in;
pub mod call;
pub mod ear;
pub mod http;
pub mod identity;
pub mod line;
pub mod messages;
pub mod mouth;
pub mod news;
pub mod recording;
pub mod report;
pub mod route;
#[cfg(test)]
pub(crate) mod sample;
pub mod script;
pub mod socket;
pub mod stream;
pub mod strict;
pub mod table;
#[cfg(test)]
mod test_server;
pub mod timeline;
pub mod voiced;
pub mod webhook;
