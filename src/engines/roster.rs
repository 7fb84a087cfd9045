//! Who was asked for, who came, and how they are: what `/readyz`, `/metrics`, `check` and the doctor show.

use std::fmt::Debug;

use moked_core::ports::{ChatModel, SpeechToSpeech, SpeechToText, TextToSpeech};
use moked_providers::failover::Order;
pub use moked_providers::failover::{EngineHealth, RoleHealth, RoleState};
use moked_providers::voice_cache::VoiceCache;

use super::catalogue::{EMBEDDED, RECEPTIONIST, Role};

/// An engine that the settings name and that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Its name.
    pub name: String,
    /// Why, and the mend.
    pub problem: String,
}

/// One role: who was asked for and who came.
pub struct RoleRoster<E: ?Sized> {
    /// The names in the settings, first choice first.
    pub asked: Vec<String>,
    /// The engines that serve, if any of them is a provider's; an engine inside the binary needs no order.
    pub order: Option<Order<E>>,
    /// Those that do not serve.
    pub left_out: Vec<LeftOut>,
}

impl<E: ?Sized> Debug for RoleRoster<E> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { asked, order, left_out } = self;
        let mut roster = f.debug_struct("RoleRoster");
        roster.field("asked", asked).field("order", order).field("left_out", left_out).finish()
    }
}

impl<E: ?Sized> Clone for RoleRoster<E> {
    fn clone(&self) -> Self {
        let Self { asked, order, left_out } = self;
        Self { asked: asked.clone(), order: order.clone(), left_out: left_out.clone() }
    }
}

impl<E: ?Sized> Default for RoleRoster<E> {
    fn default() -> Self {
        Self { asked: Vec::new(), order: None, left_out: Vec::new() }
    }
}

impl<E: ?Sized> RoleRoster<E> {
    /// Why engines were left out, in one text; `None` when none was.
    pub(super) fn left_out(&self) -> Option<String> {
        let told: Vec<&str> = self.left_out.iter().map(|left| left.problem.as_str()).collect();
        (!told.is_empty()).then(|| told.join("; "))
    }

    /// The providers' engines with their places.
    pub fn providers(&self) -> impl Iterator<Item = (usize, &str, &std::sync::Arc<E>)> {
        let named = self.order.iter().flat_map(|order| order.named().enumerate());
        named
            .filter(|(_, (name, _))| ![EMBEDDED, RECEPTIONIST].contains(name))
            .map(|(place, (name, engine))| (place, name, engine))
    }

    fn standing(&self) -> Standing {
        let health = self.order.as_ref().map(Order::health);
        let first_is_missing = self.asked.first().and_then(|first| {
            let left = self.left_out.iter().find(|left| left.name == *first)?;
            Some(left.problem.clone())
        });
        let fault = |engine: &EngineHealth| {
            let why = engine.last_fault.as_deref().unwrap_or("it does not answer");
            format!("{}: {why}", engine.name)
        };
        let (state, faults) = match &health {
            None => (RoleState::Ok, Vec::new()),
            Some(health) => {
                let down = health.engines.iter().filter(|engine| !engine.is_up).map(fault).collect();
                (health.state, down)
            }
        };
        match (state, first_is_missing) {
            (RoleState::Ok, None) => Standing::new(RoleState::Ok, String::new()),
            (RoleState::Ok, Some(problem)) => Standing::new(RoleState::Degraded, problem),
            (state, _) => Standing::new(state, faults.join("; ")),
        }
    }
}

/// How a role stands, and why not better.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// In one word.
    pub state: RoleState,
    /// What keeps the first choice from serving; empty when nothing does.
    pub why: String,
}

impl Standing {
    fn new(state: RoleState, why: String) -> Self {
        Self { state, why }
    }
}

/// All roles.
#[derive(Debug, Clone, Default)]
pub struct Roster {
    /// Ears.
    pub hearing: RoleRoster<dyn SpeechToText>,
    /// Voices.
    pub speaking: RoleRoster<dyn TextToSpeech>,
    /// Minds.
    pub thinking: RoleRoster<dyn ChatModel>,
    /// One-hop engines; nobody is asked for where the pipeline is a cascade.
    pub conversing: RoleRoster<dyn SpeechToSpeech>,
    /// What providers' voices have kept; none where the voice is the one inside the binary.
    pub voice_cache: Option<VoiceCache>,
}

impl Roster {
    /// How a role stands.
    pub fn standing(&self, role: Role) -> Standing {
        match role {
            Role::Hearing => self.hearing.standing(),
            Role::Speaking => self.speaking.standing(),
            Role::Thinking => self.thinking.standing(),
            Role::Conversing => self.conversing.standing(),
        }
    }

    /// The engines of a role with their breakers and figures; none where no provider is in the order.
    pub fn health(&self, role: Role) -> Vec<EngineHealth> {
        let health = match role {
            Role::Hearing => self.hearing.order.as_ref().map(Order::health),
            Role::Speaking => self.speaking.order.as_ref().map(Order::health),
            Role::Thinking => self.thinking.order.as_ref().map(Order::health),
            Role::Conversing => self.conversing.order.as_ref().map(Order::health),
        };
        health.map(|health| health.engines).unwrap_or_default()
    }

    /// The names that the settings give, first choice first.
    pub fn asked(&self, role: Role) -> &[String] {
        match role {
            Role::Hearing => &self.hearing.asked,
            Role::Speaking => &self.speaking.asked,
            Role::Thinking => &self.thinking.asked,
            Role::Conversing => &self.conversing.asked,
        }
    }

    /// The engines of a role that do not serve.
    pub fn left_out(&self, role: Role) -> &[LeftOut] {
        match role {
            Role::Hearing => &self.hearing.left_out,
            Role::Speaking => &self.speaking.left_out,
            Role::Thinking => &self.thinking.left_out,
            Role::Conversing => &self.conversing.left_out,
        }
    }
}
