//! Under which address Twilio reached this request.
//!
//! The configured address, if there is one: it cannot be forged. Without it the request's `Host`, and what a
//! proxy says instead only if that proxy is trusted.

use actix_web::HttpRequest;
use actix_web::http::header::HOST;

use super::local::peer;
use crate::settings::{PublicBaseUrl, ServerSection};

/// The base of addresses for this request; `None` when it names no usable host.
pub(super) fn of(request: &HttpRequest, server: &ServerSection) -> Option<PublicBaseUrl> {
    if let Some(base) = &server.public_base_url {
        return Some(base.clone());
    }
    let peer = peer(request);
    let trusted = peer.is_some_and(|peer| server.trusted_proxies.iter().any(|net| net.contains(&peer)));
    let forwarded = |name: &str| if trusted { last(request, name) } else { None };
    let host = forwarded("x-forwarded-host").or_else(|| last(request, HOST.as_str()))?;
    if host.is_empty() || host.contains(['/', '\\', '?', '#', '@']) {
        return None;
    }
    // Without a scheme the base is https, save on this machine: Twilio takes nothing else for a stream.
    let base: PublicBaseUrl = host.parse().ok()?;
    Some(match forwarded("x-forwarded-proto").as_deref() {
        Some("https" | "wss") => base.with_secure(true),
        Some("http" | "ws") => base.with_secure(false),
        _ => base,
    })
}

/// The last value of a header: of several, the one that the nearest proxy wrote.
fn last(request: &HttpRequest, name: &str) -> Option<String> {
    let line = request.headers().get_all(name).last()?.to_str().ok()?;
    line.rsplit(',').next().map(|value| value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Environment, Settings};
    use actix_web::test::TestRequest;

    fn origin(variables: &[(&str, &str)], headers: &[(&str, &str)]) -> Option<String> {
        let variables: Environment =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let settings = Settings::load(None, &variables).unwrap();
        let mut request = TestRequest::default().peer_addr("10.1.2.3:999".parse().unwrap());
        for header in headers {
            request = request.append_header(*header);
        }
        of(&request.to_http_request(), &settings.server).map(|base| base.to_string())
    }

    #[test]
    fn the_configured_address_beats_every_header() {
        let headers = [("host", "evil.example"), ("x-forwarded-host", "evil.example")];
        let base = origin(&[("PUBLIC_BASE_URL", "calls.example.com/")], &headers);
        assert_eq!(base.as_deref(), Some("https://calls.example.com"));
    }

    #[test]
    fn forwarding_headers_count_only_from_a_trusted_proxy() {
        let headers = [("host", "inner:8080"), ("x-forwarded-host", "outer"), ("x-forwarded-proto", "http")];
        assert_eq!(origin(&[], &headers).as_deref(), Some("https://inner:8080"));
        let trusted = [("MOKED__SERVER__TRUSTED_PROXIES", "10.0.0.0/8,192.0.2.1")];
        assert_eq!(origin(&trusted, &headers).as_deref(), Some("http://outer"));
        let other = [("MOKED__SERVER__TRUSTED_PROXIES", "192.0.2.1")];
        assert_eq!(origin(&other, &headers).as_deref(), Some("https://inner:8080"));
    }

    #[test]
    fn a_host_that_is_no_host_is_refused() {
        for host in ["a/b", "a?b", "user@host", "", "a b", "\"><Dial>"] {
            assert_eq!(origin(&[], &[("host", host)]), None, "{host}");
        }
    }
}
