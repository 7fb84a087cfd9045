//! One media stream of a call, from the handshake to the hang-up: the script meets the line.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use moked_core::ids::StreamSid;

use super::acts::{ReadyAct, Sound};
use super::ear::{EarEvent, EarLogEntry};
use super::line::{LineClient, LineNews};
use super::messages::StreamStart;
use super::news::CallEvent;
use super::recording::Tracks;
use super::report::{ActKind, DoneAct, StreamEnd, StreamRecord};
use super::route::Place;
use super::script::{CallerScript, Cue, Manners, Order};
use super::socket::{Closing, Handshake, SocketError};

/// How long Twilio waits for the server to close after `stop`. Not published; a second is plenty on any line.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);

/// What a stream needs to run.
pub struct Plan {
    /// Where it goes.
    pub place: Place,
    /// How it introduces itself.
    pub handshake: Handshake,
    /// What `start` says.
    pub start: StreamStart,
    /// Quiet that ends an utterance of the agent.
    pub pause: Duration,
    /// What the caller does.
    pub acts: VecDeque<ReadyAct>,
    /// How patient the caller is.
    pub manners: Manners,
    /// When the caller hangs up whatever happens.
    pub until: Instant,
}

/// What came of a stream.
pub struct Outcome {
    /// To be measured.
    pub record: StreamRecord,
    /// Acts that were not begun.
    pub rest: VecDeque<ReadyAct>,
}

/// A stream whose handshake is done.
pub struct OpenStream {
    line: LineClient,
    caller: Caller,
    stream_sid: StreamSid,
    handshake_ms: u64,
    until: Instant,
}

/// Opens a stream.
///
/// # Errors
/// The handshake failed. What goes wrong later is in the record.
pub async fn open(plan: Plan) -> Result<OpenStream, SocketError> {
    let dialled = Instant::now();
    let stream_sid = plan.start.stream_sid.clone();
    let line = LineClient::open(&plan.place, &plan.handshake, plan.start, plan.pause).await?;
    let handshake_ms = dialled.elapsed().as_millis() as u64;
    let script =
        CallerScript::new(plan.acts.iter().map(|ready| ready.act.clone()), plan.manners, line.started_at());
    let caller = Caller { script, waiting: plan.acts, done: Vec::new() };
    Ok(OpenStream { line, caller, stream_sid, handshake_ms, until: plan.until })
}

impl OpenStream {
    /// Runs the stream to its end.
    pub async fn run(self, tell: &mut dyn FnMut(CallEvent)) -> Outcome {
        let Self { mut line, mut caller, stream_sid, handshake_ms, until } = self;
        tell(CallEvent::StreamOpened { stream_sid: stream_sid.clone() });
        let end = match talk(&mut line, &mut caller, until, tell).await {
            Ok(end) => end,
            Err(broken) => StreamEnd::Server(broken_closing(&line, &broken)),
        };
        tell(CallEvent::StreamEnded(end.clone()));
        let duration_ms = line.elapsed_ms();
        let sent_ms = sent_ms(&line);
        for act in &mut caller.done {
            // A hang-up in the middle of an act leaves its end open.
            act.to_ms = act.to_ms.min(sent_ms);
        }
        let record = StreamRecord {
            stream_sid,
            handshake_ms,
            tracks: Tracks { caller: line.sent().to_vec(), agent: line.ear().heard().to_vec() },
            log: line.ear().log().to_vec(),
            acts: caller.done,
            violations: line.strict().violations().to_vec(),
            violation_count: line.strict().count(),
            duration_ms,
            end,
        };
        Outcome { record, rest: caller.waiting }
    }
}

struct Caller {
    script: CallerScript,
    waiting: VecDeque<ReadyAct>,
    done: Vec<DoneAct>,
}

async fn talk(
    line: &mut LineClient,
    caller: &mut Caller,
    until: Instant,
    tell: &mut dyn FnMut(CallEvent),
) -> Result<StreamEnd, SocketError> {
    line.begin().await?;
    loop {
        let script_wake = caller.script.poll_timeout().map(|(at, _)| at);
        let wake = script_wake.map_or(line.frame_due(), |at| at.min(line.frame_due()));
        if let Some(news) = line.next(wake).await {
            if let LineNews::Closed(closing) = &news {
                return Ok(StreamEnd::Server(closing.clone()));
            }
            if let Some((cue, at_ms)) = report(news, tell) {
                caller.script.handle(cue, line.started_at() + Duration::from_millis(at_ms));
            }
        }
        let now = Instant::now();
        if now >= line.frame_due() {
            let frame = line.send_frame().await?;
            // An answer to keys may come as soon as the last one is down, while a voice must first end.
            if frame.is_last || frame.key.is_some() {
                let is_end = |act: &&mut DoneAct| (act.kind == ActKind::Keys) == frame.key.is_some();
                if let Some(act) = caller.done.last_mut().filter(is_end) {
                    act.to_ms = frame.timestamp_ms + u64::from(moked_core::audio::FRAME_MS);
                }
            }
            if let Some(key) = frame.key {
                tell(CallEvent::Key { key });
            }
            if frame.is_last {
                tell(CallEvent::CallerFinished);
                caller.script.handle(Cue::ActDone, now);
            }
        }
        caller.script.handle_timeout(now);
        while let Some(order) = caller.script.next_action() {
            match order {
                Order::Perform(_) => perform(line, caller, tell),
                Order::HangUp => return hang_up(line, StreamEnd::Caller, tell).await,
            }
        }
        if now >= until {
            return hang_up(line, StreamEnd::TimeLimit, tell).await;
        }
    }
}

/// Begins the next act. Orders come in the order of the acts, so the next one waiting is the one meant.
fn perform(line: &mut LineClient, caller: &mut Caller, tell: &mut dyn FnMut(CallEvent)) {
    let Some(ready) = caller.waiting.pop_front() else { return };
    let from_ms = sent_ms(line);
    match &ready.sound {
        Sound::Speech(samples) => line.mouth().say(samples),
        Sound::Keys(keys) => line.mouth().press(keys),
    }
    tell(CallEvent::CallerBegan { what: ready.what.clone() });
    caller.done.push(DoneAct { what: ready.what, kind: ready.kind, from_ms, to_ms: u64::MAX });
}

fn sent_ms(line: &LineClient) -> u64 {
    (line.sent().len() / moked_core::audio::BYTES_PER_MS) as u64
}

async fn hang_up(
    line: &mut LineClient,
    end: StreamEnd,
    tell: &mut dyn FnMut(CallEvent),
) -> Result<StreamEnd, SocketError> {
    for news in line.hang_up(CLOSE_PATIENCE).await? {
        report(news, tell);
    }
    Ok(end)
}

/// Tells the observer; returns what concerns the script, with its time on the stream. An utterance began at
/// its first audible frame, which is a little before the ear could know it.
fn report(news: LineNews, tell: &mut dyn FnMut(CallEvent)) -> Option<(Cue, u64)> {
    let (event, cue) = match news {
        LineNews::Message { .. } | LineNews::Closed(_) => return None,
        LineNews::Violation(violation) => (CallEvent::Violation(violation), None),
        LineNews::Ear(EarLogEntry { at_ms, event }) => match event {
            EarEvent::MarkQueued { .. } => return None,
            EarEvent::MarkPlayed { name } => (CallEvent::Mark { name, cleared: false }, None),
            EarEvent::MarkCleared { name } => (CallEvent::Mark { name, cleared: true }, None),
            EarEvent::Cleared { discarded_ms } => (CallEvent::Clear { discarded_ms }, None),
            EarEvent::Underrun { gap_ms } => (CallEvent::Underrun { gap_ms }, None),
            EarEvent::Overflow { discarded_ms } => (CallEvent::Overflow { discarded_ms }, None),
            EarEvent::AgentBegan => (CallEvent::AgentBegan, Some((Cue::AgentBegan, at_ms))),
            EarEvent::AgentFinished { .. } => (CallEvent::AgentFinished, Some((Cue::AgentFinished, at_ms))),
        },
    };
    tell(event);
    cue
}

fn broken_closing(line: &LineClient, broken: &SocketError) -> Closing {
    line.closing().cloned().unwrap_or_else(|| Closing { code: 1006, reason: Some(broken.to_string()) })
}
