//! A person's name, out of "my name is David Cohen", "this is Sarah", "קוראים לי דוד" or the bare name.

use super::cardinal::{cardinal, text};
use super::words::{Fit, Word, find, normal_form};
use super::yes_no::yes_no;
use super::{Attention, Found};

/// After these a name follows for certain.
const CLEAR_LEADS: [&str; 18] = [
    "my name is",
    "my name's",
    "the name is",
    "name is",
    "they call me",
    "call me",
    "you are speaking with",
    "you're speaking to",
    "השם שלי הוא",
    "השם שלי זה",
    "השם שלי",
    "השם הוא",
    "שמי",
    "קוראים לי",
    "שמי הוא",
    "השם",
    "מדבר",
    "מדברת",
];
/// After these a name may follow, or anything else.
const VAGUE_LEADS: [&str; 11] =
    ["i am", "i'm", "this is", "it is", "it's", "speaking is", "אני", "זה", "זאת", "כאן", "פה"];

/// Said before or after an answer, part of no name.
const FILLERS: &str = "uh um hi hello hey yes yeah well so okay ok sure please thanks thank you and speaking here sir madam \
    it אה אהה שלום היי הי כן אז מדבר מדברת טוב בבקשה תודה בסדר אוקיי";

/// Words with which a name ends or which prove that there is none.
const NO_NAMES: &str = "a an the my your is are am i im we want need would like looking calling interested trying going for \
    from about to of in on at not no what when where how why who can could do dont does have has this \
    that there with but or just very busy sorry good fine great ready tomorrow today wrong right number \
    name room rooms flat apartment house rent buy sell אני רוצה צריך צריכה מחפש מחפשת מעוניין מעוניינת \
    מתעניין מתעניינת מתקשר מתקשרת לא מה מתי איפה איך כמה למה את על של עם דירה מחר גר גרה פה עסוק עסוקה \
    זה עולה יש";

/// A name has at most this many words.
const LONGEST: usize = 4;

/// The name that is meant, if any, spelled as said (a name all in small letters gets capitals).
///
/// Asked, a few bare words are a name unless one of them cannot be. Unasked, it needs "my name is", or "I am"
/// at the very start with an end or "and" right after the name: "I am looking for…" is no one's name.
pub fn name(words: &[Word], attention: Attention) -> Option<Found<String>> {
    if let Some((found, _)) = leads(words, &CLEAR_LEADS).and_then(|lead| from(words, lead)) {
        return Some(found);
    }
    let at_start = |start: usize| words.get(..start).is_some_and(|before| before.iter().all(is_filler));
    let vague = leads(words, &VAGUE_LEADS).filter(|(start, _)| at_start(*start));
    if let Some((found, ended)) = vague.and_then(|lead| from(words, lead)) {
        // "I am" begins many things that are no name; two words at most, and then the clause is over. Hebrew
        // has no verb "to be" to set a name apart from an adjective, so there the clause must go on with ו.
        let after = words.get(found.span.end).map_or("", |word| word.text.as_str());
        let short = found.value.split(' ').count() <= 2;
        let sure = attention == Attention::Asked || found.value.is_ascii() || continues(after);
        return (ended && short && sure).then_some(found);
    }
    match (attention, vague) {
        (Attention::Overheard, _) | (Attention::Asked, Some(_)) => None,
        (Attention::Asked, None) => {
            let start = words.iter().take_while(|word| is_filler(word)).count();
            let (found, ended) = from(words, (start, start))?;
            let bare = words.get(found.span.clone())?;
            // שני is Monday and two, but also a woman's name.
            let counts = |at: usize| cardinal(bare, at).is_some() && text(bare, at) != "שני";
            let other = yes_no(bare).is_some() || (0..bare.len()).any(counts);
            (ended && !other).then_some(found)
        }
    }
}

/// The first lead, the longest at its place: where it starts and where the name would.
fn leads(words: &[Word], list: &[&str]) -> Option<(usize, usize)> {
    list.iter()
        .filter_map(|lead| find(words, &normal_form(lead), Fit::Exact))
        .min_by_key(|span| (span.start, usize::MAX - span.len()))
        .map(|span| (span.start, span.end))
}

/// The name that starts at `lead.1`, and whether the utterance or the clause ends with it.
fn from(words: &[Word], lead: (usize, usize)) -> Option<(Found<String>, bool)> {
    let (start, first) = lead;
    let rest = words.get(first..)?;
    let could_be = |word: &&Word| {
        let text = word.text.as_str();
        !text.is_empty()
            && !is_filler(word)
            && !listed(NO_NAMES, text)
            && text.chars().all(char::is_alphabetic)
            && !continues(text)
    };
    let name: Vec<&Word> = rest.iter().take_while(could_be).take(LONGEST).collect();
    let said = |word: &&Word| word.raw.clone();
    if name.is_empty() || name.iter().all(|word| word.text.chars().count() < 2) {
        return None;
    }
    let end = first + name.len();
    let after = words.get(end).map_or("", |word| word.text.as_str());
    let ended = after.is_empty() || continues(after) || listed(FILLERS, after);
    let value = capitals(&name.iter().map(said).collect::<Vec<_>>().join(" "));
    Some((Found { value, span: start..end }, ended))
}

/// A Hebrew clause that goes on with "and I": ואני, ורוצה, ומחפש.
fn continues(word: &str) -> bool {
    word.strip_prefix('ו').is_some_and(|rest| listed(NO_NAMES, rest))
}

fn listed(list: &str, word: &str) -> bool {
    list.split_whitespace().any(|listed| listed == word)
}

fn is_filler(word: &Word) -> bool {
    word.text.is_empty() || listed(FILLERS, &word.text)
}

fn capitals(name: &str) -> String {
    if name.chars().any(char::is_uppercase) {
        return name.to_owned();
    }
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().chain(letters).collect::<String>())
            .unwrap_or_default()
    };
    name.split(' ').map(capital).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;

    fn check(table: &[(&str, &str)], attention: Attention) {
        for (said, expected) in table {
            let found = name(&words(said), attention).map(|found| found.value);
            assert_eq!(found.as_deref(), Some(*expected), "{said}");
        }
    }

    #[test]
    fn english_names_are_understood() {
        check(
            &[
                ("david", "David"),
                ("David Cohen", "David Cohen"),
                ("david cohen please", "David Cohen"),
                ("my name is sarah", "Sarah"),
                ("My name's Sarah Levi.", "Sarah Levi"),
                ("hello my name is david", "David"),
                ("i'm david", "David"),
                ("I am David and I want a flat", "David"),
                ("this is Sean O'Brien", "Sean O'Brien"),
                ("it's maya", "Maya"),
                ("uh david", "David"),
                ("yes david", "David"),
                ("call me ben", "Ben"),
                ("david here", "David"),
                ("the name is mary jane watson", "Mary Jane Watson"),
                ("sure it's tom", "Tom"),
            ],
            Attention::Asked,
        );
    }

    #[test]
    fn hebrew_names_are_understood() {
        check(
            &[
                ("דוד", "דוד"),
                ("דוד כהן", "דוד כהן"),
                ("שמי דוד", "דוד"),
                ("שמי דוד כהן.", "דוד כהן"),
                ("קוראים לי שרה", "שרה"),
                ("השם שלי הוא יעל לוי", "יעל לוי"),
                ("השם שלי יעל", "יעל"),
                ("אני דוד", "דוד"),
                ("אני דוד ואני מחפש דירה", "דוד"),
                ("שלום, מדברת רחל", "רחל"),
                ("כאן משה", "משה"),
                ("זה יוסי", "יוסי"),
                ("אה, מיכל", "מיכל"),
                ("כן, ג'ורג' חורי", "ג'ורג' חורי"),
                ("נועה בבקשה", "נועה"),
                ("טוב, איתן", "איתן"),
                ("דנה מדברת", "דנה"),
                ("שני", "שני"),
            ],
            Attention::Asked,
        );
    }

    #[test]
    fn unasked_a_name_must_be_introduced() {
        check(
            &[
                ("i'm david and i want a three room apartment", "David"),
                ("hello my name is david i need a flat", "David"),
                ("this is sarah", "Sarah"),
                ("אני דוד ואני מחפש דירה", "דוד"),
                ("קוראים לי שרה ואני רוצה לקנות", "שרה"),
            ],
            Attention::Overheard,
        );
        for said in [
            "david",
            "i am looking for a flat",
            "i'm interested",
            "אני מחפש דירה",
            "אני גר פה בשכונה",
            "דוד",
            "",
        ] {
            assert_eq!(name(&words(said), Attention::Overheard), None, "{said}");
        }
    }

    #[test]
    fn a_sentence_is_no_name() {
        for said in [
            "what are your hours",
            "שניים",
            "נכון מאוד",
            "seven",
            "that's right",
            "i want a flat",
            "no",
            "54",
            "rent",
            "כמה זה עולה",
            "אני מחפש דירה",
            "",
            "uh",
        ] {
            assert_eq!(name(&words(said), Attention::Asked), None, "{said}");
        }
    }
}
