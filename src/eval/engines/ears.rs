//! An ear that hears what the scenario's caller says; see [`World`].

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use moked_core::hints::RecognitionHints;
use moked_core::ids::UtteranceId;
use moked_core::language::Language;
use moked_core::ports::{HearingEvent, HearingRequest, HearingSession, ProviderFault, Sink, SpeechToText};

use super::LANGUAGES;
use crate::bench::stubs::Later;
use crate::eval::scenario::{Pace, Partials};
use crate::eval::world::{Known, World};

/// The ear.
#[derive(Clone)]
pub(super) struct EvalEars {
    pace: Pace,
    world: World,
    later: Arc<dyn Later>,
}

struct Session {
    ears: EvalEars,
    events: Sink<HearingEvent>,
    under_way: Option<UtteranceId>,
    told: String,
}

impl EvalEars {
    pub(super) fn new(pace: Pace, world: World, later: Arc<dyn Later>) -> Self {
        Self { pace, world, later }
    }
}

impl SpeechToText for EvalEars {
    fn name(&self) -> &'static str {
        "eval"
    }

    fn languages(&self) -> &[Language] {
        &LANGUAGES
    }

    fn open(
        &self,
        _: HearingRequest,
        events: Sink<HearingEvent>,
    ) -> Result<Box<dyn HearingSession>, ProviderFault> {
        Ok(Box::new(Session { ears: self.clone(), events, under_way: None, told: String::new() }))
    }
}

impl HearingSession for Session {
    fn audio(&mut self, _: &[u8]) {
        let known = match self.ears.pace.partials {
            Partials::AsSpoken => Known::Begun,
            Partials::WordByWord => Known::Ended,
            Partials::None => return,
        };
        let Some(utterance) = self.under_way else { return };
        let now = Instant::now();
        let until = now.checked_sub(Duration::from_millis(self.ears.pace.partial_ms)).unwrap_or(now);
        let text = self.ears.world.words_until(known, until);
        if !text.is_empty() && text != self.told {
            self.told.clone_from(&text);
            self.events.send(HearingEvent::Partial { utterance, text });
        }
    }

    fn expect(&mut self, _: &RecognitionHints) {}

    fn utterance_started(&mut self, utterance: UtteranceId) {
        self.ears.world.utterance_began(Instant::now());
        self.under_way = Some(utterance);
        self.told.clear();
    }

    fn utterance_ended(&mut self, utterance: UtteranceId) {
        self.under_way = None;
        let text = self.ears.world.take_words_until(Instant::now());
        let events = self.events.clone();
        let job = move || events.send(HearingEvent::Final { utterance, text });
        self.ears.later.after(Duration::from_millis(self.ears.pace.final_ms), Box::new(job));
    }
}

impl fmt::Debug for EvalEars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EvalEars").field("pace", &self.pace).finish_non_exhaustive()
    }
}
