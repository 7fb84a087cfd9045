//! The ear's rules: frames in, "speech started" and "utterance ended" out.
//!
//! Joins the voice gate and endpointing into one machine, driven by frames and, where frames fail to
//! come, by the clock.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use serde::Serialize;

use crate::cues::Cues;
use crate::endpointing::{Endpoint, Endpointing, EndpointingSettings, EndpointingView};
use crate::vad::{Sound, VadSettings, VoiceChange, VoiceFrame, VoiceGate, VoiceView};

/// Settings of the ear.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct HearingSettings {
    /// The voice-activity decision.
    pub vad: VadSettings,
    /// The end of an utterance.
    pub endpointing: EndpointingSettings,
}

/// Why the ear wants to wake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HearingTimer {
    /// Speech may be over although no frame says so.
    Hangover,
    /// The utterance may be complete.
    EndOfUtterance,
}

/// The ear of one call.
#[derive(Debug, Clone)]
pub struct Hearing {
    gate: VoiceGate,
    endpointing: Endpointing,
    found: VecDeque<Endpoint>,
}

impl Hearing {
    /// An ear that has heard nothing.
    pub fn new(settings: HearingSettings, cues: Arc<Cues>) -> Self {
        Self {
            gate: VoiceGate::new(settings.vad),
            endpointing: Endpointing::new(settings.endpointing, cues),
            found: VecDeque::new(),
        }
    }

    /// Takes the next frame of the caller's audio.
    pub fn handle(&mut self, frame: VoiceFrame, now: Instant) {
        let change = self.gate.frame(frame, now);
        self.change(change, now);
        self.due(now);
    }

    /// What is known besides audio became more: words, a signal, a key, an expectation.
    pub fn learn(&mut self, learn: impl FnOnce(&mut Endpointing), now: Instant) {
        learn(&mut self.endpointing);
        self.due(now);
    }

    /// The words of the newest utterance so far.
    pub fn said(&self) -> &str {
        self.endpointing.said()
    }

    /// What the newest frame was.
    pub fn sound(&self) -> Sound {
        self.gate.newest()
    }

    /// The next finding.
    pub fn next_action(&mut self) -> Option<Endpoint> {
        self.found.pop_front()
    }

    /// When to wake, and why.
    pub fn poll_timeout(&self) -> Option<(Instant, HearingTimer)> {
        let hangover = self.gate.poll_timeout().map(|at| (at, HearingTimer::Hangover));
        let end = self.endpointing.poll_timeout().map(|at| (at, HearingTimer::EndOfUtterance));
        hangover.into_iter().chain(end).min_by_key(|(at, _)| *at)
    }

    /// Wakes up.
    pub fn handle_timeout(&mut self, now: Instant) {
        let change = self.gate.expire(now);
        self.change(change, now);
        self.due(now);
    }

    /// State for the admin page.
    pub fn observe(&self) -> HearingView {
        HearingView { voice: self.gate.observe(), endpointing: self.endpointing.observe() }
    }

    fn due(&mut self, now: Instant) {
        self.found.extend(self.endpointing.handle_timeout(now));
        self.found.extend(self.endpointing.outlook());
    }

    fn change(&mut self, change: Option<VoiceChange>, now: Instant) {
        if let Some(change) = change {
            self.found.extend(self.endpointing.handle(change, now));
        }
    }
}

/// The ear as the admin page shows it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct HearingView {
    /// The voice gate.
    pub voice: VoiceView,
    /// Utterances.
    pub endpointing: EndpointingView,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::endpointing::EndReason;
    use crate::ids::UtteranceId;
    use crate::testing::{at, start};

    #[test]
    fn an_utterance_ends_by_the_clock_when_the_line_goes_quiet() {
        let zero = start();
        let mut ear = Hearing::new(HearingSettings::default(), Arc::default());
        for index in 0..20 {
            let frame = VoiceFrame { probability: 1.0, level_dbfs: -20.0, tone: false, reference_dbfs: None };
            ear.handle(frame, at(zero, 20 * index));
        }
        assert_eq!(ear.next_action(), Some(Endpoint::SpeechStarted { utterance: UtteranceId(1) }));
        let last_voice = at(zero, 380);
        assert_eq!(ear.poll_timeout(), Some((at(zero, 580), HearingTimer::Hangover)));
        ear.handle_timeout(at(zero, 580));
        assert_eq!(ear.poll_timeout(), Some((at(zero, 830), HearingTimer::EndOfUtterance)));
        ear.handle_timeout(at(zero, 830));
        let ended = Endpoint::UtteranceEnded {
            utterance: UtteranceId(1),
            speech_ended: last_voice,
            reason: EndReason::Silence,
        };
        assert_eq!(ear.next_action(), Some(ended));
        assert_eq!(ear.next_action(), None);
    }
}
