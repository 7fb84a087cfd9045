//! What was expected against what was seen.

mod history;
mod pattern;

use serde::Serialize;

use super::measure::{Moment, first_word, longest_silence, percentile};
use super::scenario::{Expect, Scenario};
use super::seen::{Inside, Seen};
pub(super) use history::heard_errors;
use history::{in_words, remarks_of_caller};
use pattern::{fits, list_fits};

/// An expectation that did not come true.
#[derive(Debug, Clone, Serialize)]
pub struct Finding {
    /// Which, as the scenario names it.
    pub expected: String,
    /// What was seen.
    pub seen: String,
    /// What to look at.
    pub look_at: String,
}

impl Finding {
    fn new(expected: impl Into<String>, seen: impl Into<String>, look_at: &str) -> Self {
        Self { expected: expected.into(), seen: seen.into(), look_at: look_at.to_owned() }
    }
}

/// Judges a call. `slack` stretches every time, for machines that do other things meanwhile.
pub(super) fn judge(scenario: &Scenario, seen: &Seen, moments: &[Moment], slack: f64) -> Vec<Finding> {
    let expect = &scenario.body.expect;
    let mut judge = Judge { expect, seen, moments, slack, findings: Vec::new() };
    judge.course();
    judge.times();
    judge.line();
    if let Some(inside) = &seen.inside {
        judge.words(inside);
        judge.log(inside);
    }
    judge.findings
}

struct Judge<'a> {
    expect: &'a Expect,
    seen: &'a Seen,
    moments: &'a [Moment],
    slack: f64,
    findings: Vec<Finding>,
}

impl Judge<'_> {
    fn find(&mut self, expected: impl Into<String>, seen: impl Into<String>, look_at: &str) {
        self.findings.push(Finding::new(expected, seen, look_at));
    }

    /// Whether the call took its course at all.
    fn course(&mut self) {
        for line in &self.seen.in_vain {
            let expected = format!("line {line}: the moment that this step waits for comes");
            self.findings.push(Finding::new(
                expected,
                "the caller waited 12 s in vain",
                "what the agent said before it, and whether the turn ended",
            ));
        }
        if let Some(rule) = self.seen.violations.first() {
            let count = self.seen.violations.len();
            let seen = format!("{count} broken, the first at {} ms: {}", rule.at_ms, rule.why);
            self.find("Twilio's rules are kept", seen, "actors/src/media_socket");
        }
        for said in self.seen.inside.iter().flat_map(|inside| &inside.unscripted) {
            self.findings.push(Finding::new(
                "every turn has an answer in the scenario",
                format!("the mind was asked about “{said}”, for which there is none"),
                "whether this turn should have been; if so, add an [[answer]]",
            ));
        }
    }

    fn times(&mut self) {
        let times = |of: fn(&Moment) -> Option<u64>| self.moments.iter().filter_map(of).collect::<Vec<_>>();
        let answers = times(|moment| moment.answer_ms);
        let duck = times(|moment| moment.duck_ms);
        let clear = times(|moment| moment.clear_ms);
        let most = |values: &[u64]| values.iter().max().copied();
        let is_answered = self.moments.iter().any(|moment| moment.answer_ms.is_some());
        let silence = Some(longest_silence(self.seen));
        let expect = self.expect;
        let look_end =
            "the end of turn: [call] end_of_utterance_ms, [turns], the events UTTERANCE_END and STT_FINAL";
        let look_barge = "barge-in: the events DUCKED, FLOOR_TAKEN and BARGE_IN, and the VAD's onset";
        let budgets = [
            (
                "first_word_ms",
                expect.first_word_ms,
                first_word(self.seen),
                "the greeting's way: SAY, TTS_LEN_ms, MEDIA_TX",
            ),
            ("answer_p95_ms", expect.answer_p95_ms, percentile(&answers, 95), look_end),
            ("answer_max_ms", expect.answer_max_ms, most(&answers), look_end),
            ("duck_ms", expect.duck_ms, most(&duck), look_barge),
            ("clear_ms", expect.clear_ms, most(&clear), look_barge),
            (
                "silence_max_ms",
                expect.silence_max_ms,
                silence.filter(|_| is_answered || !self.seen.agent.is_empty()),
                "what fills the time of thinking",
            ),
            ("duration_max_ms", expect.duration_max_ms, Some(self.seen.duration_ms()), "how the call ends"),
        ];
        let late = percentile(&self.seen.late_ms.iter().map(|ms| *ms as u64).collect::<Vec<_>>(), 99);
        for (name, budget, measured, look_at) in budgets {
            let Some(budget) = budget else { continue };
            let expected = format!("{name} = {budget}");
            match measured {
                None => self.find(expected, "it never happened", look_at),
                Some(ms) if ms as f64 > budget as f64 * self.slack => {
                    let mut seen = format!("{ms} ms");
                    if let Some(late @ 30..) = late {
                        seen.push_str(&format!(
                            " (the caller's own frames were up to {late} ms late: the machine is busy)"
                        ));
                    }
                    self.find(expected, seen, look_at);
                }
                Some(_) => {}
            }
        }
    }

    fn line(&mut self) {
        let most = self.expect.gaps.unwrap_or(0);
        // Whoever reads late hears holes that are his own.
        let own = self.seen.late_ms.iter().copied().fold(20.0, f64::max);
        let gaps: Vec<f64> = self.seen.gaps.iter().copied().filter(|gap| *gap > own).collect();
        if gaps.len() > most {
            let longest = gaps.iter().copied().fold(0.0, f64::max);
            let seen = format!("{} holes in the agent's speech, the longest {longest:.0} ms", gaps.len());
            self.find(format!("gaps = {most}"), seen, "the pacer's lead, and moked_frames_late");
        }
        if let Some(streams) = self.expect.streams
            && self.seen.streams != streams
        {
            self.find(
                format!("streams = {streams}"),
                self.seen.streams.to_string(),
                "/webhook/stream_action",
            );
        }
        if let Some(document) = &self.expect.document
            && !self.seen.documents.iter().any(|seen| fits(document, seen))
        {
            let seen = self.seen.documents.join(", ");
            self.find(format!("document = \"{document}\""), seen, "/webhook/stream_action");
        }
    }

    fn words(&mut self, inside: &Inside) {
        let expect = self.expect;
        let look = "the events STT_TEXT, UTTERANCE_END and BARGE_IN";
        if let Some(wanted) = &expect.history {
            let found: Vec<String> = inside.conversation.iter().map(in_words).collect();
            if !list_fits(wanted, &found) {
                self.find(format!("history = {wanted:?}"), format!("{found:?}"), look);
            }
        }
        if let Some(wanted) = &expect.caller_said {
            let found = remarks_of_caller(&inside.conversation);
            if !list_fits(wanted, &found) {
                self.find(format!("caller_said = {wanted:?}"), format!("{found:?}"), look);
            }
        }
        if let Some(wanted) = expect.interruptions {
            let found = history::interruptions(&inside.conversation);
            if wanted != found {
                let look_at = "barge-in: the events DUCKED, RESUMED, FLOOR_TAKEN and BARGE_IN";
                self.find(format!("interruptions = {wanted}"), found.to_string(), look_at);
            }
        }
        let heard = |pattern: &String| {
            inside.heard.iter().any(|sentence| sentence.is_whole() && fits(pattern, &sentence.text))
        };
        let missing: Vec<&String> = expect.heard.iter().filter(|pattern| !heard(pattern)).collect();
        for pattern in missing {
            let seen = inside.heard.iter().map(|sentence| {
                let words: Vec<&str> = sentence
                    .words
                    .iter()
                    .filter(|(_, heard)| *heard)
                    .map(|(word, _)| word.as_str())
                    .collect();
                words.join(" ")
            });
            let seen = format!("heard were {:?}", seen.collect::<Vec<_>>());
            self.find(
                format!("heard has \"{pattern}\""),
                seen,
                "what the voice was given (SAY), and what was cleared",
            );
        }
        for pattern in &expect.not_heard {
            let of =
                inside.heard.iter().find(|sentence| sentence.is_begun() && fits(pattern, &sentence.text));
            if let Some(sentence) = of {
                let seen = format!("“{}” was heard", sentence.text);
                self.findings.push(Finding::new(
                    format!("not_heard has \"{pattern}\""),
                    seen,
                    "why the turn was not cut",
                ));
            }
        }
        let most = expect.heard_error_words.unwrap_or(1);
        for error in heard_errors(inside).into_iter().filter(|error| error.words > most) {
            self.findings.push(Finding::new(
                format!("heard_error_words = {most}"),
                format!("the history has “{}”, the ear heard “{}”", error.claimed, error.heard),
                "the playback ledger: marks, the event BARGE_IN",
            ));
        }
        if let Some(end) = &expect.ends
            && *end != inside.end
        {
            self.find(format!("ends = \"{end}\""), inside.end.clone(), "the event WS_STOP");
        }
    }

    fn log(&mut self, inside: &Inside) {
        let states: Vec<&str> = inside
            .events
            .iter()
            .filter(|event| event.name == "STATE")
            .filter_map(|event| event.fields.get("to").map(String::as_str))
            .collect();
        let names: Vec<&str> = inside.events.iter().map(|event| event.name.as_str()).collect();
        for (what, wanted, found) in
            [("states", &self.expect.states, &states), ("events", &self.expect.events, &names)]
        {
            let mut rest = found.iter();
            if let Some(missing) = wanted.iter().find(|name| !rest.any(|found| found == name)) {
                let mut seen = found.clone();
                seen.dedup();
                let expected = format!("{what}: {missing} in its place in {wanted:?}");
                self.find(expected, seen.join(" "), "the log of the call");
            }
        }
        for name in &self.expect.no_events {
            if let Some(event) = inside.events.iter().find(|event| event.name == *name) {
                let seen = format!("it came at {} ms: {:?}", self.seen.at(event.at), event.fields);
                self.findings.push(Finding::new(format!("no event {name}"), seen, "the log of the call"));
            }
        }
    }
}
