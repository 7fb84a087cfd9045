//! The embedded English ears: PocketSphinx from the system's packages, with a language model of our own.
//!
//! The library and its acoustic model come from Debian's or Ubuntu's packages and are loaded when the
//! program runs, so that building needs no C library and a machine without them still answers calls, by
//! keypad. The acoustic model was trained on 16 kHz speech. Telephone samples are given twice to reach that
//! rate, which leaves mirror images in the upper band; the recogniser hears far better with them than with
//! a correct interpolation, whose empty upper band it was never trained on.
//!
//! `library` is the only place that calls C; `decoder` is one call's recogniser, built from a `dictionary`
//! and the files of a `model`; `worker` runs many of them on few threads; `session` is the call's end of it.

mod decoder;
mod dictionary;
mod ears;
mod library;
mod models;
mod pronunciation;
mod session;
mod worker;

pub use ears::{EarsOptions, EmbeddedEars};
