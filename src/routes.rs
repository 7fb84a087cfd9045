//! What the server answers, route by route.
//!
//! `/healthz` touches nothing. Webhooks are let in by [`signed`], answered by [`incoming`], [`after`] and
//! [`status`] with the documents of [`documents`]. [`media`] is the handshake. [`admin`] is for whoever
//! brings a token.

mod admin;
mod after;
mod body;
mod counters;
mod documents;
mod health;
mod incoming;
mod local;
mod media;
mod metrics;
mod origin;
mod phrases;
mod signed;
mod state;
mod status;
mod transfer;

pub(crate) use admin::Admin;
pub(crate) use state::{Edge, Readiness, Service};

use actix_web::http::header::ALLOW;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, Responder};

/// Paths that appear in documents and in routes: one name for both.
mod paths {
    pub(super) const INCOMING_CALL: &str = "/webhook/incoming_call";
    pub(super) const PREVIEW: &str = "/webhook/incoming_call_preview";
    pub(super) const STREAM_ACTION: &str = "/webhook/stream_action";
    pub(super) const STREAM_STATUS: &str = "/webhook/stream_status";
    pub(super) const STREAM_ENDED: &str = "/webhook/stream_ended";
    pub(super) const CALL_STATUS: &str = "/webhook/call_status";
    pub(super) const RECORDING_DONE: &str = "/webhook/recording_done";
    pub(super) const TRANSFER_DONE: &str = "/webhook/transfer_done";
    pub(super) const MEDIA: &str = "/ws/twilio-media";
}

/// Enters every route.
pub(crate) fn configure(config: &mut ServiceConfig) {
    let webhook = |path: &str| web::resource(path).default_service(web::to(post_only));
    config
        .route("/healthz", web::get().to(health::healthz))
        .route("/readyz", web::get().to(health::readyz))
        .route("/version", web::get().to(health::version))
        .route("/metrics", web::get().to(metrics::metrics))
        .service(webhook(paths::INCOMING_CALL).route(web::post().to(incoming::incoming_call)))
        .route(paths::PREVIEW, web::get().to(incoming::preview))
        .service(webhook(paths::STREAM_ACTION).route(web::post().to(after::stream_action)))
        .service(webhook(paths::RECORDING_DONE).route(web::post().to(after::recording_done)))
        .service(webhook(paths::STREAM_STATUS).route(web::post().to(status::stream_status)))
        .service(webhook(paths::STREAM_ENDED).route(web::post().to(status::stream_ended)))
        .service(webhook(paths::CALL_STATUS).route(web::post().to(status::call_status)))
        .service(webhook(paths::TRANSFER_DONE).route(web::post().to(transfer::transfer_done)))
        .route(paths::MEDIA, web::get().to(media::twilio_media))
        .configure(admin::configure);
}

/// For people who open a webhook in a browser.
async fn post_only() -> impl Responder {
    HttpResponse::MethodNotAllowed().insert_header((ALLOW, "POST")).body(format!(
        "Twilio posts here: set the method of the webhook to POST. To see the answer in a browser, open {}.\n",
        paths::PREVIEW
    ))
}
