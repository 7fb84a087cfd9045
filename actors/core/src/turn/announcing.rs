//! What an operator wants said: a turn of its own, between the turns of the conversation.
//!
//! An announcement never cuts in. It waits while the agent answers or the caller speaks, and is said when
//! neither does; the caller may interrupt it like any other turn. The mind is not asked, but what was heard
//! of it enters the conversation, so that the next answer knows of it.

use std::time::Instant;

use super::{AfterTurn, TurnState, TurnTimer, Turns};

/// Announcements that may wait. More is an operator who leans on a key.
const MOST_WAITING: usize = 8;

impl Turns {
    /// Takes an announcement; one too many pushes out the oldest that waits.
    pub(super) fn announce(&mut self, text: String, now: Instant) {
        if self.announcements.len() == MOST_WAITING {
            self.announcements.pop_front();
        }
        self.announcements.push_back(text);
        if self.is_quiet() {
            self.next_announcement(now);
        }
    }

    /// Says last words or an announcement that wait; without any, waits for the caller to speak.
    pub(super) fn wait_for_the_caller(&mut self, now: Instant) {
        self.discard();
        if self.farewell.is_some() {
            self.say_farewell(now);
        } else if !self.keys.is_empty() {
            // Pressed while the agent spoke, and no reason to stop it.
            self.wait_for_a_key(now);
        } else if self.announcements.is_empty() {
            self.timers.set(TurnTimer::Silence, now + self.settings.silence);
        } else {
            self.next_announcement(now);
        }
    }

    fn next_announcement(&mut self, now: Instant) {
        let Some(text) = self.announcements.pop_front() else { return };
        let turn = self.next_number();
        self.begin_turn(turn);
        self.answer(turn, &text, now);
        self.answer_done(turn, AfterTurn::Listen, now);
    }

    /// Whether nobody speaks, and nobody is about to be answered.
    pub(super) fn is_quiet(&self) -> bool {
        let waits_for_the_caller = self.timers.next().is_some_and(|(_, timer)| timer == TurnTimer::Silence);
        self.state == TurnState::Listening && waits_for_the_caller
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::TurnId;
    use crate::testing::{at, start};
    use crate::turn::{TurnAction, TurnInput, TurnSettings};

    /// A call whose greeting is being spoken.
    fn greeting() -> Turns {
        let mut turns = Turns::new(TurnSettings::default());
        give(&mut turns, TurnInput::CallStarted);
        give(&mut turns, TurnInput::Answer { turn: TurnId(1), delta: "Hello!".into() });
        give(&mut turns, TurnInput::AnswerDone { turn: TurnId(1), then: AfterTurn::Listen });
        turns
    }

    /// The sentences that come of an input.
    fn give(turns: &mut Turns, input: TurnInput) -> Vec<(u32, String)> {
        turns.handle(input, at(start(), 0));
        said(turns)
    }

    fn said(turns: &mut Turns) -> Vec<(u32, String)> {
        let actions = std::iter::from_fn(|| turns.next_action());
        let said = actions.filter_map(|action| match action {
            TurnAction::Say { turn, text } => Some((turn.0, text)),
            TurnAction::Think { .. }
            | TurnAction::Speculate { .. }
            | TurnAction::Commit { .. }
            | TurnAction::Discard { .. }
            | TurnAction::StopThinking { .. }
            | TurnAction::Apologise { .. }
            | TurnAction::Expect(_)
            | TurnAction::FinishTurn { .. }
            | TurnAction::SpeakAgain { .. }
            | TurnAction::CancelTurn { .. }
            | TurnAction::TurnOver { .. }
            | TurnAction::StateChanged { .. }
            | TurnAction::HangUp => None,
        });
        said.collect()
    }

    fn announce(text: &str) -> TurnInput {
        TurnInput::Announce(text.to_owned())
    }

    #[test]
    fn in_silence_an_announcement_is_said_at_once_as_a_turn_of_its_own() {
        let mut turns = greeting();
        give(&mut turns, TurnInput::Played { turn: TurnId(1) });
        assert_eq!(
            give(&mut turns, announce("One moment, please.")),
            [(2, "One moment, please.".to_owned())]
        );
        assert_eq!(turns.state(), TurnState::Speaking);
        give(&mut turns, TurnInput::Played { turn: TurnId(2) });
        assert_eq!(turns.poll_timeout().map(|(_, timer)| timer), Some(TurnTimer::Silence));
    }

    #[test]
    fn announcements_wait_for_the_turn_under_way_and_keep_their_order() {
        let mut turns = greeting();
        assert_eq!(give(&mut turns, announce("First.")), []);
        assert_eq!(give(&mut turns, announce("Second.")), []);
        assert_eq!(give(&mut turns, TurnInput::Played { turn: TurnId(1) }), [(2, "First.".to_owned())]);
        assert_eq!(give(&mut turns, TurnInput::Played { turn: TurnId(2) }), [(3, "Second.".to_owned())]);
    }

    #[test]
    fn a_caller_who_speaks_is_answered_first() {
        let mut turns = greeting();
        give(&mut turns, TurnInput::Played { turn: TurnId(1) });
        give(&mut turns, TurnInput::SpeechStarted);
        assert_eq!(give(&mut turns, announce("We close soon.")), []);
        give(&mut turns, TurnInput::UtteranceEnded);
        give(&mut turns, TurnInput::Words("are you open".into()));
        give(&mut turns, TurnInput::Answer { turn: TurnId(2), delta: "We are.".into() });
        give(&mut turns, TurnInput::AnswerDone { turn: TurnId(2), then: AfterTurn::Listen });
        assert_eq!(
            give(&mut turns, TurnInput::Played { turn: TurnId(2) }),
            [(3, "We close soon.".to_owned())]
        );
    }

    #[test]
    fn a_noise_does_not_swallow_an_announcement() {
        let mut turns = greeting();
        give(&mut turns, TurnInput::Played { turn: TurnId(1) });
        give(&mut turns, TurnInput::SpeechStarted);
        give(&mut turns, announce("We close soon."));
        give(&mut turns, TurnInput::UtteranceEnded);
        assert_eq!(give(&mut turns, TurnInput::Words(String::new())), [(2, "We close soon.".to_owned())]);
    }

    #[test]
    fn too_many_announcements_push_out_the_oldest() {
        let mut turns = greeting();
        for number in 0..=MOST_WAITING {
            give(&mut turns, announce(&format!("Number {number}.")));
        }
        assert_eq!(turns.announcements.len(), MOST_WAITING);
        assert_eq!(give(&mut turns, TurnInput::Played { turn: TurnId(1) }), [(2, "Number 1.".to_owned())]);
    }
}
