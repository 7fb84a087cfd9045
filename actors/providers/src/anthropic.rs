//! Anthropic: minds.

pub mod mind;
