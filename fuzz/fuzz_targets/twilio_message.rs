//! See `moked_fuzz::twilio_message`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| moked_fuzz::twilio_message::check(bytes));
