//! What becomes of a turn when a part of the call fails and comes back.
//!
//! A question that has no answer yet is asked once more, and a second failure over it is excused: it may be
//! the question that kills; so are words over which the voice fails twice. Words that were not heard are said
//! again from where the ear is. While the line is
//! down nothing is awaited of the caller, who cannot be heard.

use std::time::Instant;

use super::{PLAYBACK_BASE, TurnAction, TurnState, TurnTimer, Turns};
use crate::ids::TurnId;
use crate::ports::{AfterTurn, CallerSaid};
use crate::sentence::SentenceSplitter;

/// How often the mind is asked the same, and the voice is given the same to say.
const MOST_ATTEMPTS: u32 = 2;

impl Turns {
    /// A stage lost audio or sentences of the turn under way.
    pub(super) fn voice_restarted(&mut self, turn: TurnId, now: Instant) {
        if turn != self.turn || self.state != TurnState::Speaking {
            return;
        }
        // While the line is down nothing is spoken, and what was not heard is said when it is up.
        if self.is_line_down {
            return;
        }
        self.voice_restarts += 1;
        if self.voice_restarts < MOST_ATTEMPTS {
            return self.speak_again(now);
        }
        if !self.is_answered {
            self.actions.push_back(TurnAction::StopThinking { turn });
        }
        self.actions.push_back(TurnAction::CancelTurn { turn });
        self.actions.push_back(TurnAction::TurnOver { turn, interrupted: false });
        if self.is_closing() {
            return self.hang_up();
        }
        let turn = self.next_number();
        self.begin_turn(turn);
        self.timers.set(TurnTimer::Thinking, now + self.settings.thinking_limit);
        self.actions.push_back(TurnAction::Apologise { turn: self.turn });
    }

    pub(super) fn mind_restarted(&mut self, now: Instant) {
        self.speculation_lost();
        match self.state {
            TurnState::Thinking if self.asked.1 < MOST_ATTEMPTS => {
                self.asked.1 += 1;
                self.sentences = SentenceSplitter::default();
                self.timers.set(TurnTimer::Thinking, now + self.settings.thinking_limit);
                let said = self.asked.0.clone();
                self.actions.push_back(TurnAction::Think { turn: self.turn, said });
            }
            TurnState::Thinking => self.actions.push_back(TurnAction::Apologise { turn: self.turn }),
            // What was said stands as the answer.
            TurnState::Speaking => self.answer_done(self.turn, AfterTurn::Listen, now),
            TurnState::Listening | TurnState::Ended => {}
        }
    }

    /// Speech that nobody answered is awaited in words; any other turn without an answer is excused.
    pub(super) fn heard_again(&mut self, now: Instant) {
        match self.state {
            TurnState::Thinking if self.asked.0 == CallerSaid::Spoken => {
                self.listen();
                self.timers.set(TurnTimer::Transcript, now + self.settings.transcript_limit);
            }
            TurnState::Thinking => self.mind_restarted(now),
            TurnState::Speaking => self.answer_done(self.turn, AfterTurn::Listen, now),
            TurnState::Listening | TurnState::Ended => {}
        }
    }

    pub(super) fn line_down(&mut self) {
        self.discard();
        self.is_line_down = true;
    }

    pub(super) fn line_up(&mut self, now: Instant) {
        if !std::mem::replace(&mut self.is_line_down, false) {
            return;
        }
        self.speak_again(now);
        match self.state {
            TurnState::Listening => {
                let said = match std::mem::take(&mut self.unanswered) {
                    words if words.is_empty() => CallerSaid::Resumed,
                    words => CallerSaid::Words(words),
                };
                self.think(said, now);
            }
            TurnState::Speaking | TurnState::Thinking | TurnState::Ended => {}
        }
    }

    /// While the line is down only the mind is waited for.
    pub(super) fn may_wake(&self) -> bool {
        !self.is_line_down || self.state == TurnState::Thinking
    }

    fn speak_again(&mut self, now: Instant) {
        self.actions.push_back(TurnAction::SpeakAgain { turn: self.turn });
        if self.state == TurnState::Speaking && self.is_answered {
            self.timers.set(TurnTimer::Playback, now + PLAYBACK_BASE + self.longest);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::testing::{at, start};
    use crate::turn::{TurnInput, TurnSettings};

    struct Rig(Turns, Instant);

    impl Rig {
        /// A call that has just asked its mind for the second turn.
        fn thinking() -> Self {
            let mut rig = Self(Turns::new(TurnSettings::default()), start());
            rig.give(TurnInput::CallStarted);
            rig.answer(1, "Hello!");
            rig.give(TurnInput::Played { turn: TurnId(1) });
            rig.give(TurnInput::Words("are you open".into()));
            rig
        }

        fn give(&mut self, input: TurnInput) -> Vec<TurnAction> {
            self.0.handle(input, self.1);
            self.drain()
        }

        fn answer(&mut self, turn: u32, text: &str) {
            let turn = TurnId(turn);
            self.give(TurnInput::Answer { turn, delta: text.into() });
            self.give(TurnInput::AnswerDone { turn, then: AfterTurn::Listen });
        }

        fn wait(&mut self, ms: u64) -> Vec<TurnAction> {
            self.1 = at(self.1, ms);
            self.0.handle_timeout(self.1);
            self.drain()
        }

        fn drain(&mut self) -> Vec<TurnAction> {
            std::iter::from_fn(|| self.0.next_action()).collect()
        }
    }

    const TURN: TurnId = TurnId(2);

    #[test]
    fn a_question_without_an_answer_is_asked_once_more_and_then_excused() {
        let mut rig = Rig::thinking();
        let said = CallerSaid::Words("are you open".into());
        assert_eq!(rig.give(TurnInput::MindRestarted), [TurnAction::Think { turn: TURN, said }]);
        assert_eq!(rig.give(TurnInput::MindRestarted), [TurnAction::Apologise { turn: TURN }]);
    }

    #[test]
    fn an_answer_that_was_begun_stands() {
        let mut rig = Rig::thinking();
        rig.give(TurnInput::Answer { turn: TURN, delta: "We are. Until".into() });
        let actions = rig.give(TurnInput::MindRestarted);
        assert!(actions.contains(&TurnAction::FinishTurn { turn: TURN }), "{actions:?}");
    }

    #[test]
    fn a_turn_whose_voice_restarted_is_spoken_again_from_the_ear() {
        let mut rig = Rig::thinking();
        rig.answer(2, "We are.");
        assert_eq!(
            rig.give(TurnInput::VoiceRestarted { turn: TURN }),
            [TurnAction::SpeakAgain { turn: TURN }]
        );
        assert_eq!(rig.give(TurnInput::VoiceRestarted { turn: TurnId(1) }), [], "an older turn");
        rig.give(TurnInput::Played { turn: TURN });
        assert_eq!(rig.give(TurnInput::VoiceRestarted { turn: TURN }), [], "it was heard");
    }

    #[test]
    fn a_turn_that_kills_the_voice_twice_is_excused() {
        let mut rig = Rig::thinking();
        rig.answer(2, "We are.");
        rig.give(TurnInput::VoiceRestarted { turn: TURN });
        let actions = rig.give(TurnInput::VoiceRestarted { turn: TURN });
        let apologise = TurnAction::Apologise { turn: TurnId(3) };
        assert!(actions.contains(&TurnAction::CancelTurn { turn: TURN }), "{actions:?}");
        assert_eq!(actions.last(), Some(&apologise));
    }

    #[test]
    fn speech_that_a_lost_engine_heard_is_awaited_in_words() {
        let mut rig = Rig::thinking();
        rig.answer(2, "We are.");
        rig.give(TurnInput::Played { turn: TURN });
        rig.give(TurnInput::Spoken);
        rig.give(TurnInput::HeardAgain);
        let actions = rig.give(TurnInput::Words("until when".into()));
        let said = CallerSaid::Words("until when".into());
        assert!(actions.contains(&TurnAction::Think { turn: TurnId(4), said }), "{actions:?}");
    }

    #[test]
    fn while_the_line_is_down_nobody_is_asked_whether_he_is_there() {
        let mut rig = Rig::thinking();
        rig.answer(2, "We are.");
        rig.give(TurnInput::Played { turn: TURN });
        rig.give(TurnInput::LineDown);
        assert_eq!(rig.wait(60_000), []);
        assert_eq!(rig.0.poll_timeout(), None);
        let actions = rig.give(TurnInput::LineUp);
        assert!(actions.contains(&TurnAction::Think { turn: TurnId(3), said: CallerSaid::Resumed }));
        assert_eq!(rig.give(TurnInput::LineUp), [], "once is enough");
    }

    #[test]
    fn an_answer_that_comes_while_the_line_is_down_is_spoken_when_it_is_up() {
        let mut rig = Rig::thinking();
        rig.give(TurnInput::LineDown);
        rig.answer(2, "We are.");
        assert_eq!(rig.wait(60_000), [], "its playback is not overdue");
        assert_eq!(rig.give(TurnInput::LineUp), [TurnAction::SpeakAgain { turn: TURN }]);
        let due = rig.0.poll_timeout().unwrap().0;
        assert!(due > rig.1 + Duration::from_secs(5));
    }

    #[test]
    fn a_mind_that_is_overdue_is_excused_even_while_the_line_is_down() {
        let mut rig = Rig::thinking();
        rig.give(TurnInput::LineDown);
        let actions = rig.wait(10_000);
        assert!(actions.contains(&TurnAction::Apologise { turn: TURN }), "{actions:?}");
    }
}
