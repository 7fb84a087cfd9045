//! Words into values, one file per kind of value.
//!
//! Every reader takes the caller's [`words`](words()) and gives the value with the stretch of words that it
//! rests on, so that nothing is used twice: the ten of "at ten" is never also a number of rooms. Both languages are
//! always understood, because their scripts cannot be confused and callers mix them; how strict a reader is
//! depends on whether its question was asked.

mod calendar;
mod cardinal;
mod choice;
mod date;
mod free_text;
mod name;
mod number;
mod phone;
mod time;
mod words;
mod yes_no;

use std::ops::Range;

pub use choice::choice;
pub use date::date;
pub use free_text::free_text;
pub use name::name;
pub use number::number;
pub use phone::{Phone, digits_of, phone, phone_from_digits};
pub use time::time;
pub use words::{Fit, Word, find, normal_form, words};
pub use yes_no::yes_no;

pub(crate) use calendar::next_day_and_month;
pub(crate) use yes_no::{NO_WORDS, YES_WORDS};

/// A value and the words it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<T> {
    /// The value.
    pub value: T,
    /// Indices into the words.
    pub span: Range<usize>,
}

impl<T> Found<T> {
    /// The same words, the value in another form.
    pub fn map<U>(self, form: impl FnOnce(T) -> U) -> Found<U> {
        Found { value: form(self.value), span: self.span }
    }
}

/// How a reader listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attention {
    /// This is the open question: a bare word may be the answer.
    Asked,
    /// Something else was asked, or nothing: only an unmistakable form counts.
    Overheard,
}
