//! What the engines can do for calls in one language.

use moked_core::language::Language;

use super::EngineSet;

/// One part's fitness for the agent's language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The engine's name, or `none`.
    pub engine: &'static str,
    /// Why it does not serve, and the mend; `None` when it does.
    pub problem: Option<String>,
}

/// What the engines can do for calls in one language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineReport {
    /// Speech to text.
    pub hearing: Part,
    /// Text to speech.
    pub speaking: Part,
    /// The mind.
    pub thinking: Part,
}

impl EngineReport {
    /// Looks at the engines with the eyes of a call in `language`.
    pub fn of(set: &EngineSet, language: Language) -> Self {
        let speaking = &set.engines.speaking;
        let hearing = match &set.engines.hearing {
            Some(ear) => Part {
                engine: ear.name(),
                problem: (!ear.languages().contains(&language))
                    .then(|| format!("{} does not hear {language}; {PROVIDER} engines.hearing", ear.name())),
            },
            None => Part {
                engine: "none",
                problem: Some(set.hearing_problem.clone().unwrap_or_else(|| "no ear is configured".into())),
            },
        };
        let problem = (!speaking.languages().contains(&language)).then(|| {
            let told = set.roster.speaking.left_out();
            let name = speaking.name();
            told.unwrap_or_else(|| format!("{name} does not speak {language}; {PROVIDER} engines.speaking"))
        });
        Self {
            hearing,
            speaking: Part { engine: speaking.name(), problem },
            thinking: Part { engine: set.engines.thinking.name(), problem: None },
        }
    }

    /// Whether a call can be a conversation. An ear is not needed for that: there is the keypad.
    pub fn can_converse(&self) -> bool {
        self.speaking.problem.is_none() && self.thinking.problem.is_none()
    }

    /// Whether every part serves.
    pub fn is_whole(&self) -> bool {
        self.can_converse() && self.hearing.problem.is_none()
    }
}

/// The mend for a language that an engine does not do.
pub(super) const PROVIDER: &str =
    "for that name a provider, such as the profiles in settings.toml show, under";
