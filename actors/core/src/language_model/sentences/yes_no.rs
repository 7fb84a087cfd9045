//! Yes and no, as people put it.

use super::whole;

const PLAIN: [&str; 2] = ["yes", "no"];

const ALSO: [&str; 28] = [
    "yes please",
    "no thanks",
    "no thank you",
    "yes that's right",
    "yes that is right",
    "that's right",
    "that's correct",
    "yes that's correct",
    "yes it is",
    "yes i do",
    "yes i am",
    "no i don't",
    "no it isn't",
    "no that's wrong",
    "that's wrong",
    "no that's not right",
    "correct",
    "right",
    "wrong",
    "sure",
    "of course",
    "yeah",
    "yep",
    "nope",
    "okay",
    "absolutely",
    "not really",
    "not yet",
];

/// Sentences with weights; the plain words weigh as much as all others together.
pub(super) fn sentences() -> Vec<(String, f64)> {
    let plain = PLAIN.iter().map(|&word| (word.to_owned(), ALSO.len() as f64 / PLAIN.len() as f64));
    plain.chain(whole(&ALSO)).collect()
}
