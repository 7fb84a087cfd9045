//! Keys as answers: `1` and `2` for yes and no, a choice by its place, a day as DDMM, a time as HHMM.
//!
//! Keys are exact where speech is not: a four-digit time is on the 24-hour clock, only a bare hour gets the
//! same benefit of the doubt as a spoken one.

use jiff::civil::{Date, Time};

use super::understand::{Attention, Phone, next_day_and_month, phone_from_digits, time, words};
use crate::agent::Slot;
use crate::hints::SlotKind;
use crate::spoken::Quantity;

/// What keys mean for a slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Keyed {
    /// The value in its normal form.
    Value(String),
    /// The first digits of a telephone number.
    PartOfPhone(String),
    /// A lone star: leave this question.
    Skip,
    /// No answer of this kind.
    Wrong,
}

/// Reads keys as an answer to a slot.
pub(super) fn keyed(keys: &str, slot: &Slot, today: Date) -> Keyed {
    if keys == "*" {
        return Keyed::Skip;
    }
    if slot.keys.as_ref().is_some_and(|pattern| !pattern.matches(keys)) {
        return Keyed::Wrong;
    }
    let value = match slot.kind {
        SlotKind::Phone => {
            return match phone_from_digits(keys).filter(|_| all_digits(keys)) {
                Some(Phone::Whole(number)) => Keyed::Value(number),
                Some(Phone::Partial(digits)) => Keyed::PartOfPhone(digits),
                None => Keyed::Wrong,
            };
        }
        SlotKind::Number => keys.replace('*', ".").parse::<Quantity>().ok().map(|n| n.to_string()),
        SlotKind::YesNo => yes_no_key(keys).map(|yes| if yes { "yes" } else { "no" }.to_owned()),
        SlotKind::Date => date(keys, today).map(|day| day.to_string()),
        SlotKind::Time => clock(keys).map(|time| time.strftime("%H:%M").to_string()),
        SlotKind::Choice => choice(keys, slot),
        SlotKind::Name | SlotKind::FreeText => slot.keys.as_ref().map(|_| keys.to_owned()),
    };
    value.map_or(Keyed::Wrong, Keyed::Value)
}

/// `1` is yes, `2` no.
pub(super) fn yes_no_key(keys: &str) -> Option<bool> {
    match keys {
        "1" => Some(true),
        "2" => Some(false),
        _ => None,
    }
}

fn all_digits(keys: &str) -> bool {
    !keys.is_empty() && keys.bytes().all(|key| key.is_ascii_digit())
}

fn choice(keys: &str, slot: &Slot) -> Option<String> {
    let place: usize = keys.parse().ok()?;
    slot.choices.get(place.checked_sub(1)?).map(|choice| choice.value.clone())
}

/// `DDMM` is the next such day, `DDMMYYYY` that very one.
fn date(keys: &str, today: Date) -> Option<Date> {
    if !all_digits(keys) {
        return None;
    }
    let part = |range: std::ops::Range<usize>| keys.get(range).and_then(|digits| digits.parse::<i8>().ok());
    match keys.len() {
        4 => next_day_and_month(today, part(0..2)?, part(2..4)?),
        8 => Date::new(keys.get(4..8)?.parse().ok()?, part(2..4)?, part(0..2)?).ok(),
        _ => None,
    }
}

/// `1430`, `930`, or a bare hour as if spoken.
fn clock(keys: &str) -> Option<Time> {
    if !all_digits(keys) {
        return None;
    }
    match keys.len() {
        1 | 2 => time(&words(keys), Attention::Asked).map(|found| found.value),
        3 | 4 => {
            let (hour, minute) = keys.split_at_checked(keys.len() - 2)?;
            Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::*;

    fn slot(kind: &str) -> Slot {
        let choices =
            if kind == "choice" { "choices = [{ value = \"rent\" }, { value = \"buy\" }]" } else { "" };
        toml::from_str(&format!("id = \"x\"\nkind = \"{kind}\"\nquestion = \"?\"\n{choices}"))
            .expect("a slot")
    }

    #[test]
    fn a_pattern_lets_keys_answer_anything_and_refuses_what_does_not_fit() {
        let mut slot = slot("free_text");
        let today = day(2026, 11, 20);
        assert_eq!(keyed("12345", &slot, today), Keyed::Wrong);
        slot.keys = Some("[0-9]{5}".to_owned().try_into().unwrap());
        assert_eq!(keyed("01234", &slot, today), Keyed::Value("01234".into()));
        assert_eq!(keyed("1234", &slot, today), Keyed::Wrong);
        assert_eq!(keyed("*", &slot, today), Keyed::Skip);
    }

    #[test]
    fn keys_answer_every_kind_that_has_keys() {
        let table = [
            ("phone", "0541234567", "0541234567"),
            ("phone", "031234567", "031234567"),
            ("number", "3", "3"),
            ("number", "3*5", "3.5"),
            ("yes_no", "1", "yes"),
            ("yes_no", "2", "no"),
            ("date", "0512", "2026-12-05"),
            ("date", "0505", "2027-05-05"),
            ("date", "05052028", "2028-05-05"),
            ("time", "1430", "14:30"),
            ("time", "0730", "07:30"),
            ("time", "930", "09:30"),
            ("time", "10", "10:00"),
            ("time", "5", "17:00"),
            ("choice", "2", "buy"),
        ];
        for (kind, keys, value) in table {
            assert_eq!(
                keyed(keys, &slot(kind), day(2026, 11, 20)),
                Keyed::Value(value.to_owned()),
                "{kind} {keys}"
            );
        }
    }

    #[test]
    fn keys_that_mean_nothing_are_wrong_and_a_star_skips() {
        let table = [
            ("phone", "05412345678"),
            ("phone", ""),
            ("number", "3*5*5"),
            ("yes_no", "3"),
            ("date", "3112000"),
            ("date", "3202"),
            ("time", "2560"),
            ("time", "14300"),
            ("choice", "3"),
            ("choice", "0"),
            ("name", "5"),
            ("free_text", "12"),
        ];
        for (kind, keys) in table {
            assert_eq!(keyed(keys, &slot(kind), day(2026, 11, 20)), Keyed::Wrong, "{kind} {keys}");
            assert_eq!(keyed("*", &slot(kind), day(2026, 11, 20)), Keyed::Skip);
        }
        let part = Keyed::PartOfPhone("054".to_owned());
        assert_eq!(keyed("054", &slot("phone"), day(2026, 11, 20)), part);
    }
}
