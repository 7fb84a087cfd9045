//! What every networked engine needs: HTTP that streams, server-sent events, WebSockets, tasks that end with
//! their owner. No vendor's word stands here.
//!
//! Everything runs on the call's own thread (an actix worker is a tokio `LocalSet`); a session hands work to
//! a [`Task`], and dropping the session aborts it, which closes the connection: that is how a request is
//! cancelled at the vendor.

pub mod http;
pub mod meter;
mod metered_tcp;
pub mod sse;
pub mod task;
pub mod websocket;

mod secrets;
mod watched;

pub use http::{HttpBody, HttpRequest};
#[cfg(feature = "google")]
pub(crate) use secrets::{Secrets, without_patterns};
pub use sse::{SseEvent, SseParser};
pub use task::Task;
pub(crate) use task::detach;
pub use websocket::{Incoming, Socket, SocketRequest, endpoint};

/// Installs the process's TLS provider, once. Building an HTTP or WebSocket client without one panics.
pub(crate) fn install_tls() {
    // An error says that somebody installed one before, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
