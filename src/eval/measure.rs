//! Times of a call as a person would feel them, from sound alone.

use serde::Serialize;

use super::scenario::Kind;
use super::seen::Seen;
use super::stream::Taken;

/// Softer than this is ducked, dB. moked takes 12; half of it is heard.
const SOFTER_DB: f32 = -6.0;

/// An agent who was done within this need not have become softer, ms.
const NEARLY_DONE: u64 = 300;

/// The loudspeaker falls silent so long after a `clear` at the latest, ms: a frame, and the windows of the measure.
const CLEARED_WITHIN: u64 = 50;

/// Within this a reaction belongs to what the caller did, ms.
pub(super) const REACTS_WITHIN: u64 = 1_500;

/// One thing that the caller did, and how it was taken. Times are ms.
#[derive(Debug, Clone, Serialize)]
pub struct Moment {
    /// What he did.
    pub what: String,
    /// Its line in the scenario.
    pub line: usize,
    /// What it counts as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts_as: Option<Kind>,
    /// First sound, from the start of the call.
    pub from_ms: u64,
    /// Last sound.
    pub to_ms: u64,
    /// From its end to the agent's next words, if it was waited for.
    pub answer_ms: Option<u64>,
    /// From the beginning of his words to the end of the agent's last loud sound, if the agent spoke: until it was
    /// softer, was stopped, or had done.
    pub duck_ms: Option<u64>,
    /// From its beginning to a silent agent, if the agent was stopped.
    pub clear_ms: Option<u64>,
    /// Whether the agent was stopped; unknown of a server elsewhere.
    pub stopped: Option<bool>,
}

/// All of a call, in order.
pub(super) fn moments(seen: &Seen) -> Vec<Moment> {
    let ends = seen.taken.iter().skip(1).map(|taken| taken.from_ms).chain([u64::MAX]);
    seen.taken.iter().zip(ends).map(|(taken, next)| moment(seen, taken, next)).collect()
}

fn moment(seen: &Seen, taken: &Taken, next: u64) -> Moment {
    let over_agent = taken.is_voice && seen.agent_speaks_at(taken.from_ms);
    let stopped = seen.inside.as_ref().map(|_| !cuts(seen, taken).is_empty());
    let is_stopped = stopped == Some(true);
    // Nobody waits for an answer while the agent speaks on.
    let waits =
        taken.is_voice && !taken.heard.is_empty() && (is_stopped || !seen.agent_speaks_at(taken.to_ms));
    let answer = seen.agent.iter().find(|span| span.from_ms >= taken.to_ms && span.from_ms < next);
    Moment {
        what: taken.what.clone(),
        line: taken.line,
        counts_as: taken.kind,
        from_ms: taken.from_ms,
        to_ms: taken.to_ms,
        answer_ms: answer.filter(|_| waits).map(|span| span.from_ms - taken.to_ms),
        duck_ms: if over_agent && !taken.heard.is_empty() { loud_after(seen, taken.from_ms) } else { None },
        clear_ms: match stopped.filter(|_| over_agent) {
            Some(true) => clear_after(seen, taken),
            None if over_agent => silenced_after(seen, taken.from_ms),
            Some(false) | None => None,
        },
        stopped,
    }
}

/// When the agent was cut short by this, in ms of the call, by the log.
fn cuts(seen: &Seen, taken: &Taken) -> Vec<u64> {
    let until = taken.to_ms + REACTS_WITHIN;
    let events = seen.inside.iter().flat_map(|inside| &inside.events);
    let cuts = events.filter(|event| event.name == "BARGE_IN").map(|event| seen.at(event.at));
    cuts.filter(|at| (taken.from_ms..until).contains(at)).collect()
}

/// How long the agent was loud after this time; none of one who was done soon anyway. One who was never softer counts
/// with all that he said.
fn loud_after(seen: &Seen, from: u64) -> Option<u64> {
    let heard = seen.inside.iter().flat_map(|inside| &inside.heard);
    let mut blocks: Vec<(u64, f32)> = heard.flat_map(|heard| heard.blocks.iter().copied()).collect();
    blocks.sort_by_key(|(at, _)| *at);
    let within = from..from + REACTS_WITHIN;
    blocks.retain(|(at, _)| within.contains(at));
    if blocks.is_empty() {
        return None;
    }
    // One block may be misjudged, three in a row are not.
    let is_soft = |blocks: &[(u64, f32)]| blocks.iter().all(|(_, db)| *db <= SOFTER_DB);
    let softer = blocks.windows(3).find(|blocks| is_soft(blocks)).map(|blocks| blocks[0].0);
    let done = seen.agent.iter().map(|span| span.to_ms).find(|to| *to > from)?;
    let is_cut = silenced_after(seen, from).is_some();
    if softer.is_none() && !is_cut && done < from + NEARLY_DONE {
        return None;
    }
    let until = softer.map_or(done, |softer| softer.min(done));
    let loud = blocks.iter().rev().find(|(at, _)| *at < until).map(|(at, _)| at + 10);
    Some(loud.unwrap_or(from).min(until) - from)
}

/// The `clear` with which the agent that sounds at a time fell silent, whatever its server says.
fn silenced_after(seen: &Seen, from: u64) -> Option<u64> {
    let done = seen.agent.iter().map(|span| span.to_ms).find(|to| *to > from)?;
    let with_it = done.saturating_sub(CLEARED_WITHIN)..done + CLEARED_WITHIN;
    seen.clears.iter().find(|at| **at >= from && with_it.contains(*at)).map(|at| at - from)
}

/// The last `clear` before the agent fell silent.
fn clear_after(seen: &Seen, taken: &Taken) -> Option<u64> {
    let cut = *cuts(seen, taken).first()?;
    // The log may be written a little before the clear arrives.
    let within = taken.from_ms..cut + 200;
    let clear = seen.clears.iter().filter(|at| within.contains(*at)).max()?;
    Some(clear - taken.from_ms)
}

/// From the start to the agent's first sound, unless the caller was first.
pub(super) fn first_word(seen: &Seen) -> Option<u64> {
    let caller = seen.taken.iter().find(|taken| taken.is_voice).map_or(u64::MAX, |taken| taken.from_ms);
    seen.agent.first().map(|span| span.from_ms).filter(|&at| at < caller)
}

/// Longest time in which nobody could be heard after the first sound of the agent and before its last.
pub(super) fn longest_silence(seen: &Seen) -> u64 {
    let mut sounds: Vec<(u64, u64)> = seen.agent.iter().map(|span| (span.from_ms, span.to_ms)).collect();
    let last = sounds.last().map_or(0, |sound| sound.1);
    sounds.extend(seen.taken.iter().map(|taken| (taken.from_ms, taken.to_ms)).filter(|taken| taken.0 < last));
    sounds.sort_unstable();
    let mut longest = 0;
    let mut quiet_since = sounds.first().map_or(0, |sound| sound.0);
    for (from, to) in sounds {
        longest = longest.max(from.saturating_sub(quiet_since));
        quiet_since = quiet_since.max(to);
    }
    longest
}

/// The value that so many of 100 do not pass.
pub(super) fn percentile(values: &[u64], percent: usize) -> Option<u64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let place = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(place).copied()
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use moked_core::ids::CallSid;

    use super::*;
    use crate::caller::recording::Tracks;
    use crate::caller::voiced::Span;
    use crate::eval::seen::Inside;
    use crate::eval::truth::HeardSentence;

    /// A call in which the agent sounded over these times, each block at its level, and these clears came.
    fn seen(agent: &[(u64, u64)], level: impl Fn(u64) -> f32, clears: &[u64]) -> Seen {
        let spans = || agent.iter().map(|&(from_ms, to_ms)| Span { from_ms, to_ms });
        let blocks = spans().flat_map(|span| (span.from_ms..span.to_ms).step_by(10));
        let blocks = blocks.map(|at| (at, level(at))).collect();
        let heard = vec![HeardSentence { text: String::new(), words: Vec::new(), blocks }];
        let (conversation, end, events, unscripted) = (Vec::new(), String::new(), Vec::new(), Vec::new());
        Seen {
            call_sid: CallSid::new("CA1"),
            zero: Instant::now(),
            streams: 1,
            tracks: Tracks::default(),
            agent: spans().collect(),
            clears: clears.to_vec(),
            gaps: Vec::new(),
            violations: Vec::new(),
            documents: Vec::new(),
            taken: Vec::new(),
            in_vain: Vec::new(),
            late_ms: Vec::new(),
            inside: Some(Inside { conversation, end, events, unscripted, heard }),
        }
    }

    #[test]
    fn an_agent_is_loud_until_it_is_softer_and_one_odd_block_is_none() {
        let ducked = |at: u64| if at == 1_020 || at >= 1_060 { -12.0 } else { 0.0 };
        assert_eq!(loud_after(&seen(&[(0, 3_000)], ducked, &[1_050]), 1_000), Some(60));
    }

    #[test]
    fn a_pause_of_the_agent_is_not_loud() {
        let ducked = |at: u64| if at >= 1_200 { -12.0 } else { 0.0 };
        assert_eq!(loud_after(&seen(&[(0, 1_010), (1_200, 3_000)], ducked, &[1_050]), 1_000), Some(10));
    }

    #[test]
    fn an_agent_who_is_cut_is_loud_until_then_and_one_who_is_done_soon_need_not_be_softer() {
        let full = |_: u64| 0.0;
        assert_eq!(loud_after(&seen(&[(0, 1_200)], full, &[1_190]), 1_000), Some(200));
        assert_eq!(loud_after(&seen(&[(0, 1_200)], full, &[]), 1_000), None);
        assert_eq!(loud_after(&seen(&[(0, 2_000)], full, &[]), 1_000), Some(1_000), "never softer");
    }

    #[test]
    fn an_agent_falls_silent_with_a_clear_and_not_with_one_that_made_it_softer() {
        let full = |_: u64| 0.0;
        let seen = seen(&[(0, 1_300)], full, &[1_060, 1_290]);
        assert_eq!(silenced_after(&seen, 1_000), Some(290));
        assert_eq!(silenced_after(&seen, 1_400), None);
    }
}
