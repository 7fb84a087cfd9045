//! Frames as Twilio and SignalWire write them, and as nobody should.

use std::borrow::Cow;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use proptest::prelude::*;

use super::*;

const START: &str = r#"{"event":"start","sequenceNumber":"1","start":{"accountSid":"AC1","streamSid":"MZ1",
    "callSid":"CA1","tracks":["inbound"],"mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":8000,"channels":1},
    "customParameters":{"token":"s3cret","from":"+97250"}},"streamSid":"MZ1"}"#;

fn media(text: &str) -> Media<'_> {
    let Ok(Inbound::Media(media)) = Inbound::parse(text) else { panic!("no media message: {text}") };
    media
}

fn start(text: &str) -> StreamStart {
    let Ok(Inbound::Start { start, .. }) = Inbound::parse(text) else { panic!("no start message: {text}") };
    start
}

#[test]
fn a_stream_introduces_itself() {
    let connected = Inbound::parse(r#"{"event":"connected","protocol":"Call","version":"1.0.0"}"#).unwrap();
    assert_eq!(connected, Inbound::Connected { version: Some("1.0.0".to_owned()) });
    assert_eq!(Inbound::parse(START).unwrap().sequence(), Some(1));
    let start = start(START);
    assert_eq!(start.account_sid, Some(crate::ids::AccountSid::new("AC1")));
    assert_eq!((start.stream_sid.as_str(), start.call_sid.as_str()), ("MZ1", "CA1"));
    assert_eq!(start.parameters["token"], "s3cret");
    assert_eq!(start.format.check(), Ok(()));
}

#[test]
fn a_media_frame_keeps_its_payload_in_the_frame() {
    let text = r#"{"event":"media","sequenceNumber":"4","streamSid":"MZ1",
        "media":{"track":"inbound","chunk":"2","timestamp":"25","payload":"AH//"}}"#;
    let media = media(text);
    assert_eq!((media.sequence, media.chunk, media.timestamp_ms), (Some(4), Some(2), Some(25)));
    assert!(matches!(media.payload, Cow::Borrowed("AH//")));
    assert_eq!(media.decode().unwrap(), [0x00, 0x7F, 0xFF]);
}

#[test]
fn numbers_may_be_written_as_numbers_and_garbage_counts_as_absent() {
    let text = r#"{"event":"media","sequenceNumber":4,"media":{"chunk":2,"timestamp":-1,"payload":""}}"#;
    let first = media(text);
    assert_eq!((first.sequence, first.chunk, first.timestamp_ms), (Some(4), Some(2), None));
    assert!(first.decode().unwrap().is_empty());
    let text = r#"{"sequenceNumber":"four","media":{"payload":"//8="},"event":"media","new":{"a":[1]}}"#;
    let second = media(text);
    assert_eq!((second.sequence, second.track, second.stream_sid.as_deref()), (None, Track::Inbound, None));
    assert_eq!(second.decode().unwrap(), [0xFF, 0xFF]);
}

#[test]
fn escaped_slashes_and_missing_padding_decode_all_the_same() {
    let escaped = media(r#"{"event":"media","media":{"payload":"\/\/8"}}"#);
    assert_eq!(escaped.decode().unwrap(), [0xFF, 0xFF]);
    assert_eq!(escaped.audio_bytes(), 2);
}

#[test]
fn a_bad_payload_empties_the_buffer_and_says_so() {
    let mut audio = vec![1, 2, 3];
    let bad = media(r#"{"event":"media","media":{"payload":"AAAA*"}}"#);
    assert_eq!(bad.decode_into(&mut audio), Err(InboundError::BadBase64));
    assert!(audio.is_empty());
}

#[test]
fn keys_marks_and_the_end_are_read() {
    let key = Inbound::parse(
        r#"{"event":"dtmf","sequenceNumber":"5","dtmf":{"track":"inbound_track","digit":"1"}}"#,
    );
    assert_eq!(key, Ok(Inbound::Dtmf { sequence: Some(5), digit: DtmfKey::parse("1").unwrap() }));
    let mark = Inbound::parse(r#"{"event":"mark","sequenceNumber":"6","mark":{"name":"utt-7/12"}}"#);
    assert_eq!(mark, Ok(Inbound::Mark { sequence: Some(6), name: MarkName::new("utt-7/12") }));
    let stop = Inbound::parse(
        r#"{"event":"stop","sequenceNumber":"7","stop":{"accountSid":"AC1","callSid":"CA1"}}"#,
    );
    assert_eq!(stop, Ok(Inbound::Stop { sequence: Some(7), call_sid: Some(CallSid::new("CA1")) }));
    assert_eq!(Inbound::parse(r#"{"event":"stop"}"#), Ok(Inbound::Stop { sequence: None, call_sid: None }));
}

#[test]
fn signalwire_is_understood() {
    let start = start(
        r#"{"event":"start","start":{"streamSid":"c0c7d59b","callSid":"59ab-44","accountSid":"p",
            "mediaFormat":{"encoding":"audio/x-mulaw","sampleRate":"8000"}}}"#,
    );
    assert_eq!(start.stream_sid.as_str(), "c0c7d59b");
    assert!(start.parameters.is_empty());
    assert_eq!(start.format.check(), Ok(()));
    let key = Inbound::parse(r##"{"event":"dtmf","dtmf":{"digit":"#","duration":120}}"##).unwrap();
    assert_eq!(key, Inbound::Dtmf { sequence: None, digit: DtmfKey::parse("#").unwrap() });
}

#[test]
fn an_id_may_stand_at_the_top_only() {
    let start =
        start(r#"{"event":"start","streamSid":"MZ9","start":{"callSid":"CA9","customParameters":null}}"#);
    assert_eq!(start.stream_sid.as_str(), "MZ9");
    assert_eq!(start.format, MediaFormat::default());
}

#[test]
fn other_formats_are_refused_by_name() {
    let wide = start(
        r#"{"event":"start","start":{"streamSid":"M","callSid":"C",
            "mediaFormat":{"encoding":"audio/x-L16","sampleRate":16000,"channels":1}}}"#,
    );
    let message = wide.format.check().unwrap_err().to_string();
    assert!(message.contains("audio/x-L16, 16000 Hz"), "{message}");
}

#[test]
fn what_is_missing_is_named() {
    let missing = |event, field| Err(InboundError::MissingField { event, field });
    assert_eq!(Inbound::parse("{}"), missing("?", "event"));
    assert_eq!(Inbound::parse(r#"{"event":"start"}"#), missing("start", "start"));
    assert_eq!(
        Inbound::parse(r#"{"event":"start","start":{"callSid":"C"}}"#),
        missing("start", "start.streamSid")
    );
    assert_eq!(
        Inbound::parse(r#"{"event":"start","start":{"streamSid":"M","callSid":""}}"#),
        missing("start", "start.callSid")
    );
    assert_eq!(
        Inbound::parse(r#"{"event":"media","media":{"playload":"AA=="}}"#),
        missing("media", "media.payload")
    );
    assert_eq!(Inbound::parse(r#"{"event":"mark"}"#), missing("mark", "mark.name"));
    assert_eq!(Inbound::parse(r#"{"event":"dtmf","dtmf":{}}"#), missing("dtmf", "dtmf.digit"));
}

#[test]
fn unknown_events_are_not_errors_whatever_they_carry() {
    let unknown = |sequence, event: &str| Ok(Inbound::Unknown { sequence, event: event.to_owned() });
    assert_eq!(Inbound::parse(r#"{"event":"closed","sequenceNumber":"8"}"#), unknown(Some(8), "closed"));
    assert_eq!(
        Inbound::parse(r#"{"event":"stats","media":[1,2],"start":7,"sequenceNumber":"9"}"#),
        unknown(Some(9), "stats")
    );
}

#[test]
fn a_known_event_of_the_wrong_shape_is_an_error() {
    let error = Inbound::parse(r#"{"event":"media","media":"AAAA"}"#).unwrap_err();
    assert!(matches!(&error, InboundError::WrongKind { event, .. } if event == "media"), "{error}");
    let error = Inbound::parse(r#"{"event":["media"]}"#).unwrap_err();
    assert!(matches!(&error, InboundError::WrongKind { event, .. } if event == "?"), "{error}");
}

#[test]
fn what_is_not_an_object_of_json_is_told_apart() {
    for text in ["[]", r#"["media","1"]"#, "7", "null", r#""media""#] {
        assert_eq!(Inbound::parse(text), Err(InboundError::NotAnObject), "{text}");
    }
    for text in ["", "hello", "{", r#"{"event":"media""#, "[1,", "{\"event\":\"a\"} x"] {
        let error = Inbound::parse(text).unwrap_err();
        assert!(matches!(error, InboundError::NotJson { .. }), "{text}: {error}");
    }
    let long = " ".repeat(MAX_MESSAGE_BYTES + 1);
    assert_eq!(Inbound::parse(&long), Err(InboundError::TooLarge { bytes: long.len() }));
}

#[test]
fn strange_text_is_quoted_shortly_and_secrets_not_at_all() {
    let long = format!(r#"{{"event":"{}"}}"#, "x\\n".repeat(500));
    let Ok(Inbound::Unknown { event, .. }) = Inbound::parse(&long) else { panic!() };
    assert!(event.chars().count() < 80 && !event.contains('\n'), "{event}");
    let long = format!(r#"{{"event":"dtmf","dtmf":{{"digit":"{}"}}}}"#, "9".repeat(500));
    assert!(Inbound::parse(&long).unwrap_err().to_string().len() < 120);
    let shown = format!("{:?}", Inbound::parse(START).unwrap());
    assert!(shown.contains("token") && !shown.contains("s3cret") && !shown.contains("97250"), "{shown}");
}

proptest! {
    #[test]
    fn any_audio_arrives_as_it_was_sent(audio in prop::collection::vec(any::<u8>(), 0..500)) {
        let text = format!(
            r#"{{"event":"media","media":{{"payload":"{}"}}}}"#, BASE64_STANDARD.encode(&audio)
        );
        let media = media(&text);
        prop_assert_eq!(media.audio_bytes(), audio.len());
        prop_assert_eq!(media.decode().unwrap(), audio);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC{0,80}|[\\[\\]{}\":,a-z0-9]{0,60}") {
        let _ = Inbound::parse(&text);
    }
}
