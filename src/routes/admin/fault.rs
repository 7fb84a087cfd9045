//! Why a request is not answered, and what the person behind it can do: always JSON of one shape.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use moked_actors::OrderRefused;
use serde::Serialize;
use thiserror::Error;

use crate::admin_tokens::{SecretFault, TokenFault};

/// The realm of the bearer token (RFC 6750, 3).
const REALM: &str = "Bearer realm=\"moked\"";

/// The body of every refusal.
#[derive(Debug, Serialize)]
struct Refusal {
    error: String,
    what_to_do: String,
}

/// Why a request is not answered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(in crate::routes) enum AdminFault {
    #[error("the admin endpoint is shut: {0}")]
    Off(SecretFault),
    #[error("a token is needed")]
    NoToken,
    #[error("{0}")]
    BadToken(TokenFault),
    #[error("too many wrong tokens came from this address")]
    TooManyFailures { again_in: Duration },
    #[error("this needs a token with the role operator")]
    NotAllowed,
    #[error("no such call lives here, and it is not among the past calls")]
    UnknownCall,
    #[error("no such call lives here")]
    NotLive,
    #[error("there is nothing at this address")]
    UnknownPath,
    #[error("this address takes {allow} only")]
    WrongMethod { allow: String },
    #[error("the call lives but did not answer within a second: its thread is stuck")]
    Stuck,
    #[error("the call does not obey: {0}")]
    Refused(OrderRefused),
    #[error("the query cannot be read: {0}")]
    Query(String),
    #[error("the body cannot be used: {0}")]
    Body(String),
    #[error("the body is no JSON by its Content-Type")]
    NotJson,
    #[error("the body is too large")]
    TooLarge,
    #[error("the body did not come in time")]
    TooSlow,
    #[error("numbers that begin so are not called from here")]
    Number,
    #[error("the store of past calls does not answer: {0}")]
    Store(String),
    #[error("too many streams of events are open")]
    TooManyReaders,
    #[error("this process does not collect events: its log was set up by someone else")]
    NoEvents,
}

impl AdminFault {
    fn what_to_do(&self) -> String {
        let text = match self {
            Self::Off(fault) => fault.mend(),
            Self::NoToken => {
                "make one with `moked token --role viewer` where JWT_SECRET is set, and send it as \
                 `Authorization: Bearer …`"
            }
            Self::BadToken(_) => {
                "make a new one with `moked token`, with the JWT_SECRET that this server has"
            }
            Self::TooManyFailures { again_in } => {
                return format!("wait {} seconds; then come with a good token", whole_seconds(*again_in));
            }
            Self::NotAllowed => "make one with `moked token --role operator`",
            Self::UnknownCall => {
                "GET /admin/calls lists the live calls, GET /admin/calls?state=past the others"
            }
            Self::NotLive => "GET /admin/calls lists the calls that live",
            Self::UnknownPath => "GET /admin/openapi.json lists every address",
            Self::WrongMethod { .. } => {
                "use that method; GET /admin/openapi.json tells each address with its own"
            }
            Self::Stuck => {
                "its log tells what it did last; the calls that share its thread are held up too, and only a \
                 restart of moked frees it"
            }
            Self::Refused(OrderRefused::Over) => "nothing: it is ending",
            Self::Refused(OrderRefused::NotRunning) => "GET /admin/calls/{call_sid} tells which stages run",
            Self::Query(_) => {
                "state is live or past, limit 1 to 200, after what the last answer gave as next"
            }
            Self::Body(_) => "GET /admin/openapi.json tells what the body holds",
            Self::NotJson => "send the header `Content-Type: application/json`",
            Self::TooLarge => "send at most 4096 bytes",
            Self::TooSlow => "send it at once",
            Self::Number => "the setting admin.transfer_prefixes tells which are",
            Self::Store(_) => "live calls are not touched; mend the database and ask again",
            Self::TooManyReaders => "close one; there may be 32",
            Self::NoEvents => "start moked by `moked serve`",
        };
        text.to_owned()
    }
}

impl ResponseError for AdminFault {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Off(_) | Self::Store(_) | Self::TooManyReaders | Self::NoEvents => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::NoToken | Self::BadToken(_) => StatusCode::UNAUTHORIZED,
            Self::TooManyFailures { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::NotAllowed => StatusCode::FORBIDDEN,
            Self::UnknownCall | Self::NotLive | Self::UnknownPath => StatusCode::NOT_FOUND,
            Self::WrongMethod { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::Stuck => StatusCode::GATEWAY_TIMEOUT,
            Self::Refused(_) => StatusCode::CONFLICT,
            Self::Query(_) | Self::Body(_) => StatusCode::BAD_REQUEST,
            Self::NotJson => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Number => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        match self {
            Self::NoToken => {
                response.insert_header((WWW_AUTHENTICATE, REALM));
            }
            Self::BadToken(_) => {
                response.insert_header((WWW_AUTHENTICATE, format!("{REALM}, error=\"invalid_token\"")));
            }
            Self::NotAllowed => {
                response.insert_header((WWW_AUTHENTICATE, format!("{REALM}, error=\"insufficient_scope\"")));
            }
            Self::TooManyFailures { again_in } => {
                response.insert_header((RETRY_AFTER, whole_seconds(*again_in)));
            }
            Self::WrongMethod { allow } => {
                response.insert_header((ALLOW, allow.clone()));
            }
            Self::Off(_)
            | Self::UnknownCall
            | Self::NotLive
            | Self::UnknownPath
            | Self::Stuck
            | Self::Refused(_)
            | Self::Query(_)
            | Self::Body(_)
            | Self::NotJson
            | Self::TooLarge
            | Self::TooSlow
            | Self::Number
            | Self::Store(_)
            | Self::TooManyReaders
            | Self::NoEvents => {}
        }
        response.json(Refusal { error: self.to_string(), what_to_do: self.what_to_do() })
    }
}

fn whole_seconds(time: Duration) -> u64 {
    time.as_secs_f64().ceil() as u64
}
