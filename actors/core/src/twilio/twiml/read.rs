//! Reading a document as strictly as Twilio does.

use super::element::{Element, parse};
use super::{Connect, Dial, Record, RejectReason, Say, Stream, Verb};
use crate::audio::dtmf::DtmfKey;

/// Longest document that Twilio takes, bytes (error 11750).
pub const MAX_DOCUMENT_BYTES: usize = 64 * 1024;

/// Why a document cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TwimlError {
    /// There is nothing. Twilio takes an empty answer, also a 204, for a broken document.
    #[error("the answer is empty; Twilio wants a document, `<Response/>` at least")]
    Empty,
    /// Longer than [`MAX_DOCUMENT_BYTES`].
    #[error("the document has {bytes} bytes; Twilio takes {MAX_DOCUMENT_BYTES}")]
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// The first byte is not `<`.
    #[error("something stands before the document; its first byte must be `<`")]
    LeadingText,
    /// No XML.
    #[error("the document is not well-formed XML: {reason}")]
    Malformed {
        /// What the XML reader says.
        reason: String,
    },
    /// No `<Response>` around the verbs.
    #[error("the document's root is not <Response>; names are case-sensitive")]
    NoResponse,
    /// A verb or noun that moked does not say and cannot follow.
    #[error("<{name}> inside <{parent}> is unknown; names are case-sensitive")]
    Unknown {
        /// Its name.
        name: String,
        /// Where it stands.
        parent: &'static str,
    },
    /// A part that must be there.
    #[error("<{verb}> lacks its {part}")]
    Missing {
        /// The verb or noun.
        verb: &'static str,
        /// The attribute, the element inside or the text.
        part: &'static str,
    },
    /// An attribute with a value that makes no sense.
    #[error("<{verb}> has {attribute}={value:?}; {wanted} is wanted")]
    BadValue {
        /// The verb.
        verb: &'static str,
        /// The attribute.
        attribute: &'static str,
        /// Its value.
        value: String,
        /// What would do.
        wanted: &'static str,
    },
}

impl TwimlError {
    /// The code under which Twilio's debugger would list it: 11750 for length, 12200 for verbs and attributes
    /// that break its schema, 12100 for all that is no document.
    pub fn twilio_code(&self) -> u32 {
        match self {
            Self::TooLarge { .. } => 11750,
            Self::Empty | Self::LeadingText | Self::Malformed { .. } | Self::NoResponse => 12100,
            Self::Unknown { .. } | Self::Missing { .. } | Self::BadValue { .. } => 12200,
        }
    }
}

/// Reads a document into its verbs.
///
/// Attributes that moked does not use are passed over. Where an attribute is absent, the verb says what
/// Twilio then does.
///
/// # Errors
/// [`TwimlError`], for all that Twilio refuses and for verbs that moked does not know.
pub fn read(document: &str) -> Result<Vec<Verb>, TwimlError> {
    if document.trim().is_empty() {
        return Err(TwimlError::Empty);
    }
    if document.len() > MAX_DOCUMENT_BYTES {
        return Err(TwimlError::TooLarge { bytes: document.len() });
    }
    if !document.starts_with('<') {
        return Err(TwimlError::LeadingText);
    }
    let root = parse(document)?;
    if root.name != "Response" {
        return Err(TwimlError::NoResponse);
    }
    root.children.iter().map(read_verb).collect()
}

fn read_verb(element: &Element) -> Result<Verb, TwimlError> {
    match element.name.as_str() {
        "Connect" => read_connect(element).map(Verb::Connect),
        "Say" => Ok(Verb::Say(Say {
            text: element.text.clone(),
            language: owned(element, "language"),
            voice: owned(element, "voice"),
        })),
        "Record" => read_record(element).map(Verb::Record),
        "Hangup" => Ok(Verb::Hangup),
        "Redirect" => Ok(Verb::Redirect { url: body(element, "Redirect")? }),
        "Reject" => match element.attribute("reason") {
            None | Some("rejected") => Ok(Verb::Reject { reason: RejectReason::Rejected }),
            Some("busy") => Ok(Verb::Reject { reason: RejectReason::Busy }),
            Some(other) => Err(bad("Reject", "reason", other, "rejected or busy")),
        },
        "Dial" => read_dial(element).map(Verb::Dial),
        "Pause" => Ok(Verb::Pause { length_s: number(element, "Pause", "length")?.unwrap_or(1) }),
        other => Err(TwimlError::Unknown { name: other.to_owned(), parent: "Response" }),
    }
}

fn read_connect(element: &Element) -> Result<Connect, TwimlError> {
    let mut stream = None;
    for child in &element.children {
        match child.name.as_str() {
            "Stream" => stream = Some(read_stream(child)?),
            other => return Err(TwimlError::Unknown { name: other.to_owned(), parent: "Connect" }),
        }
    }
    Ok(Connect {
        action: owned(element, "action"),
        stream: stream.ok_or(TwimlError::Missing { verb: "Connect", part: "<Stream>" })?,
    })
}

fn read_stream(element: &Element) -> Result<Stream, TwimlError> {
    let missing = |verb, part| TwimlError::Missing { verb, part };
    let mut parameters = Vec::new();
    for child in &element.children {
        if child.name != "Parameter" {
            return Err(TwimlError::Unknown { name: child.name.clone(), parent: "Stream" });
        }
        let name = owned(child, "name").ok_or(missing("Parameter", "name"))?;
        let value = owned(child, "value").ok_or(missing("Parameter", "value"))?;
        parameters.push((name, value));
    }
    match element.attribute("track") {
        None | Some("inbound_track") => {}
        Some(other) => return Err(bad("Stream", "track", other, "inbound_track, under <Connect>,")),
    }
    Ok(Stream {
        url: owned(element, "url").ok_or(missing("Stream", "url"))?,
        name: owned(element, "name"),
        status_callback: owned(element, "statusCallback"),
        parameters,
    })
}

fn read_record(element: &Element) -> Result<Record, TwimlError> {
    let usual = Record::default();
    let finish_on_key = match element.attribute("finishOnKey") {
        None => usual.finish_on_key,
        Some(keys) => keys
            .chars()
            .map(DtmfKey::try_from)
            .collect::<Result<_, _>>()
            .map_err(|_| bad("Record", "finishOnKey", keys, "a row of keys"))?,
    };
    Ok(Record {
        action: owned(element, "action"),
        max_length_s: number(element, "Record", "maxLength")?.unwrap_or(usual.max_length_s),
        timeout_s: number(element, "Record", "timeout")?.unwrap_or(usual.timeout_s),
        play_beep: match element.attribute("playBeep") {
            None => usual.play_beep,
            Some("true") => true,
            Some("false") => false,
            Some(other) => return Err(bad("Record", "playBeep", other, "true or false")),
        },
        finish_on_key,
    })
}

/// A number stands as the text of `<Dial>` or of a `<Number>` in it.
fn read_dial(element: &Element) -> Result<Dial, TwimlError> {
    let number_element = match element.children.as_slice() {
        [] => element,
        [only] if only.name == "Number" => only,
        [other, ..] => {
            return Err(TwimlError::Unknown { name: other.name.clone(), parent: "Dial" });
        }
    };
    Ok(Dial {
        number: body(number_element, "Dial")?,
        caller_id: owned(element, "callerId"),
        timeout_s: number(element, "Dial", "timeout")?,
        action: owned(element, "action"),
    })
}

fn owned(element: &Element, attribute: &str) -> Option<String> {
    element.attribute(attribute).map(str::to_owned)
}

/// The text of an element, which is a URL or a number, so blanks around it are the writer's.
fn body(element: &Element, verb: &'static str) -> Result<String, TwimlError> {
    let text = element.text.trim();
    if text.is_empty() { Err(TwimlError::Missing { verb, part: "text" }) } else { Ok(text.to_owned()) }
}

fn number(element: &Element, verb: &'static str, attribute: &'static str) -> Result<Option<u32>, TwimlError> {
    element
        .attribute(attribute)
        .map(|value| value.parse().map_err(|_| bad(verb, attribute, value, "a whole number")))
        .transpose()
}

fn bad(verb: &'static str, attribute: &'static str, value: &str, wanted: &'static str) -> TwimlError {
    TwimlError::BadValue { verb, attribute, value: value.to_owned(), wanted }
}
