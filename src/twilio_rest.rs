//! Twilio's REST API, as much of it as moked needs: give a call another document.
//!
//! The way to a caller whom no stream reaches. An update of a call is idempotent, so what failed for a reason
//! that passes is tried once more.

mod fault;

use std::time::Duration;

use awc::error::SendRequestError;
use moked_core::ids::CallSid;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::settings::Settings;

pub(crate) use fault::RestFault;

/// How long Twilio may take to answer. It takes some 200 ms.
const LIMIT: Duration = Duration::from_secs(5);

/// Bytes of an answer that are read. The JSON of a call has 2,000.
const MOST_BYTES: usize = 64 * 1_024;

/// Twilio's REST API with the keys for it.
#[derive(Debug, Clone)]
pub(crate) struct TwilioRest {
    base: Url,
    keys: Vec<Key>,
}

/// A name and a secret. Without a name it is the account's own token.
#[derive(Debug, Clone)]
struct Key {
    user: Option<String>,
    secret: SecretString,
}

impl TwilioRest {
    /// The API with the keys of the settings, the API key first; `None` when there are none.
    pub(crate) fn of(settings: &Settings) -> Option<Self> {
        let secrets = &settings.secrets;
        let api_key = secrets.twilio_api_key.iter();
        let api_key = api_key.map(|key| Key { user: Some(key.sid.clone()), secret: key.secret.clone() });
        // Of two tokens while one is rotated either may be the one that Twilio takes.
        let account = &settings.twilio.account_sid;
        let tokens = secrets.twilio_auth_tokens.iter();
        let tokens = tokens.map(|token| Key { user: account.clone(), secret: token.clone() });
        let keys: Vec<Key> = api_key.chain(tokens).collect();
        (!keys.is_empty()).then(|| Self { base: settings.twilio.rest_base_url.clone(), keys })
    }

    /// Has a call of an account go on with this document. Its stream, if it has one, ends.
    ///
    /// # Errors
    /// When Twilio refuses, cannot be reached, or says that the call is over.
    pub(crate) async fn replace_document(
        &self,
        account: &str,
        call: &CallSid,
        twiml: &str,
    ) -> Result<(), RestFault> {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            // Each is one part of the path, whatever it holds.
            path.pop_if_empty().extend(["2010-04-01", "Accounts", account, "Calls"]);
            path.push(&format!("{}.json", call.as_str()));
        }
        let mut outcome = Err(RestFault::Unauthorized { status: 401 });
        for key in &self.keys {
            outcome = self.post_twice(&url, key.user.as_deref().unwrap_or(account), key, twiml).await;
            if !matches!(outcome, Err(RestFault::Unauthorized { .. })) {
                break;
            }
        }
        outcome
    }

    async fn post_twice(&self, url: &Url, user: &str, key: &Key, twiml: &str) -> Result<(), RestFault> {
        let outcome = post(url, user, key, twiml).await;
        match outcome.as_ref().err().and_then(RestFault::again_after) {
            None => outcome,
            Some(wait) => {
                tokio::time::sleep(wait).await;
                post(url, user, key, twiml).await
            }
        }
    }
}

async fn post(url: &Url, user: &str, key: &Key, twiml: &str) -> Result<(), RestFault> {
    // Without a provider rustls panics on the first client; an error here means that one is set already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = awc::Client::builder().timeout(LIMIT).disable_redirects().finish();
    let request = client.post(url.as_str()).basic_auth(user, key.secret.expose_secret());
    let mut response = request.send_form(&[("Twiml", twiml)]).await.map_err(|error| {
        if matches!(error, SendRequestError::Timeout) {
            RestFault::Late { limit: LIMIT }
        } else {
            RestFault::Unreachable { why: error.to_string() }
        }
    })?;
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let retry_after = response.headers().get("retry-after").and_then(|value| value.to_str().ok());
    let retry_after = retry_after.map(str::to_owned);
    // A body that breaks off tells less; the status tells enough.
    let body = response.body().limit(MOST_BYTES).await.unwrap_or_default();
    Err(RestFault::of(status.as_u16(), retry_after.as_deref(), &body))
}
