//! The media socket's handshake, in each of the ways that Twilio may ask (error 31920).

use crate::doctor::finding::Finding;
use crate::doctor::patient::Patient;
use crate::doctor::site::{NotSwitched, Offer, Spot, Switched};
use crate::settings::WsMode;

/// The ways, in the order in which they are tried.
const OFFERS: [Offer; 4] = [Offer::Protocol, Offer::TwoLines, Offer::Nothing, Offer::Compression];

/// Shakes hands in each way.
pub(in crate::doctor) async fn check(patient: &Patient, spot: Spot) -> Finding {
    let site = match patient.site(spot) {
        Ok(site) => site,
        Err(skip) => return skip,
    };
    if patient.settings.as_ref().is_some_and(|settings| settings.call.ws_mode == WsMode::Disabled) {
        return Finding::skip("WS_MODE is DISABLED: the socket refuses everybody");
    }
    if site.token.is_none() && !site.is_on_this_machine() {
        return Finding::skip("TWILIO_AUTH_TOKEN is not set here, so the handshake cannot be signed");
    }
    let mut finding: Option<Finding> = None;
    for offer in OFFERS {
        let shaken = site.shake(offer).await;
        let judged = judge(offer, &shaken);
        finding = Some(match finding {
            None => Finding::pass(format!("GET {}", site.reach.websocket(crate::doctor::site::paths::MEDIA)))
                .and(judged),
            Some(before) => before.and(judged),
        });
        if matches!(shaken, Err(NotSwitched::Unreachable { .. })) {
            break;
        }
    }
    finding.unwrap_or_else(|| Finding::skip("nothing was asked"))
}

fn judge(offer: Offer, shaken: &Result<Switched, NotSwitched>) -> Finding {
    let asked = offer.words();
    match shaken {
        Err(error) => {
            let mend = match error {
                NotSwitched::Status { status: 403, .. } => {
                    "the signature was refused: TWILIO_AUTH_TOKEN and PUBLIC_BASE_URL must be the same here, at the \
                     server and at Twilio"
                }
                NotSwitched::Status { status: 200..=299, .. } => {
                    "something answers like a web page: the proxy drops `Upgrade`, or another program is on the port"
                }
                NotSwitched::Status { .. } => {
                    "see who answered: a proxy must pass `Upgrade` and `Connection`, and the path must be the one \
                     of the TwiML"
                }
                NotSwitched::Broken { .. } => {
                    "another server or a proxy answered the upgrade, and not rightly"
                }
                NotSwitched::Unreachable { .. } => {
                    "see that the service runs and that its address leads to moked's port"
                }
            };
            Finding::fail(format!("{asked} → {error}"), mend).code(error.code())
        }
        Ok(switched) => judge_headers(offer, switched),
    }
}

fn judge_headers(offer: Offer, switched: &Switched) -> Finding {
    let asked = offer.words();
    let found = switched.protocol.as_deref().unwrap_or("none");
    let line = format!("{asked} → 101 in {} ms, sub-protocol {found}", switched.ms);
    let protocol = if switched.protocol.as_deref() == offer.wanted() {
        Finding::pass(line)
    } else if offer.wanted().is_some() {
        Finding::fail(
            line,
            "the server must answer an offered audio.twilio.com with `Sec-WebSocket-Protocol: audio.twilio.com`; \
             moked does, so look for a proxy that drops the header, or an old server",
        )
        .code(31_920)
    } else {
        Finding::fail(line, "the server must not name a sub-protocol that was not offered").code(31_920)
    };
    match &switched.extensions {
        None => protocol,
        Some(extensions) => protocol.and(
            Finding::fail(
                format!("{asked} → Sec-WebSocket-Extensions: {extensions}"),
                "turn off WebSocket compression at the proxy: Twilio's frames are not compressed",
            )
            .code(31_924),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn switched(protocol: Option<&str>, extensions: Option<&str>) -> Result<Switched, NotSwitched> {
        let own = |text: &str| text.to_owned();
        Ok(Switched { protocol: protocol.map(own), extensions: extensions.map(own), ms: 1 })
    }

    #[test]
    fn the_sub_protocol_comes_back_if_offered_and_only_then() {
        let echoed = switched(Some("audio.twilio.com"), None);
        let silent = switched(None, None);
        for offer in [Offer::Protocol, Offer::TwoLines, Offer::Compression] {
            assert!(!judge(offer, &echoed).is_failure(), "{offer:?}");
            assert_eq!(judge(offer, &silent).codes, [31_920], "{offer:?}");
            assert!(judge(offer, &switched(Some("doctor.moked"), None)).is_failure(), "{offer:?}");
        }
        assert!(!judge(Offer::Nothing, &silent).is_failure());
        assert!(judge(Offer::Nothing, &echoed).is_failure());
    }

    #[test]
    fn compression_is_a_fault_of_its_own() {
        let finding =
            judge(Offer::Compression, &switched(Some("audio.twilio.com"), Some("permessage-deflate")));
        assert_eq!(finding.codes, [31_924]);
    }

    #[test]
    fn every_other_answer_than_101_fails_with_a_mend_that_fits() {
        let refused = |status| Err(NotSwitched::Status { status, body: String::new() });
        for (shaken, word, code) in [
            (refused(403), "signature", 31_920),
            (refused(200), "web page", 31_920),
            (refused(404), "path", 31_920),
            (Err(NotSwitched::Broken { why: "x".to_owned() }), "another server", 31_920),
            (Err(NotSwitched::Unreachable { code: 31_902, why: "x".to_owned() }), "runs", 31_902),
        ] {
            let finding = judge(Offer::Protocol, &shaken);
            assert!(finding.is_failure() && finding.mends[0].contains(word), "{finding:?}");
            assert_eq!(finding.codes, [code]);
        }
    }
}
