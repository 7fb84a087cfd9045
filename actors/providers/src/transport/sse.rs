//! Server-sent events (WHATWG HTML, 9.2), read piece by piece as they come over HTTP.
//!
//! Chunks cut anywhere, also inside a character; so bytes are kept until a line is whole. `id` and `retry`
//! are of no use to a stream that is never resumed, and are dropped.

/// One event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SseEvent {
    /// Its `event:` name; empty when it had none.
    pub event: String,
    /// Its `data:` lines, joined by line feeds.
    pub data: String,
}

/// Longest line kept; a longer one is no event of a chat model.
const LONGEST_LINE: usize = 1 << 20;

/// Most data kept of an event, bytes, of however many lines; the rest is dropped, as of a line. An event ends
/// where its sender says so, and one that never does must not take all memory.
const LONGEST_EVENT: usize = LONGEST_LINE;

/// Reads events from chunks.
#[derive(Debug, Default)]
pub struct SseParser {
    line: Vec<u8>,
    event: SseEvent,
    has_data: bool,
    was_cr: bool,
    has_begun: bool,
}

impl SseParser {
    /// Takes the next chunk; gives the events completed by it.
    pub fn push(&mut self, chunk: &[u8]) -> Vec<SseEvent> {
        let mut events = Vec::new();
        for &byte in chunk {
            let ends_line = match byte {
                b'\n' if self.was_cr => {
                    self.was_cr = false;
                    continue;
                }
                b'\n' | b'\r' => true,
                _ => false,
            };
            self.was_cr = byte == b'\r';
            if ends_line {
                let line = std::mem::take(&mut self.line);
                events.extend(self.take_line(&line));
            } else if self.line.len() < LONGEST_LINE {
                self.line.push(byte);
            }
        }
        events
    }

    fn take_line(&mut self, line: &[u8]) -> Option<SseEvent> {
        let text = String::from_utf8_lossy(line);
        let mut line = text.as_ref();
        if !std::mem::replace(&mut self.has_begun, true) {
            line = line.strip_prefix('\u{feff}').unwrap_or(line);
        }
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            return std::mem::take(&mut self.has_data).then_some(event);
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => {
                if self.has_data && self.event.data.len() < LONGEST_EVENT {
                    self.event.data.push('\n');
                }
                self.has_data = true;
                let room = LONGEST_EVENT.saturating_sub(self.event.data.len());
                self.event.data.push_str(&value[..value.floor_char_boundary(room)]);
            }
            "event" => value.clone_into(&mut self.event.event),
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(chunks: &[&[u8]]) -> Vec<(String, String)> {
        let mut parser = SseParser::default();
        let events = chunks.iter().flat_map(|chunk| parser.push(chunk)).collect::<Vec<_>>();
        events.into_iter().map(|event| (event.event, event.data)).collect()
    }

    fn pair(event: &str, data: &str) -> (String, String) {
        (event.into(), data.into())
    }

    #[test]
    fn events_are_read_however_they_are_cut() {
        let text =
            "\u{feff}: hello\r\nevent: x\r\ndata: שלום\r\ndata:b\r\n\r\nid: 7\n\ndata: last\n\n".as_bytes();
        let expected = [pair("x", "שלום\nb"), pair("", "last")];
        assert_eq!(read(&[text]), expected);
        let bytes: Vec<&[u8]> = text.chunks(1).collect();
        assert_eq!(read(&bytes), expected);
    }

    #[test]
    fn an_event_without_data_is_none_and_one_cut_off_is_none() {
        assert_eq!(read(&[b"event: ping\n\n", b"data: never ended"]), []);
    }

    #[test]
    fn an_event_that_never_ends_takes_no_more_memory_than_a_long_one() {
        let mut parser = SseParser::default();
        let lines = format!("data: {}\n", "ש".repeat(10_000)).repeat(60);
        assert_eq!(parser.push(lines.as_bytes()), []);
        assert!(parser.event.data.len() <= LONGEST_EVENT);
        assert!(parser.push(lines.as_bytes()).is_empty());
        assert!(parser.event.data.len() <= LONGEST_EVENT, "{}", parser.event.data.len());
        parser.push(b"\n");
        assert_eq!(parser.push(b"data: next\n\n")[0].data, "next");
    }
}
