//! Fillers: what is said while the mind thinks.
//!
//! A person who has to look something up says so; a line that stays silent for a second and a half gets a "hello?".
//! So a wait of some length gets one short remark, and a very long one another, different one. A filler is no
//! answer: the state stays THINKING, an interruption of it interrupts nothing, and it does not enter the
//! conversation, lest a language model learn to begin every answer so.
//!
//! Once words of the answer have come no filler begins: they would follow it within the same breath.

use std::time::{Duration, Instant};

use super::{PLAYBACK_PER_CHAR, TurnAction, TurnState, TurnTimer, Turns};
use crate::asides::Wait;
use crate::ports::CallerSaid;

/// The longest filler, as audio may take to be spoken: 50 characters.
const LONGEST: Duration = Duration::from_millis(50 * PLAYBACK_PER_CHAR.as_millis() as u64);

/// A filler as it usually is: 20 characters.
const USUAL: Duration = Duration::from_millis(1_300);

/// Settings of fillers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FillingSettings {
    /// Thinking after which the first is said; `None` for none at all.
    pub after: Option<Duration>,
    /// Thinking after which another is said; `None` for no other.
    pub again: Option<Duration>,
}

impl Default for FillingSettings {
    fn default() -> Self {
        Self { after: Some(Duration::from_millis(800)), again: Some(Duration::from_secs(6)) }
    }
}

/// The fillers of one call.
#[derive(Debug, Clone, Default)]
pub(super) struct Filling {
    /// When the wait began, if it is one.
    since: Option<Instant>,
    /// Said in this wait.
    said: u32,
    /// Number of the next, over the whole call.
    next: u32,
    /// When the last of this wait has been heard, as far as can be told.
    until: Option<Instant>,
}

impl Turns {
    /// A wait begins, if the caller wants an answer. A one-hop engine speaks by itself.
    pub(super) fn begin_wait(&mut self, said: &CallerSaid, now: Instant) {
        self.filling.since = said.is_remark().then_some(now);
        self.put_off_filler(now);
    }

    /// Another turn begins.
    pub(super) fn end_wait(&mut self) {
        self.filling = Filling { next: self.filling.next, ..Filling::default() };
    }

    /// Words of the answer came, not yet a sentence: the rest of it is due at once, so the silence counts anew.
    pub(super) fn put_off_filler(&mut self, now: Instant) {
        let FillingSettings { after: Some(after), again } = self.settings.filling else { return };
        let Some(since) = self.filling.since.filter(|_| self.state == TurnState::Thinking) else { return };
        match (self.filling.said, again) {
            (0, _) => self.timers.set(TurnTimer::Filler, now + after),
            (1, Some(again)) => self.timers.set(TurnTimer::Filler, (since + again).max(now + after)),
            (_, _) => {}
        }
    }

    /// The caller has waited in silence.
    pub(super) fn fill(&mut self, now: Instant) {
        let Some(since) = self.filling.since.filter(|_| self.state == TurnState::Thinking) else { return };
        // While the line is down nobody waits in silence, nor would he hear it.
        if !self.is_line_down {
            let wait = if self.filling.said == 0 { Wait::Short } else { Wait::Long };
            let (turn, number) = (self.turn, self.filling.next);
            self.filling.said += 1;
            self.filling.next = number.wrapping_add(1);
            self.filling.until = Some(now + USUAL);
            self.longest += LONGEST;
            self.actions.push_back(TurnAction::Fill { turn, wait, number });
        }
        if let (1, Some(again)) = (self.filling.said, self.settings.filling.again) {
            // Never right behind the first, however the settings are.
            self.timers.set(TurnTimer::Filler, (since + again).max(now + LONGEST / 2));
        }
    }

    /// Whether something was said in this wait.
    pub(super) fn has_filled(&self) -> bool {
        self.filling.said > 0
    }

    /// When an answer that is given to the voice now will begin to be heard: behind a filler.
    pub(super) fn heard_from(&self, now: Instant) -> Instant {
        self.filling.until.map_or(now, |until| until.max(now))
    }
}

#[cfg(test)]
#[path = "filling_test.rs"]
mod tests;
