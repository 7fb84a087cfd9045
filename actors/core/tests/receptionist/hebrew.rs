//! שיחות שלמות: whole calls with the Hebrew office agent.

use std::sync::Arc;

use crate::caller::{Caller, shipped};
use moked_core::agent::Agent;
use moked_core::hints::SlotKind;
use moked_core::ports::CallerSaid;

const OFFICE: &str = "office";
const SLOTS: [&str; 6] = ["topic", "rooms", "name", "phone", "day", "time"];

fn office() -> Arc<Agent> {
    shipped(OFFICE)
}

#[test]
fn a_plain_call_as_a_cloud_recogniser_writes_it() {
    let mut caller = Caller::calling(&office());
    assert_eq!(
        caller.last.text,
        "שלום, הגעתם לדלת ירוקה נדל״ן. מדברת נועה, ואשמח לעזור. מה מעניין אותך: שכירות, קנייה או מכירה?"
    );
    assert_eq!(caller.says("אני רוצה לשכור דירה."), "תודה. כמה חדרים?");
    assert_eq!(caller.says("שלושה וחצי חדרים."), "מצוין. מה שמך, בבקשה?");
    assert_eq!(caller.says("שמי דוד כהן."), "יופי. לאיזה מספר טלפון אפשר לחזור אליך?");
    assert_eq!(
        caller.says("אפס חמישים וארבע, אחת שתיים שלוש, ארבע חמש שש שבע"),
        "רשמתי אפס חמש ארבע, אחת שתיים שלוש, ארבע חמש שש שבע. נכון?"
    );
    assert_eq!(caller.last.hints.kinds, [SlotKind::YesNo, SlotKind::Phone]);
    assert_eq!(caller.says("כן, נכון."), "רשמתי. באיזה יום נוח לך להיפגש?");
    assert_eq!(caller.says("ביום שלישי הקרוב"), "תודה. ובאיזו שעה?");
    assert_eq!(
        caller.says("בעשר וחצי."),
        "תודה רבה, דוד כהן. רשמתי: שכירות, מספר חדרים: שלושה וחצי. ניפגש ביום שלישי, העשרים וארבעה \
         בנובמבר, בשעה עשר וחצי. נהיה בקשר במספר אפס חמש ארבע, אחת שתיים שלוש, ארבע חמש שש שבע. להתראות!"
    );
    assert!(caller.hung_up());
    assert!(caller.lead.as_ref().is_some_and(|lead| lead.complete));
    assert_eq!(caller.values(&SLOTS), ["שכירות", "3.5", "דוד כהן", "0541234567", "2026-11-24", "10:30"]);
}

#[test]
fn one_utterance_fills_what_it_holds_and_steals_nothing() {
    let mut caller = Caller::calling(&office());
    let answer = caller.says("שלום, אני דוד ואני מחפש לשכור דירה של 3 חדרים, אפשר להיפגש מחר בעשר?");
    assert!(answer.ends_with("לאיזה מספר טלפון אפשר לחזור אליך?"), "{answer}");
    assert_eq!(caller.values(&SLOTS), ["שכירות", "3", "דוד", "-", "2026-11-21", "10:00"]);
    assert!(caller.says("054-1234567").ends_with("נכון?"));
    caller.says("כן");
    assert!(caller.hung_up());
}

#[test]
fn one_word_answers_are_enough() {
    let mut caller = Caller::calling(&office());
    assert!(caller.says("רגע").starts_with("בטח, בלי לחץ."));
    assert!(caller.says("קנייה").ends_with("כמה חדרים?"));
    assert_eq!(caller.says("סליחה?"), "כמה חדרים?");
    assert_eq!(caller.says("לא שמעתי"), "כמה חדרים?");
    assert!(caller.says("ארבע").ends_with("מה שמך, בבקשה?"));
    assert!(caller.says("יעל").ends_with("לאיזה מספר טלפון אפשר לחזור אליך?"));
    caller.says("0541234567");
    assert_eq!(
        caller.says("לא"),
        "סליחה על הטעות. ננסה שוב. אפשר לומר שוב את המספר, ספרה אחר ספרה, או להקיש אותו."
    );
    caller.says("0521234567");
    assert_eq!(caller.says("רגע"), "בטח, בלי לחץ.");
    assert!(caller.says("מה?").ends_with("נכון?"), "{}", caller.last.text);
    assert!(caller.says("כן").ends_with("באיזה יום נוח לך להיפגש?"));
    assert!(caller.says("מחר").ends_with("ובאיזו שעה?"));
    caller.says("חמש");
    assert_eq!(caller.values(&SLOTS), ["קנייה", "4", "יעל", "0521234567", "2026-11-21", "17:00"]);
    assert!(caller.last.text.contains("בשעה חמש אחר הצהריים"), "{}", caller.last.text);
    assert!(caller.hung_up());
}

#[test]
fn questions_in_the_middle_are_answered() {
    let mut caller = Caller::calling(&office());
    let answer = caller.says("ומה שעות הפתיחה שלכם?");
    assert!(answer.starts_with("אנחנו פתוחים") && answer.ends_with("קנייה או מכירה?"), "{answer}");
    assert!(caller.says("מה הכתובת?").contains("ברחוב הגן"));
    assert!(caller.says("יש לכם חניה ליד?").contains("מאחורי המשרד"));
    caller.says("למכור");
    let answer = caller.says("חמישה. וכמה העמלה?");
    assert!(answer.contains("שני אחוזים") && answer.ends_with("מה שמך, בבקשה?"), "{answer}");
    assert_eq!(caller.values(&SLOTS)[..2], ["מכירה", "5"]);
    let answer = caller.says("איפה המשרד?");
    assert!(answer.ends_with("מה שמך, בבקשה?"), "{answer}");
}

#[test]
fn a_correction_is_taken_at_its_word() {
    let mut caller = Caller::calling(&office());
    caller.says("שכירות");
    caller.says("שניים");
    caller.says("רחל");
    caller.says("אפס חמש ארבע אחת שתיים שלוש ארבע חמש שש שבע");
    let answer = caller.says("לא, זה אפס חמש שתיים אחת שתיים שלוש ארבע חמש שש שבע");
    assert_eq!(answer, "רשמתי אפס חמש שתיים, אחת שתיים שלוש, ארבע חמש שש שבע. נכון?");
    caller.says("נכון");
    assert_eq!(caller.value("phone"), Some("0521234567"));
}

#[test]
fn a_call_all_in_keys() {
    let mut caller = Caller::calling(&office());
    assert!(caller.keys("9").starts_with("להקיש אחת עבור שכירות"), "{}", caller.last.text);
    caller.keys("1");
    caller.keys("3*5");
    assert!(caller.keys("*").starts_with("אין בעיה."));
    assert!(caller.keys("12345678901234567").starts_with("נא להקיש את מספר הטלפון המלא"));
    caller.keys("0541234567");
    assert!(caller.keys("7").starts_with("נא להקיש אחת לכן"), "{}", caller.last.text);
    caller.keys("1");
    caller.keys("05122026");
    caller.keys("1030");
    assert!(caller.hung_up());
    assert_eq!(caller.values(&SLOTS), ["שכירות", "3.5", "-", "0541234567", "2026-12-05", "10:30"]);
}

#[test]
fn mishearings_and_silence_end_politely() {
    let mut caller = Caller::calling(&office());
    let first = caller.does(CallerSaid::Unclear).to_owned();
    let second = caller.does(CallerSaid::Unclear).to_owned();
    assert_ne!(first, second);
    assert!(first.ends_with("אפשר לומר: שכירות, קנייה או מכירה."), "{first}");
    assert!(caller.does(CallerSaid::Unclear).ends_with("כמה חדרים?"));
    assert!(caller.says("לא יודעת").ends_with("מה שמך, בבקשה?"));
    caller.does(CallerSaid::Silence);
    caller.does(CallerSaid::Silence);
    assert!(caller.does(CallerSaid::Silence).contains("להתראות"));
    assert!(caller.hung_up());
}

#[test]
fn a_goodbye_and_a_person_are_understood() {
    let mut caller = Caller::calling(&office());
    caller.says("שכירות");
    assert_eq!(caller.says("תודה, להתראות"), "תודה שהתקשרת לדלת ירוקה. יום נעים, ולהתראות!");
    assert!(caller.hung_up());
    assert_eq!(caller.value("topic"), Some("שכירות"));

    let mut caller = Caller::calling(&office());
    assert_eq!(
        caller.says("אפשר לדבר עם נציג?"),
        "בשמחה. אחד הסוכנים שלנו יחזור אליך בטלפון. לאיזה מספר טלפון אפשר לחזור אליך?"
    );
    caller.says("0541234567");
    assert!(caller.says("כן").ends_with("מה שמך, בבקשה?"));
    caller.says("משה");
    assert!(caller.hung_up());
}

#[test]
fn a_number_of_rooms_is_no_name_and_a_number_in_parts_is_waited_for() {
    let mut caller = Caller::calling(&office());
    caller.says("להשכרה");
    caller.says("שניים או שלושה");
    assert!(caller.says("שניים").ends_with("אפשר לחזור רק על השם?"), "{}", caller.last.text);
    caller.says("אני יוסי");
    assert_eq!(caller.says("אפס חמש שתיים שלוש"), "יש לי בינתיים אפס חמש שתיים שלוש. אפשר להמשיך.");
    assert!(caller.says("אחת שתיים שלוש ארבע חמש שש").ends_with("זה נכון?"), "{}", caller.last.text);
    caller.says("נכון מאוד");
    caller.says("אולי ביום ראשון ברבע לארבע");
    assert_eq!(caller.values(&SLOTS), ["שכירות", "2", "יוסי", "0523123456", "2026-11-22", "15:45"]);
    assert!(caller.last.text.starts_with("תודה רבה, יוסי."), "{}", caller.last.text);
}
