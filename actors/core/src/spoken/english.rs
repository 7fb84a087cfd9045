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

/// The day of a month as an ordinal: 21 is `twenty first`. Days are 1 to 31; others give the numeral.
pub(super) fn ordinal_day(day: u64) -> String {
    let irregular = |n: u64| match n {
        1 => Some("first"),
        2 => Some("second"),
        3 => Some("third"),
        5 => Some("fifth"),
        8 => Some("eighth"),
        9 => Some("ninth"),
        12 => Some("twelfth"),
        20 => Some("twentieth"),
        30 => Some("thirtieth"),
        _ => None,
    };
    if let Some(name) = irregular(day) {
        return name.to_owned();
    }
    if day > 20 {
        return format!("{} {}", word(&TENS, day / 10), ordinal_day(day % 10));
    }
    format!("{}th", integer(day))
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
    fn days_are_ordinals() {
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
        ];
        for (day, words) in table {
            assert_eq!(ordinal_day(day), words);
        }
    }
}
