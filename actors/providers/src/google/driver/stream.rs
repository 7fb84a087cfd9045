//! One stream to Google, and where it lies in the call.

use std::time::Duration;

use bytes::Bytes;
use moked_core::audio::BYTES_PER_MS;
use moked_core::ports::ProviderFault;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::google::answer::{Answers, Recognizer};
use crate::google::memory::Memory;

/// Audio in one message: 40 ms. Google takes 20 to 100 ms; more waits longer for its answer.
const PIECE: usize = 40 * BYTES_PER_MS;

/// The most in one message, when a new stream hears the past: 1 s. Version 2 takes 15 KB.
const LARGEST: usize = 1_000 * BYTES_PER_MS;

/// Messages that may wait in a stream; what does not fit stays in the memory.
const WAITING: usize = 16;

/// A stream that is fed from the memory.
pub(super) struct Stream {
    pub(super) answers: Answers,
    /// `None` once it is half-closed.
    pub(super) audio: Option<mpsc::Sender<Bytes>>,
    pub(super) span: Span,
    /// Place behind the last byte sent.
    sent: u64,
    pub(super) opened: Instant,
}

/// Where a stream lies in the call, in bytes from the call's first audio.
#[derive(Clone, Copy)]
pub(super) struct Span {
    /// Its first byte.
    pub(super) base: u64,
    /// Behind the text that it settled.
    pub(super) settled: u64,
}

impl Span {
    /// The place of a time on the stream.
    pub(super) fn place(self, time: Duration) -> u64 {
        self.base + time.as_millis() as u64 * BYTES_PER_MS as u64
    }
}

impl Stream {
    /// Opens a stream whose first byte lies at `base`.
    pub(super) fn open(recognizer: &dyn Recognizer, phrases: &[String], base: u64) -> Self {
        let (audio, taken) = mpsc::channel(WAITING);
        let answers = recognizer.open(phrases, taken);
        let span = Span { base, settled: base };
        Self { answers, audio: Some(audio), span, sent: base, opened: Instant::now() }
    }

    /// Sends what the memory has and the stream takes, in pieces, `all` down to the last byte.
    pub(super) fn feed(&mut self, memory: &Memory, all: bool) -> Result<(), ProviderFault> {
        let Some(audio) = &self.audio else { return Ok(()) };
        if self.sent < memory.begins() {
            let after_ms = (memory.ends() - self.sent) / BYTES_PER_MS as u64;
            return Err(ProviderFault::Stalled { waiting_for: "audio to be taken", after_ms });
        }
        loop {
            let due = memory.ends() - self.sent;
            if due == 0 || (due < PIECE as u64 && !all) {
                return Ok(());
            }
            let piece = memory.read(self.sent, LARGEST);
            let length = piece.len() as u64;
            // A stream that is gone says so itself.
            if audio.try_send(piece).is_err() {
                return Ok(());
            }
            self.sent += length;
        }
    }
}
