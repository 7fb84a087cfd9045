//! `GET /metrics`: the Prometheus text format, version 0.0.4.

use std::fmt::Write;

use actix_web::{HttpResponse, Responder, web};

use super::engine_metrics;
use super::state::Edge;

/// Live numbers and counters.
pub(super) async fn metrics(edge: web::Data<Edge>) -> impl Responder {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text(&edge))
}

fn text(edge: &Edge) -> String {
    let counters = &edge.counters;
    let mut out = String::new();
    family(
        &mut out,
        "moked_live_calls",
        "gauge",
        "Calls that live now.",
        &[("", edge.registry.live() as u64)],
    );
    let begun = [("", edge.registry.begun())];
    family(&mut out, "moked_calls_begun_total", "counter", "Media streams that became calls.", &begun);
    let actors = [("", edge.registry.live_actors() as u64)];
    family(
        &mut out,
        "moked_actors_live",
        "gauge",
        "Actors of calls that run now; 0 without a call.",
        &actors,
    );
    let uptime = edge.started.elapsed().as_secs();
    family(&mut out, "moked_uptime_seconds", "gauge", "Time since the start.", &[("", uptime)]);
    let calls = [
        ("{answer=\"stream\"}", counters.calls_streamed.get()),
        ("{answer=\"resumed\"}", counters.calls_resumed.get()),
        ("{answer=\"message\"}", counters.calls_messaged.get()),
        ("{answer=\"spent\"}", counters.calls_spent.get()),
    ];
    family(&mut out, "moked_incoming_calls_total", "counter", "Incoming calls by what they got.", &calls);
    let refused = [("", counters.webhooks_refused.get())];
    family(&mut out, "moked_webhooks_refused_total", "counter", "Webhooks that were not Twilio's.", &refused);
    let handshakes = [
        ("{result=\"accepted\"}", counters.handshakes_accepted.get()),
        ("{result=\"refused\"}", counters.handshakes_refused.get()),
    ];
    family(&mut out, "moked_handshakes_total", "counter", "Media handshakes by result.", &handshakes);
    let waiting = [("", edge.waiting_room.taken() as u64)];
    let help = "Media sockets that have not said whose they are.";
    family(&mut out, "moked_streams_waiting", "gauge", help, &waiting);
    let broken = [("", counters.sockets_broken.get())];
    family(&mut out, "moked_sockets_broken_total", "counter", "Media sockets whose actor broke.", &broken);
    if let Some(roster) = edge.roster() {
        engine_metrics::write(&mut out, &roster);
    }
    out
}

fn family(out: &mut String, name: &str, kind: &str, help: &str, values: &[(&str, u64)]) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
    for (labels, value) in values {
        let _ = writeln!(out, "{name}{labels} {value}");
    }
}
