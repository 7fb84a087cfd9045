//! What a vendor's folder says about its wire.

use std::time::Duration;

use bytes::Bytes;
use moked_core::ports::{ProviderFault, TurnSignal};

use crate::transport::{Incoming, Socket, SocketRequest};

/// A message to the vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outgoing {
    /// A text message.
    Text(String),
    /// A binary message.
    Binary(Bytes),
}

impl Outgoing {
    /// Sends it.
    ///
    /// # Errors
    /// When the connection is gone, or takes nothing for 2 s.
    pub async fn send(self, socket: &mut Socket) -> Result<(), ProviderFault> {
        match self {
            Self::Text(text) => socket.send_text(text).await,
            Self::Binary(bytes) => socket.send_binary(bytes).await,
        }
    }
}

/// What a vendor's message means.
#[derive(Debug, Clone, PartialEq)]
pub enum WireFact {
    /// Text that may still change; replaces the interim text before it. Settled text is not part of it.
    Interim(String),
    /// Text that will not change any more; goes behind what is settled already.
    Settled(String),
    /// Text in pieces that bring their own spaces and may begin inside a word: `settled` goes behind what is
    /// settled already, `interim` may still change and replaces the interim text before it.
    Pieces {
        /// Will not change any more.
        settled: String,
        /// May still change.
        interim: String,
    },
    /// Everything that was said before the last `finalize` is settled now.
    Finalized,
    /// The vendor's view of the caller's turn.
    Turn(TurnSignal),
    /// The session is over by the vendor's rules, in its words; a fresh one goes on.
    Expired(String),
    /// The vendor reports a fault; the session is over.
    Fault(ProviderFault),
}

/// A vendor's wire.
pub trait SttWire: 'static {
    /// Where to connect.
    fn request(&self) -> SocketRequest;

    /// What to say first.
    fn opening(&mut self) -> Vec<Outgoing> {
        Vec::new()
    }

    /// Audio, µ-law at 8 kHz, in pieces of [`Self::piece`].
    fn audio(&mut self, mulaw: &[u8]) -> Outgoing;

    /// How much audio goes into one message. A call delivers 20 ms at a time.
    fn piece(&self) -> Duration {
        Duration::from_millis(20)
    }

    /// Whether only utterances are sent, with the 500 ms before them. For vendors that recognise all that came
    /// since the last command to settle: minutes of silence would go before every answer.
    fn is_speech_only(&self) -> bool {
        false
    }

    /// The command for "settle what you have heard"; `None` where there is none.
    fn finalize(&mut self) -> Option<Outgoing>;

    /// What keeps the connection while no audio flows, and how often to say it.
    fn keep_alive(&self) -> Option<(Duration, Outgoing)> {
        None
    }

    /// How many utterances in a row may end without a single message from the vendor since they began
    /// before it counts as stalled. 1 for those that send something for noise too; more for those that say
    /// nothing unless they hear words, for a cough is no stall.
    fn unanswered_limit(&self) -> u32 {
        1
    }

    /// How old the vendor lets a session grow; `None`: older than any call. Only for wires that send nothing but
    /// utterances ([`Self::is_speech_only`]), for only those are kept for the next session.
    fn lifetime(&self) -> Option<Duration> {
        None
    }

    /// Forgets what belongs to the session: a fresh one begins with [`Self::opening`].
    fn start_over(&mut self) {}

    /// What is likely in the next utterance, for vendors that take hints in a running session.
    fn expect(&mut self, _phrases: &[String]) -> Option<Outgoing> {
        None
    }

    /// Reads a message.
    ///
    /// # Errors
    /// When it makes no sense; the session goes on, and the fault is logged once.
    fn read(&mut self, message: Incoming) -> Result<Vec<WireFact>, ProviderFault>;
}
