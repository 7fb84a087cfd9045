//! What to say to an agent so that it has something to answer.

use moked_core::agent::{Agent, Slot};
use moked_core::hints::SlotKind;
use moked_core::language::Language;

/// An answer to the agent's first question, or a question that it can answer, or a greeting.
pub(super) fn for_agent(agent: &Agent) -> String {
    let fact = || agent.facts.first()?.phrases.iter().max_by_key(|phrase| phrase.len()).cloned();
    agent
        .slots
        .first()
        .and_then(|slot| for_slot(slot, agent.language))
        .or_else(fact)
        .unwrap_or_else(|| choose(agent.language, "hello", "שלום").to_owned())
}

fn for_slot(slot: &Slot, language: Language) -> Option<String> {
    let (english, hebrew) = match slot.kind {
        SlotKind::Choice => return Some(slot.choices.first()?.value.clone()),
        SlotKind::YesNo => ("yes", "כן"),
        SlotKind::Number => ("three", "שלוש"),
        SlotKind::Name => ("Daniel Cohen", "דניאל כהן"),
        SlotKind::Date => ("tomorrow", "מחר"),
        SlotKind::Time => ("at ten", "בעשר"),
        SlotKind::Phone | SlotKind::FreeText => return None,
    };
    Some(choose(language, english, hebrew).to_owned())
}

fn choose(language: Language, english: &'static str, hebrew: &'static str) -> &'static str {
    match language {
        Language::English => english,
        Language::Hebrew => hebrew,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(rest: &str) -> Agent {
        let text = format!("name = \"A\"\nlanguage = \"en\"\ngreeting = \"g\"\nclosing = \"c\"\n{rest}");
        toml::from_str(&text).unwrap()
    }

    #[test]
    fn the_first_question_is_answered_or_else_one_asked() {
        let choice =
            "[[slots]]\nid = \"t\"\nkind = \"choice\"\nquestion = \"q\"\nchoices = [{ value = \"rent\" }]\n";
        let fact = "[[facts]]\nphrases = [\"hours\", \"when are you open\"]\nanswer = \"a\"\n";
        let phone = "[[slots]]\nid = \"p\"\nkind = \"phone\"\nquestion = \"q\"\n";
        assert_eq!(for_agent(&agent(choice)), "rent");
        assert_eq!(for_agent(&agent(&format!("{fact}{phone}"))), "when are you open");
        assert_eq!(for_agent(&agent("")), "hello");
    }
}
