//! Attacks on a token, and the tokens that pass.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Sha256, Sha384, Sha512};

use super::*;

const SECRET: &str = "q0hYIkX8sZ3w9TfG5mB1nVcR7uLpKoJdEa2xHy4tMvQ=";

fn key() -> AdminKey {
    AdminKey::new(Some(&SecretString::from(SECRET))).unwrap()
}

/// A token by hand, so that a test can say what our own side never would.
fn by_hand(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = URL_SAFE_NO_PAD.encode(sign(message.as_bytes()));
    format!("{message}.{signature}")
}

macro_rules! mac {
    ($hash:ty, $secret:expr, $message:expr) => {{
        let mut mac = Hmac::<$hash>::new_from_slice($secret).unwrap();
        mac.update($message);
        mac.finalize().into_bytes().to_vec()
    }};
}

fn signed(claims: &Value) -> String {
    by_hand(&json!({ "alg": "HS256", "typ": "JWT" }), claims, |message| {
        mac!(Sha256, SECRET.as_bytes(), message)
    })
}

/// Good claims with some of them changed; `null` takes one out.
fn claims(changes: &Value) -> Value {
    let now = unix_s();
    let mut claims = json!({
        "sub": "dana", "role": "operator", "aud": "moked-admin", "iat": now, "exp": now + 3_600,
    });
    for (name, value) in changes.as_object().unwrap() {
        if value.is_null() {
            claims.as_object_mut().unwrap().remove(name);
        } else {
            claims[name] = value.clone();
        }
    }
    claims
}

#[test]
fn a_minted_token_says_who_and_what() {
    let token = key().mint("דנה", Role::Viewer, Duration::from_secs(8 * 3_600)).unwrap();
    let claims = key().read(&token).unwrap();
    assert_eq!((claims.sub.as_str(), claims.role), ("דנה", Role::Viewer));
    assert!(claims.exp.abs_diff(unix_s() + 8 * 3_600) <= 2);
    assert!(key().read(&signed(&self::claims(&json!({})))).is_ok(), "a token made elsewhere by the rules");
}

#[test]
fn no_other_algorithm_passes_whatever_the_header_says() {
    let good = claims(&json!({}));
    let with = |alg: &str, sign: &dyn Fn(&[u8]) -> Vec<u8>| {
        by_hand(&json!({ "alg": alg, "typ": "JWT" }), &good, sign)
    };
    let secret = SECRET.as_bytes();
    let unsigned = |alg: &str| with(alg, &|_| Vec::new());
    for token in [
        unsigned("none"),
        unsigned("None"),
        unsigned("NONE"),
        unsigned("HS256"),
        with("none", &|message| mac!(Sha256, secret, message)),
        with("HS384", &|message| mac!(Sha384, secret, message)),
        with("HS512", &|message| mac!(Sha512, secret, message)),
        // A verifier that takes the header's word would use the secret as the public key, or the reverse.
        with("RS256", &|message| mac!(Sha256, secret, message)),
        with("ES256", &|message| mac!(Sha256, secret, message)),
        with("PS256", &|message| mac!(Sha256, secret, message)),
        with("EdDSA", &|message| mac!(Sha256, secret, message)),
        with("hs256", &|message| mac!(Sha256, secret, message)),
        with("HS256", &|message| mac!(Sha256, b"", message)),
        with("HS256", &|message| mac!(Sha256, b"another secret of thirty-two bytes", message)),
    ] {
        assert_eq!(key().read(&token), Err(TokenFault::Forged), "{token}");
    }
}

#[test]
fn a_header_cannot_bring_its_own_key() {
    let good = claims(&json!({}));
    for header in [
        json!({ "alg": "HS256", "kid": "../../../../dev/null" }),
        json!({ "alg": "HS256", "jwk": { "kty": "oct", "k": "AAAA" } }),
        json!({ "alg": "HS256", "jku": "https://evil.example/keys" }),
    ] {
        let token = by_hand(&header, &good, |message| mac!(Sha256, b"", message));
        assert_eq!(key().read(&token), Err(TokenFault::Forged), "{header}");
    }
}

#[test]
fn time_is_obeyed() {
    let now = unix_s();
    for (changes, fault) in [
        (json!({ "exp": now - LEEWAY_S - 5 }), TokenFault::Expired),
        (json!({ "exp": 0 }), TokenFault::Expired),
        (json!({ "nbf": now + LEEWAY_S + 60 }), TokenFault::Early),
        (json!({ "nbf": "soon" }), TokenFault::Claims),
        (json!({ "exp": now + 25 * 3_600 }), TokenFault::TooLong),
        (json!({ "exp": u64::MAX }), TokenFault::TooLong),
        (json!({ "exp": null }), TokenFault::Claims),
        (json!({ "exp": "9999999999" }), TokenFault::Claims),
        (json!({ "exp": -1 }), TokenFault::Claims),
        (json!({ "exp": [now + 60] }), TokenFault::Claims),
    ] {
        assert_eq!(key().read(&signed(&claims(&changes))), Err(fault), "{changes}");
    }
    assert!(key().read(&signed(&claims(&json!({ "exp": now - 5 })))).is_ok(), "clocks differ a little");
    assert!(key().read(&signed(&claims(&json!({ "nbf": now - 5 })))).is_ok());
}

#[test]
fn role_audience_and_holder_are_demanded() {
    for changes in [
        json!({ "role": null }),
        json!({ "role": "admin" }),
        json!({ "role": "Operator" }),
        json!({ "role": ["operator"] }),
        json!({ "aud": null }),
        json!({ "aud": "the-other-program" }),
        json!({ "sub": null }),
        json!({ "sub": "" }),
        json!({ "sub": "dana\nINFO forged" }),
        json!({ "sub": "x".repeat(81) }),
    ] {
        assert_eq!(key().read(&signed(&claims(&changes))), Err(TokenFault::Claims), "{changes}");
    }
}

#[test]
fn what_is_no_token_is_refused_without_a_word_about_it() {
    let good = signed(&claims(&json!({})));
    let mut parts = good.split('.');
    let (header, body, signature) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
    let other = signed(&claims(&json!({ "role": "viewer" })));
    let other = other.split('.').nth(1).unwrap();
    for token in [
        String::new(),
        ".".into(),
        "..".into(),
        "a.b.c".into(),
        header.into(),
        format!("{header}.{body}"),
        format!("{header}.{body}."),
        format!("{header}.{other}.{signature}"),
        format!("{good}.{signature}"),
        format!("{good}="),
        format!("{header}.{body}.{}", signature.to_ascii_lowercase()),
        "x".repeat(LONGEST_TOKEN + 1),
        "שלום.עולם.שוב".into(),
    ] {
        assert_eq!(key().read(&token), Err(TokenFault::Forged), "{token}");
    }
}

#[test]
fn no_token_is_minted_that_would_not_be_read() {
    let hour = Duration::from_secs(3_600);
    assert_eq!(key().mint("", Role::Viewer, hour), Err(MintFault::Name));
    assert_eq!(key().mint("a\u{7}b", Role::Viewer, hour), Err(MintFault::Name));
    assert_eq!(key().mint("dana", Role::Viewer, Duration::ZERO), Err(MintFault::Life));
    assert_eq!(key().mint("dana", Role::Viewer, LONGEST_LIFE + hour), Err(MintFault::Life));
    assert!(key().read(&key().mint("dana", Role::Operator, LONGEST_LIFE).unwrap()).is_ok());
}

#[test]
fn the_key_does_not_show_its_secret() {
    assert_eq!(format!("{:?}", key()), "AdminKey(hidden)");
}
