//! Whole calls with the English demo agent.

use std::sync::{Arc, Mutex};

use crate::caller::{Caller, NOW, agent, shipped};
use moked_core::agent::Agent;
use moked_core::hints::SlotKind;
use moked_core::ids::{CallSid, TurnId};
use moked_core::language::Language;
use moked_core::ports::{AfterTurn, CallerSaid, ChatEvent, ChatModel, ChatRequest, ChatTurn, Sink};
use moked_core::receptionist::{ReceptionistModel, vocabulary};

const DEMO: &str = "demo";
const SLOTS: [&str; 6] = ["topic", "rooms", "name", "phone", "day", "time"];

fn demo() -> Arc<Agent> {
    shipped(DEMO)
}

#[test]
fn a_plain_call_as_the_embedded_ear_hears_it() {
    let mut caller = Caller::calling(&demo());
    assert_eq!(
        caller.last.text,
        "Hello, this is Maya from Green Door Homes. Would you like to rent, to buy, or to sell?"
    );
    assert_eq!(caller.last.hints.kinds, [SlotKind::Choice]);
    assert_eq!(caller.says("i want to rent"), "Thank you. How many rooms?");
    assert_eq!(caller.says("three"), "Great. What is your name, please?");
    assert_eq!(caller.says("david"), "Very good. What is your phone number?");
    assert_eq!(caller.last.hints.kinds, [SlotKind::Phone]);
    assert_eq!(
        caller.says("oh five four one two three four five six seven"),
        "I have zero five four, one two three, four five six seven. Is that right?"
    );
    assert_eq!(caller.last.hints.kinds, [SlotKind::YesNo, SlotKind::Phone]);
    assert_eq!(caller.says("yes"), "Got it. On which day would you like to meet?");
    assert_eq!(caller.says("next tuesday"), "Thank you. At what time?");
    assert!(!caller.hung_up());
    assert_eq!(
        caller.says("half past ten"),
        "Thank you, David. We will meet on Tuesday, the twenty fourth of November, at half past ten. Goodbye."
    );
    assert!(caller.hung_up());
    assert!(caller.lead.as_ref().is_some_and(|lead| lead.complete));
    assert_eq!(caller.values(&SLOTS), ["rent", "3", "David", "0541234567", "2026-11-24", "10:30"]);
}

#[test]
fn one_utterance_fills_what_it_holds_and_steals_nothing() {
    let mut caller = Caller::calling(&demo());
    let answer = caller.says("I'm David and I want to rent a three room apartment tomorrow at ten");
    let noted = "Thank you. I have written down rent, three, David, Saturday, the twenty first of November, ten o'clock.";
    assert!(answer.starts_with(noted), "{answer}");
    assert!(answer.ends_with("What is your phone number?"), "{answer}");
    assert_eq!(caller.values(&SLOTS), ["rent", "3", "David", "-", "2026-11-21", "10:00"]);
    caller.says("054-1234567");
    caller.says("that's right");
    assert!(caller.hung_up());
}

#[test]
fn questions_are_answered_and_the_open_one_comes_back() {
    let mut caller = Caller::calling(&demo());
    let answer = caller.says("What are your opening hours?");
    assert!(answer.starts_with("We are open from Sunday"), "{answer}");
    assert!(answer.ends_with("Would you like to rent, to buy, or to sell?"), "{answer}");
    let answer = caller.says("buy, and where is your office");
    assert!(answer.contains("Garden Street") && answer.ends_with("How many rooms?"), "{answer}");
    assert_eq!(caller.value("topic"), Some("buy"));
    caller.says("four");
    let answer = caller.says("is there parking");
    assert!(answer.ends_with("behind the office. What is your name, please?"), "{answer}");
    assert_eq!(caller.value("name"), None);
}

#[test]
fn mishearings_are_met_with_patience_that_ends() {
    let mut caller = Caller::calling(&demo());
    let first = caller.does(CallerSaid::Unclear).to_owned();
    assert!(first.ends_with("Please say rent, buy, or sell."), "{first}");
    let second = caller.says("the weather is nice").to_owned();
    assert_ne!(first, second);
    let third = caller.does(CallerSaid::Unclear).to_owned();
    assert_eq!(third, "Never mind, let us go on. How many rooms?");
    assert_eq!(caller.says("what"), "How many rooms?");
    assert_eq!(caller.says("one moment please"), "Of course, take your time.");
    assert_eq!(caller.says("i don't know"), "No problem. What is your name, please?");
    caller.says("sarah");
    caller.says("oh five four");
    assert_eq!(caller.last.text, "I have zero five four so far. Please go on.");
}

#[test]
fn a_number_read_back_can_be_corrected() {
    let mut caller = Caller::calling(&demo());
    caller.says("this is sarah and i want to sell");
    caller.says("five");
    caller.says("054 123 4567");
    let answer = caller.says("no it's oh five two one two three four five six seven");
    assert_eq!(answer, "I have zero five two, one two three, four five six seven. Is that right?");
    assert_eq!(
        caller.says("no"),
        "Sorry about that. Let us try again. Please say your phone number again, one digit at a time, or enter it \
         on the keys."
    );
    caller.says("0531234567");
    assert!(caller.says("uh what is the commission").contains("two percent"));
    assert!(caller.last.text.contains("zero five three"), "{}", caller.last.text);
    assert!(caller.says("correct").ends_with("On which day would you like to meet?"));
    assert_eq!(caller.value("phone"), Some("0531234567"));
}

#[test]
fn a_number_may_come_in_parts() {
    let mut caller = Caller::calling(&demo());
    caller.says("rent");
    caller.says("two");
    caller.says("dan");
    caller.says("oh five four");
    caller.says("one two three");
    assert!(caller.says("four five six seven").contains("four five six seven. Is that "));
}

#[test]
fn a_call_all_in_keys() {
    let mut caller = Caller::calling(&demo());
    caller.keys("7");
    assert_eq!(
        caller.last.text,
        "Press one for rent, Press two for buy, Press three for sell. Please say rent, buy, or sell."
    );
    caller.keys("2");
    caller.keys("3*5");
    assert!(caller.keys("3").starts_with("I need to hear this one in words."), "{}", caller.last.text);
    assert!(caller.keys("*").ends_with("What is your phone number?"));
    assert!(caller.keys("054123").contains("so far"));
    assert!(caller.keys("4567").contains("Is that correct?"));
    assert!(caller.keys("1").ends_with("On which day would you like to meet?"));
    assert!(caller.keys("9999").starts_with("Please enter the day and the month"));
    caller.keys("0512");
    caller.keys("1430");
    assert!(caller.hung_up());
    assert!(caller.last.text.ends_with("One of our agents will call you back soon. Goodbye."));
    assert_eq!(caller.values(&SLOTS), ["buy", "3.5", "-", "0541234567", "2026-12-05", "14:30"]);
    assert!(caller.lead.as_ref().is_some_and(|lead| !lead.complete));
}

#[test]
fn a_goodbye_ends_politely_with_what_is_known() {
    let mut caller = Caller::calling(&demo());
    caller.says("rent");
    assert_eq!(caller.says("sorry i have to go goodbye"), "Thank you for calling Green Door Homes. Goodbye.");
    assert!(caller.hung_up());
    assert_eq!(caller.last.lead.as_ref().map(|lead| (lead.answers.len(), lead.complete)), Some((1, false)));
    let mut silent = Caller::calling(&demo());
    silent.says("bye bye");
    assert!(silent.hung_up());
    assert_eq!(silent.lead, None);
}

#[test]
fn silence_is_met_gently_twice_and_then_the_call_ends() {
    let mut caller = Caller::calling(&demo());
    let first = caller.does(CallerSaid::Silence).to_owned();
    let second = caller.does(CallerSaid::Silence).to_owned();
    assert_ne!(first, second);
    assert!(first.ends_with("to sell?") && second.ends_with("to sell?"), "{first} {second}");
    caller.says("rent");
    assert_eq!(caller.does(CallerSaid::Silence), "Are you still there? How many rooms?");
    caller.does(CallerSaid::Silence);
    assert!(!caller.hung_up());
    caller.does(CallerSaid::Silence);
    assert!(caller.hung_up());
    assert_eq!(caller.value("topic"), Some("rent"));
}

#[test]
fn who_wants_a_person_leaves_a_number() {
    let mut caller = Caller::calling(&demo());
    let answer = caller.says("can i speak to someone please");
    assert_eq!(answer, "Of course. One of our agents will call you back. What is your phone number?");
    caller.says("oh five four one two three four five six seven");
    assert!(caller.says("yes").ends_with("What is your name, please?"));
    caller.says("dan");
    assert!(caller.hung_up());
    assert!(caller.last.text.ends_with("One of our agents will call you back soon. Goodbye."));
}

#[test]
fn who_asks_on_after_the_end_is_still_answered() {
    let mut caller = Caller::calling(&demo());
    caller.says("goodbye");
    let answer = caller.says("oh wait what is your address");
    assert!(answer.contains("Garden Street") && answer.ends_with("Goodbye."), "{answer}");
    assert!(caller.hung_up());
}

#[test]
fn an_agent_without_questions_answers_until_the_goodbye() {
    let agent = agent(
        r#"
        name = "Maya"
        language = "en"
        greeting = "Hello, how can I help?"
        closing = "Goodbye then."
        facts = [{ phrases = ["parking"], answer = "Behind the house." }]
        "#,
    );
    let mut caller = Caller::calling(&agent);
    assert_eq!(caller.last.text, "Hello, how can I help?");
    assert_eq!(caller.says("is there parking"), "Behind the house. How else can I help you?");
    assert_eq!(caller.says("no thank you"), "Goodbye then.");
    assert!(caller.hung_up());
    assert_eq!(caller.lead, None);
}

#[test]
fn the_vocabulary_holds_all_that_callers_say_at_any_time() {
    let words = vocabulary(&demo());
    for phrase in ["rent", "opening hours", "yes", "no", "goodbye", "Maya"] {
        assert!(words.iter().any(|word| word == phrase), "{phrase}");
    }
}

#[test]
fn the_model_answers_a_turn_at_once_and_in_order() {
    let events = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&events);
    let model = ReceptionistModel::new(demo());
    let request = ChatRequest { call_sid: CallSid::new("CA1"), language: Language::English, caller: None };
    let mut session = model.open(request, Sink::new(move |event| kept.lock().expect("a lock").push(event)));
    let turn = TurnId(4);
    let said = CallerSaid::Words("rent".to_owned());
    session.think(ChatTurn { turn, said, history: Vec::new(), now: NOW });
    session.cancel(turn);
    let events = events.lock().expect("a lock");
    assert!(
        matches!(
            events.as_slice(),
            [
                ChatEvent::Text { turn: TurnId(4), .. },
                ChatEvent::Expect { turn: TurnId(4), .. },
                ChatEvent::Lead { turn: TurnId(4), .. },
                ChatEvent::Done { turn: TurnId(4), then: AfterTurn::Listen },
            ]
        ),
        "{events:?}"
    );
}

#[test]
fn a_call_that_another_mind_began_goes_on_with_the_next_open_question() {
    let mut before = Caller::calling(&demo());
    before.says("i want to rent");
    before.says("three");
    before.says("david");
    let lead = before.lead.take().unwrap_or_else(|| panic!("no lead"));
    let mut caller = Caller::taken_over(&demo(), &lead);
    let phone = caller.says("oh five four one two three four five six seven").to_owned();
    assert!(phone.contains("zero five four") && phone.contains("Is that right?"), "{phone}");
    assert_eq!(caller.says("yes"), "Thank you. On which day would you like to meet?");
    assert_eq!(caller.values(&SLOTS), ["rent", "3", "David", "0541234567", "-", "-"]);
}
