//! Streams, as Twilio reports them to the `statusCallback` of `<Stream>`.

use crate::ids::{CallSid, StreamSid};
use crate::twilio::form::Form;

use super::{WebhookError, call_sid, required};

/// What happened to a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StreamStatusEvent {
    /// The socket is up.
    Started,
    /// The stream is over.
    Stopped,
    /// The stream failed, perhaps before it reached us.
    Failed,
    /// A word that Twilio does not document.
    Other(String),
}

/// Twilio's side of a stream's story. The only news of a handshake that never reached us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamStatus {
    /// The call.
    pub call_sid: CallSid,
    /// The stream.
    pub stream_sid: StreamSid,
    /// The name given in the TwiML, or the stream's id.
    pub stream_name: Option<String>,
    /// What happened.
    pub event: StreamStatusEvent,
    /// What went wrong, in Twilio's words.
    pub error: Option<String>,
    /// When, as the carrier writes it (ISO 8601).
    pub timestamp: Option<String>,
}

impl StreamStatus {
    /// Reads the pairs of a form.
    ///
    /// # Errors
    /// [`WebhookError::MissingField`] for `CallSid`, `StreamSid` and `StreamEvent`.
    pub fn from_form(pairs: &[(String, String)]) -> Result<Self, WebhookError> {
        let form = Form(pairs);
        Ok(Self {
            call_sid: call_sid(form)?,
            stream_sid: StreamSid::new(required(form, "StreamSid")?),
            stream_name: form.text("StreamName"),
            event: match required(form, "StreamEvent")? {
                "stream-started" => StreamStatusEvent::Started,
                "stream-stopped" => StreamStatusEvent::Stopped,
                "stream-error" => StreamStatusEvent::Failed,
                other => StreamStatusEvent::Other(other.to_owned()),
            },
            error: form.text("StreamError"),
            timestamp: form.text("Timestamp"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::form::parse_form;

    #[test]
    fn a_stream_that_failed_says_why() {
        let form = "AccountSid=AC1&CallSid=CA1&StreamSid=MZ1&StreamName=agent&StreamEvent=stream-error\
            &StreamError=Handshake+failed&Timestamp=2026-11-20T10%3A00%3A00Z";
        let status = StreamStatus::from_form(&parse_form(form.as_bytes())).unwrap();
        assert_eq!(status.event, StreamStatusEvent::Failed);
        assert_eq!(status.error.as_deref(), Some("Handshake failed"));
        assert_eq!((status.stream_sid.as_str(), status.stream_name.as_deref()), ("MZ1", Some("agent")));
    }

    #[test]
    fn every_event_is_known_and_unknown_ones_are_kept() {
        for (word, event) in [
            ("stream-started", StreamStatusEvent::Started),
            ("stream-stopped", StreamStatusEvent::Stopped),
            ("stream-paused", StreamStatusEvent::Other("stream-paused".to_owned())),
        ] {
            let form = format!("CallSid=CA1&StreamSid=MZ1&StreamEvent={word}");
            assert_eq!(StreamStatus::from_form(&parse_form(form.as_bytes())).unwrap().event, event);
        }
    }

    #[test]
    fn each_missing_parameter_is_named() {
        let missing = |form: &str| StreamStatus::from_form(&parse_form(form.as_bytes())).unwrap_err();
        assert_eq!(missing("CallSid=CA1&StreamEvent=x"), WebhookError::MissingField { field: "StreamSid" });
        assert_eq!(missing("CallSid=CA1&StreamSid=M"), WebhookError::MissingField { field: "StreamEvent" });
        assert_eq!(missing("StreamSid=M"), WebhookError::MissingField { field: "CallSid" });
    }
}
