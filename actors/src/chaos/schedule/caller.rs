//! A caller who reacts to what he hears, and the faults that befall his call.

use std::time::{Duration, Instant};

use moked_core::conversation::Remark;

use super::plan::{Act, Fault, Plan};
use crate::call::now;
use crate::chaos::{Heard, heard};
use crate::messages::{CallEnd, LineOrder};
use crate::registry::Presence;
use crate::rig::Rig;

/// After so long without a word from the agent the caller goes on, in frames: 20 s.
const PATIENCE: u64 = 1_000;

/// What came of a call.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) remarks: Vec<Remark>,
    pub(super) end: Option<CallEnd>,
    /// Actors left a second after the end.
    pub(super) left: usize,
    /// What the call did when the caller had nothing more to say.
    pub(super) state: String,
    pub(super) heard: Heard,
    pub(super) is_back: bool,
}

/// The agent as the caller hears him.
#[derive(Default)]
struct Agent {
    read: usize,
    drained: Option<Instant>,
    /// When the stretch of speech began that sounds now, or did last.
    began: Option<Instant>,
    /// When it was cut off, until something else sounds.
    cut: Option<Instant>,
}

impl Agent {
    fn listen(&mut self, call: &Rig) {
        for (at, order) in call.log_from(self.read) {
            self.read += 1;
            match order {
                LineOrder::Media(mulaw) => {
                    let begins = self.drained.map_or(at, |drained| drained.max(at));
                    // Who was cut off and then speaks begins anew, however soon.
                    let is_anew = self.cut.take().is_some_and(|cut| cut + TAKEN_BACK < at);
                    let is_near = |drained: Instant| drained + SAME_STRETCH >= begins;
                    let goes_on = !is_anew && self.drained.is_some_and(is_near);
                    if !goes_on || self.began.is_none() {
                        self.began = Some(begins);
                    }
                    self.drained = Some(begins + Duration::from_micros(mulaw.len() as u64 * 125));
                }
                LineOrder::Clear => {
                    self.drained = self.drained.map(|drained| drained.min(at));
                    self.cut = Some(at);
                }
                LineOrder::Mark(_) | LineOrder::Close(_) => {}
            }
        }
    }

    fn quiet(&self) -> Option<Duration> {
        let since = now().checked_duration_since(self.drained?);
        since.filter(|_| self.began.is_some())
    }

    fn spoken(&self) -> Duration {
        let end = self.drained.map_or_else(now, |drained| drained.min(now()));
        self.began.map_or(Duration::ZERO, |began| end.saturating_duration_since(began))
    }
}

/// Speech that was taken back to be softer comes again within this.
const TAKEN_BACK: Duration = Duration::from_millis(100);

/// A pause that does not end a stretch of speech.
const SAME_STRETCH: Duration = Duration::from_millis(1_200);

struct Caller<'a> {
    call: &'a mut Rig,
    agent: Agent,
    began: Instant,
    faults: Vec<(u64, Fault)>,
    is_down: bool,
    is_back: bool,
    frames: u32,
}

impl Caller<'_> {
    /// A frame of the caller's time.
    async fn tick(&mut self, is_loud: bool) {
        if !self.is_down {
            self.call.frame(is_loud);
        }
        self.frames += 1;
        tokio::time::sleep_until((self.began + Duration::from_millis(20) * self.frames).into()).await;
        self.agent.listen(self.call);
        let passed = now().duration_since(self.began).as_millis() as u64;
        while let Some((_, fault)) = self.faults.pop_if(|(at, _)| *at <= passed) {
            match fault {
                Fault::Kill(child) => self.call.kill(child),
                Fault::KillWithEngine(child) => self.call.kill_with_engine(child),
                Fault::Block(ms) => self.call.block_line(Duration::from_millis(ms)),
            }
        }
        // The carrier asks what follows when a line is given up for being stuck.
        if !self.is_down && self.call.host.registry.presence(&self.call.call_sid) == Presence::Adrift {
            self.is_down = true;
            self.idle(1_000).await;
            self.reconnect().await;
        }
    }

    async fn idle(&mut self, ms: u64) {
        for _ in 0..ms / 20 {
            Box::pin(self.tick(false)).await;
        }
    }

    fn is_over(&self) -> bool {
        self.call.host.registry.live() == 0
    }

    /// Waits until the agent was heard and then was quiet for so long.
    async fn hear_out(&mut self, quiet_ms: u64) {
        for _ in 0..PATIENCE {
            let is_quiet = self.agent.quiet().is_some_and(|quiet| quiet.as_millis() as u64 >= quiet_ms);
            if is_quiet || self.is_over() {
                break;
            }
            self.tick(false).await;
        }
    }

    async fn hear(&mut self, ms: u64) {
        for _ in 0..PATIENCE {
            let is_quiet = self.agent.quiet().is_some_and(|quiet| quiet.as_millis() >= 1_500);
            if self.agent.spoken().as_millis() as u64 >= ms || is_quiet || self.is_over() {
                break;
            }
            self.tick(false).await;
        }
    }

    async fn say(&mut self, words: u64) {
        for _ in 0..words * 10 {
            self.tick(true).await;
        }
        self.agent.began = None;
    }

    fn press(&mut self, keys: &str) {
        keys.chars().for_each(|key| self.call.press(&key.to_string()));
        self.call.press("#");
        self.agent.began = None;
    }

    async fn reconnect(&mut self) {
        self.is_back &= self.call.reconnect().await || self.is_over();
        self.is_down = false;
        self.agent.began = None;
    }

    async fn act(&mut self, act: Act) {
        match act {
            Act::Speak { after_ms, words } => {
                self.hear_out(after_ms).await;
                self.say(words).await;
            }
            Act::CutIn { after_ms, words } => {
                self.hear(after_ms).await;
                self.say(words).await;
            }
            Act::Keys { after_ms, count } => {
                self.hear_out(after_ms).await;
                self.press(&"7".repeat(count as usize));
            }
            Act::Lose { heard_ms, half_open_ms, down_ms } => {
                self.hear(heard_ms).await;
                self.is_down = true;
                self.call.fall_silent();
                self.idle(half_open_ms).await;
                self.call.lose_line(half_open_ms);
                self.idle(down_ms).await;
                self.reconnect().await;
            }
        }
    }
}

/// A whole call.
pub(super) async fn live(call: &mut Rig, plan: &Plan, is_control: bool) -> Outcome {
    call.wait(1).await;
    let faults = if is_control { Vec::new() } else { plan.faults.iter().rev().copied().collect() };
    let (agent, began) = (Agent::default(), now());
    let (is_down, is_back, frames) = (false, true, 0);
    let mut caller = Caller { call, agent, began, faults, is_down, is_back, frames };
    for act in &plan.acts {
        // The control is the same conversation on a line that holds.
        let is_left_out = is_control && matches!(act, Act::Lose { .. });
        if !is_left_out && !caller.is_over() {
            caller.act(*act).await;
        }
    }
    caller.hear_out(2_000).await;
    let mut state = caller.call.state().await;
    // A filler, an apology and an answer may follow one another.
    for _ in 0..40 {
        if state == "LISTENING" || state == "none" {
            break;
        }
        caller.idle(1_000).await;
        state = caller.call.state().await;
    }
    if plan.says_goodbye {
        caller.press("000");
        caller.hear_out(3_000).await;
    }
    let is_back = caller.is_back;
    call.hang_up();
    call.wait(1_000).await;
    let ended = call.host.registry.ended();
    Outcome {
        remarks: ended.first().map(|ended| ended.conversation.clone()).unwrap_or_default(),
        end: call.host.registry.last_end(&call.call_sid),
        left: call.host.registry.live_actors(),
        state,
        heard: heard(call),
        is_back,
    }
}
