//! A media stream in Twilio's hands: socket, messages, strict reader, mouth and ear joined.
//!
//! This is the fake Twilio of the end-to-end tests and the engine of a simulated call. It sends what it is
//! told, well-formed or not, plays what the server sends, echoes marks when they are due, and reports what
//! happened in order.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;
use moked_core::audio::SILENCE;
use moked_core::ids::MarkName;

use super::ear::{self, Ear, EarEvent, EarLogEntry};
use super::messages::{Messages, StreamStart};
use super::mouth::{Frame, Mouth};
use super::route::Place;
use super::socket::{Closing, Handshake, Incoming, Socket, SocketError};
use super::strict::{Rule, ServerMessage, Strict, Violation};

/// Length of a frame as a duration.
const FRAME: Duration = Duration::from_millis(moked_core::audio::FRAME_MS as u64);

/// Something that happened on the line.
#[derive(Debug, Clone, PartialEq)]
pub enum LineNews {
    /// The server sent a valid message.
    Message {
        /// When, in milliseconds from the start of the stream.
        at_ms: u64,
        /// What.
        message: ServerMessage,
    },
    /// The ear noticed something.
    Ear(EarLogEntry),
    /// The server broke a rule.
    Violation(Violation),
    /// The socket ended; nothing follows.
    Closed(Closing),
}

/// One stream, from Twilio's side.
pub struct LineClient {
    socket: Socket,
    messages: Messages,
    strict: Strict,
    told_violations: usize,
    ear: Ear,
    mouth: Mouth,
    start: Instant,
    frames: u32,
    news: VecDeque<LineNews>,
    closing: Option<Closing>,
    loses: Box<dyn FnMut(&MarkName) -> bool>,
}

impl LineClient {
    /// Opens the socket and says nothing yet. `pause` of quiet ends an utterance of the agent.
    ///
    /// # Errors
    /// The handshake failed.
    pub async fn open(
        place: &Place,
        handshake: &Handshake,
        start: StreamStart,
        pause: Duration,
    ) -> Result<Self, SocketError> {
        let socket = Socket::open(place, handshake).await?;
        let now = Instant::now();
        Ok(Self {
            socket,
            strict: Strict::new(start.stream_sid.clone(), now),
            told_violations: 0,
            messages: Messages::new(start),
            ear: Ear::new(now, pause),
            mouth: Mouth::default(),
            start: now,
            frames: 0,
            news: VecDeque::new(),
            closing: None,
            loses: Box::new(|_| false),
        })
    }

    /// From now on the echoes of marks for which `loses` says so are not sent, as on a carrier's bad day.
    pub fn lose_marks(&mut self, loses: impl FnMut(&MarkName) -> bool + 'static) {
        self.loses = Box::new(loses);
    }

    /// Opens the socket at `url` without signature, then says `connected` and `start`: what a test needs.
    ///
    /// # Errors
    /// The address is malformed or the handshake failed.
    pub async fn dial(url: &str, start: StreamStart) -> Result<Self, SocketError> {
        let reach = url
            .parse()
            .map_err(|error| SocketError::Handshake { url: url.to_owned(), why: format!("{error}") })?;
        let place = Place { signed: url.to_owned(), reach };
        let mut line = Self::open(&place, &Handshake::default(), start, ear::DEFAULT_PAUSE).await?;
        line.begin().await?;
        Ok(line)
    }

    /// Says `connected` and `start`. The stream's time counted from [`Self::open`] on.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn begin(&mut self) -> Result<(), SocketError> {
        self.socket.text(Messages::connected()).await?;
        let start = self.messages.start();
        self.socket.text(start).await
    }

    /// Sends any text, valid or not.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn send_text(&mut self, text: impl Into<String>) -> Result<(), SocketError> {
        self.socket.text(text.into()).await
    }

    /// Sends a binary message, which Twilio never does.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn send_binary(&mut self, bytes: impl Into<Bytes>) -> Result<(), SocketError> {
        self.socket.binary(bytes.into()).await
    }

    /// The message builder, with the stream's counters.
    pub fn messages(&mut self) -> &mut Messages {
        &mut self.messages
    }

    /// The caller's mouth: what is put in goes out frame by frame.
    pub fn mouth(&mut self) -> &mut Mouth {
        &mut self.mouth
    }

    /// The ear.
    pub fn ear(&self) -> &Ear {
        &self.ear
    }

    /// Every µ-law byte that the caller sent in frames, 8 a millisecond.
    pub fn sent(&self) -> &[u8] {
        self.mouth.sent()
    }

    /// Rules broken so far.
    pub fn strict(&self) -> &Strict {
        &self.strict
    }

    /// Time zero of the stream.
    pub fn started_at(&self) -> Instant {
        self.start
    }

    /// Milliseconds since time zero.
    pub fn elapsed_ms(&self) -> u64 {
        self.start.elapsed().as_millis() as u64
    }

    /// How the socket ended, once it has.
    pub fn closing(&self) -> Option<&Closing> {
        self.closing.as_ref()
    }

    /// When the next frame of the caller is due: a frame is sent when its last sample was spoken. Counted
    /// from time zero, so that a late frame does not shift the ones after it.
    pub fn frame_due(&self) -> Instant {
        self.start + FRAME * (self.frames + 1)
    }

    /// Sends the next 20 ms of the caller, and the key that goes down in it.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn send_frame(&mut self) -> Result<Frame, SocketError> {
        let frame = self.mouth.next_frame();
        self.send(&frame, false).await?;
        Ok(frame)
    }

    /// The same with what else the microphone picks up (see [`Mouth::next_frame_in`]), which may be what the
    /// ear hears. With
    /// `suppresses_silence` a frame of nothing but silence is not sent, and its time passes all the same, as
    /// Twilio does it for some carriers.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn send_frame_in(
        &mut self,
        room: impl FnOnce(&mut [u8], &Ear),
        suppresses_silence: bool,
    ) -> Result<Frame, SocketError> {
        let ear = &self.ear;
        let frame = self.mouth.next_frame_in(|payload| room(payload, ear));
        let is_silent = frame.payload.iter().all(|&byte| byte == SILENCE);
        self.send(&frame, suppresses_silence && is_silent).await?;
        Ok(frame)
    }

    async fn send(&mut self, frame: &Frame, is_suppressed: bool) -> Result<(), SocketError> {
        self.frames += 1;
        if !is_suppressed {
            let media = self.messages.media(frame.timestamp_ms, &frame.payload);
            self.socket.text(media).await?;
        }
        if let Some(key) = frame.key {
            let dtmf = self.messages.dtmf(key);
            self.socket.text(dtmf).await?;
        }
        Ok(())
    }

    /// The next thing that happens until `deadline`; none when nothing did. Marks are echoed meanwhile.
    pub async fn next(&mut self, deadline: Instant) -> Option<LineNews> {
        loop {
            if let Some(news) = self.news.pop_front() {
                return Some(news);
            }
            if self.closing.is_some() {
                return None;
            }
            let wake = self.ear.poll_timeout().map_or(deadline, |(at, _)| at.min(deadline));
            let incoming = tokio::select! {
                biased;
                incoming = self.socket.next() => Some(incoming),
                () = tokio::time::sleep_until(wake.into()) => None,
            };
            let now = Instant::now();
            match incoming {
                Some(incoming) => self.take(incoming, now).await,
                None => self.ear.handle_timeout(now),
            }
            self.gather(now).await;
            if now >= deadline && self.news.is_empty() {
                return None;
            }
        }
    }

    /// Everything that happens until `deadline` or until the socket ends, while the caller keeps quiet
    /// *without* sending frames. For tests of what a server says to garbage.
    pub async fn collect(&mut self, deadline: Instant) -> Vec<LineNews> {
        let mut all = Vec::new();
        while let Some(news) = self.next(deadline).await {
            all.push(news);
        }
        all
    }

    /// Speaks (or, with nothing in the mouth, keeps quiet) for `frames` frames in real time and returns what
    /// happened meanwhile.
    ///
    /// # Errors
    /// The connection is gone.
    pub async fn run(&mut self, frames: u32) -> Result<Vec<LineNews>, SocketError> {
        let mut all = Vec::new();
        for _ in 0..frames {
            all.extend(self.collect(self.frame_due()).await);
            if self.closing.is_some() {
                break;
            }
            self.send_frame().await?;
        }
        Ok(all)
    }

    /// Says `stop`, waits until the server closes, `patience` at most, and closes.
    ///
    /// # Errors
    /// The connection was gone before `stop` could be said.
    pub async fn hang_up(&mut self, patience: Duration) -> Result<Vec<LineNews>, SocketError> {
        let stop = self.messages.stop();
        self.socket.text(stop).await?;
        let now = Instant::now();
        self.strict.stopped(now);
        let news = self.collect(now + patience).await;
        if self.closing.is_none() {
            // The server may be gone between the look and the word; then there is nobody to say it to.
            let _ = self.socket.close().await;
        }
        Ok(news)
    }

    async fn take(&mut self, incoming: Incoming, now: Instant) {
        match incoming {
            Incoming::Text(text) => {
                if let Some(message) = self.strict.text(&text, now) {
                    let at_ms = now.saturating_duration_since(self.start).as_millis() as u64;
                    self.news.push_back(LineNews::Message { at_ms, message: message.clone() });
                    self.ear.handle(message, now);
                }
            }
            Incoming::Binary(bytes) => self.strict.binary(bytes.len(), now),
            Incoming::Ping(bytes) => {
                // A failed answer shows as the end of the stream at the next read.
                let _ = self.socket.pong(bytes).await;
            }
            Incoming::Closed(closing) => {
                self.ear.handle_timeout(now);
                if closing.code != 1006 {
                    // The answering close frame is a courtesy; the server may not wait for it.
                    let _ = self.socket.close().await;
                }
                self.closing = Some(closing);
            }
        }
    }

    /// Turns what the machines noticed into news and echoes marks.
    async fn gather(&mut self, now: Instant) {
        while let Some(entry) = self.ear.next_action() {
            match &entry.event {
                EarEvent::MarkPlayed { name } | EarEvent::MarkCleared { name } if (self.loses)(name) => {}
                EarEvent::MarkPlayed { name } | EarEvent::MarkCleared { name } => {
                    let echo = self.messages.mark(name);
                    // A server that is gone shows as the end of the stream at the next read.
                    let _ = self.socket.text(echo).await;
                }
                EarEvent::Overflow { discarded_ms } => {
                    let why = format!("more than 10 minutes waited; {discarded_ms} ms were thrown away");
                    self.strict.note(Rule::BufferLimit, why, now);
                }
                EarEvent::MarkQueued { .. }
                | EarEvent::Cleared { .. }
                | EarEvent::AgentBegan
                | EarEvent::AgentFinished { .. }
                | EarEvent::Underrun { .. } => {}
            }
            self.news.push_back(LineNews::Ear(entry));
        }
        let violations = self.strict.violations().get(self.told_violations..).unwrap_or_default();
        self.told_violations += violations.len();
        self.news.extend(violations.iter().cloned().map(LineNews::Violation));
        if let Some(closing) = &self.closing {
            self.news.push_back(LineNews::Closed(closing.clone()));
        }
    }
}

#[cfg(test)]
mod tests;
