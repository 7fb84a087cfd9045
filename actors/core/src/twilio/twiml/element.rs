//! XML as far as TwiML needs it: elements, attributes, text.

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::TwimlError;
use super::write::is_legal;

/// Deepest nesting that is read. TwiML needs four; the limit keeps a hostile document from a deep recursion.
const MAX_DEPTH: usize = 16;

/// One element with all that is in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    /// All text directly inside, entities resolved.
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    /// The value of an attribute, unless it is absent.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// The root element of a document. Comments and processing instructions are passed over; a document type is
/// refused, as are a second root and text outside of the root.
pub(super) fn parse(document: &str) -> Result<Element, TwimlError> {
    let mut reader = Reader::from_str(document);
    let config = reader.config_mut();
    config.check_comments = true;
    config.expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        let event = reader.read_event().map_err(malformed)?;
        match event {
            Event::Start(start) => {
                if (open.is_empty() && root.is_some()) || open.len() >= MAX_DEPTH {
                    return Err(malformed("there is a second root element, or the nesting is too deep"));
                }
                open.push(opened(&start)?);
            }
            Event::End(_) => {
                let Some(done) = open.pop() else {
                    return Err(malformed("an element is closed that was not opened"));
                };
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    None => root = Some(done),
                }
            }
            Event::Text(text) => add_text(&mut open, &text.xml10_content())?,
            Event::CData(data) => add_text(&mut open, &data.xml10_content())?,
            Event::GeneralRef(reference) => add_text(&mut open, &resolve(&reference)?)?,
            Event::DocType(_) => return Err(malformed("a document type is not allowed")),
            // The reader was told to give these as a start and an end.
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => break,
        }
    }
    match open.pop() {
        Some(unclosed) => Err(malformed(format!("<{}> is not closed", unclosed.name))),
        None => root.ok_or(TwimlError::NoResponse),
    }
}

fn opened(start: &BytesStart<'_>) -> Result<Element, TwimlError> {
    let mut element = Element { name: start.name().as_ref().to_owned(), ..Element::default() };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(malformed)?;
        let value = attribute.normalized_value(XmlVersion::Explicit1_0).map_err(malformed)?;
        only_legal(&value)?;
        element.attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
    }
    Ok(element)
}

fn add_text(open: &mut [Element], text: &str) -> Result<(), TwimlError> {
    only_legal(text)?;
    match open.last_mut() {
        Some(element) => element.text.push_str(text),
        None if text.trim().is_empty() => {}
        None => return Err(malformed("there is text outside of <Response>")),
    }
    Ok(())
}

/// The library lets characters through that XML 1.0 forbids, as themselves and as references; Twilio does not.
fn only_legal(text: &str) -> Result<(), TwimlError> {
    match text.chars().find(|&character| !is_legal(character)) {
        None => Ok(()),
        Some(character) => Err(malformed(format!("{} is no character of XML", character.escape_unicode()))),
    }
}

fn resolve(reference: &BytesRef<'_>) -> Result<String, TwimlError> {
    if let Some(character) = reference.resolve_char_ref().map_err(malformed)? {
        return Ok(character.to_string());
    }
    quick_xml::escape::resolve_predefined_entity(reference)
        .map(str::to_owned)
        .ok_or_else(|| malformed("an entity is not one of XML's five"))
}

fn malformed(reason: impl ToString) -> TwimlError {
    TwimlError::Malformed { reason: reason.to_string() }
}
