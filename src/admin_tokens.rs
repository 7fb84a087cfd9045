//! Tokens that open `/admin`: JSON Web Tokens (RFC 7519), signed with `JWT_SECRET` by HS256 and nothing else.
//!
//! The algorithm is moked's choice and not the token's (RFC 8725, 3.1): the library here has no other in it,
//! so neither `none` nor a public key taken for a secret can pass. A token must say who holds it, for what,
//! until when and in which role. One that lives for more than a day is refused, since nothing revokes it but
//! another secret.

mod hs256;
mod secret;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use secret::SecretFault;

/// Longest life of a token: a shift, and the night behind it.
pub const LONGEST_LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// What clocks of two machines may differ by, seconds.
const LEEWAY_S: u64 = 30;

/// Who a token is for. A secret that other programs sign with too lets none of their tokens in here.
const AUDIENCE: &str = "moked-admin";

/// Longest token that is looked at, bytes. Ours have some 230.
const LONGEST_TOKEN: usize = 2_048;

/// Longest name of a holder, characters: it stands in every audit line.
const LONGEST_NAME: usize = 80;

/// What the holder of a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Look.
    Viewer,
    /// Look, and act on calls.
    Operator,
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// Who holds it, for the audit log.
    pub sub: String,
    /// What he may do.
    pub role: Role,
    /// Until when, seconds since the Unix epoch.
    pub exp: u64,
    #[serde(default)]
    iat: u64,
    aud: String,
}

/// Why a token opens nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum TokenFault {
    /// Not a token, or not signed with this secret by HS256.
    #[error("the token is not signed with this server's JWT_SECRET by HS256")]
    Forged,
    /// Over.
    #[error("the token has expired")]
    Expired,
    /// Not yet.
    #[error("the token is not valid yet")]
    Early,
    /// It lives longer than [`LONGEST_LIFE`].
    #[error("the token lives for more than 24 hours")]
    TooLong,
    /// A claim is missing or has the wrong form.
    #[error("the token must hold sub, aud \"moked-admin\", exp and role (viewer or operator)")]
    Claims,
}

/// Why no token could be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum MintFault {
    /// The name cannot stand in a log line.
    #[error("the holder's name must be 1 to {LONGEST_NAME} characters without control characters")]
    Name,
    /// The life is not within bounds.
    #[error("a token lives for at least a second and at most 24 hours")]
    Life,
    /// The library refused.
    #[error("the token could not be signed: {0}")]
    Signing(String),
}

/// The key of this process, made of `JWT_SECRET`.
#[derive(Clone)]
pub struct AdminKey {
    signing: EncodingKey,
    checking: DecodingKey,
    rules: Validation,
}

impl std::fmt::Debug for AdminKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AdminKey(hidden)")
    }
}

impl AdminKey {
    /// The key of a secret.
    ///
    /// # Errors
    /// When there is none, or someone could guess it.
    pub fn new(secret: Option<&SecretString>) -> Result<Self, SecretFault> {
        let secret = secret.ok_or(SecretFault::Missing)?.expose_secret();
        secret::check(secret)?;
        hs256::install();
        let mut rules = Validation::new(Algorithm::HS256);
        rules.leeway = LEEWAY_S;
        rules.validate_nbf = true;
        rules.set_audience(&[AUDIENCE]);
        rules.set_required_spec_claims(&["exp", "sub", "aud"]);
        Ok(Self {
            signing: EncodingKey::from_secret(secret.as_bytes()),
            checking: DecodingKey::from_secret(secret.as_bytes()),
            rules,
        })
    }

    /// A token for `sub` that opens `/admin` in this role for this time.
    ///
    /// # Errors
    /// When the name or the life is out of bounds.
    pub fn mint(&self, sub: &str, role: Role, life: Duration) -> Result<String, MintFault> {
        if !is_name(sub) {
            return Err(MintFault::Name);
        }
        if life < Duration::from_secs(1) || life > LONGEST_LIFE {
            return Err(MintFault::Life);
        }
        let iat = unix_s();
        let claims =
            Claims { sub: sub.to_owned(), role, exp: iat + life.as_secs(), iat, aud: AUDIENCE.to_owned() };
        jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &self.signing)
            .map_err(|error| MintFault::Signing(error.to_string()))
    }

    /// What a token says, if it is one of ours and in force. Signatures are compared in constant time.
    ///
    /// # Errors
    /// When it opens nothing.
    pub fn read(&self, token: &str) -> Result<Claims, TokenFault> {
        if token.len() > LONGEST_TOKEN {
            return Err(TokenFault::Forged);
        }
        // What is wrong with a header is no fault of the claims, which only a signed token has.
        if jsonwebtoken::decode_header(token).is_err() {
            return Err(TokenFault::Forged);
        }
        let read = jsonwebtoken::decode::<Claims>(token, &self.checking, &self.rules);
        let claims = read.map_err(|error| fault(error.kind()))?.claims;
        if claims.exp > unix_s() + LONGEST_LIFE.as_secs() + LEEWAY_S {
            return Err(TokenFault::TooLong);
        }
        if is_name(&claims.sub) { Ok(claims) } else { Err(TokenFault::Claims) }
    }
}

/// What the library says, in our words. It has more than forty kinds, of which a stranger may meet any; all
/// that is not about time or claims means that the token is not ours.
#[expect(clippy::wildcard_enum_match_arm, reason = "the enum is the library's and not exhaustive")]
fn fault(kind: &ErrorKind) -> TokenFault {
    match kind {
        ErrorKind::ExpiredSignature => TokenFault::Expired,
        ErrorKind::ImmatureSignature => TokenFault::Early,
        ErrorKind::MissingRequiredClaim(_)
        | ErrorKind::InvalidClaimFormat(_)
        | ErrorKind::InvalidAudience
        | ErrorKind::Json(_) => TokenFault::Claims,
        _ => TokenFault::Forged,
    }
}

fn is_name(sub: &str) -> bool {
    (1..=LONGEST_NAME).contains(&sub.chars().count()) && !sub.chars().any(char::is_control)
}

fn unix_s() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests;
