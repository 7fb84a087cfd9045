//! Which address is signed and which one is dialled.
//!
//! Twilio signs the public address. A server under test often listens on a loopback port behind a tunnel, or
//! has no tunnel at all and only a public address in its settings. So every request has two addresses: the
//! one that Twilio would use, which goes into the signature, and the one where the server really is.

use thiserror::Error;
use url::{Host, Url};

/// An address with both its faces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// As Twilio would request it; what the signature covers, byte for byte.
    pub signed: String,
    /// Where the request goes.
    pub reach: Url,
}

/// What is wrong with an address in a TwiML document or on the command line.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RouteError {
    /// It cannot be read as an address (Twilio error 31923 for a stream, 11100 for a webhook).
    #[error("\"{url}\" is not an address: {why}")]
    Malformed {
        /// The text found.
        url: String,
        /// What the parser says.
        why: String,
    },
    /// A stream must be `wss`, or `ws` to this machine (Twilio error 31922).
    #[error(
        "the stream's address \"{url}\" must begin with wss:// (ws:// only reaches this machine); \
         use a public https base, or --direct to go to the webhook's own host"
    )]
    StreamScheme {
        /// The address found.
        url: String,
    },
    /// A webhook must be `http` or `https`.
    #[error("the address \"{url}\" must begin with http:// or https://")]
    WebhookScheme {
        /// The address found.
        url: String,
    },
    /// Twilio does not deliver the query of a stream's address, and a server that needs it refuses.
    #[error(
        "the stream's address \"{url}\" has a query string, which Twilio does not support: put the value \
         into <Parameter> or into the path"
    )]
    StreamQuery {
        /// The address found.
        url: String,
    },
}

impl RouteError {
    /// The error under which Twilio would report it.
    pub fn twilio_code(&self) -> u32 {
        match self {
            Self::Malformed { .. } => 31_923,
            Self::StreamScheme { .. } => 31_922,
            Self::WebhookScheme { .. } => 11_100,
            Self::StreamQuery { .. } => 31_920,
        }
    }
}

/// How addresses are turned into places for one call.
#[derive(Debug, Clone)]
pub struct Route {
    webhook: Url,
    public_base: Option<Url>,
    direct: bool,
}

impl Route {
    /// A call to `webhook`. Signatures name `public_base` in place of the webhook's own host when given;
    /// with `direct` everything goes to the webhook's host, whatever host the TwiML names.
    ///
    /// # Errors
    /// An address that is no web address.
    pub fn new(webhook: &str, public_base: Option<&str>, direct: bool) -> Result<Self, RouteError> {
        let mut webhook = web_address(webhook)?;
        webhook.set_fragment(None);
        let public_base = public_base.map(web_address).transpose()?;
        Ok(Self { webhook, public_base, direct })
    }

    /// The voice webhook.
    pub fn webhook(&self) -> Place {
        let signed = match &self.public_base {
            Some(base) => with_host_of(self.webhook.clone(), base),
            None => self.webhook.clone(),
        };
        Place { signed: as_signed(signed), reach: self.webhook.clone() }
    }

    /// The address `reference`, relative or absolute, in the document that came from `document`.
    ///
    /// # Errors
    /// An address that is no web address.
    pub fn follow(&self, document: &Place, reference: &str) -> Result<Place, RouteError> {
        let mut url =
            web_address(&document.signed)?.join(reference).map_err(|error| malformed(reference, error))?;
        url.set_fragment(None);
        if !matches!(url.scheme(), "http" | "https") {
            return Err(RouteError::WebhookScheme { url: url.to_string() });
        }
        let reach = if self.direct { with_host_of(url.clone(), &self.webhook) } else { url.clone() };
        Ok(Place { signed: as_signed(url), reach })
    }

    /// The media stream at `url`, as the TwiML has it.
    ///
    /// # Errors
    /// An address that Twilio would not open a stream to.
    pub fn stream(&self, url: &str) -> Result<Place, RouteError> {
        let parsed = Url::parse(url).map_err(|error| malformed(url, error))?;
        if parsed.query().is_some() {
            return Err(RouteError::StreamQuery { url: url.to_owned() });
        }
        let reach = if self.direct {
            let scheme = if self.webhook.scheme() == "https" { "wss" } else { "ws" };
            let mut direct = format!("{scheme}://{}", self.webhook.host_str().unwrap_or_default());
            if let Some(port) = self.webhook.port() {
                direct.push_str(&format!(":{port}"));
            }
            direct.push_str(parsed.path());
            Url::parse(&direct).map_err(|error| malformed(&direct, error))?
        } else {
            parsed
        };
        match reach.scheme() {
            "wss" => {}
            "ws" if is_loopback(&reach) => {}
            _ => return Err(RouteError::StreamScheme { url: reach.to_string() }),
        }
        Ok(Place { signed: url.to_owned(), reach })
    }
}

fn web_address(text: &str) -> Result<Url, RouteError> {
    let url = Url::parse(text).map_err(|error| malformed(text, error))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        _ => Err(RouteError::WebhookScheme { url: text.to_owned() }),
    }
}

fn malformed(url: &str, error: url::ParseError) -> RouteError {
    RouteError::Malformed { url: url.to_owned(), why: error.to_string() }
}

/// The path and query of `url` at the scheme, host and port of `base`.
fn with_host_of(url: Url, base: &Url) -> Url {
    let mut moved = base.clone();
    moved.set_path(url.path());
    moved.set_query(url.query());
    moved.set_fragment(None);
    moved
}

/// The form of an address that Twilio signs: without credentials and, for https, without a port
/// (as its libraries do). The setters fail only for addresses without a host.
fn as_signed(mut url: Url) -> String {
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if url.scheme() == "https" {
        let _ = url.set_port(None);
    }
    url.to_string()
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCAL: &str = "http://127.0.0.1:8080/webhook/incoming_call?x=1#rt=500";

    fn route(direct: bool) -> Route {
        Route::new(LOCAL, Some("https://moked.example/"), direct).unwrap()
    }

    #[test]
    fn the_webhook_is_signed_with_the_public_base_and_reached_where_it_is() {
        let place = route(false).webhook();
        assert_eq!(place.signed, "https://moked.example/webhook/incoming_call?x=1");
        assert_eq!(place.reach.as_str(), "http://127.0.0.1:8080/webhook/incoming_call?x=1");
    }

    #[test]
    fn a_direct_call_stays_at_the_webhooks_host_and_signs_what_the_twiml_says() {
        let place = route(true).stream("wss://moked.example/ws/twilio-media").unwrap();
        assert_eq!(place.signed, "wss://moked.example/ws/twilio-media");
        assert_eq!(place.reach.as_str(), "ws://127.0.0.1:8080/ws/twilio-media");
        let route = route(true);
        let place = route.follow(&route.webhook(), "https://moked.example/after?n=2").unwrap();
        assert_eq!(place.signed, "https://moked.example/after?n=2");
        assert_eq!(place.reach.as_str(), "http://127.0.0.1:8080/after?n=2");
    }

    #[test]
    fn a_relative_address_is_relative_to_its_document() {
        let route = Route::new("https://a.example/x/voice", None, false).unwrap();
        let place = route.follow(&route.webhook(), "after").unwrap();
        assert_eq!(place.reach.as_str(), "https://a.example/x/after");
        assert_eq!(place.signed, "https://a.example/x/after");
    }

    #[test]
    fn https_is_signed_without_port_and_credentials() {
        let route = Route::new("https://me:secret@a.example:8443/voice", None, false).unwrap();
        assert_eq!(route.webhook().signed, "https://a.example/voice");
        assert_eq!(route.webhook().reach.port(), Some(8_443));
    }

    #[test]
    fn a_plain_socket_reaches_this_machine_only() {
        let route = Route::new("https://a.example/voice", None, false).unwrap();
        for url in ["ws://127.0.0.1:9/ws", "ws://localhost:9/ws", "ws://[::1]:9/ws", "wss://a.example/ws"] {
            assert!(route.stream(url).is_ok(), "{url}");
        }
        for (url, code) in [
            ("ws://a.example/ws", 31_922),
            ("https://a.example/ws", 31_922),
            ("ws://10.0.0.1/ws", 31_922),
            ("wss://a.example/ws?token=1", 31_920),
            ("/ws", 31_923),
        ] {
            assert_eq!(route.stream(url).map_err(|error| error.twilio_code()), Err(code), "{url}");
        }
    }
}
