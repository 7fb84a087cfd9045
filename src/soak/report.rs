//! What came of a soak, and whether it is good enough.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use serde::Serialize;

use super::Extent;
use super::growth::{Growth, Verdict};
use super::notes::Notes;
use super::watch::{Census, Measure, Watch};
use crate::bench::Spread;

/// Ends of a call that are no fault: those who hang up here do it on purpose, and a spent budget is a rule.
const FAIR_ENDS: [&str; 2] = ["the caller hung up", "the agent said goodbye"];
const SPENT: &str = "a part of the call failed for good";

/// The report.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// What the dice began with.
    pub seed: u64,
    /// Calls at once.
    pub calls_at_once: usize,
    /// How long it was, in seconds.
    pub seconds: u64,
    /// Calls that began.
    pub calls: usize,
    /// Faults by their kind.
    pub faults: BTreeMap<String, usize>,
    /// Streams that another followed.
    pub resumed: usize,
    /// Calls that lost their stream and got no other, and why.
    pub cut: Vec<String>,
    /// Calls of which a stage failed more often than it may.
    pub spent: usize,
    /// Calls by the cause of their end, as the server tells it.
    pub ends: BTreeMap<String, usize>,
    /// From the loss of a stream to the agent's next words, ms, the carrier's own 200 ms included.
    pub gap_ms: Option<Spread>,
    /// From the end of an utterance to the agent's next words, beyond the median, ms.
    pub added_ms: Option<Spread>,
    /// Utterances without an answer within 15 s.
    pub unanswered: usize,
    /// Actors that ran when all calls were over.
    pub leaked_actors: usize,
    /// Before the first call, and after the last.
    pub before: Measure,
    /// As `before`.
    pub after: Measure,
    /// Growth of own memory in the second half: by then the 200 ended calls that are remembered are 200, and the caches
    /// are full.
    pub growth: Option<Growth>,
    /// The same of what is allocated and not freed, as the server tells it.
    pub live_growth: Option<Growth>,
}

impl Report {
    pub(super) fn of(
        extent: Extent,
        time: Duration,
        notes: &Notes,
        watch: &Watch,
        (before, after): (Measure, Measure),
        census: Census,
    ) -> Self {
        let waits = notes.waits.borrow();
        let median = Spread::of(waits.clone()).map_or(0.0, |spread| spread.p50);
        Self {
            seed: extent.seed,
            calls_at_once: extent.calls,
            seconds: time.as_secs(),
            calls: notes.begun(),
            faults: notes.faults_by_kind(),
            resumed: notes.resumed.get(),
            cut: notes.cut.borrow().clone(),
            spent: census.ends.get(SPENT).copied().unwrap_or_default(),
            ends: census.ends,
            gap_ms: Spread::of(notes.gaps.borrow().clone()),
            added_ms: Spread::of(waits.iter().map(|wait| (wait - median).max(0.0)).collect()),
            unanswered: notes.unanswered.get(),
            leaked_actors: census.actors + census.live,
            before,
            after,
            growth: watch.growth(extent.time / 2),
            live_growth: watch.live_growth(extent.time / 2),
        }
    }

    /// What misses its target, in words.
    pub fn misses(&self) -> Vec<String> {
        let mut misses = Vec::new();
        let cut = self.cut.len().saturating_sub(self.spent);
        if cut > 0 {
            misses.push(format!("{cut} calls were cut without a spent budget"));
        }
        for (end, count) in &self.ends {
            if !FAIR_ENDS.contains(&end.as_str()) && end != SPENT {
                misses.push(format!("{count} calls ended because {end}"));
            }
        }
        if self.leaked_actors > 0 {
            misses.push(format!("{} actors or calls are left", self.leaked_actors));
        }
        if self.after.descriptors > self.before.descriptors {
            let more = self.after.descriptors - self.before.descriptors;
            misses.push(format!("{more} file descriptors are left"));
        }
        if self.unanswered > 0 {
            misses.push(format!("{} utterances had no answer within 15 s", self.unanswered));
        }
        for (what, growth) in [("memory", self.growth), ("what is allocated", self.live_growth)] {
            if let Some(growth) = growth.filter(|growth| growth.verdict() == Verdict::Grows) {
                misses.push(format!("{what} grows by {:.1} MiB an hour", growth.mib_h));
            }
        }
        misses
    }

    /// The report for people.
    pub fn render(&self) -> String {
        let mut out = String::new();
        let faults: usize = self.faults.values().sum();
        let spread = |spread: &Option<Spread>| {
            spread.map_or_else(
                || "none".to_owned(),
                |it| format!("{:.0} / {:.0} of {}", it.p50, it.p95, it.count),
            )
        };
        // Writing to a string does not fail.
        let mut row = |name: &str, value: String| {
            let _ = writeln!(out, "{name:<34} {value}");
        };
        row("calls, at once", format!("{}, {}", self.calls, self.calls_at_once));
        row("time, seed", format!("{} s, {}", self.seconds, self.seed));
        row("faults", faults.to_string());
        for (kind, count) in &self.faults {
            row(&format!("  {kind}"), count.to_string());
        }
        row("streams resumed", self.resumed.to_string());
        row("calls cut, by spent budgets", format!("{}, {}", self.cut.len(), self.spent));
        for (end, count) in &self.ends {
            row(&format!("  {end}"), count.to_string());
        }
        row("gap p50 / p95, ms", spread(&self.gap_ms));
        row("silence added p50 / p95, ms", spread(&self.added_ms));
        row("utterances unanswered", self.unanswered.to_string());
        row("actors leaked", self.leaked_actors.to_string());
        row("descriptors before, after", format!("{}, {}", self.before.descriptors, self.after.descriptors));
        row("threads before, after", format!("{}, {}", self.before.threads, self.after.threads));
        row("own memory before, after, KiB", format!("{}, {}", self.before.own_kib, self.after.own_kib));
        let growth =
            |of: Option<Growth>| of.map_or_else(|| "too short to tell".to_owned(), |of| of.to_string());
        row("growth in the second half, MiB/h", growth(self.growth));
        row("  of what is allocated", growth(self.live_growth));
        for why in self.cut.iter().take(5) {
            row("  cut:", why.clone());
        }
        match self.misses() {
            misses if misses.is_empty() => row("targets", "all met".into()),
            misses => misses.into_iter().for_each(|miss| row("MISSED", miss)),
        }
        out
    }
}
