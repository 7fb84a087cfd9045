//! Keys and voice in one answer.

use super::*;

fn asked_for_a_phone() -> Rig {
    let mut rig = Rig::speaking();
    let hints = RecognitionHints { phrases: vec![], kinds: vec![SlotKind::Phone], keys: None };
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

fn asked(question: &str, hints: RecognitionHints, settings: KeySettings) -> Rig {
    let mut rig = Rig::listening();
    rig.turns.settings.keys = settings;
    rig.give(TurnInput::Words("hello".into()));
    rig.give(TurnInput::Expect { turn: TurnId(2), hints });
    rig.answer(2, question, AfterTurn::Listen);
    rig
}

fn kinds(kinds: &[SlotKind]) -> RecognitionHints {
    RecognitionHints { kinds: kinds.to_vec(), ..RecognitionHints::default() }
}

fn press(rig: &mut Rig, keys: &str) -> Vec<TurnAction> {
    keys.chars().flat_map(|key| rig.give(TurnInput::Key(key))).collect()
}

fn thought(actions: &[TurnAction]) -> Option<&CallerSaid> {
    actions
        .iter()
        .find_map(|action| if let TurnAction::Think { said, .. } = action { Some(said) } else { None })
}

fn digits(keys: &str) -> CallerSaid {
    CallerSaid::Digits(keys.into())
}

#[test]
fn keys_stop_the_agent_where_an_answer_in_keys_is_due_and_else_wait_for_it_to_finish() {
    let interrupted = |hints, interrupt, key: &str| {
        let mut rig = asked("Well?", hints, KeySettings { interrupt, ..KeySettings::default() });
        press(&mut rig, key);
        rig.turns.state() != TurnState::Speaking
    };
    let (number, name) = (kinds(&[SlotKind::Number]), kinds(&[SlotKind::Name]));
    assert!(interrupted(number.clone(), KeyInterrupt::Expected, "3"));
    assert!(interrupted(RecognitionHints::default(), KeyInterrupt::Expected, "3"), "anything may be due");
    assert!(!interrupted(name.clone(), KeyInterrupt::Expected, "3"));
    assert!(interrupted(name.clone(), KeyInterrupt::Expected, "*"), "skip");
    assert!(interrupted(name.clone(), KeyInterrupt::Always, "3"));
    assert!(!interrupted(number, KeyInterrupt::Never, "3"));

    let mut rig = asked("Your name?", name, KeySettings::default());
    assert_eq!(press(&mut rig, "35"), []);
    rig.give(TurnInput::Played { turn: TurnId(2) });
    assert_eq!(thought(&rig.wait(2_500)), Some(&digits("35")), "they are not lost");
}

#[test]
fn a_finish_after_a_whole_answer_does_not_stop_what_answers_it() {
    let mut rig = asked("Rent or buy?", kinds(&[SlotKind::Choice]), KeySettings::default());
    assert_eq!(thought(&press(&mut rig, "1")), Some(&digits("1")));
    assert_eq!(press(&mut rig, "#"), []);
    rig.answer(3, "Thank you.", AfterTurn::Listen);
    assert_eq!(press(&mut rig, "#"), []);
    assert_eq!(rig.turns.state(), TurnState::Speaking);
}

#[test]
fn a_pattern_completes_the_answer_with_its_last_key() {
    let hints = RecognitionHints {
        keys: Some("[0-9]{5}".to_owned().try_into().unwrap()),
        ..kinds(&[SlotKind::FreeText])
    };
    let mut rig = asked("Your order number?", hints.clone(), KeySettings::default());
    assert_eq!(thought(&press(&mut rig, "1234")), None);
    assert_eq!(thought(&press(&mut rig, "5")), Some(&digits("12345")));
    let mut rig = asked("Your order number?", hints, KeySettings::default());
    assert_eq!(thought(&press(&mut rig, "*")), Some(&digits("*")), "skip");
}

#[test]
fn hash_and_star_do_what_is_set() {
    let with = |hash, star| {
        let settings = KeySettings { hash, star, ..KeySettings::default() };
        asked("How many?", kinds(&[SlotKind::Number]), settings)
    };
    let mut rig = with(KeyRole::Digit, KeyRole::Finish);
    assert_eq!(thought(&press(&mut rig, "1#2*")), Some(&digits("1#2")));
    let mut rig = with(KeyRole::Finish, KeyRole::Clear);
    assert_eq!(thought(&press(&mut rig, "19*20#")), Some(&digits("20")));
    let mut rig = with(KeyRole::Ignore, KeyRole::Ignore);
    assert_eq!(thought(&press(&mut rig, "1#*")), None);
    assert_eq!(thought(&rig.wait(2_500)), Some(&digits("1")));
}

#[test]
fn keys_and_voice_make_up_one_number_by_the_question_alone() {
    let mut rig = asked("What is your ID number?", RecognitionHints::default(), KeySettings::default());
    rig.give(TurnInput::Played { turn: TurnId(2) });
    rig.give(TurnInput::SpeechStarted);
    rig.give(TurnInput::UtteranceEnded);
    rig.give(TurnInput::Words("three one two four five six".into()));
    assert_eq!(thought(&press(&mut rig, "789#")), Some(&digits("312456789")));
}
