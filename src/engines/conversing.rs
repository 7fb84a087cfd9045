//! The providers that hear, think and speak in one hop.

use std::sync::Arc;

use moked_providers::openai::{OpenAiRealtime, OpenAiRealtimeOptions};

use super::catalogue::{ConversingEntry, KeyNeed, check};

/// In the order in which they are listed to people.
pub(super) const ALL: [ConversingEntry; 1] = [ConversingEntry {
    name: "openai",
    key: KeyNeed::AtVendor(&["OPENAI_API_KEY"]),
    skip: Some("SKIP_OPENAI_INIT"),
    host: "api.openai.com",
    goes_to_vendor: true,
    check: check::<OpenAiRealtimeOptions>,
    make: |from| {
        let engine = OpenAiRealtime::new(Arc::clone(&from.agent), from.options()?, from.key.clone());
        Ok(Arc::new(engine.map_err(|fault| fault.to_string())?))
    },
}];
