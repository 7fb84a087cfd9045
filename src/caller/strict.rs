//! Reads the server's messages as strictly as Twilio does.
//!
//! Twilio's real answer to a message with a misspelt or an additional field is a warning in a console that
//! nobody has open, and silence on the line. Here every such message is a finding with its code and its
//! reason, so a test can demand that there are none. A bad message is ignored and the stream lives on.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use moked_core::ids::{MarkName, StreamSid};
use serde::Serialize;
use serde_json::{Map, Value};

/// What a server may say on a bidirectional stream; there is nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerMessage {
    /// Audio to be played, as bare µ-law bytes.
    Media {
        /// The bytes, 8 a millisecond.
        payload: Vec<u8>,
    },
    /// A label in the playback queue, to be returned when it is reached.
    Mark {
        /// The label.
        name: MarkName,
    },
    /// Empty the playback queue.
    Clear,
}

/// Which rule was broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Only text frames are read (Twilio warning 31950).
    TextFrames,
    /// The message must be one of the three, with exactly its fields (Twilio warning 31951).
    MessageShape,
    /// At most ten minutes of audio may wait (Twilio warning 31931).
    BufferLimit,
    /// Nothing is sent once Twilio said `stop`. Twilio has no code for it; it means that the server did not
    /// notice the end.
    SilenceAfterStop,
}

impl Rule {
    /// The number under which Twilio's debugger shows the fault, where it has one.
    pub fn twilio_code(self) -> Option<u32> {
        match self {
            Self::TextFrames => Some(31_950),
            Self::MessageShape => Some(31_951),
            Self::BufferLimit => Some(31_931),
            Self::SilenceAfterStop => None,
        }
    }
}

/// A rule broken by the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// When, in milliseconds from the start of the stream (0 before it).
    pub at_ms: u64,
    /// Which rule.
    pub rule: Rule,
    /// Twilio's number for it, where there is one.
    pub code: Option<u32>,
    /// What was found, for a person.
    pub why: String,
}

/// How long after `stop` a message may still arrive without being a fault: it was under way. A round trip to
/// another continent is below this.
pub const STOP_GRACE: Duration = Duration::from_millis(500);

/// Most violations kept; a server that sends fifty bad frames a second is understood after a few.
const KEPT: usize = 200;

/// The reader; it knows the stream's name and whether the stream is over.
#[derive(Debug)]
pub struct Strict {
    stream_sid: StreamSid,
    start: Instant,
    stopped_at: Option<Instant>,
    violations: Vec<Violation>,
    count: usize,
}

impl Strict {
    /// A reader for the stream `stream_sid` that starts at `start`.
    pub fn new(stream_sid: StreamSid, start: Instant) -> Self {
        Self { stream_sid, start, stopped_at: None, violations: Vec::new(), count: 0 }
    }

    /// Reads a text frame. None when the message broke a rule, or came when nobody listens any more.
    pub fn text(&mut self, text: &str, now: Instant) -> Option<ServerMessage> {
        if let Some(stopped_at) = self.stopped_at {
            if now.saturating_duration_since(stopped_at) > STOP_GRACE {
                self.note(Rule::SilenceAfterStop, format!("after `stop` came {}", excerpt(text)), now);
            }
            return None;
        }
        match parse(text, &self.stream_sid) {
            Ok(message) => Some(message),
            Err(why) => {
                self.note(Rule::MessageShape, format!("{why} in {}", excerpt(text)), now);
                None
            }
        }
    }

    /// Takes note of a binary frame of `bytes` bytes: Twilio reads none.
    pub fn binary(&mut self, bytes: usize, now: Instant) {
        self.note(Rule::TextFrames, format!("a binary frame of {bytes} bytes; send text frames"), now);
    }

    /// Takes note of a rule found broken elsewhere.
    pub fn note(&mut self, rule: Rule, why: String, now: Instant) {
        self.count += 1;
        if self.violations.len() < KEPT {
            let at_ms = now.saturating_duration_since(self.start).as_millis() as u64;
            self.violations.push(Violation { at_ms, rule, code: rule.twilio_code(), why });
        }
    }

    /// From `now` on the server has nothing to say; see [`STOP_GRACE`].
    pub fn stopped(&mut self, now: Instant) {
        self.stopped_at.get_or_insert(now);
    }

    /// The violations so far, in order; the first 200 of them.
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// How many violations there were, kept or not.
    pub fn count(&self) -> usize {
        self.count
    }
}

/// Reads one message for the stream `stream_sid`.
///
/// # Errors
/// What is wrong with it, as half a sentence.
pub fn parse(text: &str, stream_sid: &StreamSid) -> Result<ServerMessage, String> {
    let value: Value = serde_json::from_str(text).map_err(|error| format!("no JSON ({error})"))?;
    let Value::Object(message) = value else { return Err("no JSON object".to_owned()) };
    let event = string(&message, "event", "")?;
    let allowed: &[&str] = match event {
        "media" => &["event", "streamSid", "media"],
        "mark" => &["event", "streamSid", "mark"],
        "clear" => &["event", "streamSid"],
        other => return Err(format!("unknown event \"{other}\"")),
    };
    only(&message, allowed, "")?;
    let named = string(&message, "streamSid", "")?;
    if named != stream_sid.as_str() {
        return Err(format!("streamSid \"{named}\" instead of \"{stream_sid}\""));
    }
    match event {
        "media" => {
            let media = object(&message, "media")?;
            only(media, &["payload"], "media.")?;
            let payload = BASE64_STANDARD
                .decode(string(media, "payload", "media.")?)
                .map_err(|error| format!("media.payload is no base64 ({error})"))?;
            Ok(ServerMessage::Media { payload })
        }
        "mark" => {
            let mark = object(&message, "mark")?;
            only(mark, &["name"], "mark.")?;
            Ok(ServerMessage::Mark { name: MarkName::new(string(mark, "name", "mark.")?) })
        }
        _ => Ok(ServerMessage::Clear),
    }
}

fn only(object: &Map<String, Value>, allowed: &[&str], prefix: &str) -> Result<(), String> {
    match object.keys().find(|key| !allowed.contains(&key.as_str())) {
        Some(key) => Err(format!("additional field \"{prefix}{key}\"")),
        None => Ok(()),
    }
}

fn string<'a>(object: &'a Map<String, Value>, key: &str, prefix: &str) -> Result<&'a str, String> {
    match object.get(key) {
        Some(Value::String(text)) => Ok(text),
        Some(other) => Err(format!("field \"{prefix}{key}\" is {}, not a string", kind(other))),
        None => Err(format!("missing field \"{prefix}{key}\"")),
    }
}

fn object<'a>(message: &'a Map<String, Value>, key: &str) -> Result<&'a Map<String, Value>, String> {
    match message.get(key) {
        Some(Value::Object(object)) => Ok(object),
        Some(other) => Err(format!("field \"{key}\" is {}, not an object", kind(other))),
        None => Err(format!("missing field \"{key}\"")),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Enough of a message to recognise it, and not its audio.
fn excerpt(text: &str) -> String {
    const SHOWN: usize = 120;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sid() -> StreamSid {
        StreamSid::new("MZ1")
    }

    #[test]
    fn the_three_shapes_are_read() {
        let media = r#"{"event":"media","streamSid":"MZ1","media":{"payload":"AP8="}}"#;
        assert_eq!(parse(media, &sid()), Ok(ServerMessage::Media { payload: vec![0x00, 0xFF] }));
        let mark = r#"{"event":"mark","streamSid":"MZ1","mark":{"name":"שלום 1"}}"#;
        assert_eq!(parse(mark, &sid()), Ok(ServerMessage::Mark { name: MarkName::new("שלום 1") }));
        assert_eq!(parse(r#"{"streamSid":"MZ1","event":"clear"}"#, &sid()), Ok(ServerMessage::Clear));
    }

    #[test]
    fn everything_else_is_31951_and_says_why() {
        let table = [
            ("hello", "no JSON"),
            ("[1]", "no JSON object"),
            (r#"{"streamSid":"MZ1"}"#, r#"missing field "event""#),
            (r#"{"event":"media","media":{"payload":""}}"#, r#"missing field "streamSid""#),
            (r#"{"event":"clear","streamSid":"MZ2"}"#, r#"streamSid "MZ2" instead of "MZ1""#),
            (r#"{"event":"clear","streamSid":7}"#, r#"field "streamSid" is a number, not a string"#),
            (r#"{"event":"start","streamSid":"MZ1"}"#, r#"unknown event "start""#),
            (r#"{"event":"Clear","streamSid":"MZ1"}"#, r#"unknown event "Clear""#),
            (
                r#"{"event":"clear","streamSid":"MZ1","sequenceNumber":"3"}"#,
                r#"additional field "sequenceNumber""#,
            ),
            (r#"{"event":"media","streamSid":"MZ1"}"#, r#"missing field "media""#),
            (
                r#"{"event":"media","streamSid":"MZ1","media":"AP8="}"#,
                r#"field "media" is a string, not an object"#,
            ),
            (
                r#"{"event":"media","streamSid":"MZ1","media":{"playload":"AP8="}}"#,
                r#"additional field "media.playload""#,
            ),
            (r#"{"event":"media","streamSid":"MZ1","media":{}}"#, r#"missing field "media.payload""#),
            (
                r#"{"event":"media","streamSid":"MZ1","media":{"payload":"AP8=","track":"outbound"}}"#,
                r#"additional field "media.track""#,
            ),
            (r#"{"event":"media","streamSid":"MZ1","media":{"payload":"a?"}}"#, "media.payload is no base64"),
            (r#"{"event":"mark","streamSid":"MZ1","name":"x"}"#, r#"additional field "name""#),
            (r#"{"event":"mark","streamSid":"MZ1"}"#, r#"missing field "mark""#),
            (
                r#"{"event":"mark","streamSid":"MZ1","mark":{"name":null}}"#,
                r#"field "mark.name" is null, not a string"#,
            ),
        ];
        let start = Instant::now();
        let mut strict = Strict::new(sid(), start);
        for (text, why) in table {
            assert_eq!(strict.text(text, start), None, "{text}");
            let last = strict.violations().last().unwrap();
            assert_eq!(last.code, Some(31_951), "{text}");
            assert!(last.why.contains(why), "{text}: {}", last.why);
        }
        assert_eq!(strict.count(), table.len());
    }

    #[test]
    fn a_binary_frame_is_31950() {
        let start = Instant::now();
        let mut strict = Strict::new(sid(), start);
        strict.binary(160, start + Duration::from_millis(40));
        let expected = "a binary frame of 160 bytes; send text frames".to_owned();
        let found = Violation { at_ms: 40, rule: Rule::TextFrames, code: Some(31_950), why: expected };
        assert_eq!(strict.violations(), [found]);
    }

    #[test]
    fn after_stop_what_was_under_way_is_forgiven_and_the_rest_is_not() {
        let start = Instant::now();
        let mut strict = Strict::new(sid(), start);
        let clear = r#"{"event":"clear","streamSid":"MZ1"}"#;
        strict.stopped(start);
        assert_eq!(strict.text(clear, start + STOP_GRACE), None);
        assert_eq!(strict.count(), 0);
        assert_eq!(strict.text(clear, start + STOP_GRACE + Duration::from_millis(1)), None);
        assert_eq!(strict.violations()[0].rule, Rule::SilenceAfterStop);
    }

    #[test]
    fn a_flood_of_violations_is_counted_and_not_kept() {
        let start = Instant::now();
        let mut strict = Strict::new(sid(), start);
        (0..500).for_each(|_| strict.binary(1, start));
        assert_eq!((strict.count(), strict.violations().len()), (500, KEPT));
    }
}
