//! Google Cloud: Speech-to-Text (v1 and v2 over gRPC, v1 over REST) and Text-to-Speech (REST and gRPC).
//!
//! Hebrew is `iw-IL` to the ears and `he-IL` to the voice. A stream of the ears ends at five minutes, a call
//! does not: [`GoogleEars`] changes to a fresh stream at a pause, hears the last seconds again and tells
//! every word once.

mod answer;
mod credentials;
mod driver;
mod ears;
mod ears_rest;
mod ears_v1;
mod ears_v2;
mod grant;
mod grpc;
mod locale;
mod memory;
mod permit;
pub mod riff;
mod rollover;
mod seam;
mod service_account;
mod ssml;
mod status;
mod voice;
mod voice_rest;
mod voice_streaming;

#[cfg(test)]
mod credentials_test;
#[cfg(test)]
mod ears_test;
#[cfg(test)]
#[path = "../tests/support/rsa_key.rs"]
mod rsa_key;
#[cfg(test)]
mod tcp_test;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod voice_test;

pub use credentials::{CredentialsError, CredentialsFrom, GoogleCredentials};
pub use ears::{Endpointing, GoogleEars, GoogleEarsApi, GoogleEarsOptions};
pub use voice::{GoogleVoice, GoogleVoiceOptions};
