//! Webhooks: a form reads the same however it is escaped, a signature covers all of it, and what is told of
//! it is never without a call.

use moked_core::twilio::signature::{sign, verify};
use moked_core::twilio::{CallStatusUpdate, IncomingCall, StreamStatus, parse_form};
use url::form_urlencoded::Serializer;

/// The bytes are a body.
pub fn check(body: &[u8]) {
    let pairs = parse_form(body);
    let written = Serializer::new(String::new()).extend_pairs(&pairs).finish();
    assert_eq!(parse_form(written.as_bytes()), pairs, "{written}");

    let url = "https://calls.example.com/webhook/incoming_call".to_owned();
    let signature = sign("12345", &url, &pairs);
    let is_signed =
        |pairs: &[(String, String)]| verify(&["12345"], std::slice::from_ref(&url), pairs, &signature);
    assert!(is_signed(&pairs));
    if let Some((first, rest)) = pairs.split_first() {
        // A repeated pair is signed once, and an empty one is nothing.
        let says_nothing = rest.contains(first) || first.0.is_empty() && first.1.is_empty();
        assert!(says_nothing || !is_signed(rest), "signed without {first:?}");
    }

    if let Ok(call) = IncomingCall::from_form(&pairs) {
        assert!(!call.call_sid.as_str().is_empty());
    }
    if let Ok(update) = CallStatusUpdate::from_form(&pairs) {
        assert!(!update.call_sid.as_str().is_empty());
    }
    if let Ok(status) = StreamStatus::from_form(&pairs) {
        assert!(!status.call_sid.as_str().is_empty());
    }
}
