//! Whether a request was made on this machine, by someone who sits at it.
//!
//! A loopback peer alone does not prove that: a proxy or tunnel on this machine hands the whole internet on
//! from a loopback address, and a web page can point a name at 127.0.0.1. Such requests carry a forwarding
//! header or a foreign `Host`, and either makes them strangers.

use std::net::IpAddr;

use actix_web::HttpRequest;
use actix_web::http::header::HOST;
use url::Host;

use crate::settings::{ServerSection, is_loopback};

/// Headers that only something between the client and us adds, besides all `x-forwarded-…`.
const FORWARDED: [&str; 6] =
    ["forwarded", "via", "x-real-ip", "x-original-host", "cf-connecting-ip", "true-client-ip"];

/// Whether the request comes from this machine and nobody passed it on.
pub(super) fn is_local(request: &HttpRequest) -> bool {
    peer(request).is_some_and(|peer| peer.is_loopback())
        && !is_forwarded(request)
        && asks_for_loopback(request)
}

/// The address at the other end of the connection, IPv4 in IPv6 unwrapped.
pub(super) fn peer(request: &HttpRequest) -> Option<IpAddr> {
    request.peer_addr().map(|peer| peer.ip().to_canonical())
}

/// Whom to count a connection to: its other end, or, if that is a proxy that we trust, the last address that
/// no trusted proxy has. What stands left of it in `X-Forwarded-For` anybody may have written.
pub(super) fn client(request: &HttpRequest, server: &ServerSection) -> Option<IpAddr> {
    let is_proxy = |address: &IpAddr| server.trusted_proxies.iter().any(|net| net.contains(address));
    let mut nearest = peer(request)?;
    let lines: Vec<&str> = request
        .headers()
        .get_all("x-forwarded-for")
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .collect();
    for hop in lines.iter().rev() {
        if !is_proxy(&nearest) {
            break;
        }
        let Ok(address) = hop.trim().parse::<IpAddr>() else { break };
        nearest = address.to_canonical();
    }
    Some(nearest)
}

/// Whether something between the client and us passed the request on.
pub(super) fn is_forwarded(request: &HttpRequest) -> bool {
    request.headers().keys().any(|name| {
        let name = name.as_str();
        name.starts_with("x-forwarded-") || FORWARDED.contains(&name)
    })
}

fn asks_for_loopback(request: &HttpRequest) -> bool {
    let Some(host) = request.headers().get(HOST).and_then(|host| host.to_str().ok()) else { return false };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.chars().all(|c| c.is_ascii_digit()) => name,
        _ => host,
    };
    match Host::parse(name) {
        Ok(Host::Domain(name)) => is_loopback(&Host::Domain(name.as_str())),
        Ok(Host::Ipv4(address)) => is_loopback(&Host::Ipv4(address)),
        Ok(Host::Ipv6(address)) => is_loopback(&Host::Ipv6(address)),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Environment, Settings};
    use actix_web::test::TestRequest;

    #[test]
    fn a_connection_counts_to_the_last_address_that_no_trusted_proxy_has() {
        let trusting = |networks: &str| {
            let name = "MOKED__SERVER__TRUSTED_PROXIES".to_owned();
            Settings::load(None, &Environment::from([(name, networks.to_owned())])).unwrap().server
        };
        let hops = "1.1.1.1, 203.0.113.7, 10.0.0.9";
        let request = request("10.0.0.1:5", "x").insert_header(("x-forwarded-for", hops)).to_http_request();
        let counted = |networks| client(&request, &trusting(networks)).unwrap().to_string();
        assert_eq!(counted(""), "10.0.0.1");
        assert_eq!(counted("10.0.0.1"), "10.0.0.9");
        assert_eq!(counted("10.0.0.0/8"), "203.0.113.7", "who forwards to our proxies, whatever he claims");
    }

    fn request(peer: &str, host: &str) -> TestRequest {
        TestRequest::default().peer_addr(peer.parse().unwrap()).insert_header((HOST, host))
    }

    #[test]
    fn this_machine_is_local_by_every_name() {
        for (peer, host) in [
            ("127.0.0.1:4000", "localhost:8080"),
            ("127.8.8.8:4000", "127.0.0.1"),
            ("[::1]:4000", "[::1]:8080"),
            ("[::ffff:127.0.0.1]:4000", "LOCALHOST"),
        ] {
            assert!(is_local(&request(peer, host).to_http_request()), "{peer} {host}");
        }
    }

    #[test]
    fn a_stranger_is_not() {
        assert!(!is_local(&request("203.0.113.7:4000", "localhost").to_http_request()));
        assert!(!is_local(&request("127.0.0.1:4000", "calls.example.com").to_http_request()));
        assert!(!is_local(&request("127.0.0.1:4000", "127.0.0.1.example.com:80").to_http_request()));
        let unnamed = TestRequest::default().peer_addr("127.0.0.1:1".parse().unwrap());
        assert!(!is_local(&unnamed.to_http_request()));
    }

    #[test]
    fn a_request_passed_on_by_a_proxy_on_this_machine_is_not() {
        for header in
            ["X-Forwarded-For", "x-forwarded-proto", "Forwarded", "Via", "X-Real-IP", "cf-connecting-ip"]
        {
            let request = request("127.0.0.1:4000", "localhost").insert_header((header, "203.0.113.7"));
            assert!(!is_local(&request.to_http_request()), "{header}");
        }
    }
}
