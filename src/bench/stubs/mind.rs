//! A mind with one answer.

use std::fmt;
use std::sync::Arc;

use moked_core::ids::TurnId;
use moked_core::ports::{AfterTurn, ChatEvent, ChatModel, ChatRequest, ChatSession, ChatTurn, Sink};

use super::Later;
use crate::bench::MIND_DELAY;

/// What it says: two sentences, as most answers have.
const ANSWER: &str = "Of course, I can help with that. How many rooms?";

/// The mind.
#[derive(Clone)]
pub(crate) struct StubMind(pub(crate) Arc<dyn Later>);

struct Session {
    later: Arc<dyn Later>,
    events: Sink<ChatEvent>,
}

impl ChatModel for StubMind {
    fn name(&self) -> &'static str {
        "stub"
    }

    fn open(&self, _: ChatRequest, events: Sink<ChatEvent>) -> Box<dyn ChatSession> {
        Box::new(Session { later: Arc::clone(&self.0), events })
    }
}

impl ChatSession for Session {
    fn think(&mut self, turn: ChatTurn) {
        let (events, turn) = (self.events.clone(), turn.turn);
        let answer = move || {
            events.send(ChatEvent::Text { turn, delta: ANSWER.to_owned() });
            events.send(ChatEvent::Done { turn, then: AfterTurn::Listen });
        };
        self.later.after(MIND_DELAY, Box::new(answer));
    }

    /// Nothing to stop: whoever meets a dead turn's text drops it.
    fn cancel(&mut self, _: TurnId) {}
}

impl fmt::Debug for StubMind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StubMind")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use moked_core::ids::CallSid;
    use moked_core::language::Language;
    use moked_core::ports::CallerSaid;

    use super::*;
    use crate::bench::stubs::virtual_time::VirtualTime;

    #[test]
    fn the_answer_comes_whole_a_fixed_time_after_the_turn() {
        let time = VirtualTime::default();
        let (sender, events) = channel();
        let request =
            ChatRequest { call_sid: CallSid::new("CA1"), language: Language::English, caller: None };
        let sink = Sink::new(move |event| drop(sender.send(event)));
        let mut session = StubMind(Arc::new(time.clone())).open(request, sink);
        let turn = TurnId(2);
        let now = "2026-11-20T10:00:00".parse().unwrap();
        session.think(ChatTurn { turn, said: CallerSaid::Nothing, history: Vec::new(), now });
        time.pass(MIND_DELAY - Duration::from_micros(1));
        assert_eq!(events.try_recv().ok(), None);
        time.pass(Duration::from_micros(1));
        let said = [
            ChatEvent::Text { turn, delta: ANSWER.into() },
            ChatEvent::Done { turn, then: AfterTurn::Listen },
        ];
        assert_eq!(events.try_iter().collect::<Vec<_>>(), said);
    }
}
