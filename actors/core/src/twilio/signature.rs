//! Whether a request is Twilio's: the header `X-Twilio-Signature`.
//!
//! Twilio signs the URL *as it knows it* and the form's parameters with the account's auth token. A server
//! behind a proxy sees another URL, with another scheme, host or port, and Twilio itself is not of one mind
//! about ports and slashes. So the URL is not rebuilt from the request's headers but put together from the
//! configured public address, in every form Twilio may have signed ([`url_candidates`]), and a signature
//! is good if it matches one of them ([`verify`]). The rules are those of Twilio's page
//! on the security of webhooks, the test vectors those of its libraries.

mod url;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};

pub use url::{RequestKind, url_candidates};

/// Name of the header, in the lower case that Twilio's own handshake uses.
pub const HEADER: &str = "x-twilio-signature";

/// The signature of a request: base64 of HMAC-SHA1, 28 characters.
///
/// `token` is the auth token of the account that owns the call; `url` is the full URL with its query, still
/// percent-encoded, without fragment; `params` are the decoded parameters of a form body in any order, and
/// none for GET, for a JSON body and for a WebSocket handshake.
pub fn sign<K: AsRef<str>, V: AsRef<str>>(token: &str, url: &str, params: &[(K, V)]) -> String {
    BASE64_STANDARD.encode(digest(token, url, &signed_params(params)))
}

/// Whether `signature` is that of one of the `candidates` under one of the `tokens`.
///
/// Takes the same time whichever matches, or none. Several tokens serve the change from one to the next;
/// an empty one, which anybody could sign with, is passed over.
pub fn verify<K: AsRef<str>, V: AsRef<str>>(
    tokens: &[&str],
    candidates: &[String],
    params: &[(K, V)],
    signature: &str,
) -> bool {
    let params = signed_params(params);
    let mut good = Choice::from(0);
    for token in tokens.iter().filter(|token| !token.is_empty()) {
        for url in candidates {
            let expected = BASE64_STANDARD.encode(digest(token, url, &params));
            good |= expected.as_bytes().ct_eq(signature.as_bytes());
        }
    }
    good.into()
}

/// Whether a JSON body is the one that was signed.
///
/// The query of the signed URL carries the body's SHA-256 as `bodySHA256`. Twilio sends no such hash with a
/// form, so this is asked for JSON bodies only, beside [`verify`]. A query without the hash is refused, since
/// then nothing ties the body to the signature.
pub fn json_body_matches(path_and_query: &str, body: &[u8]) -> bool {
    let Some((_, query)) = path_and_query.split_once('?') else { return false };
    let named = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "bodySHA256");
    let Some((_, claimed)) = named else { return false };
    let actual: String = Sha256::digest(body).iter().map(|byte| format!("{byte:02x}")).collect();
    actual.as_bytes().ct_eq(claimed.to_ascii_lowercase().as_bytes()).into()
}

/// Parameters in the order in which they are signed: by name and then by value, byte by byte, each pair once.
fn signed_params<K: AsRef<str>, V: AsRef<str>>(params: &[(K, V)]) -> String {
    let mut pairs: Vec<(&str, &str)> =
        params.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
    pairs.sort_unstable();
    pairs.dedup();
    pairs.into_iter().flat_map(|(name, value)| [name, value]).collect()
}

#[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
fn digest(token: &str, url: &str, params: &str) -> [u8; 20] {
    let mut mac = Hmac::<Sha1>::new_from_slice(token.as_bytes()).expect("a key of any length");
    mac.update(url.as_bytes());
    mac.update(params.as_bytes());
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests;
