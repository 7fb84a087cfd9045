//! English numerals and ordinals.

/// The numbers below twenty.
pub(crate) const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];

/// The tens.
pub(crate) const TENS: [&str; 10] =
    ["", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const SCALES: [(u64, &str); 6] = [
    (1_000_000_000_000_000_000, "quintillion"),
    (1_000_000_000_000_000, "quadrillion"),
    (1_000_000_000_000, "trillion"),
    (1_000_000_000, "billion"),
    (1_000_000, "million"),
    (1_000, "thousand"),
];

/// A whole number in words, such as `two million five hundred thousand`.
pub(super) fn integer(number: u64) -> String {
    if number == 0 {
        return "zero".to_owned();
    }
    let mut parts = Vec::new();
    let mut rest = number;
    for (scale, name) in SCALES {
        if rest >= scale {
            parts.push(format!("{} {name}", below_thousand(rest / scale)));
            rest %= scale;
        }
    }
    if rest > 0 {
        parts.push(below_thousand(rest));
    }
    parts.join(" ")
}

fn below_thousand(number: u64) -> String {
    let mut parts = Vec::new();
    if number >= 100 {
        parts.push(format!("{} hundred", word(&SMALL, number / 100)));
    }
    let rest = number % 100;
    if (1..20).contains(&rest) {
        parts.push(word(&SMALL, rest).to_owned());
    } else if rest >= 20 {
        parts.push(word(&TENS, rest / 10).to_owned());
        if !rest.is_multiple_of(10) {
            parts.push(word(&SMALL, rest % 10).to_owned());
        }
    }
    parts.join(" ")
}

fn word(table: &[&'static str], index: u64) -> &'static str {
    usize::try_from(index).ok().and_then(|i| table.get(i)).copied().unwrap_or_default()
}

/// The place in a row: 3 is `third`, 21 is `twenty first`, 100 is `one hundredth`.
pub(super) fn ordinal(number: u64) -> String {
    let cardinal = integer(number);
    let (before, last) = cardinal.rsplit_once(' ').map_or(("", cardinal.as_str()), |(b, last)| (b, last));
    let last = match last {
        "one" => "first".to_owned(),
        "two" => "second".to_owned(),
        "three" => "third".to_owned(),
        "five" => "fifth".to_owned(),
        "eight" => "eighth".to_owned(),
        "nine" => "ninth".to_owned(),
        "twelve" => "twelfth".to_owned(),
        other => other.strip_suffix('y').map_or_else(|| format!("{other}th"), |stem| format!("{stem}ieth")),
    };
    if before.is_empty() { last } else { format!("{before} {last}") }
}

/// A year as people say it: 2026 is `twenty twenty six`, 1905 `nineteen oh five`, 2005 `two thousand five`.
pub(super) fn year(year: u64) -> String {
    let (century, rest) = (year / 100, year % 100);
    match rest {
        _ if !(1_100..10_000).contains(&year) || century.is_multiple_of(10) && rest < 10 => integer(year),
        0 => format!("{} hundred", integer(century)),
        1..=9 => format!("{} oh {}", integer(century), integer(rest)),
        _ => format!("{} {}", integer(century), integer(rest)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_said_in_full() {
        let table = [
            (0, "zero"),
            (7, "seven"),
            (13, "thirteen"),
            (20, "twenty"),
            (42, "forty two"),
            (100, "one hundred"),
            (115, "one hundred fifteen"),
            (999, "nine hundred ninety nine"),
            (1_000, "one thousand"),
            (5_200, "five thousand two hundred"),
            (10_001, "ten thousand one"),
            (2_500_000, "two million five hundred thousand"),
            (1_000_000_007, "one billion seven"),
        ];
        for (number, words) in table {
            assert_eq!(integer(number), words);
        }
        assert!(integer(u64::MAX).starts_with("eighteen quintillion"));
    }

    #[test]
    fn ordinals_change_the_last_word() {
        let table = [
            (1, "first"),
            (2, "second"),
            (4, "fourth"),
            (5, "fifth"),
            (12, "twelfth"),
            (13, "thirteenth"),
            (19, "nineteenth"),
            (20, "twentieth"),
            (21, "twenty first"),
            (23, "twenty third"),
            (30, "thirtieth"),
            (31, "thirty first"),
            (100, "one hundredth"),
            (1_002, "one thousand second"),
        ];
        for (number, words) in table {
            assert_eq!(ordinal(number), words);
        }
    }

    #[test]
    fn years_are_said_by_centuries() {
        let table = [
            (2026, "twenty twenty six"),
            (1999, "nineteen ninety nine"),
            (1905, "nineteen oh five"),
            (1900, "nineteen hundred"),
            (2000, "two thousand"),
            (2005, "two thousand five"),
            (2010, "twenty ten"),
            (1948, "nineteen forty eight"),
            (1066, "one thousand sixty six"),
        ];
        for (number, words) in table {
            assert_eq!(year(number), words);
        }
    }
}
