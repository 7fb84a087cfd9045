//! Waits of all lengths, and what is said in them.

use super::*;
use crate::ids::TurnId;
use crate::ports::AfterTurn;
use crate::testing::{at, start};
use crate::turn::{TurnInput, TurnSettings};

const TURN: TurnId = TurnId(2);

struct Rig(Turns, Instant);

impl Rig {
    /// A caller who has just asked something.
    fn asked() -> Self {
        let mut rig = Self(Turns::new(TurnSettings::default()), start());
        rig.give(TurnInput::CallStarted);
        rig.done(1, "Hello!");
        rig.give(TurnInput::Played { turn: TurnId(1) });
        rig.ask();
        rig
    }

    fn ask(&mut self) -> Vec<TurnAction> {
        self.give(TurnInput::Words("are you open".into()))
    }

    fn give(&mut self, input: TurnInput) -> Vec<TurnAction> {
        self.0.handle(input, self.1);
        self.drain()
    }

    fn drain(&mut self) -> Vec<TurnAction> {
        std::iter::from_fn(|| self.0.next_action()).collect()
    }

    fn delta(&mut self, text: &str) -> Vec<TurnAction> {
        self.give(TurnInput::Answer { turn: self.0.turn(), delta: text.into() })
    }

    fn done(&mut self, turn: u32, text: &str) {
        let turn = TurnId(turn);
        self.give(TurnInput::Answer { turn, delta: text.into() });
        self.give(TurnInput::AnswerDone { turn, then: AfterTurn::Listen });
    }

    /// Time passes, timer by timer, as the shell does it; gives when fillers came, in ms, and which.
    fn wait(&mut self, ms: u64) -> Vec<(u64, Wait, u32)> {
        let (begun, end) = (self.1, at(self.1, ms));
        let mut fillers = Vec::new();
        while self.1 < end {
            let due = self.0.poll_timeout().map_or(end, |(due, _)| due);
            self.1 = due.clamp(self.1, end);
            self.0.handle_timeout(self.1);
            let passed = (self.1 - begun).as_millis() as u64;
            fillers.extend(self.drain().into_iter().filter_map(|action| {
                if let TurnAction::Fill { wait, number, .. } = action {
                    Some((passed, wait, number))
                } else {
                    None
                }
            }));
            if self.0.poll_timeout().is_none() {
                self.1 = end;
            }
        }
        fillers
    }
}

#[test]
fn a_quick_answer_needs_no_filler() {
    let mut rig = Rig::asked();
    assert_eq!(rig.wait(799), []);
    rig.done(2, "We are.");
    assert_eq!(rig.wait(4_000), []);
}

#[test]
fn a_wait_has_one_filler_and_only_a_very_long_one_another() {
    let mut rig = Rig::asked();
    assert_eq!(rig.wait(9_999), [(800, Wait::Short, 0), (6_000, Wait::Long, 1)]);
    assert_eq!(rig.0.state(), TurnState::Thinking, "it is no answer");
}

#[test]
fn the_next_wait_has_the_next_filler() {
    let mut rig = Rig::asked();
    assert_eq!(rig.wait(1_000).len(), 1);
    rig.done(2, "We are.");
    rig.give(TurnInput::Played { turn: TURN });
    rig.ask();
    assert_eq!(rig.wait(1_000), [(800, Wait::Short, 1)]);
}

#[test]
fn words_that_have_begun_to_come_put_it_off_and_a_sentence_forbids_it() {
    let mut rig = Rig::asked();
    rig.wait(700);
    rig.delta("Let me");
    assert_eq!(rig.wait(790), []);
    rig.delta(" see. ");
    assert_eq!(rig.wait(3_000), []);
    let mut stalled = Rig::asked();
    stalled.wait(700);
    stalled.delta("Let me");
    assert_eq!(stalled.wait(2_000), [(800, Wait::Short, 0)], "they broke off");
}

#[test]
fn an_answer_follows_the_filler_in_its_turn() {
    let mut rig = Rig::asked();
    rig.wait(1_000);
    let actions = rig.delta("We are open. ");
    let text = "We are open.".to_owned();
    assert!(actions.contains(&TurnAction::Say { turn: TURN, text, is_repeated: false }), "{actions:?}");
    assert_eq!(rig.0.state(), TurnState::Speaking);
}

#[test]
fn who_speaks_into_a_filler_goes_on_with_his_question() {
    let mut rig = Rig::asked();
    rig.wait(1_000);
    let actions = rig.give(TurnInput::SpeechStarted);
    assert!(actions.contains(&TurnAction::CancelTurn { turn: TURN }), "{actions:?}");
    assert!(
        !actions.iter().any(|action| matches!(action, TurnAction::TurnOver { .. })),
        "nothing was answered"
    );
    let actions = rig.give(TurnInput::Words("on friday".into()));
    let said = CallerSaid::Words("are you open on friday".into());
    assert!(actions.contains(&TurnAction::Think { turn: TurnId(3), said }), "{actions:?}");
}

#[test]
fn who_speaks_as_the_filler_ends_has_not_taken_the_answer_in() {
    let mut rig = Rig::asked();
    rig.wait(800);
    rig.delta("We are open. ");
    rig.wait(1_000);
    rig.give(TurnInput::SpeechStarted);
    let actions = rig.give(TurnInput::Words("on friday".into()));
    let said = CallerSaid::Words("are you open on friday".into());
    assert!(actions.contains(&TurnAction::Think { turn: TurnId(3), said }), "{actions:?}");
}

#[test]
fn the_greeting_silence_and_announcements_are_not_waited_for() {
    let mut rig = Rig(Turns::new(TurnSettings::default()), start());
    rig.give(TurnInput::CallStarted);
    assert_eq!(rig.wait(9_000), []);
    rig.done(1, "Hello!");
    rig.give(TurnInput::Played { turn: TurnId(1) });
    assert_eq!(rig.wait(8_000 + 9_000), [], "he said nothing, so he waits for nothing");
}

#[test]
fn an_answer_without_words_waits_for_its_filler_to_be_heard() {
    let mut rig = Rig::asked();
    rig.wait(1_000);
    let actions = rig.give(TurnInput::AnswerDone { turn: TURN, then: AfterTurn::Listen });
    assert!(actions.contains(&TurnAction::FinishTurn { turn: TURN }), "{actions:?}");
    assert_eq!(rig.0.state(), TurnState::Speaking);
    rig.give(TurnInput::Played { turn: TURN });
    assert_eq!(rig.0.state(), TurnState::Listening);
}

#[test]
fn a_mind_that_begins_anew_does_not_make_another_filler() {
    let mut rig = Rig::asked();
    assert_eq!(rig.wait(1_000).len(), 1);
    rig.give(TurnInput::MindRestarted);
    assert_eq!(rig.wait(4_000), []);
}

#[test]
fn a_dialog_that_begins_anew_from_what_was_kept_does_not_say_it_twice() {
    let mut rig = Rig::asked();
    assert_eq!(rig.wait(1_000).len(), 1);
    let mut again = Rig(rig.0.clone(), rig.1);
    again.0.handle_timeout(again.1);
    assert_eq!(again.wait(4_000), []);
}

#[test]
fn a_voice_that_died_of_the_filler_is_told_where_the_ear_is_and_no_more() {
    let mut rig = Rig::asked();
    let restarted = || TurnInput::VoiceRestarted { turn: TURN };
    assert_eq!(rig.give(restarted()), [], "nothing was said that could be lost");
    rig.wait(1_000);
    assert_eq!(rig.give(restarted()), [TurnAction::SpeakAgain { turn: TURN }]);
    assert_eq!(rig.wait(4_000), []);
}

#[test]
fn on_a_line_that_is_down_nothing_is_said() {
    let mut rig = Rig::asked();
    rig.give(TurnInput::LineDown);
    assert_eq!(rig.wait(5_000), []);
}

#[test]
fn without_the_setting_there_are_none() {
    let filling = FillingSettings { after: None, again: Some(Duration::from_secs(6)) };
    let mut rig = Rig(Turns::new(TurnSettings { filling, ..TurnSettings::default() }), start());
    rig.give(TurnInput::CallStarted);
    rig.done(1, "Hello!");
    rig.give(TurnInput::Played { turn: TurnId(1) });
    rig.ask();
    assert_eq!(rig.wait(9_000), []);
}
