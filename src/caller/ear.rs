//! Twilio's playback buffer, with an ear at its end.
//!
//! Twilio plays what it is sent in order and in real time, returns a `mark` when the playhead reaches it (at
//! once when nothing is queued, and all of them after a `clear`), and keeps about ten minutes at most. This
//! machine does the same and remembers every sample that came out, silence included, so that position `n` of
//! the track is what the caller heard `n / 8` ms after the stream began. What an agent *claims* to have said
//! can then be held against what arrived.

mod log;
mod talk;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use moked_core::audio::{BYTES_PER_MS, SILENCE};
use moked_core::ids::MarkName;

pub use log::{EarEvent, EarLogEntry};
use talk::Talk;

use super::strict::ServerMessage;

/// Most audio that Twilio keeps for playing, in bytes of µ-law: about ten minutes. More is discarded with
/// warning 31931.
pub const BUFFER_LIMIT: usize = 10 * 60 * 1_000 * BYTES_PER_MS;

/// How long the agent must be quiet until its utterance counts as finished, unless the command says
/// otherwise. Shorter than a pause between two thoughts, longer than one between two sentences.
pub const DEFAULT_PAUSE: Duration = Duration::from_millis(600);

/// Duration of one sample at 8 kHz.
const SAMPLE_NANOS: u64 = 125_000;

/// Why the ear wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EarWake {
    /// The playhead reaches a mark.
    MarkDue,
    /// A stretch of played audio is complete and can be judged as audible or not.
    Listen,
    /// The agent may have finished its utterance.
    PauseEnds,
}

#[derive(Debug)]
enum Queued {
    Audio { bytes: Vec<u8>, played: usize, audible: bool },
    Mark(MarkName),
}

/// What the ear shows to whoever looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarView {
    /// Audio not yet played, in bytes (8 a millisecond).
    pub queued_bytes: usize,
    /// Whether the agent is in an utterance: it was heard and has not been quiet long enough.
    pub agent_speaks: bool,
    /// Utterances of the agent that began so far.
    pub utterances: u32,
    /// Gaps inside utterances so far.
    pub underruns: usize,
    /// Audio thrown away because of [`BUFFER_LIMIT`], in bytes.
    pub overflow_bytes: usize,
}

/// The playback machine; see the module.
#[derive(Debug)]
pub struct Ear {
    start: Instant,
    pause: u64,
    queue: VecDeque<Queued>,
    queued_bytes: usize,
    heard: Vec<u8>,
    /// Where the queue ran dry by playing out; none when it was cleared or never held anything.
    dry_at: Option<u64>,
    talk: Talk,
    log: Vec<EarLogEntry>,
    told: usize,
    underruns: usize,
    overflow_bytes: usize,
}

impl Ear {
    /// An ear on a stream that starts at `start`; `pause` of quiet ends an utterance of the agent.
    pub fn new(start: Instant, pause: Duration) -> Self {
        Self {
            start,
            pause: samples_in(pause),
            queue: VecDeque::new(),
            queued_bytes: 0,
            heard: Vec::new(),
            dry_at: None,
            talk: Talk::default(),
            log: Vec::new(),
            told: 0,
            underruns: 0,
            overflow_bytes: 0,
        }
    }

    /// Takes a message of the server that arrived at `now`.
    pub fn handle(&mut self, message: ServerMessage, now: Instant) {
        self.advance(now);
        match message {
            ServerMessage::Media { payload } => self.queue_audio(payload),
            ServerMessage::Mark { name } => {
                self.note(EarEvent::MarkQueued { name: name.clone() });
                if self.queue.is_empty() {
                    self.note(EarEvent::MarkPlayed { name });
                } else {
                    self.queue.push_back(Queued::Mark(name));
                }
            }
            ServerMessage::Clear => self.clear(),
        }
    }

    /// Plays up to `now`.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
    }

    /// When to call [`Self::handle_timeout`] next, and why; none while nothing can happen by itself.
    pub fn poll_timeout(&self) -> Option<(Instant, EarWake)> {
        let playhead = self.heard.len() as u64;
        let mark = self.until_mark().map(|bytes| (playhead + bytes, EarWake::MarkDue));
        let unjudged = self.dry_at.is_some_and(|dry_at| self.talk.has_not_judged(dry_at));
        let listen =
            (self.queued_bytes > 0 || unjudged).then(|| (self.talk.next_window_end(), EarWake::Listen));
        let pause = self
            .talk
            .finish_at(self.pause, self.idle_since(), self.audible_queued())
            .map(|at| (at, EarWake::PauseEnds));
        let (at, why) = [mark, listen, pause].into_iter().flatten().min_by_key(|(at, _)| *at)?;
        Some((self.start + Duration::from_nanos(at * SAMPLE_NANOS), why))
    }

    /// The next thing that happened and was not fetched yet. [`EarEvent::MarkPlayed`] and
    /// [`EarEvent::MarkCleared`] are to be echoed to the server.
    pub fn next_action(&mut self) -> Option<EarLogEntry> {
        let entry = self.log.get(self.told)?.clone();
        self.told += 1;
        Some(entry)
    }

    /// What stands where.
    pub fn observe(&self) -> EarView {
        EarView {
            queued_bytes: self.queued_bytes,
            agent_speaks: self.talk.is_on(),
            utterances: self.talk.utterances(),
            underruns: self.underruns,
            overflow_bytes: self.overflow_bytes,
        }
    }

    /// Every µ-law byte that came out since the start of the stream, silence included; 8 a millisecond.
    pub fn heard(&self) -> &[u8] {
        &self.heard
    }

    /// Everything that happened, in order.
    pub fn log(&self) -> &[EarLogEntry] {
        &self.log
    }

    fn queue_audio(&mut self, mut payload: Vec<u8>) {
        let room = BUFFER_LIMIT.saturating_sub(self.queued_bytes);
        if payload.len() > room {
            let discarded = payload.len() - room;
            payload.truncate(room);
            self.overflow_bytes += discarded;
            self.note(EarEvent::Overflow { discarded_ms: ms(discarded as u64) });
        }
        if payload.is_empty() {
            return;
        }
        if let Some(dry_at) = self.dry_at.take() {
            let gap = self.heard.len() as u64 - dry_at;
            if gap > 0 && gap < self.pause && self.talk.is_on() {
                self.underruns += 1;
                self.note(EarEvent::Underrun { gap_ms: gap as f64 / BYTES_PER_MS as f64 });
            }
        }
        self.queued_bytes += payload.len();
        let audible = talk::any_audible(&payload);
        self.queue.push_back(Queued::Audio { bytes: payload, played: 0, audible });
    }

    fn clear(&mut self) {
        let discarded_ms = ms(self.queued_bytes as u64);
        self.note(EarEvent::Cleared { discarded_ms });
        self.queued_bytes = 0;
        self.dry_at = None;
        for queued in std::mem::take(&mut self.queue) {
            if let Queued::Mark(name) = queued {
                self.note(EarEvent::MarkCleared { name });
            }
        }
    }

    /// Moves the playhead to `now`: audio and marks in order, silence when there is neither.
    fn advance(&mut self, now: Instant) {
        let target = samples_in(now.saturating_duration_since(self.start)) as usize;
        loop {
            let missing = target.saturating_sub(self.heard.len());
            match self.queue.front_mut() {
                Some(Queued::Mark(_)) => {
                    if let Some(Queued::Mark(name)) = self.queue.pop_front() {
                        self.note(EarEvent::MarkPlayed { name });
                    }
                }
                Some(Queued::Audio { bytes, played, .. }) if missing > 0 => {
                    let left = bytes.get(*played..).unwrap_or_default();
                    let taken = left.get(..missing).unwrap_or(left);
                    let (taken_len, is_done) = (taken.len(), taken.len() == left.len());
                    self.heard.extend_from_slice(taken);
                    *played += taken_len;
                    self.queued_bytes -= taken_len;
                    if is_done {
                        self.queue.pop_front();
                    }
                    if self.queued_bytes == 0 {
                        self.dry_at = Some(self.heard.len() as u64);
                    }
                }
                None if missing > 0 => self.heard.resize(target, SILENCE),
                Some(Queued::Audio { .. }) | None => break,
            }
        }
        self.listen();
    }

    fn listen(&mut self) {
        let (idle_since, audible_queued) = (self.idle_since(), self.audible_queued());
        self.talk.listen(&self.heard, self.pause, idle_since, audible_queued, &mut self.log);
    }

    /// Since when the queue has been empty, as a sample position; none while something is queued.
    fn idle_since(&self) -> Option<u64> {
        (self.queued_bytes == 0).then_some(self.dry_at.unwrap_or(0))
    }

    fn audible_queued(&self) -> bool {
        self.queue.iter().any(|queued| matches!(queued, Queued::Audio { audible: true, .. }))
    }

    fn until_mark(&self) -> Option<u64> {
        let mut bytes_before = 0;
        for queued in &self.queue {
            match queued {
                Queued::Audio { bytes, played, .. } => bytes_before += (bytes.len() - played) as u64,
                Queued::Mark(_) => return Some(bytes_before),
            }
        }
        None
    }

    fn note(&mut self, event: EarEvent) {
        let at_ms = ms(self.heard.len() as u64);
        self.log.push(EarLogEntry { at_ms, event });
    }
}

fn samples_in(duration: Duration) -> u64 {
    (duration.as_nanos() / u128::from(SAMPLE_NANOS)) as u64
}

fn ms(samples: u64) -> u64 {
    samples / BYTES_PER_MS as u64
}

#[cfg(test)]
mod tests;
