//! Whatever comes in whatever order, the turn comes back.

use proptest::prelude::*;

use super::*;

fn input() -> impl Strategy<Value = TurnInput> {
    let turn = (0_u32..6).prop_map(TurnId);
    prop_oneof![
        Just(TurnInput::SpeechStarted),
        Just(TurnInput::UtteranceEnded),
        Just(TurnInput::Words("words".into())),
        Just(TurnInput::Words(String::new())),
        Just(TurnInput::LikelyOver("words".into())),
        Just(TurnInput::GoesOn),
        Just(TurnInput::Unclear),
        Just(TurnInput::Spoken),
        Just(TurnInput::MindRestarted),
        Just(TurnInput::HeardAgain),
        Just(TurnInput::LineDown),
        Just(TurnInput::LineUp),
        prop::char::range('0', '9').prop_map(TurnInput::Key),
        turn.clone().prop_map(|turn| TurnInput::Answer { turn, delta: "Yes. ".into() }),
        turn.clone().prop_map(|turn| TurnInput::AnswerDone { turn, then: AfterTurn::Listen }),
        turn.clone().prop_map(|turn| TurnInput::AnswerSpoken { turn, ms: 200 }),
        turn.clone().prop_map(|turn| TurnInput::VoiceRestarted { turn }),
        turn.prop_map(|turn| TurnInput::Played { turn }),
    ]
}

/// Does what the shell must do with an order that waits for a fact, and says whether a turn began.
fn obey(rig: &mut Rig, actions: Vec<TurnAction>) -> bool {
    let mut has_begun = false;
    for action in actions {
        if let TurnAction::Apologise { turn } = action {
            rig.give(TurnInput::AnswerFailed { turn, apology: "Sorry.".into() });
        }
        has_begun |= matches!(action, TurnAction::Think { .. } | TurnAction::Commit { .. });
    }
    has_begun
}

proptest! {
    /// Whatever comes, the machine never gets stuck: with nothing more than the end of the caller's
    /// speech it begins another turn within a minute.
    #[test]
    fn the_turn_always_comes_back(inputs in prop::collection::vec((input(), 0_u64..3_000), 0..60)) {
        let mut rig = Rig::listening();
        for (input, ms) in inputs {
            let actions = rig.give(input);
            obey(&mut rig, actions);
            let actions = rig.wait(ms);
            obey(&mut rig, actions);
        }
        let actions = rig.give(TurnInput::LineUp);
        obey(&mut rig, actions);
        rig.give(TurnInput::UtteranceEnded);
        let mut has_begun = false;
        for _ in 0..600 {
            let actions = rig.wait(100);
            has_begun |= obey(&mut rig, actions);
        }
        prop_assert!(has_begun);
    }
}
