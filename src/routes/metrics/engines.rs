//! Latency and breakers of the providers, and what their voices have kept.

use moked_core::breaker::BreakerState;
use moked_core::latency::Latency;

use super::text::{Kind, Text};
use crate::engines::catalogue::Role;
use crate::engines::{EngineHealth, Roster, VoiceCache};

/// Writes what the voices' cache did and holds.
pub(super) fn voice_cache(out: &mut Text, cache: &VoiceCache) {
    let figures = cache.figures();
    let hits = "Sentences that were played from the voices' cache.";
    out.one("moked_voice_cache_hits_total", Kind::Counter, hits, figures.hits as f64);
    let misses = "Sentences that belong in the voices' cache and were not there yet.";
    out.one("moked_voice_cache_misses_total", Kind::Counter, misses, figures.misses as f64);
    out.family("moked_voice_cache_bytes", Kind::Gauge, "Sound in the voices' cache, by where it is.");
    out.sample("", &[("place", "memory")], figures.memory_bytes as f64);
    out.sample("", &[("place", "disk")], figures.disk_bytes as f64);
}

/// Writes one histogram a figure and one gauge a breaker state, for every engine of every order.
pub(super) fn write(out: &mut Text, roster: &Roster) {
    let engines: Vec<(Role, EngineHealth)> = Role::ALL
        .into_iter()
        .flat_map(|role| roster.health(role).into_iter().map(move |engine| (role, engine)))
        .collect();
    if engines.is_empty() {
        return;
    }
    let connect = "Time of each new connection: name, TCP, TLS and the protocol's own greeting.";
    histogram(out, "moked_engine_connect_seconds", connect, &engines, |engine| &engine.connect);
    let first = "Time to the first piece of an answer; for ears from the end of speech to the words.";
    histogram(out, "moked_engine_first_seconds", first, &engines, |engine| &engine.first);
    histogram(out, "moked_engine_whole_seconds", "Time to the last piece.", &engines, |engine| &engine.whole);
    let help = "1 at the state in which the engine's breaker is.";
    out.family("moked_engine_breaker", Kind::Gauge, help);
    for (role, engine) in &engines {
        for (word, state) in [
            ("closed", BreakerState::Closed),
            ("open", BreakerState::Open),
            ("probing", BreakerState::Probing),
        ] {
            let labels = [("role", role.word()), ("engine", engine.name.as_str()), ("state", word)];
            out.sample("", &labels, f64::from(u8::from(engine.breaker == state)));
        }
    }
}

fn histogram(
    out: &mut Text,
    name: &str,
    help: &str,
    engines: &[(Role, EngineHealth)],
    figure: impl Fn(&EngineHealth) -> &Latency,
) {
    out.family(name, Kind::Histogram, help);
    for (role, engine) in engines {
        let latency = figure(engine);
        let seconds = |ms: u64| ms as f64 / 1_000.0;
        let cumulative: Vec<_> =
            latency.cumulative().map(|(bound, count)| (bound.map(seconds), count)).collect();
        let labels = [("role", role.word()), ("engine", engine.name.as_str())];
        out.histogram(&labels, &cumulative, seconds(latency.sum_ms()));
    }
}
