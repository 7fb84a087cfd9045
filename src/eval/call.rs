//! A scenario's call from the first webhook to the last document.

use std::time::Duration;

use moked_actors::messages::OperatorOrder;
use moked_actors::registry::CallRegistry;
use moked_core::ids::CallSid;
use moked_core::twilio::twiml::{TwimlError, Verb, read};
use secrecy::SecretString;
use thiserror::Error;

use super::stream::{Caller, End};
use crate::caller::ear::EarLogEntry;
use crate::caller::identity::{Identity, NoRandomness, random_stream_sid};
use crate::caller::line::LineClient;
use crate::caller::messages::StreamStart;
use crate::caller::recording::Tracks;
use crate::caller::route::{Place, Route, RouteError};
use crate::caller::socket::{Handshake, SocketError};
use crate::caller::strict::Violation;
use crate::caller::webhook::{WebhookError, Webhooks};

/// Quiet that ends an utterance of the agent: longer than its pauses between words.
const PAUSE: Duration = Duration::from_millis(350);

/// Until the carrier asks what follows a stream that broke.
const CARRIER_NOTICES: Duration = Duration::from_millis(200);

/// How long a call may take to obey an operator.
const OBEYS_WITHIN: Duration = Duration::from_secs(2);

/// Most documents of a call.
const MOST_DOCUMENTS: usize = 20;

/// Why there was no call, or why it broke off.
#[derive(Debug, Error)]
pub(super) enum CallFault {
    /// An address is of no use.
    #[error(transparent)]
    Route(#[from] RouteError),
    /// A webhook failed.
    #[error(transparent)]
    Webhook(#[from] WebhookError),
    /// A document is none.
    #[error("a document is no TwiML: {0}")]
    Twiml(#[from] TwimlError),
    /// A stream could not be opened, or was lost.
    #[error(transparent)]
    Socket(#[from] SocketError),
    /// There are no names for the call.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
    /// The documents do not end.
    #[error("after {MOST_DOCUMENTS} documents there is still another")]
    Circle,
}

/// A stream that is over. Times within are ms from its own start.
pub(super) struct Held {
    /// Its start in the call, ms.
    pub(super) from_ms: u64,
    pub(super) tracks: Tracks,
    pub(super) log: Vec<EarLogEntry>,
    pub(super) violations: Vec<Violation>,
}

/// Whom to call.
pub(super) struct Target<'a> {
    pub(super) route: Route,
    pub(super) token: Option<SecretString>,
    /// The calls of the server, if it is in this process.
    pub(super) registry: Option<&'a CallRegistry>,
}

/// A call that is over.
pub(super) struct Walked {
    pub(super) call_sid: CallSid,
    pub(super) streams: Vec<Held>,
    /// Verbs of the documents, in order, streams left out.
    pub(super) documents: Vec<String>,
}

/// Places the call and holds it to its end.
pub(super) async fn place(target: &Target<'_>, caller: &mut Caller) -> Result<Walked, CallFault> {
    let identity = Identity::new(&format!("AC{}", "0".repeat(32)), "+972501234567", "+97231234567")?;
    let webhooks = Webhooks::new(target.token.clone());
    let mut walked =
        Walked { call_sid: identity.call_sid.clone(), streams: Vec::new(), documents: Vec::new() };
    let (mut place, mut status) = (target.route.webhook(), "ringing");
    for _ in 0..MOST_DOCUMENTS {
        let verbs = read(&webhooks.document(&place, &identity.voice_form(status)).await?)?;
        let mut next = None;
        for verb in verbs {
            let connect = match verb {
                Verb::Connect(connect) => connect,
                said @ (Verb::Say(_) | Verb::Pause { .. }) => {
                    walked.documents.push(words(&said));
                    continue;
                }
                last @ (Verb::Hangup | Verb::Reject { .. } | Verb::Dial(_) | Verb::Record(_)) => {
                    walked.documents.push(words(&last));
                    break;
                }
                Verb::Redirect { url } => {
                    next = Some(target.route.follow(&place, &url)?);
                    walked.documents.push(words(&Verb::Redirect { url }));
                    break;
                }
            };
            let start = StreamStart {
                account_sid: identity.account_sid.clone(),
                call_sid: identity.call_sid.clone(),
                stream_sid: random_stream_sid()?,
                custom_parameters: connect.stream.parameters.iter().cloned().collect(),
            };
            let stream = target.route.stream(&connect.stream.url)?;
            let end = hold(target, caller, &mut walked, &stream, start).await?;
            status = if end == End::Caller { "completed" } else { "in-progress" };
            if end == End::Lost {
                tokio::time::sleep(CARRIER_NOTICES).await;
            }
            next = connect.action.as_deref().map(|action| target.route.follow(&place, action)).transpose()?;
            break;
        }
        match next {
            Some(next) => place = next,
            None => return Ok(walked),
        }
        if status == "completed" {
            // The caller has gone; the answer is only looked at.
            webhooks.document(&place, &identity.voice_form(status)).await?;
            return Ok(walked);
        }
    }
    Err(CallFault::Circle)
}

async fn hold(
    target: &Target<'_>,
    caller: &mut Caller,
    walked: &mut Walked,
    place: &Place,
    start: StreamStart,
) -> Result<End, CallFault> {
    let handshake = Handshake { auth_token: target.token.clone(), without_subprotocol: false };
    let mut line = LineClient::open(place, &handshake, start, PAUSE).await?;
    caller.begin(&mut line).await?;
    let end = loop {
        match caller.hold(&mut line).await? {
            End::Transfer(number) => {
                if let Some(registry) = target.registry {
                    // Before the stream ends: the carrier asks at once what comes next.
                    registry.transfer_to(&walked.call_sid, Some(number));
                    registry.order(&walked.call_sid, OperatorOrder::Transfer, OBEYS_WITHIN).await;
                }
            }
            end @ (End::Caller | End::Server | End::Lost) => break end,
        }
    };
    walked.streams.push(Held {
        from_ms: line.started_at().saturating_duration_since(caller.zero).as_millis() as u64,
        tracks: Tracks { caller: line.sent().to_vec(), agent: line.ear().heard().to_vec() },
        log: line.ear().log().to_vec(),
        violations: line.strict().violations().to_vec(),
    });
    Ok(end)
}

/// A verb in words.
fn words(verb: &Verb) -> String {
    match verb {
        Verb::Connect(_) => "<Connect>".to_owned(),
        Verb::Say(say) => format!("<Say> {}", say.text.trim()),
        Verb::Record(_) => "<Record>".to_owned(),
        Verb::Hangup => "<Hangup>".to_owned(),
        Verb::Redirect { url } => format!("<Redirect> {url}"),
        Verb::Reject { reason } => format!("<Reject> {reason:?}"),
        Verb::Dial(dial) => format!("<Dial> {}", dial.number),
        Verb::Pause { length_s } => format!("<Pause> {length_s} s"),
    }
}
