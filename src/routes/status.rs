//! Webhooks that only tell: a stream began or failed, a call went on. Answered with an empty 204, which is
//! right for these and for these only: where Twilio expects a document, an empty answer is an error to it.

use actix_web::{HttpResponse, web};
use moked_core::twilio::webhook::{CallStatusUpdate, StreamStatus, StreamStatusEvent, WebhookError};

use super::signed::SignedForm;
use super::state::Edge;

/// The `statusCallback` of `<Stream>`: the only news of a handshake that never reached us.
pub(super) async fn stream_status(form: SignedForm) -> HttpResponse {
    match StreamStatus::from_form(&form.pairs) {
        Ok(status) => {
            let (call_sid, stream_sid) = (&status.call_sid, &status.stream_sid);
            match &status.event {
                StreamStatusEvent::Failed => {
                    let why = status.error.as_deref().unwrap_or("no reason given");
                    tracing::warn!(event = "STREAM_ERROR", %call_sid, %stream_sid, why, "Twilio could not stream");
                }
                other @ (StreamStatusEvent::Started
                | StreamStatusEvent::Stopped
                | StreamStatusEvent::Other(_)) => {
                    tracing::debug!(event = "STREAM_STATUS", %call_sid, %stream_sid, status = ?other, "stream status");
                }
            }
        }
        Err(error) => unreadable(&form, &error),
    }
    HttpResponse::NoContent().finish()
}

/// Where the old system was told of a stream's end. Still told, and still nothing to do.
pub(super) async fn stream_ended(form: SignedForm) -> HttpResponse {
    let call_sid = form.get("CallSid");
    tracing::debug!(event = "STREAM_ENDED", call_sid, "stream ended");
    HttpResponse::NoContent().finish()
}

/// The status callback of a call.
pub(super) async fn call_status(form: SignedForm, edge: web::Data<Edge>) -> HttpResponse {
    match CallStatusUpdate::from_form(&form.pairs) {
        Ok(update) => {
            if update.status.is_final() {
                edge.watchdog.over(&update.call_sid);
                edge.admission.free(&update.call_sid);
            }
            tracing::info!(
            event = "CALL_STATUS",
            call_sid = %update.call_sid,
            status = ?update.status,
            seconds = update.duration_s,
            error_code = update.error_code,
            "call status"
            );
        }
        Err(error) => unreadable(&form, &error),
    }
    HttpResponse::NoContent().finish()
}

fn unreadable(form: &SignedForm, error: &WebhookError) {
    let call_sid = form.get("CallSid");
    tracing::warn!(event = "WEBHOOK_UNREADABLE", call_sid, why = %error, "a status webhook lacks something");
}
