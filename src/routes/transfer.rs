//! A caller whom an operator hands to a person: the document that dials, and what follows it.

use actix_web::{HttpResponse, web};
use moked_core::ids::CallSid;

use super::documents::{self, Document};
use super::signed::SignedForm;
use super::state::Edge;
use crate::settings::PublicBaseUrl;

/// What a telephone says of a call that was taken (`DialCallStatus` of Twilio's `<Dial>`).
const TAKEN: [&str; 2] = ["completed", "answered"];

/// The document for a caller whose stream was ended for this.
pub(super) fn dial(call: &CallSid, number: &str, base: &PublicBaseUrl) -> Document {
    tracing::info!(event = "TRANSFER", call_sid = %call, "the caller is being connected to a person");
    documents::dial(number, base)
}

/// The transfer is over: hang up, or take a message from a caller whom nobody took.
pub(super) async fn transfer_done(form: SignedForm, edge: web::Data<Edge>) -> HttpResponse {
    let status = form.get("DialCallStatus").unwrap_or_default();
    tracing::info!(event = "TRANSFER_DONE", call_sid = form.get("CallSid"), status, "a transfer is over");
    if TAKEN.contains(&status) {
        documents::hang_up().answer()
    } else {
        documents::take_message(edge.language(), &form.base).answer()
    }
}
