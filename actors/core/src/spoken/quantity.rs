//! An amount as people say it: whole numbers, halves, quarters, at most two decimals.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// An amount, held exactly in hundredths so that `three and a half` is never 3.4999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Quantity(u64);

impl Quantity {
    /// From hundredths: 350 is three and a half.
    pub fn from_hundredths(hundredths: u64) -> Self {
        Self(hundredths)
    }

    /// From a whole number; `None` when it is beyond 1.8e17, which no caller means.
    pub fn whole(number: u64) -> Option<Self> {
        number.checked_mul(100).map(Self)
    }

    /// The amount in hundredths.
    pub fn hundredths(self) -> u64 {
        self.0
    }
}

/// The decimal form that stands in a lead: `3`, `3.5`, `3.25`.
impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 100, self.0 % 100);
        if part == 0 {
            write!(f, "{whole}")
        } else if part.is_multiple_of(10) {
            write!(f, "{whole}.{}", part / 10)
        } else {
            write!(f, "{whole}.{part:02}")
        }
    }
}

/// The text is no amount.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is not an amount; write digits with at most two decimals, such as 3.5")]
pub struct NotAQuantity(pub String);

impl FromStr for Quantity {
    type Err = NotAQuantity;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = || NotAQuantity(text.to_owned());
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(part) || part.len() > 2 {
            return Err(fault());
        }
        let whole: u64 = whole.parse().map_err(|_| fault())?;
        let tens: u64 = format!("{part:0<2}").parse().map_err(|_| fault())?;
        whole.checked_mul(100).and_then(|hundreds| hundreds.checked_add(tens)).map(Self).ok_or_else(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decimal_form_reads_back() {
        for text in ["0", "3", "3.5", "3.25", "3.05", "2500000", "0.5"] {
            let amount: Quantity = text.parse().expect("an amount");
            assert_eq!(amount.to_string(), text);
        }
    }

    #[test]
    fn other_texts_are_refused_by_name() {
        for text in ["", "three", "3.", ".5", "3.125", "-3", "99999999999999999999"] {
            let fault = text.parse::<Quantity>().expect_err("no amount");
            assert!(fault.to_string().contains(text), "{fault}");
        }
    }
}
