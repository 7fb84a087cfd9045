//! What a check found: a verdict with its evidence, and the mend.

use serde::Serialize;

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Pass,
    /// Wrong; a call would suffer.
    Fail,
    /// Not asked; the evidence says why. Not a failure.
    Skip,
}

/// A verdict, what it rests on, and what to do.
///
/// A check that asks several things joins their findings with [`Finding::and`]: one failure fails the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The verdict.
    pub verdict: Verdict,
    /// What was asked and what came back, a line each. For a skipped check, why.
    pub evidence: Vec<String>,
    /// What to do, most useful first. Empty unless it failed.
    pub mends: Vec<String>,
    /// Twilio's numbers for the fault, where it has some.
    pub codes: Vec<u32>,
}

impl Finding {
    /// All is well, because of this.
    pub fn pass(evidence: impl Into<String>) -> Self {
        Self::new(Verdict::Pass, evidence.into())
    }

    /// Something is wrong: what was seen, and what to do about it.
    pub fn fail(evidence: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { mends: vec![mend.into()], ..Self::new(Verdict::Fail, evidence.into()) }
    }

    /// Not asked, for this reason.
    pub fn skip(why: impl Into<String>) -> Self {
        Self::new(Verdict::Skip, why.into())
    }

    fn new(verdict: Verdict, evidence: String) -> Self {
        Self { verdict, evidence: vec![evidence], mends: Vec::new(), codes: Vec::new() }
    }

    /// Adds Twilio's number for the fault.
    #[must_use]
    pub fn code(mut self, code: u32) -> Self {
        if !self.codes.contains(&code) {
            self.codes.push(code);
        }
        self
    }

    /// Adds a line of evidence.
    #[must_use]
    pub fn saw(mut self, evidence: impl Into<String>) -> Self {
        self.evidence.push(evidence.into());
        self
    }

    /// Joins what another question found: a failure outweighs a pass, and a pass outweighs a skip.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.verdict = match (self.verdict, other.verdict) {
            (Verdict::Fail, _) | (_, Verdict::Fail) => Verdict::Fail,
            (Verdict::Pass, _) | (_, Verdict::Pass) => Verdict::Pass,
            (Verdict::Skip, Verdict::Skip) => Verdict::Skip,
        };
        self.evidence.extend(other.evidence);
        for mend in other.mends {
            if !self.mends.contains(&mend) {
                self.mends.push(mend);
            }
        }
        other.codes.into_iter().fold(self, Self::code)
    }

    /// Whether it failed.
    pub fn is_failure(&self) -> bool {
        self.verdict == Verdict::Fail
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_fails_the_whole_and_the_evidence_of_all_stays() {
        let joined =
            Finding::pass("a").and(Finding::fail("b", "mend b").code(31_920)).and(Finding::pass("c"));
        assert_eq!(joined.verdict, Verdict::Fail);
        assert_eq!(joined.evidence, ["a", "b", "c"]);
        assert_eq!(joined.mends, ["mend b"]);
        assert_eq!(joined.codes, [31_920]);
    }

    #[test]
    fn the_same_mend_is_said_once() {
        let joined = Finding::fail("a", "same").and(Finding::fail("b", "same"));
        assert_eq!(joined.mends, ["same"]);
    }

    #[test]
    fn a_pass_beside_a_skip_is_a_pass() {
        assert_eq!(Finding::skip("no").and(Finding::pass("yes")).verdict, Verdict::Pass);
        assert_eq!(Finding::skip("no").and(Finding::skip("no")).verdict, Verdict::Skip);
    }
}
