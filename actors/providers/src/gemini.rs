//! Gemini, by Google's API for developers: minds.

pub mod mind;
