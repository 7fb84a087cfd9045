//! What the ear has heard of late, for an ear that is started anew.
//!
//! Between utterances it holds the half second in which an onset may lie; during one, and until its words have
//! come, all of it up to 15 s. A new ear is played the tape faster than real time, so that no word is lost to
//! a failure of the recogniser. An utterance that kills two ears is not played to a third.

use std::collections::VecDeque;

use moked_core::audio::BYTES_PER_MS;
use moked_core::barge_in::BargeIn;
use moked_core::hearing::Hearing;
use moked_core::ids::UtteranceId;
use moked_core::ports::HearingSession;

/// Kept from before an onset, bytes: 500 ms, within which the port says that it lies.
const BEFORE: usize = 500 * BYTES_PER_MS;

/// Most that is kept of an utterance, bytes: 15 s.
const MOST: usize = 15_000 * BYTES_PER_MS;

/// How often an utterance is played to a new ear.
const MOST_REPLAYS: u32 = 1;

/// The tape, and the machine that tells utterances.
#[derive(Debug, Default)]
pub(crate) struct EarTape {
    /// Voice activity and endpointing, which outlive the ear.
    pub(crate) machine: Option<Hearing>,
    /// Who has the floor, which outlives the ear too: nobody may stay ducked.
    pub(crate) barge_in: Option<BargeIn>,
    audio: VecDeque<u8>,
    under_way: Option<UnderWay>,
}

#[derive(Debug)]
struct UnderWay {
    utterance: UtteranceId,
    has_ended: bool,
    replays: u32,
}

/// What a new ear finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replay {
    /// Nothing that waits for words.
    Nothing,
    /// An utterance; whether it was over.
    Played { utterance: UtteranceId, has_ended: bool },
    /// An utterance that has killed ears before: its words are lost.
    Poison(UtteranceId),
}

impl EarTape {
    /// The caller's next audio.
    pub(crate) fn push(&mut self, mulaw: &[u8]) {
        self.audio.extend(mulaw);
        let most = if self.under_way.is_some() { MOST } else { BEFORE };
        let excess = self.audio.len().saturating_sub(most);
        self.audio.drain(..excess);
    }

    /// An utterance began.
    pub(crate) fn started(&mut self, utterance: UtteranceId) {
        let newest = self.audio.len().saturating_sub(BEFORE);
        self.audio.drain(..newest);
        self.under_way = Some(UnderWay { utterance, has_ended: false, replays: 0 });
    }

    /// It is over; its words are due.
    pub(crate) fn ended(&mut self, utterance: UtteranceId) {
        if let Some(under_way) = self.under_way.as_mut().filter(|under_way| under_way.utterance == utterance)
        {
            under_way.has_ended = true;
        }
    }

    /// Its words came, or never will.
    pub(crate) fn settled(&mut self, utterance: UtteranceId) {
        if self.under_way.take_if(|under_way| under_way.utterance == utterance).is_some() {
            self.push(&[]);
        }
    }

    /// All that was said to its end has its answer.
    pub(crate) fn answered(&mut self) {
        if let Some(UnderWay { utterance, has_ended: true, .. }) = self.under_way {
            self.settled(utterance);
        }
    }

    /// The utterance under way, if one is.
    pub(crate) fn under_way(&self) -> Option<UtteranceId> {
        self.under_way.as_ref().filter(|under_way| !under_way.has_ended).map(|under_way| under_way.utterance)
    }

    /// What a new ear is to do.
    pub(crate) fn replay(&mut self) -> Replay {
        let Some(under_way) = &mut self.under_way else { return Replay::Nothing };
        let UnderWay { utterance, has_ended, .. } = *under_way;
        if under_way.replays == MOST_REPLAYS {
            self.settled(utterance);
            return Replay::Poison(utterance);
        }
        under_way.replays += 1;
        Replay::Played { utterance, has_ended }
    }

    /// Plays the tape: what came before the onset, the onset, the rest.
    pub(crate) fn play(&self, utterance: UtteranceId, session: &mut dyn HearingSession) {
        let audio: Vec<u8> = self.audio.iter().copied().collect();
        let (before, rest) = audio.split_at(audio.len().min(BEFORE));
        session.audio(before);
        session.utterance_started(utterance);
        session.audio(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: UtteranceId = UtteranceId(1);

    #[test]
    fn between_utterances_half_a_second_is_kept_and_during_one_all_of_it() {
        let mut tape = EarTape::default();
        for _ in 0..100 {
            tape.push(&[0xFF; 160]);
        }
        assert_eq!(tape.audio.len(), BEFORE);
        tape.started(FIRST);
        for _ in 0..1_000 {
            tape.push(&[0x90; 160]);
        }
        assert_eq!(tape.audio.len(), MOST, "the last 15 s");
        tape.settled(FIRST);
        assert_eq!(tape.audio.len(), BEFORE);
        assert_eq!(tape.replay(), Replay::Nothing);
    }

    #[test]
    fn an_utterance_that_kills_two_ears_is_not_played_to_a_third() {
        let mut tape = EarTape::default();
        tape.started(FIRST);
        tape.ended(FIRST);
        assert_eq!(tape.replay(), Replay::Played { utterance: FIRST, has_ended: true });
        assert_eq!(tape.replay(), Replay::Poison(FIRST));
        assert_eq!(tape.replay(), Replay::Nothing);
    }
}
