//! Counts the fields of a message that nobody here knows: a carrier's new field costs nothing, but an
//! operator should see that it came.
//!
//! Reads the message as a tree, so it is for the rare messages and the first of audio, not for each frame.

use serde_json::Value;

/// The objects of a message and their fields (Twilio, "Media Streams: WebSocket messages from Twilio"); the first is the message itself.
const KNOWN: [(&str, &[&str]); 7] = [
    (
        "",
        &[
            "event",
            "sequenceNumber",
            "streamSid",
            "protocol",
            "version",
            "start",
            "media",
            "mark",
            "dtmf",
            "stop",
        ],
    ),
    ("start", &["accountSid", "streamSid", "callSid", "tracks", "mediaFormat", "customParameters"]),
    ("mediaFormat", &["encoding", "sampleRate", "channels"]),
    ("media", &["track", "chunk", "timestamp", "payload"]),
    ("mark", &["name"]),
    ("dtmf", &["track", "digit"]),
    ("stop", &["accountSid", "callSid"]),
];

/// How many fields of the message, at any depth we read, are unknown. 0 for what is no JSON object.
pub(crate) fn count(text: &str) -> u64 {
    serde_json::from_str::<Value>(text).map_or(0, |message| in_object("", &message))
}

fn in_object(name: &str, value: &Value) -> u64 {
    let Some((_, known)) = KNOWN.iter().find(|(object, _)| *object == name) else { return 0 };
    let Some(fields) = value.as_object() else { return 0 };
    let field = |(key, inner): (&String, &Value)| {
        if known.contains(&key.as_str()) { in_object(key, inner) } else { 1 }
    };
    fields.iter().map(field).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_messages_hold_nothing_unknown() {
        for text in [
            r#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#,
            r#"{"event":"start","sequenceNumber":"1","streamSid":"MZ","start":{"accountSid":"AC","streamSid":"MZ",
                "callSid":"CA","tracks":["inbound"],"customParameters":{"any":"name"},
                "mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1}}}"#,
            r#"{"event":"dtmf","streamSid":"MZ","sequenceNumber":"5","dtmf":{"track":"inbound_track","digit":"1"}}"#,
            r#"{"event":"stop","sequenceNumber":"5","streamSid":"MZ","stop":{"accountSid":"AC","callSid":"CA"}}"#,
        ] {
            assert_eq!(count(text), 0, "{text}");
        }
    }

    #[test]
    fn new_fields_are_counted_wherever_they_stand() {
        assert_eq!(count(r#"{"event":"mark","new":{"a":1},"mark":{"name":"x","why":"played"}}"#), 2);
        assert_eq!(count("[]"), 0);
        assert_eq!(count("no json"), 0);
    }
}
