//! What a call was like: the figures that a person on the phone would have felt.
//!
//! Everything is measured on sound. A turn's latency runs from the end of the last audible window that the
//! caller sent to the first audible window that the ear heard; neither a file's padding nor silent frames of
//! the agent count. All times are milliseconds from the start of the stream unless said otherwise.

mod measure;

use moked_core::ids::{CallSid, StreamSid};
use serde::Serialize;

pub use measure::measure;

use super::ear::EarLogEntry;
use super::recording::Tracks;
use super::socket::Closing;
use super::strict::Violation;
use super::voiced::Span;

/// What kind of thing the caller did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ActKind {
    /// Spoke or played a recording when the agent had finished.
    Speech,
    /// Spoke while the agent spoke.
    Interruption,
    /// Pressed keys.
    Keys,
}

/// Something that the caller did, with the time of its frames, padding included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoneAct {
    /// The text said, the file played or the keys pressed.
    pub what: String,
    /// Which kind.
    pub kind: ActKind,
    /// Start of its first frame.
    pub from_ms: u64,
    /// End of its last frame.
    pub to_ms: u64,
}

/// How a stream came to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum StreamEnd {
    /// The caller was through and hung up.
    Caller,
    /// The server closed the socket.
    Server(Closing),
    /// The call reached the longest time allowed for it.
    TimeLimit,
}

/// Everything kept of a stream, before it is measured.
#[derive(Debug, Clone)]
pub struct StreamRecord {
    /// The stream.
    pub stream_sid: StreamSid,
    /// From dialling the socket to its 101.
    pub handshake_ms: u64,
    /// Both sides.
    pub tracks: Tracks,
    /// What the ear noted.
    pub log: Vec<EarLogEntry>,
    /// What the caller did.
    pub acts: Vec<DoneAct>,
    /// Rules of Twilio broken.
    pub violations: Vec<Violation>,
    /// How many there were, kept or not.
    pub violation_count: usize,
    /// Length of the stream.
    pub duration_ms: u64,
    /// How it ended.
    pub end: StreamEnd,
}

/// How the agent took an interruption. Times are counted from the caller's first audible sound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Reaction {
    /// Until `clear` arrived; none when it never did.
    pub clear_after_ms: Option<u64>,
    /// Until the agent could not be heard any more, or until the stream ended.
    pub quiet_after_ms: u64,
}

/// One exchange: the caller does something and the agent answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Turn {
    /// The text said, the file played or the keys pressed.
    pub what: String,
    /// Which kind.
    pub kind: ActKind,
    /// First audible sound of the caller (for keys, the first key).
    pub from_ms: u64,
    /// End of the caller's last audible sound (for keys, of the last key's time).
    pub to_ms: u64,
    /// First audible sound of the agent's answer.
    pub answer_ms: Option<u64>,
    /// From `to_ms` to `answer_ms`; negative when the agent began while the caller spoke.
    pub latency_ms: Option<i64>,
    /// How the agent stopped, when it was speaking as the caller began.
    pub reaction: Option<Reaction>,
}

/// Holes in the agent's speech.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Gaps {
    /// How many.
    pub count: usize,
    /// Together.
    pub total_ms: f64,
    /// The longest.
    pub longest_ms: f64,
}

/// Marks and what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Marks {
    /// Sent by the server.
    pub queued: usize,
    /// Reached by the playhead.
    pub played: usize,
    /// Returned because of a `clear`.
    pub cleared: usize,
}

/// A stream, measured.
#[derive(Debug, Clone, Serialize)]
pub struct StreamReport {
    /// The stream.
    pub stream_sid: StreamSid,
    /// From dialling the socket to its 101.
    pub handshake_ms: u64,
    /// From the start of the stream to the agent's first audible sound, if that came before the caller's.
    pub greeting_ms: Option<u64>,
    /// The exchanges.
    pub turns: Vec<Turn>,
    /// When the agent could be heard.
    pub agent_spans: Vec<Span>,
    /// When the caller could be heard.
    pub caller_spans: Vec<Span>,
    /// Holes in the agent's speech.
    pub gaps: Gaps,
    /// Marks.
    pub marks: Marks,
    /// How often the server emptied the queue.
    pub clears: usize,
    /// Audio thrown away because more than ten minutes were queued.
    pub overflow_ms: u64,
    /// Rules of Twilio broken; the first 200 of them.
    pub violations: Vec<Violation>,
    /// How many there were.
    pub violation_count: usize,
    /// Length of the stream.
    pub duration_ms: u64,
    /// How it ended.
    pub end: StreamEnd,
    /// What the ear noted.
    pub log: Vec<EarLogEntry>,
    /// Both sides, for a recording.
    #[serde(skip)]
    pub tracks: Tracks,
}

/// A verb of a TwiML document that Twilio carried out, or a document fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Milliseconds from the start of the call.
    pub at_ms: u64,
    /// What Twilio did, for a person.
    pub what: String,
}

/// Something about the webhooks that Twilio would complain about after the call had begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Twilio's number for it.
    pub code: u32,
    /// What was found, for a person.
    pub why: String,
}

/// Who ended the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedBy {
    /// The caller hung up.
    Caller,
    /// The TwiML said `<Hangup>` or `<Reject>`, or came to its end.
    Server,
    /// The caller was handed to somebody else by `<Dial>`.
    Transfer,
    /// The document failed, so Twilio ended the call.
    Failure,
}

/// A call, measured.
#[derive(Debug, Clone, Serialize)]
pub struct CallReport {
    /// The call.
    pub call_sid: CallSid,
    /// The webhook rung.
    pub webhook: String,
    /// How long the voice webhook took to answer.
    pub webhook_ms: u64,
    /// What Twilio did, in order.
    pub trail: Vec<Step>,
    /// The media streams, usually one.
    pub streams: Vec<StreamReport>,
    /// What Twilio would complain about.
    pub problems: Vec<Problem>,
    /// What Twilio accepts and may stumble over later.
    pub advice: Vec<String>,
    /// Who ended the call.
    pub ended_by: EndedBy,
    /// Length of the call.
    pub duration_ms: u64,
}

impl CallReport {
    /// Whether the server kept every rule that Twilio checks.
    pub fn is_clean(&self) -> bool {
        self.complaint().is_none()
    }

    /// What kind of fault Twilio would find with the server, in a sentence; the report holds each of them.
    pub fn complaint(&self) -> Option<&'static str> {
        let broken = self.streams.iter().any(|stream| stream.violation_count > 0);
        match (broken, self.problems.is_empty()) {
            (false, true) => None,
            (true, true) => Some("the server broke rules of the media stream; the report lists them"),
            (false, false) => Some("Twilio would complain about the server's webhooks; the report says why"),
            (true, false) => Some(
                "the server broke rules of the media stream, and Twilio would complain about its webhooks; the \
                 report lists both",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::caller::sample;

    #[test]
    fn a_report_is_plain_json_and_keeps_the_audio_to_itself() {
        let json = serde_json::to_value(sample::report()).unwrap();
        let stream = &json["streams"][0];
        assert_eq!(stream["turns"][1]["reaction"]["clear_after_ms"], 180);
        assert_eq!(stream["turns"][1]["kind"], "interruption");
        assert_eq!(stream["end"]["by"], "caller");
        assert_eq!(stream["log"][0]["event"], "mark_queued");
        assert_eq!(stream["tracks"], serde_json::Value::Null);
    }

    #[test]
    fn a_call_with_a_broken_rule_or_a_problem_is_not_clean() {
        let mut report = sample::report();
        assert!(!report.is_clean());
        let mut only_webhooks = report.clone();
        only_webhooks.streams[0].violation_count = 0;
        assert!(
            only_webhooks.complaint().is_some_and(|why| why.contains("webhooks") && !why.contains("rules"))
        );
        report.problems.clear();
        assert!(report.complaint().is_some_and(|why| why.contains("rules") && !why.contains("webhooks")));
        report.streams[0].violation_count = 0;
        assert!(report.is_clean());
    }
}
