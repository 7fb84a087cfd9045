//! English abbreviations and the words that tell what a number is.

use crate::language::Language;
use crate::spoken;

/// Words before a year.
pub(super) const BEFORE_A_YEAR: [&str; 16] = [
    "in", "since", "by", "year", "of", "until", "till", "before", "after", "from", "during", "early", "late",
    "mid", "around", "circa",
];

/// With or without a dot, in any case; and how they are said.
pub(super) const ABBREVIATIONS: [(&str, &str); 48] = [
    ("mr", "Mister"),
    ("mrs", "Missus"),
    ("ms", "Miz"),
    ("dr", "Doctor"),
    ("prof", "Professor"),
    ("capt", "Captain"),
    ("sgt", "Sergeant"),
    ("jr", "Junior"),
    ("sr", "Senior"),
    ("mt", "Mount"),
    ("vs", "versus"),
    ("etc", "et cetera"),
    ("e.g", "for example"),
    ("i.e", "that is"),
    ("cf", "compare"),
    ("approx", "approximately"),
    ("inc", "Incorporated"),
    ("ltd", "Limited"),
    ("corp", "Corporation"),
    ("dept", "department"),
    ("apt", "apartment"),
    ("ave", "Avenue"),
    ("blvd", "Boulevard"),
    ("rd", "Road"),
    ("hwy", "Highway"),
    ("bldg", "building"),
    ("fl", "floor"),
    ("tel", "telephone"),
    ("ext", "extension"),
    ("est", "established"),
    ("max", "maximum"),
    ("min", "minimum"),
    ("avg", "average"),
    ("incl", "including"),
    ("excl", "excluding"),
    ("appt", "appointment"),
    ("sq", "square"),
    ("ft", "feet"),
    ("w/", "with"),
    ("w/o", "without"),
    ("asap", "as soon as possible"),
    ("a.k.a", "also known as"),
    ("aka", "also known as"),
    ("b/c", "because"),
    ("p.s", "P S"),
    ("r.s.v.p", "R S V P"),
    ("24/7", "twenty four seven"),
    ("and/or", "and or"),
];

/// Those that are words of their own without the dot, as the days are that are also verbs. They need a
/// word behind them, and a capital.
pub(super) const ONLY_WITH_DOT: [(&str, &str); 10] = [
    ("co", "Company"),
    ("gov", "Governor"),
    ("sen", "Senator"),
    ("mon", "Monday"),
    ("tue", "Tuesday"),
    ("wed", "Wednesday"),
    ("thu", "Thursday"),
    ("fri", "Friday"),
    ("sat", "Saturday"),
    ("sun", "Sunday"),
];

/// Never without the dot, though listed above: they are words or names.
pub(super) const WORDS_OF_THEIR_OWN: [&str; 8] = ["est", "max", "ms", "sr", "inc", "tel", "apt", "ave"];

/// The day of the week that a short form with a capital names.
pub(super) fn weekday(short: &str) -> Option<&'static str> {
    let lower = short.to_lowercase();
    let days = ONLY_WITH_DOT.iter().filter(|(_, day)| day.ends_with("day"));
    let is_title = short.starts_with(char::is_uppercase);
    days.into_iter().find(|(day, _)| is_title && *day == lower).map(|(_, name)| *name)
}

/// Ten years: `nineteen nineties`.
pub(super) fn decade(year: u64) -> String {
    let said = match year {
        1_100..2_100 => spoken::year(year, Language::English),
        _ => spoken::integer(year, Language::English, spoken::Gender::Masculine),
    };
    said.strip_suffix('y').map_or_else(|| format!("{said}s"), |stem| format!("{stem}ies"))
}
