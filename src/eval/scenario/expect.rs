//! What must come of a call.

use serde::Deserialize;

/// What must come of a call. What is left out is not looked at, save that Twilio's rules are kept and that the
/// history holds what was heard.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// Most ms from `start` to the agent's first sound.
    pub first_word_ms: Option<u64>,
    /// Most ms from the end of the caller's speech to the agent's first sound, in 19 of 20 turns.
    pub answer_p95_ms: Option<u64>,
    /// The same in every turn.
    pub answer_max_ms: Option<u64>,
    /// Most ms from the caller's first sound to the agent's softer voice.
    pub duck_ms: Option<u64>,
    /// Most ms from the caller's first sound to the agent's silence, where the agent was stopped.
    pub clear_ms: Option<u64>,
    /// How many turns of the agent the caller cut short.
    pub interruptions: Option<usize>,
    /// What the caller said, remark by remark, as the mind was told. `*` stands for anything.
    pub caller_said: Option<Vec<String>>,
    /// The history: `agent: …`, `agent cut: …` for a turn cut short, `caller: …`. `*` stands for anything.
    pub history: Option<Vec<String>>,
    /// Sentences that the caller heard to their end. `*` stands for anything.
    pub heard: Vec<String>,
    /// Sentences of which he heard no word.
    pub not_heard: Vec<String>,
    /// States of the dialog that were passed, in this order, others between them allowed: `LISTENING`, `THINKING`,
    /// `SPEAKING`.
    pub states: Vec<String>,
    /// Events of the log that came, in this order, others between them allowed.
    pub events: Vec<String>,
    /// Events of the log that did not come.
    pub no_events: Vec<String>,
    /// How the call ended: `caller_hung_up`, `agent_hung_up`, `too_long`, `transferred` and so on.
    pub ends: Option<String>,
    /// Media streams that the call had.
    pub streams: Option<usize>,
    /// Most holes in the agent's speech. Left out: none.
    pub gaps: Option<usize>,
    /// Most words by which the history may differ from what was heard, in a turn. Left out: 1.
    pub heard_error_words: Option<usize>,
    /// A verb of the last document, such as `<Dial> +97235550100`.
    pub document: Option<String>,
    /// Longest silence between two sounds of the agent in which the caller made none, ms. For thinking that is filled.
    pub silence_max_ms: Option<u64>,
    /// Longest call, ms.
    pub duration_max_ms: Option<u64>,
}
