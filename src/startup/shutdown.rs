//! How a server ends: it lets its callers finish, sends the rest away with a word, and stops.

use std::fmt;
use std::future::Future;
use std::io;
use std::time::Duration;

use moked_actors::CallEnd;
use tokio::time::Instant;

use super::Running;
use crate::drain::last_words;
use crate::routes::Edge;

/// How long the server goes on answering once its calls have ended: the carrier closes the stream and asks
/// for the next document within one round trip and a little.
const ASK_NEXT: Duration = Duration::from_secs(2);

/// The same when there is no time: a round trip.
const ASK_NEXT_IN_HASTE: Duration = Duration::from_millis(1_500);

/// How long the last entries of call records may take to reach database or disk at a stop.
const WRITE_RECORDS: Duration = Duration::from_secs(2);

/// How often the calls are counted.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// How often the log tells how far it is.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// How long the last words of all calls may take: 5 s for the turn under way, 5 s for the words, and as much
/// again for a slow voice or a stream that breaks meanwhile.
const LAST_WORDS: Duration = Duration::from_secs(20);

/// How often calls are told to end. A call that comes late hears of it too, and one that knows ignores it.
const REMIND_EVERY: Duration = Duration::from_secs(1);

/// How many callers were there, and what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Drained {
    /// Calls that ended by themselves.
    pub finished: u64,
    /// Calls that were excused and ended, or handed over.
    pub sent_away: u64,
    /// Calls that still live, and will be cut.
    pub cut: usize,
    /// Whether a second order came.
    pub was_hurried: bool,
}

impl fmt::Display for Drained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { finished, sent_away, cut, .. } = self;
        write!(f, "{finished} calls finished, {sent_away} were sent elsewhere, {cut} are cut")
    }
}

impl Running {
    /// Takes no new callers and waits for those who are there: until they are gone, until `server.drain_s` and
    /// the last words are over, or until `hurry` comes. Then [`Running::stop`] it.
    pub async fn drain(&self, hurry: impl Future<Output = ()>) -> Drained {
        let edge = &self.edge;
        edge.drain.begin();
        let before = Tally::of(edge);
        let waiting = before.here;
        let patience = edge.settings.server.drain.as_secs();
        tracing::info!(
            event = "DRAINING",
            calls = waiting,
            deadline_s = patience,
            "no new callers are taken; {waiting} calls may finish within {patience} s, and a second signal ends \
             them at once"
        );
        let was_hurried = tokio::select! {
            () = empty(edge) => false,
            () = hurry => true,
        };
        let after = Tally::of(edge);
        let sent_away = after.sent_away - before.sent_away;
        let drained = Drained {
            finished: (after.ended - before.ended).saturating_sub(sent_away),
            sent_away,
            cut: after.here,
            was_hurried,
        };
        if drained.cut == 0 {
            tracing::info!(event = "DRAINED", was_hurried, "{drained}");
        } else {
            tracing::warn!(event = "DRAINED", was_hurried, "{drained}");
        }
        drained
    }

    /// Stops: live calls are ended and told so, no new connections, open requests get `server.shutdown_ms`.
    ///
    /// # Errors
    /// When the server itself had failed.
    pub async fn stop(self) -> io::Result<()> {
        self.background.abort();
        self.watchdog.abort();
        self.edge.admin.close();
        if self.edge.registry.live() > 0 {
            self.edge.registry.end_all();
            // Twilio now asks what comes next, and only this process can answer.
            tokio::time::sleep(self.edge.settings.server.shutdown.min(ASK_NEXT_IN_HASTE)).await;
        }
        let graceful = !self.edge.settings.server.shutdown.is_zero();
        // Side by side, since both take seconds when something hangs: no call lives that could add to its record.
        tokio::join!(self.handle.stop(graceful), self.edge.records.stop(WRITE_RECORDS));
        let stopped = self.server.await.map_err(io::Error::other)?;
        if let Some(traces) = self.traces {
            traces.close().await;
        }
        stopped
    }
}

/// Numbers of calls at one moment.
struct Tally {
    here: usize,
    ended: u64,
    sent_away: u64,
}

impl Tally {
    fn of(edge: &Edge) -> Self {
        let ended = &edge.registry.meters().ended;
        Self {
            here: edge.registry.live(),
            ended: CallEnd::ALL.into_iter().map(|end| ended.of(end).get()).sum(),
            sent_away: ended.of(CallEnd::SentAway).get(),
        }
    }
}

/// Callers who are here or have the document that brings them.
fn callers(edge: &Edge) -> usize {
    edge.registry.live() + edge.admission.expected(&*edge.registry, std::time::Instant::now())
}

/// Until nobody is left, or all that could be done for them was done.
async fn empty(edge: &Edge) {
    let begun = Instant::now();
    let deadline = begun + edge.settings.server.drain;
    if let Some(left) = wait(edge, deadline, || {}).await {
        tracing::info!(
            event = "DRAIN_DEADLINE",
            calls = left,
            "the time is up; {left} calls hear the last words"
        );
        let words = last_words(edge.language(), &edge.settings.server.drain_live_calls);
        let mut reminded: Option<Instant> = None;
        let _ = wait(edge, deadline + LAST_WORDS, || {
            if reminded.is_none_or(|last| last.elapsed() >= REMIND_EVERY) {
                reminded = Some(Instant::now());
                edge.registry.send_all_away(words);
            }
        })
        .await;
    }
    // The last call may have ended just before the order came.
    if edge.registry.begun() > 0 {
        tokio::time::sleep(ASK_NEXT).await;
    }
}

/// Waits until nobody is left, calling `each` at each look; gives how many are left at the deadline.
async fn wait(edge: &Edge, deadline: Instant, mut each: impl FnMut()) -> Option<usize> {
    let mut told = Instant::now();
    loop {
        let left = callers(edge);
        if left == 0 {
            return None;
        }
        if Instant::now() >= deadline {
            return Some(left);
        }
        if told.elapsed() >= TELL_EVERY {
            told = Instant::now();
            let seconds = deadline.saturating_duration_since(told).as_secs();
            tracing::info!(
                event = "DRAINING",
                calls = left,
                deadline_s = seconds,
                "{left} calls go on; {seconds} s are left to them"
            );
        }
        each();
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
