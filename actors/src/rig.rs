//! A rig for whole calls in virtual time: scripted engines on one side, a line that plays on the other.
//!
//! The line plays what it is given at eight bytes a millisecond and echoes marks as Twilio does: when the
//! audio before them was played, or at once on a clear.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix::{Actor, Addr, AsyncContext, Context, Handler, Recipient, WrapFuture};
use bytes::Bytes;
use moked_core::audio::dtmf::DtmfKey;
use moked_core::audio::{FRAME_SAMPLES, SILENCE};
use moked_core::ids::{CallSid, MarkName, StreamSid};
use moked_core::language::Language;
use moked_core::twilio::StreamStart;
use moked_providers::scripted::{ScriptedEars, ScriptedMind, ScriptedVoice, ScriptedVoiceActivity};
use serde_json::Value;

use crate::call::{Links, now};
use crate::host::{
    CallBrief, CallHost, CallSettings, Engines, LocalTime, Refusal, SocketMode, StreamAdmission,
};
use crate::messages::{CallerAudio, CloseReason, KeyPressed, LineEnded, LineOrder, MarkReached};
use crate::recorder::NoRecorder;
use crate::registry::{CallRegistry, Inspection};
use crate::supervisor::CallSupervisor;

/// A loud frame of µ-law: speech to the scripted detector.
const LOUD: u8 = 0x90;

/// The host of a test: scripted engines, and a registry of its own.
pub(crate) fn host(ears: ScriptedEars, mind: ScriptedMind, voice: ScriptedVoice) -> Arc<CallHost> {
    Arc::new(CallHost {
        engines: Engines {
            hearing: Some(Arc::new(ears)),
            speaking: Arc::new(voice),
            thinking: Arc::new(mind),
            voice_activity: Arc::new(ScriptedVoiceActivity),
        },
        settings: Arc::new(CallSettings::default()),
        admission: Arc::new(OpenGate),
        registry: Arc::new(CallRegistry::default()),
        recorder: Arc::new(NoRecorder),
        local_time: LocalTime::new(|| jiff::civil::date(2026, 11, 20).at(9, 0, 0, 0)),
        mode: SocketMode::Agent,
        start_limit: Duration::from_secs(5),
    })
}

#[derive(Debug)]
struct OpenGate;

impl StreamAdmission for OpenGate {
    fn admit(&self, _: &StreamStart) -> Result<CallBrief, Refusal> {
        Ok(brief())
    }
}

fn brief() -> CallBrief {
    CallBrief { language: Language::English, caller: None }
}

/// What the line was told, and when.
pub(crate) type LineLog = Rc<RefCell<Vec<(Instant, LineOrder)>>>;

/// One call and the line it is on.
pub(crate) struct Rig {
    pub(crate) host: Arc<CallHost>,
    pub(crate) call_sid: CallSid,
    supervisor: Addr<CallSupervisor>,
    pub(crate) links: Rc<Links>,
    log: LineLog,
    line: Addr<Line>,
}

impl Rig {
    pub(crate) fn call(host: &Arc<CallHost>, name: &str) -> Self {
        let log = LineLog::default();
        let wired = Rc::new(RefCell::new(None));
        let line =
            Line { log: Rc::clone(&log), links: Rc::clone(&wired), drained_at: now(), marks: Vec::new() }
                .start();
        let start = StreamStart {
            account_sid: None,
            stream_sid: StreamSid::new(format!("MZ{name}")),
            call_sid: CallSid::new(format!("CA{name}")),
            parameters: Default::default(),
            format: Default::default(),
        };
        let (supervisor, links) =
            CallSupervisor::begin(Arc::clone(host), brief(), &start, line.clone().recipient());
        wired.replace(Some(Rc::clone(&links)));
        Self { host: Arc::clone(host), call_sid: start.call_sid, supervisor, links, log, line }
    }

    /// The caller speaks for so long, then is silent for so long; a frame every 20 ms.
    pub(crate) async fn speak(&self, ms: u64, silence_ms: u64) {
        for index in 0..(ms + silence_ms) / 20 {
            let byte = if index * 20 < ms { LOUD } else { SILENCE };
            let mulaw = Bytes::from(vec![byte; FRAME_SAMPLES]);
            self.links.stt.tell(CallerAudio { mulaw, gap_ms: 0 });
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    pub(crate) async fn wait(&self, ms: u64) {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }

    pub(crate) fn press(&self, key: &str) {
        let key = DtmfKey::parse(key).unwrap();
        self.links.dialog.tell(KeyPressed(key.as_char()));
    }

    /// Where keys go.
    pub(crate) fn dialog(&self) -> Recipient<KeyPressed> {
        self.links.dialog.get().unwrap().recipient()
    }

    pub(crate) fn hang_up(&self) {
        self.supervisor.do_send(LineEnded { was_stopped: true });
    }

    pub(crate) fn orders(&self) -> Vec<LineOrder> {
        self.log.borrow().iter().map(|(_, order)| order.clone()).collect()
    }

    /// Milliseconds of audio that went out.
    pub(crate) fn sent_ms(&self) -> usize {
        self.orders().iter().map(audio_len).sum::<usize>() / 8
    }

    /// When the first order of a kind went out.
    pub(crate) fn when(&self, kind: fn(&LineOrder) -> bool) -> Option<Instant> {
        self.log.borrow().iter().find(|(_, order)| kind(order)).map(|(at, _)| *at)
    }

    pub(crate) fn closed(&self) -> Option<CloseReason> {
        self.orders().into_iter().find_map(|order| match order {
            LineOrder::Close(reason) => Some(reason),
            LineOrder::Media(_) | LineOrder::Mark(_) | LineOrder::Clear => None,
        })
    }

    pub(crate) async fn view(&self) -> Value {
        match self.host.registry.inspect(&self.call_sid, Duration::from_secs(1)).await {
            Inspection::View(view) => view,
            Inspection::Unknown | Inspection::Stuck => Value::Null,
        }
    }

    pub(crate) async fn state(&self) -> String {
        self.view().await["actors"]["dialog"]["turn"]["state"].as_str().unwrap_or("none").to_owned()
    }

    /// The line takes no more orders for so long.
    pub(crate) fn block_line(&self, time: Duration) {
        self.line.do_send(Block(time));
    }
}

pub(crate) fn is_clear(order: &LineOrder) -> bool {
    *order == LineOrder::Clear
}

fn audio_len(order: &LineOrder) -> usize {
    match order {
        LineOrder::Media(mulaw) => mulaw.len(),
        LineOrder::Mark(_) | LineOrder::Clear | LineOrder::Close(_) => 0,
    }
}

/// The carrier's side of the line.
struct Line {
    log: LineLog,
    links: Rc<RefCell<Option<Rc<Links>>>>,
    drained_at: Instant,
    marks: Vec<MarkName>,
}

impl Line {
    fn echo(&mut self, name: &MarkName) {
        if let Some(position) = self.marks.iter().position(|mark| mark == name) {
            let name = self.marks.remove(position);
            if let Some(links) = self.links.borrow().as_ref() {
                links.dialog.tell(MarkReached(name));
            }
        }
    }
}

impl Actor for Line {
    type Context = Context<Self>;
}

impl Handler<LineOrder> for Line {
    type Result = ();

    fn handle(&mut self, order: LineOrder, ctx: &mut Self::Context) {
        self.log.borrow_mut().push((now(), order.clone()));
        match order {
            LineOrder::Media(mulaw) => {
                let audio = Duration::from_micros(mulaw.len() as u64 * 125);
                self.drained_at = self.drained_at.max(now()) + audio;
            }
            LineOrder::Mark(name) => {
                self.marks.push(name.clone());
                let wait = self.drained_at.saturating_duration_since(now());
                ctx.run_later(wait, move |line, _| line.echo(&name));
            }
            LineOrder::Clear => {
                self.drained_at = now();
                for name in self.marks.clone() {
                    self.echo(&name);
                }
            }
            LineOrder::Close(_) => {}
        }
    }
}

/// Orders a line to take no more orders for a time.
#[derive(actix::Message)]
#[rtype(result = "()")]
struct Block(Duration);

impl Handler<Block> for Line {
    type Result = ();

    fn handle(&mut self, Block(time): Block, ctx: &mut Self::Context) {
        ctx.wait(tokio::time::sleep(time).into_actor(self));
    }
}
