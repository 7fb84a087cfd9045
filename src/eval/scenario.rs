//! A scenario as its author writes it: one TOML file, one call.
//!
//! TOML, since `settings.toml` is: its reader is in the house and knows lines, nobody trips over indentation or over a
//! `no` that is a boolean, and the settings of a scenario are written as they are there. YAML's readers are unkept.
//!
//! Everything has a default that suits most calls, so that a file holds what it is about and little else. Times are
//! milliseconds, levels decibels.

mod act;
mod expect;
mod fault;
mod load;
mod step;

use std::path::PathBuf;

use moked_core::hints::SlotKind;
use moked_core::language::Language;
use serde::Deserialize;

pub use act::{Act, Piece, Sound};
pub use expect::Expect;
pub use fault::ScenarioFault;
pub use load::{find, load};
pub use step::{Kind, Step, When};

/// A scenario, checked.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Its file's name without ending: what `--only` and reports call it.
    pub name: String,
    /// Where it was read.
    pub path: PathBuf,
    /// What the caller does.
    pub steps: Vec<Step>,
    /// All else in the file.
    pub body: Body,
}

/// What a file holds beside the caller's steps.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Body {
    /// What is true if it passes, as a sentence.
    pub title: String,
    /// Language of the call.
    pub language: Language,
    /// How many engines stand between ear and mouth.
    #[serde(default)]
    pub pipeline: Chain,
    /// When the caller hangs up whatever happens, seconds.
    #[serde(default = "default_limit")]
    pub limit_s: u64,
    /// How often it is run for `--figures`, each time with the next of `one_of`, other dice and another moment. 0: it
    /// is no part of the figures.
    #[serde(default)]
    pub repeat: usize,
    /// Settings of moked in this call, with the sections and keys of settings.toml.
    #[serde(default)]
    pub settings: toml::Table,
    /// First words of the agent; none for an agent who waits.
    #[serde(default)]
    pub greeting: String,
    /// The line between the caller and moked.
    #[serde(default)]
    pub line: LineConditions,
    /// How fast engines are.
    #[serde(default)]
    pub engines: Pace,
    /// What the mind answers.
    #[serde(default, rename = "answer")]
    pub answers: Vec<Answer>,
    /// What must come of it.
    #[serde(default)]
    pub expect: Expect,
    /// The caller's steps as written; [`Scenario::steps`] has them checked.
    #[serde(default)]
    caller: Vec<toml::Spanned<step::Written>>,
}

/// How many engines stand between ear and mouth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Chain {
    /// Ear, mind and voice.
    #[default]
    Cascade,
    /// One that does it all.
    Realtime,
}

/// The line between the caller and moked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LineConditions {
    /// What sounds behind the caller all the time.
    pub noise: Option<Noise>,
    /// How far the noise lies below his voice, dB. 10 is a busy street.
    pub snr_db: Option<f32>,
    /// Level at which the agent comes back through the caller's microphone, dB: -20 is a phone held badly.
    pub echo_db: Option<f32>,
    /// How late it comes back, ms: 180 if left out, a mobile call's.
    pub echo_ms: Option<u64>,
    /// Frames are held up for up to so many ms, both ways, then come at once.
    pub jitter_ms: u64,
    /// Share of marks whose echo never comes, 0 to 1.
    pub lose_marks: f64,
    /// Frames of silence are not sent.
    pub suppress_silence: bool,
}

/// Noise that goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Noise {
    /// Hiss, all frequencies alike.
    White,
    /// Several people who talk at once.
    Babble,
    /// One who talks in another room.
    Tv,
}

/// How fast the scripted engines are, ms. What is left out is as fast as good providers are.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Pace {
    /// From a word to its place in a partial transcript.
    pub partial_ms: u64,
    /// From the end of an utterance to its transcript.
    pub final_ms: u64,
    /// From a turn to the first words of its answer.
    pub mind_ms: u64,
    /// From a sentence to its first audio.
    pub voice_ms: u64,
    /// Whether the voice tells when each word is spoken; many do not, and then moked must guess.
    pub word_times: bool,
    /// When the ear tells words before the utterance is over.
    pub partials: Partials,
}

/// When an ear tells words before the utterance is over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Partials {
    /// `partial_ms` after the beginning of each: it guesses, and guesses well.
    AsSpoken,
    /// `partial_ms` after the end of each.
    #[default]
    WordByWord,
    /// Never; some recognisers do not.
    None,
}

impl Default for Pace {
    fn default() -> Self {
        let partials = Partials::default();
        Self { partial_ms: 120, final_ms: 80, mind_ms: 150, voice_ms: 60, word_times: true, partials }
    }
}

/// One answer of the mind.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// What it answers: words that are part of what was said, or `[keys 123]`, `[silence]`, `[unclear]`,
    /// `[resumed]`. Left out: whatever comes that no other answer is for, in the order of the file.
    #[serde(default)]
    pub to: Option<String>,
    /// The answer.
    #[serde(default)]
    pub says: String,
    /// Time to its first word, ms, in place of `mind_ms`.
    #[serde(default)]
    pub after_ms: Option<u64>,
    /// What it asks for, which moked tells the ear and waits for.
    #[serde(default)]
    pub asks_for: Option<SlotKind>,
    /// Whether the agent hangs up after it.
    #[serde(default)]
    pub hangs_up: bool,
}

fn default_limit() -> u64 {
    30
}
