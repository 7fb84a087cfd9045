//! One of a list.

use super::cardinal::{cardinal, text};
use super::words::{Fit, Word, find, forms, normal_form};
use super::{Attention, Found, calendar};
use crate::agent::Choice;

/// Which of the choices is meant: its index. The longest phrase wins; two that fit equally well are no
/// answer. Asked, "the second one" and "number two" count too.
pub fn choice(words: &[Word], choices: &[Choice], attention: Attention) -> Option<Found<usize>> {
    let fits = choices.iter().enumerate().flat_map(|(index, choice)| {
        choice.phrases.iter().chain([&choice.value]).filter_map(move |phrase| {
            let span = find(words, &normal_form(phrase), Fit::Prefixed)?;
            Some(Found { value: index, span })
        })
    });
    let fits: Vec<Found<usize>> = fits.collect();
    let longest = fits.iter().map(|found| found.span.len()).max();
    let mut best = fits.into_iter().filter(|found| Some(found.span.len()) == longest);
    match best.next() {
        Some(first) => best.all(|other| other.value == first.value).then_some(first),
        None if attention == Attention::Asked => by_place(words, choices.len()),
        None => None,
    }
}

fn by_place(words: &[Word], count: usize) -> Option<Found<usize>> {
    (0..words.len()).find_map(|at| {
        let place = forms(text(words, at)).find_map(calendar::ordinal).map(|place| (place, at + 1));
        let (place, end) = place.or_else(|| cardinal(words, at))?;
        let index = usize::try_from(place).ok()?.checked_sub(1).filter(|index| *index < count)?;
        Some(Found { value: index, span: at..end })
    })
}

#[cfg(test)]
mod tests {
    use super::super::words::words;
    use super::*;

    fn choices(list: &[(&str, &[&str])]) -> Vec<Choice> {
        list.iter()
            .map(|(value, phrases)| Choice {
                value: (*value).to_owned(),
                phrases: phrases.iter().map(|phrase| (*phrase).to_owned()).collect(),
            })
            .collect()
    }

    fn check(list: &[Choice], table: &[(&str, Option<usize>)]) {
        for (said, expected) in table {
            let found = choice(&words(said), list, Attention::Asked).map(|found| found.value);
            assert_eq!(found, *expected, "{said}");
        }
    }

    #[test]
    fn english_choices_are_understood() {
        let list = choices(&[
            ("rent", &["renting", "to let", "lease"]),
            ("buy", &["buying", "purchase"]),
            ("sell", &["selling", "for sale by me"]),
        ]);
        check(
            &list,
            &[
                ("rent", Some(0)),
                ("Rent, please.", Some(0)),
                ("i am looking for something to rent", Some(0)),
                ("renting", Some(0)),
                ("to let", Some(0)),
                ("buy", Some(1)),
                ("I'd like to buy a flat", Some(1)),
                ("a purchase", Some(1)),
                ("selling my house", Some(2)),
                ("the first one", Some(0)),
                ("number two", Some(1)),
                ("third", Some(2)),
                ("3", Some(2)),
                ("rent or buy", None),
                ("the fourth", None),
                ("hello", None),
                ("", None),
            ],
        );
    }

    #[test]
    fn hebrew_choices_are_understood() {
        let list = choices(&[
            ("שכירות", &["לשכור", "להשכרה", "שוכר"]),
            ("קנייה", &["לקנות", "קניה", "רכישה"]),
            ("מכירה", &["למכור", "מוכר"]),
        ]);
        check(
            &list,
            &[
                ("שכירות", Some(0)),
                ("לשכירות", Some(0)),
                ("אני רוצה לשכור", Some(0)),
                ("דירה להשכרה", Some(0)),
                ("קנייה", Some(1)),
                ("קניה.", Some(1)),
                ("לקנות דירה", Some(1)),
                ("לרכישה", Some(1)),
                ("מכירה", Some(2)),
                ("שמוכר", Some(2)),
                ("למכור את הבית", Some(2)),
                ("הראשון", Some(0)),
                ("השני", Some(1)),
                ("שלוש", Some(2)),
                ("מספר שתיים", Some(1)),
                ("לקנות או לשכור", None),
                ("שלום", None),
            ],
        );
    }

    #[test]
    fn unasked_only_its_own_words_count() {
        let list = choices(&[("rent", &[]), ("buy", &[])]);
        assert_eq!(choice(&words("the first two"), &list, Attention::Overheard), None);
        let found = choice(&words("i want to rent it"), &list, Attention::Overheard);
        assert_eq!(found, Some(Found { value: 0, span: 3..4 }));
    }
}
