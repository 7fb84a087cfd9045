//! See `moked_fuzz::riff`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| moked_fuzz::riff::check(bytes));
