//! What the agent knows, found by key phrase.

use super::understand::{Fit, Found, Word, find, normal_form};
use crate::agent::{Agent, Fact};

/// The fact that the words ask for: the one whose longest phrase fits, the earlier one when two tie.
pub(super) fn asked_for<'a>(agent: &'a Agent, words: &[Word]) -> Option<Found<&'a Fact>> {
    let fits = agent.facts.iter().flat_map(|fact| {
        fact.phrases.iter().filter_map(move |phrase| {
            let span = find(words, &normal_form(phrase), Fit::Prefixed)?;
            Some(Found { value: fact, span })
        })
    });
    fits.reduce(|best, next| if next.span.len() > best.span.len() { next } else { best })
}
