//! What of people's words and numbers the admin endpoint shows, as `admin.words` says.
//!
//! Masking goes by the name of the field: each place that holds what somebody said is listed here, and what is
//! listed nowhere holds none.

use serde_json::Value;

use crate::settings::Words;

/// Fields that hold what was said, or a value that was gathered from it.
const SAID: [&str; 7] = ["text", "heard", "said", "value", "partial", "words", "caller"];

/// Digits from which a run of them is taken for a number that identifies someone.
const IDENTIFYING: usize = 6;

/// Digits of a run that stay, at its end: enough to tell two callers apart.
const KEPT: usize = 2;

/// What stands for words that are not shown.
const HIDDEN: &str = "…";

/// Masks every field that holds what was said, at any depth.
pub(super) fn mask(value: &mut Value, words: Words) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if SAID.contains(&name.as_str()) => *text = masked(text, words),
                    Value::Null
                    | Value::Bool(_)
                    | Value::Number(_)
                    | Value::String(_)
                    | Value::Array(_)
                    | Value::Object(_) => mask(field, words),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, words)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn masked(text: &str, words: Words) -> String {
    match words {
        Words::Full => text.to_owned(),
        Words::NumbersMasked => without_numbers(text),
        Words::Hidden if text.is_empty() => String::new(),
        Words::Hidden => HIDDEN.to_owned(),
    }
}

/// `call 054-1234567 at 10:30` becomes `call ***-*****67 at 10:30`. A date such as `2026-11-20` stays.
fn without_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_numeric()) {
        let (before, from) = rest.split_at(start);
        out.push_str(before);
        let length = run(from);
        let (number, after) = from.split_at(length);
        let digits = number.chars().filter(|c| c.is_numeric()).count();
        if digits < IDENTIFYING || is_date(number) {
            out.push_str(number);
        } else {
            let mut seen = 0;
            out.extend(number.chars().map(|character| {
                seen += usize::from(character.is_numeric());
                if character.is_numeric() && seen + KEPT <= digits { '*' } else { character }
            }));
        }
        rest = after;
    }
    out + rest
}

/// Bytes of a number at the start of `text`: digits, with at most two signs between two of them.
fn run(text: &str) -> usize {
    let (mut end, mut gap) = (0, 0);
    for (at, character) in text.char_indices() {
        if character.is_numeric() {
            end = at + character.len_utf8();
            gap = 0;
        } else if gap < 2 && matches!(character, ' ' | '-' | '.' | '(' | ')' | '/' | '\u{2010}'..='\u{2015}')
        {
            gap += 1;
        } else {
            break;
        }
    }
    end
}

fn is_date(number: &str) -> bool {
    let parts: Vec<&str> = number.split('-').collect();
    matches!(parts.as_slice(), [year, month, day] if (year.len(), month.len(), day.len()) == (4, 2, 2))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_number_that_identifies_keeps_its_last_two_digits() {
        for (text, shown) in [
            ("call 054-1234567 at 10:30", "call ***-*****67 at 10:30"),
            ("+972 54 123 4567", "+*** ** *** **67"),
            ("מספר הטלפון שלי 0541234567, תודה", "מספר הטלפון שלי ********67, תודה"),
            ("٠٥٤١٢٣٤٥٦٧", "********٦٧"),
            ("on 2026-11-20 for 5 rooms", "on 2026-11-20 for 5 rooms"),
            ("flat 12, floor 3", "flat 12, floor 3"),
            ("", ""),
        ] {
            assert_eq!(without_numbers(text), shown);
        }
    }

    #[test]
    fn only_what_was_said_is_masked_wherever_it_stands() {
        let call = json!({
            "call_sid": "CA1234567890",
            "conversation": [{ "by": "caller", "text": "i am 0541234567" }, { "by": "agent", "heard": "Thanks." }],
            "lead": { "answers": { "phone": { "value": "0541234567", "said": "oh five" } } },
        });
        let shown = |words| {
            let mut call = call.clone();
            mask(&mut call, words);
            call
        };
        assert_eq!(shown(Words::Full), call);
        let masked = shown(Words::NumbersMasked);
        assert_eq!(masked["call_sid"], "CA1234567890");
        assert_eq!(masked["conversation"][0]["text"], "i am ********67");
        assert_eq!(masked["lead"]["answers"]["phone"], json!({ "value": "********67", "said": "oh five" }));
        let hidden = shown(Words::Hidden).to_string();
        assert!(
            !hidden.contains("Thanks") && !hidden.contains("054") && hidden.contains("CA1234567890"),
            "{hidden}"
        );
    }
}
