//! The life of one media stream, from the socket's opening to its end.
//!
//! ```text
//! opened ──connected──▶ connected ──start──▶ streaming ──stop, or the socket closes──▶ ended
//!    └─────────────────start───────────────────▲
//! ```
//!
//! The machine stands between the socket and the call: it reads frames, lets through what may come now, and
//! counts what may not. A frame that comes out of order or cannot be read costs only itself; three faults
//! end the stream, and [`StreamFault::ends_stream`] tells which. Nobody may hold a socket open without
//! saying which call it is for: the start must come within a time limit, and after few other frames.

mod gap;
mod view;

use std::time::{Duration, Instant};

use crate::audio::dtmf::DtmfKey;
use crate::ids::{MarkName, StreamSid};

use super::inbound::unknown_fields;
use super::inbound::{Inbound, InboundError, Media, StreamStart, Track, UnsupportedMediaFormat};
use gap::Playhead;
pub use view::StreamView;

/// Frames taken before the start. One is right (`connected`); the rest is room for a carrier's inventions.
const MAX_EARLY_FRAMES: u32 = 16;

/// One media stream. See the module for its life.
#[derive(Debug)]
pub struct Stream {
    state: State,
    start_by: Instant,
    early_frames: u32,
    last_sequence: Option<u64>,
    playhead: Playhead,
    view: StreamView,
}

#[derive(Debug)]
enum State {
    Opened,
    Connected,
    Streaming(StreamSid),
    Ended,
}

/// What a frame means for the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamEvent<'a> {
    /// The socket works; the start is due.
    Connected,
    /// The stream began, in a format we speak. The token among the parameters has yet to be checked.
    Started(StreamStart),
    /// The caller's voice.
    Audio {
        /// The frame.
        media: Media<'a>,
        /// Milliseconds of the caller's line that are missing before this frame, 0 when it follows the last.
        /// Some calls skip silence; a voice detector wants it filled in.
        gap_ms: u64,
    },
    /// A mark came back: heard, or cleared. The playback ledger knows which.
    Mark(MarkName),
    /// The caller pressed a key.
    Digit(DtmfKey),
    /// The carrier ended the stream. The socket closes next.
    Stopped,
    /// Nothing for the call: an event we do not know, or audio of the track we are speaking on ourselves.
    Nothing,
}

/// Why the machine wants to be woken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StreamTimeout {
    /// The start is overdue.
    NoStart,
}

/// What a frame, or the lack of one, did wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StreamFault {
    /// A frame could not be read. It is dropped.
    #[error(transparent)]
    Unreadable(#[from] InboundError),
    /// A frame that may not come now. It is dropped.
    #[error("{event} came {when}")]
    OutOfOrder {
        /// The event.
        event: &'static str,
        /// The state it met, as an adverbial: `before start`.
        when: &'static str,
    },
    /// A frame of another stream on this socket. It is dropped.
    #[error("a media frame of another stream came on this socket")]
    OtherStream,
    /// The stream's audio is coded in a way we do not speak. Ends the stream.
    #[error(transparent)]
    Format(#[from] UnsupportedMediaFormat),
    /// The time limit for the start ran out. Ends the stream.
    #[error("no start message came within the time limit")]
    NoStart,
    /// Too many other frames came before the start. Ends the stream.
    #[error("more than {MAX_EARLY_FRAMES} frames came before the start message")]
    TooManyBeforeStart,
}

impl StreamFault {
    /// Whether the socket is to be closed. The other faults are worth a line in the log and no more.
    pub fn ends_stream(&self) -> bool {
        match self {
            Self::Format(_) | Self::NoStart | Self::TooManyBeforeStart => true,
            Self::Unreadable(_) | Self::OutOfOrder { .. } | Self::OtherStream => false,
        }
    }
}

impl Stream {
    /// A stream whose socket opened `now`; the start must come within `start_limit` (5 to 10 seconds are
    /// usual; Twilio sends it at once).
    pub fn new(now: Instant, start_limit: Duration) -> Self {
        Self {
            state: State::Opened,
            start_by: now + start_limit,
            early_frames: 0,
            last_sequence: None,
            playhead: Playhead::default(),
            view: StreamView::default(),
        }
    }

    /// Takes one text frame of the socket.
    ///
    /// # Errors
    /// [`StreamFault`]; see [`StreamFault::ends_stream`].
    pub fn read<'a>(&mut self, text: &'a str, now: Instant) -> Result<StreamEvent<'a>, StreamFault> {
        match Inbound::parse(text) {
            Ok(message) => {
                if !matches!(message, Inbound::Media(_)) || self.view.media == 0 {
                    self.view.unknown_fields += unknown_fields::count(text);
                }
                self.handle(message, now)
            }
            Err(error) => {
                self.view.unreadable += 1;
                self.count_early_frame()?;
                Err(error.into())
            }
        }
    }

    /// Takes one message.
    ///
    /// # Errors
    /// [`StreamFault`]; see [`StreamFault::ends_stream`].
    pub fn handle<'a>(&mut self, message: Inbound<'a>, now: Instant) -> Result<StreamEvent<'a>, StreamFault> {
        if let Some(fault) = self.handle_timeout(now) {
            return Err(fault);
        }
        self.view.messages += 1;
        self.count_sequence(message.sequence());
        match message {
            Inbound::Unknown { .. } => {
                self.view.unknown += 1;
                self.count_early_frame()?;
                Ok(StreamEvent::Nothing)
            }
            Inbound::Connected { .. } => match self.state {
                State::Opened => {
                    self.state = State::Connected;
                    self.count_early_frame()?;
                    Ok(StreamEvent::Connected)
                }
                State::Connected | State::Streaming(_) | State::Ended => self.out_of_order("connected"),
            },
            Inbound::Start { start, .. } => self.start(start),
            Inbound::Media(media) => self.media(media),
            Inbound::Mark { name, .. } => {
                self.in_stream("mark")?;
                self.view.marks += 1;
                Ok(StreamEvent::Mark(name))
            }
            Inbound::Dtmf { digit, .. } => {
                self.in_stream("dtmf")?;
                self.view.digits += 1;
                Ok(StreamEvent::Digit(digit))
            }
            Inbound::Stop { .. } => {
                self.in_stream("stop")?;
                self.end();
                Ok(StreamEvent::Stopped)
            }
        }
    }

    /// The socket is gone, whoever closed it. Gives whether that cut a running stream, one that had started
    /// and had not said `stop`: a lost network or a worker that went away, rather than a call that ended.
    pub fn closed(&mut self) -> bool {
        let cut = matches!(self.state, State::Streaming(_));
        self.end();
        cut
    }

    /// When to wake, and why.
    pub fn poll_timeout(&self) -> Option<(Instant, StreamTimeout)> {
        match self.state {
            State::Opened | State::Connected => Some((self.start_by, StreamTimeout::NoStart)),
            State::Streaming(_) | State::Ended => None,
        }
    }

    /// The wake-up. Gives the fault if the start is overdue at `now`, once.
    pub fn handle_timeout(&mut self, now: Instant) -> Option<StreamFault> {
        let (due, StreamTimeout::NoStart) = self.poll_timeout()?;
        if now < due {
            return None;
        }
        self.end();
        Some(StreamFault::NoStart)
    }

    /// The stream's name, while it runs.
    pub fn stream_sid(&self) -> Option<&StreamSid> {
        match &self.state {
            State::Streaming(stream) => Some(stream),
            State::Opened | State::Connected | State::Ended => None,
        }
    }

    /// The stream in numbers, for the admin page.
    pub fn observe(&self) -> StreamView {
        self.view
    }

    fn start<'a>(&mut self, start: StreamStart) -> Result<StreamEvent<'a>, StreamFault> {
        match self.state {
            State::Opened | State::Connected => {}
            State::Streaming(_) | State::Ended => return self.out_of_order("start"),
        }
        if let Err(error) = start.format.check() {
            self.end();
            return Err(error.into());
        }
        self.state = State::Streaming(start.stream_sid.clone());
        self.view.streaming = true;
        Ok(StreamEvent::Started(start))
    }

    fn media<'a>(&mut self, media: Media<'a>) -> Result<StreamEvent<'a>, StreamFault> {
        self.in_stream("media")?;
        let ours = self.stream_sid().map(StreamSid::as_str);
        if media.stream_sid.is_some() && media.stream_sid.as_deref() != ours {
            self.view.out_of_order += 1;
            return Err(StreamFault::OtherStream);
        }
        match media.track {
            Track::Inbound => {
                let gap_ms = self.playhead.advance(media.timestamp_ms, media.duration_ms());
                self.view.media += 1;
                self.view.gap_ms = self.view.gap_ms.saturating_add(gap_ms);
                Ok(StreamEvent::Audio { media, gap_ms })
            }
            Track::Outbound => {
                self.view.own_track += 1;
                Ok(StreamEvent::Nothing)
            }
        }
    }

    /// The fault of an event that needs a running stream.
    fn in_stream(&mut self, event: &'static str) -> Result<(), StreamFault> {
        match self.state {
            State::Streaming(_) => Ok(()),
            State::Opened | State::Connected | State::Ended => self.out_of_order(event),
        }
    }

    fn out_of_order<T>(&mut self, event: &'static str) -> Result<T, StreamFault> {
        self.view.out_of_order += 1;
        self.count_early_frame()?;
        let when = match self.state {
            State::Opened | State::Connected if event == "connected" => "twice",
            State::Opened | State::Connected => "before start",
            State::Streaming(_) if event == "start" => "twice",
            State::Streaming(_) => "after start",
            State::Ended => "after the end of the stream",
        };
        Err(StreamFault::OutOfOrder { event, when })
    }

    fn count_early_frame(&mut self) -> Result<(), StreamFault> {
        match self.state {
            State::Streaming(_) | State::Ended => return Ok(()),
            State::Opened | State::Connected => self.early_frames += 1,
        }
        if self.early_frames <= MAX_EARLY_FRAMES {
            return Ok(());
        }
        self.end();
        Err(StreamFault::TooManyBeforeStart)
    }

    fn count_sequence(&mut self, sequence: Option<u64>) {
        let Some(sequence) = sequence else { return };
        match self.last_sequence {
            Some(last) if sequence <= last => self.view.repeated += 1,
            Some(last) => self.view.missing += sequence - last - 1,
            None => {}
        }
        self.last_sequence = self.last_sequence.max(Some(sequence));
    }

    fn end(&mut self) {
        self.state = State::Ended;
        self.view.streaming = false;
    }
}

#[cfg(test)]
mod tests;
