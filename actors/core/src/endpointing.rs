//! When has the caller finished? Silence after speech, long enough.
//!
//! A pause shorter than the limit belongs to the utterance, so "my number is … oh five four" stays one.
//! The limit counts from the last voiced frame, not from the end of the detector's hangover.

use std::time::{Duration, Instant};

use serde::Serialize;

use crate::ids::UtteranceId;
use crate::vad::VoiceChange;

/// Settings of endpointing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndpointingSettings {
    /// Silence that ends an utterance: 300 to 600 ms is what people take for an answer's due.
    pub end_of_utterance: Duration,
    /// The longest utterance; then it is ended as it stands, so that a radio in the room cannot hold the turn.
    pub longest_utterance: Duration,
}

impl Default for EndpointingSettings {
    fn default() -> Self {
        Self { end_of_utterance: Duration::from_millis(450), longest_utterance: Duration::from_secs(30) }
    }
}

/// What endpointing found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// An utterance began.
    SpeechStarted {
        /// Its number.
        utterance: UtteranceId,
    },
    /// An utterance is complete.
    UtteranceEnded {
        /// Its number.
        utterance: UtteranceId,
        /// Time of its last voiced frame.
        speech_ended: Instant,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Silent,
    Speaking { since: Instant },
    Paused { since: Instant, last_voice: Instant },
}

/// Cuts the caller's speech into utterances.
#[derive(Debug, Clone)]
pub struct Endpointing {
    settings: EndpointingSettings,
    state: State,
    utterance: UtteranceId,
}

impl Endpointing {
    /// Silent, before the first utterance.
    pub fn new(settings: EndpointingSettings) -> Self {
        Self { settings, state: State::Silent, utterance: UtteranceId::default() }
    }

    /// Takes a change of the voice gate.
    pub fn handle(&mut self, change: VoiceChange, now: Instant) -> Option<Endpoint> {
        match (change, self.state) {
            (VoiceChange::Onset, State::Silent) => {
                self.utterance = self.utterance.next();
                self.state = State::Speaking { since: now };
                Some(Endpoint::SpeechStarted { utterance: self.utterance })
            }
            (VoiceChange::Onset, State::Paused { since, .. }) => {
                self.state = State::Speaking { since };
                None
            }
            (VoiceChange::Offset { last_voice }, State::Speaking { since }) => {
                self.state = State::Paused { since, last_voice };
                self.handle_timeout(now)
            }
            (VoiceChange::Onset, State::Speaking { .. })
            | (VoiceChange::Offset { .. }, State::Silent | State::Paused { .. }) => None,
        }
    }

    /// The recogniser says that the caller has finished. It knows words, voice activity knows silence: where
    /// both agree, there is nothing left to wait for.
    pub fn recogniser_says_ended(&mut self) -> Option<Endpoint> {
        let State::Paused { last_voice, .. } = self.state else { return None };
        self.state = State::Silent;
        Some(Endpoint::UtteranceEnded { utterance: self.utterance, speech_ended: last_voice })
    }

    /// When the utterance ends if nothing changes.
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Silent => None,
            State::Speaking { since } => Some(since + self.settings.longest_utterance),
            State::Paused { since, last_voice } => Some(
                (last_voice + self.settings.end_of_utterance).min(since + self.settings.longest_utterance),
            ),
        }
    }

    /// Ends the utterance if its time has come.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<Endpoint> {
        if self.poll_timeout().is_none_or(|due| now < due) {
            return None;
        }
        let speech_ended = match self.state {
            State::Paused { last_voice, .. } => last_voice,
            State::Silent | State::Speaking { .. } => now,
        };
        self.state = State::Silent;
        Some(Endpoint::UtteranceEnded { utterance: self.utterance, speech_ended })
    }

    /// State for the admin page.
    pub fn observe(&self) -> EndpointingView {
        let phase = match self.state {
            State::Silent => "silent",
            State::Speaking { .. } => "speaking",
            State::Paused { .. } => "paused",
        };
        EndpointingView { phase, utterance: self.utterance }
    }
}

/// Endpointing as the admin page shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct EndpointingView {
    /// `silent`, `speaking` or `paused`.
    pub phase: &'static str,
    /// The newest utterance.
    pub utterance: UtteranceId,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, start};

    const FIRST: UtteranceId = UtteranceId(1);

    #[test]
    fn an_utterance_ends_450_ms_after_the_last_voice() {
        let zero = start();
        let mut ends = Endpointing::new(EndpointingSettings::default());
        assert_eq!(ends.handle(VoiceChange::Onset, zero), Some(Endpoint::SpeechStarted { utterance: FIRST }));
        let offset = VoiceChange::Offset { last_voice: at(zero, 1_000) };
        assert_eq!(ends.handle(offset, at(zero, 1_200)), None);
        assert_eq!(ends.poll_timeout(), Some(at(zero, 1_450)));
        assert_eq!(ends.handle_timeout(at(zero, 1_449)), None);
        let ended = Endpoint::UtteranceEnded { utterance: FIRST, speech_ended: at(zero, 1_000) };
        assert_eq!(ends.handle_timeout(at(zero, 1_450)), Some(ended));
        assert_eq!(ends.poll_timeout(), None);
    }

    #[test]
    fn a_short_pause_belongs_to_the_utterance() {
        let zero = start();
        let mut ends = Endpointing::new(EndpointingSettings::default());
        ends.handle(VoiceChange::Onset, zero);
        ends.handle(VoiceChange::Offset { last_voice: at(zero, 500) }, at(zero, 700));
        assert_eq!(ends.handle(VoiceChange::Onset, at(zero, 900)), None);
        assert_eq!(ends.handle_timeout(at(zero, 950)), None);
        assert_eq!(ends.observe().utterance, FIRST);
    }

    #[test]
    fn a_recognisers_vote_ends_a_pause_and_not_speech() {
        let zero = start();
        let mut ends = Endpointing::new(EndpointingSettings::default());
        ends.handle(VoiceChange::Onset, zero);
        assert_eq!(ends.recogniser_says_ended(), None);
        ends.handle(VoiceChange::Offset { last_voice: at(zero, 500) }, at(zero, 700));
        let ended = Endpoint::UtteranceEnded { utterance: FIRST, speech_ended: at(zero, 500) };
        assert_eq!(ends.recogniser_says_ended(), Some(ended));
    }

    #[test]
    fn an_endless_utterance_is_ended_at_the_cap() {
        let zero = start();
        let mut ends = Endpointing::new(EndpointingSettings::default());
        ends.handle(VoiceChange::Onset, zero);
        let due = at(zero, 30_000);
        let ended = Endpoint::UtteranceEnded { utterance: FIRST, speech_ended: due };
        assert_eq!(ends.handle_timeout(due), Some(ended));
    }
}
