//! The brief: what a model must know to be this agent, in the language of the call.
//!
//! It is made once a call and stays the same for all its turns, so that vendors can keep it in their caches;
//! therefore it holds the time at which the call began, and not the time of the turn. Which days the words
//! "next Tuesday" mean is told by a little calendar, because models count days badly.

mod english;
mod hebrew;

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::ToSpan;
use jiff::civil::{Date, DateTime};
use moked_core::agent::{Agent, Slot};
use moked_core::hints::SlotKind;
use moked_core::language::Language;
use moked_core::receptionist::Answer;

/// Days in the calendar, today among them: a caller's "next week" ends within it.
const DAYS: i64 = 15;

/// What the brief is made from.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// Who the model is.
    pub agent: &'a Agent,
    /// The caller's number, if the carrier gave it.
    pub caller: Option<&'a str>,
    /// Local date and time at which the call began.
    pub began: DateTime,
    /// What is known already, by slot: another mind began this call.
    pub known: &'a BTreeMap<String, Answer>,
}

/// The brief, some 700 words for an agent with six slots.
pub fn brief(about: About<'_>, language: Language) -> String {
    match language {
        Language::English => english::brief(about),
        Language::Hebrew => hebrew::brief(about),
    }
}

impl About<'_> {
    fn asks(&self, kind: SlotKind) -> bool {
        self.agent.slots.iter().any(|slot| slot.kind == kind)
    }

    /// Lines of `2026-11-20 Friday`, from today on.
    fn calendar(&self, weekday: impl Fn(Date) -> String) -> String {
        let days = (0..DAYS).filter_map(|ahead| self.began.date().checked_add(ahead.days()).ok());
        days.fold(String::new(), |mut lines, day| {
            let _ = writeln!(lines, "{day} {}", weekday(day));
            lines
        })
    }

    /// One line a fact: what leads to it, and the answer.
    fn facts(&self) -> String {
        self.agent.facts.iter().fold(String::new(), |mut lines, fact| {
            let _ = writeln!(lines, "- ({}) {}", fact.phrases.join(", "), fact.answer);
            lines
        })
    }

    /// One line an answer that is known, under its heading; nothing when none is.
    fn known(&self, heading: &str) -> String {
        let mut lines = String::new();
        if !self.known.is_empty() {
            let _ = writeln!(lines, "\n{heading}");
        }
        self.known.iter().fold(lines, |mut lines, (id, answer)| {
            let _ = writeln!(lines, "- `{id}`: {}", answer.value);
            lines
        })
    }

    /// One line a slot, numbered.
    fn slots(&self, describe: impl Fn(&Slot) -> String) -> String {
        self.agent.slots.iter().enumerate().fold(String::new(), |mut lines, (index, slot)| {
            let _ = writeln!(lines, "{}. `{}`: {}", index + 1, slot.id, describe(slot));
            lines
        })
    }
}

/// The values of a choice, one beside the other.
fn values(slot: &Slot) -> String {
    slot.choices.iter().map(|choice| choice.value.as_str()).collect::<Vec<_>>().join(" / ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const AGENT: &str = r#"
        name = "Maya"
        language = "en"
        greeting = "Hello, this is Maya."
        closing = "Thank you, {name}. See you {day}."
        facts = [{ phrases = ["parking", "park"], answer = "Behind the house." }]
        slots = [
            { id = "topic", kind = "choice", question = "Rent or buy?", choices = [{ value = "rent" }, { value = "buy" }] },
            { id = "name", kind = "name", question = "Your name?" },
            { id = "phone", kind = "phone", question = "Your phone?", confirm = true },
            { id = "day", kind = "date", question = "Which day?" },
        ]
    "#;

    static NOTHING: BTreeMap<String, Answer> = BTreeMap::new();

    fn about(agent: &Agent) -> About<'_> {
        let began = "2026-11-20T10:05:00".parse().unwrap();
        About { agent, caller: Some("+972541234567"), began, known: &NOTHING }
    }

    #[test]
    fn both_languages_hold_everything_that_the_owner_declared() {
        let agent: Agent = toml::from_str(AGENT).unwrap();
        for language in [Language::English, Language::Hebrew] {
            let text = brief(about(&agent), language);
            for part in [
                "Maya",
                "Hello, this is Maya.",
                "Behind the house.",
                "parking, park",
                "`topic`",
                "rent / buy",
                "Your phone?",
                "Thank you, {name}. See you {day}.",
                "10:05",
                "2026-11-20",
                "2026-12-04",
                "+972541234567",
                "save_answers",
                "end_call",
            ] {
                assert!(text.contains(part), "{language}: `{part}` is not in\n{text}");
            }
        }
    }

    #[test]
    fn what_another_mind_saved_stands_in_the_brief() {
        let agent: Agent = toml::from_str(AGENT).unwrap();
        let answer = Answer { value: "Dana".into(), said: "I am Dana".into() };
        let known = BTreeMap::from([("name".to_owned(), answer)]);
        for (language, heading) in
            [(Language::English, "# Already known"), (Language::Hebrew, "# מה כבר ידוע")]
        {
            let text = brief(About { known: &known, ..about(&agent) }, language);
            let (_, after) = text.split_once(heading).unwrap();
            assert!(after.contains("- `name`: Dana\n"), "{text}");
            assert!(!brief(about(&agent), language).contains(heading));
        }
    }

    #[test]
    fn the_calendar_knows_its_weekdays() {
        let agent: Agent = toml::from_str(AGENT).unwrap();
        assert!(brief(about(&agent), Language::English).contains("2026-11-22 Sunday"));
        assert!(brief(about(&agent), Language::Hebrew).contains("2026-11-22 יום ראשון"));
        assert!(brief(about(&agent), Language::Hebrew).contains("2026-11-21 שבת"));
    }

    #[test]
    fn an_agent_that_asks_nothing_has_nothing_to_save() {
        let mut agent: Agent = toml::from_str(AGENT).unwrap();
        agent.slots.clear();
        agent.facts.clear();
        for language in [Language::English, Language::Hebrew] {
            let text = brief(about(&agent), language);
            assert!(!text.contains("save_answers") && !text.contains("972"), "{text}");
        }
    }
}
