//! Names of things: newtypes, so that a stream id can never stand where a call id belongs.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes the name as the carrier gave it.
            pub fn new(name: impl Into<String>) -> Self {
                Self(name.into())
            }

            /// The name as the carrier gave it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// A call, as Twilio names it: `CA` and 32 hexadecimal digits. Other carriers use other forms, so any
    /// text is taken.
    CallSid
}
text_id! {
    /// A media stream of a call: `MZ` and 32 hexadecimal digits at Twilio.
    StreamSid
}
text_id! {
    /// An account at the carrier: `AC` and 32 hexadecimal digits at Twilio. A call of a subaccount is signed
    /// with that subaccount's token.
    AccountSid
}
text_id! {
    /// The label of a mark in the playback queue, chosen by us and echoed by the carrier.
    MarkName
}

macro_rules! counter_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
        )]
        #[serde(transparent)]
        pub struct $name(pub u32);

        impl $name {
            /// The one after this.
            #[must_use]
            pub fn next(self) -> Self {
                Self(self.0.wrapping_add(1))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

counter_id! {
    /// A turn of the agent. Everything about speech carries it: a cancelled turn needs no chase, since
    /// whoever meets an old number drops it.
    TurnId
}
counter_id! {
    /// How often Twilio's buffer was cleared in this stream. A mark of an older epoch came back because of
    /// a `clear` and says nothing about what was heard.
    Epoch
}
counter_id! {
    /// A stretch of the caller's speech, from onset to end of utterance.
    UtteranceId
}
