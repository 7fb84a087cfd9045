//! What the network may do to a media socket: it costs the one who does it, and nobody else.

mod support;

use std::time::{Duration, Instant};

use moked::caller::ear::EarEvent;
use moked::caller::messages::Messages;
use moked_actors::registry::Presence;
use moked_core::ports::CallerSaid;
use moked_core::twilio::twiml::Verb;
use moked_core::twilio::{Stream, StreamEvent};
use moked_providers::scripted::ScriptedEars;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use support::*;

const GREETING: &str = "Hello, please stay on the line while the others make noise.";

/// Messages of a stream that no carrier sends, all within the size that is read.
fn nonsense(stream_sid: &str) -> Vec<String> {
    let media = |payload: serde_json::Value| {
        json!({"event": "media", "streamSid": stream_sid, "media": {"payload": payload}}).to_string()
    };
    let deep = |depth: usize| format!("{{\"event\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
    let mut all = vec![
        String::new(),
        "hello".to_owned(),
        "{".to_owned(),
        "null".to_owned(),
        "[1,2,3]".to_owned(),
        "{}".to_owned(),
        "\u{0}\u{202e}".to_owned(),
        deep(100),
        deep(30_000),
        "{\"event\":".repeat(5_000),
        media(json!("not base64 at all!")),
        media(json!("////=/")),
        media(json!(7)),
        media(json!(["a"])),
        media(json!("/".repeat(60_000))),
        json!({"event": "media", "streamSid": "MZ-other", "media": {"payload": "////"}}).to_string(),
        json!({"event": "media", "streamSid": stream_sid}).to_string(),
        json!({"event": "media", "streamSid": stream_sid,
            "media": {"payload": "////", "timestamp": "99999999999999999999", "chunk": -1}})
        .to_string(),
        json!({"event": "media", "streamSid": stream_sid,
            "media": {"payload": "////", "timestamp": u64::MAX.to_string()}})
        .to_string(),
        json!({"event": "dtmf", "streamSid": stream_sid, "dtmf": {"digit": "שש"}}).to_string(),
        json!({"event": "dtmf", "streamSid": stream_sid, "dtmf": {"digit": ""}}).to_string(),
        json!({"event": "mark", "streamSid": stream_sid, "mark": {"name": "e0-t1-1-never-sent"}}).to_string(),
        json!({"event": "mark", "streamSid": stream_sid, "mark": 5}).to_string(),
        json!({"event": "start", "streamSid": stream_sid}).to_string(),
        json!({"event": "start", "start": "now"}).to_string(),
        json!({"event": "connected"}).to_string(),
        json!({"event": "party", "streamSid": stream_sid}).to_string(),
        json!({"event": 17}).to_string(),
        json!({"event": {"event": "stop"}}).to_string(),
        json!({"event": "x".repeat(10_000)}).to_string(),
    ];
    for length in [0, 1, 159, 161, 8_000] {
        let payload = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, vec![0xFF; length]);
        all.push(media(json!(payload)));
    }
    all
}

#[actix_rt::test]
async fn nonsense_in_a_stream_costs_only_itself() {
    let minds = [
        ("CA-noisy", answers(&["Hello.", "Still here."])),
        ("CA-bystander", answers(&[GREETING])),
        ("CA-next", answers(&[GREETING])),
    ];
    let house = house(&Cast::new(ScriptedEars::default(), ByCall::new(minds))).await;
    let bystander = async {
        let mut phone = Phone::ring(&house, "CA-bystander").await;
        let audio = turn_audio(GREETING);
        phone.until_heard(&audio).await;
        phone.assert_heard(&[GREETING]);
        phone.assert_clean();
        phone.hang_up().await;
    };
    let noisy = async {
        let mut phone = Phone::ring(&house, "CA-noisy").await;
        let mut audio = turn_audio("Hello.");
        for text in nonsense("MZ-CA-noisy") {
            phone.line.send_text(text).await.unwrap();
        }
        phone.line.send_binary(vec![0xFF; 160]).await.unwrap();
        let again = Messages::new(start_of("CA-noisy", Some("again"))).start();
        phone.line.send_text(again).await.unwrap();
        phone.until_heard(&audio).await;
        phone.line.mouth().press("5#");
        audio.extend(turn_audio("Still here."));
        phone.until_heard(&audio).await;
        phone.assert_heard(&["Hello.", "Still here."]);
        assert_eq!(phone.line.strict().violations(), []);
        phone.hang_up().await;
    };
    futures_util::join!(bystander, noisy);
    nothing_is_left(&house).await;
    let mut next = Phone::ring(&house, "CA-next").await;
    next.until_it_speaks().await;
}

#[actix_rt::test]
async fn a_stream_may_stumble_before_it_starts_but_not_for_long() {
    let house = house(&Cast::greeting("Hello.")).await;
    let token = edge::post(&house, "/webhook/incoming_call", &edge::incoming("CA1")).await.token();
    let mut messages = Messages::new(start_of("CA1", Some(&token)));
    let mut stumbling = RawSocket::open(&house).await;
    for text in nonsense("MZ-CA1").iter().take(8) {
        stumbling.text(text).await;
    }
    stumbling.text(&messages.media(0, &[0xFF; 160])).await;
    stumbling.text(&messages.start()).await;
    eventually("the stream started all the same", || house.registry().live() == 1).await;

    let mut babbling = RawSocket::open(&house).await;
    for _ in 0..17 {
        babbling.text("hello").await;
    }
    assert_eq!(babbling.ending().await, Ending::Closed(1_008));
    assert_eq!(house.registry().live(), 1);
}

#[actix_rt::test]
async fn what_comes_after_the_stop_is_not_heard() {
    let mind = answers(&["Hello."]);
    let house = house(&Cast::new(ScriptedEars::default(), mind.clone())).await;
    let token = edge::post(&house, "/webhook/incoming_call", &edge::incoming("CA1")).await.token();
    let mut messages = Messages::new(start_of("CA1", Some(&token)));
    let texts = [
        messages.start(),
        messages.stop(),
        messages.media(0, &[0xFF; 160]),
        messages.dtmf('#'),
        messages.stop(),
        messages.start(),
    ];
    let mut socket = RawSocket::open(&house).await;
    socket.bytes(&texts.map(|text| frame(opcode::TEXT, text.as_bytes())).concat()).await;
    assert_ne!(socket.ending().await, Ending::Open);
    nothing_is_left(&house).await;
    let ends: Vec<_> = house.registry().ended().iter().map(|ended| ended.end).collect();
    assert_eq!(ends, [moked_actors::CallEnd::CallerHungUp]);
    assert!(mind.asked().len() <= 1);
}

#[actix_rt::test]
async fn only_a_good_token_starts_a_call() {
    let house = house(&Cast::greeting("Hello.")).await;
    let of_another = edge::post(&house, "/webhook/incoming_call", &edge::incoming("CA-other")).await.token();
    let mut used_by = Phone::ring(&house, "CA-used").await;
    used_by.until_it_speaks().await;
    let used = used_by.line.messages().stream().custom_parameters["token"].clone();
    let guess = "A".repeat(of_another.len());
    for (call, token) in [
        ("CA-none", None),
        ("CA-other", Some(guess.as_str())),
        ("CA-wrong", Some(&of_another)),
        ("CA-used", Some(&used)),
    ] {
        let mut phone = Phone::dial(&house, call, token).await;
        assert_eq!(phone.until_closed().await.code, 1_008, "{call}");
        assert!(phone.sent().is_empty(), "{call}");
    }
    assert_eq!(house.registry().begun(), 1);
    used_by.hang_up().await;
    nothing_is_left(&house).await;
}

#[actix_rt::test]
async fn a_token_expires() {
    let short = |settings: &mut moked::settings::Settings| settings.call.token_ttl = Duration::ZERO;
    let house = house_with(&Cast::greeting("Hello."), &[], short).await;
    let mut late = Phone::ring(&house, "CA1").await;
    assert_eq!(late.until_closed().await.code, 1_008);
    assert_eq!(house.registry().begun(), 0);
}

#[actix_rt::test]
async fn who_does_not_say_which_call_he_is_must_go() {
    let limit = Duration::from_millis(300);
    let change = |settings: &mut moked::settings::Settings| settings.call.start_timeout = limit;
    let house = house_with(&Cast::greeting("Hello."), &[], change).await;
    let mut silent = RawSocket::open(&house).await;
    let mut connected = RawSocket::open(&house).await;
    connected.text(&Messages::connected()).await;
    assert_eq!(silent.ending().await, Ending::Closed(1_008));
    assert_eq!(connected.ending().await, Ending::Closed(1_008));
}

/// Bytes on the socket that break the WebSocket protocol itself, or this server's limits of it, and the code
/// that says which rule it was (RFC 6455, section 7.4.1).
fn broken_frames() -> Vec<(&'static str, Vec<u8>, u16)> {
    let mut gigabyte = vec![0x82, 0xFF];
    gigabyte.extend((1_u64 << 30).to_be_bytes());
    gigabyte.extend([0; 4]);
    let half = [b'x'; 40_000];
    vec![
        ("a header that claims a gigabyte", gigabyte, 1_009),
        ("a frame above the limit", frame(opcode::TEXT, &[b'x'; 65_537]), 1_009),
        ("fragments above the limit", [frame(0x01, &half), frame(0x00, &half)].concat(), 1_009),
        ("text that is not UTF-8", frame(opcode::TEXT, &[0xC3, 0x28, 0xFF]), 1_007),
        ("fragments that cannot become UTF-8", [frame(0x01, b"{"), frame(0x00, b"\xFF")].concat(), 1_007),
        ("a reserved opcode", frame(0x83, b"x"), 1_002),
        ("a frame without a mask", vec![0x81, 2, b'{', b'}'], 1_002),
        ("a continuation of nothing", frame(0x80, b"x"), 1_002),
        ("a ping longer than a ping may be", frame(opcode::PING, &[0; 126]), 1_002),
        ("the other end of an HTTP request", b"GET / HTTP/1.1\r\n\r\n".to_vec(), 1_002),
    ]
}

#[actix_rt::test]
async fn broken_frames_end_their_own_socket_and_no_other() {
    let cast = Cast::greeting(GREETING);
    let house = house(&cast).await;
    let bystander = async {
        let mut phone = Phone::ring(&house, "CA-bystander").await;
        let audio = turn_audio(GREETING);
        phone.until_heard(&audio).await;
        phone.assert_heard(&[GREETING]);
        phone.assert_clean();
        phone.hang_up().await;
    };
    let breaking = async {
        for (index, (what, bytes, code)) in broken_frames().into_iter().enumerate() {
            let mut stranger = RawSocket::open(&house).await;
            stranger.bytes(&bytes).await;
            assert_eq!(stranger.ending().await, Ending::Closed(code), "{what}, before the start");

            let call = format!("CA{index}");
            let incoming = edge::incoming(&call);
            let token = edge::post(&house, "/webhook/incoming_call", &incoming).await.token();
            let mut caller = RawSocket::open(&house).await;
            caller.text(&Messages::new(start_of(&call, Some(&token))).start()).await;
            let call = moked_core::ids::CallSid::new(call);
            eventually("the call lives", || house.registry().presence(&call) == Presence::Connected).await;
            caller.bytes(&bytes).await;
            assert_eq!(caller.ending().await, Ending::Closed(code), "{what}, in a call");
            // A caller whose line broke is connected anew, not dropped.
            let verbs = stream_action(&house, &call).await;
            assert!(matches!(verbs[..], [Verb::Connect(_)]), "{what}: {verbs:?}");
        }
    };
    futures_util::join!(bystander, breaking);
    nothing_is_left(&house).await;
}

/// Texts that look like messages more or less.
fn any_text() -> impl Strategy<Value = String> {
    let event = prop::sample::select(vec!["connected", "start", "media", "mark", "dtmf", "stop", "none", ""]);
    let leaf = prop_oneof![
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        "\\PC{0,20}".prop_map(serde_json::Value::from),
        "[A-Za-z0-9+/]{0,40}={0,2}".prop_map(serde_json::Value::from),
    ];
    let key = prop::sample::select(vec![
        "payload",
        "name",
        "digit",
        "timestamp",
        "track",
        "streamSid",
        "callSid",
        "customParameters",
        "mediaFormat",
        "sampleRate",
        "token",
    ]);
    let body = leaf.prop_recursive(3, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map(key.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|fields| serde_json::Value::Object(fields.into_iter().collect())),
        ]
    });
    let message = (event, body.clone(), body).prop_map(|(event, body, other)| {
        json!({"event": event, event: body, "streamSid": "MZ-CA1", "sequenceNumber": other}).to_string()
    });
    // The same, cut anywhere.
    let cut = (message.clone(), any::<prop::sample::Index>()).prop_map(|(text, at)| {
        let at = text.floor_char_boundary(at.index(text.len() + 1));
        text[..at].to_owned()
    });
    prop_oneof![3 => message, 1 => cut, 1 => "\\PC{0,80}"]
}

proptest! {
    #![proptest_config(Config { cases: 64, ..Config::default() })]
    #[test]
    fn no_stream_of_texts_breaks_the_reader(texts in prop::collection::vec(any_text(), 0..60)) {
        let opened = Instant::now();
        let mut stream = Stream::new(opened, Duration::from_secs(5));
        for text in &texts {
            if let Ok(StreamEvent::Audio { media, .. }) = stream.read(text, opened) {
                // Bad base64 is told, not thrown.
                let _ = media.decode();
            }
        }
        let view = stream.observe();
        prop_assert!(view.messages + view.unreadable <= texts.len() as u64);
        prop_assert!(stream.read(&Messages::new(start_of("CA1", None)).stop(), opened).is_ok()
            == view.streaming);
    }
}

#[actix_rt::test]
async fn no_stream_of_texts_breaks_a_call() {
    let mind = answers(&[GREETING]);
    let house = house(&Cast::new(ScriptedEars::default(), mind.clone())).await;
    let mut runner = TestRunner::deterministic();
    let mut phone = Phone::ring(&house, "CA1").await;
    for _ in 0..200 {
        let text = any_text().new_tree(&mut runner).unwrap().current();
        // These would end the call rightly, or interrupt the greeting.
        if ["\"stop\"", "\"dtmf\""].iter().any(|event| text.contains(event)) {
            continue;
        }
        phone.line.send_text(text).await.unwrap();
    }
    let audio = turn_audio(GREETING);
    phone.until_heard(&audio).await;
    phone.assert_heard(&[GREETING]);
    assert_eq!(mind.asked()[0].said, CallerSaid::Nothing);
    let overflow = phone.events().any(|event| matches!(event, EarEvent::Overflow { .. }));
    assert!(!overflow);
    phone.hang_up().await;
    nothing_is_left(&house).await;
}
