//! The ear of a one-hop call: it hands the caller's speech on instead of recognising it.

use std::rc::Rc;

use bytes::{Bytes, BytesMut};
use moked_core::audio::BYTES_PER_MS;
use moked_core::hints::RecognitionHints;
use moked_core::ids::UtteranceId;
use moked_core::ports::HearingSession;

use crate::call::Links;
use crate::messages::{CallerSpeech, CallerSpoke, Spoken};

/// Audio kept from before an onset is told, in bytes: 500 ms, within which the port says the onset lies.
const BEFORE: usize = 500 * BYTES_PER_MS;

/// Hands on utterances, and the half second before each.
pub(crate) struct OneHopEar {
    links: Rc<Links>,
    under_way: Option<UtteranceId>,
    before: BytesMut,
}

impl OneHopEar {
    /// An ear that joins an utterance under way, if one is.
    pub(crate) fn new(links: Rc<Links>, under_way: Option<UtteranceId>) -> Self {
        Self { links, under_way, before: BytesMut::with_capacity(2 * BEFORE) }
    }

    fn hand_on(&self, utterance: UtteranceId, mulaw: Bytes) {
        self.links.one_hop.tell(CallerSpeech { utterance, mulaw });
    }
}

impl HearingSession for OneHopEar {
    fn audio(&mut self, mulaw: &[u8]) {
        match self.under_way {
            Some(utterance) => self.hand_on(utterance, Bytes::copy_from_slice(mulaw)),
            None => {
                self.before.extend_from_slice(mulaw);
                let excess = self.before.len().saturating_sub(BEFORE);
                drop(self.before.split_to(excess));
            }
        }
    }

    /// Nothing: the engine knows what it asked.
    fn expect(&mut self, _: &RecognitionHints) {}

    fn utterance_started(&mut self, utterance: UtteranceId) {
        self.under_way = Some(utterance);
        let before = self.before.split().freeze();
        self.hand_on(utterance, before);
    }

    fn utterance_ended(&mut self, utterance: UtteranceId) {
        self.under_way = None;
        self.links.one_hop.tell(CallerSpoke { utterance });
        self.links.dialog.tell(Spoken { utterance });
    }
}
