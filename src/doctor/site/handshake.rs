//! The media socket's handshake, asked in each of the ways that Twilio's gateways were seen to ask.

use std::time::Instant;

use awc::error::WsClientError;
use moked_core::twilio::signature;
use thiserror::Error;

use super::{Answer, Signing, Site, paths};
use crate::caller::http;
use crate::caller::identity::Form;
use crate::caller::socket::SUBPROTOCOL;

/// What a handshake offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::doctor) enum Offer {
    /// No sub-protocol.
    Nothing,
    /// Twilio's sub-protocol.
    Protocol,
    /// Another one and Twilio's, on a header line each.
    TwoLines,
    /// Twilio's sub-protocol, and compression.
    Compression,
}

impl Offer {
    /// What is offered, in words.
    pub(in crate::doctor) fn words(self) -> &'static str {
        match self {
            Self::Nothing => "offering no sub-protocol",
            Self::Protocol => "offering audio.twilio.com",
            Self::TwoLines => "offering it on the second of two header lines",
            Self::Compression => "offering permessage-deflate",
        }
    }

    /// The sub-protocol that must come back.
    pub(in crate::doctor) fn wanted(self) -> Option<&'static str> {
        match self {
            Self::Nothing => None,
            Self::Protocol | Self::TwoLines | Self::Compression => Some(SUBPROTOCOL),
        }
    }
}

/// A handshake answered with 101.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::doctor) struct Switched {
    /// `Sec-WebSocket-Protocol`.
    pub(in crate::doctor) protocol: Option<String>,
    /// `Sec-WebSocket-Extensions`.
    pub(in crate::doctor) extensions: Option<String>,
    /// Milliseconds to the answer.
    pub(in crate::doctor) ms: u64,
}

/// Why a handshake was not answered with 101.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(in crate::doctor) enum NotSwitched {
    /// Another status.
    #[error("answered {status} instead of 101{body}")]
    Status {
        /// The status.
        status: u16,
        /// Who answered what, when asked again without an upgrade.
        body: String,
    },
    /// An answer that is no WebSocket's.
    #[error("answered 101, but not as a WebSocket: {why}")]
    Broken {
        /// The client's words.
        why: String,
    },
    /// No answer.
    #[error("no answer: {why}")]
    Unreachable {
        /// Twilio's number for it.
        code: u32,
        /// The client's words.
        why: String,
    },
}

impl NotSwitched {
    /// Twilio's number for it.
    pub(in crate::doctor) fn code(&self) -> u32 {
        match self {
            Self::Status { .. } | Self::Broken { .. } => 31_920,
            Self::Unreachable { code, .. } => *code,
        }
    }
}

impl Site {
    /// Shakes hands and lets go.
    pub(in crate::doctor) async fn shake(&self, offer: Offer) -> Result<Switched, NotSwitched> {
        let mut request = http::client().ws(self.reach.websocket(paths::MEDIA));
        let protocol = "Sec-WebSocket-Protocol";
        request = match offer {
            Offer::Nothing => request,
            Offer::Protocol => request.header(protocol, SUBPROTOCOL),
            Offer::TwoLines => request.header(protocol, "doctor.moked").header(protocol, SUBPROTOCOL),
            Offer::Compression => request
                .header(protocol, SUBPROTOCOL)
                .header("Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"),
        };
        let signed = self.signed.websocket(paths::MEDIA);
        if let Some(signature) = self.signature(&signed, &Form::new(), Signing::Right) {
            request = request.header(signature::HEADER, signature);
        }
        let begun = Instant::now();
        match request.connect().await {
            Ok((response, _socket)) => {
                let header = |name: &str| {
                    let value = response.headers().get(name)?;
                    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
                };
                Ok(Switched {
                    protocol: header("sec-websocket-protocol"),
                    extensions: header("sec-websocket-extensions"),
                    ms: begun.elapsed().as_millis() as u64,
                })
            }
            Err(error) => Err(self.not_switched(error).await),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "awc's error enums are foreign and may grow")]
    async fn not_switched(&self, error: WsClientError) -> NotSwitched {
        match error {
            WsClientError::InvalidResponseStatus(status) => {
                // The client keeps the status only; a plain question shows whose answer it is.
                let body = match self.get(paths::MEDIA).await {
                    Ok(answer) => format!("; {}", Answer::full_line(&answer)),
                    Err(_) => String::new(),
                };
                NotSwitched::Status { status: status.as_u16(), body }
            }
            WsClientError::SendRequest(error) => {
                NotSwitched::Unreachable { code: super::code(&error), why: super::explain(&error) }
            }
            other => NotSwitched::Broken { why: other.to_string() },
        }
    }
}
