//! What the command line decides about a call.

use std::time::Duration;

use secrecy::SecretString;

use crate::caller::acts::CallerVoice;
use crate::caller::ear;
use crate::caller::script::{Act, Manners};

/// How a call is placed.
pub struct CallOptions {
    /// Address of the voice webhook, `http` or `https`.
    pub webhook: String,
    /// Address under which the world knows the server; signatures name it in place of the webhook's host.
    pub public_base: Option<String>,
    /// Go to the webhook's own host whatever host the TwiML names.
    pub direct: bool,
    /// The account's token; with it all requests are signed.
    pub auth_token: Option<SecretString>,
    /// Do not offer `audio.twilio.com` in the handshake.
    pub without_subprotocol: bool,
    /// `AC` and 32 hexadecimal digits.
    pub account_sid: String,
    /// The caller's number.
    pub from: String,
    /// The number called.
    pub to: String,
    /// What the caller does, in order.
    pub acts: Vec<Act>,
    /// The caller's voice; needed when there is text to say.
    pub voice: Option<CallerVoice>,
    /// Quiet that ends an utterance of the agent.
    pub pause: Duration,
    /// How patient the caller is.
    pub manners: Manners,
    /// The longest time the call may last; the caller hangs up then.
    pub limit: Duration,
}

impl CallOptions {
    /// An unsigned call to `webhook` by a caller who listens to the greeting and hangs up.
    pub fn new(webhook: impl Into<String>) -> Self {
        Self {
            webhook: webhook.into(),
            public_base: None,
            direct: false,
            auth_token: None,
            without_subprotocol: false,
            account_sid: format!("AC{}", "0".repeat(32)),
            from: "+972501234567".to_owned(),
            to: "+97231234567".to_owned(),
            acts: Vec::new(),
            voice: None,
            pause: ear::DEFAULT_PAUSE,
            manners: Manners::default(),
            limit: Duration::from_secs(600),
        }
    }
}
