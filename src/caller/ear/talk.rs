//! When the agent begins and ends an utterance, judged by what came out and not by what was sent.
//!
//! An agent in echo mode sends silence all day, and one that paces its frames sends the silence between two
//! sentences too. So quiet is heard, in windows of 20 ms, and two kinds of end are told apart: an empty
//! queue, which after one pause is the end, and a queue that holds only silence, which is trusted less and
//! needs two.

use moked_core::audio::{FRAME_SAMPLES, mulaw};

use super::log::{EarEvent, EarLogEntry};
use super::ms;
use crate::caller::voiced::is_audible;

const WINDOW: usize = FRAME_SAMPLES;

/// Whether any window of these µ-law bytes can be heard.
pub(super) fn any_audible(bytes: &[u8]) -> bool {
    bytes.chunks(WINDOW).any(|window| is_audible(&mulaw::decode(window)))
}

#[derive(Debug, Default)]
pub(super) struct Talk {
    judged: usize,
    /// End of the last audible window while the agent speaks, as a sample position.
    last_audible: Option<u64>,
    utterances: u32,
}

impl Talk {
    pub(super) fn is_on(&self) -> bool {
        self.last_audible.is_some()
    }

    pub(super) fn utterances(&self) -> u32 {
        self.utterances
    }

    pub(super) fn next_window_end(&self) -> u64 {
        (self.judged + WINDOW) as u64
    }

    /// Whether audio before this sample position waits for its window to be complete.
    pub(super) fn has_not_judged(&self, position: u64) -> bool {
        position > self.judged as u64
    }

    /// The sample position at which the utterance counts as finished if nothing more is heard.
    pub(super) fn finish_at(&self, pause: u64, idle_since: Option<u64>, audible_queued: bool) -> Option<u64> {
        let last_audible = self.last_audible?;
        match idle_since {
            Some(idle_since) => Some(idle_since.max(last_audible) + pause),
            None if audible_queued => None,
            None => Some(last_audible + 2 * pause),
        }
    }

    pub(super) fn listen(
        &mut self,
        heard: &[u8],
        pause: u64,
        idle_since: Option<u64>,
        audible_queued: bool,
        log: &mut Vec<EarLogEntry>,
    ) {
        while let Some(window) = heard.get(self.judged..self.judged + WINDOW) {
            if is_audible(&mulaw::decode(window)) {
                if self.last_audible.is_none() {
                    self.utterances += 1;
                    log.push(EarLogEntry { at_ms: ms(self.judged as u64), event: EarEvent::AgentBegan });
                }
                self.last_audible = Some((self.judged + WINDOW) as u64);
            }
            self.judged += WINDOW;
        }
        let Some(finish_at) = self.finish_at(pause, idle_since, audible_queued) else { return };
        if heard.len() as u64 >= finish_at
            && let Some(last_audible) = self.last_audible.take()
        {
            let last_audible_ms = ms(last_audible);
            log.push(EarLogEntry {
                at_ms: ms(heard.len() as u64),
                event: EarEvent::AgentFinished { last_audible_ms },
            });
        }
    }
}
