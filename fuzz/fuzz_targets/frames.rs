//! See `moked_fuzz::frames`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| moked_fuzz::frames::check(bytes));
