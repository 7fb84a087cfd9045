//! What the log says, and that a stranger cannot make it say more.
//!
//! Lines go to standard error, plain or JSON. Values that come from outside (a caller's name, a close reason)
//! may hold line breaks, terminal codes or text-direction marks and so forge or hide lines; every such
//! character is escaped in the writer, behind all formatting, where no field can slip past.
//!
//! A thread of its own writes them: the pipe of a log collector that stands still is full after 64 KiB, and whoever
//! then wrote a line would wait for it with all its calls. Lines wait in its place, and what is too much is dropped and
//! counted.

pub(crate) mod otel;

use std::io::{self, Write};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use tracing::Level;
use tracing_appender::non_blocking::{ErrorCounter, NonBlocking, NonBlockingBuilder, WorkerGuard};
use tracing_subscriber::filter::{FilterExt, filter_fn};
use tracing_subscriber::fmt::{self, MakeWriter};
use tracing_subscriber::layer::{Filter, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry};

use crate::call_events::{CallEventsLayer, events};
use crate::settings::{LogFormat, LogSection};

/// Lines that wait for whoever reads them: some minutes of a busy server, and a few MiB.
const MOST_WAITING: usize = 16_384;

/// Counts the lines of this process that were dropped.
static DROPPED: OnceLock<ErrorCounter> = OnceLock::new();

/// The log of this process. At its end the lines that wait are written, for a second at most.
#[derive(Debug)]
#[must_use = "lines are written only as long as it lives"]
pub struct Log {
    writer: Option<WorkerGuard>,
}

/// How long the end waits for lines to be written.
const LAST_LINES: Duration = Duration::from_millis(1_500);

impl Drop for Log {
    /// Whoever does not read the log may not read what the writer says of that either, so it is let go elsewhere.
    fn drop(&mut self) {
        let Some(writer) = self.writer.take() else { return };
        let (done, is_done) = mpsc::channel();
        let letting_go = std::thread::Builder::new().name("log's end".into()).spawn(move || {
            drop(writer);
            done.send(())
        });
        if letting_go.is_ok() {
            // Late or gone, nothing more can be done for them.
            let _ = is_done.recv_timeout(LAST_LINES);
        }
    }
}

/// Starts logging for this process, and logs panics from now on. Later calls change nothing: the first
/// settings stay.
pub fn init(settings: &LogSection) -> Log {
    let waiting = NonBlockingBuilder::default().lossy(true).buffered_lines_limit(MOST_WAITING);
    let (out, writer) = waiting.thread_name("log").finish(io::stderr());
    if DROPPED.set(out.error_counter()).is_err() {
        return Log { writer: None };
    }
    let filter = filter(&settings.level);
    let lines = fmt::layer().with_writer(Escaping { format: settings.format, out }).with_ansi(false);
    let log = tracing_subscriber::registry();
    // A subscriber that was set by whoever embeds this crate is left in place.
    let set = match settings.format {
        LogFormat::Plain => log.with(lines.with_filter(filter)).with(CallEventsLayer::new()).try_init(),
        LogFormat::Json => {
            let lines = lines.json().flatten_event(true).with_filter(filter);
            log.with(lines).with(CallEventsLayer::new()).try_init()
        }
    };
    if set.is_ok() {
        events().set_fed();
    }
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let why = panic.payload_as_str().unwrap_or("no message");
        tracing::error!(event = "PANIC", place, "a part of moked broke: {why}");
    }));
    Log { writer: Some(writer) }
}

/// Lines that were dropped since nobody read those before them.
pub fn lines_dropped() -> u64 {
    DROPPED.get().map_or(0, |dropped| dropped.dropped_lines() as u64)
}

/// Which lines are said at a level of the settings, `EnvFilter`'s language; no level lets a library say the
/// keys that it sees. Every reader of the log stands behind it.
pub fn filter(level: &str) -> impl Filter<Registry> + Send + Sync + 'static {
    let filter = EnvFilter::builder().parse_lossy(directives(level));
    filter.and(filter_fn(|line| may_be_said(line.target(), *line.level())))
}

/// Libraries that write keys into their lines when asked for more than this: tungstenite logs handshakes with
/// all headers, the HTTP clients what they send.
const KEPT_AT_INFO: [&str; 6] = ["tungstenite", "tokio_tungstenite", "h2", "hyper", "rustls", "awc"];

/// Whether a line may be said, whatever the settings ask for.
fn may_be_said(target: &str, level: Level) -> bool {
    let root = target.split("::").next().unwrap_or(target);
    level <= Level::INFO || !KEPT_AT_INFO.contains(&root)
}

/// The level with the HTTP server's chatter about its workers left out, unless it was asked for.
fn directives(level: &str) -> String {
    if level.contains("actix_server") { level.to_owned() } else { format!("{level},actix_server=warn") }
}

/// The way to standard error, on which control characters are escaped.
#[derive(Debug, Clone)]
struct Escaping {
    format: LogFormat,
    out: NonBlocking,
}

impl<'a> MakeWriter<'a> for Escaping {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

impl Write for Escaping {
    /// Takes one whole event: the formatter writes each with a single call.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(line);
        let safe = match self.format {
            LogFormat::Plain => escape(&text),
            LogFormat::Json => escape_json(&text),
        };
        self.out.write_all(safe.as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// The line with everything escaped that a terminal or a reader of lines would act on, save the line break
/// at its end.
pub(crate) fn escape(line: &str) -> String {
    rewrite(line, |character, safe| {
        if character.is_control() || is_hidden(character) {
            safe.extend(character.escape_unicode());
        } else {
            safe.push(character);
        }
    })
}

/// The same for a line of JSON, which it stays. Such characters stand inside strings only, where JSON has a
/// form for them; marks of direction, which Hebrew transcripts may hold, are written in it too.
fn escape_json(line: &str) -> String {
    rewrite(line, |character, safe| {
        if character.is_control() || is_hidden(character) || is_direction_mark(character) {
            // All of them lie in the first plane, so four digits are enough.
            safe.push_str(&format!("\\u{:04x}", u32::from(character)));
        } else {
            safe.push(character);
        }
    })
}

fn rewrite(line: &str, write: impl Fn(char, &mut String)) -> String {
    let (text, end) = match line.strip_suffix('\n') {
        Some(text) => (text, "\n"),
        None => (line, ""),
    };
    let mut safe = String::with_capacity(line.len());
    for character in text.chars() {
        write(character, &mut safe);
    }
    safe + end
}

/// Marks that reorder text or break lines without being control characters. Letters of right-to-left
/// scripts are not among them.
fn is_hidden(character: char) -> bool {
    matches!(character, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Marks without a width that give a direction to what stands beside them.
fn is_direction_mark(character: char) -> bool {
    matches!(character, '\u{061C}' | '\u{200E}' | '\u{200F}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_cannot_forge_a_line_or_move_the_cursor() {
        let line = "INFO from=\"+1\n2026 ERROR forged \x1b[2J\u{202e}\"\n";
        assert_eq!(escape(line), "INFO from=\"+1\\u{a}2026 ERROR forged \\u{1b}[2J\\u{202e}\"\n");
    }

    #[test]
    fn a_json_line_stays_json_and_keeps_its_values() {
        let value = "שלום\u{200f} \u{202e}gnorts\u{2028}\u{85}\u{7f}\n\x1b[2J";
        let line = format!("{}\n", serde_json::json!({ "text": value }));
        let escaped = escape_json(&line);
        assert!(
            escaped.contains("\\u202e") && escaped.contains("\\u200f") && escaped.contains("שלום"),
            "{escaped}"
        );
        assert!(!escaped.trim_end().contains(|c: char| c.is_control() || is_hidden(c)), "{escaped:?}");
        let read: serde_json::Value = serde_json::from_str(&escaped).unwrap();
        assert_eq!(read["text"], value);
    }

    #[test]
    fn libraries_that_log_keys_say_no_more_than_info_whatever_is_asked() {
        for target in ["tungstenite::handshake::client", "h2", "hyper::proto", "rustls", "awc::sender"] {
            assert!(may_be_said(target, Level::INFO), "{target}");
            assert!(!may_be_said(target, Level::DEBUG) && !may_be_said(target, Level::TRACE), "{target}");
        }
        assert!(may_be_said("moked_actors::tts", Level::TRACE));
    }

    #[test]
    fn hebrew_is_left_as_it_is() {
        assert_eq!(escape("שלום עולם\n"), "שלום עולם\n");
    }
}
