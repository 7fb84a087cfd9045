//! Requests to the server's webhooks, all of them POST, and the looks that Twilio takes at the answers.
//!
//! A webhook fails in Twilio's eyes for more reasons than a bad status: no content type, an empty body where
//! a document is needed, a document above 64 kB, fifteen seconds. Each comes with the number under which
//! Twilio's debugger would show it.

use awc::error::{PayloadError, SendRequestError};
use moked_core::twilio::signature;
use secrecy::{ExposeSecret as _, SecretString};
use thiserror::Error;

use super::http;
use super::identity::Form;
use super::route::Place;

/// Largest TwiML document, in bytes (Twilio error 11750).
const MAX_DOCUMENT: usize = 64 * 1024;

/// What is wrong with a webhook's answer.
#[derive(Debug, Error)]
pub enum WebhookError {
    /// Nobody answers (Twilio error 11205).
    #[error("{url} cannot be reached: {why}")]
    Unreachable {
        /// Address requested.
        url: String,
        /// What the client says.
        why: String,
    },
    /// No answer in 15 seconds (Twilio error 11205).
    #[error("{url} did not answer in 15 s, which is all that Twilio waits")]
    Late {
        /// Address requested.
        url: String,
    },
    /// A status that is no success (Twilio error 11200).
    #[error("{url} answered {status}{hint}{body}")]
    Status {
        /// Address requested.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What to look at, for the statuses with a usual cause.
        hint: &'static str,
        /// The beginning of the body, after a colon, if there is one.
        body: String,
    },
    /// No content type (Twilio error 12300).
    #[error("{url} answered without Content-Type; TwiML needs application/xml or text/xml")]
    NoContentType {
        /// Address requested.
        url: String,
    },
    /// A content type that is no TwiML (Twilio error 12300).
    #[error("{url} answered with Content-Type {found}; TwiML needs application/xml or text/xml")]
    ContentType {
        /// Address requested.
        url: String,
        /// What came.
        found: String,
    },
    /// Nothing in it (Twilio error 12100).
    #[error("{url} answered {status} with an empty body where Twilio needs a document")]
    Empty {
        /// Address requested.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// Too much in it (Twilio error 11750).
    #[error("{url} answered with more than 64 kB")]
    TooLarge {
        /// Address requested.
        url: String,
    },
}

impl WebhookError {
    /// The error under which Twilio would report it.
    pub fn twilio_code(&self) -> u32 {
        match self {
            Self::Unreachable { .. } | Self::Late { .. } => 11_205,
            Self::Status { .. } => 11_200,
            Self::NoContentType { .. } | Self::ContentType { .. } => 12_300,
            Self::Empty { .. } => 12_100,
            Self::TooLarge { .. } => 11_750,
        }
    }
}

/// The requester; it signs when it has a token.
pub struct Webhooks {
    client: awc::Client,
    auth_token: Option<SecretString>,
}

struct Answer {
    status: u16,
    content_type: Option<String>,
    body: Vec<u8>,
}

impl Webhooks {
    /// Requests signed with `auth_token` when given.
    pub fn new(auth_token: Option<SecretString>) -> Self {
        Self { client: http::client(), auth_token }
    }

    /// Asks for a TwiML document and returns its text.
    ///
    /// # Errors
    /// Everything that Twilio would not take for a document.
    pub async fn document(&self, place: &Place, form: &Form) -> Result<String, WebhookError> {
        let answer = self.request(place, form).await?;
        let url = place.reach.to_string();
        if answer.body.is_empty() {
            return Err(WebhookError::Empty { url, status: answer.status });
        }
        let Some(content_type) = answer.content_type else {
            return Err(WebhookError::NoContentType { url });
        };
        let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if !matches!(essence.as_str(), "application/xml" | "text/xml" | "text/html") {
            return Err(WebhookError::ContentType { url, found: content_type });
        }
        Ok(String::from_utf8_lossy(&answer.body).into_owned())
    }

    /// Tells the server something; any success without a document is fine.
    ///
    /// # Errors
    /// The server cannot be reached or does not answer with success.
    pub async fn notify(&self, place: &Place, form: &Form) -> Result<(), WebhookError> {
        self.request(place, form).await.map(|_| ())
    }

    async fn request(&self, place: &Place, form: &Form) -> Result<Answer, WebhookError> {
        let reach = &place.reach;
        let url = reach.to_string();
        let mut request = self.client.post(reach.as_str());
        if !reach.username().is_empty() {
            request = request.basic_auth(reach.username(), reach.password().unwrap_or_default());
        }
        if let Some(token) = &self.auth_token {
            let signature = signature::sign(token.expose_secret(), &place.signed, form);
            request = request.insert_header((signature::HEADER, signature));
        }
        let sent = request.send_form(form).await;
        let mut response = sent.map_err(|error| no_answer(&url, &error))?;
        let status = response.status().as_u16();
        let content_type = response.headers().get("content-type");
        let content_type = content_type.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let body = response.body().limit(MAX_DOCUMENT).await.map_err(|error| no_body(&url, &error))?;
        if !(200..300).contains(&status) {
            return Err(WebhookError::Status { url, status, hint: hint(status), body: excerpt(&body) });
        }
        Ok(Answer { status, content_type, body: body.to_vec() })
    }
}

fn no_answer(url: &str, error: &SendRequestError) -> WebhookError {
    let url = url.to_owned();
    if matches!(error, SendRequestError::Timeout) {
        return WebhookError::Late { url };
    }
    WebhookError::Unreachable { url, why: error.to_string() }
}

fn no_body(url: &str, error: &PayloadError) -> WebhookError {
    let url = url.to_owned();
    if matches!(error, PayloadError::Overflow) {
        return WebhookError::TooLarge { url };
    }
    WebhookError::Unreachable { url, why: error.to_string() }
}

/// What usually stands behind a status.
fn hint(status: u16) -> &'static str {
    match status {
        301..=308 => " (a redirect: give the final address)",
        401 | 403 => " (is the auth token right, and is the public address the one that the server signs?)",
        404 | 405 => " (is this the voice webhook, and does it take POST?)",
        503 => " (the server takes no calls now)",
        _ => "",
    }
}

fn excerpt(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    // On one line: it becomes part of a message that is one.
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return String::new();
    }
    format!(": {}", text.chars().take(160).collect::<String>())
}
