//! When the caller does the next thing on his list.

use std::collections::VecDeque;

use super::scenario::When;

/// How long the caller waits for what his next step waits for, ms. Longer than any silence that moked leaves.
const PATIENCE: u64 = 12_000;

/// An agent that is heard so long after the caller has finished was not stopped by it, ms.
const SPEAKS_ON: u64 = 600;

/// The list; times are ms from the start of the call.
#[derive(Debug)]
pub(super) struct Plan {
    waiting: VecDeque<When>,
    /// When the step before began, and ended if it did.
    step: (u64, Option<u64>),
    /// When the agent's utterances began.
    began: Vec<u64>,
    speaks: bool,
    last_audible: u64,
}

/// Whether it is time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    /// No.
    NotYet,
    /// Yes.
    Now,
    /// What it waits for does not come.
    InVain,
}

impl Plan {
    /// A plan; the last step is always to hang up once the agent has said what it has to say.
    pub(super) fn new(steps: impl IntoIterator<Item = When>) -> Self {
        let waiting = steps.into_iter().collect();
        Self { waiting, step: (0, Some(0)), began: Vec::new(), speaks: false, last_audible: 0 }
    }

    /// The agent became audible.
    pub(super) fn agent_began(&mut self, at: u64) {
        self.began.push(at);
        self.speaks = true;
    }

    /// The agent is quiet since `last_audible`.
    pub(super) fn agent_finished(&mut self, last_audible: u64) {
        self.speaks = false;
        self.last_audible = last_audible;
    }

    /// The step is taken.
    pub(super) fn begin(&mut self, now: u64) {
        self.waiting.pop_front();
        self.step = (now, None);
    }

    /// The step taken last is over.
    pub(super) fn over(&mut self, now: u64) {
        self.step.1 = Some(now);
    }

    /// What the next step waits for; none after the last.
    pub(super) fn next(&self) -> Option<&When> {
        self.waiting.front()
    }

    /// Whether the next step is due. `words_at` tells when the agent's words were heard.
    pub(super) fn due(&self, now: u64, words_at: Option<u64>) -> Due {
        let hang_up = When::AfterAgent(SPEAKS_ON);
        let (began, ended) = self.step;
        let at = match (self.next().unwrap_or(&hang_up), ended) {
            (When::At(ms), _) => Some(*ms),
            (When::IntoAgent { ms, utterance }, _) => {
                self.utterance_began(*utterance, began).map(|at| at + ms)
            }
            (When::Then(ms), Some(ended)) => Some(ended + ms),
            (When::AfterWords { ms, .. }, Some(_)) => words_at.map(|at| at + ms),
            (When::AfterAgent(ms), Some(ended)) => {
                let has_spoken = self.began.last().is_some_and(|&last| last > began)
                    || self.last_audible >= ended + SPEAKS_ON;
                (has_spoken && !self.speaks).then_some(self.last_audible + ms)
            }
            (When::Then(_) | When::AfterWords { .. } | When::AfterAgent(_), None) => None,
        };
        let waits_since = ended.map(|ended| ended.max(self.last_audible));
        match at {
            Some(at) if now >= at => Due::Now,
            None if !self.speaks && waits_since.is_some_and(|since| now >= since + PATIENCE) => Due::InVain,
            _ => Due::NotYet,
        }
    }

    fn utterance_began(&self, utterance: Option<u32>, step_began: u64) -> Option<u64> {
        match utterance {
            Some(number) => self.began.get(number.saturating_sub(1) as usize).copied(),
            None => self.began.last().copied().filter(|&last| last > step_began),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caller_answers_when_the_agent_has_finished() {
        let mut plan = Plan::new([When::AfterAgent(400)]);
        assert_eq!(plan.due(5_000, None), Due::NotYet);
        plan.agent_began(5_000);
        assert_eq!(plan.due(9_000, None), Due::NotYet);
        plan.agent_finished(9_000);
        assert_eq!((plan.due(9_399, None), plan.due(9_400, None)), (Due::NotYet, Due::Now));
    }

    #[test]
    fn an_agent_that_falls_silent_at_an_interruption_has_not_answered_it() {
        let mut plan = Plan::new([When::IntoAgent { ms: 500, utterance: None }, When::AfterAgent(400)]);
        plan.agent_began(1_000);
        assert_eq!((plan.due(1_499, None), plan.due(1_500, None)), (Due::NotYet, Due::Now));
        plan.begin(1_500);
        plan.over(1_800);
        plan.agent_finished(1_850);
        assert_eq!(plan.due(4_000, None), Due::NotYet);
        plan.agent_began(4_000);
        plan.agent_finished(5_000);
        assert_eq!(plan.due(5_400, None), Due::Now);
    }

    #[test]
    fn after_a_sign_of_listening_he_waits_until_the_agent_has_finished() {
        let mut plan = Plan::new([When::IntoAgent { ms: 500, utterance: None }, When::AfterAgent(400)]);
        plan.agent_began(1_000);
        plan.begin(1_500);
        plan.over(1_800);
        assert_eq!(plan.due(6_000, None), Due::NotYet);
        plan.agent_finished(6_000);
        assert_eq!(plan.due(6_400, None), Due::Now);
    }

    #[test]
    fn an_utterance_that_was_interrupted_is_not_interrupted_again() {
        let into_agent = When::IntoAgent { ms: 500, utterance: None };
        let mut plan = Plan::new([into_agent.clone(), into_agent]);
        plan.agent_began(1_000);
        plan.begin(1_500);
        assert_eq!(plan.due(1_520, None), Due::NotYet);
        plan.agent_finished(1_700);
        plan.agent_began(3_000);
        assert_eq!((plan.due(3_499, None), plan.due(3_500, None)), (Due::NotYet, Due::Now));
    }

    #[test]
    fn what_never_comes_is_waited_for_in_vain() {
        let plan = Plan::new([When::AfterWords { words: "x".into(), ms: 0 }]);
        assert_eq!(plan.due(PATIENCE - 1, None), Due::NotYet);
        assert_eq!(plan.due(PATIENCE, None), Due::InVain);
        assert_eq!(plan.due(3_000, Some(2_900)), Due::Now);
    }
}
