//! What we send over the media socket: three messages, no more, and no field more.
//!
//! Twilio ignores a message with an unknown or missing field and says so only in its debugger (warning
//! 31951), so the caller would hear silence and we would never know. Therefore the three are written here by
//! hand, in one allocation each, and nowhere else (Twilio, "Media Streams: WebSocket messages to Twilio").

use std::fmt::Write;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use crate::ids::{MarkName, StreamSid};

/// Audio to play: raw bytes of µ-law at 8 kHz, any number of them, without a file header (Twilio would play
/// it as noise). It queues behind what was sent before.
pub fn media(stream: &StreamSid, mulaw: &[u8]) -> String {
    let mut text = String::with_capacity(64 + stream.as_str().len() + mulaw.len().div_ceil(3) * 4);
    open(&mut text, "media", stream);
    text.push_str(r#","media":{"payload":""#);
    BASE64_STANDARD.encode_string(mulaw, &mut text);
    text.push_str(r#""}}"#);
    text
}

/// A mark behind the audio sent so far. It comes back when the caller has heard that audio, or at once after
/// a [`clear`].
pub fn mark(stream: &StreamSid, name: &MarkName) -> String {
    let mut text = String::with_capacity(64 + stream.as_str().len() + name.as_str().len());
    open(&mut text, "mark", stream);
    text.push_str(r#","mark":{"name":"#);
    push_json(&mut text, name.as_str());
    text.push_str("}}");
    text
}

/// Throws away all audio that waits to be played. Every outstanding mark comes back.
pub fn clear(stream: &StreamSid) -> String {
    let mut text = String::with_capacity(40 + stream.as_str().len());
    open(&mut text, "clear", stream);
    text.push('}');
    text
}

fn open(text: &mut String, event: &str, stream: &StreamSid) {
    text.push_str(r#"{"event":""#);
    text.push_str(event);
    text.push_str(r#"","streamSid":"#);
    push_json(text, stream.as_str());
}

/// A string of JSON with its quotes (RFC 8259, section 7). Ids of Twilio need no escapes, but other carriers
/// choose their own.
fn push_json(text: &mut String, value: &str) {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\0'..='\x1F' => {
                // Writing to a String does not fail.
                let _ = write!(text, "\\u{:04x}", u32::from(character));
            }
            other => text.push(other),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn the_three_messages_are_exactly_these() {
        let stream = StreamSid::new("MZ1");
        assert_eq!(
            media(&stream, &[0xFF; 4]),
            r#"{"event":"media","streamSid":"MZ1","media":{"payload":"/////w=="}}"#
        );
        assert_eq!(
            mark(&stream, &MarkName::new("t3-e1-7")),
            r#"{"event":"mark","streamSid":"MZ1","mark":{"name":"t3-e1-7"}}"#
        );
        assert_eq!(clear(&stream), r#"{"event":"clear","streamSid":"MZ1"}"#);
    }

    #[test]
    fn a_frame_is_written_in_one_allocation() {
        let text = media(&StreamSid::new("MZ0123456789abcdef0123456789abcdef"), &[0; 160]);
        assert!(text.capacity() - text.len() < 64, "{} of {}", text.len(), text.capacity());
    }

    /// Any text; control characters, quotes and backslashes are in it more often than in life.
    fn text() -> impl Strategy<Value = String> {
        "[\\x00-\\x1F\"\\\\/\u{7F}מ𝄞a]{0,12}".boxed().prop_union(any::<String>().boxed())
    }

    proptest! {
        #[test]
        fn any_id_arrives_as_it_was(id in text(), name in text(), audio: Vec<u8>) {
            let stream = StreamSid::new(id.clone());
            let parse = |text: String| serde_json::from_str::<Value>(&text).unwrap();
            prop_assert_eq!(
                parse(media(&stream, &audio)),
                json!({"event": "media", "streamSid": id, "media": {"payload": BASE64_STANDARD.encode(&audio)}})
            );
            prop_assert_eq!(
                parse(mark(&stream, &MarkName::new(name.clone()))),
                json!({"event": "mark", "streamSid": id, "mark": {"name": name}})
            );
            prop_assert_eq!(parse(clear(&stream)), json!({"event": "clear", "streamSid": id}));
        }
    }
}
