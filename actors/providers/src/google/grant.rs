//! Tokens that Google grants over HTTP: for a user's refresh token, for a service account's assertion, and
//! by the metadata server to whatever runs on Google Cloud.
//!
//! A user's token is refreshed as in RFC 6749, section 6, and a service account's assertion is changed for a
//! token as in RFC 7523, section 2.1; Google answers that at the file's `token_uri`. That it refreshes there too,
//! and what the metadata server is asked for besides its path and header, is by memory, not checked against a
//! document.

use std::time::{Duration, SystemTime};

use moked_core::ports::ProviderFault;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::credentials::SCOPE;
use super::service_account::ServiceAccount;
use crate::transport::HttpRequest;

/// Limit for Google's token endpoint.
const LIMIT: Duration = Duration::from_secs(4);

/// Limit for the metadata server, which is on the same machine: whoever is not on Google Cloud learns it soon.
const METADATA_LIMIT: Duration = Duration::from_secs(2);

/// Longest answer read.
const ANSWER_BYTES: usize = 64 * 1024;

/// The path of the token of the account that the machine runs under.
const METADATA_PATH: &str = "/computeMetadata/v1/instance/service-accounts/default/token";

/// Whom to ask for a token, and with what.
#[derive(Debug)]
pub(super) enum Grant {
    /// A user who logged in by `gcloud auth application-default login`.
    User {
        /// The token endpoint.
        url: String,
        client_id: String,
        client_secret: SecretString,
        refresh_token: SecretString,
    },
    /// A service account whose own signature is not taken as a token.
    Exchange {
        /// The token endpoint.
        url: String,
        account: ServiceAccount,
    },
    /// The metadata server.
    Metadata {
        /// Its host, with the port if it is not 80.
        host: String,
    },
}

/// What was granted.
#[derive(Deserialize)]
pub(super) struct Granted {
    #[serde(rename = "access_token")]
    pub(super) token: SecretString,
    /// How long it holds, in seconds.
    #[serde(rename = "expires_in")]
    pub(super) seconds: u64,
}

impl Grant {
    /// Asks.
    ///
    /// # Errors
    /// `Auth` when it is refused, with the mend; else as the way there fails.
    pub(super) async fn ask(&self, now: SystemTime) -> Result<Granted, ProviderFault> {
        let answer = match self {
            Self::User { url, client_id, client_secret, refresh_token } => {
                let fields = [
                    ("grant_type", "refresh_token"),
                    ("client_id", client_id),
                    ("client_secret", client_secret.expose_secret()),
                    ("refresh_token", refresh_token.expose_secret()),
                ];
                let mend = "log in again: gcloud auth application-default login";
                fetch(HttpRequest::post_form(url, &fields), LIMIT).await.map_err(|fault| refused(fault, mend))
            }
            Self::Exchange { url, account } => {
                let assertion = account
                    .assertion(now, url)
                    .map_err(|error| ProviderFault::Auth { why: error.to_string() })?;
                let fields = [
                    ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
                    ("assertion", assertion.expose_secret()),
                ];
                let mend = "see whether the service account's key is still valid, and this machine's clock";
                fetch(HttpRequest::post_form(url, &fields), LIMIT).await.map_err(|fault| refused(fault, mend))
            }
            Self::Metadata { host } => {
                let scope: String = url::form_urlencoded::Serializer::new(String::new())
                    .append_pair("scopes", SCOPE)
                    .finish();
                let request = HttpRequest::get(format!("http://{host}{METADATA_PATH}?{scope}"))
                    .header("metadata-flavor", "Google");
                fetch(request, METADATA_LIMIT).await.map_err(|fault| no_metadata(host, fault))
            }
        }?;
        // The error of the library would quote the value that it did not like.
        serde_json::from_slice(&answer).map_err(|error| ProviderFault::Garbage {
            why: format!("a token was due, and its answer is none (column {})", error.column()),
        })
    }
}

async fn fetch(request: HttpRequest, limit: Duration) -> Result<bytes::Bytes, ProviderFault> {
    request.send(limit).await?.all(ANSWER_BYTES, limit).await
}

/// The endpoint says 400 to a token that is expired or revoked (RFC 6749, 5.2), which is no bad request.
fn refused(fault: ProviderFault, mend: &str) -> ProviderFault {
    match fault {
        ProviderFault::BadRequest { why } | ProviderFault::Auth { why } => {
            ProviderFault::Auth { why: format!("no token is granted: {why}; {mend}") }
        }
        ProviderFault::Unavailable { .. }
        | ProviderFault::UnsupportedLanguage { .. }
        | ProviderFault::Connect { .. }
        | ProviderFault::Quota { .. }
        | ProviderFault::Stalled { .. }
        | ProviderFault::Garbage { .. }
        | ProviderFault::Closed { .. }
        | ProviderFault::Stopped { .. } => fault,
    }
}

fn no_metadata(host: &str, fault: ProviderFault) -> ProviderFault {
    match fault {
        ProviderFault::Connect { why } => ProviderFault::Connect {
            why: format!("no metadata server at {host} ({why}): does this run on Google Cloud?"),
        },
        ProviderFault::BadRequest { why } | ProviderFault::Auth { why } => ProviderFault::Auth {
            why: format!(
                "the metadata server at {host} gives no token: {why}; is a service account attached?"
            ),
        },
        ProviderFault::Unavailable { .. }
        | ProviderFault::UnsupportedLanguage { .. }
        | ProviderFault::Quota { .. }
        | ProviderFault::Stalled { .. }
        | ProviderFault::Garbage { .. }
        | ProviderFault::Closed { .. }
        | ProviderFault::Stopped { .. } => fault,
    }
}
