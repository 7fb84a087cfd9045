//! A mind that answers what the scenario says.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moked_core::hints::{RecognitionHints, SlotKind};
use moked_core::ids::TurnId;
use moked_core::ports::{
    AfterTurn, CallerSaid, ChatEvent, ChatModel, ChatRequest, ChatSession, ChatTurn, Sink,
};

use crate::bench::stubs::Later;
use crate::eval::scenario::{Answer, Pace};
use crate::eval::world::{World, bare};

/// The answers of a scenario, and which of them were given.
#[derive(Clone)]
pub(super) struct Script {
    greeting: String,
    answers: Arc<[Answer]>,
    given: Arc<Mutex<Vec<usize>>>,
    world: World,
}

/// What to say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) says: String,
    pub(super) after_ms: Option<u64>,
    pub(super) asks_for: Option<SlotKind>,
    pub(super) hangs_up: bool,
}

impl Line {
    pub(super) fn then(&self) -> AfterTurn {
        if self.hangs_up { AfterTurn::HangUp } else { AfterTurn::Listen }
    }

    pub(super) fn hints(&self) -> RecognitionHints {
        RecognitionHints { kinds: self.asks_for.into_iter().collect(), ..RecognitionHints::default() }
    }
}

impl Script {
    pub(super) fn new(greeting: &str, answers: &[Answer], world: World) -> Self {
        let (greeting, answers) = (greeting.to_owned(), answers.into());
        Self { greeting, answers, given: Arc::default(), world }
    }

    /// What is said to this, and the place of an answer that is given once.
    pub(super) fn answer(&self, said: &str) -> (Line, Option<usize>) {
        if said == START {
            return (Line { says: self.greeting.clone(), ..Line::default() }, None);
        }
        let line = |answer: &Answer| Line {
            says: answer.says.clone(),
            after_ms: answer.after_ms,
            asks_for: answer.asks_for,
            hangs_up: answer.hangs_up,
        };
        let fits = |answer: &&Answer| answer.to.as_ref().is_some_and(|to| contains(said, to));
        if let Some(answer) = self.answers.iter().find(fits) {
            return (line(answer), None);
        }
        let mut given = self.given.lock().unwrap_or_else(PoisonError::into_inner);
        let open = |(place, answer): &(usize, &Answer)| answer.to.is_none() && !given.contains(place);
        match self.answers.iter().enumerate().find(open) {
            Some((place, answer)) => {
                given.push(place);
                (line(answer), Some(place))
            }
            None => {
                self.world.has_no_answer(said.to_owned());
                (Line::default(), None)
            }
        }
    }

    /// The answer was not given after all.
    pub(super) fn take_back(&self, place: usize) {
        self.given.lock().unwrap_or_else(PoisonError::into_inner).retain(|given| *given != place);
    }
}

/// What the beginning of a call is called.
const START: &str = "[start]";

/// What the caller did, in the words of a scenario.
pub(super) fn in_words(said: &CallerSaid) -> String {
    match said {
        CallerSaid::Nothing => START.to_owned(),
        CallerSaid::Words(words) => words.clone(),
        CallerSaid::Spoken => "[spoken]".to_owned(),
        CallerSaid::Digits(keys) => format!("[keys {keys}]"),
        CallerSaid::Unclear => "[unclear]".to_owned(),
        CallerSaid::Silence => "[silence]".to_owned(),
        CallerSaid::Resumed => "[resumed]".to_owned(),
    }
}

/// Whether the words of `part` stand in `said`, one after the other.
fn contains(said: &str, part: &str) -> bool {
    let words = |text: &str| text.split_whitespace().map(bare).collect::<Vec<_>>();
    let (said, part) = (words(said), words(part));
    !part.is_empty() && said.windows(part.len()).any(|window| window == part)
}

/// The mind.
#[derive(Clone)]
pub(super) struct EvalMind {
    script: Script,
    pace: Pace,
    later: Arc<dyn Later>,
}

impl EvalMind {
    pub(super) fn new(script: Script, pace: Pace, later: Arc<dyn Later>) -> Self {
        Self { script, pace, later }
    }
}

/// Turns under way, each with the place of its answer if that is given once.
type Thoughts = Arc<Mutex<BTreeSet<(TurnId, Option<usize>)>>>;

struct Session {
    mind: EvalMind,
    events: Sink<ChatEvent>,
    thinking: Thoughts,
}

impl ChatModel for EvalMind {
    fn name(&self) -> &'static str {
        "eval"
    }

    fn open(&self, _: ChatRequest, events: Sink<ChatEvent>) -> Box<dyn ChatSession> {
        Box::new(Session { mind: self.clone(), events, thinking: Arc::default() })
    }
}

impl ChatSession for Session {
    fn think(&mut self, turn: ChatTurn) {
        let (line, place) = self.mind.script.answer(&in_words(&turn.said));
        let thought = (turn.turn, place);
        let (events, thinking) = (self.events.clone(), Arc::clone(&self.thinking));
        thinking.lock().unwrap_or_else(PoisonError::into_inner).insert(thought);
        let delay = Duration::from_millis(line.after_ms.unwrap_or(self.mind.pace.mind_ms));
        let job = move || {
            let turn = thought.0;
            if !thinking.lock().unwrap_or_else(PoisonError::into_inner).remove(&thought) {
                return;
            }
            for delta in line.says.split_inclusive(' ').map(str::to_owned) {
                events.send(ChatEvent::Text { turn, delta });
            }
            events.send(ChatEvent::Expect { turn, hints: line.hints() });
            events.send(ChatEvent::Done { turn, then: line.then() });
        };
        self.mind.later.after(delay, Box::new(job));
    }

    fn cancel(&mut self, turn: TurnId) {
        let mut thinking = self.thinking.lock().unwrap_or_else(PoisonError::into_inner);
        let dead: Vec<_> = thinking.iter().filter(|(of, _)| *of == turn).copied().collect();
        for thought in dead {
            thinking.remove(&thought);
            if let Some(place) = thought.1 {
                self.mind.script.take_back(place);
            }
        }
    }
}

impl fmt::Debug for EvalMind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EvalMind").field("pace", &self.pace).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(to: Option<&str>, says: &str) -> Answer {
        let (to, says) = (to.map(str::to_owned), says.to_owned());
        Answer { to, says, after_ms: None, asks_for: None, hangs_up: false }
    }

    #[test]
    fn an_answer_to_words_is_given_whenever_they_come_and_others_in_order() {
        let world = World::default();
        let answers = [answer(None, "one"), answer(Some("די"), "stopped"), answer(None, "two")];
        let script = Script::new("hello", &answers, world.clone());
        let says = |said: &str| script.answer(said).0.says;
        assert_eq!(says("[start]"), "hello");
        assert_eq!(says("נו די, מספיק"), "stopped");
        assert_eq!(says("anything"), "one");
        assert_eq!(says("דיה"), "two");
        assert_eq!(says("more"), "");
        assert_eq!(world.unscripted(), ["more"]);
        script.take_back(0);
        assert_eq!(says("more"), "one");
    }
}
