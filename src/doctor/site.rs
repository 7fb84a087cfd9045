//! A server under examination, and the ways to ask it.
//!
//! Like Twilio's, every request has two addresses: the public one, which is signed, and the one where the
//! server is reached (`caller::route` says why). On this machine they differ; at the public address they are
//! the same.

mod handshake;

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use awc::error::{ConnectError, SendRequestError};
use moked_core::twilio::signature;
use secrecy::{ExposeSecret as _, SecretString};
use thiserror::Error;
use url::Url;

use crate::caller::http;
use crate::caller::identity::Form;
use crate::settings::{PublicBaseUrl, is_loopback};

pub(super) use handshake::{NotSwitched, Offer, Switched};

/// Paths of moked, as they stand in the Twilio console and in its documents.
pub(super) mod paths {
    pub(in crate::doctor) const INCOMING_CALL: &str = "/webhook/incoming_call";
    pub(in crate::doctor) const PREVIEW: &str = "/webhook/incoming_call_preview";
    pub(in crate::doctor) const STREAM_STATUS: &str = "/webhook/stream_status";
    pub(in crate::doctor) const STREAM_ENDED: &str = "/webhook/stream_ended";
    pub(in crate::doctor) const CALL_STATUS: &str = "/webhook/call_status";
    pub(in crate::doctor) const MEDIA: &str = "/ws/twilio-media";
}

/// How long an answer may take. Twilio waits longer, but nobody who listens to ringing does.
const PATIENCE: Duration = Duration::from_secs(10);

/// Largest answer read, bytes: Twilio's own ceiling for a document is 64 kB.
const MAX_BODY: usize = 128 * 1024;

/// Which of the two servers is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    /// The server on this machine.
    Local,
    /// The public address.
    Public,
}

/// Whose signature a request carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signing {
    /// None at all.
    None,
    /// That of the configured token, if there is one.
    Right,
    /// One made with another token.
    Wrong,
}

/// A server and how to sign for it.
#[derive(Clone)]
pub(super) struct Site {
    /// Which it is.
    pub(super) spot: Spot,
    /// Where it is reached.
    pub(super) reach: PublicBaseUrl,
    /// The address that signatures name.
    pub(super) signed: PublicBaseUrl,
    /// The account's token.
    pub(super) token: Option<SecretString>,
    /// The account that forms name.
    pub(super) account_sid: String,
}

/// An answer, read to its end.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Answer {
    /// What was asked, such as `GET http://host/healthz`.
    pub(super) asked: String,
    /// The HTTP status.
    pub(super) status: u16,
    /// `Content-Type`, empty when there was none.
    pub(super) content_type: String,
    /// `Server`, which tells who answered, empty when there was none.
    pub(super) server: String,
    /// The text.
    pub(super) body: String,
    /// From the question to the end of the answer, milliseconds.
    pub(super) ms: u64,
}

impl Answer {
    /// What was asked and what came back, in one line.
    pub(super) fn line(&self) -> String {
        let who = if self.server.is_empty() { String::new() } else { format!(" from {}", self.server) };
        format!("{} → {}{who} in {} ms", self.asked, self.status, self.ms)
    }

    /// The line, with the beginning of the body.
    pub(super) fn full_line(&self) -> String {
        let body = self.body.split_whitespace().collect::<Vec<_>>().join(" ");
        if body.is_empty() {
            format!("{}, empty", self.line())
        } else {
            format!("{}: {}", self.line(), cut(&body))
        }
    }
}

/// The first 160 characters of a text.
pub(super) fn cut(text: &str) -> String {
    let short: String = text.chars().take(160).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}

/// Why there was no answer.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{asked} → no answer: {why}")]
pub(super) struct NoAnswer {
    /// What was asked.
    pub(super) asked: String,
    /// What the client says.
    pub(super) why: String,
    /// Twilio's number for it, at the media socket.
    pub(super) code: u32,
}

/// What came of asking.
pub(super) type Asked = Result<Answer, NoAnswer>;

impl Site {
    /// Whether the server is on this machine, by whichever address.
    pub(super) fn is_on_this_machine(&self) -> bool {
        Url::parse(&self.reach.http("/")).is_ok_and(|url| url.host().is_some_and(|host| is_loopback(&host)))
    }

    /// GET, unsigned.
    pub(super) async fn get(&self, path: &str) -> Asked {
        let url = self.reach.http(path);
        let request = http::client().get(url.as_str()).timeout(PATIENCE);
        let begun = Instant::now();
        read(format!("GET {url}"), begun, request.send().await).await
    }

    /// POST of a form.
    pub(super) async fn post(&self, path: &str, form: &Form, signing: Signing) -> Asked {
        let url = self.reach.http(path);
        let mut request = http::client().post(url.as_str()).timeout(PATIENCE);
        if let Some(signature) = self.signature(&self.signed.http(path), form, signing) {
            request = request.insert_header((signature::HEADER, signature));
        }
        let begun = Instant::now();
        read(format!("POST {url}"), begun, request.send_form(form).await).await
    }

    /// The signature over `url`, when one is wanted and can be made.
    fn signature(&self, url: &str, form: &Form, signing: Signing) -> Option<String> {
        match signing {
            Signing::None => None,
            Signing::Right => {
                self.token.as_ref().map(|token| signature::sign(token.expose_secret(), url, form))
            }
            Signing::Wrong => Some(signature::sign("not the token of this account", url, form)),
        }
    }

    /// The path at this server of an address in one of its documents, whichever host that names.
    pub(super) fn path_of(&self, address: &str) -> Option<String> {
        for base in [&self.signed, &self.reach] {
            if let Some(path) = address.strip_prefix(&base.to_string()).filter(|path| path.starts_with('/')) {
                return Some(path.to_owned());
            }
        }
        let url = Url::parse(&self.signed.http(paths::INCOMING_CALL)).ok()?.join(address).ok()?;
        Some(url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path())))
    }
}

type Sent<S> = Result<awc::ClientResponse<S>, SendRequestError>;

async fn read<S>(asked: String, begun: Instant, sent: Sent<S>) -> Asked
where
    S: futures_util::Stream<Item = Result<bytes::Bytes, awc::error::PayloadError>>,
{
    let no_answer = |why: String, code| NoAnswer { asked: asked.clone(), why, code };
    let mut response = sent.map_err(|error| no_answer(explain(&error), code(&error)))?;
    let header = |name: &str| {
        let value = response.headers().get(name);
        value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
    };
    let (content_type, server) = (header("content-type"), header("server"));
    let body = response.body().limit(MAX_BODY).await.map_err(|error| no_answer(error.to_string(), BROKEN))?;
    Ok(Answer {
        status: response.status().as_u16(),
        content_type,
        server,
        body: String::from_utf8_lossy(&body).into_owned(),
        ms: begun.elapsed().as_millis() as u64,
        asked,
    })
}

/// The client's words; a time-out says which.
fn explain(error: &SendRequestError) -> String {
    if let SendRequestError::Timeout = error {
        return format!("nothing came in {} s", PATIENCE.as_secs());
    }
    error.to_string()
}

/// Twilio's number for a connection that breaks.
const BROKEN: u32 = 31_903;

/// Twilio's number for a server that does not answer, as it gives it for the media socket.
fn code(error: &SendRequestError) -> u32 {
    let SendRequestError::Connect(ConnectError::Io(error)) = error else { return 31_901 };
    if error.kind() == ErrorKind::ConnectionRefused {
        31_902
    } else if error.kind() == ErrorKind::InvalidData {
        // That is how the client tells that TLS failed.
        31_910
    } else {
        31_901
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(reach: &str, signed: &str) -> Site {
        Site {
            spot: Spot::Local,
            reach: reach.parse().unwrap(),
            signed: signed.parse().unwrap(),
            token: None,
            account_sid: "AC1".to_owned(),
        }
    }

    #[test]
    fn an_address_in_a_document_is_found_at_the_site_whichever_host_it_names() {
        let site = site("http://127.0.0.1:8080", "https://calls.example.com/pbx");
        for (address, path) in [
            ("https://calls.example.com/pbx/webhook/stream_action", "/webhook/stream_action"),
            ("http://127.0.0.1:8080/webhook/stream_action?n=1", "/webhook/stream_action?n=1"),
            ("https://elsewhere.example/after?n=1", "/after?n=1"),
            ("/after", "/after"),
        ] {
            assert_eq!(site.path_of(address).as_deref(), Some(path), "{address}");
        }
    }

    #[test]
    fn this_machine_is_known_by_every_name() {
        for (base, expected) in [
            ("http://127.0.0.1:8080", true),
            ("http://localhost", true),
            ("http://[::1]:80", true),
            ("https://calls.example.com", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(site(base, base).is_on_this_machine(), expected, "{base}");
        }
    }

    #[test]
    fn evidence_is_one_line_and_short() {
        let answer = Answer {
            asked: "GET http://x/".to_owned(),
            status: 502,
            server: "nginx".to_owned(),
            body: format!("<html>\n {}", "x".repeat(400)),
            ms: 3,
            ..Answer::default()
        };
        let line = answer.full_line();
        assert!(line.starts_with("GET http://x/ → 502 from nginx in 3 ms: <html> xxx"), "{line}");
        assert!(line.chars().count() < 220 && !line.contains('\n'), "{line}");
    }
}
