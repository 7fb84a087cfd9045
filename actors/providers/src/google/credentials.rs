//! Who asks Google, and the bearer tokens that prove it.
//!
//! A service account signs its tokens itself (RS256 over its own claims), so no token endpoint is asked and
//! nothing on a turn's path waits for one. Users and machines on Google Cloud are granted theirs; such a
//! token is fetched ahead of a call and again behind a request's back before it ends.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use moked_core::ports::ProviderFault;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use thiserror::Error;

use super::grant::Grant;
use super::service_account::{self, ServiceAccount};

/// What the token allows: Google's speech services have no narrower scope.
pub(super) const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// Google's token endpoint, for files that name none: by memory, not checked against a document.
const TOKEN_URL: &str = "https://oauth2.googleapis.com/token";

/// The metadata server's name on Google Cloud: by memory, not checked against a document.
const METADATA_HOST: &str = "metadata.google.internal";

/// Age at which a token signed here is made anew, so that none expires under a request.
const SIGN_AGAIN: Duration = Duration::from_secs(55 * 60);

/// How long before its end a granted token is fetched anew: chosen, unverified. Not much sooner, for the
/// metadata server gives the same token until shortly before its end, 5 min by memory.
const FETCH_AHEAD: Duration = Duration::from_secs(225);

/// How long a token must still hold to be used.
const MARGIN: Duration = Duration::from_secs(20);

/// How long after a failed fetch ahead the next is tried.
const TRY_AGAIN: Duration = Duration::from_secs(10);

/// Where tokens come from.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialsFrom {
    /// The key file: a service account signs its own tokens, a user's are refreshed.
    #[default]
    Key,
    /// The key file, with the service account's signature changed for a token at the file's `token_uri`: for
    /// organisations that forbid tokens signed by oneself.
    Exchange,
    /// The metadata server of Google Cloud: the account that the machine or service runs under.
    Metadata,
}

/// What is wrong with credentials. No message quotes them.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CredentialsError {
    /// There is no key file.
    #[error(
        "Google's credentials are missing: set GCP_CREDENTIALS_JSON or GOOGLE_APPLICATION_CREDENTIALS, or `credentials = \"metadata\"` on Google Cloud"
    )]
    Missing,
    /// Neither JSON nor base64 of it.
    #[error("Google's credentials are not the JSON of a key file, nor base64 of it")]
    NotJson,
    /// The file is of a kind that is not known here.
    #[error(
        "Google's credentials are of the type {0:?}; moked knows `service_account` and `authorized_user`, and `credentials = \"metadata\"` on Google Cloud"
    )]
    UnknownType(String),
    /// A field is missing.
    #[error(
        "Google's credentials hold no usable `client_email` and `private_key`: download a JSON key of a service account"
    )]
    Incomplete,
    /// A field of a user's file is missing.
    #[error(
        "Google's credentials hold no `client_id`, `client_secret` and `refresh_token`: make them by gcloud auth application-default login"
    )]
    IncompleteUser,
    /// The key cannot be read.
    #[error(
        "`private_key` in Google's credentials is not a readable RSA key in PEM: its line breaks may be lost"
    )]
    BadKey,
    /// Signing failed, or the clock stands before 1970.
    #[error("a token for Google cannot be signed on this machine")]
    CannotSign,
}

/// The fields of a key file that are used.
#[derive(Deserialize)]
struct KeyFile {
    #[serde(rename = "type")]
    kind: Option<String>,
    client_email: Option<String>,
    private_key: Option<SecretString>,
    private_key_id: Option<String>,
    project_id: Option<String>,
    token_uri: Option<String>,
    client_id: Option<String>,
    client_secret: Option<SecretString>,
    refresh_token: Option<SecretString>,
    quota_project_id: Option<String>,
}

#[derive(Debug)]
enum Source {
    Signed(ServiceAccount),
    Granted(Grant),
}

#[derive(Clone)]
struct Token {
    bearer: SecretString,
    made: SystemTime,
    /// Age from which the next one is wanted.
    wanted: Duration,
    /// Age at which it is used no longer.
    over: Duration,
}

impl Token {
    /// `None` before it was made: the clock was set back, and its beginning lies ahead.
    fn age(&self, now: SystemTime) -> Option<Duration> {
        now.duration_since(self.made).ok()
    }
}

/// Proves to Google who asks. Shared by all threads.
pub struct GoogleCredentials {
    source: Source,
    project: Option<String>,
    quota_project: Option<String>,
    token: Mutex<Option<Token>>,
    /// Held while a token is fetched: one is enough for all who wait.
    fetching: tokio::sync::Mutex<()>,
    failed: Mutex<Option<SystemTime>>,
}

impl GoogleCredentials {
    /// Credentials by settings. `key` is a key file: its JSON, or base64 of the JSON; the metadata server needs
    /// none. `metadata_host` is in its place when it has another name than on Google Cloud.
    ///
    /// # Errors
    /// When the key is missing, is no such file or cannot be used.
    pub fn new(
        from: CredentialsFrom,
        key: Option<&SecretString>,
        metadata_host: Option<&str>,
    ) -> Result<Self, CredentialsError> {
        if from == CredentialsFrom::Metadata {
            let host = metadata_host.unwrap_or(METADATA_HOST).to_owned();
            return Ok(Self::by(Source::Granted(Grant::Metadata { host }), None, None));
        }
        let file = read(key.ok_or(CredentialsError::Missing)?.expose_secret().trim())?;
        let url = file.token_uri.unwrap_or_else(|| TOKEN_URL.into());
        let source = match file.kind.as_deref() {
            Some("authorized_user") => {
                let (Some(client_id), Some(client_secret), Some(refresh_token)) =
                    (file.client_id, file.client_secret, file.refresh_token)
                else {
                    return Err(CredentialsError::IncompleteUser);
                };
                Source::Granted(Grant::User { url, client_id, client_secret, refresh_token })
            }
            None | Some("service_account") => {
                let (Some(email), Some(pem)) = (file.client_email, file.private_key) else {
                    return Err(CredentialsError::Incomplete);
                };
                let account = ServiceAccount::new(email, file.private_key_id, &pem)?;
                match from {
                    CredentialsFrom::Exchange => Source::Granted(Grant::Exchange { url, account }),
                    CredentialsFrom::Key | CredentialsFrom::Metadata => Source::Signed(account),
                }
            }
            Some(other) => return Err(CredentialsError::UnknownType(other.chars().take(40).collect())),
        };
        let named = |project: Option<String>| project.filter(|project| !project.is_empty());
        let quota_project = named(file.quota_project_id);
        Ok(Self::by(source, named(file.project_id).or(quota_project.clone()), quota_project))
    }

    fn by(source: Source, project: Option<String>, quota_project: Option<String>) -> Self {
        let (token, failed) = (Mutex::default(), Mutex::default());
        Self { source, project, quota_project, token, fetching: tokio::sync::Mutex::default(), failed }
    }

    /// The project of the account, if the key file names it.
    pub fn project(&self) -> Option<&str> {
        self.project.as_deref()
    }

    /// The project that pays for a user's requests: the header `x-goog-user-project`, by memory, not
    /// checked against a document.
    pub(crate) fn quota_project(&self) -> Option<&str> {
        self.quota_project.as_deref()
    }

    /// The value of an `authorization` header that holds at `now` and a while longer. Returns at once when
    /// there is a token; one that ends soon is replaced behind the caller's back. Needs a tokio `LocalSet`.
    ///
    /// # Errors
    /// `Auth` when none can be signed or none is granted; else as the way to Google fails.
    pub(crate) async fn bearer(self: &Arc<Self>, now: SystemTime) -> Result<SecretString, ProviderFault> {
        let token = self.kept().and_then(|token| Some((token.age(now)?, token)));
        match (token, &self.source) {
            (Some((age, token)), _) if age < token.wanted => Ok(token.bearer),
            (_, Source::Signed(account)) => self.sign(account, now),
            (Some((age, token)), Source::Granted(_)) if age < token.over => {
                self.fetch_ahead(now);
                Ok(token.bearer)
            }
            (Some(_) | None, Source::Granted(grant)) => {
                let _turn = self.fetching.lock().await;
                // Whoever held the lock may have fetched it.
                match self.kept().filter(|token| token.age(now).is_some_and(|age| age < token.over)) {
                    Some(token) => Ok(token.bearer),
                    None => self.fetch(grant, now).await,
                }
            }
        }
    }

    /// Google refused the token: the next request gets another. One that took its place already stays.
    pub(crate) fn forget(&self, bearer: &SecretString) {
        let mut token = lock(&self.token);
        if token.as_ref().is_some_and(|token| token.bearer.expose_secret() == bearer.expose_secret()) {
            *token = None;
        }
    }

    fn sign(&self, account: &ServiceAccount, now: SystemTime) -> Result<SecretString, ProviderFault> {
        let token = account.token(now).map_err(|error| ProviderFault::Auth { why: error.to_string() })?;
        let over = service_account::VALID.saturating_sub(MARGIN);
        Ok(self.keep(&token, now, SIGN_AGAIN, over))
    }

    async fn fetch(&self, grant: &Grant, now: SystemTime) -> Result<SecretString, ProviderFault> {
        let granted = grant.ask(now).await?;
        let holds = Duration::from_secs(granted.seconds);
        let over = holds.saturating_sub(MARGIN);
        Ok(self.keep(&granted.token, now, holds.saturating_sub(FETCH_AHEAD), over))
    }

    fn fetch_ahead(self: &Arc<Self>, now: SystemTime) {
        let failed = lock(&self.failed).and_then(|failed| now.duration_since(failed).ok());
        if failed.is_some_and(|ago| ago < TRY_AGAIN) {
            return;
        }
        let this = Arc::clone(self);
        tokio::task::spawn_local(async move {
            let (Ok(_turn), Source::Granted(grant)) = (this.fetching.try_lock(), &this.source) else {
                return;
            };
            // The token at hand still holds, so this is no call's trouble yet.
            match this.fetch(grant, now).await {
                Ok(_) => *lock(&this.failed) = None,
                Err(fault) => {
                    *lock(&this.failed) = Some(now);
                    tracing::warn!("Google's next token: {fault}; the present one holds a while longer");
                }
            }
        });
    }

    fn kept(&self) -> Option<Token> {
        lock(&self.token).clone()
    }

    fn keep(&self, token: &SecretString, made: SystemTime, wanted: Duration, over: Duration) -> SecretString {
        let bearer = SecretString::from(format!("Bearer {}", token.expose_secret()));
        *lock(&self.token) = Some(Token { bearer: bearer.clone(), made, wanted, over });
        bearer
    }
}

/// A value that is replaced whole is whole, whatever happened to who held it.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn read(text: &str) -> Result<KeyFile, CredentialsError> {
    if text.starts_with('{') {
        return serde_json::from_str(text).map_err(|_| CredentialsError::NotJson);
    }
    let compact: String = text.split_whitespace().collect();
    let json = STANDARD.decode(compact).map_err(|_| CredentialsError::NotJson)?;
    serde_json::from_slice(&json).map_err(|_| CredentialsError::NotJson)
}

impl fmt::Debug for GoogleCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GoogleCredentials").field("source", &self.source).finish_non_exhaustive()
    }
}
