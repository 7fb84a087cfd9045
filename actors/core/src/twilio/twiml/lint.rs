//! Documents that Twilio takes and then stumbles over.
//!
//! Each finding is a call that broke for somebody: a token in a query that never arrived, an agent that left
//! 40 seconds of silence behind. The doctor shows them.

use super::{Connect, Stream, Verb};

/// Name and value of a `<Parameter>` must have fewer characters than this together.
const PARAMETER_LIMIT: usize = 500;

/// Something about a document that will go wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// Only `wss` is opened by Twilio (31922); `ws` is for a simulated carrier on the same machine.
    #[error("the stream URL {url} does not begin with wss://: set PUBLIC_BASE_URL to the https address")]
    NotSecure {
        /// The URL.
        url: String,
    },
    /// Twilio drops the query of a stream URL.
    #[error("the stream URL {url} has a query or fragment, which Twilio drops: use <Parameter> or the path")]
    Query {
        /// The URL.
        url: String,
    },
    /// No route matches such a path, so the handshake meets a 404 (31920).
    #[error("the stream URL {url} has an empty step (//) in its path: end PUBLIC_BASE_URL without a slash")]
    EmptyStep {
        /// The URL.
        url: String,
    },
    /// Names the host as nothing or not at all.
    #[error("the stream URL {url} names no host: it must be absolute")]
    NoHost {
        /// The URL.
        url: String,
    },
    /// Name and value are too long together.
    #[error(
        "<Parameter name={name:?}> has {characters} characters with its value; fewer than 500 are allowed"
    )]
    LongParameter {
        /// The name, at most its first characters.
        name: String,
        /// Characters of name and value.
        characters: usize,
    },
    /// Nothing is asked when the stream is over, and nothing follows: the call just drops.
    #[error("<Connect> has no action: when the stream ends, nobody is asked what comes next")]
    NoAction,
    /// Silence for the caller after the stream.
    #[error("<Pause> follows <Connect>: the caller waits {length_s} s in silence after the agent is gone")]
    PauseAfterConnect {
        /// Its length.
        length_s: u32,
    },
}

/// All findings about a document, in its order. None means that Twilio and moked will get along.
pub fn lint(verbs: &[Verb]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut connected = false;
    for verb in verbs {
        match verb {
            Verb::Connect(connect) => {
                connected = true;
                lint_connect(connect, &mut findings);
            }
            Verb::Pause { length_s } if connected => {
                findings.push(Finding::PauseAfterConnect { length_s: *length_s });
            }
            Verb::Pause { .. }
            | Verb::Say(_)
            | Verb::Record(_)
            | Verb::Hangup
            | Verb::Redirect { .. }
            | Verb::Reject { .. }
            | Verb::Dial(_) => {}
        }
    }
    findings
}

fn lint_connect(connect: &Connect, findings: &mut Vec<Finding>) {
    if connect.action.as_deref().is_none_or(str::is_empty) {
        findings.push(Finding::NoAction);
    }
    lint_url(&connect.stream, findings);
    for (name, value) in &connect.stream.parameters {
        let characters = name.chars().count() + value.chars().count();
        if characters >= PARAMETER_LIMIT {
            let name = name.chars().take(40).collect();
            findings.push(Finding::LongParameter { name, characters });
        }
    }
}

fn lint_url(stream: &Stream, findings: &mut Vec<Finding>) {
    let url = stream.url.clone();
    let (scheme, rest) = stream.url.split_once("://").unwrap_or(("", &stream.url));
    let address = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = address.split_at(address.find('/').unwrap_or(address.len()));
    if scheme != "wss" && !(scheme == "ws" && is_loopback(authority)) {
        findings.push(Finding::NotSecure { url: url.clone() });
    }
    if address.len() != rest.len() {
        findings.push(Finding::Query { url: url.clone() });
    }
    if authority.is_empty() || scheme.is_empty() {
        findings.push(Finding::NoHost { url: url.clone() });
    }
    if path.contains("//") {
        findings.push(Finding::EmptyStep { url });
    }
}

/// Whether an authority, with or without port, is this machine.
fn is_loopback(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if !port.contains(']') => host,
        _ => authority,
    };
    let ipv4 = host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    ipv4 || host == "localhost" || host == "[::1]"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(url: &str) -> Vec<Finding> {
        let stream = Stream { url: url.to_owned(), ..Stream::default() };
        lint(&[Verb::Connect(Connect { action: Some("/next".to_owned()), stream })])
    }

    #[test]
    fn a_good_document_has_no_findings() {
        for url in [
            "wss://example.com/ws/twilio-media",
            "ws://127.0.0.1:5000/ws",
            "ws://localhost/ws",
            "ws://[::1]:9/ws",
        ] {
            assert_eq!(findings(url), [], "{url}");
        }
    }

    #[test]
    fn each_fault_of_a_url_is_found() {
        let url = |url: &str| url.to_owned();
        assert_eq!(
            findings("https://example.com/ws"),
            [Finding::NotSecure { url: url("https://example.com/ws") }]
        );
        for insecure in
            ["ws://example.com/ws", "ws://127.0.0.1.example.com/ws", "ws://localhost.example.com:80/ws"]
        {
            assert_eq!(findings(insecure), [Finding::NotSecure { url: url(insecure) }], "{insecure}");
        }
        assert_eq!(findings("wss://e.com/ws?t=1"), [Finding::Query { url: url("wss://e.com/ws?t=1") }]);
        assert_eq!(findings("wss://e.com/ws#a//b"), [Finding::Query { url: url("wss://e.com/ws#a//b") }]);
        assert_eq!(findings("wss://e.com//ws"), [Finding::EmptyStep { url: url("wss://e.com//ws") }]);
        assert!(findings("/ws").contains(&Finding::NoHost { url: url("/ws") }));
        assert!(findings("wss:///ws").contains(&Finding::NoHost { url: url("wss:///ws") }));
    }

    #[test]
    fn a_parameter_must_stay_below_the_limit_in_characters() {
        let with = |value: String| {
            let parameters = vec![("name".to_owned(), value)];
            let stream = Stream { url: "wss://e.com/ws".to_owned(), parameters, ..Stream::default() };
            lint(&[Verb::Connect(Connect { action: Some("/next".to_owned()), stream })])
        };
        assert_eq!(with("ש".repeat(495)), []);
        assert_eq!(
            with("ש".repeat(496)),
            [Finding::LongParameter { name: "name".to_owned(), characters: 500 }]
        );
    }

    #[test]
    fn a_missing_action_and_a_pause_behind_the_stream_are_found() {
        let stream = Stream { url: "wss://e.com/ws".to_owned(), ..Stream::default() };
        let verbs = [
            Verb::Pause { length_s: 1 },
            Verb::Connect(Connect { action: None, stream }),
            Verb::Pause { length_s: 40 },
        ];
        assert_eq!(lint(&verbs), [Finding::NoAction, Finding::PauseAfterConnect { length_s: 40 }]);
    }
}
