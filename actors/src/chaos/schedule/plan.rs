//! What a seed stands for: a caller, and what befalls his call.

use moked_core::ports::{AfterTurn, CallerSaid, ChatTurn};
use moked_core::restart::Child;

use crate::chaos::Answer;
use crate::chaos::engines::Mishap;

/// SplitMix64 (Steele, Lea, Flood 2014): small, and good enough to throw dice with.
#[derive(Debug, Clone)]
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.roll() % (high - low)
    }

    pub(super) fn one_in(&mut self, count: u64) -> bool {
        self.roll().is_multiple_of(count)
    }
}

/// What the caller does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// Waits for so many ms of silence after the agent's words, then says so many words.
    Speak { after_ms: u64, words: u64 },
    /// Cuts in when he has heard so many ms of the agent.
    CutIn { after_ms: u64, words: u64 },
    /// Presses so many keys at once, and `#`.
    Keys { after_ms: u64, count: u64 },
    /// Is cut off: after so many ms of the agent's words, or of silence; the line is half open for a while, then known
    /// to be dead for a while.
    Lose { heard_ms: u64, half_open_ms: u64, down_ms: u64 },
}

/// What befalls the call besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    Kill(Child),
    KillWithEngine(Child),
    /// The socket takes nothing for so many ms.
    Block(u64),
}

/// How much a schedule is allowed to cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Nothing but what the module says.
    Forgiven,
    /// Engines fail too, so that words may be lost, but not the call.
    Repaired,
    /// One stage fails until its budget is spent.
    Spent(Child),
}

/// A schedule.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    pub(super) class: Class,
    pub(super) is_one_hop: bool,
    pub(super) acts: Vec<Act>,
    pub(super) says_goodbye: bool,
    /// Faults, in ms from the start of the call, earliest first.
    pub(super) faults: Vec<(u64, Fault)>,
    pub(super) ears: Vec<Option<Mishap>>,
    pub(super) mind: Vec<Option<Mishap>>,
    pub(super) voice: Vec<Option<Mishap>>,
}

/// Time in which faults fall, ms.
const SPAN: u64 = 16_000;

/// Between two failures of one stage in a schedule that is to be forgiven, ms: longer than any turn.
const APART: u64 = 8_000;

impl Plan {
    pub(super) fn of(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let is_one_hop = dice.one_in(4);
        let class = match dice.between(0, 10) {
            0 => Class::Spent(stages(is_one_hop)[dice.between(0, 4) as usize]),
            1..4 => Class::Repaired,
            _ => Class::Forgiven,
        };
        let acts = acts(&mut dice, class);
        let mut plan = Self {
            class,
            is_one_hop,
            acts,
            says_goodbye: dice.one_in(2),
            faults: Vec::new(),
            ears: Vec::new(),
            mind: Vec::new(),
            voice: Vec::new(),
        };
        plan.befall(&mut dice);
        plan
    }

    fn befall(&mut self, dice: &mut Dice) {
        // Two failures behind one answer are one too many, so in a call that is to be forgiven either the voice fails
        // or the clock is lost.
        let clock_is_lost = !self.is_one_hop && dice.one_in(2);
        for child in stages(self.is_one_hop) {
            if self.class == Class::Forgiven && clock_is_lost && child == Child::Tts {
                continue;
            }
            let mut at = dice.between(0, SPAN);
            while at < SPAN {
                let with_engine = match (self.class, child) {
                    (Class::Forgiven, Child::Pacer) => clock_is_lost,
                    (Class::Forgiven, _) => false,
                    (Class::Repaired | Class::Spent(_), _) => dice.one_in(2),
                };
                let fault = if with_engine { Fault::KillWithEngine(child) } else { Fault::Kill(child) };
                self.faults.push((at, fault));
                at += dice.between(APART, 3 * APART);
            }
        }
        // The caller takes a hole for the end of an answer, so that conversation is another.
        if self.class != Class::Forgiven && dice.one_in(3) {
            self.faults.push((dice.between(0, SPAN), Fault::Block(dice.between(100, 12_000))));
        }
        match self.class {
            Class::Forgiven => {}
            Class::Repaired => {
                for mishaps in [&mut self.ears, &mut self.mind, &mut self.voice] {
                    *mishaps = (0..8).map(|_| mishap(dice)).collect();
                }
            }
            Class::Spent(child) => {
                let begin = dice.between(0, SPAN);
                self.faults.extend((0..6).map(|place| (begin + 400 * place, Fault::Kill(child))));
            }
        }
        self.faults.sort_by_key(|(at, _)| *at);
    }
}

fn stages(is_one_hop: bool) -> [Child; 4] {
    let voice = if is_one_hop { Child::OneHop } else { Child::Tts };
    [Child::Stt, Child::Dialog, voice, Child::Pacer]
}

fn acts(dice: &mut Dice, class: Class) -> Vec<Act> {
    let mut acts: Vec<Act> = (0..dice.between(1, 4)).map(|_| act(dice, class)).collect();
    // Of the greeting, which is short, and of an answer broken by the line he hears the end first: with a part of it
    // said twice he would cut into what was over in the control run.
    for place in 0..acts.len() {
        let is_broken = place == 0 || matches!(acts[place - 1], Act::Lose { .. });
        if let (true, Act::CutIn { words, .. }) = (is_broken, acts[place]) {
            acts[place] = Act::Speak { after_ms: 1_800, words };
        }
    }
    acts
}

fn act(dice: &mut Dice, class: Class) -> Act {
    let after_ms = dice.between(1_500, 2_500);
    match dice.between(0, 8) {
        0..3 => Act::Speak { after_ms, words: dice.between(1, 5) },
        3 | 4 => Act::CutIn { after_ms: dice.between(800, 950), words: dice.between(1, 5) },
        5 => Act::Keys { after_ms, count: dice.between(1, 6) },
        _ => {
            let half_open_ms = if dice.one_in(2) { dice.between(0, 3_000) } else { 0 };
            let longest = if class == Class::Forgiven { 3_000 } else { 8_000 };
            let (heard_ms, down_ms) = (dice.between(0, 3_000), dice.between(50, longest));
            Act::Lose { heard_ms, half_open_ms, down_ms }
        }
    }
}

fn mishap(dice: &mut Dice) -> Option<Mishap> {
    match dice.between(0, 10) {
        0 => Some(Mishap::Fails),
        1 => Some(Mishap::Stalls),
        2 => Some(Mishap::Late(dice.between(100, 6_000))),
        _ => None,
    }
}

/// What the agent says to mend something.
pub(super) const REPAIRS: [&str; 3] = ["What was that?", "Back again.", "Sorry, I did not get that."];

/// The agent's answers.
pub(super) fn answer(turn: &ChatTurn) -> Answer {
    let listen = |pieces| Answer(pieces, AfterTurn::Listen);
    match &turn.said {
        CallerSaid::Nothing => listen(vec!["Alpha bravo charlie."]),
        CallerSaid::Words(words) if words.len() > 6 => {
            listen(vec!["Delta echo foxtrot golf. ", "Hotel india juliet."])
        }
        CallerSaid::Words(_) | CallerSaid::Spoken => listen(vec!["Lima mike ", "november oscar. Kilo."]),
        CallerSaid::Digits(keys) if keys == "000" => Answer(vec!["Papa quebec romeo."], AfterTurn::HangUp),
        CallerSaid::Digits(_) => listen(vec!["Sierra tango. ", "Uniform victor whiskey."]),
        CallerSaid::Resumed => listen(vec![REPAIRS[1]]),
        CallerSaid::Unclear | CallerSaid::Silence => listen(vec![REPAIRS[0]]),
    }
}
