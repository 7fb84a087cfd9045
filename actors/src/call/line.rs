//! The line of a call: the socket that carries it now, if one does.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use actix::Recipient;
use actix::prelude::SendError;
use moked_core::ids::StreamSid;

use super::Offer;
use crate::messages::LineOrder;

/// One stream's socket, as its call sees it. May be on another thread.
#[derive(Clone)]
pub struct Line {
    /// The stream.
    pub stream_sid: StreamSid,
    /// Takes what is to be sent.
    pub orders: Recipient<LineOrder>,
    /// Cuts the connection, for a peer that reads nothing and whom no order reaches.
    pub cut: Cut,
}

/// Cuts a connection, from any thread.
#[derive(Clone)]
pub struct Cut(Arc<dyn Fn() + Send + Sync>);

impl Cut {
    /// A connection that is cut by `cut`.
    pub fn new(cut: impl Fn() + Send + Sync + 'static) -> Self {
        Self(Arc::new(cut))
    }

    /// Cuts it. What was not sent is lost.
    pub fn cut(&self) {
        (self.0)();
    }
}

impl fmt::Debug for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cut")
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("stream_sid", &self.stream_sid).finish_non_exhaustive()
    }
}

/// Where the line of a call is found.
#[derive(Debug, Default)]
pub(crate) struct LineSlot(RefCell<Option<Line>>);

impl LineSlot {
    pub(crate) fn up(line: Line) -> Self {
        Self(RefCell::new(Some(line)))
    }

    pub(crate) fn put(&self, line: Line) -> Option<Line> {
        self.0.replace(Some(line))
    }

    pub(crate) fn take(&self) -> Option<Line> {
        self.0.take()
    }

    /// Whether a stream carries the call.
    pub(crate) fn is_there(&self) -> bool {
        self.0.borrow().is_some()
    }

    /// Whether this stream carries the call.
    pub(crate) fn is(&self, stream_sid: &StreamSid) -> bool {
        self.0.borrow().as_ref().is_some_and(|line| line.stream_sid == *stream_sid)
    }

    /// Tells an order that passes the mailbox's bound.
    pub(crate) fn tell(&self, order: LineOrder) {
        if let Some(line) = self.0.borrow().as_ref() {
            line.orders.do_send(order);
        }
    }

    /// Offers an order; gives it back when the socket's mailbox is full.
    pub(crate) fn offer(&self, order: LineOrder) -> Offer<LineOrder> {
        match self.0.borrow().as_ref().map(|line| line.orders.try_send(order)) {
            Some(Ok(())) => Offer::Taken,
            Some(Err(SendError::Full(order))) => Offer::Full(order),
            Some(Err(SendError::Closed(_))) | None => Offer::Nobody,
        }
    }
}
