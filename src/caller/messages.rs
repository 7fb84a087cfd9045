//! What Twilio says on a media stream, word for word.
//!
//! The trap of the protocol is kept: counters and timestamps are *strings* of digits, the sample rate and the
//! number of channels are numbers, and `dtmf.track` is `inbound_track` where `media.track` is `inbound`.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use moked_core::ids::{CallSid, MarkName, StreamSid};
use serde_json::{Value, json};

/// What `start` tells the server about the call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamStart {
    /// `AC` and 32 hexadecimal digits.
    pub account_sid: String,
    /// The call.
    pub call_sid: CallSid,
    /// The stream.
    pub stream_sid: StreamSid,
    /// The `<Parameter>` pairs of the TwiML.
    pub custom_parameters: BTreeMap<String, String>,
}

/// Builds the messages of one stream and counts them.
#[derive(Debug)]
pub struct Messages {
    start: StreamStart,
    sequence: u64,
    chunk: u64,
}

impl Messages {
    /// Messages of the stream that `start` describes.
    pub fn new(start: StreamStart) -> Self {
        Self { start, sequence: 0, chunk: 0 }
    }

    /// The stream's own description.
    pub fn stream(&self) -> &StreamStart {
        &self.start
    }

    /// The greeting; it has neither a stream's name nor a sequence number.
    pub fn connected() -> String {
        json!({"event": "connected", "protocol": "Call", "version": "1.0.0"}).to_string()
    }

    /// The second message, with sequence number 1.
    pub fn start(&mut self) -> String {
        let start = json!({
            "accountSid": self.start.account_sid,
            "streamSid": self.start.stream_sid,
            "callSid": self.start.call_sid,
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": self.start.custom_parameters,
        });
        self.numbered("start", "start", start)
    }

    /// Caller's audio: µ-law bytes and the time of the first of them, in milliseconds from the start.
    pub fn media(&mut self, timestamp_ms: u64, payload: &[u8]) -> String {
        self.chunk += 1;
        let media = json!({
            "track": "inbound",
            "chunk": self.chunk.to_string(),
            "timestamp": timestamp_ms.to_string(),
            "payload": BASE64_STANDARD.encode(payload),
        });
        self.numbered("media", "media", media)
    }

    /// A key pressed by the caller.
    pub fn dtmf(&mut self, digit: char) -> String {
        self.numbered("dtmf", "dtmf", json!({"track": "inbound_track", "digit": digit.to_string()}))
    }

    /// The echo of a mark.
    pub fn mark(&mut self, name: &MarkName) -> String {
        self.numbered("mark", "mark", json!({"name": name}))
    }

    /// The end of the stream; it carries no reason.
    pub fn stop(&mut self) -> String {
        let stop = json!({"accountSid": self.start.account_sid, "callSid": self.start.call_sid});
        self.numbered("stop", "stop", stop)
    }

    fn numbered(&mut self, event: &str, key: &str, body: Value) -> String {
        self.sequence += 1;
        let mut message = json!({
            "event": event,
            "sequenceNumber": self.sequence.to_string(),
            "streamSid": self.start.stream_sid,
        });
        if let Value::Object(fields) = &mut message {
            fields.insert(key.to_owned(), body);
        }
        message.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages() -> Messages {
        Messages::new(StreamStart {
            account_sid: "AC1".to_owned(),
            call_sid: CallSid::new("CA1"),
            stream_sid: StreamSid::new("MZ1"),
            custom_parameters: BTreeMap::from([("token".to_owned(), "t".to_owned())]),
        })
    }

    fn value(text: &str) -> Value {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn every_message_has_the_fields_and_types_of_the_reference() {
        let mut messages = messages();
        assert_eq!(
            value(&Messages::connected()),
            json!({"event":"connected","protocol":"Call","version":"1.0.0"})
        );
        assert_eq!(
            value(&messages.start()),
            json!({"event":"start","sequenceNumber":"1","streamSid":"MZ1","start":{
                "accountSid":"AC1","streamSid":"MZ1","callSid":"CA1","tracks":["inbound"],
                "mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},
                "customParameters":{"token":"t"}}})
        );
        assert_eq!(
            value(&messages.media(20, &[0, 255])),
            json!({"event":"media","sequenceNumber":"2","streamSid":"MZ1",
                "media":{"track":"inbound","chunk":"1","timestamp":"20","payload":"AP8="}})
        );
        assert_eq!(
            value(&messages.dtmf('#')),
            json!({"event":"dtmf","sequenceNumber":"3","streamSid":"MZ1",
                "dtmf":{"track":"inbound_track","digit":"#"}})
        );
        assert_eq!(
            value(&messages.mark(&MarkName::new("u/1"))),
            json!({"event":"mark","sequenceNumber":"4","streamSid":"MZ1","mark":{"name":"u/1"}})
        );
        assert_eq!(
            value(&messages.stop()),
            json!({"event":"stop","sequenceNumber":"5","streamSid":"MZ1",
                "stop":{"accountSid":"AC1","callSid":"CA1"}})
        );
    }
}
