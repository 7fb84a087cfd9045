//! Latency and breakers of the providers, for `/metrics`.

use std::fmt::Write;

use moked_core::breaker::BreakerState;
use moked_core::latency::Latency;

use crate::engines::catalogue::Role;
use crate::engines::{EngineHealth, Roster};

/// Appends one histogram a figure and one gauge a breaker state, for every engine of every order.
pub(super) fn write(out: &mut String, roster: &Roster) {
    let engines: Vec<(Role, EngineHealth)> = Role::ALL
        .into_iter()
        .flat_map(|role| roster.health(role).into_iter().map(move |engine| (role, engine)))
        .collect();
    if engines.is_empty() {
        return;
    }
    let connect = "Time of each new connection: name, TCP, TLS and the protocol's own greeting.";
    histogram(out, "moked_engine_connect_ms", connect, &engines, |engine| &engine.connect);
    let first = "Time to the first piece of an answer; for ears from the end of speech to the words.";
    histogram(out, "moked_engine_first_ms", first, &engines, |engine| &engine.first);
    histogram(out, "moked_engine_whole_ms", "Time to the last piece.", &engines, |engine| &engine.whole);
    let name = "moked_engine_breaker";
    head(out, name, "gauge", "1 at the state in which the engine's breaker is.");
    for (role, engine) in &engines {
        let states = [
            ("closed", BreakerState::Closed),
            ("open", BreakerState::Open),
            ("probing", BreakerState::Probing),
        ];
        for (word, state) in states {
            let value = u8::from(engine.breaker == state);
            let labels = labels(*role, engine);
            let _ = writeln!(out, "{name}{{{labels},state=\"{word}\"}} {value}");
        }
    }
}

fn histogram(
    out: &mut String,
    name: &str,
    help: &str,
    engines: &[(Role, EngineHealth)],
    figure: impl Fn(&EngineHealth) -> &Latency,
) {
    head(out, name, "histogram", help);
    for (role, engine) in engines {
        let (labels, latency) = (labels(*role, engine), figure(engine));
        for (bound, count) in latency.cumulative() {
            let le = bound.map_or_else(|| "+Inf".to_owned(), |bound| bound.to_string());
            let _ = writeln!(out, "{name}_bucket{{{labels},le=\"{le}\"}} {count}");
        }
        let _ = writeln!(out, "{name}_sum{{{labels}}} {}", latency.sum_ms());
        let _ = writeln!(out, "{name}_count{{{labels}}} {}", latency.count());
    }
}

fn labels(role: Role, engine: &EngineHealth) -> String {
    format!("role=\"{}\",engine=\"{}\"", role.word(), engine.name)
}

fn head(out: &mut String, name: &str, kind: &str, help: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "# HELP {name} {help}\n# TYPE {name} {kind}");
}
