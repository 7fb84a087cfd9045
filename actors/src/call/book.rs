//! The book of a call: what must outlive any of its stages.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Instant;

use moked_core::conversation::{Conversation, Remark};
use moked_core::hints::RecognitionHints;
use moked_core::ids::{TurnId, UtteranceId};
use moked_core::pacing::Pacing;
use moked_core::playback::PlaybackLedger;
use moked_core::ports::{ChatSession, Served};
use moked_core::receptionist::Lead;
use moked_core::record::TurnLatencies;
use moked_core::turn::Turns;
use moked_core::vad::ReferenceMeter;

use super::latency::{EngineLatency, EngineRole, Piece, TurnLatency, enter, ms};

use super::{EarTape, Guesses, Kept};
use crate::messages::{LineOrder, Rewind, SayRest};

/// The book, shared by the stages of one call. Borrow it for one statement at a time.
pub(crate) type SharedBook = Rc<RefCell<CallBook>>;

/// Everything about a call that a stage's death must not take along.
#[derive(Debug, Default)]
pub(crate) struct CallBook {
    /// What was sent and heard.
    pub(crate) ledger: PlaybackLedger,
    /// What was said.
    pub(crate) conversation: Conversation,
    /// How loud the agent was of late.
    pub(crate) reference: ReferenceMeter,
    /// What the call brought so far.
    pub(crate) lead: Option<Lead>,
    /// How fast each turn was answered.
    pub(crate) timings: Vec<TurnTiming>,
    /// Who heard the newest utterance, until a turn answers it.
    pub(crate) heard_by: Option<EngineLatency>,
    /// Whether the ear is gone for good.
    pub(crate) ear_is_lost: bool,
    /// What the caller is expected to say, for an ear that is opened anew.
    pub(crate) hints: Option<RecognitionHints>,
    /// Failures of stages so far, in words.
    pub(crate) failures: Vec<String>,
    /// Set while the voice is silent until it is told what was not heard.
    pub(crate) hush: Option<Rewind>,
    /// What the turn under way says.
    pub(crate) saying: Saying,
    /// What was said while the mind thought, last.
    fillers: Fillers,
    /// Turn-taking as it stood at the dialog's last step.
    pub(crate) turns: Option<Turns>,
    /// The newest stretch of speech that the dialog knows of.
    pub(crate) utterance: UtteranceId,
    /// The mind of the call.
    pub(crate) mind: Kept<dyn ChatSession>,
    /// Answers begun on a guess.
    pub(crate) guesses: Guesses,
    /// The turn over which the dialog failed last.
    pub(crate) dialog_failed_in: Option<TurnId>,
    /// Audio on its way to the line.
    pub(crate) pacing: PacingKept,
    /// What the ear has heard of late.
    pub(crate) tape: EarTape,
}

/// The pacer's clock and what the line would not take. Out of the book while it works: a clock that panics is
/// gone, and the next life begins with another, from the ledger.
#[derive(Debug, Default)]
pub(crate) struct PacingKept {
    pub(crate) machine: Option<Pacing>,
    /// What the socket's full mailbox gave back.
    pub(crate) held: VecDeque<LineOrder>,
    /// Whether a life was begun before.
    pub(crate) has_begun: bool,
}

/// The sentences of a turn.
#[derive(Debug, Default)]
pub(crate) struct Saying {
    pub(crate) turn: TurnId,
    /// Those handed to the voice, in order, in step with the ledger's.
    pub(crate) sentences: Vec<String>,
    /// Whether no more will come.
    pub(crate) is_complete: bool,
}

/// The first sentences of a turn that are no part of its answer.
#[derive(Debug, Default, Clone, Copy)]
struct Fillers {
    turn: TurnId,
    /// How many of the ledger's, and of the turn's own, they are.
    sentences: usize,
}

impl Saying {
    /// Enters a sentence.
    pub(crate) fn add(&mut self, turn: TurnId, sentence: String) {
        if turn != self.turn {
            *self = Self { turn, ..Self::default() };
        }
        self.sentences.push(sentence);
    }

    /// No more sentences of this turn.
    pub(crate) fn complete(&mut self, turn: TurnId) {
        if turn != self.turn {
            *self = Self { turn, ..Self::default() };
        }
        self.is_complete = true;
    }
}

/// When things happened in one turn.
#[derive(Debug, Clone)]
pub(crate) struct TurnTiming {
    /// The turn.
    pub(crate) turn: TurnId,
    /// The caller's last voiced frame, if he spoke.
    pub(crate) speech_ended: Option<Instant>,
    /// The words reached the dialog.
    pub(crate) heard: Instant,
    /// The first sentence went to the voice.
    pub(crate) first_words: Option<Instant>,
    /// Who did it, and how fast.
    pub(crate) engines: Vec<EngineLatency>,
}

impl CallBook {
    /// How long the caller has waited for this turn, in ms: from the end of his speech, if he spoke.
    pub(crate) fn waited_ms(&self, turn: TurnId, now: Instant) -> Option<u64> {
        let timing = self.timings.iter().rev().find(|timing| timing.turn == turn)?;
        let begin = timing.speech_ended.unwrap_or(timing.heard);
        Some(now.saturating_duration_since(begin).as_millis() as u64)
    }

    /// Enters that an engine gave a piece of its work for this turn.
    pub(crate) fn served(
        &mut self,
        turn: TurnId,
        role: EngineRole,
        served: &Served,
        piece: Piece,
        now: Instant,
    ) {
        if let Some(timing) = self.timings.iter_mut().rev().find(|timing| timing.turn == turn) {
            enter(&mut timing.engines, role, served, piece, now);
        }
    }

    /// Enters a filler that is handed to the voice, before the turn's answer.
    pub(crate) fn fill(&mut self, turn: TurnId, text: String) {
        self.saying.add(turn, text);
        let before = self.fillers_of(turn);
        self.fillers = Fillers { turn, sentences: before + 1 };
    }

    fn fillers_of(&self, turn: TurnId) -> usize {
        if self.fillers.turn == turn { self.fillers.sentences } else { 0 }
    }

    /// What was heard of a turn's answer.
    pub(crate) fn heard_answer(&self, turn: TurnId, now: Instant) -> String {
        self.ledger.heard_text_after(turn, self.fillers_of(turn), now)
    }

    /// The sentences of a turn's answer so far, if it is the turn under way.
    pub(crate) fn answer(&self, turn: TurnId) -> &[String] {
        let sentences = if self.saying.turn == turn { self.saying.sentences.as_slice() } else { &[] };
        sentences.get(self.fillers_of(turn)..).unwrap_or_default()
    }

    /// Whether nothing but fillers came of a turn.
    pub(crate) fn is_filler_only(&self, turn: TurnId) -> bool {
        self.fillers_of(turn) > 0 && self.saying.turn == turn && self.answer(turn).is_empty()
    }

    /// Goes back to where the ear was at a time. Gives whether the carrier holds audio, and what was not heard.
    pub(crate) fn rewind(&mut self, to: Instant, now: Instant) -> (bool, SayRest) {
        let unplayed = self.ledger.has_unplayed(now);
        let turn = self.saying.turn;
        let unheard = self.ledger.rewind(turn, to);
        let fillers = self.fillers_of(turn);
        let sentences = std::mem::take(&mut self.saying.sentences);
        let (heard, rest, said) = unheard.split_behind(fillers, sentences);
        if fillers > 0 {
            self.fillers.sentences = said;
        }
        self.saying.sentences = heard.into_iter().chain(rest.iter().cloned()).collect();
        (unplayed, SayRest { turn, sentences: rest, is_complete: self.saying.is_complete })
    }

    /// The line was dead since then: what was entered as heard after it is dropped. Gives the turns that were cut later,
    /// with what was heard of them.
    pub(crate) fn drop_heard_after(&mut self, since: Instant) -> Vec<(TurnId, String)> {
        let turns = self.conversation.remarks().iter().filter_map(|remark| match remark {
            Remark::Agent { turn, .. } => Some(*turn),
            Remark::Caller { .. } => None,
        });
        let heard = turns.map(|turn| (turn, self.heard_answer(turn, since))).collect::<Vec<_>>();
        let mut is_news = |turn: TurnId, heard: &str| self.conversation.agent_was_heard_less(turn, heard);
        heard.into_iter().filter(|(turn, heard)| is_news(*turn, heard)).collect()
    }

    /// Enters what was heard of a turn that the end of the call cut off.
    pub(crate) fn close(&mut self, now: Instant) {
        let Some((turn, is_heard)) = self.ledger.newest(now) else { return };
        let is_entered = self.conversation.remarks().iter().any(|remark| match remark {
            Remark::Agent { turn: entered, .. } => *entered == turn,
            Remark::Caller { .. } => false,
        });
        if !is_entered {
            self.conversation.agent_was_heard(turn, self.heard_answer(turn, now), !is_heard);
        }
    }

    /// Latencies of one turn, for the record.
    pub(crate) fn latencies_of(&self, turn: TurnId) -> TurnLatencies {
        let Some(timing) = self.timings.iter().rev().find(|timing| timing.turn == turn) else {
            return TurnLatencies::default();
        };
        let latency = timing.latency(self.ledger.first_frame(turn));
        TurnLatencies {
            words_ms: timing.speech_ended.map(|_| latency.words_ms),
            answer_ms: latency.answer_ms,
            first_frame_ms: latency.first_frame_ms,
        }
    }

    /// Latencies of all turns so far.
    pub(crate) fn latencies(&self) -> Vec<TurnLatency> {
        self.timings.iter().map(|timing| timing.latency(self.ledger.first_frame(timing.turn))).collect()
    }
}

impl TurnTiming {
    fn latency(&self, first_frame: Option<Instant>) -> TurnLatency {
        let begin = self.speech_ended.unwrap_or(self.heard);
        let since = |at: Instant| ms(begin, at);
        TurnLatency {
            turn: self.turn,
            words_ms: since(self.heard),
            answer_ms: self.first_words.map(since),
            first_frame_ms: first_frame.map(since),
            engines: self.engines.clone(),
        }
    }
}
