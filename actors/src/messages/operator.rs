//! What a person orders a live call to do, from the admin endpoint.

use actix::Message;
use moked_core::restart::Child;
use thiserror::Error;

/// An order to one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OperatorOrder {
    /// End the call.
    HangUp,
    /// End the stream; the document after `<Connect>` dials the number that the registry holds for the call.
    Transfer,
    /// Say this to the caller, after the turn under way.
    Say(String),
    /// End a stage's life and begin its next.
    Restart(Child),
}

/// Why a call does not obey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum OrderRefused {
    /// The call is ending.
    #[error("the call is over")]
    Over,
    /// The call has no such stage, or it was given up.
    #[error("this stage does not run in this call")]
    NotRunning,
}

/// Carry out an order.
#[derive(Debug, Clone, Message)]
#[rtype(result = "Result<(), OrderRefused>")]
pub struct Operate(pub OperatorOrder);

/// Say this as soon as nobody else speaks.
#[derive(Debug, Clone, Message)]
#[rtype(result = "()")]
pub struct Announce(pub String);
