//! The URLs that Twilio may have signed for one request.

/// What kind of request is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestKind {
    /// A webhook: GET or POST over http or https.
    Webhook,
    /// The handshake of the media socket.
    Upgrade,
}

/// Every form in which Twilio may have signed the URL of a request.
///
/// `base` is the public address from the settings, `https://host` or `https://host:port`, with or without
/// a slash at its end; without a scheme, https is meant. `path_and_query` is the request's target as it came,
/// never decoded and encoded again.
///
/// - Webhooks: with the port as configured, without it, and with the scheme's usual port. Twilio drops the
///   port for voice over https and keeps it otherwise; its own libraries try both.
/// - The handshake: the same with the scheme `wss`, each with and without a slash at the end of the path
///   (Twilio's advice), and as a last resort with `https`.
///
/// No form occurs twice. The number depends only on `base` and `kind`.
pub fn url_candidates(base: &str, path_and_query: &str, kind: RequestKind) -> Vec<String> {
    let base = base.trim_end_matches('/');
    let (scheme, authority) = base.split_once("://").unwrap_or(("https", base));
    let secure = !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("ws");
    let target = path_and_query.split('#').next().unwrap_or_default();
    let separator = if target.starts_with('/') || target.starts_with('?') { "" } else { "/" };

    let (http, socket) = if secure { ("https", "wss") } else { ("http", "ws") };
    let (schemes, targets) = match kind {
        RequestKind::Webhook => (vec![http], vec![target.to_owned()]),
        RequestKind::Upgrade => (vec![socket, http], vec![target.to_owned(), toggle_slash(target)]),
    };
    let mut candidates = Vec::new();
    for scheme in schemes {
        for host in authorities(authority, if secure { "443" } else { "80" }) {
            for target in &targets {
                let url = format!("{scheme}://{host}{separator}{target}");
                if !candidates.contains(&url) {
                    candidates.push(url);
                }
            }
        }
    }
    candidates
}

/// An authority as configured, without port, and with the usual port.
fn authorities(authority: &str, usual: &str) -> [String; 3] {
    // A colon inside the brackets of an IPv6 address is none of a port.
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => host,
        _ => authority,
    };
    [authority.to_owned(), host.to_owned(), format!("{host}:{usual}")]
}

/// The target with a slash at the end of its path if it had none, and without if it had one.
fn toggle_slash(target: &str) -> String {
    let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
    match path.strip_suffix('/') {
        Some(shorter) => format!("{shorter}{query}"),
        None => format!("{path}/{query}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_webhook_is_tried_with_and_without_port() {
        assert_eq!(
            url_candidates("https://example.com/", "/voice?x=%27", RequestKind::Webhook),
            ["https://example.com/voice?x=%27", "https://example.com:443/voice?x=%27"]
        );
        assert_eq!(
            url_candidates("http://example.com:8080", "/voice", RequestKind::Webhook),
            ["http://example.com:8080/voice", "http://example.com/voice", "http://example.com:80/voice"]
        );
    }

    #[test]
    fn the_handshake_is_tried_as_a_socket_first() {
        assert_eq!(
            url_candidates("example.com", "/ws", RequestKind::Upgrade),
            [
                "wss://example.com/ws",
                "wss://example.com/ws/",
                "wss://example.com:443/ws",
                "wss://example.com:443/ws/",
                "https://example.com/ws",
                "https://example.com/ws/",
                "https://example.com:443/ws",
                "https://example.com:443/ws/",
            ]
        );
    }

    #[test]
    fn a_slash_at_the_end_may_also_be_too_many_and_a_fragment_is_never_signed() {
        let candidates = url_candidates("wss://example.com", "/ws/?a=1#rc=2", RequestKind::Upgrade);
        assert!(candidates.contains(&"wss://example.com/ws?a=1".to_owned()), "{candidates:?}");
        assert!(candidates.iter().all(|url| !url.contains('#')));
    }

    #[test]
    fn an_ipv6_host_keeps_its_colons() {
        assert_eq!(
            url_candidates("http://[::1]", "/v", RequestKind::Webhook),
            ["http://[::1]/v", "http://[::1]:80/v"]
        );
        assert!(
            url_candidates("http://[::1]:9", "/v", RequestKind::Webhook)
                .contains(&"http://[::1]/v".to_owned())
        );
    }
}
