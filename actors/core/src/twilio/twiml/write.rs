//! Writing a document.

use std::borrow::Cow;
use std::io;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::{Connect, Dial, Record, Say, Twiml, Verb};

impl Twiml {
    /// The document as XML, from `<?xml` in the first byte on. Texts are escaped; characters that XML cannot
    /// hold (control characters, U+FFFE, U+FFFF) are left out, since one of them makes Twilio refuse the
    /// whole document with 12100 in mid-call.
    #[expect(clippy::expect_used, reason = "a Vec takes every write and the writer is fed text only")]
    pub fn to_xml(&self) -> String {
        let mut writer = Writer::new(Vec::new());
        self.write(&mut writer).expect("a Vec takes every write");
        String::from_utf8(writer.into_inner()).expect("the writer is fed text only")
    }

    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        writer.write_event(Event::Start(BytesStart::new("Response")))?;
        for verb in &self.verbs {
            write_verb(writer, verb)?;
        }
        writer.write_event(Event::End(BytesEnd::new("Response")))
    }
}

fn write_verb(writer: &mut Writer<Vec<u8>>, verb: &Verb) -> io::Result<()> {
    match verb {
        Verb::Connect(connect) => write_connect(writer, connect),
        Verb::Say(Say { text, language, voice }) => {
            let mut say = BytesStart::new("Say");
            attribute(&mut say, "language", language.as_deref());
            attribute(&mut say, "voice", voice.as_deref());
            element(writer, say, text)
        }
        Verb::Record(record) => write_record(writer, record),
        Verb::Hangup => writer.write_event(Event::Empty(BytesStart::new("Hangup"))),
        Verb::Redirect { url } => {
            let mut redirect = BytesStart::new("Redirect");
            attribute(&mut redirect, "method", Some("POST"));
            element(writer, redirect, url)
        }
        Verb::Reject { reason } => {
            let mut reject = BytesStart::new("Reject");
            attribute(&mut reject, "reason", Some(reason.word()));
            writer.write_event(Event::Empty(reject))
        }
        Verb::Dial(dial) => write_dial(writer, dial),
        Verb::Pause { length_s } => {
            let mut pause = BytesStart::new("Pause");
            attribute(&mut pause, "length", Some(&length_s.to_string()));
            writer.write_event(Event::Empty(pause))
        }
    }
}

fn write_connect(writer: &mut Writer<Vec<u8>>, connect: &Connect) -> io::Result<()> {
    let mut start = BytesStart::new("Connect");
    callback(&mut start, "action", "method", connect.action.as_deref());
    writer.write_event(Event::Start(start))?;

    let mut stream = BytesStart::new("Stream");
    attribute(&mut stream, "url", Some(&connect.stream.url));
    attribute(&mut stream, "name", connect.stream.name.as_deref());
    let told = connect.stream.status_callback.as_deref();
    callback(&mut stream, "statusCallback", "statusCallbackMethod", told);
    writer.write_event(Event::Start(stream))?;
    for (name, value) in &connect.stream.parameters {
        let mut parameter = BytesStart::new("Parameter");
        attribute(&mut parameter, "name", Some(name));
        attribute(&mut parameter, "value", Some(value));
        writer.write_event(Event::Empty(parameter))?;
    }
    writer.write_event(Event::End(BytesEnd::new("Stream")))?;
    writer.write_event(Event::End(BytesEnd::new("Connect")))
}

fn write_record(writer: &mut Writer<Vec<u8>>, record: &Record) -> io::Result<()> {
    let mut start = BytesStart::new("Record");
    callback(&mut start, "action", "method", record.action.as_deref());
    attribute(&mut start, "maxLength", Some(&record.max_length_s.to_string()));
    attribute(&mut start, "timeout", Some(&record.timeout_s.to_string()));
    attribute(&mut start, "playBeep", Some(if record.play_beep { "true" } else { "false" }));
    let keys: String = record.finish_on_key.iter().map(|key| key.as_char()).collect();
    attribute(&mut start, "finishOnKey", Some(&keys));
    writer.write_event(Event::Empty(start))
}

fn write_dial(writer: &mut Writer<Vec<u8>>, dial: &Dial) -> io::Result<()> {
    let mut start = BytesStart::new("Dial");
    callback(&mut start, "action", "method", dial.action.as_deref());
    attribute(&mut start, "callerId", dial.caller_id.as_deref());
    attribute(&mut start, "timeout", dial.timeout_s.map(|seconds| seconds.to_string()).as_deref());
    element(writer, start, &dial.number)
}

/// A URL and, beside it, the method with which it is asked.
fn callback(element: &mut BytesStart<'_>, name: &str, method: &str, url: Option<&str>) {
    attribute(element, name, url);
    attribute(element, method, url.map(|_| "POST"));
}

/// An attribute with its value escaped, line breaks included.
fn attribute(element: &mut BytesStart<'_>, name: &str, value: Option<&str>) {
    if let Some(value) = value {
        element.push_attribute((name, legal(value)));
    }
}

fn element(writer: &mut Writer<Vec<u8>>, start: BytesStart<'_>, text: &str) -> io::Result<()> {
    let end = start.to_end().into_owned();
    writer.write_event(Event::Start(start))?;
    writer.write_event(Event::Text(BytesText::new(&legal(text))))?;
    writer.write_event(Event::End(end))
}

/// The text without what XML 1.0 cannot hold (its production 2, `Char`).
pub(super) fn legal(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_legal) { text.into() } else { text.chars().filter(|&one| is_legal(one)).collect() }
}

/// Whether XML 1.0 has this character (section 2.2, `Char`).
pub(super) fn is_legal(character: char) -> bool {
    match character {
        '\t' | '\n' | '\r' => true,
        '\0'..='\x1F' | '\u{FFFE}' | '\u{FFFF}' => false,
        _ => true,
    }
}
