//! A whole call: the webhook is rung, its TwiML followed, and the media streams in it are run.
//!
//! What makes the call impossible is an error: no document, no stream. What goes wrong later (a callback that
//! fails, an action that answers with nothing) is a problem in the report, since the call was there to be
//! measured.

mod document;
mod options;
mod walk;

use std::time::Instant;

use thiserror::Error;

use super::acts::{ActError, prepare};
use super::identity::{Identity, NoRandomness};
use super::news::CallNews;
use super::report::CallReport;
use super::route::{Route, RouteError};
use super::socket::{Handshake, SocketError};
use super::webhook::WebhookError;

pub use document::DocumentError;
pub use options::CallOptions;
use walk::Walk;

/// Why there was no call.
#[derive(Debug, Error)]
pub enum CallError {
    /// Something that the caller is to do cannot be done.
    #[error(transparent)]
    Act(#[from] ActError),
    /// An address is of no use.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// The voice webhook gave no document.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The media stream could not be opened.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// There are no names for the call.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl From<WebhookError> for CallError {
    fn from(error: WebhookError) -> Self {
        Self::Document(error.into())
    }
}

impl CallError {
    /// The error under which Twilio would report it, where it is the server's.
    pub fn twilio_code(&self) -> Option<u32> {
        match self {
            Self::Act(_) | Self::NoRandomness(_) => None,
            Self::Route(error) => Some(error.twilio_code()),
            Self::Document(error) => Some(error.twilio_code()),
            Self::Socket(error) => Some(error.twilio_code()),
        }
    }
}

/// Places a call and returns when it is over. `observer` is told what happens as it happens.
///
/// Everything runs on the calling thread, in an actix or tokio local runtime.
///
/// # Errors
/// [`CallError`], when there was nothing to measure: the acts, the webhook or the handshake failed.
pub async fn place_call(
    options: CallOptions,
    mut observer: impl FnMut(CallNews),
) -> Result<CallReport, CallError> {
    let voice = options.voice.as_ref();
    let acts = options.acts.into_iter().map(|act| prepare(act, voice)).collect::<Result<_, _>>()?;
    let route = Route::new(&options.webhook, options.public_base.as_deref(), options.direct)?;
    let identity = Identity::new(&options.account_sid, &options.from, &options.to)?;
    let handshake = Handshake {
        auth_token: options.auth_token.clone(),
        without_subprotocol: options.without_subprotocol,
    };
    let started = Instant::now();
    let mut tell = |event| {
        observer(CallNews { at_ms: started.elapsed().as_millis() as u64, event });
    };
    let limits =
        walk::Limits { pause: options.pause, manners: options.manners, until: started + options.limit };
    let walk = Walk::new(route, identity, handshake, acts, limits, started, &mut tell);
    walk.run(options.auth_token).await
}

#[cfg(test)]
mod tests;
