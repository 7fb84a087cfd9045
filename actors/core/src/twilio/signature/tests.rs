//! The published vectors of Twilio's own libraries, all with the token
//! `12345`, and what must not pass.

use proptest::prelude::*;

use super::*;

const TOKEN: &str = "12345";
const U: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";
const JSON_BODY: &[u8] = br#"{"property": "value", "boolean": true}"#;
const JSON_HASH: &str = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";

type Params = &'static [(&'static str, &'static str)];

const P: Params = &[
    ("CallSid", "CA1234567890ABCDE"),
    ("Caller", "+14158675309"),
    ("Digits", "1234"),
    ("From", "+14158675309"),
    ("To", "+18005551212"),
];
const NONE: Params = &[];

/// Number in section 5.5, URL, parameters, signature.
const VECTORS: &[(u32, &str, Params, &str)] = &[
    (1, U, P, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    (2, "https://mycompany.com:443/myapp.php?foo=1&bar=2", P, "kvajT1Ptam85bY51eRf/AJRuM3w="),
    (3, "http://mycompany.com:1234/myapp.php?foo=1&bar=2", P, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
    (4, "http://mycompany.com:80/myapp.php?foo=1&bar=2", P, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    (
        5,
        U,
        &[
            ("Sid", "CA123"),
            ("SidAccount", "AC123"),
            ("Digits", "5678"),
            ("Digits", "1234"),
            ("Digits", "1234"),
        ],
        "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
    ),
    (
        6,
        "https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
        NONE,
        "a9nBmqA0ju/hNViExpshrM61xv4=",
    ),
    (
        7,
        "https://mycompany.com/myapp.php?bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
        NONE,
        "y77kIzt2vzLz71DgmJGsen2scGs=",
    ),
    (
        8,
        U,
        &[
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
            ("ReasonConferenceEnded", "test"),
            ("Reason", "Participant"),
        ],
        "vOEb5UThFn24KEfnOFLQY2AE5FY=",
    ),
    (9, U, &[("property", "value"), ("boolean", "true")], "NBdBDr/T/lgjI+tlgpXjKZQZs/k="),
    (10, U, NONE, "zYQTYrRWXE7LtzbG4PfP7/bkkGo="),
    (11, "https://mycompany.com/myapp.php", P, "1xaxFBvyzXYvWplzNOSs28HWO94="),
    (
        12,
        "https://mycompany.com/myapp.php?foo=hello%20world&bar=test%2Bvalue",
        P,
        "er2tvAP1Wx+iuTTE2BPgvEaN1cs=",
    ),
    (
        13,
        U,
        &[("Digits", ""), ("CallSid", "CA1234567890ABCDE"), ("EmptyParam", "")],
        "9HHp/OqQMEwdrVebHDdA/+tqjX8=",
    ),
    (
        14,
        U,
        &[
            ("Message", "Hello & goodbye! @#$%^*()"),
            ("From", "+1 (415) 867-5309"),
            ("Special", "unicode: ñáéíóú"),
        ],
        "dCPiR4WtQ6QFN6pJh81CtlCcWLQ=",
    ),
    (
        15,
        U,
        &[("callSid", "lowercase"), ("CallSid", "uppercase"), ("CALLSID", "allcaps")],
        "jDK7WKT8wiNrwggd4ceTv4e1MJ4=",
    ),
    (
        16,
        U,
        &[("Zebra", "last"), ("Alpha", "first"), ("Beta", "second"), ("Gamma", "third")],
        "enveUe73ZTVLAekHxez3Qx6JuuQ=",
    ),
    (
        17,
        "https://mycompany.com/myapp.php?foo=1&bar=2&Body=It%27s+amazing",
        P,
        "TfZzewPq8wqrGlMfyAud8+/IvJ0=",
    ),
    (
        18,
        U,
        &[("MessagingBinding.Address", "+1325xxxxxxx"), ("MessagingBinding.Address", "+1415xxxxxxx")],
        "83O6e2vORAoJHUNzJjDWN1jz+BA=",
    ),
    (19, "https://user:pass@mycompany.com/myapp.php?foo=1&bar=2", P, "CukzLTc1tT5dXEDIHm/tKBanW10="),
    (
        20,
        "https://example.com/myapp.php?foo=1&bar=2",
        &[
            ("Digits", "1234"),
            ("To", "+18005551212"),
            ("From", "+14158675310"),
            ("Caller", "+14158675310"),
            ("CallSid", "CA1234567890ABCDE"),
        ],
        "L/OH5YylLD5NRKLltdqwSvS0BnU=",
    ),
    // Not published; computed for the handshake by an independent script.
    (21, "wss://example.com/media-stream", NONE, "XFfwGS2Ev7f9qAP9MmRoMS7C724="),
    (22, "wss://example.com/media-stream/", NONE, "7J0iz81itFhCXVuZK8EmM4YZwLA="),
    (23, "https://example.com/media-stream", NONE, "+Nt/WUHH2g+0+t2rLN3k9fNhfEw="),
];

fn vector(number: u32) -> (&'static str, Params, &'static str) {
    let (_, url, params, signature) = VECTORS.iter().find(|vector| vector.0 == number).unwrap();
    (url, params, signature)
}

#[test]
fn every_vector_is_reproduced() {
    assert_eq!(VECTORS.len(), 23);
    for &(number, url, params, signature) in VECTORS {
        assert_eq!(sign(TOKEN, url, params), signature, "vector {number}");
        assert!(verify(&[TOKEN], &[url.to_owned()], params, signature), "vector {number}");
    }
}

#[test]
fn names_and_not_joined_pairs_are_sorted() {
    let (url, params, _) = vector(8);
    assert!(!verify(&[TOKEN], &[url.to_owned()], params, "95+Bu0JVPi0r/SsESZCVf0dWAjw="));
}

#[test]
fn the_order_of_arrival_does_not_matter() {
    let (url, params, signature) = vector(5);
    let backwards: Vec<_> = params.iter().rev().copied().collect();
    assert_eq!(sign(TOKEN, url, &backwards), signature);
}

#[test]
fn a_webhook_behind_https_matches_with_and_without_port() {
    let candidates = url_candidates("https://mycompany.com", "/myapp.php?foo=1&bar=2", RequestKind::Webhook);
    for number in [1, 2] {
        assert!(verify(&[TOKEN], &candidates, P, vector(number).2), "vector {number}");
    }
    let candidates = url_candidates("http://mycompany.com", "/myapp.php?foo=1&bar=2", RequestKind::Webhook);
    assert!(verify(&[TOKEN], &candidates, P, vector(4).2));
}

#[test]
fn the_handshake_matches_in_each_of_its_forms() {
    for base in ["https://example.com", "wss://example.com", "example.com/", "https://example.com:443"] {
        let candidates = url_candidates(base, "/media-stream", RequestKind::Upgrade);
        for number in [21, 22, 23] {
            assert!(verify(&[TOKEN], &candidates, NONE, vector(number).2), "{base}, vector {number}");
        }
    }
}

#[test]
fn only_the_right_token_and_signature_pass() {
    let urls = [U.to_owned()];
    let good = vector(1).2;
    assert!(verify(&["older", TOKEN], &urls, P, good), "a token being rotated in");
    assert!(!verify(&["12346"], &urls, P, good));
    assert!(!verify(&[], &urls, P, good));
    assert!(!verify(&[TOKEN], &[], P, good));
    assert!(!verify(&[TOKEN], &urls, NONE, good));
    for wrong in
        ["", "RSOYDt4T1cUTdK1PDd93/VVr8B8", "rSOYDt4T1cUTdK1PDd93/VVr8B8=", "RSOYDt4T1cUTdK1PDd93/VVr8B8= "]
    {
        assert!(!verify(&[TOKEN], &urls, P, wrong), "{wrong:?}");
    }
}

#[test]
fn an_empty_token_opens_nothing() {
    let forged = sign("", U, P);
    assert!(!verify(&["", TOKEN], &[U.to_owned()], P, &forged));
}

#[test]
fn a_json_body_is_tied_to_the_signed_url_by_its_hash() {
    let target = format!("/myapp.php?foo=1&bodySHA256={JSON_HASH}");
    assert!(json_body_matches(&target, JSON_BODY));
    assert!(json_body_matches(&target.replace("0a1f", "0A1F"), JSON_BODY));
    assert!(!json_body_matches(&target, b"{}"));
    assert!(!json_body_matches("/myapp.php?foo=1", JSON_BODY));
    assert!(!json_body_matches("/myapp.php", JSON_BODY));
}

proptest! {
    #[test]
    fn what_is_signed_verifies_and_nothing_else_does(
        token in "[a-f0-9]{1,80}",
        params in prop::collection::vec((".{0,8}", ".{0,8}"), 0..6),
        extra in ".{1,8}",
    ) {
        let urls = [U.to_owned()];
        let signature = sign(&token, U, &params);
        prop_assert_eq!(signature.len(), 28);
        prop_assert!(verify(&[&token], &urls, &params, &signature));
        let mut changed = params.clone();
        changed.push(("~".repeat(9), extra));
        prop_assert!(!verify(&[&token], &urls, &changed, &signature));
    }
}
