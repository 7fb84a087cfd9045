//! Turns whose engine hears and speaks for itself.

use super::*;

#[test]
fn what_a_one_hop_engine_has_heard_is_answered_at_once_and_spoken_by_it() {
    let mut rig = Rig::listening();
    rig.give(TurnInput::SpeechStarted);
    rig.give(TurnInput::UtteranceEnded);
    let turn = TurnId(2);
    let actions = rig.give(TurnInput::Spoken);
    assert!(actions.contains(&TurnAction::Think { turn, said: CallerSaid::Spoken }), "{actions:?}");
    let actions = rig.give(TurnInput::AnswerSpoken { turn, ms: 400 });
    assert_eq!(actions, [changed(TurnState::Thinking, TurnState::Speaking)]);
    assert_eq!(rig.give(TurnInput::AnswerSpoken { turn, ms: 400 }), [], "the voice has nothing to say");
    let then = AfterTurn::Listen;
    assert_eq!(rig.give(TurnInput::AnswerDone { turn, then }), [TurnAction::FinishTurn { turn }]);
    assert_eq!(rig.wait(5_799), []);
    let actions = rig.wait(1);
    assert!(actions.contains(&TurnAction::CancelTurn { turn }), "a lost mark holds no call up: {actions:?}");
}

#[test]
fn a_one_hop_answer_is_interrupted_as_any_other() {
    let mut rig = Rig::listening();
    rig.give(TurnInput::Spoken);
    let turn = TurnId(2);
    rig.give(TurnInput::AnswerSpoken { turn, ms: 400 });
    rig.wait(1_000);
    let actions = rig.give(TurnInput::SpeechStarted);
    assert_eq!(
        actions,
        [
            TurnAction::StopThinking { turn },
            TurnAction::CancelTurn { turn },
            TurnAction::TurnOver { turn, interrupted: true },
            changed(TurnState::Speaking, TurnState::Listening),
        ]
    );
    assert_eq!(rig.give(TurnInput::AnswerSpoken { turn, ms: 400 }), [], "late audio of a dead turn");
}
