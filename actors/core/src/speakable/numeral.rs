//! A number in digits, as it is written.

use crate::language::Language;
use crate::spoken::{self, Gender, Quantity};

/// A number in digits: `1,250,000`, `-3.5`, `2½`, `007`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Numeral {
    sign: Option<char>,
    whole: String,
    /// Digits after the point, as written.
    pub(super) decimals: String,
    /// Thousands are set apart with commas, so it is an amount and no code.
    is_grouped: bool,
    /// The decimals are written as ½ or its like.
    is_fraction: bool,
}

/// Digits without commas from which a number that is not round is rather a code: nobody counts to ten
/// million exactly.
const CODE_DIGITS: usize = 8;

impl Numeral {
    /// The number that a text begins with, and what follows it.
    pub(super) fn take(text: &str) -> Option<(Self, &str)> {
        let sign = text.chars().next().filter(|c| matches!(c, '+' | '-'));
        let unsigned = text.get(usize::from(sign.is_some())..)?;
        let digits = digits_at_start(unsigned);
        let mut whole = digits.to_owned();
        let mut rest = unsigned.get(digits.len()..)?;
        let mut is_grouped = false;
        while (1..=3).contains(&digits.len())
            && let Some(group) = rest.strip_prefix(',').map(digits_at_start).filter(|group| group.len() == 3)
        {
            whole.push_str(group);
            rest = rest.get(4..)?;
            is_grouped = true;
        }
        let mut decimals = String::new();
        let mut is_fraction = false;
        if let Some((fraction, after)) = fraction_sign(rest).filter(|_| !whole.is_empty()) {
            decimals.push_str(fraction);
            is_fraction = true;
            rest = after;
        } else if let Some(part) = rest.strip_prefix('.').map(digits_at_start).filter(|part| !part.is_empty())
        {
            decimals.push_str(part);
            rest = rest.get(part.len() + 1..)?;
        }
        let is_number = !whole.is_empty() || !decimals.is_empty();
        is_number.then_some((Self { sign, whole, decimals, is_grouped, is_fraction }, rest))
    }

    /// The whole number it is; `None` with decimals or when it is beyond u64.
    pub(super) fn integer(&self) -> Option<u64> {
        if self.decimals.is_empty() { self.floor() } else { None }
    }

    /// The part before the point.
    pub(super) fn floor(&self) -> Option<u64> {
        if self.whole.is_empty() { Some(0) } else { self.whole.parse().ok() }
    }

    /// The same below zero.
    pub(super) fn negative(self) -> Self {
        Self { sign: Some('-'), ..self }
    }

    /// The same without what stands after the point.
    pub(super) fn without_decimals(&self) -> Self {
        Self { decimals: String::new(), ..self.clone() }
    }

    /// A number without sign, comma and point: it may be a year or a code.
    pub(super) fn is_plain(&self) -> bool {
        self.sign.is_none() && !self.is_grouped && self.decimals.is_empty()
    }

    /// Digits that count nothing, such as `007` or `123456789`.
    pub(super) fn is_code(&self) -> bool {
        let is_long = self.whole.len() >= CODE_DIGITS && !self.whole.ends_with("000");
        let leads_with_zero = self.whole.len() > 1 && self.whole.starts_with('0');
        self.decimals.is_empty() && !self.is_grouped && (is_long || leads_with_zero) || self.floor().is_none()
    }

    /// In words, standing alone.
    pub(super) fn say(&self, language: Language, gender: Gender) -> String {
        let body = match self.floor() {
            Some(_) if self.is_code() => spoken::digits(&self.whole, language),
            None => spoken::digits(&self.whole, language),
            Some(number) if self.decimals.is_empty() => spoken::integer(number, language, gender),
            Some(number) => self.say_decimal(number, language, gender),
        };
        self.with_sign(body, language)
    }

    /// In words, right before what is counted.
    pub(super) fn count(&self, language: Language, gender: Gender) -> String {
        match self.integer() {
            Some(number) if !self.is_code() => {
                self.with_sign(spoken::count(number, language, gender), language)
            }
            Some(_) | None => self.say(language, gender),
        }
    }

    fn with_sign(&self, body: String, language: Language) -> String {
        match (self.sign, language) {
            (Some('-'), Language::English) => format!("minus {body}"),
            (Some('-'), Language::Hebrew) => format!("מינוס {body}"),
            (Some(_), Language::English) => format!("plus {body}"),
            (Some(_), Language::Hebrew) => format!("פלוס {body}"),
            (None, _) => body,
        }
    }

    /// Hebrew says halves and quarters (שלושה וחצי); English the point, where one is written. A Hebrew
    /// number with a point is said in the counting form.
    fn say_decimal(&self, whole: u64, language: Language, gender: Gender) -> String {
        let part = match (language, self.decimals.as_str()) {
            (Language::Hebrew, "5" | "50") => Some(50),
            (Language::Hebrew, "25") => Some(25),
            (Language::English | Language::Hebrew, decimals) if self.is_fraction => {
                format!("{decimals:0<2}").parse().ok()
            }
            (Language::English | Language::Hebrew, _) => None,
        };
        if let Some(part) = part.filter(|_| whole > 0) {
            return spoken::quantity(
                Quantity::from_hundredths(whole.saturating_mul(100).saturating_add(part)),
                language,
                gender,
            );
        }
        let point = match language {
            Language::English => "point",
            Language::Hebrew => "נקודה",
        };
        let whole = spoken::integer(whole, language, Gender::Feminine);
        format!("{whole} {point} {}", spoken::digits(&self.decimals, language))
    }
}

/// The ASCII digits at the start of a text.
pub(super) fn digits_at_start(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn fraction_sign(text: &str) -> Option<(&'static str, &str)> {
    [("½", "5"), ("¼", "25"), ("¾", "75")]
        .into_iter()
        .find_map(|(sign, decimals)| text.strip_prefix(sign).map(|rest| (decimals, rest)))
}
