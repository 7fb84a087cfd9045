//! A request's leave to ask Google: what its token may not do afterwards.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use tonic::{Code, Status};

use super::credentials::GoogleCredentials;
use super::status;
use crate::transport::Secrets;

/// A token on its way with one request over gRPC.
pub(crate) struct Permit {
    credentials: Arc<GoogleCredentials>,
    bearer: SecretString,
    secrets: Secrets,
}

impl Permit {
    pub(super) fn new(credentials: &Arc<GoogleCredentials>, bearer: SecretString) -> Self {
        let mut secrets = Secrets::default();
        secrets.learn_header("authorization", bearer.expose_secret());
        Self { credentials: Arc::clone(credentials), bearer, secrets }
    }

    /// The status of an answer without the token; one that refuses the token has it forgotten, so that the next
    /// request asks for another.
    pub(crate) fn clean(&self, status: Status) -> Status {
        if status.code() == Code::Unauthenticated {
            self.credentials.forget(&self.bearer);
        }
        status::without(&self.secrets, status)
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").finish_non_exhaustive()
    }
}
