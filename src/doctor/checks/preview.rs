//! The preview of the TwiML, for people with a browser: the same document, and a token that opens nothing.

use std::time::{Duration, Instant};

use moked_core::ids::{CallSid, StreamSid};
use moked_core::twilio::twiml::Connect;

use super::twiml;
use crate::caller::line::{LineClient, LineNews};
use crate::caller::messages::StreamStart;
use crate::caller::route::Place;
use crate::caller::socket::{Closing, Handshake};
use crate::doctor::finding::Finding;
use crate::doctor::site::{Site, paths};

/// How long the server may take to show a stranger the door.
const PATIENCE: Duration = Duration::from_secs(3);

/// Looks at the preview and tries its token.
pub(in crate::doctor) async fn check(site: &Site) -> Finding {
    let (finding, connect) = twiml::judge(&site.get(paths::PREVIEW).await, site);
    match connect {
        // A handshake that has to be signed and cannot be would be refused for that reason.
        Some(connect) if site.is_on_this_machine() || site.token.is_some() => {
            finding.and(judge_door(&knock(site, &connect).await))
        }
        _ => finding,
    }
}

/// Opens a stream with the preview's parameters; how it was closed, or why it never opened.
async fn knock(site: &Site, connect: &Connect) -> Result<Option<Closing>, String> {
    let reach = site.reach.websocket(paths::MEDIA).parse().map_err(|error| format!("{error}"))?;
    let place = Place { signed: site.signed.websocket(paths::MEDIA), reach };
    let handshake = Handshake { auth_token: site.token.clone(), ..Handshake::default() };
    let start = StreamStart {
        account_sid: site.account_sid.clone(),
        call_sid: CallSid::new("CA00000000000000000000000000000000"),
        stream_sid: StreamSid::new("MZ00000000000000000000000000000000"),
        custom_parameters: connect.stream.parameters.iter().cloned().collect(),
    };
    let mut line =
        LineClient::open(&place, &handshake, start, PATIENCE).await.map_err(|error| error.to_string())?;
    line.begin().await.map_err(|error| error.to_string())?;
    let deadline = Instant::now() + PATIENCE;
    while let Some(news) = line.next(deadline).await {
        if let LineNews::Closed(closing) = news {
            return Ok(Some(closing));
        }
    }
    // Whoever was let in by mistake must not stay.
    let _ = line.hang_up(Duration::ZERO).await;
    Ok(None)
}

fn judge_door(knocked: &Result<Option<Closing>, String>) -> Finding {
    match knocked {
        Ok(Some(closing)) => {
            Finding::pass(format!("its token opens nothing: the stream is closed with {}", closing.code))
        }
        Ok(None) => Finding::fail(
            "a stream with the preview's token was let in",
            "anyone who sees the preview can hold a call: report this, and see which server answers",
        ),
        // That the socket does not open is the fault of another check.
        Err(why) => Finding::pass(format!("its token was not tried: {why}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_open_door_is_a_fault() {
        assert!(judge_door(&Ok(None)).is_failure());
        assert!(!judge_door(&Ok(Some(Closing { code: 1008, reason: None }))).is_failure());
        assert!(!judge_door(&Err("refused".to_owned())).is_failure());
    }
}
