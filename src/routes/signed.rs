//! Who may use a webhook: Twilio by its signature, and, where no token is set, this machine without one.
//!
//! Nothing of a request is believed, and of an unsigned one nothing even read, before it passed here. A
//! refusal says nothing about its reason to the outside; the log does.

use std::fmt;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError, web};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use moked_core::ids::CallSid;
use moked_core::twilio::form::parse_form;
use moked_core::twilio::signature::{self, RequestKind};
use secrecy::ExposeSecret;

use super::body::{self, BodyFault};
use super::local::is_local;
use super::origin;
use super::state::Edge;
use crate::settings::PublicBaseUrl;

/// A webhook's form that was let in, and the address that it came to.
#[derive(Debug)]
pub(super) struct SignedForm {
    /// The parameters, decoded, in order.
    pub(super) pairs: Vec<(String, String)>,
    /// The base of addresses for the answer.
    pub(super) base: PublicBaseUrl,
}

impl SignedForm {
    /// The first value of a parameter, unless it is empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let first = self.pairs.iter().find(|(key, _)| key == name)?;
        Some(first.1.as_str()).filter(|value| !value.is_empty())
    }

    /// The call that the request is about.
    pub(super) fn call_sid(&self) -> Option<CallSid> {
        self.get("CallSid").map(CallSid::new)
    }
}

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Denied {
    /// Not signed, wrongly signed, not from this machine, or of another account.
    Stranger(&'static str),
    /// Its body was not read.
    Body(BodyFault),
    /// It names no host that could be called back.
    Host,
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stranger(_) => "forbidden",
            Self::Body(BodyFault::TooLarge) => "the body is longer than server.max_body_bytes",
            Self::Body(BodyFault::TooSlow) => "the body did not arrive within server.body_timeout_ms",
            Self::Body(BodyFault::Broken) => "the body broke off",
            Self::Host => "the Host header names no host",
        })
    }
}

impl ResponseError for Denied {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Stranger(_) => StatusCode::FORBIDDEN,
            Self::Body(BodyFault::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Body(BodyFault::TooSlow) => StatusCode::REQUEST_TIMEOUT,
            Self::Body(BodyFault::Broken) | Self::Host => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Self::Body(_) = self {
            // What is left of the body must not be taken for the next request.
            response.force_close();
        }
        response.content_type("text/plain; charset=utf-8").body(format!("{self}\n"))
    }
}

impl FromRequest for SignedForm {
    type Error = Denied;
    type Future = LocalBoxFuture<'static, Result<Self, Denied>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        async move {
            let Some(edge) = request.app_data::<web::Data<Edge>>().cloned() else { return Err(Denied::Host) };
            let form = read(&request, payload, &edge).await;
            if let Err(denied) = &form {
                edge.counters.webhooks_refused.add();
                let peer = request.peer_addr().map(|peer| peer.to_string());
                tracing::warn!(event = "WEBHOOK_REFUSED", peer, path = request.path(), why = ?denied, "refused a webhook");
            }
            form
        }
        .boxed_local()
    }
}

async fn read(request: &HttpRequest, payload: Payload, edge: &Edge) -> Result<SignedForm, Denied> {
    let gate = Gate::of(request, edge)?;
    let server = &edge.settings.server;
    let body = body::read(request, payload, server.max_body_bytes, server.body_timeout).await;
    let pairs = parse_form(&body.map_err(Denied::Body)?);
    gate.check(request, edge, RequestKind::Webhook, &pairs)?;
    let account = pairs.iter().find(|(name, _)| name == "AccountSid").map(|(_, value)| value.as_str());
    match &edge.settings.twilio.account_sid {
        Some(ours) if account != Some(ours) => Err(Denied::Stranger("another account")),
        _ => Ok(SignedForm { pairs, base: gate.base }),
    }
}

/// Checks the signature of a media handshake, which has no body.
pub(super) fn check_upgrade(request: &HttpRequest, edge: &Edge) -> Result<(), Denied> {
    Gate::of(request, edge)?.check(request, edge, RequestKind::Upgrade, &[])
}

/// What was found before the body is read.
struct Gate {
    base: PublicBaseUrl,
    /// The signature to check; `None` where none is demanded.
    signature: Option<String>,
}

impl Gate {
    fn of(request: &HttpRequest, edge: &Edge) -> Result<Self, Denied> {
        let base = origin::of(request, &edge.settings.server).ok_or(Denied::Host)?;
        if edge.settings.secrets.twilio_auth_tokens.is_empty() {
            return if is_local(request) {
                Ok(Self { base, signature: None })
            } else {
                Err(Denied::Stranger(
                    "unsigned requests are taken from this machine only; set TWILIO_AUTH_TOKEN",
                ))
            };
        }
        let header = request.headers().get(signature::HEADER).and_then(|header| header.to_str().ok());
        let signature = header.ok_or(Denied::Stranger("no signature"))?;
        Ok(Self { base, signature: Some(signature.to_owned()) })
    }

    fn check(
        &self,
        request: &HttpRequest,
        edge: &Edge,
        kind: RequestKind,
        pairs: &[(String, String)],
    ) -> Result<(), Denied> {
        let Some(signature) = &self.signature else { return Ok(()) };
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        let candidates = signature::url_candidates(&self.base.to_string(), target, kind);
        let tokens: Vec<&str> =
            edge.settings.secrets.twilio_auth_tokens.iter().map(ExposeSecret::expose_secret).collect();
        if signature::verify(&tokens, &candidates, pairs, signature) {
            Ok(())
        } else {
            Err(Denied::Stranger("wrong signature; does PUBLIC_BASE_URL match what Twilio calls?"))
        }
    }
}
