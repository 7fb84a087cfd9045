//! The documents that this server answers with.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use moked_core::language::Language;
use moked_core::twilio::twiml::{Connect, Dial, Record, Say, Stream, Twiml, Verb};
use url::Url;

use super::{paths, phrases};
use crate::settings::{Elsewhere, PublicBaseUrl};
use crate::stream_tokens::TOKEN_PARAMETER;

/// Name of the stream within its call.
const STREAM_NAME: &str = "agent";

/// Longest recorded message, seconds.
const MESSAGE_S: u32 = 120;

/// Silence that ends a recorded message, seconds: longer than people think over a number.
const MESSAGE_SILENCE_S: u32 = 5;

/// How long a number rings to which a caller is transferred, seconds: six rings, then a message is taken.
const RINGING_S: u32 = 30;

/// Marks the address of a caller who was sent on to this server by itself.
pub(super) const SENT_ON: &str = "sent_on";

/// A document, ready to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Document(Twiml);

impl Document {
    /// The document itself, for REST.
    pub(super) fn to_xml(&self) -> String {
        self.0.to_xml()
    }

    /// The answer to Twilio. Never cached: a document may hold a one-time token.
    pub(super) fn answer(&self) -> HttpResponse {
        HttpResponse::Ok()
            .insert_header((CONTENT_TYPE, "application/xml; charset=utf-8"))
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(self.0.to_xml())
    }
}

/// Connects the call to the agent. `token` opens the stream, once; `caller` is the number, if it is known.
pub(super) fn stream(base: &PublicBaseUrl, token: &str, caller: Option<&str>) -> Document {
    let mut parameters = vec![(TOKEN_PARAMETER.to_owned(), token.to_owned())];
    parameters.extend(caller.map(|caller| ("from".to_owned(), caller.to_owned())));
    Document(Twiml::new([Verb::Connect(Connect {
        action: Some(base.http(paths::STREAM_ACTION)),
        stream: Stream {
            url: base.websocket(paths::MEDIA),
            name: Some(STREAM_NAME.to_owned()),
            status_callback: Some(base.http(paths::STREAM_STATUS)),
            parameters,
        },
    })]))
}

/// Says that there is no conversation now, and records a message.
pub(super) fn take_message(language: Language, base: &PublicBaseUrl) -> Document {
    recorded(language, phrases::in_language(language).take_message, base)
}

/// Sends a caller elsewhere who has not spoken with the agent. Who `was_sent_on` to this server by itself
/// already leaves a message: while the balancer knows no better he would be sent around in a circle.
pub(super) fn elsewhere(
    place: &Elsewhere,
    language: Language,
    base: &PublicBaseUrl,
    was_sent_on: bool,
) -> Document {
    match place {
        Elsewhere::Message => take_message(language, base),
        Elsewhere::Goodbye => {
            Document(Twiml::new([say(language, phrases::in_language(language).call_again), Verb::Hangup]))
        }
        Elsewhere::Number(number) => dial(number, base),
        Elsewhere::Document(url) => match sent_on(url, base) {
            Some(_) if was_sent_on => take_message(language, base),
            marked => {
                let url = marked.unwrap_or_else(|| url.clone()).into();
                Document(Twiml::new([Verb::Redirect { url }]))
            }
        },
    }
}

/// The address with a mark, if it is this server's own, behind the same balancer.
fn sent_on(url: &Url, base: &PublicBaseUrl) -> Option<Url> {
    let own = Url::parse(&base.http("")).ok()?;
    let mut marked = url.clone();
    marked.query_pairs_mut().append_pair(SENT_ON, "1");
    (own.origin() == url.origin()).then_some(marked)
}

/// Says that the conversation broke, and records a message.
pub(super) fn apology(language: Language, base: &PublicBaseUrl) -> Document {
    recorded(language, phrases::in_language(language).apology, base)
}

/// Thanks for a message and ends the call.
pub(super) fn thanks(language: Language) -> Document {
    Document(Twiml::new([say(language, phrases::in_language(language).thanks), Verb::Hangup]))
}

/// Says that nothing is known of this call and ends it.
pub(super) fn unknown(language: Language) -> Document {
    Document(Twiml::new([say(language, phrases::in_language(language).unknown), Verb::Hangup]))
}

/// Connects the caller to a number; what came of it is told to `/webhook/transfer_done`.
pub(super) fn dial(number: &str, base: &PublicBaseUrl) -> Document {
    Document(Twiml::new([Verb::Dial(Dial {
        number: number.to_owned(),
        timeout_s: Some(RINGING_S),
        action: Some(base.http(paths::TRANSFER_DONE)),
        caller_id: None,
    })]))
}

/// Ends the call.
pub(super) fn hang_up() -> Document {
    Document(Twiml::new([Verb::Hangup]))
}

fn recorded(language: Language, text: &'static str, base: &PublicBaseUrl) -> Document {
    let record = Record {
        action: Some(base.http(paths::RECORDING_DONE)),
        max_length_s: MESSAGE_S,
        timeout_s: MESSAGE_SILENCE_S,
        ..Record::default()
    };
    // After silence Twilio does not ask the action but goes on here.
    Document(Twiml::new([say(language, text), Verb::Record(record), Verb::Hangup]))
}

fn say(language: Language, text: &'static str) -> Verb {
    let language = Some(phrases::in_language(language).say_language.to_owned());
    Verb::Say(Say { text: text.to_owned(), language, voice: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use moked_core::twilio::twiml::{lint::lint, read};

    #[test]
    fn twilio_finds_no_fault_in_any_document_of_either_language() {
        let base: PublicBaseUrl = "https://calls.example.com".parse().unwrap();
        let mut all = vec![
            stream(&base, "token", Some("+972501234567")),
            stream(&base, "t", None),
            hang_up(),
            dial("+97235550100", &base),
        ];
        for language in [Language::English, Language::Hebrew] {
            let places =
                ["message", "goodbye", "+97235550100", "https://calls.example.com/webhook/incoming_call"];
            all.extend(places.map(|place| elsewhere(&place.parse().unwrap(), language, &base, false)));
            all.extend([
                take_message(language, &base),
                apology(language, &base),
                thanks(language),
                unknown(language),
            ]);
        }
        for document in all {
            let verbs = read(&document.0.to_xml()).unwrap();
            assert_eq!(verbs, document.0.verbs);
            assert_eq!(lint(&verbs), []);
        }
    }

    #[test]
    fn a_caller_who_comes_back_to_the_same_server_is_not_sent_around_in_a_circle() {
        let base: PublicBaseUrl = "https://calls.example.com".parse().unwrap();
        let sent = |url: &str, was_sent_on| {
            elsewhere(&url.parse().unwrap(), Language::English, &base, was_sent_on).0.verbs
        };
        let own = "https://calls.example.com/webhook/incoming_call";
        assert_eq!(sent(own, false), [Verb::Redirect { url: format!("{own}?sent_on=1") }]);
        assert!(matches!(sent(own, true).as_slice(), [Verb::Say(_), Verb::Record(_), Verb::Hangup]));
        let other = "https://other.example.com/twiml?queue=1";
        assert_eq!(sent(other, true), [Verb::Redirect { url: other.into() }]);
    }

    #[test]
    fn a_callers_number_cannot_write_a_verb() {
        let base: PublicBaseUrl = "https://calls.example.com".parse().unwrap();
        let number = "\"/></Stream></Connect><Dial>+15550100</Dial>";
        let verbs = read(&stream(&base, "token", Some(number)).0.to_xml()).unwrap();
        let [Verb::Connect(connect)] = verbs.as_slice() else { panic!("{verbs:?}") };
        assert_eq!(connect.stream.parameters[1].1, number);
    }
}
