//! Keys, taken out of everything that a vendor says back.
//!
//! Vendors echo the key that they refuse, and what a vendor says becomes a fault, a log line, a page. So the
//! keys of a request are learnt where it is sent, from the places where keys stand, and whatever comes back
//! has them replaced before any adapter sees it. An adapter cannot forget it, for it has no part in it.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use moked_core::ports::ProviderFault;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

/// What stands where a key was.
pub(crate) const MARK: &str = "[key]";

/// Values shorter than this are no keys, and taking them out would spoil other words.
const SHORTEST: usize = 8;

/// Values without a digit are no keys either if they are shorter than this: `ollama` and `not-needed` are what
/// people give to servers of their own, and callers may say such words.
const SHORTEST_WORD: usize = 20;

/// Headers that hold no key. Every other is taken to hold one, so that a new one is not forgotten.
const PUBLIC_HEADERS: [&str; 9] = [
    "accept",
    "anthropic-version",
    "cartesia-version",
    "content-type",
    "metadata-flavor",
    "openai-beta",
    "user-agent",
    "x-goog-user-project",
    "x-microsoft-outputformat",
];

/// The keys of one request or connection.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Vec<SecretString>);

impl Secrets {
    /// Takes a key. Values that can be none are left out.
    pub(crate) fn learn(&mut self, value: &str) {
        let value = value.trim();
        let is_known = self.0.iter().any(|known| known.expose_secret() == value);
        if can_be_a_key(value) && !is_known {
            self.0.push(SecretString::from(value));
            // A key may hold another (its decoded form, its last part): the longest goes first.
            self.0.sort_by_key(|known| std::cmp::Reverse(known.expose_secret().len()));
        }
    }

    /// Takes the key of a header: its value, without the scheme before it.
    pub(crate) fn learn_header(&mut self, name: &str, value: &str) {
        if !PUBLIC_HEADERS.iter().any(|public| name.eq_ignore_ascii_case(public)) {
            self.learn(value.trim().split_once(' ').map_or(value, |(_, key)| key));
        }
    }

    /// Takes the keys in a URL: a password, and parameters named as keys are.
    pub(crate) fn learn_url(&mut self, url: &str) {
        if let Ok(parsed) = url::Url::parse(url) {
            self.learn(parsed.password().unwrap_or_default());
        }
        let Some((_, query)) = url.split_once('?') else { return };
        self.learn_form(query);
    }

    /// Takes the keys in a form or a query, as written and as meant.
    pub(crate) fn learn_form(&mut self, form: &str) {
        for pair in form.split('&') {
            let Some((name, written)) = pair.split_once('=') else { continue };
            if is_a_keys_name(name) {
                self.learn(written);
                for (_, meant) in url::form_urlencoded::parse(pair.as_bytes()) {
                    self.learn(&meant);
                }
            }
        }
    }

    /// Takes the keys in a message of JSON: fields of the whole that are named as keys are.
    pub(crate) fn learn_json(&mut self, text: &str) {
        // Most messages are audio; only those that can hold a key are read.
        if !["key\"", "token\"", "secret\"", "authorization\""].iter().any(|name| text.contains(name)) {
            return;
        }
        let Ok(Value::Object(fields)) = serde_json::from_str(text) else { return };
        for (name, value) in &fields {
            if let (true, Value::String(key)) = (is_a_keys_name(name), value) {
                self.learn(key);
            }
        }
    }

    /// The text without the keys.
    pub(crate) fn clean<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut clean = Cow::Borrowed(text);
        for key in &self.0 {
            if clean.contains(key.expose_secret()) {
                clean = Cow::Owned(clean.replace(key.expose_secret(), MARK));
            }
        }
        clean
    }

    /// The bytes without the keys.
    pub(crate) fn clean_bytes(&self, bytes: Bytes) -> Bytes {
        let mut clean = bytes;
        for key in &self.0 {
            let key = key.expose_secret().as_bytes();
            if find(&clean, key).is_some() {
                clean = replace(&clean, key).into();
            }
        }
        clean
    }

    /// How many of the last bytes may be the beginning of a key whose rest is still to come.
    pub(crate) fn undecided(&self, bytes: &[u8]) -> usize {
        let longest = |key: &SecretString| {
            let key = key.expose_secret().as_bytes();
            let most = key.len().saturating_sub(1).min(bytes.len());
            (1..=most).rev().find(|&length| key.get(..length).is_some_and(|begin| bytes.ends_with(begin)))
        };
        self.0.iter().filter_map(longest).max().unwrap_or(0)
    }

    /// The fault without the keys, and without what looks like one: `Bearer …`, `key=…`.
    pub(crate) fn fault(&self, mut fault: ProviderFault) -> ProviderFault {
        match &mut fault {
            ProviderFault::Unavailable { why }
            | ProviderFault::Connect { why }
            | ProviderFault::Auth { why }
            | ProviderFault::Quota { why, .. }
            | ProviderFault::BadRequest { why }
            | ProviderFault::Garbage { why }
            | ProviderFault::Closed { why }
            | ProviderFault::Stopped { why } => *why = without_patterns(&self.clean(why)),
            ProviderFault::UnsupportedLanguage { .. } | ProviderFault::Stalled { .. } => {}
        }
        fault
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.0.len())
    }
}

/// Whether a field or parameter of that name holds a key.
fn is_a_keys_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let ends = ["key", "token", "secret", "password", "signature", "assertion", "authorization"];
    ends.iter().any(|end| name.ends_with(end))
}

/// The text without words behind `Bearer` and `Token` that can be keys, and without the values of parameters
/// named as keys are.
pub(crate) fn without_patterns(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut follows_scheme = false;
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        let space = word.get(bare.len()..).unwrap_or_default();
        if follows_scheme && can_be_a_key(bare) {
            clean.push_str(MARK);
        } else {
            clean.push_str(&without_parameters(bare));
        }
        clean.push_str(space);
        let scheme = bare.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        follows_scheme = ["bearer", "token", "basic"].iter().any(|name| scheme.eq_ignore_ascii_case(name));
    }
    clean
}

/// `Bearer token` is a phrase and `Bearer ya29.a0` is a key: a key has a digit or is long.
fn can_be_a_key(word: &str) -> bool {
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    word.len() >= SHORTEST_WORD || (word.len() >= SHORTEST && has_digit)
}

fn without_parameters(word: &str) -> String {
    let is_end = |c: char| matches!(c, '?' | '&' | '"' | '\'' | ';' | ',' | '(' | ')' | '<' | '>');
    let mut clean = String::with_capacity(word.len());
    for part in word.split_inclusive(is_end) {
        let bare = part.trim_end_matches(is_end);
        let end = part.get(bare.len()..).unwrap_or_default();
        match bare.split_once('=') {
            Some((name, value)) if !value.is_empty() && is_a_keys_name(name) => {
                clean.extend([name, "=", MARK, end]);
            }
            Some(_) | None => clean.push_str(part),
        }
    }
    clean
}

fn find(bytes: &[u8], key: &[u8]) -> Option<usize> {
    let first = *key.first()?;
    let mut from = 0;
    while let Some(at) = bytes.get(from..)?.iter().position(|&byte| byte == first) {
        from += at;
        if bytes.get(from..)?.starts_with(key) {
            return Some(from);
        }
        from += 1;
    }
    None
}

fn replace(bytes: &[u8], key: &[u8]) -> Vec<u8> {
    let mut clean = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = find(rest, key) {
        let (before, behind) = rest.split_at(at);
        clean.extend_from_slice(before);
        clean.extend_from_slice(MARK.as_bytes());
        rest = behind.get(key.len()..).unwrap_or_default();
    }
    clean.extend_from_slice(rest);
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-canary-42";

    fn knowing(learn: impl FnOnce(&mut Secrets)) -> Secrets {
        let mut secrets = Secrets::default();
        learn(&mut secrets);
        secrets
    }

    #[test]
    fn keys_are_learnt_wherever_they_stand_in_a_request() {
        let ways: [fn(&mut Secrets); 7] = [
            |secrets| secrets.learn_header("authorization", "Bearer sk-canary-42"),
            |secrets| secrets.learn_header("x-new-vendor-key", KEY),
            |secrets| secrets.learn_url("https://a.example/v1?model=x&key=sk-canary-42"),
            |secrets| secrets.learn_url("https://user:sk-canary-42@a.example/v1"),
            |secrets| secrets.learn_form("grant_type=refresh_token&refresh_token=sk%2Dcanary%2D42"),
            |secrets| secrets.learn_json(r#"{"api_key":"sk-canary-42","model":"x"}"#),
            |secrets| secrets.learn(KEY),
        ];
        for way in ways {
            assert_eq!(knowing(way).clean("no sk-canary-42!"), "no [key]!");
        }
        for word in ["ollama", "not-needed", "a1b2"] {
            assert_eq!(knowing(|secrets| secrets.learn(word)).clean(word), word);
        }
        let public = knowing(|secrets| secrets.learn_header("content-type", "application/json"));
        assert_eq!(public.clean("not application/json"), "not application/json");
    }

    #[test]
    fn a_fault_keeps_its_kind_and_loses_every_key() {
        let secrets = knowing(|secrets| secrets.learn(KEY));
        let why = "sk-canary-42, Bearer ya29.other1 and https://x.example/?a=1&api_key=zzz.";
        let fault = secrets.fault(ProviderFault::Auth { why: why.into() });
        let why = "[key], Bearer [key] and https://x.example/?a=1&api_key=[key]";
        assert_eq!(fault, ProviderFault::Auth { why: why.into() });
    }

    #[test]
    fn words_of_a_message_are_not_taken_for_keys() {
        for text in ["Bearer token is missing", "the bearer authentication failed", "key=", "a=b; monkeys"] {
            assert_eq!(without_patterns(text), text);
        }
    }

    #[test]
    fn bytes_are_cleaned_also_where_a_key_is_cut() {
        let secrets = knowing(|secrets| secrets.learn(KEY));
        assert_eq!(secrets.clean_bytes(Bytes::from_static(b"a sk-canary-42\xff"))[..], b"a [key]\xff"[..]);
        assert_eq!(secrets.undecided(b"hello sk-can"), 6);
        assert_eq!(secrets.undecided(b"hello"), 0);
    }

    #[test]
    fn debug_tells_how_many_and_none() {
        let secrets = knowing(|secrets| secrets.learn(KEY));
        assert_eq!(format!("{secrets:?}"), "Secrets(1)");
    }
}
