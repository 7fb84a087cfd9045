//! Twilio's wire: the room where everything that crosses the border to the carrier is read and written.
//!
//! - [`inbound`] and [`outbound`]: the messages of the media socket, both ways.
//! - [`stream`]: in which order they may come.
//! - [`signature`]: whether a request is really Twilio's.
//! - [`form`] and [`webhook`]: what a request says.
//! - [`twiml`]: what we answer, and a reader of it for the simulated carrier and the doctor.
//! - [`error_code`]: what Twilio's debugger says afterwards, and what to do about it.
//!
//! Other rooms speak of calls, marks and keys; only this one knows field names. The facts are those of
//! Twilio's documentation (Voice: Media Streams, TwiML, webhooks, errors) as it stood in 2026; what it does not tell, and
//! was seen, is said so where it is used.

pub mod error_code;
pub mod form;
pub mod inbound;
pub mod outbound;
pub mod signature;
pub mod stream;
pub mod twiml;
pub mod webhook;

pub use crate::audio::dtmf::DtmfKey;
pub use error_code::ErrorCode;
pub use form::parse_form;
pub use inbound::{Inbound, InboundError, Media, MediaFormat, StreamStart, Track};
pub use stream::{Stream, StreamEvent, StreamFault, StreamTimeout, StreamView};
pub use twiml::{Twiml, TwimlError, Verb};
pub use webhook::{
    CallStatus, CallStatusUpdate, Direction, IncomingCall, Party, StreamStatus, StreamStatusEvent,
    WebhookError,
};
