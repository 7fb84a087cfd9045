//! The edge of moked: settings, webhooks, the media handshake, health, logs and commands.
//!
//! The only crate that names vendors and routes. A call itself lives in `moked_actors`, its rules in
//! `moked_core`; this crate reads the settings, makes the engines, opens the port and lets Twilio in.
//! [`startup::run`] is the whole server, so a test or a demo starts it like `moked serve` does.

pub mod admin_tokens;
mod admission;
pub mod bench;
pub mod call_events;
pub mod caller;
pub mod cli;
pub mod commands;
mod connection;
pub mod doctor;
mod drain;
pub mod engines;
pub mod eval;
pub mod event_tap;
pub mod frame_guard;
mod heap;
pub mod records;
mod remembered_calls;
pub mod settings;
pub mod soak;
pub mod startup;
pub mod stream_tokens;
pub mod telemetry;
pub mod upgrade;
mod waiting_room;

mod routes;
mod twilio_rest;
mod watchdog;
