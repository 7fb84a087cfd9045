//! HTTP to vendors: one pooled client a thread, bodies that stream, failures by kind.
//!
//! The pool is kept long (90 s idle), so that a turn does not pay for names and TLS again. The client's own
//! time limit is off, since it covers only the head and would cut slow models; the caller of
//! [`HttpRequest::send`] and [`HttpBody::next`] gives a limit for what it waits for.

use std::cell::OnceCell;
use std::time::Duration;

use awc::http::header::HeaderMap;
use awc::http::{Method, StatusCode};
use awc::{Client, Connector};
use bytes::Bytes;
use futures_util::StreamExt;
use moked_core::ports::ProviderFault;

use super::secrets::Secrets;
use super::{install_tls, metered_tcp, watched};

/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_secs(90);

/// How long a connection is kept at all.
const LIFETIME: Duration = Duration::from_secs(600);

/// Limit for names, TCP and TLS.
const CONNECT: Duration = Duration::from_secs(4);

/// Bytes of an error's body that are read for its message.
const ERROR_BODY: usize = 8 * 1024;

/// The content type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// Characters of a vendor's message that are kept.
const ERROR_CHARS: usize = 300;

thread_local! {
    static CLIENT: OnceCell<Client> = const { OnceCell::new() };
}

fn client() -> Client {
    CLIENT.with(|cell| {
        cell.get_or_init(|| {
            install_tls();
            let connector = Connector::new()
                .connector(watched::watch(metered_tcp::connector()))
                .conn_keep_alive(IDLE)
                .conn_lifetime(LIFETIME)
                .timeout(CONNECT)
                .handshake_timeout(CONNECT);
            Client::builder().connector(connector).disable_timeout().disable_redirects().finish()
        })
        .clone()
    })
}

/// A request to a vendor.
#[derive(Clone)]
pub struct HttpRequest {
    method: Method,
    url: String,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
}

impl HttpRequest {
    /// A `POST` of JSON.
    pub fn post_json(url: impl Into<String>, body: &serde_json::Value) -> Self {
        let request = Self::post(url, Bytes::from(body.to_string()));
        request.header("content-type", "application/json")
    }

    /// A `POST` of bytes.
    pub fn post(url: impl Into<String>, body: Bytes) -> Self {
        Self { method: Method::POST, url: url.into(), headers: Vec::new(), body }
    }

    /// A `POST` of a form.
    pub fn post_form(url: impl Into<String>, fields: &[(&str, &str)]) -> Self {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Self::post(url, Bytes::from(form)).header("content-type", FORM)
    }

    /// A `GET`.
    pub fn get(url: impl Into<String>) -> Self {
        Self { method: Method::GET, url: url.into(), headers: Vec::new(), body: Bytes::new() }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Sends it and waits at most `limit` for the head of the answer.
    ///
    /// # Errors
    /// By kind: no connection, no answer in time, or the answer's status.
    pub async fn send(self, limit: Duration) -> Result<HttpBody, ProviderFault> {
        let secrets = self.secrets();
        self.send_knowing(&secrets, limit).await.map_err(|fault| secrets.fault(fault))
    }

    /// The keys it is made with.
    fn secrets(&self) -> Secrets {
        let mut secrets = Secrets::default();
        secrets.learn_url(&self.url);
        for (name, value) in &self.headers {
            secrets.learn_header(name, value);
        }
        let is_form = |(name, value): &(&str, String)| *name == "content-type" && value == FORM;
        if self.headers.iter().any(is_form) {
            secrets.learn_form(&String::from_utf8_lossy(&self.body));
        }
        secrets
    }

    async fn send_knowing(self, secrets: &Secrets, limit: Duration) -> Result<HttpBody, ProviderFault> {
        let mut request = client().request(self.method, &self.url);
        for (name, value) in &self.headers {
            request = request.insert_header((*name, value.as_str()));
        }
        let sent = tokio::time::timeout(limit, request.send_body(self.body)).await;
        let response = match sent {
            Err(_) => return Err(stalled("the head of the answer", limit)),
            Ok(Err(error)) => return Err(ProviderFault::Connect { why: error.to_string() }),
            Ok(Ok(response)) => response,
        };
        let (status, headers) = (response.status(), response.headers().clone());
        let missing = headers.get("content-length").and_then(|value| value.to_str().ok()?.parse().ok());
        let is_chunked = headers.contains_key("transfer-encoding");
        let stream: Chunks = Box::pin(response.map(|chunk| chunk.map_err(|error| error.to_string())));
        let secrets = secrets.clone();
        let mut body =
            HttpBody { stream: Some(stream), missing, is_chunked, undecided: Bytes::new(), secrets };
        if status.is_success() { Ok(body) } else { Err(refused(status, &headers, &mut body).await) }
    }
}

type Chunks = std::pin::Pin<Box<dyn futures_util::Stream<Item = Result<Bytes, String>>>>;

/// The body of an answer. Dropping it closes the connection and so cancels the work at the vendor.
pub struct HttpBody {
    /// `None` once it ended.
    stream: Option<Chunks>,
    /// Bytes announced that have not come. The client takes a broken connection for the end of the body.
    missing: Option<u64>,
    is_chunked: bool,
    /// Bytes that may be the beginning of a key.
    undecided: Bytes,
    secrets: Secrets,
}

impl HttpBody {
    /// The next piece; `None` at the end. The keys of the request are not in it.
    ///
    /// # Errors
    /// When nothing comes within `limit`, or the connection breaks.
    pub async fn next(
        &mut self,
        waiting_for: &'static str,
        limit: Duration,
    ) -> Result<Option<Bytes>, ProviderFault> {
        let coming = async {
            // A piece that is held back whole, for it may be the beginning of a key, is none yet.
            loop {
                let Some(stream) = &mut self.stream else { return Ok(None) };
                match stream.next().await {
                    None => return self.end(),
                    Some(Ok(bytes)) => {
                        self.missing = self.missing.map(|missing| missing.saturating_sub(bytes.len() as u64));
                        let clean = self.clean(bytes);
                        if !clean.is_empty() {
                            return Ok(Some(clean));
                        }
                    }
                    Some(Err(why)) => return Err(self.secrets.fault(ProviderFault::Closed { why })),
                }
            }
        };
        tokio::time::timeout(limit, coming).await.unwrap_or(Err(stalled(waiting_for, limit)))
    }

    /// The stream has ended: well, or cut off in one of the ways that the client does not tell.
    fn end(&mut self) -> Result<Option<Bytes>, ProviderFault> {
        let was_cut = watched::takes_its_connection_along(self.stream.take()) && self.is_chunked;
        let closed = |why: String| Err(ProviderFault::Closed { why });
        match self.missing {
            Some(bytes) if bytes > 0 => closed(format!("{bytes} bytes of the answer never came")),
            Some(_) | None if was_cut => closed("the connection ended within the answer".into()),
            Some(_) | None => {
                let rest = std::mem::take(&mut self.undecided);
                Ok((!rest.is_empty()).then_some(rest))
            }
        }
    }

    fn clean(&mut self, bytes: Bytes) -> Bytes {
        let before = std::mem::take(&mut self.undecided);
        let bytes = if before.is_empty() { bytes } else { [before, bytes].concat().into() };
        let mut clean = self.secrets.clean_bytes(bytes);
        self.undecided = clean.split_off(clean.len() - self.secrets.undecided(&clean));
        clean
    }

    /// The whole body, of at most `most` bytes.
    ///
    /// # Errors
    /// As [`Self::next`], and when it is longer.
    pub async fn all(&mut self, most: usize, limit: Duration) -> Result<Bytes, ProviderFault> {
        let mut whole = Vec::new();
        while let Some(chunk) = self.next("the rest of the answer", limit).await? {
            whole.extend_from_slice(&chunk);
            if whole.len() > most {
                return Err(ProviderFault::Garbage {
                    why: format!("the answer is longer than {most} bytes"),
                });
            }
        }
        Ok(whole.into())
    }
}

fn stalled(waiting_for: &'static str, limit: Duration) -> ProviderFault {
    ProviderFault::Stalled { waiting_for, after_ms: limit.as_millis() as u64 }
}

async fn refused(status: StatusCode, headers: &HeaderMap, body: &mut HttpBody) -> ProviderFault {
    let text = body.all(ERROR_BODY, Duration::from_secs(2)).await.unwrap_or_default();
    let why = format!("HTTP {}: {}", status.as_u16(), error_message(&text));
    ProviderFault::from_status(status.as_u16(), why, retry_after(headers))
}

/// `retry-after-ms`, or `Retry-After` in seconds (its date form is of no use within a call).
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<f64>().ok();
    let ms = number("retry-after-ms").or_else(|| number("retry-after").map(|seconds| seconds * 1_000.0))?;
    (ms.is_finite() && ms >= 0.0).then(|| Duration::from_millis(ms as u64))
}

/// The message in an error body, in the forms that vendors use, or its beginning.
pub fn error_message(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let json = serde_json::from_slice::<serde_json::Value>(body).unwrap_or_default();
    let paths =
        ["/error/message", "/detail/message", "/message", "/error_message", "/error", "/detail", "/err_msg"];
    let found = paths.iter().find_map(|path| json.pointer(path)?.as_str());
    let clean: String = found.unwrap_or(&text).chars().filter(|character| !character.is_control()).collect();
    clean.chars().take(ERROR_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_found_in_the_forms_that_vendors_use() {
        assert_eq!(error_message(br#"{"error":{"message":"no such model"}}"#), "no such model");
        assert_eq!(error_message(br#"{"detail":{"status":"x","message":"quota"}}"#), "quota");
        assert_eq!(error_message(b"plain\ntext"), "plaintext");
    }
}
