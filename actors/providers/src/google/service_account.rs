//! A service account's key, and the tokens that it signs.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::credentials::{CredentialsError, SCOPE};

/// How long a token holds: an hour, as Google's own client for Rust (`google-cloud-auth` 1.18) signs it.
pub(super) const VALID: Duration = Duration::from_secs(3_600);

/// A service account that can sign.
pub(super) struct ServiceAccount {
    email: String,
    key_id: Option<String>,
    /// Hundreds of bytes of numbers.
    key: Box<RsaKeyPair>,
}

impl ServiceAccount {
    /// An account with its key in PEM. Line breaks that were escaped once too often on their way through an
    /// environment are repaired.
    pub(super) fn new(
        email: String,
        key_id: Option<String>,
        pem: &SecretString,
    ) -> Result<Self, CredentialsError> {
        let pem = SecretString::from(pem.expose_secret().replace("\\n", "\n"));
        let key = PrivateKeyDer::from_pem_slice(pem.expose_secret().as_bytes())
            .map_err(|_| CredentialsError::BadKey)?;
        let key = match key {
            PrivateKeyDer::Pkcs8(key) => RsaKeyPair::from_pkcs8(key.secret_pkcs8_der()),
            PrivateKeyDer::Pkcs1(key) => RsaKeyPair::from_der(key.secret_pkcs1_der()),
            // An elliptic key, or a form that the library learns later.
            PrivateKeyDer::Sec1(_) | _ => return Err(CredentialsError::BadKey),
        };
        Ok(Self { email, key_id, key: Box::new(key.map_err(|_| CredentialsError::BadKey)?) })
    }

    /// A token that Google's services take as it is.
    pub(super) fn token(&self, now: SystemTime) -> Result<SecretString, CredentialsError> {
        self.sign(now, None)
    }

    /// A statement that the token endpoint `audience` changes for a token (RFC 7523, 2.1).
    pub(super) fn assertion(
        &self,
        now: SystemTime,
        audience: &str,
    ) -> Result<SecretString, CredentialsError> {
        self.sign(now, Some(audience))
    }

    fn sign(&self, now: SystemTime, audience: Option<&str>) -> Result<SecretString, CredentialsError> {
        let now = now.duration_since(UNIX_EPOCH).map_err(|_| CredentialsError::CannotSign)?;
        let header = json!({ "alg": "RS256", "typ": "JWT", "kid": self.key_id });
        let mut claims = json!({
            "iss": self.email, "sub": self.email, "scope": SCOPE,
            "iat": now.as_secs(), "exp": (now + VALID).as_secs(),
        });
        if let Some(audience) = audience {
            claims["aud"] = audience.into();
        }
        let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let body = format!("{}.{}", encode(&header), encode(&claims));
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), body.as_bytes(), &mut signature)
            .map_err(|_| CredentialsError::CannotSign)?;
        Ok(format!("{body}.{}", URL_SAFE_NO_PAD.encode(signature)).into())
    }

    /// The public half, which checks what this one signs.
    #[cfg(test)]
    pub(super) fn public_key(&self) -> &[u8] {
        ring::signature::KeyPair::public_key(self.key.as_ref()).as_ref()
    }
}

impl fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceAccount").field("email", &self.email).finish_non_exhaustive()
    }
}
