//! One media stream of a scenario: the plan meets the line.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use moked_core::audio::BYTES_PER_MS;

use super::plan::{Due, Plan};
use super::scenario::{Act, Kind, LineConditions, Step, When};
use super::sound::clipped;
use super::sound::room::Room;
use super::sound::speech::{Utterance, Word};
use super::truth;
use super::world::World;
use crate::caller::ear::{EarEvent, EarLogEntry};
use crate::caller::line::{LineClient, LineNews};
use crate::caller::socket::SocketError;
use crate::soak::dice::Dice;

/// How long the server may take to close after `stop`.
const CLOSING: Duration = Duration::from_secs(2);

/// Who is less late than this has caught up.
const CATCHES_UP: Duration = Duration::from_millis(10);

/// One frame in so many is held up on a line that jitters.
const JITTERS: u64 = 8;

/// A step with what it sounds like.
pub(super) struct Ready {
    pub(super) step: Step,
    pub(super) act: Act,
    pub(super) utterance: Option<Utterance>,
}

/// A step that was taken. Times are ms from the start of the call.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    /// What it counts as.
    pub(super) kind: Option<Kind>,
    /// Its line in the file.
    pub(super) line: usize,
    /// What was done, for people.
    pub(super) what: String,
    /// What the ear is to hear of it.
    pub(super) heard: String,
    /// Whether it sounded.
    pub(super) is_voice: bool,
    /// First audible sample.
    pub(super) from_ms: u64,
    /// End of the last audible one.
    pub(super) to_ms: u64,
}

/// How a stream ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// The caller hung up, or had been on the line long enough.
    Caller,
    /// The server closed it.
    Server,
    /// It broke, as the scenario wanted.
    Lost,
    /// The operator transferred the caller; the server closes next.
    Transfer(String),
}

/// What lasts longer than a stream.
pub(super) struct Caller {
    pub(super) plan: Plan,
    pub(super) waiting: VecDeque<Ready>,
    pub(super) taken: Vec<Taken>,
    /// Lines of steps that waited in vain.
    pub(super) in_vain: Vec<usize>,
    pub(super) world: World,
    pub(super) room: Room,
    pub(super) conditions: LineConditions,
    pub(super) dice: Dice,
    /// Time zero of the call.
    pub(super) zero: Instant,
    /// When he hangs up whatever happens.
    pub(super) until: Instant,
    /// How late frames were sent for no fault of the scenario, ms.
    pub(super) late_ms: Vec<f64>,
    /// Whether frames are late since the scenario holds them up.
    is_held_up: bool,
    /// Words that have not begun: the stream's first sample of each.
    beginning: VecDeque<(usize, String)>,
    /// Words that are not over: the stream's sample behind each.
    ending: VecDeque<usize>,
    /// Up to where the track was searched for awaited words.
    searched: usize,
}

impl Caller {
    pub(super) fn new(
        plan: Plan,
        waiting: VecDeque<Ready>,
        world: World,
        conditions: LineConditions,
        room: Room,
        dice: Dice,
        limit: Duration,
    ) -> Self {
        let zero = Instant::now();
        Self {
            plan,
            waiting,
            taken: Vec::new(),
            in_vain: Vec::new(),
            world,
            room,
            conditions,
            dice,
            zero,
            until: zero + limit,
            late_ms: Vec::new(),
            is_held_up: false,
            beginning: VecDeque::new(),
            ending: VecDeque::new(),
            searched: 0,
        }
    }

    /// Begins a stream that is open.
    ///
    /// # Errors
    /// The connection is gone.
    pub(super) async fn begin(&mut self, line: &mut LineClient) -> Result<(), SocketError> {
        self.beginning.clear();
        // Of a word that broke off with the stream nobody hears the rest.
        self.ending.drain(..).for_each(|_| self.world.word_ended(Instant::now()));
        self.searched = 0;
        let share = self.conditions.lose_marks;
        if share > 0.0 {
            let mut dice = self.dice.split();
            line.lose_marks(move |_| (dice.below(1_000) as f64) < share * 1_000.0);
        }
        line.begin().await
    }

    /// Holds a stream until it ends, or until an operator is to act.
    ///
    /// # Errors
    /// The connection was lost, which the scenario did not want.
    pub(super) async fn hold(&mut self, line: &mut LineClient) -> Result<End, SocketError> {
        loop {
            let due = line.frame_due();
            while let Some(news) = line.next(due).await {
                match news {
                    LineNews::Closed(_) => return Ok(End::Server),
                    LineNews::Ear(EarLogEntry { at_ms, event }) => self.hear(line, at_ms, &event),
                    LineNews::Message { .. } | LineNews::Violation(_) => {}
                }
            }
            if line.closing().is_some() {
                return Ok(End::Server);
            }
            self.watch_the_clock(due.elapsed());
            self.jitter().await;
            self.send(line).await?;
            if let Some(end) = self.step(line).await? {
                return Ok(end);
            }
        }
    }

    /// Time of the call at the stream's so many ms.
    fn time(&self, line: &LineClient, at_ms: u64) -> u64 {
        let start = line.started_at().saturating_duration_since(self.zero);
        start.as_millis() as u64 + at_ms
    }

    fn hear(&mut self, line: &LineClient, at_ms: u64, event: &EarEvent) {
        match event {
            EarEvent::AgentBegan => self.plan.agent_began(self.time(line, at_ms)),
            EarEvent::AgentFinished { last_audible_ms } => {
                self.plan.agent_finished(self.time(line, *last_audible_ms));
            }
            EarEvent::MarkQueued { .. }
            | EarEvent::MarkPlayed { .. }
            | EarEvent::MarkCleared { .. }
            | EarEvent::Cleared { .. }
            | EarEvent::Underrun { .. }
            | EarEvent::Overflow { .. } => {}
        }
    }

    /// Notes how late a frame is, unless the scenario wanted it.
    fn watch_the_clock(&mut self, late: Duration) {
        self.is_held_up &= late >= CATCHES_UP;
        if !self.is_held_up {
            self.late_ms.push(late.as_secs_f64() * 1_000.0);
        }
    }

    async fn jitter(&mut self) {
        let most = self.conditions.jitter_ms;
        if most > 0 && self.dice.below(JITTERS) == 0 {
            self.is_held_up = true;
            tokio::time::sleep(Duration::from_millis(self.dice.below(most))).await;
        }
    }

    async fn send(&mut self, line: &mut LineClient) -> Result<(), SocketError> {
        let room = &mut self.room;
        let suppresses = self.conditions.suppress_silence;
        let frame = line.send_frame_in(|frame, ear| room.add(frame, ear.heard()), suppresses).await?;
        let sent = line.sent().len();
        while self.beginning.front().is_some_and(|(at, _)| *at < sent) {
            if let Some((_, word)) = self.beginning.pop_front() {
                self.world.word_began(word, Instant::now());
            }
        }
        while self.ending.front().is_some_and(|at| *at <= sent) {
            self.ending.pop_front();
            self.world.word_ended(Instant::now());
        }
        if frame.is_last {
            let now = self.time(line, (sent / BYTES_PER_MS) as u64);
            self.plan.over(now);
        }
        Ok(())
    }

    /// Takes the next step if it is due.
    async fn step(&mut self, line: &mut LineClient) -> Result<Option<End>, SocketError> {
        let now = Instant::now();
        if now >= self.until {
            line.hang_up(CLOSING).await?;
            return Ok(Some(End::Caller));
        }
        let words_at = self.words_at(line);
        let now = now.saturating_duration_since(self.zero).as_millis() as u64;
        let due = self.plan.due(now, words_at);
        if due == Due::NotYet {
            return Ok(None);
        }
        let Some(ready) = self.waiting.pop_front() else {
            line.hang_up(CLOSING).await?;
            return Ok(Some(End::Caller));
        };
        if due == Due::InVain {
            self.in_vain.push(ready.step.line);
        }
        self.plan.begin(now);
        self.take(line, ready, now).await
    }

    async fn take(
        &mut self,
        line: &mut LineClient,
        ready: Ready,
        now: u64,
    ) -> Result<Option<End>, SocketError> {
        let Ready { step, act, utterance } = ready;
        let mut taken = Taken {
            kind: step.counts_as,
            line: step.line,
            what: act.to_string(),
            heard: act.heard().to_owned(),
            is_voice: utterance.is_some(),
            from_ms: now,
            to_ms: now,
        };
        if let Some(utterance) = utterance {
            // Nobody begins at the border of a frame.
            let lead_in = self.dice.below(160) as usize;
            let at = line.sent().len() + lead_in;
            let time = |sample: usize| self.time(line, ((at + sample) / BYTES_PER_MS) as u64);
            (taken.from_ms, taken.to_ms) = (time(utterance.audible.0), time(utterance.audible.1));
            for Word { word, from, to } in utterance.words {
                self.beginning.push_back((at + from, word));
                self.ending.push_back(at + to);
            }
            line.mouth().say(&[vec![0; lead_in], clipped(&utterance.samples)].concat());
            self.taken.push(taken);
            return Ok(None);
        }
        let end = match act {
            Act::Presses(keys) => {
                // 240 ms a key.
                taken.to_ms = now + 240 * (keys.len() as u64).saturating_sub(1);
                line.mouth().press(&keys);
                self.taken.push(taken);
                return Ok(None);
            }
            Act::HangsUp => {
                line.hang_up(CLOSING).await?;
                Some(End::Caller)
            }
            Act::Stalls(ms) => {
                self.is_held_up = true;
                tokio::time::sleep(Duration::from_millis(ms)).await;
                None
            }
            Act::DropsStream => Some(End::Lost),
            Act::IsTransferred(number) => Some(End::Transfer(number)),
            Act::Says { .. } | Act::Plays { .. } | Act::Sounds { .. } | Act::Waits => None,
        };
        self.taken.push(taken);
        self.plan.over(self.zero.elapsed().as_millis() as u64);
        Ok(end)
    }

    /// When the words that the next step waits for were heard.
    fn words_at(&mut self, line: &LineClient) -> Option<u64> {
        let Some(When::AfterWords { words, .. }) = self.plan.next() else { return None };
        let sound = self.world.find_words(words)?;
        let track = line.ear().heard();
        let end = truth::find_end(&sound, track, self.searched);
        if end.is_none() {
            self.searched = track.len().saturating_sub(sound.len());
        }
        end.map(|sample| self.time(line, (sample / BYTES_PER_MS) as u64))
    }
}
