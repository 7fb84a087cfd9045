//! Streams that behave and streams that do not.

use super::*;

const CONNECTED: &str = r#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#;
const START: &str = r#"{"event":"start","sequenceNumber":"1","streamSid":"MZ1",
    "start":{"accountSid":"AC1","streamSid":"MZ1","callSid":"CA1"}}"#;
const STOP: &str = r#"{"event":"stop","sequenceNumber":"9","stop":{"callSid":"CA1"}}"#;
const LIMIT: Duration = Duration::from_secs(5);

#[expect(clippy::disallowed_methods, reason = "an Instant can be made in no other way")]
fn some_moment() -> Instant {
    Instant::now()
}

fn media(sequence: u32, timestamp: u32) -> String {
    let payload = "/".repeat(160 / 3 * 4 + 2);
    format!(
        r#"{{"event":"media","sequenceNumber":"{sequence}","streamSid":"MZ1",
        "media":{{"track":"inbound","chunk":"1","timestamp":"{timestamp}","payload":"{payload}"}}}}"#
    )
}

fn started() -> (Stream, Instant) {
    let now = some_moment();
    let mut stream = Stream::new(now, LIMIT);
    stream.read(CONNECTED, now).unwrap();
    stream.read(START, now).unwrap();
    (stream, now)
}

#[test]
fn a_call_goes_from_connected_to_stopped() {
    let now = some_moment();
    let mut stream = Stream::new(now, LIMIT);
    assert_eq!(stream.read(CONNECTED, now), Ok(StreamEvent::Connected));
    assert_eq!(stream.stream_sid(), None);
    assert!(
        matches!(stream.read(START, now), Ok(StreamEvent::Started(start)) if start.call_sid.as_str() == "CA1")
    );
    assert_eq!(stream.stream_sid(), Some(&StreamSid::new("MZ1")));
    let frame = media(2, 0);
    let Ok(StreamEvent::Audio { media, gap_ms: 0 }) = stream.read(&frame, now) else { panic!() };
    assert_eq!(media.decode().unwrap().len(), 160);
    let mark = r#"{"event":"mark","sequenceNumber":"3","mark":{"name":"m"}}"#;
    assert_eq!(stream.read(mark, now), Ok(StreamEvent::Mark(MarkName::new("m"))));
    let digit = r#"{"event":"dtmf","sequenceNumber":"4","dtmf":{"digit":"1"}}"#;
    assert_eq!(stream.read(digit, now), Ok(StreamEvent::Digit(DtmfKey::parse("1").unwrap())));
    assert!(stream.observe().streaming);
    assert_eq!(stream.read(STOP, now), Ok(StreamEvent::Stopped));
    let view = stream.observe();
    assert_eq!((view.messages, view.media, view.marks, view.digits, view.missing), (6, 1, 1, 1, 4));
    assert!(!view.streaming && !stream.closed());
}

#[test]
fn a_start_without_connected_is_taken() {
    let now = some_moment();
    assert!(matches!(Stream::new(now, LIMIT).read(START, now), Ok(StreamEvent::Started(_))));
}

#[test]
fn what_comes_out_of_order_is_dropped_and_counted() {
    let now = some_moment();
    let mut stream = Stream::new(now, LIMIT);
    let out_of_order = |event, when| Err(StreamFault::OutOfOrder { event, when });
    assert_eq!(stream.read(&media(1, 0), now), out_of_order("media", "before start"));
    assert_eq!(stream.read(STOP, now), out_of_order("stop", "before start"));
    stream.read(CONNECTED, now).unwrap();
    assert_eq!(stream.read(CONNECTED, now), out_of_order("connected", "twice"));
    stream.read(START, now).unwrap();
    assert_eq!(stream.read(START, now), out_of_order("start", "twice"));
    assert_eq!(stream.read(CONNECTED, now), out_of_order("connected", "after start"));
    assert!(stream.read(&media(2, 0), now).is_ok(), "the stream lives on");
    stream.read(STOP, now).unwrap();
    for late in [media(10, 0), STOP.to_owned(), START.to_owned()] {
        let fault = stream.read(&late, now).unwrap_err();
        assert!(fault.to_string().ends_with("after the end of the stream"), "{fault}");
        assert!(!fault.ends_stream());
    }
    assert_eq!(stream.observe().out_of_order, 8);
}

#[test]
fn without_a_start_the_time_limit_ends_the_stream_once() {
    let now = some_moment();
    let mut stream = Stream::new(now, LIMIT);
    stream.read(CONNECTED, now).unwrap();
    assert_eq!(stream.poll_timeout(), Some((now + LIMIT, StreamTimeout::NoStart)));
    assert_eq!(stream.handle_timeout(now + LIMIT - Duration::from_millis(1)), None);
    let fault = stream.handle_timeout(now + LIMIT).unwrap();
    assert!(fault == StreamFault::NoStart && fault.ends_stream());
    assert_eq!((stream.poll_timeout(), stream.handle_timeout(now + LIMIT)), (None, None));
}

#[test]
fn a_start_that_comes_too_late_is_no_start() {
    let now = some_moment();
    assert_eq!(Stream::new(now, LIMIT).read(START, now + LIMIT), Err(StreamFault::NoStart));
    let (stream, _) = started();
    assert_eq!(stream.poll_timeout(), None);
}

#[test]
fn a_flood_before_the_start_ends_the_stream() {
    let now = some_moment();
    let mut stream = Stream::new(now, LIMIT);
    let noise = ["nonsense", r#"{"event":"hello"}"#, CONNECTED];
    let faults: Vec<_> = (0..20).filter_map(|index| stream.read(noise[index % 3], now).err()).collect();
    let fatal = faults.iter().filter(|fault| fault.ends_stream()).count();
    assert_eq!((fatal, faults.contains(&StreamFault::TooManyBeforeStart)), (1, true));
    assert!(stream.read(START, now).is_err());
}

#[test]
fn a_stream_in_another_format_is_refused() {
    let now = some_moment();
    let mut stream = Stream::new(now, LIMIT);
    let start =
        r#"{"event":"start","start":{"streamSid":"M","callSid":"C","mediaFormat":{"sampleRate":16000}}}"#;
    assert!(stream.read(start, now).unwrap_err().ends_stream());
    assert_eq!(stream.stream_sid(), None);
}

#[test]
fn skipped_silence_is_reported_with_the_frame_after_it() {
    let (mut stream, now) = started();
    for (timestamp, expected) in [(0, 0), (20, 0), (540, 500)] {
        let frame = media(2, timestamp);
        let Ok(StreamEvent::Audio { gap_ms, .. }) = stream.read(&frame, now) else { panic!() };
        assert_eq!(gap_ms, expected, "at {timestamp}");
    }
    assert_eq!(stream.observe().gap_ms, 500);
}

#[test]
fn absurd_time_stamps_do_not_overflow_the_count() {
    let (mut stream, now) = started();
    for timestamp in ["0", "18446744073709551615", "0", "18446744073709551615"] {
        let frame = media(2, 7).replace(r#""7""#, &format!(r#""{timestamp}""#));
        stream.read(&frame, now).unwrap();
    }
    assert_eq!(stream.observe().gap_ms, u64::MAX);
}

#[test]
fn lost_and_repeated_messages_are_counted() {
    let (mut stream, now) = started();
    for sequence in [2, 3, 7, 7, 5, 8] {
        stream.read(&media(sequence, 0), now).unwrap();
    }
    stream.read(r#"{"event":"stats","sequenceNumber":"9"}"#, now).unwrap();
    let view = stream.observe();
    assert_eq!((view.missing, view.repeated, view.unknown), (3, 2, 1));
}

#[test]
fn our_own_track_and_foreign_streams_do_not_reach_the_call() {
    let (mut stream, now) = started();
    let own = media(2, 0).replace("inbound", "outbound");
    assert_eq!(stream.read(&own, now), Ok(StreamEvent::Nothing));
    let foreign = media(3, 0).replace("MZ1", "MZ2");
    assert_eq!(stream.read(&foreign, now), Err(StreamFault::OtherStream));
    assert_eq!((stream.observe().own_track, stream.observe().out_of_order), (1, 1));
}

#[test]
fn an_unreadable_frame_costs_only_itself() {
    let (mut stream, now) = started();
    for bad in ["{", r#"{"event":"media"}"#, "[]"] {
        assert!(!stream.read(bad, now).unwrap_err().ends_stream());
    }
    assert_eq!(stream.observe().unreadable, 3);
    assert!(stream.read(&media(2, 0), now).is_ok());
}

#[test]
fn a_socket_that_closes_without_stop_cut_the_stream() {
    let (mut stream, _) = started();
    assert!(stream.closed());
    assert!(!stream.closed(), "closing twice is one end");
    assert!(!Stream::new(some_moment(), LIMIT).closed(), "it had not begun");
}

#[test]
fn the_view_is_readable_json() {
    let (stream, _) = started();
    let json = serde_json::to_value(stream.observe()).unwrap();
    assert_eq!((&json["streaming"], &json["messages"]), (&true.into(), &2.into()));
}
