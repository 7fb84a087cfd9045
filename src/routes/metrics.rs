//! `GET /metrics`: what Prometheus reads, in its text format, version 0.0.4.
//!
//! Names and units follow its practice: base units (seconds, bytes), `_total` for what only grows. Who may read is
//! the setting `admin.metrics`: by default a private network without a token, since that is where a Prometheus
//! stands, and everyone else with the token of a viewer. The numbers name no caller, but they tell how busy a
//! business is.

mod calls;
mod engines;
mod process;
mod records;
mod text;

use actix_web::{HttpRequest, HttpResponse, Responder, web};

use super::admin::may_read_metrics;
use super::state::Edge;
use text::{Kind, Text};

use crate::telemetry;

/// Live numbers, counters and histograms.
pub(super) async fn metrics(request: HttpRequest, edge: web::Data<Edge>) -> impl Responder {
    may_read_metrics(&request, &edge).map(|()| {
        HttpResponse::Ok()
            .content_type("text/plain; version=0.0.4; charset=utf-8")
            .insert_header(("cache-control", "no-store"))
            .body(all(&edge))
    })
}

fn all(edge: &Edge) -> String {
    let mut out = Text::default();
    calls::write(&mut out, &edge.registry);
    edge_numbers(&mut out, edge);
    records::write(&mut out, &edge.records);
    if let Some(roster) = edge.roster() {
        engines::write(&mut out, &roster);
        if let Some(cache) = &roster.voice_cache {
            engines::voice_cache(&mut out, cache);
        }
    }
    process::write(&mut out);
    out.finish()
}

/// What the webhooks and handshakes counted.
fn edge_numbers(out: &mut Text, edge: &Edge) {
    let counters = &edge.counters;
    let uptime = edge.started.elapsed().as_secs_f64();
    out.one("moked_uptime_seconds", Kind::Gauge, "Time since the server started.", uptime);
    let dropped = telemetry::lines_dropped() as f64;
    let help = "Log lines dropped because nobody read those before them.";
    out.one("moked_log_lines_dropped_total", Kind::Counter, help, dropped);
    out.family("moked_incoming_calls_total", Kind::Counter, "Incoming calls by what they got.");
    for (answer, count) in [
        ("stream", counters.calls_streamed.get()),
        ("resumed", counters.calls_resumed.get()),
        ("anew", counters.calls_begun_anew.get()),
        ("message", counters.calls_messaged.get()),
        ("draining", counters.calls_drained.get()),
        ("spent", counters.calls_spent.get()),
    ] {
        out.sample("", &[("answer", answer)], count as f64);
    }
    out.family(
        "moked_calls_refused_total",
        Kind::Counter,
        "Incoming calls sent elsewhere, by the limit passed.",
    );
    for (limit, count) in counters.calls_refused.all() {
        out.sample("", &[("limit", limit)], count as f64);
    }
    let draining = f64::from(u8::from(edge.drain.is_on()));
    out.one("moked_draining", Kind::Gauge, "1 while no new callers are taken.", draining);
    out.family("moked_watchdog_total", Kind::Counter, "Callers whose stream never came, by what was done.");
    for (outcome, count) in [
        ("redirected", counters.watchdog_redirected.get()),
        ("gone", counters.watchdog_gone.get()),
        ("failed", counters.watchdog_failed.get()),
    ] {
        out.sample("", &[("outcome", outcome)], count as f64);
    }
    let refused = counters.webhooks_refused.get() as f64;
    out.one("moked_webhooks_refused_total", Kind::Counter, "Webhooks that were not Twilio's.", refused);
    out.family("moked_handshakes_total", Kind::Counter, "Media handshakes by result.");
    out.sample("", &[("result", "accepted")], counters.handshakes_accepted.get() as f64);
    out.sample("", &[("result", "refused")], counters.handshakes_refused.get() as f64);
    let waiting = edge.waiting_room.taken() as f64;
    let help = "Media sockets that have not said whose they are.";
    out.one("moked_streams_waiting", Kind::Gauge, help, waiting);
    let broken = counters.sockets_broken.get() as f64;
    out.one("moked_sockets_broken_total", Kind::Counter, "Media sockets whose actor broke.", broken);
}
