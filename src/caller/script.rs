//! What the caller does and when: one act after the other, each when the agent has finished.
//!
//! A person on the phone waits until the other one stops, then speaks; one in a hurry interrupts. Both are
//! acts here. The machine knows nothing of audio: it is told when the agent begins and finishes and when the
//! caller's own act is over, and it gives orders.

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// One thing that the caller does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Says a text in the caller's voice.
    Say {
        /// What is said.
        text: String,
    },
    /// Plays a recording.
    Play {
        /// A WAV file.
        wav: PathBuf,
    },
    /// Presses keys.
    Keys {
        /// Digits, `*` and `#`.
        digits: String,
    },
    /// Speaks while the agent speaks.
    BargeIn {
        /// Which utterance of the agent is interrupted; the greeting is 1.
        utterance: u32,
        /// How far into it, in milliseconds from its first audible frame.
        at_ms: u64,
        /// What is said.
        text: String,
    },
}

/// How patient the caller is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Manners {
    /// How long the caller waits for the agent to begin before acting (or hanging up) all the same.
    pub patience: Duration,
}

impl Default for Manners {
    /// Ten seconds: longer than any model's first word, shorter than a person's temper.
    fn default() -> Self {
        Self { patience: Duration::from_secs(10) }
    }
}

/// What the script is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cue {
    /// The agent became audible.
    AgentBegan,
    /// The agent has been quiet long enough to be done.
    AgentFinished,
    /// The act ordered last is over.
    ActDone,
}

/// What the script orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Do this now.
    Perform(Act),
    /// The caller is through and hangs up.
    HangUp,
}

/// Why the script wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScriptWake {
    /// The caller waited long enough for the agent to say something.
    PatienceEnds,
    /// The moment to interrupt.
    BargeIn,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The caller listens since then; `answered` once the agent began something new.
    Listening { since: Instant, answered: bool },
    /// The caller acts; `answered` when the agent began meanwhile.
    Acting { answered: bool },
    /// The caller has hung up.
    Over,
}

/// The machine; see the module.
#[derive(Debug)]
pub struct CallerScript {
    acts: VecDeque<Act>,
    manners: Manners,
    phase: Phase,
    agent_since: Option<Instant>,
    utterance: u32,
    orders: VecDeque<Order>,
}

impl CallerScript {
    /// A script for a stream that starts `now`. Without acts the caller listens to one utterance and hangs up.
    pub fn new(acts: impl IntoIterator<Item = Act>, manners: Manners, now: Instant) -> Self {
        Self {
            acts: acts.into_iter().collect(),
            manners,
            phase: Phase::Listening { since: now, answered: false },
            agent_since: None,
            utterance: 0,
            orders: VecDeque::new(),
        }
    }

    /// Takes a cue.
    pub fn handle(&mut self, cue: Cue, now: Instant) {
        match (cue, self.phase) {
            (_, Phase::Over) => {}
            (Cue::AgentBegan, Phase::Listening { since, .. }) => {
                self.agent_began(now);
                self.phase = Phase::Listening { since, answered: true };
            }
            (Cue::AgentBegan, Phase::Acting { .. }) => {
                self.agent_began(now);
                self.phase = Phase::Acting { answered: true };
            }
            (Cue::AgentFinished, Phase::Listening { answered, .. }) => {
                self.agent_since = None;
                if answered {
                    self.go_on();
                } else {
                    self.phase = Phase::Listening { since: now, answered };
                }
            }
            // What the agent said while the caller spoke ("mhm", or the rest of an interrupted sentence) is
            // no answer to it.
            (Cue::AgentFinished, Phase::Acting { .. }) => {
                self.agent_since = None;
                self.phase = Phase::Acting { answered: false };
            }
            (Cue::ActDone, Phase::Acting { answered }) => {
                self.phase = Phase::Listening { since: now, answered };
            }
            (Cue::ActDone, Phase::Listening { .. }) => {}
        }
    }

    /// Acts if it is time to.
    pub fn handle_timeout(&mut self, now: Instant) {
        if let Some((at, _)) = self.poll_timeout()
            && now >= at
        {
            self.go_on();
        }
    }

    /// When to call [`Self::handle_timeout`] and why.
    pub fn poll_timeout(&self) -> Option<(Instant, ScriptWake)> {
        let Phase::Listening { since, .. } = self.phase else { return None };
        match (self.acts.front(), self.agent_since) {
            (Some(Act::BargeIn { utterance, at_ms, .. }), Some(agent_since))
                if self.utterance >= *utterance =>
            {
                Some((agent_since + Duration::from_millis(*at_ms), ScriptWake::BargeIn))
            }
            (_, Some(_)) => None,
            (_, None) => Some((since + self.manners.patience, ScriptWake::PatienceEnds)),
        }
    }

    /// The next order.
    pub fn next_action(&mut self) -> Option<Order> {
        self.orders.pop_front()
    }

    /// How many acts are still to come.
    pub fn observe(&self) -> usize {
        self.acts.len()
    }

    fn agent_began(&mut self, now: Instant) {
        self.agent_since = Some(now);
        self.utterance += 1;
    }

    fn go_on(&mut self) {
        match self.acts.pop_front() {
            Some(act) => {
                self.phase = Phase::Acting { answered: false };
                self.orders.push_back(Order::Perform(act));
            }
            None => {
                self.phase = Phase::Over;
                self.orders.push_back(Order::HangUp);
            }
        }
    }
}

#[cfg(test)]
mod tests;
