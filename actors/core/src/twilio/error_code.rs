//! What Twilio's debugger says after a call went wrong, and what to do about it.
//!
//! The debugger shows a number and a sentence that is true of everybody's server. This table says what the
//! number usually means for one that runs moked, with one remedy to try first. `moked doctor` prints it and
//! the log adds it to a failed stream. The facts are those of Twilio's pages of errors and warnings; an operator
//! reads this at night, so the words are few.

use std::fmt;

/// How bad it is for the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The stream or the document failed.
    Error,
    /// The call goes on, but something was lost.
    Warning,
}

/// One of Twilio's error codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct ErrorCode {
    /// Twilio's number.
    pub code: u32,
    /// How bad it is.
    pub level: Level,
    /// What it means.
    pub meaning: &'static str,
    /// What most often brings it about.
    pub cause: &'static str,
    /// What to do first.
    pub remedy: &'static str,
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Twilio {}: {}. Usual cause: {}. Remedy: {}.",
            self.code, self.meaning, self.cause, self.remedy
        )
    }
}

/// What is known about a code, `None` for one that moked does not meet.
pub fn explain(code: u32) -> Option<&'static ErrorCode> {
    TABLE.iter().find(|known| known.code == code)
}

const fn error(code: u32, meaning: &'static str, cause: &'static str, remedy: &'static str) -> ErrorCode {
    ErrorCode { code, level: Level::Error, meaning, cause, remedy }
}

const fn warning(code: u32, meaning: &'static str, cause: &'static str, remedy: &'static str) -> ErrorCode {
    ErrorCode { code, level: Level::Warning, meaning, cause, remedy }
}

/// Every code that moked explains, by number.
pub const TABLE: [ErrorCode; 20] = [
    error(
        11200,
        "Twilio could not fetch a webhook",
        "the webhook URL of the number points to the wrong host or path, or the server refused the signature",
        "run `moked doctor --url https://<host>`; if it passes, compare the URL in the Twilio console with \
         PUBLIC_BASE_URL, and TWILIO_AUTH_TOKEN with the account's primary token",
    ),
    error(
        11205,
        "Twilio could not connect to a webhook, or got no answer within 15 seconds",
        "the server is down or asleep, a firewall stands before it, or the host name leads elsewhere",
        "run `moked doctor --url https://<host>` from outside the server's network, and keep the instance awake",
    ),
    error(
        11750,
        "the answer to a webhook was longer than 64 kB",
        "another server answered, with a whole page; moked's documents are below 2 kB",
        "open `/webhook/incoming_call_preview` in a browser, and point the webhook to the host that shows it",
    ),
    error(
        12100,
        "the answer to a webhook was not a TwiML document",
        "another server answered: an error page of the proxy, an empty body, or text before the XML",
        "open `/webhook/incoming_call_preview` in a browser: it must begin with `<?xml`; if it does not, the \
         request never reached moked, so look at the proxy",
    ),
    error(
        12300,
        "the answer to a webhook had no content type of a document",
        "a proxy or another server answered, or a proxy rewrites the headers",
        "look at `curl -i https://<host>/webhook/incoming_call_preview`: Content-Type must be text/xml or \
         application/xml",
    ),
    error(
        31901,
        "the media socket got no answer",
        "a firewall, a sleeping instance or a closed tunnel between Twilio and the server",
        "run `moked doctor --url https://<host>` from outside the server's network, and open port 443 to every \
         address: Twilio has no fixed ones",
    ),
    error(
        31902,
        "the media socket was refused",
        "nothing listens on the port: moked is down, or listens on another port than the platform routes to",
        "find `Listening at` in the log and compare its port with the platform's PORT; `GET /healthz` must say ok",
    ),
    error(
        31903,
        "the connection of the media socket broke without a goodbye",
        "a proxy cut it after its idle or total time limit, or the process was killed in mid-call",
        "raise the proxy's WebSocket time limit above the longest call, and look in the log for a restart at \
         the time of the call",
    ),
    error(
        31904,
        "Twilio found no address for the host of the stream URL",
        "PUBLIC_BASE_URL names a host that has no DNS record, or one that only this network knows",
        "look the host up from outside (`dig <host>`), and set PUBLIC_BASE_URL to a public name",
    ),
    error(
        31910,
        "TLS failed on the media socket",
        "the port speaks no TLS, or the certificate is expired, self-signed or lacks its chain",
        "run `moked doctor --url https://<host>`; it shows what is wrong with the certificate",
    ),
    error(
        31920,
        "the handshake of the media socket was not answered with 101",
        "a proxy that does not pass the Upgrade header, a query string in the stream URL, or a wrong path",
        "run `moked doctor --url https://<host>`; it makes the same handshake and shows the answer, and whose \
         it is",
    ),
    error(
        31921,
        "the server closed the media socket in mid-call",
        "a deploy, a crash, or moked's own hang-up without a verb after `</Connect>`",
        "find WS_STOP of that call in the log: its reason says who closed; for deploys, raise the drain time",
    ),
    error(
        31922,
        "the stream URL does not begin with wss://",
        "PUBLIC_BASE_URL begins with http://, or is not set while a proxy takes the TLS off",
        "set PUBLIC_BASE_URL to the https:// address that Twilio calls",
    ),
    error(
        31923,
        "the stream URL is not an address",
        "a host with blanks or strange letters, or another program's TwiML",
        "look at the URL in `/webhook/incoming_call_preview`, and mend PUBLIC_BASE_URL",
    ),
    error(
        31924,
        "the media socket broke the WebSocket protocol",
        "a proxy that compresses or splits frames, or messages sent to a one-way `<Start><Stream>`",
        "turn off compression for WebSockets at the proxy, and use `<Connect><Stream>` as moked's own TwiML does",
    ),
    warning(
        31930,
        "the server read the media socket too slowly, so Twilio threw the caller's audio away",
        "the machine has no processor time left, or the network to it is congested",
        "look at the load and at the dropped frames in `/metrics`; lower the number of calls for each machine",
    ),
    warning(
        31931,
        "more than ten minutes of the agent's speech were waiting, so Twilio threw the rest away",
        "audio was sent without pacing, by another program on the same stream",
        "moked never runs ahead by more than its lead: check that no other server answers this stream URL",
    ),
    warning(
        31950,
        "Twilio got a message on the media socket that it cannot decode",
        "a binary frame where text is due",
        "moked sends text only: look for a proxy or a plug-in that rewrites WebSocket frames",
    ),
    warning(
        31951,
        "Twilio got a message on the media socket that it does not accept, and ignored it",
        "a missing or extra field, or the id of another stream",
        "note the CallSid and report it with the log of that call; moked writes three messages only, so one of \
         them has a fault",
    ),
    warning(
        31953,
        "the caller's audio stopped coming in",
        "the caller's network went away, or the carrier's; nothing on our side",
        "nothing for a single call; if it is frequent, give Twilio's support a few CallSids",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_codes_of_a_media_stream_are_explained() {
        for code in [
            11200, 11205, 11750, 12100, 12300, 31901, 31902, 31903, 31904, 31910, 31920, 31921, 31922, 31923,
            31924, 31930, 31931, 31950, 31951, 31953,
        ] {
            let known = explain(code).unwrap_or_else(|| panic!("{code} is not explained"));
            let text = known.to_string();
            assert!(text.starts_with(&format!("Twilio {code}: ")) && !text.contains(".."), "{text}");
            assert!(!text.contains('\n') && !text.contains("  "), "{text}");
        }
        assert_eq!(explain(1), None);
    }

    #[test]
    fn codes_stand_in_order_and_once() {
        assert!(TABLE.windows(2).all(|pair| pair[0].code < pair[1].code));
    }

    #[test]
    fn warnings_are_not_errors() {
        assert_eq!(explain(31930).map(|known| known.level), Some(Level::Warning));
        assert_eq!(explain(31920).map(|known| known.level), Some(Level::Error));
    }
}
