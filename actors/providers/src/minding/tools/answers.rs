//! A model's value for a slot, checked and brought into the lead's normal form.
//!
//! Models are told an exact form and mostly keep it; where they give the caller's words instead, the
//! receptionist's own readers understand them.

use jiff::civil::{Date, DateTime, Time};
use moked_core::agent::Slot;
use moked_core::hints::SlotKind;
use moked_core::receptionist::understand::{
    Attention, Phone, choice, date, free_text, number, phone, phone_from_digits, time, words, yes_no,
};
use moked_core::spoken::Quantity;
use serde_json::Value;

/// The value in its normal form; `None` when the model says that there is none.
///
/// # Errors
/// What is wrong with it, for the model.
pub(super) fn normal_form(slot: &Slot, value: &Value, now: DateTime) -> Result<Option<String>, String> {
    let text = match value {
        Value::Null => return Ok(None),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => text.trim().to_owned(),
        Value::Array(_) | Value::Object(_) => {
            return Err("give one value, not a list or an object".to_owned());
        }
    };
    if text.is_empty() {
        return Ok(None);
    }
    read(slot, &text, now).map(Some).ok_or_else(|| format!("`{text}` does not fit: {}", wanted(slot)))
}

fn read(slot: &Slot, text: &str, now: DateTime) -> Option<String> {
    let said = words(text);
    match slot.kind {
        SlotKind::Name | SlotKind::FreeText => free_text(text),
        SlotKind::Phone => whole_number(text),
        SlotKind::Number => {
            let plain = text.strip_suffix(".0").unwrap_or(text).replace(',', "");
            let exact = plain.parse::<Quantity>().ok();
            exact
                .or_else(|| Some(number(&said, &[], Attention::Asked)?.value))
                .map(|amount| amount.to_string())
        }
        SlotKind::YesNo => yes_no(&said).map(|yes| if yes.value { "yes" } else { "no" }.to_owned()),
        SlotKind::Date => {
            let exact = text.get(..10).unwrap_or(text).parse::<Date>().ok();
            exact
                .or_else(|| Some(date(&said, now.date(), Attention::Asked)?.value))
                .map(|day| day.to_string())
        }
        SlotKind::Time => {
            let exact = Time::strptime("%H:%M", text).or_else(|_| Time::strptime("%H:%M:%S", text)).ok();
            exact
                .or_else(|| Some(time(&said, Attention::Asked)?.value))
                .map(|time| time.strftime("%H:%M").to_string())
        }
        SlotKind::Choice => {
            let exact = slot.choices.iter().find(|choice| choice.value.to_lowercase() == text.to_lowercase());
            let by_words = || slot.choices.get(choice(&said, &slot.choices, Attention::Overheard)?.value);
            exact.or_else(by_words).map(|choice| choice.value.clone())
        }
    }
}

fn whole_number(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let of_digits = || match phone_from_digits(&digits)? {
        Phone::Whole(number) => Some(number),
        Phone::Partial(_) => None,
    };
    let of_words = || match phone(&words(text), Attention::Asked)?.value {
        Phone::Whole(number) => Some(number),
        Phone::Partial(_) => None,
    };
    of_digits().or_else(of_words)
}

fn wanted(slot: &Slot) -> String {
    match slot.kind {
        SlotKind::Name => "a name is wanted".to_owned(),
        SlotKind::Phone => {
            "it is not a whole telephone number; ask for it again, digit by digit or on the keys".to_owned()
        }
        SlotKind::Number => "a number is wanted, such as 3 or 3.5".to_owned(),
        SlotKind::YesNo => "yes or no is wanted".to_owned(),
        SlotKind::Date => "a day is wanted, as YYYY-MM-DD".to_owned(),
        SlotKind::Time => "a time is wanted, as HH:MM on the 24-hour clock".to_owned(),
        SlotKind::Choice => {
            let values: Vec<_> = slot.choices.iter().map(|choice| choice.value.as_str()).collect();
            format!("one of these is wanted: {}", values.join(", "))
        }
        SlotKind::FreeText => "words are wanted".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(kind: &str, value: Value) -> Result<Option<String>, String> {
        let choices = if kind == "choice" {
            r#"choices = [{ value = "rent", phrases = ["renting"] }, { value = "קנייה" }]"#
        } else {
            ""
        };
        let slot = format!("id = \"x\"\nkind = \"{kind}\"\nquestion = \"?\"\n{choices}");
        normal_form(&toml::from_str(&slot).unwrap(), &value, "2026-11-20T10:00:00".parse().unwrap())
    }

    #[test]
    fn values_come_into_their_normal_form() {
        for (kind, value, expected) in [
            ("name", json!(" דנה  כהן "), "דנה כהן"),
            ("phone", json!("054-123-4567"), "0541234567"),
            ("phone", json!("+972541234567"), "0541234567"),
            ("number", json!(3.5), "3.5"),
            ("number", json!(3.0), "3"),
            ("number", json!("5,000"), "5000"),
            ("number", json!("three"), "3"),
            ("yes_no", json!(true), "yes"),
            ("yes_no", json!("לא"), "no"),
            ("date", json!("2026-11-24"), "2026-11-24"),
            ("date", json!("tomorrow"), "2026-11-21"),
            ("time", json!("14:30"), "14:30"),
            ("time", json!("14:30:00"), "14:30"),
            ("choice", json!("Rent"), "rent"),
            ("choice", json!("renting"), "rent"),
            ("choice", json!("קנייה"), "קנייה"),
            ("free_text", json!("a balcony"), "a balcony"),
        ] {
            assert_eq!(check(kind, value.clone()), Ok(Some(expected.to_owned())), "{kind} {value}");
        }
    }

    #[test]
    fn nothing_is_nothing() {
        assert_eq!(check("phone", Value::Null), Ok(None));
        assert_eq!(check("name", json!(" ")), Ok(None));
    }

    #[test]
    fn what_does_not_fit_is_refused_by_its_value() {
        for (kind, value) in [
            ("phone", json!("0541")),
            ("number", json!("many")),
            ("yes_no", json!("perhaps so")),
            ("date", json!("2026-13-40")),
            ("time", json!("25:00")),
            ("choice", json!("sell")),
            ("name", json!("?!")),
            ("name", json!(["a"])),
        ] {
            assert!(check(kind, value.clone()).is_err(), "{kind} {value}");
        }
    }
}
