//! A service account's credentials, and the bearer tokens made of them.
//!
//! Google takes a token that the account signs itself (RS256 over its own claims), so no token endpoint is
//! asked and nothing on a turn's path waits for one. A token holds for an hour and is made anew at 55 min.

use std::fmt;
use std::sync::Mutex;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use thiserror::Error;

/// What the token allows: Google's speech services have no narrower scope.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";

/// How long a token holds: the most that Google allows.
const VALID: Duration = Duration::from_secs(3_600);

/// Age at which a token is made anew, so that none expires under a request.
const RENEW: Duration = Duration::from_secs(55 * 60);

/// What is wrong with credentials. No message quotes them.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CredentialsError {
    /// Neither JSON nor base64 of it.
    #[error("Google's credentials are not the JSON of a service account key, nor base64 of it")]
    NotJson,
    /// A field is missing.
    #[error(
        "Google's credentials hold no usable `client_email` and `private_key`: download a JSON key of a service account"
    )]
    Incomplete,
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
    client_email: Option<String>,
    private_key: Option<SecretString>,
    private_key_id: Option<String>,
    project_id: Option<String>,
}

struct Token {
    text: SecretString,
    made: SystemTime,
}

/// A service account that can sign tokens.
pub struct GoogleCredentials {
    email: String,
    key_id: Option<String>,
    project: Option<String>,
    key: RsaKeyPair,
    token: Mutex<Option<Token>>,
}

impl GoogleCredentials {
    /// Reads a service account's key file: its JSON, or base64 of the JSON. Line breaks of the key that were
    /// escaped once too often on their way through an environment are repaired.
    ///
    /// # Errors
    /// When it is no such file or its key cannot be used.
    pub fn new(text: &SecretString) -> Result<Self, CredentialsError> {
        let file = read(text.expose_secret().trim())?;
        let (Some(email), Some(pem)) = (file.client_email, file.private_key) else {
            return Err(CredentialsError::Incomplete);
        };
        let pem = SecretString::from(pem.expose_secret().replace("\\n", "\n"));
        let key = PrivateKeyDer::from_pem_slice(pem.expose_secret().as_bytes())
            .map_err(|_| CredentialsError::BadKey)?;
        let key = match key {
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            // An elliptic key, or a form that the library learns later.
            PrivateKeyDer::Sec1(_) | _ => return Err(CredentialsError::BadKey),
        };
        let key = key.map_err(|_| CredentialsError::BadKey)?;
        let project = file.project_id.filter(|project| !project.is_empty());
        Ok(Self { email, key_id: file.private_key_id, project, key, token: Mutex::new(None) })
    }

    /// The project of the account, if the key file names it.
    pub fn project(&self) -> Option<&str> {
        self.project.as_deref()
    }

    /// The value of an `authorization` header that holds at `now` and five minutes more.
    ///
    /// # Errors
    /// When a token cannot be signed.
    pub fn bearer(&self, now: SystemTime) -> Result<SecretString, CredentialsError> {
        let mut token = self.token.lock().map_err(|_| CredentialsError::CannotSign)?;
        // A clock that was set back also ends the token: its beginning would lie ahead.
        let is_fresh = |token: &Token| now.duration_since(token.made).is_ok_and(|age| age < RENEW);
        if let Some(token) = token.as_ref().filter(|token| is_fresh(token)) {
            return Ok(token.text.clone());
        }
        let text = SecretString::from(format!("Bearer {}", self.sign(now)?));
        *token = Some(Token { text: text.clone(), made: now });
        Ok(text)
    }

    fn sign(&self, now: SystemTime) -> Result<String, CredentialsError> {
        let now = now.duration_since(UNIX_EPOCH).map_err(|_| CredentialsError::CannotSign)?;
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": self.key_id });
        let claims = json!({
            "iss": self.email, "sub": self.email, "scope": SCOPE,
            "iat": now.as_secs(), "exp": (now + VALID).as_secs(),
        });
        let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let body = format!("{}.{}", encode(&header), encode(&claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), body.as_bytes(), &mut signature)
            .map_err(|_| CredentialsError::CannotSign)?;
        Ok(format!("{body}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
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
        f.debug_struct("GoogleCredentials").field("email", &self.email).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    use super::super::testing::{TEST_KEY, key_file};
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1_800_000_000 + seconds)
    }

    fn part(token: &str, index: usize) -> serde_json::Value {
        let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(index).unwrap()).unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    #[test]
    fn a_token_is_signed_by_the_account_for_an_hour() {
        let credentials = GoogleCredentials::new(&key_file(TEST_KEY)).unwrap();
        let bearer = credentials.bearer(at(0)).unwrap();
        let token = bearer.expose_secret().strip_prefix("Bearer ").unwrap();
        assert_eq!(part(token, 0)["alg"], "RS256");
        assert_eq!(part(token, 0)["kid"], "key-1");
        let claims = part(token, 1);
        assert_eq!(claims["iss"], "ear@example.iam.gserviceaccount.com");
        assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 3_600);
        let (body, signature) = token.rsplit_once('.').unwrap();
        let public = credentials.key.public_key().as_ref();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public);
        public.verify(body.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        assert_eq!(credentials.project(), Some("example"));
    }

    #[test]
    fn a_token_is_kept_for_55_minutes_and_not_over_a_clock_set_back() {
        let credentials = GoogleCredentials::new(&key_file(TEST_KEY)).unwrap();
        let token = |now| credentials.bearer(now).unwrap().expose_secret().to_owned();
        let first = token(at(0));
        assert_eq!(token(at(55 * 60 - 1)), first);
        let second = token(at(55 * 60));
        assert_ne!(second, first);
        assert_ne!(token(at(60)), second);
    }

    #[test]
    fn escaped_line_breaks_and_base64_are_repaired() {
        let escaped = key_file(&TEST_KEY.replace('\n', "\\n"));
        assert!(GoogleCredentials::new(&escaped).is_ok());
        let coded = STANDARD.encode(key_file(TEST_KEY).expose_secret());
        assert!(GoogleCredentials::new(&coded.into()).is_ok());
    }

    #[test]
    fn what_is_no_key_file_is_refused_without_quoting_it() {
        let refuse = |text: &str| GoogleCredentials::new(&text.into()).unwrap_err();
        assert_eq!(refuse("/etc/canary.json"), CredentialsError::NotJson);
        assert_eq!(refuse("{\"canary\": 1}"), CredentialsError::Incomplete);
        assert_eq!(refuse("{\"client_email\":\"a\",\"private_key\":\"canary\"}"), CredentialsError::BadKey);
        for error in [refuse("canary"), refuse("{canary"), refuse("Y2FuYXJ5")] {
            assert!(!error.to_string().contains("canary"));
        }
    }

    #[test]
    fn debug_shows_neither_key_nor_token() {
        let credentials = GoogleCredentials::new(&key_file(TEST_KEY)).unwrap();
        let bearer = credentials.bearer(at(0)).unwrap();
        let shown = format!("{credentials:?}");
        assert!(!shown.contains("PRIVATE") && !shown.contains(bearer.expose_secret()));
    }
}
