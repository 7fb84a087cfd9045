//! Keys and voice in one answer.

use super::*;

fn asked_for_a_phone() -> Rig {
    let mut rig = Rig::speaking();
    let hints = RecognitionHints { phrases: vec![], kinds: vec![SlotKind::Phone] };
    rig.give(TurnInput::Expect { turn: TurnId(2), hints });
    rig.give(TurnInput::Played { turn: TurnId(2) });
    rig
}

#[test]
fn a_number_begun_by_voice_is_finished_on_the_keys() {
    let mut rig = asked_for_a_phone();
    rig.give(TurnInput::SpeechStarted);
    rig.give(TurnInput::UtteranceEnded);
    rig.give(TurnInput::Words("oh five two one two three".into()));
    for key in "4567".chars() {
        rig.give(TurnInput::Key(key));
    }
    let actions = rig.give(TurnInput::Key('#'));
    let whole = CallerSaid::Digits("0521234567".into());
    assert!(actions.contains(&think(4, whole)), "{actions:?}");
}

#[test]
fn a_number_begun_on_the_keys_is_finished_by_voice() {
    let mut rig = asked_for_a_phone();
    for key in "052123".chars() {
        rig.give(TurnInput::Key(key));
    }
    rig.give(TurnInput::SpeechStarted);
    rig.give(TurnInput::UtteranceEnded);
    let actions = rig.give(TurnInput::Words("ארבע חמש שש שבע".into()));
    assert!(actions.contains(&think(3, CallerSaid::Digits("0521234567".into()))), "{actions:?}");
}
