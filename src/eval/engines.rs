//! The ear, the mind and the voice of an eval: scripted by the scenario, as fast as it says.
//!
//! Their time passes on a thread of its own, as a provider's does outside of moked.

mod conversing;
mod ears;
mod mind;
mod voice;

use std::sync::Arc;

use moked_actors::host::Engines;
use moked_core::language::Language;

use super::kit::Stage;
use super::scenario::{Chain, Scenario};
use super::world::World;
use conversing::EvalConversation;
use ears::EvalEars;
use mind::{EvalMind, Script};
use voice::EvalVoice;

/// What all of them serve.
const LANGUAGES: [Language; 2] = [Language::English, Language::Hebrew];

/// The engines of a scenario.
pub(super) fn make(scenario: &Scenario, stage: &Stage, world: &World) -> Engines {
    let body = &scenario.body;
    let (pace, later) = (body.engines, &stage.later);
    let script = Script::new(&body.greeting, &body.answers, world.clone());
    let voice = EvalVoice::new(stage, pace, world.clone());
    let mind = EvalMind::new(script.clone(), pace, Arc::clone(later));
    let conversing = EvalConversation::new(script, voice.clone(), pace, world.clone(), Arc::clone(later));
    Engines {
        hearing: Some(Arc::new(EvalEars::new(pace, world.clone(), Arc::clone(later)))),
        speaking: Arc::new(voice),
        thinking: Arc::new(mind),
        conversing: match body.pipeline {
            Chain::Cascade => None,
            Chain::Realtime => Some(Arc::new(conversing)),
        },
        voice_activity: Arc::clone(&stage.kit.voice_activity),
    }
}
