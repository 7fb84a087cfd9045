//! Sends the agent's audio as 20 ms frames, a bounded lead ahead of the caller's ear.
//!
//! Twilio plays what it gets and buffers the rest. Sending everything at once would leave seconds to clear
//! on an interruption and no knowledge of what was heard; sending in step with a drifting timer stutters.
//! So frame *n* of a run is due at `run start + n * 20 ms - lead` (how long that is, see `lead.rs`), computed from the start and never from
//! the last tick: a late tick is made up, and a long call does not drift.
//!
//! A run is audio played without a gap. When the queue runs dry and the buffer with it, the next audio
//! begins a new run.

mod duck;
mod input;
mod lead;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
pub use input::{MarkKind, PacingAction, PacingInput, PacingTimer};
use serde::Serialize;

use crate::audio::{BYTES_PER_MS, FRAME_MS, FRAME_SAMPLES, SILENCE};
use crate::ids::TurnId;
use duck::Ducking;
use lead::Lead;

/// Settings of pacing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PacingSettings {
    /// How far ahead of the ear to send on a steady line. Hides jitter of the network up to this; is what must be
    /// cleared on an interruption.
    pub lead: Duration,
    /// To what the lead grows on a line that jitters. At or below `lead` it stays as it is.
    pub most_lead: Duration,
    /// The most audio between two marks: how exactly it is known what was heard.
    pub mark_every: Duration,
}

impl Default for PacingSettings {
    fn default() -> Self {
        Self {
            lead: Duration::from_millis(120),
            most_lead: Duration::from_millis(300),
            mark_every: Duration::from_millis(200),
        }
    }
}

/// What waits to be sent.
#[derive(Debug)]
enum Queued {
    Sentence {
        turn: TurnId,
        text: String,
        bytes: Option<usize>,
        word_ends: Vec<usize>,
    },
    Audio {
        turn: TurnId,
        mulaw: Bytes,
    },
    SentenceEnded {
        turn: TurnId,
    },
    /// The mark of a sentence that ended before it was taken back.
    SentenceMark {
        turn: TurnId,
    },
    TurnEnded {
        turn: TurnId,
    },
}

/// What may still become known of a sentence of which nothing was sent.
struct WaitingSentence<'a> {
    text: &'a mut String,
    bytes: &'a mut Option<usize>,
    word_ends: &'a mut Vec<usize>,
}

#[derive(Debug, Clone, Copy)]
struct Run {
    start: Instant,
    frames: u32,
}

impl Run {
    fn end(&self) -> Instant {
        self.start + Duration::from_millis(u64::from(FRAME_MS)) * self.frames
    }
}

/// The pacer of one stream.
#[derive(Debug)]
pub struct Pacing {
    settings: PacingSettings,
    queue: VecDeque<Queued>,
    /// Bytes that have come of the sentence being handed in.
    incoming: usize,
    /// Bytes of the turn under way that do not fill a frame yet.
    rest: BytesMut,
    run: Option<Run>,
    /// Bytes sent since the last mark.
    unmarked: usize,
    newest: TurnId,
    /// Whether nobody is there to hear.
    is_held: bool,
    /// Turns up to this one are dead.
    dead: Option<TurnId>,
    /// Turns up to this one lack parts.
    lost: Option<TurnId>,
    actions: VecDeque<PacingAction>,
    sent_frames: u64,
    ducking: Ducking,
    lead: Lead,
}

impl Pacing {
    /// A pacer with nothing to send.
    pub fn new(settings: PacingSettings) -> Self {
        Self {
            settings,
            queue: VecDeque::new(),
            incoming: 0,
            rest: BytesMut::new(),
            run: None,
            unmarked: 0,
            newest: TurnId::default(),
            is_held: false,
            dead: None,
            lost: None,
            actions: VecDeque::new(),
            sent_frames: 0,
            ducking: Ducking::default(),
            lead: Lead::default(),
        }
    }

    /// Takes what the voice hands in. Audio of a cancelled turn is dropped here.
    pub fn handle(&mut self, input: PacingInput, now: Instant) {
        let is_dead = |turn| self.dead.max(self.lost).is_some_and(|dead| turn <= dead);
        let queued = match input {
            PacingInput::Cancel { turn, unplayed } => {
                self.dead = self.dead.max(Some(turn));
                return self.forget(unplayed);
            }
            PacingInput::Rewind { unplayed } => {
                self.lost = None;
                return self.forget(unplayed);
            }
            PacingInput::PastLost { turn } => {
                self.lost = Some(turn);
                return;
            }
            PacingInput::Hold => {
                self.is_held = true;
                return;
            }
            PacingInput::Release => {
                self.is_held = false;
                return self.handle_timeout(now);
            }
            PacingInput::Duck { unplayed } => return self.duck(unplayed, now),
            PacingInput::Hush { unplayed } => return self.hush(unplayed, now),
            PacingInput::FullLevel => return self.full_level(now),
            PacingInput::Sentence { turn, .. }
            | PacingInput::Audio { turn, .. }
            | PacingInput::MoreText { turn, .. }
            | PacingInput::WordEnds { turn, .. }
            | PacingInput::SentenceEnded { turn }
            | PacingInput::SentenceBroken { turn, .. }
            | PacingInput::TurnEnded { turn }
                if is_dead(turn) =>
            {
                return;
            }
            PacingInput::Sentence { turn, text } => {
                self.incoming = 0;
                Queued::Sentence { turn, text, bytes: None, word_ends: Vec::new() }
            }
            PacingInput::Audio { turn, mulaw } => {
                self.incoming += mulaw.len();
                self.newest = turn;
                Queued::Audio { turn, mulaw }
            }
            PacingInput::MoreText { turn, text } => return self.more_text(turn, text),
            PacingInput::WordEnds { turn, ends } => return self.word_ends(turn, ends),
            PacingInput::SentenceEnded { turn } => {
                self.length_known(turn);
                Queued::SentenceEnded { turn }
            }
            PacingInput::SentenceBroken { turn, whole } => {
                self.incoming = self.incoming.max(whole);
                self.length_known(turn);
                Queued::SentenceEnded { turn }
            }
            PacingInput::TurnEnded { turn } => Queued::TurnEnded { turn },
        };
        self.queue.push_back(queued);
        self.handle_timeout(now);
    }

    /// The next order.
    pub fn next_action(&mut self) -> Option<PacingAction> {
        self.actions.pop_front()
    }

    /// When the next frame is due.
    pub fn poll_timeout(&self) -> Option<(Instant, PacingTimer)> {
        if self.is_held || self.queue.is_empty() {
            return None;
        }
        if let Some(until) = self.ducking.silent_until() {
            return Some((until, PacingTimer::EndOfSilence));
        }
        let run = self.run?;
        let due = run.end().checked_sub(self.lead()).unwrap_or(run.start);
        Some((due, PacingTimer::NextFrame))
    }

    /// Sends all that is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        match self.ducking.silent_until() {
            Some(until) if now < until => return,
            Some(_) => return self.full_level(now),
            None => {}
        }
        while !self.is_held {
            match self.queue.pop_front() {
                None => return,
                Some(Queued::Sentence { turn, text, bytes, word_ends }) => {
                    self.actions.push_back(PacingAction::Sentence { turn, text, bytes, word_ends });
                }
                Some(Queued::Audio { turn, mulaw }) => {
                    self.rest.extend_from_slice(&mulaw);
                    if !self.send_due(turn, now) {
                        let mulaw = self.rest.split().freeze();
                        self.queue.push_front(Queued::Audio { turn, mulaw });
                        return;
                    }
                }
                Some(Queued::SentenceEnded { turn }) => {
                    self.actions.push_back(PacingAction::SentenceEnded { turn });
                    self.mark(turn, MarkKind::SentenceEnd);
                }
                Some(Queued::SentenceMark { turn }) => self.mark(turn, MarkKind::SentenceEnd),
                Some(Queued::TurnEnded { turn }) => {
                    if !self.rest.is_empty() {
                        self.rest.resize(FRAME_SAMPLES, SILENCE);
                        if !self.send_due(turn, now) {
                            let mulaw = self.rest.split().freeze();
                            self.queue.push_front(Queued::TurnEnded { turn });
                            self.queue.push_front(Queued::Audio { turn, mulaw });
                            return;
                        }
                    }
                    self.mark(turn, MarkKind::TurnEnd);
                }
            }
        }
    }

    /// The turn of the audio that came last.
    pub fn newest_turn(&self) -> TurnId {
        self.newest
    }

    /// State for the admin page. `queued_ms` is audio not yet sent.
    pub fn observe(&self) -> PacingView {
        let queued: usize = self.queue.iter().map(audio_len).sum::<usize>() + self.rest.len();
        PacingView {
            queued_ms: queued / BYTES_PER_MS,
            sent_frames: self.sent_frames,
            lead_ms: self.lead().as_millis() as u64,
            is_ducked: self.ducking.is_down() || self.ducking.silent_until().is_some(),
        }
    }

    /// Sends whole frames of `rest` until it is short or the lead is full (then `false`).
    fn send_due(&mut self, turn: TurnId, now: Instant) -> bool {
        while self.rest.len() >= FRAME_SAMPLES {
            let mut run = match self.run {
                Some(run) if run.end() > now => run,
                Some(_) | None => Run { start: now, frames: 0 },
            };
            if run.end() > now + self.lead() {
                return false;
            }
            let mulaw = self.rest.split_to(FRAME_SAMPLES).freeze();
            run.frames += 1;
            self.run = Some(run);
            self.sent_frames += 1;
            self.unmarked += FRAME_SAMPLES;
            let mulaw = self.ducking.send(turn, mulaw, now);
            self.actions.push_back(PacingAction::Frame { turn, mulaw });
            if self.unmarked >= self.settings.mark_every.as_millis() as usize * BYTES_PER_MS {
                self.mark(turn, MarkKind::Progress);
            }
        }
        true
    }

    /// The sentence handed in last is complete: tell its length with it, or after it if it has begun.
    fn length_known(&mut self, turn: TurnId) {
        let length = self.incoming;
        match self.waiting_sentence() {
            Some(WaitingSentence { bytes, .. }) => *bytes = Some(length),
            None => self.actions.push_back(PacingAction::SentenceLength { turn, bytes: length }),
        }
    }

    /// As [`Self::length_known`], for word ends.
    fn word_ends(&mut self, turn: TurnId, mut ends: Vec<usize>) {
        match self.waiting_sentence() {
            Some(WaitingSentence { word_ends, .. }) => word_ends.append(&mut ends),
            None => self.actions.push_back(PacingAction::WordEnds { turn, ends }),
        }
    }

    /// As [`Self::length_known`], for words.
    fn more_text(&mut self, turn: TurnId, more: String) {
        match self.waiting_sentence() {
            Some(WaitingSentence { text, .. }) => text.push_str(&more),
            None => self.actions.push_back(PacingAction::MoreText { turn, text: more }),
        }
    }

    /// What is known of the sentence handed in last, if none of it was sent yet.
    fn waiting_sentence(&mut self) -> Option<WaitingSentence<'_>> {
        self.queue.iter_mut().rev().find_map(|queued| match queued {
            Queued::Sentence { text, bytes, word_ends, .. } => {
                Some(WaitingSentence { text, bytes, word_ends })
            }
            Queued::Audio { .. }
            | Queued::SentenceEnded { .. }
            | Queued::SentenceMark { .. }
            | Queued::TurnEnded { .. } => None,
        })
    }

    fn mark(&mut self, turn: TurnId, kind: MarkKind) {
        self.unmarked = 0;
        self.ducking.marked(kind);
        self.actions.push_back(PacingAction::Mark { turn, kind });
    }

    fn forget(&mut self, unplayed: bool) {
        self.queue.clear();
        self.rest.clear();
        self.actions.clear();
        self.unmarked = 0;
        self.ducking = Ducking::default();
        if unplayed {
            self.run = None;
            self.actions.push_back(PacingAction::Clear);
        }
    }
}

fn audio_len(queued: &Queued) -> usize {
    match queued {
        Queued::Audio { mulaw, .. } => mulaw.len(),
        Queued::Sentence { .. }
        | Queued::SentenceEnded { .. }
        | Queued::SentenceMark { .. }
        | Queued::TurnEnded { .. } => 0,
    }
}

/// Pacing as the admin page shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PacingView {
    /// Audio that waits to be sent, in ms.
    pub queued_ms: usize,
    /// Frames sent in this life.
    pub sent_frames: u64,
    /// How far ahead of the ear it sends now, in ms.
    pub lead_ms: u64,
    /// Whether the agent speaks softly or is silent, since the caller may be interrupting.
    pub is_ducked: bool,
}

#[cfg(test)]
#[path = "pacing_test.rs"]
mod tests;
