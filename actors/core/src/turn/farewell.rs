//! The last words of a call that must end although nobody wants it to: the server goes.
//!
//! Unlike an announcement they do not wait for long: a turn under way gets some seconds to end by itself,
//! then it is cut. The caller cannot interrupt them, and when they were heard the call ends.

use std::time::{Duration, Instant};

use super::{AfterTurn, TurnAction, TurnState, Turns};

/// How long a turn under way may take to its end: most answers are shorter.
const WAIT: Duration = Duration::from_secs(5);

/// Last words that wait.
#[derive(Debug, Clone)]
pub(super) struct Farewell {
    text: String,
    due: Instant,
}

impl Turns {
    /// Whether the last words of this call were such words, and not the agent's own.
    pub fn is_sent_away(&self) -> bool {
        self.is_sent_away
    }

    /// Takes the last words. An agent who is saying goodbye already goes on with that.
    pub(super) fn say_goodbye(&mut self, text: String, now: Instant) {
        if self.state == TurnState::Ended || self.is_closing() || self.farewell.is_some() || self.is_sent_away
        {
            return;
        }
        self.farewell = Some(Farewell { text, due: now + WAIT });
        if self.is_quiet() && !self.is_line_down {
            self.say_farewell(now);
        }
    }

    /// When the turn under way is cut for them. Nobody would hear them while the line is down.
    pub(super) fn farewell_due(&self) -> Option<Instant> {
        self.farewell.as_ref().filter(|_| !self.is_line_down).map(|farewell| farewell.due)
    }

    /// Says them now, whatever goes on.
    pub(super) fn say_farewell(&mut self, now: Instant) {
        let Some(farewell) = self.farewell.take() else { return };
        if self.is_closing() {
            return;
        }
        let turn = self.turn;
        match self.state {
            TurnState::Speaking => {
                if !self.is_answered {
                    self.actions.push_back(TurnAction::StopThinking { turn });
                }
                self.actions.push_back(TurnAction::CancelTurn { turn });
                self.actions.push_back(TurnAction::TurnOver { turn, interrupted: true });
            }
            TurnState::Thinking => {
                self.actions.push_back(TurnAction::StopThinking { turn });
                self.actions.push_back(TurnAction::CancelTurn { turn });
            }
            TurnState::Listening => {}
            TurnState::Ended => return,
        }
        self.is_sent_away = true;
        let turn = self.next_number();
        self.begin_turn(turn);
        self.answer(turn, &farewell.text, now);
        self.answer_done(turn, AfterTurn::HangUp, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TurnId;
    use crate::testing::{at, start};
    use crate::turn::{TurnInput, TurnSettings, TurnTimer};

    struct Rig(Turns, Instant);

    const WORDS: &str = "We must end here. Goodbye.";

    impl Rig {
        /// A call whose greeting is being spoken.
        fn greeting(then: AfterTurn) -> Self {
            let mut rig = Self(Turns::new(TurnSettings::default()), start());
            rig.give(TurnInput::CallStarted);
            rig.give(TurnInput::Answer { turn: TurnId(1), delta: "Hello!".into() });
            rig.give(TurnInput::AnswerDone { turn: TurnId(1), then });
            rig
        }

        fn quiet() -> Self {
            let mut rig = Self::greeting(AfterTurn::Listen);
            rig.give(TurnInput::Played { turn: TurnId(1) });
            rig
        }

        fn give(&mut self, input: TurnInput) -> Vec<TurnAction> {
            self.0.handle(input, self.1);
            std::iter::from_fn(|| self.0.next_action()).collect()
        }

        fn goodbye(&mut self) -> Vec<TurnAction> {
            self.give(TurnInput::SayGoodbye(WORDS.to_owned()))
        }

        fn wait(&mut self, ms: u64) -> Vec<TurnAction> {
            self.1 = at(self.1, ms);
            self.0.handle_timeout(self.1);
            std::iter::from_fn(|| self.0.next_action()).collect()
        }
    }

    fn says(actions: &[TurnAction], turn: u32) -> bool {
        let turn = TurnId(turn);
        actions.contains(&TurnAction::Say { turn, text: "We must end here.".into() })
            && actions.contains(&TurnAction::FinishTurn { turn })
    }

    #[test]
    fn in_silence_they_are_said_at_once_and_the_call_ends_when_they_were_heard() {
        let mut rig = Rig::quiet();
        assert!(says(&rig.goodbye(), 2));
        assert_eq!(rig.give(TurnInput::SpeechStarted), [], "nobody cuts in");
        let actions = rig.give(TurnInput::Played { turn: TurnId(2) });
        assert_eq!(actions.last(), Some(&TurnAction::HangUp));
        assert!(rig.0.is_sent_away());
        assert_eq!(rig.goodbye(), [], "once is enough");
    }

    #[test]
    fn a_turn_under_way_ends_by_itself_if_it_ends_soon() {
        let mut rig = Rig::greeting(AfterTurn::Listen);
        assert_eq!(rig.goodbye(), []);
        assert_eq!(rig.0.poll_timeout(), Some((rig.1 + WAIT, TurnTimer::Farewell)));
        let actions = rig.give(TurnInput::Played { turn: TurnId(1) });
        assert!(actions.contains(&TurnAction::TurnOver { turn: TurnId(1), interrupted: false }));
        assert!(says(&actions, 2), "{actions:?}");
    }

    #[test]
    fn a_turn_that_goes_on_is_cut() {
        let mut rig = Rig::greeting(AfterTurn::Listen);
        rig.goodbye();
        assert_eq!(rig.wait(4_999), []);
        let actions = rig.wait(1);
        assert_eq!(actions[0], TurnAction::CancelTurn { turn: TurnId(1) });
        assert_eq!(actions[1], TurnAction::TurnOver { turn: TurnId(1), interrupted: true });
        assert!(says(&actions, 2), "{actions:?}");
    }

    #[test]
    fn a_mind_that_thinks_and_a_caller_who_speaks_are_cut_too() {
        let mut rig = Rig::quiet();
        rig.give(TurnInput::SpeechStarted);
        assert_eq!(rig.goodbye(), []);
        rig.give(TurnInput::UtteranceEnded);
        rig.give(TurnInput::Words("are you open".into()));
        let actions = rig.wait(5_000);
        assert_eq!(actions[0], TurnAction::StopThinking { turn: TurnId(2) });
        assert!(says(&actions, 3), "{actions:?}");
        let mut rig = Rig::quiet();
        rig.give(TurnInput::SpeechStarted);
        rig.goodbye();
        assert!(says(&rig.wait(5_000), 2));
    }

    #[test]
    fn an_agent_who_says_goodbye_goes_on_with_that() {
        let mut rig = Rig::greeting(AfterTurn::HangUp);
        assert_eq!(rig.goodbye(), []);
        assert_eq!(rig.wait(5_000), []);
        rig.give(TurnInput::Played { turn: TurnId(1) });
        assert!(!rig.0.is_sent_away());
    }

    #[test]
    fn while_the_line_is_down_they_wait_for_it() {
        let mut rig = Rig::quiet();
        rig.give(TurnInput::LineDown);
        assert_eq!(rig.goodbye(), []);
        assert_eq!(rig.wait(60_000), []);
        rig.give(TurnInput::LineUp);
        assert!(says(&rig.wait(0), 3), "after the resumed turn, which they cut");
    }
}
