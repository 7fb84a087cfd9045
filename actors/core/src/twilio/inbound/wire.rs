//! The JSON of the media socket and its way into [`Inbound`].

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};
use serde_json::error::Category;

use super::error::shorten;
use super::{Inbound, InboundError, MAX_MESSAGE_BYTES, Media, MediaFormat, StreamStart, Track};
use crate::audio::dtmf::DtmfKey;
use crate::ids::{AccountSid, CallSid, MarkName, StreamSid};

/// Every field of every message. Which of them must be there depends on the event.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Frame<'a> {
    #[serde(borrow)]
    event: Option<Text<'a>>,
    #[serde(borrow)]
    sequence_number: Option<Text<'a>>,
    #[serde(borrow)]
    stream_sid: Option<Text<'a>>,
    #[serde(borrow)]
    version: Option<Text<'a>>,
    #[serde(borrow)]
    start: Option<StartBody<'a>>,
    #[serde(borrow)]
    media: Option<MediaBody<'a>>,
    #[serde(borrow)]
    mark: Option<MarkBody<'a>>,
    #[serde(borrow)]
    dtmf: Option<DtmfBody<'a>>,
    #[serde(borrow)]
    stop: Option<StopBody<'a>>,
}

/// Only what kind of message it is, for frames whose other fields cannot be read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope<'a> {
    #[serde(borrow)]
    event: Option<Text<'a>>,
    #[serde(borrow)]
    sequence_number: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StartBody<'a> {
    #[serde(borrow)]
    account_sid: Option<Text<'a>>,
    #[serde(borrow)]
    stream_sid: Option<Text<'a>>,
    #[serde(borrow)]
    call_sid: Option<Text<'a>>,
    #[serde(borrow)]
    custom_parameters: Option<BTreeMap<String, Option<Text<'a>>>>,
    #[serde(borrow)]
    media_format: Option<FormatBody<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FormatBody<'a> {
    #[serde(borrow)]
    encoding: Option<Text<'a>>,
    #[serde(borrow)]
    sample_rate: Option<Text<'a>>,
    #[serde(borrow)]
    channels: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct MediaBody<'a> {
    #[serde(borrow)]
    track: Option<Text<'a>>,
    #[serde(borrow)]
    chunk: Option<Text<'a>>,
    #[serde(borrow)]
    timestamp: Option<Text<'a>>,
    #[serde(borrow)]
    payload: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct MarkBody<'a> {
    #[serde(borrow)]
    name: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct DtmfBody<'a> {
    #[serde(borrow)]
    digit: Option<Text<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StopBody<'a> {
    #[serde(borrow)]
    call_sid: Option<Text<'a>>,
}

/// A string, or a number or truth value that a carrier wrote in place of one.
struct Text<'a>(Cow<'a, str>);

impl Text<'_> {
    fn count(&self) -> Option<u64> {
        self.0.trim().parse().ok()
    }

    fn small_count(&self) -> Option<u32> {
        self.0.trim().parse().ok()
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor).map(Text)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or a number")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(number.to_string()))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(number.to_string()))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Cow::Owned(number.to_string()))
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(Cow::Owned(truth.to_string()))
    }
}

pub(super) fn parse(text: &str) -> Result<Inbound<'_>, InboundError> {
    if text.len() > MAX_MESSAGE_BYTES {
        return Err(InboundError::TooLarge { bytes: text.len() });
    }
    if text.trim_start().starts_with('[') {
        // Serde would take an array for the fields of a struct in their order.
        return Err(serde_json::from_str::<de::IgnoredAny>(text)
            .map_or_else(|error| not_json(&error), |_| InboundError::NotAnObject));
    }
    match serde_json::from_str::<Frame<'_>>(text) {
        Ok(frame) => frame.into_inbound(),
        Err(error) => second_look(text, &error),
    }
}

/// A frame that does not fit the known fields: broken, or an unknown event that uses their names its own way.
fn second_look<'a>(text: &'a str, error: &serde_json::Error) -> Result<Inbound<'a>, InboundError> {
    if error.classify() != Category::Data {
        return Err(not_json(error));
    }
    if !text.trim_start().starts_with('{') {
        return Err(InboundError::NotAnObject);
    }
    let (line, column) = (error.line(), error.column());
    let envelope: Envelope<'_> = serde_json::from_str(text).map_err(|error| match error.classify() {
        Category::Data => InboundError::WrongKind { event: "?".to_owned(), line, column },
        Category::Io | Category::Syntax | Category::Eof => not_json(&error),
    })?;
    let event = required(envelope.event, "?", "event")?;
    match event.0.as_ref() {
        "connected" | "start" | "media" | "mark" | "dtmf" | "stop" => {
            Err(InboundError::WrongKind { event: shorten(&event.0), line, column })
        }
        other => Ok(Inbound::Unknown {
            sequence: envelope.sequence_number.and_then(|text| text.count()),
            event: shorten(other),
        }),
    }
}

fn not_json(error: &serde_json::Error) -> InboundError {
    InboundError::NotJson { line: error.line(), column: error.column() }
}

fn required<T>(value: Option<T>, event: &'static str, field: &'static str) -> Result<T, InboundError> {
    value.ok_or(InboundError::MissingField { event, field })
}

impl<'a> Frame<'a> {
    fn into_inbound(self) -> Result<Inbound<'a>, InboundError> {
        let sequence = self.sequence_number.as_ref().and_then(Text::count);
        let event = required(self.event, "?", "event")?;
        match event.0.as_ref() {
            "connected" => {
                Ok(Inbound::Connected { version: self.version.map(|version| shorten(&version.0)) })
            }
            "start" => {
                let body = required(self.start, "start", "start")?;
                Ok(Inbound::Start { sequence, start: body.into_start(self.stream_sid)? })
            }
            "media" => {
                let body = required(self.media, "media", "media")?;
                let payload = required(body.payload, "media", "media.payload")?.0;
                let outbound = body.track.is_some_and(|track| track.0.starts_with("outbound"));
                Ok(Inbound::Media(Media {
                    sequence,
                    stream_sid: self.stream_sid.map(|sid| sid.0),
                    track: if outbound { Track::Outbound } else { Track::Inbound },
                    chunk: body.chunk.and_then(|chunk| chunk.count()),
                    timestamp_ms: body.timestamp.and_then(|timestamp| timestamp.count()),
                    payload,
                }))
            }
            "mark" => {
                let name = self.mark.and_then(|mark| mark.name);
                let name = MarkName::new(required(name, "mark", "mark.name")?.0);
                Ok(Inbound::Mark { sequence, name })
            }
            "dtmf" => {
                let digit = required(self.dtmf.and_then(|dtmf| dtmf.digit), "dtmf", "dtmf.digit")?;
                let digit = DtmfKey::parse(&digit.0)
                    .map_err(|_| InboundError::BadDigit { digit: shorten(&digit.0) })?;
                Ok(Inbound::Dtmf { sequence, digit })
            }
            "stop" => {
                let call_sid = self.stop.and_then(|stop| stop.call_sid);
                Ok(Inbound::Stop { sequence, call_sid: call_sid.map(|sid| CallSid::new(sid.0)) })
            }
            other => Ok(Inbound::Unknown { sequence, event: shorten(other) }),
        }
    }
}

impl StartBody<'_> {
    fn into_start(self, top_level_sid: Option<Text<'_>>) -> Result<StreamStart, InboundError> {
        let stream_sid = present(self.stream_sid).or(present(top_level_sid));
        let call_sid = present(self.call_sid);
        Ok(StreamStart {
            account_sid: present(self.account_sid).map(AccountSid::new),
            stream_sid: StreamSid::new(required(stream_sid, "start", "start.streamSid")?),
            call_sid: CallSid::new(required(call_sid, "start", "start.callSid")?),
            parameters: self
                .custom_parameters
                .unwrap_or_default()
                .into_iter()
                .map(|(name, value)| (name, value.map(|text| text.0.into_owned()).unwrap_or_default()))
                .collect(),
            format: self.media_format.map(FormatBody::into_format).unwrap_or_default(),
        })
    }
}

impl FormatBody<'_> {
    /// Absent parts are Twilio's; a rate that cannot be read is 0, which no check lets pass.
    fn into_format(self) -> MediaFormat {
        let usual = MediaFormat::default();
        MediaFormat {
            encoding: self.encoding.map_or(usual.encoding, |text| text.0.into_owned()),
            sample_rate: self.sample_rate.map_or(usual.sample_rate, |text| text.small_count().unwrap_or(0)),
            channels: self.channels.map_or(usual.channels, |text| text.small_count().unwrap_or(0)),
        }
    }
}

/// An id that is there and not empty.
fn present(text: Option<Text<'_>>) -> Option<String> {
    text.map(|text| text.0.into_owned()).filter(|id| !id.is_empty())
}
