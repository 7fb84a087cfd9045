//! Server-sent events: it makes no difference where the network cuts them.

use moked_providers::transport::{SseEvent, SseParser};

/// The first byte says how long the chunks are, the rest comes in them.
pub fn check(bytes: &[u8]) {
    let Some((&length, stream)) = bytes.split_first() else { return };
    let whole = SseParser::default().push(stream);
    let mut parser = SseParser::default();
    let length = usize::from(length).max(1);
    let cut: Vec<SseEvent> = stream.chunks(length).flat_map(|chunk| parser.push(chunk)).collect();
    assert_eq!(whole, cut, "cut every {length} bytes");
    // A byte that is no UTF-8 becomes the three of U+FFFD.
    let told: usize = whole.iter().map(|event| event.event.len() + event.data.len()).sum();
    assert!(told <= 3 * stream.len(), "{told} bytes of events out of {}", stream.len());
}
