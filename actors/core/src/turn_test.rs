//! Turn-taking, rule by rule.

use super::*;
use crate::hints::SlotKind;
use crate::testing::{at, start};

struct Rig {
    turns: Turns,
    zero: Instant,
    ms: u64,
}

impl Rig {
    fn new() -> Self {
        Self { turns: Turns::new(TurnSettings::default()), zero: start(), ms: 0 }
    }

    /// A call whose greeting was heard and that listens now; its last turn is 1.
    fn listening() -> Self {
        let mut rig = Self::new();
        rig.give(TurnInput::CallStarted);
        rig.answer(1, "Hello!", AfterTurn::Listen);
        rig.give(TurnInput::Played { turn: TurnId(1) });
        rig
    }

    /// A call in the middle of its second turn.
    fn speaking() -> Self {
        let mut rig = Self::listening();
        rig.give(TurnInput::Words("are you open".into()));
        rig.answer(2, "We are. Until six.", AfterTurn::Listen);
        rig
    }

    fn give(&mut self, input: TurnInput) -> Vec<TurnAction> {
        self.turns.handle(input, at(self.zero, self.ms));
        self.drain()
    }

    fn answer(&mut self, turn: u32, text: &str, then: AfterTurn) -> Vec<TurnAction> {
        let mut actions = self.give(TurnInput::Answer { turn: TurnId(turn), delta: text.into() });
        actions.extend(self.give(TurnInput::AnswerDone { turn: TurnId(turn), then }));
        actions
    }

    fn wait(&mut self, ms: u64) -> Vec<TurnAction> {
        self.ms += ms;
        self.turns.handle_timeout(at(self.zero, self.ms));
        self.drain()
    }

    fn drain(&mut self) -> Vec<TurnAction> {
        std::iter::from_fn(|| self.turns.next_action()).collect()
    }
}

fn changed(from: TurnState, to: TurnState) -> TurnAction {
    TurnAction::StateChanged { from, to }
}

fn think(turn: u32, said: CallerSaid) -> TurnAction {
    TurnAction::Think { turn: TurnId(turn), said }
}

fn words(text: &str) -> CallerSaid {
    CallerSaid::Words(text.into())
}

#[test]
fn a_call_begins_with_the_greeting() {
    let mut rig = Rig::new();
    assert_eq!(
        rig.give(TurnInput::CallStarted),
        [changed(TurnState::Listening, TurnState::Thinking), think(1, CallerSaid::Nothing)]
    );
    assert_eq!(
        rig.answer(1, "Hello! I am Maya.", AfterTurn::Listen),
        [
            changed(TurnState::Thinking, TurnState::Speaking),
            TurnAction::Say { turn: TurnId(1), text: "Hello!".into() },
            TurnAction::Say { turn: TurnId(1), text: "I am Maya.".into() },
            TurnAction::FinishTurn { turn: TurnId(1) },
        ]
    );
    assert_eq!(
        rig.give(TurnInput::Played { turn: TurnId(1) }),
        [
            TurnAction::TurnOver { turn: TurnId(1), interrupted: false },
            changed(TurnState::Speaking, TurnState::Listening),
        ]
    );
}

#[test]
fn barge_in_cancels_the_turn_and_listens() {
    let mut rig = Rig::speaking();
    assert_eq!(
        rig.give(TurnInput::SpeechStarted),
        [
            TurnAction::CancelTurn { turn: TurnId(2) },
            TurnAction::TurnOver { turn: TurnId(2), interrupted: true },
            changed(TurnState::Speaking, TurnState::Listening),
        ]
    );
    assert_eq!(rig.give(TurnInput::Played { turn: TurnId(2) }), [], "a late mark changes nothing");
}

#[test]
fn barge_in_before_the_answer_is_complete_stops_the_mind_too() {
    let mut rig = Rig::listening();
    rig.give(TurnInput::Words("tell me all".into()));
    rig.give(TurnInput::Answer { turn: TurnId(2), delta: "First of all. And ".into() });
    let actions = rig.give(TurnInput::SpeechStarted);
    assert_eq!(actions[0], TurnAction::StopThinking { turn: TurnId(2) });
    assert_eq!(rig.answer(2, "then more.", AfterTurn::Listen), [], "words of a dead turn are dropped");
}

#[test]
fn a_caller_who_speaks_on_is_answered_as_a_whole() {
    let mut rig = Rig::listening();
    rig.give(TurnInput::Words("i want to rent".into()));
    rig.give(TurnInput::SpeechStarted);
    let actions = rig.give(TurnInput::Words("a small house".into()));
    assert!(actions.contains(&think(3, words("i want to rent a small house"))), "{actions:?}");
}

#[test]
fn a_noise_while_thinking_does_not_lose_the_words_before_it() {
    for noise in [TurnInput::Words(String::new()), TurnInput::Unclear] {
        let mut rig = Rig::listening();
        rig.give(TurnInput::Words("i want to rent".into()));
        rig.give(TurnInput::SpeechStarted);
        let actions = rig.give(noise);
        assert!(actions.contains(&think(3, words("i want to rent"))), "{actions:?}");
    }
}

#[test]
fn a_noise_while_listening_is_ignored_and_one_that_interrupted_is_asked_about() {
    let mut rig = Rig::listening();
    rig.give(TurnInput::SpeechStarted);
    assert_eq!(rig.give(TurnInput::Words(" ".into())), []);

    let mut rig = Rig::speaking();
    rig.wait(1_000);
    rig.give(TurnInput::SpeechStarted);
    let actions = rig.give(TurnInput::Words(String::new()));
    assert!(actions.contains(&think(3, CallerSaid::Unclear)), "{actions:?}");
}

#[test]
fn an_answer_that_a_noise_cut_off_at_once_is_given_again() {
    let mut rig = Rig::speaking();
    rig.give(TurnInput::SpeechStarted);
    let actions = rig.give(TurnInput::Words(String::new()));
    assert!(actions.contains(&think(3, words("are you open"))), "{actions:?}");
}

#[test]
fn closing_words_are_not_interrupted_and_end_the_call() {
    let mut rig = Rig::listening();
    rig.give(TurnInput::Words("goodbye".into()));
    rig.answer(2, "Goodbye!", AfterTurn::HangUp);
    assert_eq!(rig.give(TurnInput::SpeechStarted), []);
    assert_eq!(rig.give(TurnInput::Key('1')), []);
    assert_eq!(
        rig.give(TurnInput::Played { turn: TurnId(2) }),
        [
            TurnAction::TurnOver { turn: TurnId(2), interrupted: false },
            changed(TurnState::Speaking, TurnState::Ended),
            TurnAction::HangUp,
        ]
    );
    assert_eq!(rig.turns.poll_timeout(), None);
}

#[test]
fn long_silence_is_asked_about() {
    let mut rig = Rig::listening();
    assert_eq!(rig.wait(7_999), []);
    let actions = rig.wait(1);
    assert!(actions.contains(&think(2, CallerSaid::Silence)), "{actions:?}");
}

#[test]
fn silence_is_not_counted_while_the_caller_speaks() {
    let mut rig = Rig::listening();
    rig.give(TurnInput::SpeechStarted);
    assert_eq!(rig.wait(20_000), []);
}

#[test]
fn a_transcript_that_never_comes_is_asked_for_again() {
    let mut rig = Rig::listening();
    rig.give(TurnInput::SpeechStarted);
    rig.give(TurnInput::UtteranceEnded);
    let actions = rig.wait(4_000);
    assert!(actions.contains(&think(2, CallerSaid::Unclear)), "{actions:?}");
}

#[test]
fn a_mind_that_is_overdue_is_stopped_and_excused() {
    let mut rig = Rig::listening();
    rig.give(TurnInput::Words("hello".into()));
    assert_eq!(
        rig.wait(10_000),
        [TurnAction::StopThinking { turn: TurnId(2) }, TurnAction::Apologise { turn: TurnId(2) }]
    );
    let actions = rig.give(TurnInput::AnswerFailed { turn: TurnId(2), apology: "Sorry.".into() });
    assert!(actions.contains(&TurnAction::Say { turn: TurnId(2), text: "Sorry.".into() }));
}

#[test]
fn an_answer_that_stalls_stands_as_it_was_said() {
    let mut rig = Rig::listening();
    rig.give(TurnInput::Words("hello".into()));
    rig.give(TurnInput::Answer { turn: TurnId(2), delta: "One moment. I".into() });
    assert_eq!(
        rig.wait(10_000),
        [
            TurnAction::StopThinking { turn: TurnId(2) },
            TurnAction::Say { turn: TurnId(2), text: "I".into() },
            TurnAction::FinishTurn { turn: TurnId(2) },
        ]
    );
}

#[test]
fn a_final_mark_that_is_lost_does_not_hold_the_call() {
    let mut rig = Rig::speaking();
    let actions = rig.wait(60_000);
    assert!(actions.contains(&TurnAction::TurnOver { turn: TurnId(2), interrupted: false }));
}

#[test]
fn an_answer_without_words_gives_the_turn_back() {
    let mut rig = Rig::listening();
    rig.give(TurnInput::Words("mhm".into()));
    rig.give(TurnInput::AnswerDone { turn: TurnId(2), then: AfterTurn::Listen });
    assert_eq!(rig.turns.state(), TurnState::Listening);
}

#[test]
fn keys_make_an_answer_after_a_pause_or_a_hash() {
    let mut rig = Rig::listening();
    for key in "054".chars() {
        assert_eq!(rig.give(TurnInput::Key(key)), []);
    }
    assert!(rig.wait(2_500).contains(&think(2, CallerSaid::Digits("054".into()))));

    let mut rig = Rig::listening();
    rig.give(TurnInput::Key('9'));
    assert!(rig.give(TurnInput::Key('#')).contains(&think(2, CallerSaid::Digits("9".into()))));
}

#[test]
fn a_star_alone_skips_at_once() {
    let mut rig = Rig::listening();
    assert!(rig.give(TurnInput::Key('*')).contains(&think(2, CallerSaid::Digits("*".into()))));
}

#[test]
fn one_key_answers_a_choice_at_once_and_interrupts_the_question() {
    let mut rig = Rig::speaking();
    let hints = RecognitionHints { phrases: vec![], kinds: vec![SlotKind::Choice], keys: None };
    rig.give(TurnInput::Expect { turn: TurnId(2), hints });
    let actions = rig.give(TurnInput::Key('2'));
    assert_eq!(actions[0], TurnAction::CancelTurn { turn: TurnId(2) });
    assert!(actions.contains(&think(3, CallerSaid::Digits("2".into()))), "{actions:?}");
}

#[test]
fn hints_reach_the_ear_and_hints_of_a_dead_turn_do_not() {
    let mut rig = Rig::speaking();
    let hints = RecognitionHints { phrases: vec!["yes".into()], kinds: vec![SlotKind::YesNo], keys: None };
    let input = |turn| TurnInput::Expect { turn, hints: hints.clone() };
    assert_eq!(rig.give(input(TurnId(1))), []);
    assert_eq!(rig.give(input(TurnId(2))), [TurnAction::Expect(hints.clone())]);
}

#[test]
fn words_told_after_the_next_onset_are_answered_with_it() {
    let mut rig = Rig::listening();
    rig.give(TurnInput::SpeechStarted);
    rig.give(TurnInput::UtteranceEnded);
    rig.give(TurnInput::SpeechStarted);
    assert_eq!(rig.give(TurnInput::EarlierWords("zero five four".into())), []);
    let actions = rig.give(TurnInput::Words("one two three".into()));
    assert!(actions.contains(&think(2, words("zero five four one two three"))), "{actions:?}");
}

#[test]
fn a_caller_who_goes_on_as_the_answer_begins_is_answered_as_a_whole() {
    let mut rig = Rig::listening();
    rig.give(TurnInput::Words("i want".into()));
    rig.answer(2, "Sorry?", AfterTurn::Listen);
    rig.wait(300);
    rig.give(TurnInput::SpeechStarted);
    let actions = rig.give(TurnInput::Words("to rent".into()));
    assert!(actions.contains(&think(3, words("i want to rent"))), "{actions:?}");

    let mut rig = Rig::listening();
    rig.give(TurnInput::Words("i want".into()));
    rig.answer(2, "Sorry?", AfterTurn::Listen);
    rig.wait(1_000);
    rig.give(TurnInput::SpeechStarted);
    let actions = rig.give(TurnInput::Words("to rent".into()));
    assert!(actions.contains(&think(3, words("to rent"))), "{actions:?}");
}

#[test]
fn an_ear_that_breaks_off_in_an_utterance_does_not_leave_the_caller_waiting() {
    let mut rig = Rig::listening();
    rig.give(TurnInput::SpeechStarted);
    rig.give(TurnInput::EarFailed);
    assert!(rig.wait(4_000).contains(&think(2, CallerSaid::Unclear)));
}

#[test]
fn keys_wait_while_the_caller_speaks_and_are_gone_once_something_else_was_answered() {
    let mut rig = Rig::listening();
    rig.give(TurnInput::Key('5'));
    rig.give(TurnInput::SpeechStarted);
    assert_eq!(rig.wait(3_000), [], "not answered over his speech");
    rig.give(TurnInput::Words(String::new()));
    assert!(rig.wait(2_500).contains(&think(2, CallerSaid::Digits("5".into()))));

    let mut rig = Rig::listening();
    rig.give(TurnInput::Key('3'));
    rig.give(TurnInput::Unclear);
    rig.answer(2, "Sorry?", AfterTurn::Listen);
    rig.give(TurnInput::Key('4'));
    assert!(rig.give(TurnInput::Key('#')).contains(&think(3, CallerSaid::Digits("4".into()))));
}

#[test]
fn a_key_for_yes_waits_half_as_long_where_a_number_may_come_too() {
    let mut rig = Rig::speaking();
    let hints =
        RecognitionHints { phrases: vec![], kinds: vec![SlotKind::YesNo, SlotKind::Phone], keys: None };
    rig.give(TurnInput::Expect { turn: TurnId(2), hints });
    rig.give(TurnInput::Key('1'));
    assert_eq!(rig.wait(1_249), []);
    assert!(rig.wait(1).contains(&think(3, CallerSaid::Digits("1".into()))));
}

#[test]
fn when_the_voice_fails_what_is_left_of_the_turn_must_not_be_heard() {
    let mut rig = Rig::listening();
    rig.give(TurnInput::Words("are you open".into()));
    let turn = TurnId(2);
    rig.give(TurnInput::Answer { turn, delta: "We are. Until six.".into() });
    let actions = rig.give(TurnInput::VoiceFailed { turn });
    assert_eq!(
        actions,
        [
            TurnAction::StopThinking { turn },
            TurnAction::CancelTurn { turn },
            TurnAction::TurnOver { turn, interrupted: false },
            changed(TurnState::Speaking, TurnState::Listening),
        ]
    );
    assert_eq!(rig.give(TurnInput::VoiceFailed { turn }), [], "the turn is over already");
}

#[path = "turn/any_input_test.rs"]
mod any_input;
#[path = "turn/one_hop_test.rs"]
mod one_hop;

#[path = "turn/keys_test.rs"]
mod keys_and_voice;
