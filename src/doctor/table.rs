//! The checks, in the order in which they are made: the machine, the server on it, the public address, the
//! engines, and one call that needs all of them.

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;

use super::checks::{call, ears, engines, healthz, media, port, preview, readyz, settings, signature, twiml};
use super::checks::{version, voice, webhooks};
use super::finding::Finding;
use super::patient::Patient;
use super::site::{Site, Spot};

/// A check.
pub(super) struct Check {
    /// Stable name.
    pub(super) id: &'static str,
    /// For people.
    pub(super) title: &'static str,
    /// Asks and judges.
    pub(super) run: Run,
}

type Run = for<'a> fn(&'a mut Patient) -> LocalBoxFuture<'a, Finding>;

const fn check(id: &'static str, title: &'static str, run: Run) -> Check {
    Check { id, title, run }
}

use Spot::{Local, Public};

/// Every check.
pub(super) static TABLE: [Check; 22] = [
    check("settings", "settings load", |p| std::future::ready(settings::check(p)).boxed_local()),
    check("engines", "engines are made", |p| engines::check(p).boxed_local()),
    check("port", "port, and who listens on it", |p| port::check(p).boxed_local()),
    check("healthz.local", "healthz, local", |p| healthz::check(p, Local).boxed_local()),
    check("readyz.local", "readyz, local", |p| readyz::check(p, Local).boxed_local()),
    check("media.local", "media handshake, local", |p| media::check(p, Local).boxed_local()),
    check("signature.local", "signatures, local", |p| signature::check(p, Local).boxed_local()),
    check("twiml.local", "TwiML of a call, local", |p| signed(p, Local, twiml::check).boxed_local()),
    check("preview.local", "TwiML preview, local", |p| at(p, Local, preview::check).boxed_local()),
    check("webhooks.local", "status webhooks, local", |p| signed(p, Local, webhooks::check).boxed_local()),
    check("healthz.public", "healthz, public", |p| healthz::check(p, Public).boxed_local()),
    check("readyz.public", "readyz, public", |p| readyz::check(p, Public).boxed_local()),
    check("version", "version, local and public", |p| version::check(p).boxed_local()),
    check("media.public", "media handshake, public", |p| media::check(p, Public).boxed_local()),
    check("signature.public", "signatures, public", |p| signature::check(p, Public).boxed_local()),
    check("twiml.public", "TwiML of a call, public", |p| signed(p, Public, twiml::check).boxed_local()),
    check("preview.public", "TwiML preview, public", |p| at(p, Public, preview::check).boxed_local()),
    check("webhooks.public", "status webhooks, public", |p| signed(p, Public, webhooks::check).boxed_local()),
    check("voice", "the voice speaks", |p| voice::check(p).boxed_local()),
    check("ears", "the ears hear", |p| ears::check(p).boxed_local()),
    check("words", "what is spoken is understood", |p| ears::round_trip(p).boxed_local()),
    check("call", "a simulated call", |p| call::check(p).boxed_local()),
];

/// Asks the server at a spot, if there is one.
async fn at(patient: &Patient, spot: Spot, check: impl AsyncFn(&Site) -> Finding) -> Finding {
    match patient.site(spot) {
        Ok(site) => check(site).await,
        Err(skip) => skip,
    }
}

/// The same for what has to be signed: without a token it would only be refused.
async fn signed(patient: &Patient, spot: Spot, check: impl AsyncFn(&Site) -> Finding) -> Finding {
    match patient.site(spot) {
        Ok(site) if site.token.is_none() && !site.is_on_this_machine() => {
            Finding::skip("TWILIO_AUTH_TOKEN is not set here, so the request cannot be signed")
        }
        Ok(site) => check(site).await,
        Err(skip) => skip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_distinct() {
        let ids: std::collections::BTreeSet<&str> = TABLE.iter().map(|check| check.id).collect();
        assert_eq!(ids.len(), TABLE.len());
    }

    #[test]
    fn titles_fit_their_column() {
        assert!(TABLE.iter().all(|check| check.title.chars().count() <= 30));
    }
}
