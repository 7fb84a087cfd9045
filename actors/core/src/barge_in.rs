//! The caller speaks while the agent does. Is it an interruption? Duck, decide, then stop or resume.
//!
//! At the first loud sound the agent is ducked, which costs nothing if it was a cough. What happens next is decided by
//! the first evidence that suffices, and [`BargeInSettings::decide`] after the onset with what is known then:
//!
//! | evidence | verdict |
//! |---|---|
//! | a stop word, or any word that is no sign of listening | stop, at once |
//! | a sign of listening ("mhm", "כן כן") | resume; stop, if the agent has just put a question: it is the answer |
//! | no words yet, but a steady voice about as loud as this caller | be silent, and let the words decide |
//! | silent, and a sign of listening, or no words after all | resume, from the word that was cut |
//! | silent, and the voice goes on longer than a sign of listening, or its words do not come | stop |
//! | no words, and it was short, or fell off as a cough does, or is far weaker than this caller | resume |
//! | the agent's own words, or words of a voice far weaker than this caller | resume |
//!
//! Words may come half a second after they were said, and what they amount to is worth the wait: who said "mhm" hears the
//! agent go on, and who meant it has had silence since the verdict. Where no words come in time (an engine that
//! hears, thinks and speaks in one) a steady voice stops the agent.
//!
//! There is no least number of words: "לא" and "רגע" are whole interruptions. Until the verdict is "stop" the
//! rest of the call does not know of the utterance: it is withheld here. If its words come late and do say
//! something, it is released then, and nothing is lost. A stop cannot be taken back.

mod input;
mod level;
mod question;
mod suspicion;
mod verdict;
mod view;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::cues::{Cues, Remark};
use crate::ids::UtteranceId;
use crate::vad::Sound;
pub use input::{Agent, BargeAction, BargeInput};
use level::{UsualLevel, VoiceSoFar};
pub use question::{last_sentence, question_was_put};
use suspicion::Suspicion;
use verdict::{LONGEST_HUSH, LONGEST_SILENCE};
pub use view::{BargeInFact, BargeInView, StopReason};

/// Settings of barge-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BargeInSettings {
    /// How long after the onset the agent is silent or at full level at the latest. More lets the caller talk against
    /// the agent as long.
    pub decide: Duration,
    /// Beginning of each turn of the agent in which only words stop it: the line's echo is not learned yet, and
    /// people finish breathing out.
    pub protect: Duration,
    /// Whether the greeting can be interrupted. A notice that the law wants heard must not be; then not even a
    /// stop word ends it, only a key.
    pub greeting: bool,
}

impl Default for BargeInSettings {
    fn default() -> Self {
        Self { decide: Duration::from_millis(300), protect: Duration::from_millis(500), greeting: true }
    }
}

/// How long speech has lasted when the voice gate tells its onset: three frames (see [`crate::vad`]).
const ONSET_TOLD_AFTER: Duration = Duration::from_millis(60);

/// How long a sound has lasted when it is suspected: two frames.
const SUSPECTED_AFTER: Duration = Duration::from_millis(40);

/// Withheld utterances whose words are awaited. More is a noisy room; the oldest is then given up.
const MOST_WITHHELD: usize = 8;

/// Voice that goes on so long without words, at a recogniser that tells none, is a person after all, in ms.
const LONG_VOICE_MS: u32 = 1_000;

/// The same where no words come in time: what is longer was no sign of listening, though it paused for breath.
const WORDLESS_VOICE_MS: u32 = 500;

#[derive(Debug, Clone, Copy)]
struct Withheld {
    utterance: UtteranceId,
    speech_ended: Option<Instant>,
    remark: Remark,
    /// Why its words stop the agent, if the voice is near enough to be the caller's.
    says: Option<StopReason>,
    /// It is over, and its words are not to be answered: too weak for the caller, or over a turn that had to be
    /// heard.
    is_nobodys: bool,
}

/// The voice over the agent that is being judged.
#[derive(Debug, Clone, Copy)]
struct Over {
    utterance: UtteranceId,
    began: Instant,
    /// Since when the agent speaks in the turn that he speaks over: which turn that is.
    since: Instant,
    voice: VoiceSoFar,
    /// Until when it must be decided, while the agent is ducked or silent.
    decide_at: Option<Instant>,
    interruptible: bool,
    /// Since when the agent is silent and waits for words.
    hushed: Option<Instant>,
}

/// Barge-in of one call.
#[derive(Debug, Clone)]
pub struct BargeIn {
    settings: BargeInSettings,
    cues: Arc<Cues>,
    withheld: VecDeque<Withheld>,
    over: Option<Over>,
    usual: UsualLevel,
    suspicion: Suspicion,
    /// Whether the recogniser was ever seen to tell words before an utterance was over.
    tells_words: bool,
    actions: VecDeque<BargeAction>,
    ducks: u32,
    hushes: u32,
    resumes: u32,
    stops: u32,
}

impl BargeIn {
    /// Nobody has spoken yet.
    pub fn new(settings: BargeInSettings, cues: Arc<Cues>) -> Self {
        Self {
            settings,
            cues,
            withheld: VecDeque::new(),
            over: None,
            usual: UsualLevel::default(),
            suspicion: Suspicion::default(),
            tells_words: false,
            actions: VecDeque::new(),
            ducks: 0,
            hushes: 0,
            resumes: 0,
            stops: 0,
        }
    }

    /// Takes a fact.
    pub fn handle(&mut self, input: BargeInput<'_>, agent: Agent, now: Instant) {
        match input {
            BargeInput::Onset { utterance } => self.onset(utterance, agent, now),
            BargeInput::Frame { sound, level_dbfs } => {
                self.suspect(sound, level_dbfs, agent, now);
                self.frame(sound == Sound::Voice, level_dbfs, agent, now);
            }
            BargeInput::Words { utterance, said, agent_says, asked } => {
                if let Some(reason) = self.words(utterance, said, agent_says, asked) {
                    self.release(reason, agent, now);
                } else {
                    self.words_say_nothing(utterance, now);
                }
            }
            BargeInput::Ended { utterance, speech_ended } => self.ended(utterance, speech_ended),
            BargeInput::Settled { utterance } => {
                if self.over.is_some_and(|over| over.hushed.is_some() && over.utterance == utterance) {
                    self.resume(now);
                }
                self.withheld.retain(|withheld| withheld.utterance != utterance);
            }
        }
    }

    /// The next order.
    pub fn next_action(&mut self) -> Option<BargeAction> {
        self.actions.pop_front()
    }

    /// When a verdict is due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let verdict = self.over.and_then(|over| over.decide_at);
        verdict.into_iter().chain(self.suspicion.until()).min()
    }

    /// An engine that tells no words in time knows that the utterance under way answers a question.
    pub fn answered(&mut self, agent: Agent, now: Instant) {
        self.release(StopReason::Answer, agent, now);
    }

    /// Whether the dialog must not know of this utterance yet.
    pub fn withholds(&self, utterance: UtteranceId) -> bool {
        self.withheld.iter().any(|withheld| withheld.utterance == utterance)
    }

    /// State for the admin page.
    pub fn observe(&self) -> BargeInView {
        BargeInView {
            is_ducked: self.poll_timeout().is_some(),
            withheld: self.withheld.len(),
            usual_level_dbfs: self.usual.dbfs(),
            ducks: self.ducks,
            hushes: self.hushes,
            resumes: self.resumes,
            stops: self.stops,
        }
    }

    fn onset(&mut self, utterance: UtteranceId, agent: Agent, now: Instant) {
        // He who speaks on after a breath still has the silence, of the same turn.
        let is_of_turn = |since: Instant| matches!(agent, Agent::Speaking { since: of, .. } if of == since);
        let hushed = self.over.filter(|over| is_of_turn(over.since)).and_then(|over| over.hushed);
        if hushed.is_none() {
            self.resume(now);
        }
        self.over = None;
        let Agent::Speaking { since, interruptible, .. } = agent else { return };
        let began = now.checked_sub(ONSET_TOLD_AFTER).unwrap_or(now);
        if self.withheld.len() == MOST_WITHHELD {
            self.withheld.pop_front();
        }
        self.withheld.push_back(Withheld {
            utterance,
            speech_ended: None,
            remark: Remark::Nothing,
            says: None,
            is_nobodys: false,
        });
        let decide_at = match hushed {
            Some(first) => Some((now + LONGEST_HUSH).min(first + LONGEST_SILENCE)),
            None => interruptible.then(|| (began + self.settings.decide).max(now)),
        };
        let voice = VoiceSoFar::default();
        self.over = Some(Over { utterance, began, since, voice, decide_at, interruptible, hushed });
        let is_ducked = self.suspicion.confirm();
        if hushed.is_some() {
            return;
        }
        if is_ducked && !interruptible {
            self.actions.push_back(BargeAction::Resume);
        }
        if interruptible {
            self.ducks += 1;
            if !is_ducked {
                self.actions.push_back(BargeAction::Duck { onset: began });
            }
            self.actions.push_back(BargeAction::Tell(BargeInFact::Ducked { utterance }));
        }
    }

    /// Ducks the agent at a sound that may become speech.
    fn suspect(&mut self, sound: Sound, level_dbfs: f32, agent: Agent, now: Instant) {
        let rises = self.suspicion.frame(sound, level_dbfs, self.usual.dbfs(), now);
        let speaks_on = self.newest().is_some_and(|newest| newest.speech_ended.is_none());
        let is_ducked = self.over.is_some_and(|over| over.decide_at.is_some());
        if rises && !speaks_on && !is_ducked && matches!(agent, Agent::Speaking { interruptible: true, .. }) {
            self.suspicion.begin(now);
            let onset = now.checked_sub(SUSPECTED_AFTER).unwrap_or(now);
            self.actions.push_back(BargeAction::Duck { onset });
        }
    }

    fn frame(&mut self, voiced: bool, level_dbfs: f32, agent: Agent, now: Instant) {
        let Some(over) = &mut self.over else {
            if voiced && agent == Agent::Quiet {
                self.usual.learn(level_dbfs);
            }
            return;
        };
        over.voice.frame(voiced, level_dbfs);
        let over = *over;
        let is_over = self.newest().is_none_or(|newest| newest.speech_ended.is_some());
        if is_over {
            return;
        }
        let (is_quiet, remark) = (agent == Agent::Quiet, self.remark());
        let is_wordless = matches!(agent, Agent::Speaking { awaits_words: false, .. });
        let long = if is_wordless { WORDLESS_VOICE_MS } else { LONG_VOICE_MS };
        let may_go_by_voice = is_wordless || !self.tells_words;
        if let Some(reason) = self.newest().and_then(|newest| newest.says).filter(|_| self.counts(&over)) {
            // His first word came before its loud vowel.
            self.release(reason, agent, now);
        } else if is_quiet && voiced && remark != Remark::Backchannel && remark != Remark::Hesitation {
            // The agent has finished and he goes on: it is his turn.
            self.release(StopReason::AgentDone, agent, now);
        } else if over.interruptible
            && (over.hushed.is_some() || over.decide_at.is_none() && may_go_by_voice)
            && remark == Remark::Nothing
            && over.voice.voiced_ms() >= long
            && !self.usual.is_far(&over.voice)
            && self.protected_until(agent, over.began).is_none_or(|until| until <= now)
        {
            self.release(StopReason::Voice, agent, now);
        }
    }

    fn ended(&mut self, utterance: UtteranceId, speech_ended: Instant) {
        if let Some(withheld) = self.withheld.iter_mut().find(|withheld| withheld.utterance == utterance) {
            withheld.speech_ended = Some(speech_ended);
            let over = self.over.filter(|over| over.utterance == utterance);
            withheld.is_nobodys =
                over.is_some_and(|over| !over.interruptible || self.usual.is_far(&over.voice));
        }
    }

    /// Everything withheld has the floor, in order: what he said before belongs to what he says now.
    fn release(&mut self, reason: StopReason, agent: Agent, now: Instant) {
        let Some(newest) = self.newest() else { return };
        let is_suspected = self.suspicion.confirm();
        if !matches!(agent, Agent::Speaking { interruptible: true, .. }) {
            // Nothing is stopped that would take the ducking along.
            self.resume(now);
            if is_suspected {
                self.actions.push_back(BargeAction::Resume);
            }
        }
        let over = self.over.take();
        let began = over.map_or(now, |over| over.began);
        let gave_way = over.and_then(|over| over.hushed).unwrap_or(now);
        self.stops += 1;
        let after = now.saturating_duration_since(began);
        let utterance = newest.utterance;
        self.actions.push_back(BargeAction::Tell(BargeInFact::Stopped { utterance, reason, after }));
        for Withheld { utterance, speech_ended, .. } in self.withheld.drain(..) {
            self.actions.push_back(BargeAction::Release { utterance, gave_way, speech_ended });
        }
    }

    fn resume(&mut self, now: Instant) {
        let Some(over) = self.over.as_mut() else { return };
        over.hushed = None;
        if over.decide_at.take().is_some() {
            let after = now.saturating_duration_since(over.began);
            let utterance = over.utterance;
            self.resumes += 1;
            self.actions.push_back(BargeAction::Resume);
            let remark = self.remark();
            self.actions.push_back(BargeAction::Tell(BargeInFact::Resumed { utterance, remark, after }));
        }
    }

    fn newest(&self) -> Option<Withheld> {
        self.withheld.back().copied()
    }

    fn remark(&self) -> Remark {
        self.newest().map_or(Remark::Nothing, |newest| newest.remark)
    }
}

#[cfg(test)]
#[path = "barge_in_test.rs"]
mod tests;
