//! Reads a transcription, whole or streamed.
//!
//! Asked for a stream, OpenAI and newer servers send typed events; older speaches sends a bare `{"text"}` for
//! each segment; whisper.cpp does not know streams and sends one JSON object. What came is told by its look.

use moked_core::ports::ProviderFault;
use serde::Deserialize;

use crate::transport::SseParser;

/// Longest answer taken, bytes.
const LONGEST: usize = 1 << 20;

/// One JSON object: the whole answer, or an event of a stream.
#[derive(Debug, Deserialize)]
struct Message {
    #[serde(rename = "type")]
    kind: Option<String>,
    text: Option<String>,
    delta: Option<String>,
    error: Option<serde_json::Value>,
}

/// An answer as it comes in.
#[derive(Debug, Default)]
pub(super) struct Answer {
    form: Option<Form>,
    parser: SseParser,
    whole: Vec<u8>,
    text: String,
    is_done: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Json,
    Events,
}

impl Answer {
    /// Takes a chunk; gives the text so far when it grew.
    ///
    /// # Errors
    /// When the server reports a fault, or makes no sense.
    pub(super) fn push(&mut self, chunk: &[u8]) -> Result<Option<String>, ProviderFault> {
        let first = chunk.iter().find(|byte| !byte.is_ascii_whitespace());
        let seen = first.map(|&byte| if byte == b'{' { Form::Json } else { Form::Events });
        if self.form.is_none() {
            self.form = seen;
        }
        match self.form {
            None => Ok(None),
            Some(Form::Json) => {
                self.whole.extend_from_slice(chunk);
                if self.whole.len() > LONGEST { Err(garbage("it is too long")) } else { Ok(None) }
            }
            Some(Form::Events) => {
                let before = self.text.len();
                for event in self.parser.push(chunk) {
                    self.take(&event.data)?;
                }
                Ok((self.text.len() > before && !self.is_done).then(|| self.text.trim().to_owned()))
            }
        }
    }

    /// Whether all has come, whatever the connection does.
    pub(super) fn is_done(&self) -> bool {
        self.is_done
    }

    /// The whole text, at the end.
    ///
    /// # Errors
    /// When there was none.
    pub(super) fn finish(mut self) -> Result<String, ProviderFault> {
        if self.form == Some(Form::Json) {
            let whole = std::mem::take(&mut self.whole);
            self.take(&String::from_utf8_lossy(&whole))?;
            self.is_done = true;
        }
        if self.is_done || !self.text.is_empty() {
            Ok(self.text.trim().to_owned())
        } else {
            Err(garbage("it holds no text"))
        }
    }

    fn take(&mut self, data: &str) -> Result<(), ProviderFault> {
        if data.trim() == "[DONE]" {
            self.is_done = true;
            return Ok(());
        }
        let message: Message = serde_json::from_str(data).map_err(|error| garbage(&error.to_string()))?;
        if let Some(error) = message.error {
            let text = error.pointer("/message").or(Some(&error)).and_then(|text| text.as_str());
            return Err(ProviderFault::Closed { why: text.unwrap_or("an unknown error").to_owned() });
        }
        match (message.kind.as_deref(), message.text, message.delta) {
            (Some("transcript.text.delta"), _, Some(delta)) => self.text.push_str(&delta),
            (Some("transcript.text.done"), Some(text), _) => {
                self.text = text;
                self.is_done = true;
            }
            (None, Some(segment), _) => {
                if !self.text.is_empty() {
                    self.text.push(' ');
                }
                self.text.push_str(segment.trim());
            }
            (None, None, _) => return Err(garbage("it holds no text")),
            (Some(_), _, _) => {}
        }
        Ok(())
    }
}

fn garbage(why: &str) -> ProviderFault {
    ProviderFault::Garbage { why: format!("the transcription: {why}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(chunks: &[&str]) -> (Vec<String>, Result<String, ProviderFault>) {
        let mut answer = Answer::default();
        let mut partials = Vec::new();
        for chunk in chunks {
            match answer.push(chunk.as_bytes()) {
                Ok(partial) => partials.extend(partial),
                Err(fault) => return (partials, Err(fault)),
            }
        }
        (partials, answer.finish())
    }

    #[test]
    fn a_stream_of_events_gives_partials_and_its_last_word_counts() {
        let (partials, text) = read(&[
            "data: {\"type\":\"transcript.text.delta\",\"delta\":\"שלום\"}\n\n",
            "data: {\"type\":\"transcript.text.delta\",\"delta\":\" לך\"}\n\n",
            "data: {\"type\":\"transcript.text.done\",\"text\":\"שלום לך.\"}\n\ndata: [DONE]\n\n",
        ]);
        assert_eq!(partials, ["שלום", "שלום לך"]);
        assert_eq!(text, Ok("שלום לך.".into()));
    }

    #[test]
    fn bare_segments_and_plain_json_are_read_too() {
        let (partials, text) = read(&["data: {\"text\":\" one\"}\n\n", "data: {\"text\":\" two\"}\n\n"]);
        assert_eq!((partials.len(), text), (2, Ok("one two".into())));
        assert_eq!(read(&["{\"text\":", "\" whole\\n\"}"]).1, Ok("whole".into()));
        assert_eq!(read(&["{\"text\":\"\"}"]).1, Ok(String::new()), "silence has no words");
    }

    #[test]
    fn nothing_nonsense_and_errors_are_faults() {
        assert!(matches!(read(&[]).1, Err(ProviderFault::Garbage { .. })));
        assert!(matches!(read(&["<html>no</html>\n\n"]).1, Err(ProviderFault::Garbage { .. })));
        assert!(matches!(read(&["{\"words\":[]}"]).1, Err(ProviderFault::Garbage { .. })));
        let broken = read(&["data: {\"type\":\"error\",\"error\":{\"message\":\"gone\"}}\n\n"]).1;
        assert_eq!(broken, Err(ProviderFault::Closed { why: "gone".into() }));
    }
}
