//! What Twilio's requests say: a call comes in, a call changes, a stream begins, ends or fails.
//!
//! Each is read from the pairs of a form ([`super::form::parse_form`]). What moked cannot do without must be
//! there and is named when it is not; all else is optional, because the set of parameters grows without
//! notice and differs between carriers (Twilio, "Twilio's request to your application").

mod call;
mod party;
mod stream_status;

pub use call::{CallStatus, CallStatusUpdate, Direction, IncomingCall};
pub use party::Party;
pub use stream_status::{StreamStatus, StreamStatusEvent};

use super::form::Form;
use crate::ids::CallSid;

/// Why a form is not the request it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WebhookError {
    /// A parameter that the request cannot do without is missing or empty.
    #[error(
        "the request lacks the parameter {field}: is the URL called by the carrier, with the method POST?"
    )]
    MissingField {
        /// The parameter, as the carrier writes it.
        field: &'static str,
    },
}

fn required<'a>(form: Form<'a>, field: &'static str) -> Result<&'a str, WebhookError> {
    form.get(field).ok_or(WebhookError::MissingField { field })
}

fn call_sid(form: Form<'_>) -> Result<CallSid, WebhookError> {
    required(form, "CallSid").map(CallSid::new)
}
