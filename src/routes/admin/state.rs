//! What the admin endpoint keeps between requests.

use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use moked_actors::registry::CallRegistry;
use tokio_util::sync::CancellationToken;

use super::logins::FailedLogins;
use super::past::{EndedCalls, PastCalls};
use super::recorded::RecordedCalls;
use crate::admin_tokens::{AdminKey, SecretFault};
use crate::records::Records;
use crate::settings::Settings;

/// The admin endpoint of one server.
#[derive(Debug)]
pub(crate) struct Admin {
    /// What tokens are checked with, or why the endpoint is shut.
    pub(super) key: Result<AdminKey, SecretFault>,
    pub(super) logins: FailedLogins,
    pub(super) past: Arc<dyn PastCalls>,
    /// Open streams of events.
    pub(super) readers: Arc<AtomicUsize>,
    /// Cancelled as the server stops: a stream of events would hold it up.
    pub(super) closing: CancellationToken,
}

impl Admin {
    /// The endpoint, open if the settings hold a good secret.
    pub(crate) fn new(settings: &Settings, registry: Arc<CallRegistry>, records: Arc<Records>) -> Self {
        let key = AdminKey::new(settings.secrets.jwt_secret.as_ref());
        match &key {
            Err(fault @ (SecretFault::Short | SecretFault::Known | SecretFault::Regular)) => {
                tracing::warn!(event = "ADMIN_OFF", "{fault}: /admin is shut; {}", fault.mend());
            }
            Err(SecretFault::Missing) | Ok(_) => {}
        }
        Self {
            key,
            logins: FailedLogins::default(),
            past: Arc::new(RecordedCalls { records, ended: EndedCalls(registry) }),
            readers: Arc::default(),
            closing: CancellationToken::new(),
        }
    }

    /// Ends the streams of events, as the server stops.
    pub(crate) fn close(&self) {
        self.closing.cancel();
    }
}
