//! Speculate, then commit or discard.

use super::*;
use crate::testing::{at, start};
use crate::turn::{TurnInput, TurnSettings};

struct Rig(Turns, Instant);

const GUESS: TurnId = TurnId(2);

fn said(words: &str) -> CallerSaid {
    CallerSaid::Words(words.into())
}

impl Rig {
    /// A call that has greeted, with a caller who has begun to speak.
    fn hearing(settings: TurnSettings) -> Self {
        let mut rig = Self(Turns::new(settings), start());
        rig.give(TurnInput::CallStarted);
        rig.answer(1, "Hello!");
        rig.give(TurnInput::Played { turn: TurnId(1) });
        rig.give(TurnInput::SpeechStarted);
        rig
    }

    /// One whose words are being answered on a guess.
    fn speculating() -> Self {
        let mut rig = Self::hearing(TurnSettings::default());
        let actions = rig.give(TurnInput::LikelyOver("are you open".into()));
        assert_eq!(actions, [TurnAction::Speculate { turn: GUESS, said: said("are you open") }]);
        rig
    }

    fn give(&mut self, input: TurnInput) -> Vec<TurnAction> {
        self.0.handle(input, self.1);
        std::iter::from_fn(|| self.0.next_action()).collect()
    }

    fn answer(&mut self, turn: u32, text: &str) -> Vec<TurnAction> {
        let turn = TurnId(turn);
        let mut actions = self.give(TurnInput::Answer { turn, delta: text.into() });
        actions.extend(self.give(TurnInput::AnswerDone { turn, then: AfterTurn::Listen }));
        actions
    }

    fn after(&mut self, ms: u64) -> &mut Self {
        self.1 = at(self.1, ms);
        self
    }
}

fn think(turn: u32, words: &str) -> TurnAction {
    TurnAction::Think { turn: TurnId(turn), said: said(words) }
}

#[test]
fn nothing_is_heard_before_the_words_are_certain_and_all_of_it_after() {
    let mut rig = Rig::speculating();
    let hints = RecognitionHints { phrases: vec!["thanks".into()], kinds: vec![], keys: None };
    assert_eq!(rig.after(100).give(TurnInput::Expect { turn: GUESS, hints: hints.clone() }), []);
    assert_eq!(rig.answer(2, "We are. Until six."), []);
    assert_eq!((rig.0.state(), rig.0.turn()), (TurnState::Listening, TurnId(1)));
    assert_eq!(rig.after(200).give(TurnInput::UtteranceEnded), []);
    let actions = rig.after(100).give(TurnInput::Words("Are you open?".into()));
    let saved = Duration::from_millis(100);
    assert!(
        actions.contains(&TurnAction::Commit { turn: GUESS, said: said("Are you open?"), saved }),
        "the wait for the first words: {actions:?}"
    );
    let place = |wanted: &TurnAction| actions.iter().position(|action| action == wanted);
    let first = place(&TurnAction::Say { turn: GUESS, text: "We are.".into() });
    assert!(first > actions.iter().position(|action| matches!(action, TurnAction::Commit { .. })));
    assert!(actions.contains(&TurnAction::Expect(hints)));
    assert!(actions.contains(&TurnAction::FinishTurn { turn: GUESS }));
    assert_eq!((rig.0.state(), rig.0.turn()), (TurnState::Speaking, GUESS));
}

#[test]
fn an_answer_that_has_no_words_yet_is_early_by_all_of_the_silence() {
    let mut rig = Rig::speculating();
    let actions = rig.after(380).give(TurnInput::Words("are you open".into()));
    let saved = Duration::from_millis(380);
    assert!(actions.contains(&TurnAction::Commit { turn: GUESS, said: said("are you open"), saved }));
    assert_eq!(rig.0.state(), TurnState::Thinking);
    let actions = rig.answer(2, "We are.");
    assert!(actions.contains(&TurnAction::Say { turn: GUESS, text: "We are.".into() }), "{actions:?}");
}

#[test]
fn other_words_are_asked_anew_under_a_number_of_their_own() {
    let mut rig = Rig::speculating();
    rig.answer(2, "We are.");
    let actions = rig.give(TurnInput::Words("are you open on friday".into()));
    assert_eq!(actions[0], TurnAction::Discard { turn: GUESS, wasted_chars: 7 });
    assert!(actions.contains(&think(3, "are you open on friday")), "{actions:?}");
    assert_eq!(rig.answer(2, "We are."), [], "late words of the guess");
    let actions = rig.answer(3, "Yes.");
    assert!(actions.contains(&TurnAction::Say { turn: TurnId(3), text: "Yes.".into() }));
}

#[test]
fn whatever_comes_between_discards_it() {
    let discard = TurnAction::Discard { turn: GUESS, wasted_chars: 0 };
    for input in [
        TurnInput::GoesOn,
        TurnInput::SpeechStarted,
        TurnInput::Key('1'),
        TurnInput::Unclear,
        TurnInput::Words(String::new()),
        TurnInput::LineDown,
        TurnInput::AnswerFailed { turn: GUESS, apology: "Sorry.".into() },
    ] {
        let mut rig = Rig::speculating();
        let actions = rig.give(input.clone());
        assert!(actions.contains(&discard), "{input:?}: {actions:?}");
        assert!(!rig.0.is_speculative(GUESS));
        assert_eq!(rig.answer(2, "We are."), [], "{input:?}");
    }
}

#[test]
fn a_mind_that_does_not_guess_or_is_lost_costs_nothing() {
    for input in [TurnInput::NoSpeculation, TurnInput::MindRestarted] {
        let mut rig = Rig::speculating();
        assert_eq!(rig.give(input), []);
        assert_eq!(rig.answer(2, "We are."), []);
        assert!(rig.give(TurnInput::Words("are you open".into())).contains(&think(3, "are you open")));
    }
}

#[test]
fn the_same_words_are_guessed_at_once_and_each_turn_has_three_guesses() {
    let mut rig = Rig::speculating();
    assert_eq!(rig.give(TurnInput::LikelyOver("Are you open?".into())), []);
    let guesses = |actions: Vec<TurnAction>| {
        actions.iter().filter(|action| matches!(action, TurnAction::Speculate { .. })).count()
    };
    assert_eq!(guesses(rig.give(TurnInput::LikelyOver("are you open on".into()))), 1);
    assert_eq!(guesses(rig.give(TurnInput::LikelyOver("are you open on friday".into()))), 1);
    assert_eq!(guesses(rig.give(TurnInput::LikelyOver("are you open on friday at".into()))), 0);
    rig.give(TurnInput::Words("are you open on friday at ten".into()));
    rig.give(TurnInput::SpeechStarted);
    assert_eq!(guesses(rig.give(TurnInput::LikelyOver("hello".into()))), 1);
}

#[test]
fn words_that_have_no_answer_yet_belong_to_the_guess() {
    let mut rig = Rig::hearing(TurnSettings::default());
    rig.give(TurnInput::EarlierWords("I want".into()));
    let actions = rig.give(TurnInput::LikelyOver("to rent".into()));
    assert_eq!(actions, [TurnAction::Speculate { turn: GUESS, said: said("I want to rent") }]);
    let actions = rig.give(TurnInput::Words("to rent".into()));
    assert!(actions.iter().any(|action| matches!(action, TurnAction::Commit { .. })), "{actions:?}");
}

#[test]
fn there_is_no_guess_by_setting_nor_while_keys_are_pressed_nor_about_nothing() {
    let mut rig = Rig::hearing(TurnSettings { speculate: false, ..TurnSettings::default() });
    assert_eq!(rig.give(TurnInput::LikelyOver("are you open".into())), []);
    let mut rig = Rig::hearing(TurnSettings::default());
    assert_eq!(rig.give(TurnInput::LikelyOver(" ".into())), []);
    rig.give(TurnInput::Key('5'));
    assert_eq!(rig.give(TurnInput::LikelyOver("five".into())), []);
}
