//! A small language model of what callers say to one agent, made from the agent's own words.
//!
//! The embedded recogniser knows no world: it hears well only when it is told which few hundred words may
//! come and in what order. So the model is not shipped, it is written at run time: [`sentences`] makes up
//! what a caller may say (from the agent's phrases and from the kinds of answers it waits for), [`arpa`]
//! counts that into a trigram in the text format recognisers read, and [`vocabulary`] brings any text into
//! the words both of them use. English only, as the embedded recogniser is.

pub mod arpa;
pub mod sentences;
pub mod vocabulary;

pub use arpa::Trigram;
pub use sentences::Corpus;
