//! Whatever a caller does, the receptionist answers, stays within its rules and comes to an end.

use crate::caller::{Caller, NOW, shipped};
use moked_core::ports::CallerSaid;
use moked_core::receptionist::understand::{Attention, date, name, number, phone, time, words, yes_no};
use proptest::prelude::*;

const DEMO: &str = "demo";
const OFFICE: &str = "office";

const WORDS: &str = "yes no three and a half past ten at tomorrow tuesday the fifth of may my name is david i am oh \
    five four double one two hundred thousand million rent buy what goodbye moment hours person כן לא רגע שלוש \
    שלושה וחצי עשר עשרה בעשר מחר יום שלישי שני חמישי לחמישי במאי אני דוד שמי אפס חמש ארבע מאות אלף מיליון \
    שכירות סליחה להתראות נציג רבע לחמש 5.5 10:30 3,000 99999999999999999999 +972 0541234567 31/2 ב-5 … ? ־";

fn caller_said() -> impl Strategy<Value = CallerSaid> {
    let word = proptest::sample::select(WORDS.split_whitespace().collect::<Vec<_>>());
    let sentence = proptest::collection::vec(word, 0..12).prop_map(|words| words.join(" "));
    prop_oneof![
        4 => sentence.prop_map(CallerSaid::Words),
        2 => "\\PC{0,20}".prop_map(CallerSaid::Words),
        2 => "[0-9*]{0,12}".prop_map(CallerSaid::Digits),
        1 => Just(CallerSaid::Unclear),
        1 => Just(CallerSaid::Silence),
        1 => Just(CallerSaid::Nothing),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_turn_gets_an_answer_without_digits_or_braces(
        hebrew: bool,
        turns in proptest::collection::vec(caller_said(), 1..20),
    ) {
        let mut caller = Caller::calling(&shipped(if hebrew { OFFICE } else { DEMO }));
        let mut known = 0;
        for turn in turns {
            let own_words = matches!(&turn, CallerSaid::Words(_));
            caller.does(turn);
            let text = &caller.last.text;
            prop_assert!(!text.contains(['{', '}']), "{}", text);
            prop_assert!(own_words || !text.contains("  "), "{}", text);
            let now_known = caller.lead.as_ref().map_or(0, |lead| lead.answers.len());
            prop_assert!(now_known + 1 >= known, "answers were lost: {} then {}", known, now_known);
            known = now_known;
        }
    }

    #[test]
    fn a_caller_who_is_never_understood_is_let_go_soon(kinds in proptest::collection::vec(0..3, 60)) {
        let mut caller = Caller::calling(&shipped(DEMO));
        let mut turns = 0;
        for kind in kinds {
            caller.does(match kind {
                0 => CallerSaid::Unclear,
                1 => CallerSaid::Words("blah about from the".to_owned()),
                _ => CallerSaid::Digits("0".to_owned()),
            });
            turns += 1;
            if caller.hung_up() {
                break;
            }
        }
        // Six slots, three tries each; a keyed zero is taken as no rooms and as midnight at most.
        prop_assert!(caller.hung_up() && turns <= 18, "{} turns", turns);
    }

    #[test]
    fn readers_stay_inside_the_words(said in prop_oneof![
        "\\PC{0,40}",
        proptest::collection::vec(proptest::sample::select(WORDS.split_whitespace().collect::<Vec<_>>()), 0..10)
            .prop_map(|words| words.join(" ")),
    ]) {
        let words = words(&said);
        for attention in [Attention::Asked, Attention::Overheard] {
            let spans = [
                date(&words, NOW.date(), attention).map(|found| found.span),
                time(&words, attention).map(|found| found.span),
                phone(&words, attention).map(|found| found.span),
                number(&words, &[], attention).map(|found| found.span),
                name(&words, attention).map(|found| found.span),
                yes_no(&words).map(|found| found.span),
            ];
            for span in spans.into_iter().flatten() {
                prop_assert!(span.start < span.end && span.end <= words.len(), "{:?} of {}", span, words.len());
            }
        }
    }
}
