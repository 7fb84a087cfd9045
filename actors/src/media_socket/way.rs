//! The way from a socket to the call behind it.

use std::rc::Rc;
use std::sync::Arc;

use actix::Addr;
use actix::prelude::SendError;
use moked_core::ids::MarkName;
use moked_core::twilio::StreamView;

use crate::call::Links;
use crate::messages::{CallEnd, CallerAudio, EndCall, KeyPressed, LineEnded, MarkReached};
use crate::meters::Meters;
use crate::relay::{Relay, StreamSeen};

/// The call behind a socket.
#[derive(Debug)]
pub(super) enum Way {
    /// It began with this socket, on this thread.
    Direct(Rc<Links>),
    /// It lived before this socket, perhaps on another thread.
    Relayed {
        relay: Addr<Relay>,
        /// Where frames that could not be taken are counted.
        meters: Arc<Meters>,
    },
}

impl Way {
    /// Hands on caller's audio.
    pub(super) fn audio(&mut self, audio: CallerAudio) {
        match self {
            Self::Direct(links) => links.caller_audio(audio),
            Self::Relayed { relay, meters } => match relay.try_send(audio) {
                Ok(()) => {}
                Err(SendError::Full(_) | SendError::Closed(_)) => meters.dropped_frames.add(),
            },
        }
    }

    pub(super) fn mark(&self, name: MarkName) {
        match self {
            Self::Direct(links) => links.dialog.tell(MarkReached(name)),
            Self::Relayed { relay, .. } => relay.do_send(MarkReached(name)),
        }
    }

    pub(super) fn key(&self, key: char) {
        match self {
            Self::Direct(links) => links.dialog.tell(KeyPressed(key)),
            Self::Relayed { relay, .. } => relay.do_send(KeyPressed(key)),
        }
    }

    pub(super) fn seen(&self, view: StreamView) {
        match self {
            Self::Direct(links) => links.stream.set(view),
            Self::Relayed { relay, .. } => relay.do_send(StreamSeen(view)),
        }
    }

    pub(super) fn end(&self, end: CallEnd) {
        match self {
            Self::Direct(links) => links.tell_supervisor(EndCall(end)),
            Self::Relayed { relay, .. } => relay.do_send(EndCall(end)),
        }
    }

    pub(super) fn line_ended(&self, ended: LineEnded) {
        match self {
            Self::Direct(links) => links.tell_supervisor(ended),
            Self::Relayed { relay, .. } => relay.do_send(ended),
        }
    }
}
