//! The address under which Twilio reaches this server, in one normal form.
//!
//! People and platforms write it with or without a scheme, with or without a slash at the end. A `//` in a
//! built address makes a 404 at best and a wrong signature at worst, so it is normalised once, here.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use thiserror::Error;
use url::{Host, Url};

/// Scheme, host, port and perhaps a path, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicBaseUrl {
    secure: bool,
    authority: String,
    path: String,
}

/// Why a text is no public address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PublicBaseUrlError {
    /// It does not parse.
    #[error("it is not an address")]
    NotAUrl,
    /// A scheme other than http or https.
    #[error("its scheme is neither https nor http")]
    Scheme,
    /// No host, or a number in its place.
    #[error("it names no host")]
    Host,
    /// The address of a webhook or of the media socket: every path would be written behind it.
    #[error("it is the address of a webhook and not of the server; leave out /webhook and what follows")]
    Webhook,
    /// A name and password before the host.
    #[error("it holds a user name or password")]
    Credentials,
    /// A query or fragment, which Twilio would not send along.
    #[error("it holds a query or fragment")]
    Query,
}

impl PublicBaseUrl {
    /// The address of something under this base, for requests. `path` begins with a slash.
    pub fn http(&self, path: &str) -> String {
        let scheme = if self.secure { "https" } else { "http" };
        format!("{scheme}://{}{}{path}", self.authority, self.path)
    }

    /// The same for a WebSocket.
    pub fn websocket(&self, path: &str) -> String {
        let scheme = if self.secure { "wss" } else { "ws" };
        format!("{scheme}://{}{}{path}", self.authority, self.path)
    }

    /// The base with its scheme forced.
    #[must_use]
    pub fn with_secure(self, secure: bool) -> Self {
        Self { secure, ..self }
    }
}

impl fmt::Display for PublicBaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.http(""))
    }
}

impl FromStr for PublicBaseUrl {
    type Err = PublicBaseUrlError;

    /// Without a scheme it is https, except on this machine, where nobody has a certificate.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let (with_scheme, rest) = match text.split_once("://") {
            Some((scheme, rest))
                if ["http", "https"].iter().any(|known| known.eq_ignore_ascii_case(scheme)) =>
            {
                (text.to_owned(), rest)
            }
            Some(_) => return Err(PublicBaseUrlError::Scheme),
            None => {
                let rest = text.strip_prefix("//").unwrap_or(text);
                (format!("https://{rest}"), rest)
            }
        };
        // The parser would skip a missing host and take the path's first part, or `https:` itself, for it.
        let named = rest.split('/').next().unwrap_or_default();
        if named.is_empty() || named.ends_with(':') {
            return Err(PublicBaseUrlError::Host);
        }
        let url = Url::parse(&with_scheme).map_err(|_| PublicBaseUrlError::NotAUrl)?;
        let host = url.host().ok_or(PublicBaseUrlError::Host)?;
        // `8080` is an IPv4 address to the parser: 0.0.31.144.
        if matches!(host, Host::Ipv4(_)) && named.matches('.').count() != 3 {
            return Err(PublicBaseUrlError::Host);
        }
        let secure = match url.scheme() {
            "https" => text.contains("://") || !is_loopback(&host),
            _ => false,
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(PublicBaseUrlError::Credentials);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(PublicBaseUrlError::Query);
        }
        let authority = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_string(),
        };
        let segments: Vec<&str> = url.path().split('/').filter(|segment| !segment.is_empty()).collect();
        if segments.contains(&"webhook") || segments.ends_with(&["ws", "twilio-media"]) {
            return Err(PublicBaseUrlError::Webhook);
        }
        let path = segments.iter().map(|segment| format!("/{segment}")).collect();
        Ok(Self { secure, authority, path })
    }
}

/// Whether a host name means this machine.
pub(crate) fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => name.eq_ignore_ascii_case("localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => IpAddr::from(*address).to_canonical().is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn socket(base: &str) -> String {
        base.parse::<PublicBaseUrl>().unwrap().websocket("/ws/twilio-media")
    }

    #[test]
    fn scheme_and_slash_are_optional() {
        let wanted = "wss://ai-crmd.replit.app/ws/twilio-media";
        for base in [
            "https://ai-crmd.replit.app",
            "https://ai-crmd.replit.app/",
            "https://ai-crmd.replit.app//",
            "ai-crmd.replit.app",
            "ai-crmd.replit.app/",
            " HTTPS://ai-crmd.replit.app ",
            "//ai-crmd.replit.app",
        ] {
            assert_eq!(socket(base), wanted, "{base}");
        }
    }

    #[test]
    fn ports_and_paths_are_kept() {
        assert_eq!(socket("https://host:8443/calls/"), "wss://host:8443/calls/ws/twilio-media");
        assert_eq!(socket("http://127.0.0.1:8080"), "ws://127.0.0.1:8080/ws/twilio-media");
        assert_eq!(socket("localhost:8080"), "ws://localhost:8080/ws/twilio-media");
        assert_eq!(socket("http://[::1]:8080"), "ws://[::1]:8080/ws/twilio-media");
    }

    #[test]
    fn what_is_no_base_is_refused() {
        let fault = |base: &str| base.parse::<PublicBaseUrl>().unwrap_err();
        assert_eq!(fault("ftp://host"), PublicBaseUrlError::Scheme);
        for no_host in ["https://", "https:///foo", "https:/foo", "https:", "/foo", "8080", "https://8080"] {
            assert_eq!(fault(no_host), PublicBaseUrlError::Host, "{no_host}");
        }
        for scheme in ["wss://host", "ws://host", "file:///tmp", "mailto://a"] {
            assert_eq!(fault(scheme), PublicBaseUrlError::Scheme, "{scheme}");
        }
        for webhook in
            ["https://host/webhook/incoming_call", "host/x/webhook", "https://host/ws/twilio-media/"]
        {
            assert_eq!(fault(webhook), PublicBaseUrlError::Webhook, "{webhook}");
        }
        assert_eq!(fault("https://user:pass@host"), PublicBaseUrlError::Credentials);
        assert_eq!(fault("https://host/?a=1"), PublicBaseUrlError::Query);
    }

    proptest! {
        #[test]
        fn no_address_ever_holds_a_double_slash(
            scheme in "(https://|http://|//|)",
            host in "[a-z]{1,8}(\\.[a-z]{2,4})?(:[1-9][0-9]{1,3})?",
            slashes in "(/[a-z]{0,3}){0,4}",
        ) {
            let base: PublicBaseUrl = format!("{scheme}{host}{slashes}").parse().unwrap();
            for address in [base.http("/webhook"), base.websocket("/ws")] {
                let (_, rest) = address.split_once("://").unwrap();
                prop_assert!(!rest.contains("//"), "{}", address);
            }
        }
    }
}
