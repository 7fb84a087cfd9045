//! The playback ledger: what was sent, and what of it the caller heard.
//!
//! Twilio tells only that a mark was reached, and it echoes a mark in three cases: its audio was played,
//! nothing was queued, or a `clear` threw the audio away. The echo does not say which. So every mark
//! carries an epoch, `clear` begins a new one, and the echo of an older epoch counts for nothing.
//!
//! Between marks the clock tells: the ear plays 8 bytes a millisecond, and how far the carrier runs behind
//! our clock is learned from the marks that do come back. The clock's word is never taken beyond what was
//! sent.

mod heard;
mod jitter;
mod rewind;
mod take_back;

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

pub use heard::speech_of;
pub use rewind::Unheard;
use serde::Serialize;

use crate::audio::BYTES_PER_MS;
use crate::ids::{Epoch, MarkName, TurnId};
use crate::pacing::MarkKind;
use jitter::Jitter;

/// A sentence of a turn and where its audio lies, in bytes from the turn's start.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Span {
    text: String,
    start: usize,
    /// Where it ends, sent or not; `None` while its audio is still coming from the voice.
    end: Option<usize>,
    /// Where its words end, in bytes from its start, where the voice told.
    word_ends: Vec<usize>,
}

#[derive(Debug, Clone, Default)]
struct TurnPlayback {
    spans: Vec<Span>,
    sent: usize,
    acknowledged: usize,
    first_frame: Option<Instant>,
    /// When the turn was cut, and what had been heard then.
    cut: Option<(Instant, usize)>,
    /// To when the turn was last rewound, and what had been heard then.
    rewound: Option<(Instant, usize)>,
}

#[derive(Debug, Clone)]
struct Mark {
    name: MarkName,
    turn: TurnId,
    kind: MarkKind,
    /// Bytes of the turn before it.
    offset: usize,
    /// When the clock says that it is played.
    expected: Instant,
}

/// What the echo of a mark told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkEcho {
    /// Audio up to it was heard.
    Played {
        /// The turn.
        turn: TurnId,
        /// What it marked.
        kind: MarkKind,
    },
    /// It came back because of a `clear`, or it is none of ours.
    Void,
}

/// Weight of a new reading of the carrier's lag: an eighth, as TCP smooths its round trips (RFC 6298).
const LAG_GAIN: u32 = 8;

/// How much later than the carrier's lag an echo may come before the clock is no longer believed: more than a
/// phone network's jitter, less than a sentence.
const OVERDUE: Duration = Duration::from_millis(500);

/// One stream's ledger.
#[derive(Debug, Clone, Default)]
pub struct PlaybackLedger {
    epoch: Epoch,
    turns: BTreeMap<TurnId, TurnPlayback>,
    outstanding: VecDeque<Mark>,
    marks_sent: u32,
    /// When everything sent will have been played, by our clock.
    drained_at: Option<Instant>,
    lag: Duration,
    jitter: Jitter,
    /// When a mark came back last.
    last_echo: Option<Instant>,
    voided: u64,
}

impl PlaybackLedger {
    /// A sentence's first frame is about to be sent. `bytes` is the length of its audio, if that is known;
    /// `word_ends` are where its words end in it, as far as the voice told.
    pub fn sentence(&mut self, turn: TurnId, text: String, bytes: Option<usize>, word_ends: Vec<usize>) {
        let playback = self.turns.entry(turn).or_default();
        playback.close_span();
        let start = playback.sent;
        playback.spans.push(Span { text, start, end: bytes.map(|bytes| start + bytes), word_ends });
    }

    /// The sentence under way goes on.
    pub fn more_text(&mut self, turn: TurnId, text: &str) {
        if let Some(span) = self.turns.entry(turn).or_default().spans.last_mut() {
            span.text.push_str(text);
        }
    }

    /// The ends of further words of the sentence under way became known.
    pub fn word_ends(&mut self, turn: TurnId, ends: &[usize]) {
        if let Some(span) = self.turns.entry(turn).or_default().spans.last_mut() {
            span.word_ends.extend_from_slice(ends);
        }
    }

    /// The length of the sentence under way became known.
    pub fn sentence_length(&mut self, turn: TurnId, bytes: usize) {
        if let Some(span) = self.turns.entry(turn).or_default().spans.last_mut() {
            span.end = Some(span.start + bytes);
        }
    }

    /// The sentence's last frame was sent.
    pub fn sentence_ended(&mut self, turn: TurnId) {
        self.turns.entry(turn).or_default().close_span();
    }

    /// A frame was sent.
    pub fn frame_sent(&mut self, turn: TurnId, bytes: usize, now: Instant) {
        let playback = self.turns.entry(turn).or_default();
        playback.sent += bytes;
        playback.first_frame.get_or_insert(now);
        let begins = self.drained_at.map_or(now, |drained| drained.max(now));
        self.drained_at = Some(begins + duration_of(bytes));
    }

    /// A mark is about to be sent; gives its name.
    pub fn mark_sent(&mut self, turn: TurnId, kind: MarkKind, now: Instant) -> MarkName {
        self.marks_sent += 1;
        let name = MarkName::new(format!("e{}-t{}-{}", self.epoch, turn, self.marks_sent));
        let offset = self.turns.get(&turn).map_or(0, |playback| playback.sent);
        let expected = self.drained_at.map_or(now, |drained| drained.max(now));
        self.outstanding.push_back(Mark { name: name.clone(), turn, kind, offset, expected });
        name
    }

    /// A mark came back.
    pub fn mark_reached(&mut self, name: &MarkName, now: Instant) -> MarkEcho {
        let Some(position) = self.outstanding.iter().position(|mark| mark.name == *name) else {
            self.voided += 1;
            return MarkEcho::Void;
        };
        // Marks are played in order: those before it were reached too, even if their echo is lost.
        let reached: Vec<Mark> = self.outstanding.drain(..=position).collect();
        for mark in &reached {
            if let Some(playback) = self.turns.get_mut(&mark.turn) {
                playback.acknowledged = playback.acknowledged.max(mark.offset);
            }
        }
        let Some(mark) = reached.last() else { return MarkEcho::Void };
        let reading = now.saturating_duration_since(mark.expected);
        let is_first = self.last_echo.replace(now).is_none();
        self.lag = if is_first { reading } else { (self.lag * (LAG_GAIN - 1) + reading) / LAG_GAIN };
        self.jitter.observe(reading);
        MarkEcho::Played { turn: mark.turn, kind: mark.kind }
    }

    /// How much marks deviate from the carrier's usual lag.
    pub fn jitter(&self) -> Duration {
        self.jitter.deviation()
    }

    /// When a mark came back last: by then at least the carrier played what it was sent.
    pub fn last_echo(&self) -> Option<Instant> {
        self.last_echo
    }

    /// Whether audio was sent that the caller has not heard yet.
    pub fn has_unplayed(&self, now: Instant) -> bool {
        !self.outstanding.is_empty() || self.drained_at.is_some_and(|drained| drained + self.lag > now)
    }

    /// `clear` is about to be sent: what is not heard by now never will be.
    pub fn cleared(&mut self, now: Instant) {
        let heard: Vec<_> = self.turns.keys().map(|&turn| (turn, self.heard_bytes(turn, now))).collect();
        for (turn, bytes) in heard {
            if let Some(playback) = self.turns.get_mut(&turn)
                && bytes < playback.sent
            {
                playback.cut.get_or_insert((now, bytes));
            }
        }
        self.epoch = self.epoch.next();
        self.outstanding.clear();
        self.drained_at = None;
    }

    /// Bytes of the turn that the caller has heard.
    pub fn heard_bytes(&self, turn: TurnId, now: Instant) -> usize {
        let Some(playback) = self.turns.get(&turn) else { return 0 };
        if let Some((at, bytes)) = playback.cut {
            // Before it was cut he had heard less, at most by the time between. Who asks has learned that the line was
            // dead by then.
            return bytes
                .saturating_sub(bytes_of(at.saturating_duration_since(now)))
                .max(playback.acknowledged);
        }
        let ahead = self
            .drained_at
            .map_or(Duration::ZERO, |drained| (drained + self.lag).saturating_duration_since(now));
        let ahead_bytes = bytes_of(ahead);
        // Only the newest turn can be partly in the carrier's buffer: one is heard before the next begins.
        let is_newest = self.turns.keys().next_back() == Some(&turn);
        let by_clock = if is_newest { playback.sent.saturating_sub(ahead_bytes) } else { playback.sent };
        let believed = match self.overdue(now) {
            Some(mark) if mark.turn < turn => 0,
            Some(mark) if mark.turn == turn => by_clock.min(mark.offset),
            Some(_) | None => by_clock,
        };
        // What went into a line that was dead already must be taken back even if it was taken for heard since.
        let believed = match playback.rewound {
            Some((at, bytes)) if now < at => believed.min(bytes.saturating_sub(bytes_of(at - now))),
            Some(_) | None => believed,
        };
        believed.max(playback.acknowledged)
    }

    /// The first mark whose echo should be long here, of a carrier that echoes marks at all. A line that stands
    /// still plays nothing, whatever the clock says.
    fn overdue(&self, now: Instant) -> Option<&Mark> {
        let first = self.outstanding.front().filter(|_| self.last_echo.is_some())?;
        (now > first.expected + self.lag + OVERDUE).then_some(first)
    }

    /// The words of the turn that the caller has heard.
    pub fn heard_text(&self, turn: TurnId, now: Instant) -> String {
        self.heard_text_after(turn, 0, now)
    }

    /// The same without so many of its first sentences, which were no answer.
    pub fn heard_text_after(&self, turn: TurnId, sentences: usize, now: Instant) -> String {
        let bytes = self.heard_bytes(turn, now);
        let spans = self.turns.get(&turn).and_then(|playback| playback.spans.get(sentences..));
        spans.map_or_else(String::new, |spans| heard::text(spans, bytes))
    }

    /// What is known of the turn's words, heard or not: its sentences, the newest as far as it has come.
    pub fn sentences(&self, turn: TurnId) -> Vec<String> {
        let spans = self.turns.get(&turn).map(|playback| playback.spans.as_slice()).unwrap_or_default();
        spans.iter().map(|span| span.text.clone()).collect()
    }

    /// The newest turn with audio, and whether all that was sent of it has been heard.
    pub fn newest(&self, now: Instant) -> Option<(TurnId, bool)> {
        let (&turn, playback) = self.turns.iter().next_back()?;
        Some((turn, self.heard_bytes(turn, now) >= playback.sent))
    }

    /// When the turn's first frame was sent.
    pub fn first_frame(&self, turn: TurnId) -> Option<Instant> {
        self.turns.get(&turn)?.first_frame
    }

    /// State for the admin page.
    pub fn observe(&self, now: Instant) -> PlaybackView {
        let newest = self.turns.iter().next_back();
        PlaybackView {
            epoch: self.epoch,
            turn: newest.map(|(&turn, _)| turn),
            sent_ms: newest.map_or(0, |(_, playback)| playback.sent / BYTES_PER_MS),
            heard_ms: newest.map_or(0, |(&turn, _)| self.heard_bytes(turn, now) / BYTES_PER_MS),
            outstanding_marks: self.outstanding.len(),
            void_marks: self.voided,
            carrier_lag_ms: self.lag.as_millis() as u64,
            carrier_jitter_ms: self.jitter().as_millis() as u64,
        }
    }
}

impl TurnPlayback {
    fn close_span(&mut self) {
        let sent = self.sent;
        if let Some(span) = self.spans.last_mut() {
            span.end.get_or_insert(sent);
        }
    }
}

fn bytes_of(duration: Duration) -> usize {
    duration.as_millis() as usize * BYTES_PER_MS
}

fn duration_of(bytes: usize) -> Duration {
    Duration::from_micros(bytes as u64 * 1_000 / BYTES_PER_MS as u64)
}

/// The ledger as the admin page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PlaybackView {
    /// How often the carrier's buffer was cleared.
    pub epoch: Epoch,
    /// The newest turn with audio.
    pub turn: Option<TurnId>,
    /// Its audio sent so far, in ms.
    pub sent_ms: usize,
    /// Its audio heard so far, in ms.
    pub heard_ms: usize,
    /// Marks that have not come back.
    pub outstanding_marks: usize,
    /// Marks that came back and counted for nothing.
    pub void_marks: u64,
    /// How far the carrier plays behind our clock, in ms.
    pub carrier_lag_ms: u64,
    /// How much that lag varies, in ms.
    pub carrier_jitter_ms: u64,
}

#[cfg(test)]
mod ear_test;
#[cfg(test)]
#[path = "playback_test.rs"]
mod tests;
