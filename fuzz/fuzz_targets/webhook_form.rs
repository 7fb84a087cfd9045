//! See `moked_fuzz::webhook_form`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| moked_fuzz::webhook_form::check(bytes));
