//! The messages of a media socket: whatever comes, each is counted once, an ended stream stays ended, and
//! what was understood reads the same when it is written again.

use std::time::{Duration, Instant};

use moked_core::ids::StreamSid;
use moked_core::twilio::inbound::MAX_MESSAGE_BYTES;
use moked_core::twilio::{Inbound, Stream, StreamEvent, outbound};

/// Each line is a message, as far as it is UTF-8.
pub fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let opened = Instant::now();
    let mut stream = Stream::new(opened, Duration::from_secs(5));
    let (mut count, mut has_ended, mut has_started) = (0_u64, false, false);
    for line in text.split('\n') {
        count += 1;
        match stream.read(line, opened) {
            Ok(StreamEvent::Started(start)) => {
                assert!(!has_ended && !has_started, "a second start");
                has_started = true;
                assert_eq!(stream.stream_sid(), Some(&start.stream_sid));
            }
            Ok(event) => {
                let of_call = !matches!(event, StreamEvent::Connected | StreamEvent::Nothing);
                assert!(!of_call || has_started && !has_ended, "{event:?} outside of the stream");
                has_ended |= event == StreamEvent::Stopped;
                again(&event);
            }
            Err(fault) => has_ended |= fault.ends_stream(),
        }
        assert!(line.len() <= MAX_MESSAGE_BYTES || Inbound::parse(line).is_err(), "{} bytes", line.len());
    }
    let view = stream.observe();
    assert_eq!(view.messages + view.unreadable, count);
    assert_eq!(view.streaming, has_started && !has_ended);
}

/// Writes what was understood as the server would, and reads that.
fn again(event: &StreamEvent<'_>) {
    let stream = StreamSid::new("MZ \"\\\n\u{7f}שם");
    match event {
        StreamEvent::Mark(name) => {
            let written = outbound::mark(&stream, name);
            let read = Inbound::parse(&written);
            let is_same = matches!(&read, Ok(Inbound::Mark { name: again, .. }) if again == name);
            assert!(is_same || written.len() > MAX_MESSAGE_BYTES, "{written}: {read:?}");
        }
        StreamEvent::Audio { media, .. } => {
            let Ok(audio) = media.decode() else { return };
            assert!(audio.len() < MAX_MESSAGE_BYTES);
            let written = outbound::media(&stream, &audio);
            if written.len() <= MAX_MESSAGE_BYTES {
                let Ok(Inbound::Media(again)) = Inbound::parse(&written) else { panic!("{written}") };
                assert_eq!(again.stream_sid.as_deref(), Some(stream.as_str()));
                assert_eq!(again.decode(), Ok(audio));
            }
        }
        StreamEvent::Connected
        | StreamEvent::Started(_)
        | StreamEvent::Digit(_)
        | StreamEvent::Stopped
        | StreamEvent::Nothing => {}
    }
}
