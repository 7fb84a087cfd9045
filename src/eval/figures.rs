//! How good turn-taking is, in numbers over many calls.

use moked_core::conversation::Remark;
use serde::Serialize;

use super::measure::{Moment, percentile};
use super::outcome::Outcome;
use super::scenario::Kind;
use super::world::bare;

/// One number and what it should be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// What is counted.
    pub name: &'static str,
    /// The number; none when nothing of the kind happened.
    pub value: Option<u64>,
    /// Its unit.
    pub unit: &'static str,
    /// Of how many.
    pub of: usize,
    /// The most that is good.
    pub target: u64,
    /// Where it was missed: scenario, run, line of the step.
    pub missed_in: Vec<String>,
}

impl Figure {
    /// Whether the number is as good as it should be.
    pub fn is_met(&self) -> bool {
        self.value.is_some_and(|value| value <= self.target)
    }
}

/// All numbers.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figures {
    /// The numbers.
    pub figures: Vec<Figure>,
    /// Runs that are not counted, since the machine had no time for them.
    pub unfair: usize,
}

impl Figures {
    /// Counts over fair outcomes; `slack` stretches the targets that are times.
    pub fn of(outcomes: &[Outcome], slack: f64) -> Self {
        let (outcomes, unfair): (Vec<&Outcome>, Vec<&Outcome>) =
            outcomes.iter().partition(|outcome| outcome.is_fair());
        let stopped = |moment: &Moment| moment.stopped == Some(true);
        let all = Moments(&outcomes);
        let quiet = [Kind::Backchannel, Kind::Noise];
        let false_stops = all.missed(&quiet, |_, moment| stopped(moment));
        let missed = all.missed(&[Kind::Interruption], |_, moment| !stopped(moment));
        let cut = all.missed(&[Kind::Dictation], |outcome, moment| !is_in_one_piece(outcome, moment));
        let lost = all.missed(&[Kind::OneWord], |outcome, moment| !is_heard(outcome, moment));
        let time = |ms: u64| (ms as f64 * slack) as u64;
        let count = |name, kinds: &[Kind], missed_in: Vec<String>| Figure {
            name,
            value: Some(missed_in.len() as u64),
            unit: "",
            of: all.count(kinds),
            target: 0,
            missed_in,
        };
        let p95 = |name, values: Vec<(u64, String)>, target| {
            let (times, places): (Vec<u64>, Vec<String>) = values.into_iter().unzip();
            let value = percentile(&times, 95);
            let is_missed = value.is_some_and(|value| value > target);
            let late = times.iter().zip(places).filter(|(ms, _)| is_missed && **ms > target);
            let missed_in = late.map(|(ms, place)| format!("{place}: {ms} ms")).collect();
            Figure { name, value, unit: "ms", of: times.len(), target, missed_in }
        };
        let errors: Vec<u64> =
            outcomes.iter().flat_map(|outcome| &outcome.heard_errors).map(|&words| words as u64).collect();
        let wrong = outcomes.iter().filter(|outcome| outcome.heard_errors.iter().any(|&words| words > 1));
        let wrong = wrong.map(|outcome| place_of(outcome));
        let words = |name, percent, target, missed_in| Figure {
            name,
            value: percentile(&errors, percent),
            unit: "words",
            of: errors.len(),
            target,
            missed_in,
        };
        let ducks = all.values(|moment| moment.duck_ms);
        let clears =
            all.values(|moment| moment.clear_ms.filter(|_| moment.counts_as == Some(Kind::Interruption)));
        let figures = vec![
            count("false stops at backchannels and noises", &quiet, false_stops),
            count("interruptions missed", &[Kind::Interruption], missed),
            p95("onset to duck, p95", ducks, time(80)),
            p95("onset to clear, p95", clears, time(300)),
            count("dictated numbers cut", &[Kind::Dictation], cut),
            count("one-word answers lost", &[Kind::OneWord], lost),
            words("heard text against the ear, median", 50, 0, Vec::new()),
            words("heard text against the ear, max", 100, 1, wrong.collect()),
        ];
        Self { figures, unfair: unfair.len() }
    }

    /// Whether every number is as good as it should be.
    pub fn are_met(&self) -> bool {
        self.figures.iter().all(Figure::is_met)
    }
}

struct Moments<'a>(&'a [&'a Outcome]);

impl Moments<'_> {
    fn of_kind<'a>(&'a self, kinds: &'a [Kind]) -> impl Iterator<Item = (&'a Outcome, &'a Moment)> {
        let all =
            self.0.iter().flat_map(|&outcome| outcome.moments.iter().map(move |moment| (outcome, moment)));
        all.filter(|(_, moment)| moment.counts_as.is_some_and(|kind| kinds.contains(&kind)))
    }

    fn count(&self, kinds: &[Kind]) -> usize {
        self.of_kind(kinds).count()
    }

    fn missed(&self, kinds: &[Kind], is_missed: impl Fn(&Outcome, &Moment) -> bool) -> Vec<String> {
        let missed = self.of_kind(kinds).filter(|(outcome, moment)| is_missed(outcome, moment));
        missed.map(|(outcome, moment)| moment_of(outcome, moment)).collect()
    }

    fn values(&self, of: impl Fn(&Moment) -> Option<u64>) -> Vec<(u64, String)> {
        let all =
            self.0.iter().flat_map(|outcome| outcome.moments.iter().map(move |moment| (outcome, moment)));
        all.filter_map(|(outcome, moment)| Some((of(moment)?, moment_of(outcome, moment)))).collect()
    }
}

fn moment_of(outcome: &Outcome, moment: &Moment) -> String {
    format!("{} {} at {} ms", place_of(outcome), moment.what, moment.from_ms)
}

fn place_of(outcome: &Outcome) -> String {
    format!("{} (run {})", outcome.name, outcome.time)
}

/// The words that the ear was to hear.
fn wanted(moment: &Moment) -> Vec<String> {
    moment.what.split_whitespace().skip(1).map(bare).collect()
}

fn remarks(outcome: &Outcome) -> impl Iterator<Item = Vec<String>> {
    outcome.history.iter().filter_map(|remark| match remark {
        Remark::Caller { text } => Some(text.split_whitespace().map(bare).collect()),
        Remark::Agent { .. } => None,
    })
}

fn is_in_one_piece(outcome: &Outcome, moment: &Moment) -> bool {
    let wanted = wanted(moment);
    remarks(outcome).any(|remark| remark == wanted)
}

/// As often in the history as the caller said it up to then.
fn is_heard(outcome: &Outcome, moment: &Moment) -> bool {
    let wanted = wanted(moment);
    let said =
        outcome.moments.iter().filter(|other| other.what == moment.what && other.from_ms <= moment.from_ms);
    let holds = |remark: &Vec<String>| remark.windows(wanted.len().max(1)).any(|window| window == wanted);
    remarks(outcome).filter(holds).count() >= said.count()
}
