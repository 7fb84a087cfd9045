//! Documents written, read back, and refused.

use proptest::prelude::*;

use super::write::legal;
use super::*;

fn call() -> Twiml {
    Twiml::new([
        Verb::Connect(Connect {
            action: Some("https://example.com/webhook/stream_action?a=1&b=2".to_owned()),
            stream: Stream {
                url: "wss://example.com/ws/twilio-media".to_owned(),
                name: Some("agent".to_owned()),
                status_callback: Some("https://example.com/webhook/stream_status".to_owned()),
                parameters: vec![
                    ("token".to_owned(), "t0k".to_owned()),
                    ("name".to_owned(), "מוקד".to_owned()),
                ],
            },
        }),
        Verb::Hangup,
    ])
}

#[test]
fn an_answered_call_is_written_like_this() {
    assert_eq!(
        call().to_xml(),
        concat!(
            r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#,
            r#"<Connect action="https://example.com/webhook/stream_action?a=1&amp;b=2" method="POST">"#,
            r#"<Stream url="wss://example.com/ws/twilio-media" name="agent""#,
            r#" statusCallback="https://example.com/webhook/stream_status" statusCallbackMethod="POST">"#,
            r#"<Parameter name="token" value="t0k"/><Parameter name="name" value="מוקד"/>"#,
            r#"</Stream></Connect><Hangup/></Response>"#
        )
    );
    assert_eq!(read(&call().to_xml()).unwrap(), call().verbs);
}

#[test]
fn an_empty_document_is_still_a_document() {
    let xml = Twiml::default().to_xml();
    assert_eq!(xml, r#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#);
    assert_eq!(read(&xml), Ok(vec![]));
}

#[test]
fn every_other_verb_is_written_and_read_back() {
    let verbs = vec![
        Verb::Say(Say {
            text: "  רגע, בבקשה & \"תודה\" <3".to_owned(),
            language: Some("he-IL".to_owned()),
            voice: Some("Google.he-IL-Standard-A".to_owned()),
        }),
        Verb::Record(Record {
            action: Some("/recorded".to_owned()),
            max_length_s: 120,
            timeout_s: 3,
            play_beep: false,
            finish_on_key: vec![DtmfKey::parse("#").unwrap()],
        }),
        Verb::Record(Record { finish_on_key: vec![], ..Record::default() }),
        Verb::Redirect { url: "https://example.com/next?a=1&b=2".to_owned() },
        Verb::Reject { reason: RejectReason::Busy },
        Verb::Dial(Dial {
            number: "+97231234567".to_owned(),
            caller_id: Some("+97239999999".to_owned()),
            timeout_s: Some(20),
            action: Some("/dialled".to_owned()),
        }),
        Verb::Pause { length_s: 2 },
        Verb::Hangup,
    ];
    assert_eq!(read(&Twiml::new(verbs.clone()).to_xml()), Ok(verbs));
}

#[test]
fn what_is_not_said_is_what_twilio_does_then() {
    let document = "<Response><!-- a --><Record/><Reject/><Pause/><Say>Hi</Say><Dial>\n <Number>+1</Number>\n</Dial>\
        <Redirect> /next\n</Redirect></Response>";
    let verbs = read(document).unwrap();
    let Some(Verb::Record(record)) = verbs.first() else { panic!() };
    assert_eq!((record.max_length_s, record.timeout_s, record.play_beep), (3_600, 5, true));
    assert_eq!(record.finish_on_key.len(), 12);
    assert_eq!(
        verbs[1..],
        [
            Verb::Reject { reason: RejectReason::Rejected },
            Verb::Pause { length_s: 1 },
            Verb::Say(Say { text: "Hi".to_owned(), ..Say::default() }),
            Verb::Dial(Dial { number: "+1".to_owned(), ..Dial::default() }),
            Verb::Redirect { url: "/next".to_owned() },
        ]
    );
}

#[test]
fn what_twilio_lists_as_12100_is_refused() {
    let documents = [
        "",
        "   \n",
        " <Response/>",
        "\n<?xml version=\"1.0\"?><Response/>",
        "\u{FEFF}<Response/>",
        "hello",
        "<Response>",
        "<Response><Say>Hi</Response>",
        "<Response><Say>Tom & Jerry</Say></Response>",
        "<Response><Say>&nbsp;</Say></Response>",
        "<Response><Dial action=\"/a?b=1&c=2\">+1</Dial></Response>",
        "<Response/><Response/>",
        "<Response/>trailing",
        "<!DOCTYPE x [<!ENTITY a \"b\">]><Response/>",
        "<response/>",
        "<html><body>502</body></html>",
        "<Response a=1/>",
        "<?xml version=\"1.0\"?>",
    ];
    for document in documents {
        let error = read(document).expect_err(document);
        assert_eq!(error.twilio_code(), 12100, "{document:?}: {error}");
    }
    let deep = format!("<Response>{}", "<Say>".repeat(100_000 / 8));
    assert_eq!(read(&deep).unwrap_err().twilio_code(), 12100);
    let long = format!("<Response><Say>{}</Say></Response>", "a".repeat(MAX_DOCUMENT_BYTES));
    assert_eq!(read(&long).unwrap_err().twilio_code(), 11750);
}

#[test]
fn unknown_verbs_and_missing_parts_are_named() {
    let cases = [
        ("<Response><Play>a.mp3</Play></Response>", "<Play> inside <Response>"),
        ("<Response><say>hi</say></Response>", "<say> inside <Response>"),
        ("<Response><Connect><Room>a</Room></Connect></Response>", "<Room> inside <Connect>"),
        ("<Response><Connect/></Response>", "<Connect> lacks its <Stream>"),
        ("<Response><Connect><Stream/></Connect></Response>", "<Stream> lacks its url"),
        (
            "<Response><Connect><Stream url='u'><Param/></Stream></Connect></Response>",
            "<Param> inside <Stream>",
        ),
        (
            "<Response><Connect><Stream url='u'><Parameter name='n'/></Stream></Connect></Response>",
            "<Parameter> lacks its value",
        ),
        (
            "<Response><Connect><Stream url='u' track='both_tracks'/></Connect></Response>",
            "track=\"both_tracks\"",
        ),
        ("<Response><Redirect/></Response>", "<Redirect> lacks its text"),
        ("<Response><Pause length='long'/></Response>", "length=\"long\""),
        ("<Response><Reject reason='tired'/></Response>", "reason=\"tired\""),
        ("<Response><Record finishOnKey='#x'/></Response>", "finishOnKey=\"#x\""),
        ("<Response><Record playBeep='yes'/></Response>", "playBeep=\"yes\""),
        ("<Response><Dial><Sip>sip:a@b</Sip></Dial></Response>", "<Sip> inside <Dial>"),
    ];
    for (document, part) in cases {
        let error = read(document).expect_err(document);
        assert!(error.to_string().contains(part), "{document}: {error}");
        assert_eq!(error.twilio_code(), 12200, "{document}");
    }
}

#[test]
fn text_cannot_break_out_of_its_place() {
    let hostile = "\"/><Dial>+1900</Dial></Say><Say x='\u{0}\u{1B}\u{FFFF}]]>&#38;&amp;\r\n\t";
    let twiml = Twiml::new([
        Verb::Say(Say { text: hostile.to_owned(), language: Some(hostile.to_owned()), voice: None }),
        Verb::Hangup,
    ]);
    let verbs = read(&twiml.to_xml()).unwrap();
    let clean = legal(hostile).into_owned();
    assert!(!clean.contains(['\u{0}', '\u{1B}', '\u{FFFF}']) && clean.ends_with("\r\n\t"));
    let say = Say { text: clean.clone(), language: Some(clean), voice: None };
    assert_eq!(verbs, [Verb::Say(say), Verb::Hangup]);
}

/// Any text, with a liking for what hurts.
fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            any::<String>(),
            "[<>&'\"\\]\\[!?/= \r\n\t\u{0}-\u{1F}\u{85}\u{2028}\u{FFFE}\u{FFFF}א-ת]{0,12}",
            prop::sample::select(vec!["]]>", "<![CDATA[", "-->", "&#0;", "&lt;", "</Say>", "<Dial>"])
                .prop_map(str::to_owned),
        ],
        0..4,
    )
    .prop_map(|parts| parts.concat())
}

/// A text that stands alone in an element, as a URL or a number does.
fn word() -> impl Strategy<Value = String> {
    text().prop_map(|text| format!("+1{}9", text))
}

fn verb() -> impl Strategy<Value = Verb> {
    let optional = || prop::option::of(text());
    let stream = (text(), optional(), optional(), prop::collection::vec((text(), text()), 0..3));
    let keys = prop::collection::vec(prop::sample::select(DtmfKey::all().collect::<Vec<_>>()), 0..4);
    prop_oneof![
        (optional(), stream).prop_map(|(action, (url, name, status_callback, parameters))| {
            Verb::Connect(Connect { action, stream: Stream { url, name, status_callback, parameters } })
        }),
        (text(), optional(), optional()).prop_map(|(text, language, voice)| Verb::Say(Say {
            text,
            language,
            voice
        })),
        (optional(), any::<u32>(), any::<u32>(), any::<bool>(), keys).prop_map(
            |(action, max_length_s, timeout_s, play_beep, finish_on_key)| {
                Verb::Record(Record { action, max_length_s, timeout_s, play_beep, finish_on_key })
            }
        ),
        Just(Verb::Hangup),
        word().prop_map(|url| Verb::Redirect { url }),
        prop::sample::select(vec![RejectReason::Rejected, RejectReason::Busy])
            .prop_map(|reason| Verb::Reject { reason }),
        (word(), optional(), any::<Option<u32>>(), optional()).prop_map(
            |(number, caller_id, timeout_s, action)| {
                Verb::Dial(Dial { number, caller_id, timeout_s, action })
            }
        ),
        any::<u32>().prop_map(|length_s| Verb::Pause { length_s }),
    ]
}

/// The verb as it must come back: without what XML cannot hold.
fn cleaned(verb: Verb) -> Verb {
    let clean = |text: String| legal(&text).into_owned();
    let maybe = |text: Option<String>| text.map(clean);
    match verb {
        Verb::Connect(Connect { action, stream }) => Verb::Connect(Connect {
            action: maybe(action),
            stream: Stream {
                url: clean(stream.url),
                name: maybe(stream.name),
                status_callback: maybe(stream.status_callback),
                parameters: stream
                    .parameters
                    .into_iter()
                    .map(|(name, value)| (clean(name), clean(value)))
                    .collect(),
            },
        }),
        Verb::Say(Say { text, language, voice }) => {
            Verb::Say(Say { text: clean(text), language: maybe(language), voice: maybe(voice) })
        }
        Verb::Record(record) => Verb::Record(Record { action: maybe(record.action), ..record }),
        Verb::Redirect { url } => Verb::Redirect { url: clean(url) },
        Verb::Dial(dial) => Verb::Dial(Dial {
            number: clean(dial.number),
            caller_id: maybe(dial.caller_id),
            action: maybe(dial.action),
            timeout_s: dial.timeout_s,
        }),
        Verb::Hangup | Verb::Reject { .. } | Verb::Pause { .. } => verb,
    }
}

proptest! {
    #[test]
    fn any_document_reads_back_as_it_was_written(verbs in prop::collection::vec(verb(), 0..5)) {
        let xml = Twiml::new(verbs.clone()).to_xml();
        prop_assert!(xml.starts_with(r#"<?xml version="1.0" encoding="UTF-8"?><Response>"#));
        prop_assume!(xml.len() <= MAX_DOCUMENT_BYTES);
        prop_assert_eq!(read(&xml).unwrap(), verbs.into_iter().map(cleaned).collect::<Vec<_>>());
    }

    #[test]
    fn no_text_makes_the_reader_panic(document in text()) {
        let _ = read(&document);
        let _ = read(&format!("<Response>{document}</Response>"));
        let _ = read(&format!("<Response><Say {document}>"));
    }
}
