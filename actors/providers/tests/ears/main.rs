//! The networked ears against vendors in the test: what is sent, what is heard, and every way to fail.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test code outside of a test function, which clippy does not see as such"
)]

#[path = "../support/socket_vendor.rs"]
mod vendor;

mod deepgram;
mod driver;
mod elevenlabs;
mod faults;
mod flux;
mod line;
mod metered;
mod soniox;
