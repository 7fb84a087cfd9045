//! What must hold for any bytes, reader by reader: more than that nothing panics.
//!
//! Each module is one property, `check(bytes)`, that panics when it does not hold. libFuzzer looks for bytes
//! that break it (`fuzz/run`); `tests/corpora.rs` includes this file and replays `fuzz/seeds` through the same
//! functions with the stable compiler, so that what was found once is never lost again.

pub mod frames;
pub mod riff;
pub mod settings;
pub mod sse;
pub mod twilio_message;
pub mod twiml;
pub mod webhook_form;

/// A property of bytes.
pub type Check = fn(&[u8]);

/// Every property by the name of its target, which is the name of its folder of seeds.
pub const CHECKS: [(&str, Check); 7] = [
    ("frames", frames::check),
    ("riff", riff::check),
    ("settings", settings::check),
    ("sse", sse::check),
    ("twilio_message", twilio_message::check),
    ("twiml", twiml::check),
    ("webhook_form", webhook_form::check),
];
