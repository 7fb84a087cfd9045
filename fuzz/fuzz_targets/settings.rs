//! See `moked_fuzz::settings`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| moked_fuzz::settings::check(bytes));
