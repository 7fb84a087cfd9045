//! Google's Speech-to-Text (v1, v2) and Text-to-Speech (v1) as gRPC services.
//!
//! Generated at build time from the protocol files that Google publishes with its clients (npm packages
//! `@google-cloud/speech` 7.5.0, `@google-cloud/text-to-speech` 6.4.1 and `google-gax` 5.0.8; Apache-2.0,
//! unchanged, under `protos/`). A crate of its own, so that it is built once and moked's lints stop at its
//! door. The servers, behind the feature `server`, stand in for Google in tests.

#[allow(
    clippy::all,
    clippy::pedantic,
    clippy::wildcard_enum_match_arm,
    clippy::too_long_first_doc_paragraph,
    missing_docs,
    dead_code,
    unreachable_pub,
    unused_qualifications,
    rustdoc::all,
    reason = "generated; Google's own pages describe every field"
)]
mod services {
    include!(concat!(env!("OUT_DIR"), "/services.rs"));
}

pub use prost::Message;
pub use services::google::cloud::speech::v1 as speech_v1;
pub use services::google::cloud::speech::v2 as speech_v2;
pub use services::google::cloud::texttospeech::v1 as texttospeech_v1;
pub use services::google::rpc;
