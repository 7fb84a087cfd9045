//! A line on which nobody hears the caller: every question names its keys, and no word is asked for.

use moked_core::ports::CallerSaid;

use crate::caller::{Caller, agent, shipped};

#[test]
fn the_demo_is_kept_in_keys_alone() {
    let mut caller = Caller::unheard(&shipped("demo"));
    let greeting = caller.last.text.clone();
    assert!(greeting.starts_with("Hello, this is Maya"), "{greeting}");
    assert!(greeting.contains("cannot hear you on this line, so please use the keys"), "{greeting}");
    assert!(greeting.ends_with("Press one for rent, Press two for buy, Press three for sell."), "{greeting}");
    assert!(
        caller
            .keys("1")
            .ends_with("How many rooms? Please enter just the number. For a decimal point, press star.")
    );
    let phone = caller.keys("3").to_owned();
    assert!(
        phone.contains("phone number? Please enter the whole phone number"),
        "the name is skipped: {phone}"
    );
    assert!(caller.keys("0541234567").ends_with("Press one for yes, or two for no."));
    assert!(caller.keys("1").contains("two digits each"));
    assert!(caller.keys("2411").contains("four digits"));
    caller.keys("1030");
    assert!(caller.hung_up());
    let slots = ["topic", "rooms", "name", "phone", "day", "time"];
    assert_eq!(caller.values(&slots), ["rent", "3", "-", "0541234567", "2026-11-24", "10:30"]);
}

#[test]
fn sorry_names_the_keys_and_asks_for_no_word() {
    let mut caller = Caller::unheard(&shipped("demo"));
    let unclear = caller.does(CallerSaid::Unclear).to_owned();
    assert!(unclear.starts_with("I cannot hear you") && unclear.contains("Press one for rent"), "{unclear}");
    assert!(!unclear.contains("Please say"), "{unclear}");
    let wrong = caller.keys("9").to_owned();
    assert_eq!(wrong.matches("Press one for rent").count(), 1, "{wrong}");
}

#[test]
fn hebrew_names_the_keys_too() {
    let caller = Caller::unheard(&shipped("office"));
    assert!(caller.last.text.contains("במקשי הטלפון"), "{}", caller.last.text);
    assert!(caller.last.text.contains("להקיש אחת עבור שכירות"), "{}", caller.last.text);
}

#[test]
fn where_no_key_answers_anything_the_call_ends_with_its_closing() {
    let only_words = agent(
        "name = \"Maya\"\nlanguage = \"en\"\ngreeting = \"Hello.\"\nclosing = \"Bye.\"\n\
         [[slots]]\nid = \"wish\"\nkind = \"free_text\"\nquestion = \"What?\"\n",
    );
    let caller = Caller::unheard(&only_words);
    assert_eq!((caller.last.text.as_str(), caller.hung_up()), ("Hello. Bye.", true));
}

#[test]
fn an_ear_that_is_lost_in_mid_call_leaves_what_was_said_and_asks_for_keys() {
    let mut caller = Caller::calling(&shipped("demo"));
    caller.says("i want to rent");
    caller.says("three");
    caller.says("david");
    caller.loses_the_ear();
    let unclear = caller.does(CallerSaid::Unclear).to_owned();
    assert!(unclear.starts_with("I cannot hear you on this line, so please use the keys"), "{unclear}");
    assert!(unclear.contains("Please enter the whole phone number"), "{unclear}");
    caller.keys("0541234567");
    caller.keys("1");
    caller.keys("2411");
    caller.keys("1030");
    assert!(caller.hung_up());
    assert_eq!(caller.values(&["topic", "name", "time"]), ["rent", "David", "10:30"]);
}
