//! `/admin`: what lives and how it is, what past calls brought, and what a person may order a call to do.
//!
//! Everything here wants a token ([`crate::admin_tokens`]) in the `Authorization` header and nowhere else: no
//! cookie, so no other site can act in an operator's name, and no header that lets a page of another site read an
//! answer. Nothing is cached. What each route takes and answers stands in `openapi.json`, which tests hold to
//! the truth.

mod actions;
mod calls;
mod events;
mod fault;
mod guard;
mod logins;
mod openapi;
mod past;
mod recorded;
mod state;
mod view;
mod words;

use actix_web::http::Method;
use actix_web::middleware::DefaultHeaders;
use actix_web::web::{self, ServiceConfig};
use actix_web::{Route, guard as route_guard};

pub(crate) use state::Admin;

pub(super) use guard::may_read_metrics;

use fault::AdminFault;
use guard::Viewer;

/// Where all of it stands.
const ROOT: &str = "/admin";

/// Each route once: its path below [`ROOT`], its method, its handler.
fn routes() -> Vec<(&'static str, Method, Route)> {
    vec![
        ("/calls", Method::GET, web::to(calls::list)),
        ("/calls/{call_sid}", Method::GET, web::to(calls::one)),
        ("/calls/{call_sid}/events", Method::GET, web::to(events::of_call)),
        ("/calls/{call_sid}/hangup", Method::POST, web::to(actions::hang_up)),
        ("/calls/{call_sid}/transfer", Method::POST, web::to(actions::transfer)),
        ("/calls/{call_sid}/say", Method::POST, web::to(actions::say)),
        ("/calls/{call_sid}/restart", Method::POST, web::to(actions::restart)),
        ("/events", Method::GET, web::to(events::of_all)),
        ("/openapi.json", Method::GET, web::to(openapi::document)),
    ]
}

/// Enters every route.
pub(super) fn configure(config: &mut ServiceConfig) {
    let headers = DefaultHeaders::new()
        .add(("cache-control", "no-store"))
        .add(("x-content-type-options", "nosniff"))
        .add(("referrer-policy", "no-referrer"))
        .add(("x-frame-options", "DENY"))
        .add(("cross-origin-resource-policy", "same-origin"))
        .add(("content-security-policy", "default-src 'none'; frame-ancestors 'none'"));
    let mut scope = web::scope(ROOT).wrap(headers);
    for (path, method, route) in routes() {
        let allow = method.to_string();
        let wrong = move |_: Viewer| {
            let fault = AdminFault::WrongMethod { allow: allow.clone() };
            async move { Err::<String, _>(fault) }
        };
        let route = route.guard(route_guard::Method(method));
        scope = scope.service(web::resource(path).route(route).default_service(web::to(wrong)));
    }
    config.service(scope.default_service(web::to(unknown_path)));
}

async fn unknown_path(_: Viewer) -> Result<String, AdminFault> {
    Err(AdminFault::UnknownPath)
}
