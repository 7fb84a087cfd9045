//! What an operator orders a call to do. Every order is logged with who gave it and what came of it.

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpRequest, HttpResponse, web};
use moked_actors::{Obedience, OperatorOrder};
use moked_core::ids::CallSid;
use moked_core::restart::Child;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::super::body::{self, BodyFault};
use super::super::state::Edge;
use super::calls::PATIENCE;
use super::fault::AdminFault;
use super::guard::Operator;
use crate::admin_tokens::Claims;

/// Largest body, bytes: 1,000 letters in Hebrew, twice.
const MOST_BYTES: usize = 4_096;

/// Longest text to be said, characters: a minute of speech.
const MOST_SAID: usize = 1_000;

/// Satellite, premium and shared-cost numbers, on which fraud lives; never called, whatever the
/// settings say.
const NEVER: [&str; 8] = ["+870", "+878", "+881", "+882", "+883", "+979", "+1900", "+1976"];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Transfer {
    to: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Say {
    text: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Restart {
    stage: Child,
}

type Path = web::Path<String>;
type Answer = Result<HttpResponse, AdminFault>;

/// Ends the call; the caller hears the line close.
pub(super) async fn hang_up(Operator(who): Operator, edge: web::Data<Edge>, call: Path) -> Answer {
    give(&edge, &who, call, "hangup", OperatorOrder::HangUp).await
}

/// Connects the caller to a number: the stream ends, and the document after it dials.
pub(super) async fn transfer(
    Operator(who): Operator,
    request: HttpRequest,
    payload: web::Payload,
    edge: web::Data<Edge>,
    call: Path,
) -> Answer {
    let Transfer { to } = read(&request, payload, &edge).await?;
    if !is_number(&to) {
        return Err(AdminFault::Body("to is not a number such as +97235550100".to_owned()));
    }
    let prefixes = &edge.settings.admin.transfer_prefixes;
    let is_allowed = prefixes.is_empty() || prefixes.iter().any(|prefix| to.starts_with(prefix));
    if !is_allowed || NEVER.iter().any(|prefix| to.starts_with(prefix)) {
        tracing::warn!(event = "ADMIN_REFUSED", sub = who.sub, "a transfer to a number that is not allowed");
        return Err(AdminFault::Number);
    }
    let call_sid = CallSid::new(call.as_str());
    // Before the stream ends: the carrier asks at once what comes next.
    let before = edge.registry.transfer_to(&call_sid, Some(to));
    let answer = give(&edge, &who, call, "transfer", OperatorOrder::Transfer).await;
    match &answer {
        // A stuck call may still find the order when its thread is free again.
        Ok(_) | Err(AdminFault::Stuck) => {}
        // An order that came second must not undo the first.
        Err(_) => {
            edge.registry.transfer_to(&call_sid, before);
        }
    }
    answer
}

/// Says a text to the caller, after the turn under way.
pub(super) async fn say(
    Operator(who): Operator,
    request: HttpRequest,
    payload: web::Payload,
    edge: web::Data<Edge>,
    call: Path,
) -> Answer {
    let Say { text } = read(&request, payload, &edge).await?;
    let text = text.trim();
    if text.is_empty() || text.chars().count() > MOST_SAID || text.chars().any(char::is_control) {
        let why = format!("text must be 1 to {MOST_SAID} characters without control characters");
        return Err(AdminFault::Body(why));
    }
    give(&edge, &who, call, "say", OperatorOrder::Say(text.to_owned())).await
}

/// Ends the life of a stage and begins its next.
pub(super) async fn restart(
    Operator(who): Operator,
    request: HttpRequest,
    payload: web::Payload,
    edge: web::Data<Edge>,
    call: Path,
) -> Answer {
    let Restart { stage } = read(&request, payload, &edge).await?;
    give(&edge, &who, call, "restart", OperatorOrder::Restart(stage)).await
}

async fn give(edge: &Edge, who: &Claims, call: Path, action: &'static str, order: OperatorOrder) -> Answer {
    let call_sid = CallSid::new(call.into_inner());
    let fault = match edge.registry.order(&call_sid, order, PATIENCE).await {
        Obedience::Done => None,
        Obedience::Refused(refused) => Some(AdminFault::Refused(refused)),
        Obedience::Unknown => Some(AdminFault::NotLive),
        Obedience::Stuck => Some(AdminFault::Stuck),
    };
    let sub = &who.sub;
    match fault {
        None => {
            tracing::info!(event = "ADMIN_ACTION", sub, action, %call_sid, "an operator's order is carried out");
            Ok(HttpResponse::Accepted().json(json!({ "call_sid": call_sid, "action": action })))
        }
        // Of a call that does not live here its name may be anything.
        Some(AdminFault::NotLive) => {
            tracing::info!(
                event = "ADMIN_ACTION",
                sub,
                action,
                "an operator's order: no such call lives here"
            );
            Err(AdminFault::NotLive)
        }
        Some(fault) => {
            tracing::warn!(event = "ADMIN_ACTION", sub, action, %call_sid, "an operator's order fails: {fault}");
            Err(fault)
        }
    }
}

/// Reads a JSON body of one of the shapes above.
async fn read<T: DeserializeOwned>(
    request: &HttpRequest,
    payload: web::Payload,
    edge: &Edge,
) -> Result<T, AdminFault> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    // Also what keeps a form of another site out: it cannot send this type without asking first.
    if !essence.eq_ignore_ascii_case("application/json") {
        return Err(AdminFault::NotJson);
    }
    let limit = edge.settings.server.max_body_bytes.min(MOST_BYTES);
    let body = body::read(request, payload.into_inner(), limit, edge.settings.server.body_timeout).await;
    let body = body.map_err(|fault| match fault {
        BodyFault::TooLarge => AdminFault::TooLarge,
        BodyFault::TooSlow => AdminFault::TooSlow,
        BodyFault::Broken => AdminFault::Body("the connection broke".to_owned()),
    })?;
    serde_json::from_slice(&body).map_err(|error| AdminFault::Body(error.to_string()))
}

/// A telephone number by E.164: a plus sign, then 7 to 15 digits, the first not 0.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (7..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_e164_and_nothing_else() {
        for number in ["+97235550100", "+15550100", "+4915112345678"] {
            assert!(is_number(number), "{number}");
        }
        for text in [
            "",
            "+",
            "035550100",
            "+0972355501",
            "+972-3-555",
            "+12345",
            "+1234567890123456",
            "sip:a@b",
            "+٩٧٢٣٥٥٥٠١٠٠",
        ] {
            assert!(!is_number(text), "{text}");
        }
    }
}
