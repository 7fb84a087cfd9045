//! A caller on paper: scripts of what is said, and the receptionist's answers to it.

use std::sync::Arc;

use jiff::civil::{DateTime, date};
use moked_core::agent::Agent;
use moked_core::ports::{AfterTurn, CallerSaid};
use moked_core::receptionist::{Lead, Receptionist, Reply};

/// A Friday, shortly after ten.
pub(crate) const NOW: DateTime = date(2026, 11, 20).at(10, 15, 0, 0);

/// The settings as they ship: the agents under test are the ones that callers meet.
const SETTINGS: &str = include_str!("../../../../settings.toml");

/// The shipped agent of that id.
#[expect(clippy::expect_used, reason = "a broken fixture must stop the test")]
pub(crate) fn shipped(id: &str) -> Arc<Agent> {
    let settings: toml::Table = SETTINGS.parse().expect("settings");
    checked(settings["agent"][id].clone().try_into().expect("an agent"))
}

/// An agent of the test's own.
#[expect(clippy::expect_used, reason = "a broken fixture must stop the test")]
pub(crate) fn agent(toml: &str) -> Arc<Agent> {
    checked(toml::from_str(toml).expect("an agent"))
}

#[expect(clippy::expect_used, reason = "a broken fixture must stop the test")]
fn checked(agent: Agent) -> Arc<Agent> {
    agent.check().expect("a sound agent");
    Arc::new(agent)
}

pub(crate) struct Caller {
    receptionist: Receptionist,
    pub(crate) last: Reply,
    /// The newest lead told.
    pub(crate) lead: Option<Lead>,
}

impl Caller {
    /// Dials and hears the greeting.
    pub(crate) fn calling(agent: &Arc<Agent>) -> Self {
        Self::with(Receptionist::new(Arc::clone(agent)))
    }

    /// The same on a line on which nobody hears him.
    pub(crate) fn unheard(agent: &Arc<Agent>) -> Self {
        Self::with(Receptionist::keypad_only(Arc::clone(agent)))
    }

    /// In the middle of a call that another mind began and that brought this.
    pub(crate) fn taken_over(agent: &Arc<Agent>, lead: &Lead) -> Self {
        let mut caller = Self::calling(agent);
        caller.receptionist = Receptionist::new(Arc::clone(agent));
        caller.receptionist.take_over(lead);
        caller
    }

    /// From here on nobody hears him.
    pub(crate) fn loses_the_ear(&mut self) {
        self.receptionist.only_keys();
    }

    fn with(mut receptionist: Receptionist) -> Self {
        let last = receptionist.answer(&CallerSaid::Nothing, NOW);
        Self { receptionist, last, lead: None }
    }

    pub(crate) fn does(&mut self, said: CallerSaid) -> &str {
        self.last = self.receptionist.answer(&said, NOW);
        assert!(!self.last.text.is_empty(), "no answer to {said:?}");
        if let Some(lead) = &self.last.lead {
            self.lead = Some(lead.clone());
        }
        &self.last.text
    }

    pub(crate) fn says(&mut self, words: &str) -> &str {
        self.does(CallerSaid::Words(words.to_owned()))
    }

    pub(crate) fn keys(&mut self, keys: &str) -> &str {
        self.does(CallerSaid::Digits(keys.to_owned()))
    }

    pub(crate) fn value(&self, slot: &str) -> Option<&str> {
        self.lead.as_ref()?.answers.get(slot).map(|answer| answer.value.as_str())
    }

    pub(crate) fn values(&self, slots: &[&str]) -> Vec<&str> {
        slots.iter().map(|slot| self.value(slot).unwrap_or("-")).collect()
    }

    pub(crate) fn hung_up(&self) -> bool {
        self.last.then == AfterTurn::HangUp
    }
}
