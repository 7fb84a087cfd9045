//! Both languages in one sentence, and what must hold of any text.

use proptest::prelude::*;

use super::{VoiceSpelling, WordFollower, speakable};
use crate::language::Language;

fn say(text: &str, language: Language) -> String {
    speakable(text, language, VoiceSpelling::default()).text()
}

#[test]
fn numbers_follow_the_language_around_them() {
    let table = [
        ("הדירה ב-Tower 5 נמכרה", "הדירה ב-Tower חמש נמכרה"),
        ("גרים ב 5 Main Street היום", "גרים ב חמש Main Street היום"),
        ("המשרד New York 5 Main Street פתוח", "המשרד New York five Main Street פתוח"),
        ("My office number is 5.", "My office number is five."),
        ("iPhone 15", "iPhone חמש עשרה"),
        ("כתבו ל-info@moked.co.il", "כתבו ל-info שטרודל moked נקודה co נקודה I L"),
        ("כתבו אל info@moked.co.il", "כתבו אל info שטרודל moked נקודה co נקודה I L"),
        ("האתר moked.com/rent", "האתר moked נקודה com לוכסן rent"),
    ];
    for (text, said) in table {
        assert_eq!(say(text, Language::Hebrew), said, "{text}");
    }
    assert_eq!(say("The word is שלום for 3 people", Language::English), "The word is שלום for three people");
    assert_eq!(say("יש לנו 3 חדרים", Language::English), "יש לנו שלושה חדרים");
}

#[test]
fn runs_are_stretches_of_one_language() {
    use Language::{English, Hebrew};
    type Runs<'a> = &'a [(&'a str, Language)];
    let table: [(&str, Language, Runs<'_>); 8] = [
        (
            "אנחנו ב-5 Main Street, תל אביב",
            Hebrew,
            &[("אנחנו בחמש ", Hebrew), ("Main Street, ", English), ("תל אביב", Hebrew)],
        ),
        ("אני עובדת ב-Google.", Hebrew, &[("אני עובדת ב-", Hebrew), ("Google.", English)]),
        (
            "לשלוח ב-WhatsApp או במייל?",
            Hebrew,
            &[("לשלוח ב-", Hebrew), ("WhatsApp ", English), ("או במייל?", Hebrew)],
        ),
        ("Green Door, שלום!", Hebrew, &[("Green Door, ", English), ("שלום!", Hebrew)]),
        ("יש 3 חדרים.", Hebrew, &[("יש שלושה חדרים.", Hebrew)]),
        ("I have 3 rooms.", English, &[("I have three rooms.", English)]),
        (
            "The word is שלום for 3 people",
            English,
            &[("The word is ", English), ("שלום ", Hebrew), ("for three people", English)],
        ),
        ("שלום", English, &[("שלום", Hebrew)]),
    ];
    for (text, language, expected) in table {
        let spoken = speakable(text, language, VoiceSpelling::default());
        let runs = spoken.runs();
        let told: Vec<_> = runs.iter().map(|run| (run.text.as_str(), run.language)).collect();
        assert_eq!(told, expected, "{text}");
        assert_eq!(runs.iter().map(|run| run.text.as_str()).collect::<String>(), spoken.text());
    }
}

fn any_words() -> impl Strategy<Value = String> {
    let known = prop::sample::select(vec![
        "3",
        "2",
        "1",
        "20.11",
        "ב-20.11.2026",
        "ה-3",
        "חדרים",
        "הדירות",
        "חדר",
        "₪1,250.50",
        "5%",
        "054-123-4567",
        "14:30",
        "2",
        "pm",
        "a.m.",
        "Dr.",
        "Nov",
        "No.",
        "ד\"ר",
        "רח'",
        "ק\"מ",
        "מיליון",
        "million",
        "**",
        "```",
        "- ",
        "(",
        ")",
        "|",
        "😊",
        "info@a.com",
        "https://a.co.il/x?y=1",
        "1/2",
        "4580",
        "4580",
        "4580",
        "*2407",
        "א'-ה'",
        "יום",
        "ש\"ח",
        "½",
        "2½",
        "99999999999999999999999",
        "#",
        "~5",
        "+",
        "7th",
        "1990s",
        "-",
        "…",
        "\u{200f}",
    ]);
    let any = prop_oneof![known.prop_map(str::to_owned), "[ -~א-ת₪€״׳־–—…½0-9]{1,9}", "\\PC{1,4}"];
    prop::collection::vec(any, 0..14).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_500))]

    #[test]
    fn no_digit_and_no_mark_for_the_eye_reaches_a_voice(text in any_words(), is_hebrew: bool) {
        let language = if is_hebrew { Language::Hebrew } else { Language::English };
        let said = say(&text, language);
        let unspeakable = |c: char| c.is_ascii_digit() || "*_#`|<>[]{}\\^~@%&=+$₪€£/()".contains(c);
        prop_assert!(!said.contains(unspeakable), "{said}");
        prop_assert_eq!(said.trim(), &said);
        prop_assert!(!said.contains("  "));
    }

    #[test]
    fn every_written_word_is_heard_by_the_end_and_none_is_unheard_again(text in any_words()) {
        let spoken = speakable(&text, Language::Hebrew, VoiceSpelling::default());
        let said = spoken.text();
        let count = said.split_whitespace().count();
        let heard: Vec<usize> = (0..=count).map(|spoken_words| spoken.written_words(spoken_words)).collect();
        prop_assert!(heard.is_sorted());
        let all = if count == 0 { 0 } else { text.split_whitespace().count() };
        prop_assert_eq!(heard[count], all);

        let mut follower = WordFollower::new(&spoken);
        let told: usize = said.split_whitespace().map(|word| follower.word(word)).sum();
        prop_assert_eq!(told, all);

        let ends = spoken.estimated_ends(8_000);
        prop_assert!(ends.is_sorted());
        prop_assert_eq!(ends.len(), all);
        prop_assert!(ends.last().is_none_or(|&end| end == 8_000));
    }

    #[test]
    fn what_is_speakable_already_stays_as_it_is(text in "([a-zא-ת]{4,9}[,.!?]?){1}( [a-zא-ת]{4,9}){0,6}") {
        prop_assert_eq!(say(&text, Language::Hebrew), text);
    }
}
