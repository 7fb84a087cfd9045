//! The HTTP client of the simulated caller, set up as Twilio's is: HTTP/1.1, 15 seconds at most, and every
//! answer looked at as it comes.

use std::time::Duration;

/// Twilio's ceiling for a call-related request, connecting included (error 11205).
pub const TIME_LIMIT: Duration = Duration::from_secs(15);

/// A client for webhooks and for the media socket.
///
/// It speaks HTTP/1.1 only, since a WebSocket upgrade is not possible on the HTTP/2 that TLS would
/// otherwise agree on, and does not follow HTTP redirects, since each address is signed on its own.
pub fn client() -> awc::Client {
    // Without a provider rustls panics on the first client; an error here means that one is set already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    awc::Client::builder()
        .max_http_version(awc::http::Version::HTTP_11)
        .timeout(TIME_LIMIT)
        .disable_redirects()
        .no_default_headers()
        .add_default_header(("user-agent", "TwilioProxy/1.1"))
        .finish()
}
