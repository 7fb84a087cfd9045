//! A mind whose answers are written down.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex};

use moked_core::hints::RecognitionHints;
use moked_core::ids::TurnId;
use moked_core::ports::{
    AfterTurn, ChatEvent, ChatModel, ChatRequest, ChatSession, ChatTurn, ProviderFault, Sink,
};

use super::{lock, next};

/// What happens in one turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Thinking {
    /// The answer comes in these pieces; then what to expect, if given; then `Done`.
    Says {
        /// Pieces of the answer, joined without a separator.
        deltas: Vec<String>,
        /// What the caller will probably say next.
        expect: Option<RecognitionHints>,
        /// What follows once the answer was heard.
        then: AfterTurn,
    },
    /// These pieces come, then a failure in these words.
    Fails {
        /// Pieces before the failure.
        deltas: Vec<String>,
        /// The failure's words.
        why: String,
    },
    /// Nothing comes, ever: an engine that hangs.
    Stalls,
}

impl Thinking {
    /// An answer in one piece, after which the caller speaks.
    pub fn says(text: impl Into<String>) -> Self {
        Self::Says { deltas: vec![text.into()], expect: None, then: AfterTurn::Listen }
    }
}

type Answers = dyn Fn(&ChatTurn) -> Thinking + Send + Sync;

/// A mind that records every turn it was given.
#[derive(Clone)]
pub struct ScriptedMind {
    answers: Arc<Answers>,
    asked: Arc<Mutex<Vec<ChatTurn>>>,
    cancelled: Arc<Mutex<Vec<TurnId>>>,
    committed: Arc<Mutex<Vec<TurnId>>>,
    speculates: bool,
}

impl ScriptedMind {
    /// A mind with a script, one step a turn, whichever call it is in. After its end turns fail.
    pub fn new(script: impl IntoIterator<Item = Thinking>) -> Self {
        let script: Mutex<VecDeque<Thinking>> = Mutex::new(script.into_iter().collect());
        Self::answering(move |_| {
            let why = "the script has ended".to_owned();
            next(&script).unwrap_or(Thinking::Fails { deltas: Vec::new(), why })
        })
    }

    /// A mind that answers by a function of the turn.
    pub fn answering(answers: impl Fn(&ChatTurn) -> Thinking + Send + Sync + 'static) -> Self {
        let (asked, cancelled, committed) = Default::default();
        Self { answers: Arc::new(answers), asked, cancelled, committed, speculates: false }
    }

    /// The same mind, which also answers on a guess: it says at once what it would say to a turn.
    #[must_use]
    pub fn speculating(self) -> Self {
        Self { speculates: true, ..self }
    }

    /// The turns it was given, in order, over all calls.
    pub fn asked(&self) -> Vec<ChatTurn> {
        lock(&self.asked).clone()
    }

    /// The turns that were begun on a guess and committed, in order, over all calls.
    pub fn committed(&self) -> Vec<TurnId> {
        lock(&self.committed).clone()
    }

    /// The turns that were cancelled, in order, over all calls.
    pub fn cancelled(&self) -> Vec<TurnId> {
        lock(&self.cancelled).clone()
    }
}

impl fmt::Debug for ScriptedMind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedMind").field("asked", &self.asked).finish_non_exhaustive()
    }
}

impl ChatModel for ScriptedMind {
    fn name(&self) -> &'static str {
        "scripted"
    }

    fn open(&self, _request: ChatRequest, events: Sink<ChatEvent>) -> Box<dyn ChatSession> {
        Box::new(Session { mind: self.clone(), events })
    }
}

struct Session {
    mind: ScriptedMind,
    events: Sink<ChatEvent>,
}

impl Session {
    fn say(&self, turn: TurnId, deltas: Vec<String>) {
        for delta in deltas {
            self.events.send(ChatEvent::Text { turn, delta });
        }
    }
}

impl ChatSession for Session {
    fn think(&mut self, turn: ChatTurn) {
        let number = turn.turn;
        let thinking = (self.mind.answers)(&turn);
        lock(&self.mind.asked).push(turn);
        match thinking {
            Thinking::Says { deltas, expect, then } => {
                self.say(number, deltas);
                if let Some(hints) = expect {
                    self.events.send(ChatEvent::Expect { turn: number, hints });
                }
                self.events.send(ChatEvent::Done { turn: number, then });
            }
            Thinking::Fails { deltas, why } => {
                self.say(number, deltas);
                let error = ProviderFault::Stopped { why };
                self.events.send(ChatEvent::Failed { turn: number, error });
            }
            Thinking::Stalls => {}
        }
    }

    fn speculate(&mut self, turn: ChatTurn) -> bool {
        if self.mind.speculates {
            self.think(turn);
        }
        self.mind.speculates
    }

    fn commit(&mut self, turn: TurnId) {
        lock(&self.mind.committed).push(turn);
    }

    fn cancel(&mut self, turn: TurnId) {
        lock(&self.mind.cancelled).push(turn);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use moked_core::ids::CallSid;
    use moked_core::language::Language;
    use moked_core::ports::CallerSaid;

    use super::*;

    fn think(mind: &ScriptedMind, words: &str) -> Vec<ChatEvent> {
        let (sender, events) = channel();
        let call_sid = CallSid::new("CA1");
        let request = ChatRequest { call_sid, language: Language::English, caller: None };
        let mut session = mind.open(request, Sink::new(move |event| drop(sender.send(event))));
        session.think(ChatTurn {
            turn: TurnId(4),
            said: CallerSaid::Words(words.to_owned()),
            history: Vec::new(),
            now: "2026-11-20T10:00:00".parse().unwrap(),
        });
        events.try_iter().collect()
    }

    #[test]
    fn an_answer_comes_in_its_pieces_and_ends() {
        let deltas = vec!["Hel".to_owned(), "lo.".to_owned()];
        let mind = ScriptedMind::new([Thinking::Says { deltas, expect: None, then: AfterTurn::HangUp }]);
        let turn = TurnId(4);
        assert_eq!(
            think(&mind, "hi"),
            [
                ChatEvent::Text { turn, delta: "Hel".into() },
                ChatEvent::Text { turn, delta: "lo.".into() },
                ChatEvent::Done { turn, then: AfterTurn::HangUp },
            ]
        );
        assert!(matches!(think(&mind, "more")[..], [ChatEvent::Failed { .. }]), "the script has ended");
    }

    #[test]
    fn a_function_may_answer() {
        let mind = ScriptedMind::answering(|turn| match &turn.said {
            CallerSaid::Words(words) => Thinking::says(format!("You said {words}.")),
            CallerSaid::Nothing
            | CallerSaid::Spoken
            | CallerSaid::Digits(_)
            | CallerSaid::Unclear
            | CallerSaid::Silence
            | CallerSaid::Resumed => Thinking::Stalls,
        });
        let delta = "You said rent.".to_owned();
        assert_eq!(think(&mind, "rent")[0], ChatEvent::Text { turn: TurnId(4), delta });
        assert_eq!(mind.asked().len(), 1);
    }
}
