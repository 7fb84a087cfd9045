//! A rig for whole calls in virtual time: scripted engines on one side, a line that plays on the other.

mod carrier;
mod cast;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use actix::{Addr, Handler, Recipient};
use bytes::Bytes;
use moked_core::audio::dtmf::DtmfKey;
use moked_core::audio::{FRAME_SAMPLES, SILENCE};
use moked_core::ids::{CallSid, StreamSid};
use moked_core::language::Language;
use moked_core::restart::Child;
use moked_core::twilio::StreamStart;
use moked_providers::scripted::{
    ScriptedConversation, ScriptedEars, ScriptedMind, ScriptedVoice, ScriptedVoiceActivity, Thinking,
};
use serde_json::Value;

use crate::call::{Links, now};
use crate::dialog::Dialog;
use crate::host::{
    CallBrief, CallHost, CallSettings, Engines, LocalTime, Refusal, SocketMode, StreamAdmission,
};
use crate::messages::{CallerAudio, CloseReason, KeyPressed, LineCame, LineEnded, LineOrder};
use crate::one_hop::OneHop;
use crate::pacer::Pacer;
use crate::recorder::NoRecorder;
use crate::registry::{CallRegistry, Inspection};
use crate::stt::Stt;
use crate::supervisor::CallSupervisor;
use crate::tts::Tts;
use carrier::{Block, Carrier, Dead, line};
pub(crate) use cast::{DEATHS, Death, hears, says, voice};

/// A loud frame of µ-law: speech to the scripted detector.
const LOUD: u8 = 0x90;

/// The host of a test: scripted engines, and a registry of its own.
pub(crate) fn host(ears: ScriptedEars, mind: ScriptedMind, voice: ScriptedVoice) -> Arc<CallHost> {
    Arc::new(CallHost {
        engines: Engines {
            hearing: Some(Arc::new(ears)),
            speaking: Arc::new(voice),
            thinking: Arc::new(mind),
            conversing: None,
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

/// The same, for tests that bring engines of their own in the place of some.
pub(crate) fn plain_host() -> Arc<CallHost> {
    let mind = ScriptedMind::answering(|_| Thinking::says("Hello there."));
    host(ScriptedEars::default(), mind, ScriptedVoice::new(50))
}

/// The same, with an engine that hears, thinks and speaks in one hop.
pub(crate) fn one_hop_host(engine: ScriptedConversation, mind: ScriptedMind) -> Arc<CallHost> {
    let host = host(ScriptedEars::hearing(["again"]), mind, ScriptedVoice::new(50));
    let engines = Engines { conversing: Some(Arc::new(engine)), ..host.engines.clone() };
    Arc::new(CallHost { engines, ..CallHost::clone(&host) })
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
    pub(crate) links: Rc<Links>,
    log: LineLog,
    carrier: Addr<Carrier>,
    stream_sid: StreamSid,
    was_cut: Arc<AtomicBool>,
    /// When carriers died.
    deaths: RefCell<Vec<Instant>>,
}

impl Rig {
    pub(crate) fn call(host: &Arc<CallHost>, name: &str) -> Self {
        let log = LineLog::default();
        let wired = Rc::new(RefCell::new(None));
        let carrier = Carrier::on(&log, &wired);
        let start = StreamStart {
            account_sid: None,
            stream_sid: StreamSid::new(format!("MZ{name}")),
            call_sid: CallSid::new(format!("CA{name}")),
            parameters: Default::default(),
            format: Default::default(),
        };
        let was_cut = Arc::<AtomicBool>::default();
        let line = line(&start.stream_sid, &carrier, &was_cut);
        let links = CallSupervisor::begin(Arc::clone(host), brief(), &start, line);
        wired.replace(Some(Rc::clone(&links)));
        let StreamStart { call_sid, stream_sid, .. } = start;
        let deaths = RefCell::default();
        Self { host: Arc::clone(host), call_sid, links, log, carrier, stream_sid, was_cut, deaths }
    }

    /// Whether the connection was cut from outside of its socket.
    pub(crate) fn was_cut(&self) -> bool {
        self.was_cut.load(Ordering::Relaxed)
    }

    /// A stage panics, in its own hands.
    pub(crate) fn kill(&self, child: Child) {
        self.order_death(child, Die { with_engine: false });
    }

    /// A stage panics in the hands of its engine, or of its clock, which is lost with it.
    pub(crate) fn kill_with_engine(&self, child: Child) {
        self.order_death(child, Die { with_engine: true });
    }

    fn order_death(&self, child: Child, death: Die) {
        match child {
            Child::Stt => self.links.stt.tell(death),
            Child::Dialog => self.links.dialog.tell(death),
            Child::Tts => self.links.tts.tell(death),
            Child::Pacer => self.links.pacer.tell(death),
            Child::OneHop => self.links.one_hop.tell(death),
        }
    }

    /// The carrier is gone, and nothing tells so.
    pub(crate) fn fall_silent(&self) {
        self.deaths.borrow_mut().push(now());
        self.carrier.do_send(Dead);
    }

    /// The stream breaks without a word; its last sign of life was so long ago.
    pub(crate) fn lose_line(&self, quiet_ms: u64) {
        let last_seen = now() - Duration::from_millis(quiet_ms);
        self.fall_silent();
        let stream_sid = self.stream_sid.clone();
        self.links.tell_supervisor(LineEnded { stream_sid, was_stopped: false, last_seen });
    }

    /// Another stream comes for the call. Whether the call took it.
    pub(crate) async fn reconnect(&mut self) -> bool {
        let wired = Rc::new(RefCell::new(Some(Rc::clone(&self.links))));
        self.carrier = Carrier::on(&self.log, &wired);
        self.stream_sid = StreamSid::new(format!("{}+", self.stream_sid));
        let Some(supervisor) = self.host.registry.supervisor(&self.call_sid) else { return false };
        let line = line(&self.stream_sid, &self.carrier, &self.was_cut);
        supervisor.send(LineCame(line)).await.unwrap().is_some()
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

    /// The same, all of it at once: what lay in the caller's network.
    pub(crate) fn speak_at_once(&self, ms: u64, silence_ms: u64) {
        for index in 0..(ms + silence_ms) / 20 {
            self.frame(index * 20 < ms);
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
        let stream_sid = self.stream_sid.clone();
        self.links.tell_supervisor(LineEnded { stream_sid, was_stopped: true, last_seen: now() });
    }

    /// What reached the carriers, and when.
    pub(crate) fn log(&self) -> Vec<(Instant, LineOrder)> {
        self.log.borrow().clone()
    }

    /// What reached the carriers after so many orders.
    pub(crate) fn log_from(&self, orders: usize) -> Vec<(Instant, LineOrder)> {
        self.log.borrow()[orders..].to_vec()
    }

    /// A frame of the caller's.
    pub(crate) fn frame(&self, is_loud: bool) {
        let byte = if is_loud { LOUD } else { SILENCE };
        self.links.caller_audio(CallerAudio { mulaw: Bytes::from(vec![byte; FRAME_SAMPLES]), gap_ms: 0 });
    }

    /// When carriers died.
    pub(crate) fn deaths(&self) -> Vec<Instant> {
        self.deaths.borrow().clone()
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

    /// What both sides said, of the agent's words those that were heard.
    pub(crate) async fn heard(&self) -> Vec<String> {
        let view = self.view().await;
        let remarks = view["conversation"].as_array().cloned().unwrap_or_default();
        let text = |remark: &Value| {
            remark["heard"].as_str().or_else(|| remark["text"].as_str()).unwrap_or_default().to_owned()
        };
        remarks.iter().map(text).collect()
    }

    /// The line takes no more orders for so long.
    pub(crate) fn block_line(&self, time: Duration) {
        self.carrier.do_send(Block(time));
    }
}

pub(crate) fn is_clear(order: &LineOrder) -> bool {
    *order == LineOrder::Clear
}

/// Orders a stage to panic.
#[derive(Clone, Copy, actix::Message)]
#[rtype(result = "()")]
struct Die {
    with_engine: bool,
}

macro_rules! mortal {
    ($($stage:ty),*) => {$(
        impl Handler<Die> for $stage {
            type Result = ();

            fn handle(&mut self, death: Die, _: &mut Self::Context) {
                if death.with_engine {
                    self.lose_engine();
                }
                panic!("a test ordered it");
            }
        }
    )*};
}

mortal!(Stt, Dialog, Tts, Pacer, OneHop);

fn audio_len(order: &LineOrder) -> usize {
    match order {
        LineOrder::Media(mulaw) => mulaw.len(),
        LineOrder::Mark(_) | LineOrder::Clear | LineOrder::Close(_) => 0,
    }
}
