//! See `moked_fuzz::twiml`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| moked_fuzz::twiml::check(bytes));
