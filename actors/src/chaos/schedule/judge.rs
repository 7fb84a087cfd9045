//! What a schedule may cost, and what it did.

use moked_core::asides::Asides;
use moked_core::conversation::Remark;
use moked_core::language::Language;
use moked_core::restart::Child;

use super::caller::Outcome;
use super::plan::{Act, Class, Fault, Plan, REPAIRS};
use crate::messages::CallEnd;

/// What went wrong that must not.
pub(super) fn faults(plan: &Plan, control: &Outcome, outcome: &Outcome) -> Vec<String> {
    let mut faults = always(plan, outcome);
    if plan.class == Class::Forgiven {
        faults.extend(compared(plan, control, outcome));
    }
    faults
}

fn always(plan: &Plan, outcome: &Outcome) -> Vec<String> {
    let mut faults = Vec::new();
    let may_crash = match plan.class {
        Class::Spent(Child::Dialog | Child::Tts | Child::Pacer) => true,
        Class::Spent(Child::Stt | Child::OneHop) | Class::Forgiven | Class::Repaired => false,
    };
    match outcome.end {
        Some(CallEnd::CallerHungUp | CallEnd::AgentHungUp) => {}
        Some(CallEnd::Crashed) if may_crash => {}
        end => faults.push(format!("the call ended: {end:?}")),
    }
    if outcome.left > 0 {
        faults.push(format!("{} actors left", outcome.left));
    }
    if outcome.state != "LISTENING" && outcome.state != "none" {
        faults.push(format!("it ends up {}", outcome.state));
    }
    if !outcome.is_back {
        faults.push("a stream that came was not taken".into());
    }
    let ear = outcome.heard.text();
    // A call that ends by a crash does not learn that its line was dead already.
    // Of a sentence that its voice broke off moked can only guess how far it came.
    let breaks = plan.voice.iter().flatten().next().is_some()
        || plan.faults.iter().any(|(_, fault)| matches!(fault, Fault::KillWithEngine(Child::OneHop)))
        // And of what lies in a socket that takes nothing, what had left it when the line died.
        || plan.faults.iter().any(|(_, fault)| matches!(fault, Fault::Block(_)));
    let may_guess = breaks || outcome.end == Some(CallEnd::Crashed);
    let claims = if may_guess { Vec::new() } else { spoken(outcome) };
    for word in &claims {
        let claimed = claims.iter().filter(|other| *other == word).count();
        if ear.matches(word.as_str()).count() < claimed {
            faults.push(format!("{word:?} stands in the journal and was not heard"));
        }
    }
    faults.dedup();
    faults
}

/// The agent's words in the journal that his voice spells.
fn spoken(outcome: &Outcome) -> Vec<String> {
    let remarks = outcome.remarks.iter().filter_map(|remark| match remark {
        // Between two marks the clock tells what was heard, so the word that was cut may be counted in.
        Remark::Agent { heard, interrupted: true, .. } => heard.rsplit_once(' ').map(|(heard, _)| heard),
        Remark::Agent { heard, .. } => Some(heard.as_str()),
        Remark::Caller { .. } => None,
    });
    let remarks = remarks.map(str::to_lowercase);
    remarks
        .flat_map(|heard| heard.split(|c: char| !c.is_alphabetic()).map(str::to_owned).collect::<Vec<_>>())
        .filter(|word| word.len() > 3)
        .collect()
}

/// The conversation without repairs.
fn kept(outcome: &Outcome) -> Vec<&Remark> {
    let is_repair = |remark: &&Remark| match remark {
        Remark::Agent { heard, .. } => {
            let heard = heard.trim();
            REPAIRS.iter().any(|repair| heard.starts_with(repair) || repair.starts_with(heard))
        }
        Remark::Caller { .. } => false,
    };
    outcome.remarks.iter().filter(|remark| !is_repair(remark)).collect()
}

/// What was said without the remark that it was said before: a repair between two answers makes that needless.
fn words(text: &str) -> Vec<&str> {
    let remark = Asides::of(Language::English).as_i_said;
    text.trim_start_matches(remark).split_whitespace().collect()
}

/// Whether one lacks a word or two of the other: who cuts in at the end of an answer is in time by a fault's delay.
fn at_its_end(one: &str, other: &str) -> bool {
    let (one, other) = (words(one), words(other));
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    long.len() - short.len() <= 2 && long.starts_with(&short)
}

fn compared(plan: &Plan, control: &Outcome, outcome: &Outcome) -> Vec<String> {
    let (mut before, mut after) = (kept(control), kept(outcome));
    // Audio that an engine spoke itself is with nobody else: of an answer that the line broke he hears no more.
    if plan.is_one_hop && plan.acts.iter().any(|act| matches!(act, Act::Lose { .. })) {
        let is_caller = |remark: &&Remark| matches!(remark, Remark::Caller { .. });
        before.retain(is_caller);
        after.retain(is_caller);
    }
    if spoken(control).first().is_none_or(|word| word != "alpha") {
        return vec![format!("the control run is none: {:?}", control.remarks)];
    }
    if control.end != outcome.end {
        return vec![format!("ended {:?} for {:?}", outcome.end, control.end)];
    }
    if before.len() != after.len() {
        return vec![format!("{} remarks for {}: {after:?} for {before:?}", after.len(), before.len())];
    }
    let cuts_in = plan.acts.iter().any(|act| matches!(act, Act::CutIn { .. }));
    let pairs = before.iter().zip(&after);
    let differ = pairs.filter(|(before, after)| match (before, after) {
        (Remark::Caller { text: before }, Remark::Caller { text: after }) => before != after,
        (
            Remark::Agent { heard: before, interrupted: was_cut, .. },
            Remark::Agent { heard: after, interrupted: is_cut, .. },
        ) => match (was_cut, is_cut) {
            (true, true) => false,
            (false, false) => words(before) != words(after),
            (true, false) | (false, true) => !(cuts_in && at_its_end(before, after)),
        },
        (Remark::Caller { .. }, Remark::Agent { .. }) | (Remark::Agent { .. }, Remark::Caller { .. }) => true,
    });
    differ.map(|(before, after)| format!("{after:?} for {before:?}")).collect()
}
