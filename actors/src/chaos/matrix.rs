//! A panic in each stage in each state of a call: what the caller hears of it.
//!
//! Each cell of the table is the worst of five places within its state, against the same call without a fault.
//! `cargo test -p moked-actors --lib chaos::matrix -- --nocapture` prints it.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use moked_core::conversation::Remark;
use moked_core::ports::{AfterTurn, CallerSaid, ChatTurn};
use moked_core::restart::Child;

use super::{Answer, Heard, SpellingVoice, TimedConversation, TimedEars, TimedMind, heard};
use crate::call::now;
use crate::host::{CallHost, Engines};
use crate::messages::CallEnd;
use crate::rig::{Rig, plain_host};

/// All that the agent says. No word is part of another.
const WORDS: [&str; 21] = [
    "alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet", "kilo",
    "lima", "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango", "uniform",
];

fn answer(turn: &ChatTurn) -> Answer {
    match &turn.said {
        CallerSaid::Nothing => Answer(vec!["Alpha bravo charlie."], AfterTurn::Listen),
        CallerSaid::Words(_) | CallerSaid::Spoken => Answer(
            vec!["Delta echo foxtrot golf. ", "Hotel india juliet kilo. ", "Lima mike november oscar."],
            AfterTurn::Listen,
        ),
        CallerSaid::Digits(_) => {
            Answer(vec!["Papa quebec romeo. ", "Sierra tango uniform."], AfterTurn::HangUp)
        }
        CallerSaid::Unclear | CallerSaid::Silence | CallerSaid::Resumed => {
            Answer(vec!["What?"], AfterTurn::Listen)
        }
    }
}

/// When the caller speaks, and when he presses keys, in ms from the start of the call.
const SPEECH: (u64, u64) = (2_000, 3_000);
const KEYS: u64 = 10_000;

/// Silence after which speech is over, in ms, less a frame.
const HANGOVER: u64 = 430;

/// A state of the call, and five times within it, in ms from its start.
struct Place {
    state: &'static str,
    times: [u64; 5],
}

impl Place {
    fn new(state: &'static str, from: u64, to: u64) -> Self {
        let step = (to - from) / 4;
        Self { state, times: [from, from + step, from + 2 * step, from + 3 * step, to] }
    }
}

/// Where a fault may fall in a call that changed its state at these times.
fn places(changes: &[(u64, String)]) -> Vec<Place> {
    let at = |place: usize| changes[place].0;
    let (listens, thinks, speaks, over) = (at(2), at(3), at(4), at(5));
    let (closing, end) = (at(7), at(8));
    let heard = SPEECH.1 + HANGOVER;
    let mut places = vec![
        Place::new("LISTENING, before speech", listens + 20, SPEECH.0),
        Place::new("LISTENING, in mid-utterance", SPEECH.0 + 70, SPEECH.1 - 10),
        Place::new("LISTENING, in the silence after", SPEECH.1 + 10, heard),
    ];
    if thinks > heard + 100 {
        places.push(Place::new("LISTENING, awaiting the words", heard + 50, thinks - 20));
    }
    places.extend([
        Place::new("THINKING", thinks + 10, speaks - 20),
        Place::new("SPEAKING, first sentence", speaks + 10, speaks + 1_250),
        Place::new("SPEAKING, mid", speaks + 1_300, over - 400),
        Place::new("SPEAKING, last frames", over - 250, over - 15),
        Place::new("SPEAKING, closing words", closing + 10, end - 20),
    ]);
    places
}

fn three_hops() -> Arc<CallHost> {
    let base = plain_host();
    let engines = Engines {
        hearing: Some(Arc::new(TimedEars::default())),
        thinking: Arc::new(TimedMind::new(answer)),
        speaking: Arc::new(SpellingVoice::default()),
        ..base.engines.clone()
    };
    Arc::new(CallHost { engines, ..CallHost::clone(&base) })
}

fn one_hop() -> Arc<CallHost> {
    let base = three_hops();
    let conversing = TimedConversation { answers: answer, mishaps: Default::default() };
    let engines = Engines { conversing: Some(Arc::new(conversing)), ..base.engines.clone() };
    Arc::new(CallHost { engines, ..CallHost::clone(&base) })
}

/// What came of a call.
struct Run {
    began: Instant,
    heard: Heard,
    caller: Vec<String>,
    end: Option<CallEnd>,
    left: usize,
    state: String,
}

async fn sleep_until(began: Instant, ms: u64) {
    tokio::time::sleep_until((began + Duration::from_millis(ms)).into()).await;
}

/// One call, with a panic of a stage at a time.
async fn run(host: Arc<CallHost>, fault: Option<(Child, u64)>, how: fn(&Rig, Child)) -> Run {
    let call = Rig::call(&host, "1");
    let began = now();
    let killer = async {
        let Some((child, at)) = fault else { return "none".to_owned() };
        sleep_until(began, at).await;
        // Before the fault falls, or the state is one that follows from it.
        let state = call.state().await;
        how(&call, child);
        state
    };
    let (state, ()) = tokio::join!(killer, talk(&call, began));
    let heard = heard(&call);
    let end = host.registry.last_end(&call.call_sid);
    if end.is_none() {
        call.hang_up();
        call.wait(100).await;
    }
    let ended = host.registry.ended();
    let remarks = ended.first().map(|ended| ended.conversation.clone()).unwrap_or_default();
    let said = remarks.iter().filter_map(|remark| match remark {
        Remark::Caller { text } => Some(text.clone()),
        Remark::Agent { .. } => None,
    });
    let (caller, left) = (said.collect(), host.registry.live_actors());
    Run { began, heard, caller, end, left, state }
}

/// When a call without a fault changes its state, and to what.
async fn changes(host: Arc<CallHost>) -> Vec<(u64, String)> {
    let call = Rig::call(&host, "1");
    let began = now();
    let watch = async {
        let mut changes: Vec<(u64, String)> = Vec::new();
        for at in (0..14_000).step_by(10) {
            sleep_until(began, at).await;
            let state = call.state().await;
            if changes.last().is_none_or(|(_, last)| *last != state) {
                changes.push((at, state));
            }
        }
        changes
    };
    tokio::join!(watch, talk(&call, began)).0
}

/// What the caller does.
async fn talk(call: &Rig, began: Instant) {
    sleep_until(began, SPEECH.0).await;
    call.speak(SPEECH.1 - SPEECH.0, KEYS - SPEECH.1 - 500).await;
    sleep_until(began, KEYS).await;
    call.press("9");
    call.press("#");
    call.speak(0, 12_000).await;
}

/// What a fault cost, at worst.
#[derive(Debug, Clone, Default)]
struct Cost {
    added_ms: Vec<u64>,
    lost: usize,
    repeated: usize,
    caller_lost: usize,
    left: usize,
    cut: usize,
}

impl Cost {
    fn add(&mut self, control: &Run, run: &Run) {
        let (before, after) = (control.heard.words(&WORDS), run.heard.words(&WORDS));
        let mut added = 0;
        for (word, place) in &before {
            match after.get(word) {
                None => self.lost += 1,
                Some(found) => {
                    let due = place.first.duration_since(control.began);
                    let late = found.first.duration_since(run.began).saturating_sub(due);
                    added = added.max(late.as_millis() as u64);
                    self.repeated = self.repeated.max(found.times - 1);
                }
            }
        }
        self.added_ms.push(added);
        self.caller_lost += usize::from(run.caller != control.caller);
        self.left += run.left;
        self.cut += usize::from(run.end != control.end);
    }

    /// The largest of so few is their 95th percentile.
    fn p95(&self) -> u64 {
        self.added_ms.iter().copied().max().unwrap_or_default()
    }

    fn misses(&self) -> bool {
        self.p95() > 1_000 || self.lost + self.caller_lost + self.left + self.cut > 0 || self.repeated > 1
    }
}

impl fmt::Display for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lost, repeated, caller_lost, left, cut, .. } = self;
        write!(f, "{:>6} {lost:>5} {repeated:>5} {caller_lost:>7} {left:>6} {cut:>4}", self.p95())
    }
}

async fn table(make: fn() -> Arc<CallHost>, children: &[Child], how: fn(&Rig, Child)) -> Vec<(String, Cost)> {
    let control = run(make(), None, how).await;
    assert_eq!(control.end, Some(CallEnd::AgentHungUp), "{}", control.heard.text());
    assert_eq!(control.heard.words(&WORDS).len(), WORDS.len(), "{}", control.heard.text());
    let changes = changes(make()).await;
    let last = control.heard.last().map(|at| at.duration_since(control.began));
    println!("without a fault: {:?}, {:?}, last letter at {last:?}", control.heard.text(), control.caller);
    println!("{:8} {:33} added  lost again caller's leaked goodbye", "panic in", "while");
    let mut cells = Vec::new();
    for &child in children {
        for place in places(&changes) {
            let mut cost = Cost::default();
            for at in place.times {
                let run = run(make(), Some((child, at)), how).await;
                assert!(place.state.starts_with(&run.state), "{} at {at} ms: {}", place.state, run.state);
                cost.add(&control, &run);
                if std::env::var_os("MOKED_CHAOS_DETAIL").is_some() {
                    println!("  at {at}: {:?} {:?} {:?}", run.heard.text(), run.caller, run.end);
                }
            }
            let name = format!("{child:?}");
            println!("{name:8} {:33}{cost}", place.state);
            cells.push((format!("{name} {}", place.state), cost));
        }
    }
    cells
}

fn missed(cells: Vec<(String, Cost)>, misses: fn(&Cost) -> bool) -> Vec<String> {
    let missed = cells.iter().filter(|(_, cost)| misses(cost));
    missed.map(|(place, cost)| format!("{place}: {cost}")).collect()
}

#[actix_rt::test]
async fn a_panic_in_any_stage_in_any_state_costs_no_word_and_a_second_at_most() {
    tokio::time::pause();
    let children = [Child::Stt, Child::Dialog, Child::Tts, Child::Pacer];
    let missed = missed(table(three_hops, &children, Rig::kill).await, Cost::misses);
    assert!(missed.is_empty(), "{missed:#?}");
}

#[actix_rt::test]
async fn a_panic_in_a_one_hop_call_costs_no_word_and_a_second_at_most() {
    tokio::time::pause();
    let children = [Child::OneHop, Child::Stt, Child::Dialog, Child::Pacer];
    let missed = missed(table(one_hop, &children, Rig::kill).await, Cost::misses);
    assert!(missed.is_empty(), "{missed:#?}");
}

/// What is lost then is the rest of an answer that the engine had not told, or of audio that nobody else has.
#[actix_rt::test]
async fn a_panic_in_an_engine_costs_no_word_of_the_caller_and_no_actor() {
    tokio::time::pause();
    let children = [Child::Dialog, Child::Pacer];
    let mut cells = table(three_hops, &children, Rig::kill_with_engine).await;
    cells.extend(table(one_hop, &[Child::OneHop, Child::Pacer], Rig::kill_with_engine).await);
    let missed =
        missed(cells, |cost| cost.p95() > 1_000 || cost.repeated > 1 || cost.caller_lost + cost.left > 0);
    assert!(missed.is_empty(), "{missed:#?}");
}
