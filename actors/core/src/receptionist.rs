//! The receptionist: a dialog without a language model.
//!
//! It does what a good human one does with a form on the desk: greets, asks one thing at a time, takes more
//! than it asked for when the caller offers it, answers what it knows and comes back to its question, reads
//! numbers back, and lets a question go when the answer is not to be had. It never makes anything up, costs
//! nothing and answers in microseconds, so it is the offline default and the stand-in for a failed model.
//!
//! [`understand`] turns words into values, one file per kind; [`Receptionist`] is the dialog itself;
//! [`ReceptionistModel`] is the thin coat that makes it a mind of a call.

mod agenda;
mod closing;
mod expectation;
mod facts;
mod intent;
mod keypad;
mod listening;
mod machine;
mod model;
mod phrases;
mod stock;
pub mod understand;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use expectation::vocabulary;
pub use machine::{Receptionist, Reply};
pub use model::ReceptionistModel;
pub use stock::stock_sentences;
pub(crate) use understand::normal_form;

/// What a call brought: the answers, by slot id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lead {
    /// Filled slots. A slot that was asked in vain is absent.
    pub answers: BTreeMap<String, Answer>,
    /// Whether every slot was filled.
    pub complete: bool,
}

/// The value of a filled slot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// Normal form: digits of a phone, `2026-11-20`, `14:30`, `yes`, the choice's value, or the words.
    pub value: String,
    /// What the caller said or keyed.
    pub said: String,
}
