//! A caller who says nothing: he is asked whether he is there, once or twice, then the agent takes leave.
//!
//! The rule is the call's own and no mind's: a language model that is told of silence may ask for ever, and a
//! handset that was put beside the telephone costs until the longest call is over. A caller who speaks up at the
//! last words has them stopped, since he is there after all.

use std::time::Instant;

use super::{TurnAction, TurnTimer, Turns};
use crate::ports::CallerSaid;

/// What is known of a caller's silence.
#[derive(Debug, Clone, Default)]
pub(super) struct Leaving {
    /// Silences in a row.
    silences: u32,
    /// The turn under way takes leave of a caller who is not there.
    pub(super) is_under_way: bool,
}

impl Turns {
    /// The caller has been silent for long.
    pub(super) fn silence(&mut self, now: Instant) {
        if self.leaving.silences < self.settings.silences {
            return self.think(CallerSaid::Silence, now);
        }
        let turn = self.next_number();
        self.begin_turn(turn);
        self.asked = (CallerSaid::Silence, 1);
        self.leaving.is_under_way = true;
        self.timers.set(TurnTimer::Thinking, now + self.settings.thinking_limit);
        self.actions.push_back(TurnAction::TakeLeave { turn: self.turn });
    }

    /// Counts silences in a row; whatever else a caller does, he is there.
    pub(super) fn hear_of(&mut self, said: &CallerSaid) {
        let is_silence = matches!(said, CallerSaid::Silence);
        self.leaving.silences = if is_silence { self.leaving.silences + 1 } else { 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TurnId;
    use crate::ports::AfterTurn;
    use crate::testing::{at, start};
    use crate::turn::{TurnInput, TurnSettings, TurnState};

    struct Rig(Turns, Instant);

    impl Rig {
        /// A call whose greeting was heard.
        fn new() -> Self {
            let mut rig = Self(Turns::new(TurnSettings::default()), start());
            rig.give(TurnInput::CallStarted);
            rig.answer(AfterTurn::Listen);
            rig
        }

        fn give(&mut self, input: TurnInput) -> Vec<TurnAction> {
            self.0.handle(input, self.1);
            std::iter::from_fn(|| self.0.next_action()).collect()
        }

        fn say(&mut self, then: AfterTurn) {
            let turn = self.0.turn();
            self.give(TurnInput::Answer { turn, delta: "Are you there?".into() });
            self.give(TurnInput::AnswerDone { turn, then });
        }

        fn answer(&mut self, then: AfterTurn) -> Vec<TurnAction> {
            self.say(then);
            self.give(TurnInput::Played { turn: self.0.turn() })
        }

        /// The caller says nothing until the agent does.
        fn silence(&mut self) -> Vec<TurnAction> {
            self.1 = at(self.1, 8_000);
            self.0.handle_timeout(self.1);
            std::iter::from_fn(|| self.0.next_action()).collect()
        }

        fn asks(&mut self) -> bool {
            let turn = TurnId(self.0.turn().0 + 1);
            let think = TurnAction::Think { turn, said: CallerSaid::Silence };
            let asks = self.silence().contains(&think);
            self.answer(AfterTurn::Listen);
            asks
        }
    }

    #[test]
    fn a_silent_caller_is_asked_twice_and_then_left_with_a_goodbye() {
        let mut rig = Rig::new();
        assert!(rig.asks() && rig.asks());
        let actions = rig.silence();
        assert_eq!(actions.last(), Some(&TurnAction::TakeLeave { turn: TurnId(4) }), "{actions:?}");
        let actions = rig.answer(AfterTurn::HangUp);
        assert_eq!(actions.last(), Some(&TurnAction::HangUp));
    }

    #[test]
    fn who_speaks_between_is_asked_from_the_beginning() {
        let mut rig = Rig::new();
        assert!(rig.asks() && rig.asks());
        rig.give(TurnInput::SpeechStarted);
        rig.give(TurnInput::Words("yes".into()));
        rig.answer(AfterTurn::Listen);
        assert!(rig.asks() && rig.asks());
    }

    #[test]
    fn who_speaks_up_at_the_goodbye_is_heard() {
        let mut rig = Rig::new();
        assert!(rig.asks() && rig.asks());
        rig.silence();
        rig.say(AfterTurn::HangUp);
        let turn = rig.0.turn();
        let actions = rig.give(TurnInput::SpeechStarted);
        assert!(actions.contains(&TurnAction::CancelTurn { turn }), "{actions:?}");
        assert_eq!(rig.0.state(), TurnState::Listening);
        let actions = rig.give(TurnInput::Words("i am here".into()));
        let said = CallerSaid::Words("i am here".into());
        assert!(actions.contains(&TurnAction::Think { turn: TurnId(5), said }), "{actions:?}");
        rig.answer(AfterTurn::Listen);
        assert!(rig.asks(), "the call goes on");
    }

    #[test]
    fn an_agents_own_goodbye_is_not_stopped_by_a_bye() {
        let mut rig = Rig::new();
        rig.give(TurnInput::Words("bye".into()));
        rig.say(AfterTurn::HangUp);
        assert_eq!(rig.give(TurnInput::SpeechStarted), []);
    }
}
