//! An agent as its owner declares it in `settings.toml`: who it is, what it knows, what it must find out.
//!
//! The owner never reads code, so every field has a plain meaning and a default. The receptionist speaks
//! from it, the recogniser builds its vocabulary from it, and a language model gets it as its brief.

mod check;
mod placeholders;

use serde::{Deserialize, Serialize};

use crate::hints::SlotKind;
use crate::key_pattern::KeyPattern;
use crate::language::Language;
use crate::spoken::Gender;

pub use check::{AgentFault, MOST_RETRIES};
pub(crate) use placeholders::{Piece, pieces};

/// One agent: `[agent.<id>]` in `settings.toml`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agent {
    /// What the agent calls itself, such as `Maya`.
    pub name: String,
    /// The language it speaks.
    pub language: Language,
    /// First words of a call. The first slot's question follows.
    pub greeting: String,
    /// What it can answer.
    #[serde(default)]
    pub facts: Vec<Fact>,
    /// What it asks, in this order.
    #[serde(default)]
    pub slots: Vec<Slot>,
    /// Last words once every slot is filled. `{slot id}` stands for an answer.
    pub closing: String,
    /// Last words when an answer that `closing` names was not to be had. Without `{…}`. Left out, the agent
    /// says that someone will call back.
    #[serde(default)]
    pub closing_incomplete: Option<String>,
    /// Last words when the caller says goodbye before that.
    #[serde(default)]
    pub goodbye: Option<String>,
    /// What it says when the caller wants a person. Left out, it says that someone will call back.
    #[serde(default)]
    pub callback: Option<String>,
    /// Ways of saying "sorry, I did not understand", used in turn; give at least two. Left out, the agent
    /// has its own.
    #[serde(default)]
    pub sorry: Vec<String>,
    /// Ways of asking "are you still there", used in turn when the line is silent. Left out, the agent has
    /// its own.
    #[serde(default)]
    pub still_there: Vec<String>,
}

/// Something the agent knows: said when one of the phrases is heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// Key phrases, any language; one of them inside the caller's words is enough.
    pub phrases: Vec<String>,
    /// The answer, spoken as written.
    pub answer: String,
}

/// Something the agent finds out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Slot {
    /// Its key in the lead.
    pub id: String,
    /// What kind of answer it takes.
    pub kind: SlotKind,
    /// The question.
    pub question: String,
    /// The question put another way, after an answer that did not fit.
    #[serde(default)]
    pub retry: Option<String>,
    /// How often to ask again before the slot is left empty.
    #[serde(default = "default_retries")]
    pub retries: u8,
    /// Whether to read the answer back and have it confirmed.
    #[serde(default)]
    pub confirm: bool,
    /// The options of a choice.
    #[serde(default)]
    pub choices: Vec<Choice>,
    /// The form of an answer in keys, such as `[0-9]{5}`: complete without `#` when nothing longer fits, and asked for
    /// again when it does not fit. It also lets keys answer a question that has no keys of its own.
    #[serde(default)]
    pub keys: Option<KeyPattern>,
    /// For numbers in Hebrew: whether the thing counted is masculine (חדרים, שקלים) or feminine (דירות, שנים).
    #[serde(default)]
    pub gender: Gender,
}

/// One option of a choice. The keypad's `1` picks the first, and so on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// What stands in the lead, and what the agent says for it.
    pub value: String,
    /// Other ways of saying it.
    #[serde(default)]
    pub phrases: Vec<String>,
}

fn default_retries() -> u8 {
    2
}
