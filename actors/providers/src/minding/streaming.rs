//! One request to a model: words handed on as they come, the rest of the answer at its end.

use std::time::Duration;

use moked_core::ports::ProviderFault;
use tokio::time::Instant;

use super::limits::MindLimits;
use super::wire::{MindWire, Prompt, Reply, Stage};
use crate::transport::{HttpBody, SseParser};

/// How long a stream may still go on once its answer is whole. Counts of tokens follow it at once or never.
const WRAP_UP: Duration = Duration::from_millis(300);

/// How long the end of a body is waited for, so that its connection can serve the next request.
const LAST_BYTE: Duration = Duration::from_millis(50);

/// How long is waited for what.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    pub(super) limits: MindLimits,
    /// When the turn must have words; `None` once it has.
    pub(super) words_due: Option<Instant>,
}

/// Asks once. Dropping the future closes the connection.
///
/// # Errors
/// By kind, as the wire judges it.
pub(super) async fn stream(
    wire: &dyn MindWire,
    prompt: &Prompt<'_>,
    patience: Patience,
    say: &mut dyn FnMut(String),
) -> Result<Reply, ProviderFault> {
    let request = wire.request(prompt);
    let mut wait = Wait::new(patience);
    let mut body = request.send(wait.left()).await.map_err(|fault| wire.judge(wait.blame(fault)))?;
    let (mut parser, mut reader) = (SseParser::default(), wire.reader());
    let mut stage = Stage::Streaming;
    while stage < Stage::Over {
        let chunk = match body.next("a token", wait.left()).await {
            Ok(Some(chunk)) => chunk,
            Ok(None) => break,
            Err(_) if stage == Stage::Whole => break,
            Err(fault) => return Err(wire.judge(wait.blame(fault))),
        };
        for event in parser.push(&chunk) {
            let step = reader.read(&event).map_err(|fault| wire.judge(fault))?;
            if !step.text.is_empty() {
                wait.has_words();
                say(step.text);
            }
            if step.is_progress {
                wait.moved_on();
            }
            if step.stage > stage {
                stage = step.stage;
                wait.wrap_up();
            }
        }
    }
    let reply = reader.finish().map_err(|fault| wire.judge(fault))?;
    if stage == Stage::Over {
        read_out(&mut body).await;
    }
    Ok(reply)
}

async fn read_out(body: &mut HttpBody) {
    while let Ok(Some(_)) = body.next("the end of the answer", LAST_BYTE).await {}
}

/// What is waited for now, and until when.
struct Wait {
    patience: Patience,
    since: Instant,
    due: Instant,
    waiting_for: &'static str,
}

impl Wait {
    fn new(patience: Patience) -> Self {
        let now = Instant::now();
        let mut wait = Self { patience, since: now, due: now, waiting_for: "the first token" };
        wait.until(now + patience.limits.first_token());
        wait
    }

    fn until(&mut self, due: Instant) {
        self.due = self.patience.words_due.map_or(due, |words_due| words_due.min(due));
    }

    fn left(&self) -> Duration {
        self.due.saturating_duration_since(Instant::now())
    }

    fn has_words(&mut self) {
        self.patience.words_due = None;
    }

    fn moved_on(&mut self) {
        self.since = Instant::now();
        self.waiting_for = "the next token";
        self.until(self.since + self.patience.limits.gap());
    }

    fn wrap_up(&mut self) {
        self.patience.words_due = None;
        self.due = Instant::now() + WRAP_UP;
    }

    /// A stall told by the wait as a whole; the transport knows only its last stretch.
    fn blame(&self, fault: ProviderFault) -> ProviderFault {
        if !matches!(fault, ProviderFault::Stalled { .. }) {
            return fault;
        }
        let after_ms = u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX);
        ProviderFault::Stalled { waiting_for: self.waiting_for, after_ms }
    }
}
