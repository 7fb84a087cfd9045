//! A key that may be missing, for local servers want none; and the first connection, made ahead of a call.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::transport::{HttpRequest, detach};

/// How long a connection made ahead may take.
const WARM_LIMIT: Duration = Duration::from_secs(5);

/// Most of the list of models that is read. More closes the connection instead of keeping it.
const MOST_MODELS: usize = 1 << 20;

/// The value of the `Authorization` header.
pub(super) fn bearer(key: Option<&SecretString>) -> Option<String> {
    key.map(|key| format!("Bearer {}", key.expose_secret()))
}

/// Opens a connection by asking for the models, which costs nothing. Its answer is of no interest: what is
/// wrong shows in the request that matters.
pub(super) fn warm(base_url: &str, key: Option<&SecretString>) {
    let mut request = HttpRequest::get(format!("{}/models", base_url.trim_end_matches('/')));
    if let Some(bearer) = bearer(key) {
        request = request.header("authorization", bearer);
    }
    detach(async move {
        match request.send(WARM_LIMIT).await {
            // Only a body read to its end gives the connection back to the pool.
            Ok(mut body) => drop(body.all(MOST_MODELS, WARM_LIMIT).await),
            Err(fault) => tracing::debug!("no connection ahead of the call: {fault}"),
        }
    });
}
