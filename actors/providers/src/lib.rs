//! Engines behind the ports of `moked-core`: voices, ears and minds.
//!
//! One folder a vendor, one cargo feature each; a vendor's name appears nowhere else but where the binary
//! picks its engines. [`embedded`] needs no account and no network and serves English; [`scripted`] does
//! what a test tells it to.

#[cfg(feature = "anthropic")]
pub mod anthropic;
#[cfg(feature = "azure")]
pub mod azure;
#[cfg(feature = "cartesia")]
pub mod cartesia;
#[cfg(feature = "deepgram")]
pub mod deepgram;
#[cfg(feature = "elevenlabs")]
pub mod elevenlabs;
#[cfg(feature = "embedded")]
pub mod embedded;
#[cfg(feature = "network")]
pub mod failover;
#[cfg(feature = "gemini")]
pub mod gemini;
#[cfg(feature = "google")]
pub mod google;
#[cfg(feature = "network")]
pub mod listening;
#[cfg(feature = "network")]
pub mod minding;
#[cfg(feature = "openai")]
pub mod openai;
#[cfg(feature = "scripted")]
pub mod scripted;
#[cfg(feature = "soniox")]
pub mod soniox;
#[cfg(feature = "network")]
pub mod speaking;
#[cfg(feature = "network")]
pub mod transport;
#[cfg(feature = "network")]
pub mod voice_cache;
#[cfg(feature = "vosk")]
pub mod vosk;
