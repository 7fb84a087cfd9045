//! Who gets in: the bearer of a token in force, in the role that the route needs.
//!
//! No token, no part of one and no claim of a wrong one ever stands in a log line.

use std::future::{Ready, ready};
use std::net::IpAddr;
use std::time::Instant;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};

use super::super::local::{is_forwarded, peer};
use super::super::state::Edge;
use super::fault::AdminFault;
use crate::admin_tokens::{Claims, Role, SecretFault};
use crate::settings::{MetricsAccess, ServerSection};

/// Someone who may look.
#[derive(Debug)]
pub(super) struct Viewer(pub(super) Claims);

/// Someone who may also act.
#[derive(Debug)]
pub(super) struct Operator(pub(super) Claims);

impl FromRequest for Viewer {
    type Error = AdminFault;
    type Future = Ready<Result<Self, AdminFault>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authorise(request, Role::Viewer).map(Self))
    }
}

impl FromRequest for Operator {
    type Error = AdminFault;
    type Future = Ready<Result<Self, AdminFault>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authorise(request, Role::Operator).map(Self))
    }
}

fn authorise(request: &HttpRequest, needed: Role) -> Result<Claims, AdminFault> {
    // Every application of the server holds its edge.
    let Some(edge) = request.app_data::<web::Data<Edge>>() else {
        return Err(AdminFault::Off(SecretFault::Missing));
    };
    let key = edge.admin.key.as_ref().map_err(|fault| AdminFault::Off(*fault))?;
    let (address, now) = (client(request, &edge.settings.server), Instant::now());
    if let Some(again_in) = address.and_then(|address| edge.admin.logins.wait(address, now)) {
        return Err(AdminFault::TooManyFailures { again_in });
    }
    let claims = key.read(bearer(request).ok_or(AdminFault::NoToken)?).map_err(|fault| {
        if let Some(address) = address {
            edge.admin.logins.failed(address, now);
        }
        let address = address.map(|address| address.to_string());
        tracing::warn!(event = "ADMIN_REFUSED", address, "{fault}");
        AdminFault::BadToken(fault)
    })?;
    if claims.role < needed {
        tracing::warn!(event = "ADMIN_REFUSED", sub = claims.sub, "a viewer wanted to act");
        return Err(AdminFault::NotAllowed);
    }
    Ok(claims)
}

/// The token of the one `Authorization` header. Two of them are one too many: somebody added his own.
fn bearer(request: &HttpRequest) -> Option<&str> {
    let mut headers = request.headers().get_all(AUTHORIZATION);
    let header = headers.next()?.to_str().ok()?;
    let (scheme, token) = header.split_once(' ')?;
    let token = token.trim();
    let is_bearer = scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && headers.next().is_none();
    is_bearer.then_some(token)
}

/// The address that a request comes from: the peer's, or what a trusted proxy says instead.
fn client(request: &HttpRequest, server: &ServerSection) -> Option<IpAddr> {
    let peer = peer(request)?;
    let is_trusted = |address: &IpAddr| server.trusted_proxies.iter().any(|net| net.contains(address));
    if !is_trusted(&peer) {
        return Some(peer);
    }
    let lines = request.headers().get_all("x-forwarded-for").filter_map(|line| line.to_str().ok());
    let hops: Vec<IpAddr> =
        lines.flat_map(|line| line.split(',')).filter_map(|hop| hop.trim().parse().ok()).collect();
    // From the right, where our own proxies wrote; what is left of the first stranger he may have made up.
    Some(hops.into_iter().rev().map(|hop| hop.to_canonical()).find(|hop| !is_trusted(hop)).unwrap_or(peer))
}

/// Whether a request may read `/metrics`.
pub(in crate::routes) fn may_read_metrics(request: &HttpRequest, edge: &Edge) -> Result<(), AdminFault> {
    let is_private = || peer(request).is_some_and(is_private) && !is_forwarded(request);
    match edge.settings.admin.metrics {
        MetricsAccess::Open => Ok(()),
        MetricsAccess::Private if is_private() => Ok(()),
        MetricsAccess::Private | MetricsAccess::Token => authorise(request, Role::Viewer).map(drop),
    }
}

/// Whether an address is of this machine or of a network that the internet does not route to (RFC 1918, 3927,
/// 4193, 4291).
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private() || address.is_link_local(),
        IpAddr::V6(address) => {
            address.is_loopback() || address.is_unique_local() || address.is_unicast_link_local()
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;
    use crate::settings::{Environment, Settings};

    fn request(headers: &[(&'static str, &'static str)]) -> HttpRequest {
        let mut request = TestRequest::default().peer_addr("10.1.2.3:999".parse().unwrap());
        for header in headers {
            request = request.append_header(*header);
        }
        request.to_http_request()
    }

    #[test]
    fn a_token_comes_in_one_header_of_one_scheme() {
        let token = |headers: &[_]| bearer(&request(headers)).map(str::to_owned);
        assert_eq!(token(&[("authorization", "Bearer a.b.c")]).as_deref(), Some("a.b.c"));
        assert_eq!(token(&[("authorization", "bearer  a.b.c ")]).as_deref(), Some("a.b.c"));
        for headers in [
            &[] as &[_],
            &[("authorization", "a.b.c")],
            &[("authorization", "Basic YTpi")],
            &[("authorization", "Bearer ")],
            &[("authorization", "Bearer a.b.c"), ("authorization", "Bearer d.e.f")],
            &[("cookie", "token=a.b.c"), ("x-api-key", "a.b.c")],
        ] {
            assert_eq!(token(headers), None, "{headers:?}");
        }
    }

    #[test]
    fn a_stranger_chooses_his_address_only_as_far_as_a_trusted_proxy_lets_him() {
        let of = |proxies: &str, headers: &[_]| {
            let variables =
                Environment::from([("MOKED__SERVER__TRUSTED_PROXIES".to_owned(), proxies.to_owned())]);
            let settings = Settings::load(None, &variables).unwrap();
            client(&request(headers), &settings.server).unwrap().to_string()
        };
        let spoofed = [("x-forwarded-for", "198.51.100.1, 203.0.113.7"), ("x-forwarded-for", "10.9.9.9")];
        assert_eq!(of("", &spoofed), "10.1.2.3");
        assert_eq!(of("10.0.0.0/8", &spoofed), "203.0.113.7");
        assert_eq!(of("10.0.0.0/8", &[]), "10.1.2.3");
        assert_eq!(of("10.0.0.0/8", &[("x-forwarded-for", "unknown")]), "10.1.2.3");
    }

    #[test]
    fn private_is_what_the_internet_does_not_route_to() {
        for address in
            ["127.0.0.1", "10.0.0.9", "172.16.4.4", "192.168.1.1", "169.254.1.1", "::1", "fd00::1", "fe80::1"]
        {
            assert!(is_private(address.parse().unwrap()), "{address}");
        }
        for address in ["203.0.113.7", "172.32.0.1", "8.8.8.8", "2001:db8::1", "0.0.0.0"] {
            assert!(!is_private(address.parse().unwrap()), "{address}");
        }
    }
}
