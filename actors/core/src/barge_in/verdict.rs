//! The verdict: is the voice over the agent an interruption?
//!
//! Words are judged as they come; what has none by the time the verdict is due is judged by the voice.

use std::time::{Duration, Instant};

use super::{Agent, BargeAction, BargeIn, BargeInFact, ONSET_TOLD_AFTER, Over, StopReason};
use crate::audio::FRAME_MS;
use crate::cues::{Remark, is_echo};
use crate::ids::UtteranceId;

/// How long the agent is silent for words that do not come. A recogniser takes up to a second after their end.
pub(super) const LONGEST_HUSH: Duration = Duration::from_secs(2);

/// How long it is silent at all, however often he draws breath; the pacer speaks on after five seconds.
pub(super) const LONGEST_SILENCE: Duration = Duration::from_secs(4);

impl BargeIn {
    /// Gives the verdict that is due, with what is known.
    pub fn handle_timeout(&mut self, agent: Agent, now: Instant) {
        if self.suspicion.expire(now) {
            self.actions.push_back(BargeAction::Resume);
        }
        let Some(over) = self.over.filter(|over| over.decide_at.is_some_and(|due| due <= now)) else {
            return;
        };
        if !self.withholds(over.utterance) {
            // It has its words already, or will have none: nothing is left to be decided.
            return self.resume(now);
        }
        if over.hushed.is_some() {
            // A turn that began meanwhile is another than the one he spoke over.
            let is_its = matches!(agent, Agent::Speaking { since, .. } if since == over.since);
            let is_nobodys = self.newest().is_some_and(|newest| newest.is_nobodys);
            let stops = is_its && !is_nobodys && self.counts(&over);
            return if stops { self.release(StopReason::Voice, agent, now) } else { self.resume(now) };
        }
        let awaits_words = match agent {
            // Nothing is left to be ducked, and what he says is judged as any words are.
            Agent::Quiet => return self.resume(now),
            Agent::Speaking { awaits_words, .. } => awaits_words,
        };
        if !self.is_interruption_by_voice(&over) {
            return self.resume(now);
        }
        match self.protected_until(agent, over.began).filter(|until| now < *until) {
            // At the end of the protected time a voice that is still steady counts.
            Some(until) => self.over = Some(Over { decide_at: Some(until), ..over }),
            None if awaits_words => self.hush(over, now),
            None => self.release(StopReason::Voice, agent, now),
        }
    }

    /// Why these words stop the agent, if they do.
    pub(super) fn words(
        &mut self,
        utterance: UtteranceId,
        said: &str,
        agent_says: &str,
        asked: bool,
    ) -> Option<StopReason> {
        let remark = self.cues.judge(said);
        let Some(withheld) = self.withheld.iter_mut().find(|withheld| withheld.utterance == utterance) else {
            self.tells_words |= remark != Remark::Nothing;
            return None;
        };
        withheld.remark = remark;
        self.tells_words |= remark != Remark::Nothing && withheld.speech_ended.is_none();
        withheld.says = match remark {
            Remark::Nothing | Remark::Hesitation => None,
            Remark::Stop => Some(StopReason::StopWord),
            Remark::Backchannel => asked.then_some(StopReason::Answer),
            Remark::Words => (!is_echo(said, agent_says)).then_some(StopReason::Words),
        };
        let (says, is_nobodys) = (withheld.says, withheld.is_nobodys);
        let over = self.over.filter(|over| over.utterance == utterance);
        says.filter(|_| !is_nobodys && over.is_none_or(|over| self.counts(&over)))
    }

    /// Whether this voice may stop the agent with what it says.
    pub(super) fn counts(&self, over: &Over) -> bool {
        over.interruptible && !self.usual.is_far(&over.voice)
    }

    /// The agent is silent for words that turn out to be none: it goes on. A hesitation is no word yet.
    pub(super) fn words_say_nothing(&mut self, utterance: UtteranceId, now: Instant) {
        let is_heard = matches!(self.remark(), Remark::Backchannel | Remark::Stop | Remark::Words);
        if is_heard && self.over.is_some_and(|over| over.hushed.is_some() && over.utterance == utterance) {
            self.resume(now);
        }
    }

    /// The verdict is "he speaks": silence, until his words are known.
    fn hush(&mut self, over: Over, now: Instant) {
        self.over = Some(Over { decide_at: Some(now + LONGEST_HUSH), hushed: Some(now), ..over });
        self.hushes += 1;
        self.actions.push_back(BargeAction::Hush);
        let after = now.saturating_duration_since(over.began);
        self.actions.push_back(BargeAction::Tell(BargeInFact::Hushed { utterance: over.utterance, after }));
    }

    fn is_interruption_by_voice(&self, over: &Over) -> bool {
        let needed = self.settings.decide.as_millis() as u32 * 4 / 5 - ONSET_TOLD_AFTER.as_millis() as u32;
        let is_steady = over.voice.is_steady() && over.voice.voiced_ms() + FRAME_MS >= needed;
        self.remark() == Remark::Nothing && is_steady && !self.usual.is_far(&over.voice)
    }

    /// A turn that began over a voice is not protected from it: he was not done.
    pub(super) fn protected_until(&self, agent: Agent, began: Instant) -> Option<Instant> {
        match agent {
            Agent::Speaking { since, .. } if since <= began => Some(since + self.settings.protect),
            Agent::Speaking { .. } | Agent::Quiet => None,
        }
    }
}
