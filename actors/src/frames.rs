//! From the frames of a WebSocket to whole messages, and what the protocol itself demands between them.
//!
//! RFC 6455 leaves an endpoint little choice: a ping is answered, a close is returned, fragments are one
//! message, and a peer that breaks the rules is told with the code of the rule. This is the one place for it,
//! so that the conformance suite (`deploy/conformance.sh`), which needs an echo, judges the same code as
//! carriers meet: an actor only says what it does with a whole message.

use actix::{Actor, ActorContext};
use actix_http::ws::{Item, Message, ProtocolError};
use actix_web_actors::ws::{CloseCode, CloseReason, WebsocketContext};
use bytes::Bytes;
use bytestring::ByteString;
use moked_core::twilio::inbound::MAX_MESSAGE_BYTES;

/// A message that came whole, or was joined of its fragments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whole {
    /// Text, checked to be UTF-8.
    Text(ByteString),
    /// Bytes.
    Binary(Bytes),
    /// An answer to our ping, or a sign of life of its own.
    Pong,
}

/// What a frame comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A message.
    Whole(Whole),
    /// Answer this ping.
    Pong(Bytes),
    /// The peer says goodbye; say it back.
    Goodbye(Option<CloseReason>),
    /// The peer broke a rule; tell him which and end.
    Broken {
        /// The rule: 1002 the protocol, 1007 text that is not UTF-8, 1009 too long.
        code: CloseCode,
        /// For the log and the peer.
        why: String,
    },
    /// The message goes on in another frame.
    More,
}

/// Joins fragments. Holds at most one message of [`MAX_MESSAGE_BYTES`].
#[derive(Debug, Default)]
pub struct Frames(Option<Partial>);

/// A message whose end has not come.
#[derive(Debug)]
struct Partial {
    bytes: Vec<u8>,
    /// Bytes from the front that are known to be UTF-8; `None` for a binary message.
    text_up_to: Option<usize>,
}

impl Frames {
    /// Takes a frame.
    pub fn read(&mut self, frame: Result<Message, ProtocolError>) -> Step {
        match frame {
            Ok(Message::Text(text)) => Step::Whole(Whole::Text(text)),
            Ok(Message::Binary(bytes)) => Step::Whole(Whole::Binary(bytes)),
            Ok(Message::Continuation(item)) => self.join(item),
            Ok(Message::Ping(payload)) => Step::Pong(payload),
            Ok(Message::Pong(_)) => Step::Whole(Whole::Pong),
            Ok(Message::Close(reason)) => Step::Goodbye(reason),
            Ok(Message::Nop) => Step::More,
            Err(error) => Step::Broken { code: rule(&error), why: error.to_string() },
        }
    }

    /// Takes a frame and does what the protocol demands; gives what is left for the actor. A peer that says
    /// goodbye or breaks a rule is answered, and the actor is stopped.
    pub fn attend<A>(
        &mut self,
        frame: Result<Message, ProtocolError>,
        ctx: &mut WebsocketContext<A>,
    ) -> Option<Whole>
    where
        A: Actor<Context = WebsocketContext<A>>,
    {
        match self.read(frame) {
            Step::Whole(whole) => return Some(whole),
            Step::Pong(payload) => ctx.pong(&payload),
            Step::Goodbye(reason) => {
                ctx.close(reason);
                ctx.stop();
            }
            Step::Broken { code, why } => {
                let number = u16::from(code);
                tracing::warn!(event = "WS_BROKEN", "the socket broke: {why}; it is closed with {number}");
                ctx.close(Some((code, "frames that cannot be read").into()));
                ctx.stop();
            }
            Step::More => {}
        }
        None
    }

    fn join(&mut self, item: Item) -> Step {
        let (bytes, is_last) = match item {
            Item::FirstText(bytes) => {
                self.0 = Some(Partial { bytes: Vec::new(), text_up_to: Some(0) });
                (bytes, false)
            }
            Item::FirstBinary(bytes) => {
                self.0 = Some(Partial { bytes: Vec::new(), text_up_to: None });
                (bytes, false)
            }
            Item::Continue(bytes) => (bytes, false),
            Item::Last(bytes) => (bytes, true),
        };
        // The codec lets no continuation through that continues nothing.
        let Some(mut partial) = self.0.take() else { return Step::More };
        if partial.bytes.len() + bytes.len() > MAX_MESSAGE_BYTES {
            let why = format!("fragments of more than {MAX_MESSAGE_BYTES} bytes in all");
            return Step::Broken { code: CloseCode::Size, why };
        }
        partial.bytes.extend_from_slice(&bytes);
        if !partial.is_good(is_last) {
            return Step::Broken { code: CloseCode::Invalid, why: "text that is not UTF-8".to_owned() };
        }
        if !is_last {
            self.0 = Some(partial);
            return Step::More;
        }
        let whole = Bytes::from(partial.bytes);
        Step::Whole(match partial.text_up_to {
            None => Whole::Binary(whole),
            // Checked above, piece by piece.
            Some(_) => Whole::Text(ByteString::try_from(whole).unwrap_or_default()),
        })
    }
}

impl Partial {
    /// Whether it can still become text, or is some already if this was its end. A character may be cut
    /// between two fragments.
    fn is_good(&mut self, is_last: bool) -> bool {
        let Some(up_to) = &mut self.text_up_to else { return true };
        match std::str::from_utf8(&self.bytes[*up_to..]) {
            Ok(_) => *up_to = self.bytes.len(),
            Err(error) if error.error_len().is_some() || is_last => return false,
            Err(error) => *up_to += error.valid_up_to(),
        }
        true
    }
}

/// The rule that an error of the decoder breaks (RFC 6455, section 7.4.1).
fn rule(error: &ProtocolError) -> CloseCode {
    match error {
        ProtocolError::Overflow => CloseCode::Size,
        // Text is checked outside of the decoder, and of that error only the words are kept.
        ProtocolError::Io(words) if words.to_string().contains("utf-8") => CloseCode::Invalid,
        ProtocolError::Io(_)
        | ProtocolError::UnmaskedFrame
        | ProtocolError::MaskedFrame
        | ProtocolError::InvalidOpcode(_)
        | ProtocolError::InvalidLength(_)
        | ProtocolError::BadOpCode
        | ProtocolError::ContinuationNotStarted
        | ProtocolError::ContinuationStarted
        | ProtocolError::ContinuationFragment(_) => CloseCode::Protocol,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Step {
        Step::Whole(Whole::Text(text.into()))
    }

    fn join(frames: &mut Frames, item: Item) -> Step {
        frames.read(Ok(Message::Continuation(item)))
    }

    fn code(step: Step) -> u16 {
        match step {
            Step::Broken { code, .. } => code.into(),
            Step::Whole(_) | Step::Pong(_) | Step::Goodbye(_) | Step::More => 0,
        }
    }

    #[test]
    fn fragments_are_one_message_also_around_a_ping_and_inside_a_character() {
        let mut frames = Frames::default();
        let (head, tail) = "שלום".as_bytes().split_at(3);
        assert_eq!(join(&mut frames, Item::FirstText(Bytes::from_static(head))), Step::More);
        assert_eq!(frames.read(Ok(Message::Ping("?".into()))), Step::Pong("?".into()));
        assert_eq!(join(&mut frames, Item::Continue(Bytes::from_static(tail))), Step::More);
        assert_eq!(join(&mut frames, Item::Last("!".into())), text("שלום!"));

        join(&mut frames, Item::FirstBinary(Bytes::from_static(&[0xFF])));
        let bytes = Whole::Binary(Bytes::from_static(&[0xFF, 0xFE]));
        assert_eq!(join(&mut frames, Item::Last(Bytes::from_static(&[0xFE]))), Step::Whole(bytes));
    }

    #[test]
    fn text_that_can_no_longer_be_utf_8_is_refused_before_its_end() {
        let mut frames = Frames::default();
        let wrong = Item::FirstText(Bytes::from_static(&[b'a', 0xC3, 0x28]));
        assert_eq!(code(join(&mut frames, wrong)), 1_007);
        join(&mut frames, Item::FirstText(Bytes::from_static(&[0xD7])));
        assert_eq!(code(join(&mut frames, Item::Last(Bytes::new()))), 1_007, "cut inside a character");
    }

    #[test]
    fn a_message_may_be_as_long_in_fragments_as_in_one_frame() {
        let mut frames = Frames::default();
        let long = Bytes::from(vec![b'x'; MAX_MESSAGE_BYTES - 1]);
        join(&mut frames, Item::FirstText("x".into()));
        assert_eq!(join(&mut frames, Item::Continue(long)), Step::More);
        assert_eq!(code(join(&mut frames, Item::Last("x".into()))), 1_009);
        assert_eq!(join(&mut frames, Item::Last("x".into())), Step::More, "nothing is left of it");
    }

    #[test]
    fn each_fault_of_the_decoder_has_the_code_of_its_rule() {
        let io = |words: &str| ProtocolError::Io(std::io::Error::other(words.to_owned()));
        let not_text = ByteString::try_from(Bytes::from_static(&[0xFF])).unwrap_err().to_string();
        let cut = ByteString::try_from(Bytes::from_static(&[0xD7])).unwrap_err().to_string();
        for (error, expected) in [
            (ProtocolError::Overflow, 1_009),
            (io(&not_text), 1_007),
            (io(&cut), 1_007),
            (io("connection reset"), 1_002),
            (ProtocolError::UnmaskedFrame, 1_002),
        ] {
            assert_eq!(code(Frames::default().read(Err(error))), expected);
        }
    }
}
