//! A step of the caller: when he does what.

use serde::Deserialize;
use toml::Value;

use super::act::{Act, Piece, Sound};
use crate::eval::romanise::romanise;

/// When a step is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// So many ms after the start of the stream.
    At(u64),
    /// So many ms after the agent's last sound, once it has spoken since the step before.
    AfterAgent(u64),
    /// So many ms after the first sound of an utterance of the agent: the next that begins after the step before, or
    /// the one with this number (the greeting is 1).
    IntoAgent {
        /// How far into it, ms.
        ms: u64,
        /// Which; none is whichever comes.
        utterance: Option<u32>,
    },
    /// So many ms after the agent has said these words.
    AfterWords {
        /// The words, of one sentence.
        words: String,
        /// How much later.
        ms: u64,
    },
    /// So many ms after the end of the step before.
    Then(u64),
}

/// What a step counts as in the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The agent must not stop.
    Backchannel,
    /// The agent must not stop.
    Noise,
    /// The agent must stop.
    Interruption,
    /// A number must arrive in one piece.
    Dictation,
    /// One word must arrive.
    OneWord,
}

/// A step, checked.
#[derive(Debug, Clone)]
pub struct Step {
    /// When.
    pub when: When,
    /// What, the alternatives of `one_of`; one if there is no choice.
    pub acts: Vec<Act>,
    /// How much louder than usual, dB.
    pub level_db: f32,
    /// What it counts as.
    pub counts_as: Option<Kind>,
    /// Its line in the file.
    pub line: usize,
}

/// A step as written.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Written {
    at_ms: Option<u64>,
    after_agent_ms: Option<u64>,
    into_agent_ms: Option<u64>,
    utterance: Option<u32>,
    after_words: Option<String>,
    wait_ms: Option<u64>,
    then_ms: Option<u64>,
    says: Option<Value>,
    sounds_like: Option<Value>,
    heard: Option<String>,
    wav: Option<String>,
    sound: Option<Sound>,
    presses: Option<String>,
    hangs_up: bool,
    stalls_ms: Option<u64>,
    drops_stream: bool,
    transferred_to: Option<String>,
    waits: bool,
    one_of: Vec<Choice>,
    level_db: f32,
    counts_as: Option<Kind>,
}

/// An alternative of `one_of`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Choice {
    says: Option<Value>,
    sounds_like: Option<Value>,
    heard: Option<String>,
    wav: Option<String>,
    sound: Option<Sound>,
    presses: Option<String>,
}

/// Told to whoever gives no time or several.
const TIMES: &str = "give one of at_ms, after_agent_ms, into_agent_ms, after_words, then_ms";

/// Told to whoever gives nothing to do, or several things.
const ACTS: &str =
    "give one of says, wav, sound, presses, hangs_up, stalls_ms, drops_stream, transferred_to, waits, one_of";

/// The pause after which a person answers, ms.
const ANSWERS_AFTER: u64 = 300;

impl Written {
    /// The step, or what is wrong with it and the mend.
    pub(super) fn check(self, line: usize) -> Result<Step, String> {
        let when = self.when()?;
        let (level_db, counts_as) = (self.level_db, self.counts_as);
        Ok(Step { when, acts: self.acts()?, level_db, counts_as, line })
    }

    fn when(&self) -> Result<When, String> {
        let times = [
            self.at_ms.map(When::At),
            self.after_agent_ms.map(When::AfterAgent),
            self.into_agent_ms.map(|ms| When::IntoAgent { ms, utterance: self.utterance }),
            self.after_words
                .clone()
                .map(|words| When::AfterWords { words, ms: self.wait_ms.unwrap_or_default() }),
            self.then_ms.map(When::Then),
        ];
        let mut times = times.into_iter().flatten();
        let when = times.next();
        if times.next().is_some() {
            return Err(format!("this step has two times; {TIMES}"));
        }
        if self.utterance.is_some() && self.into_agent_ms.is_none() {
            return Err("utterance goes with into_agent_ms; add it, or take utterance away".to_owned());
        }
        if self.wait_ms.is_some() && self.after_words.is_none() {
            return Err("wait_ms goes with after_words; did you mean then_ms?".to_owned());
        }
        Ok(when.unwrap_or(When::AfterAgent(ANSWERS_AFTER)))
    }

    fn acts(self) -> Result<Vec<Act>, String> {
        let choice = Choice {
            says: self.says,
            sounds_like: self.sounds_like,
            heard: self.heard,
            wav: self.wav,
            sound: self.sound,
            presses: self.presses,
        };
        let others = [
            self.hangs_up.then_some(Act::HangsUp),
            self.stalls_ms.map(Act::Stalls),
            self.drops_stream.then_some(Act::DropsStream),
            self.transferred_to.map(Act::IsTransferred),
            self.waits.then_some(Act::Waits),
        ];
        let mut acts: Vec<Act> = choice.acts()?.into_iter().chain(others.into_iter().flatten()).collect();
        let choices: Result<Vec<Vec<Act>>, String> = self.one_of.into_iter().map(Choice::acts).collect();
        for mut choice in choices? {
            match (choice.pop(), choice.is_empty()) {
                (Some(act), true) => acts.push(act),
                _ => return Err("each of one_of is one of says, wav, sound, presses".to_owned()),
            }
        }
        Ok(acts)
    }
}

impl Choice {
    fn acts(self) -> Result<Vec<Act>, String> {
        let heard = self.heard.unwrap_or_default();
        let mut acts = Vec::new();
        if let Some(says) = &self.says {
            let mut pieces = pieces(says)?;
            if let Some(sounds) = &self.sounds_like {
                sound_like(&mut pieces, sounds)?;
            }
            if !heard.is_empty() {
                hear_instead(&mut pieces, &heard);
            }
            let words = pieces.iter().filter_map(Piece::heard).collect::<Vec<_>>().join(" ");
            acts.push(Act::Says { pieces, heard: words });
        }
        if let Some(wav) = self.wav {
            acts.push(Act::Plays { wav: wav.into(), heard: heard.clone() });
        }
        if let Some(sound) = self.sound {
            acts.push(Act::Sounds { sound, heard });
        }
        if let Some(keys) = self.presses {
            if let Some(key) = keys.chars().find(|key| !matches!(key, '0'..='9' | '*' | '#')) {
                return Err(format!("there is no key '{key}' on a telephone; presses takes 0-9, * and #"));
            }
            acts.push(Act::Presses(keys));
        }
        Ok(acts)
    }
}

impl Piece {
    fn heard(&self) -> Option<&str> {
        match self {
            Self::Words { heard, .. } => Some(heard.as_str()).filter(|heard| !heard.is_empty()),
            Self::Pause(_) => None,
        }
    }
}

/// Gives the pieces other sounds, which must be as many.
fn sound_like(written: &mut [Piece], sounds: &Value) -> Result<(), String> {
    let sounds = pieces(sounds)?;
    if written.len() != sounds.len() {
        return Err("says and sounds_like must have the same pieces, pauses included".to_owned());
    }
    for (piece, sound) in written.iter_mut().zip(sounds) {
        match (piece, sound) {
            (Piece::Words { sound, .. }, Piece::Words { heard, .. }) => *sound = heard,
            (Piece::Pause(ms), Piece::Pause(sound)) => *ms = sound,
            (Piece::Words { .. }, Piece::Pause(_)) | (Piece::Pause(_), Piece::Words { .. }) => {
                return Err("says and sounds_like must have words and pauses in the same places".to_owned());
            }
        }
    }
    Ok(())
}

/// The ear mishears: all other words come with the last piece.
fn hear_instead(pieces: &mut [Piece], other: &str) {
    let last = pieces.iter().rposition(|piece| matches!(piece, Piece::Words { .. }));
    for (place, piece) in pieces.iter_mut().enumerate() {
        if let Piece::Words { heard, .. } = piece {
            *heard = if Some(place) == last { other.to_owned() } else { String::new() };
        }
    }
}

/// `"text"`, or `["text", 700, "more"]` with pauses in ms.
fn pieces(value: &Value) -> Result<Vec<Piece>, String> {
    const SHAPE: &str = "write \"words\", or [\"words\", 700, \"more\"] with pauses in ms";
    let piece = |value: &Value| {
        if let Some(words) = value.as_str().filter(|words| !words.trim().is_empty()) {
            return Ok(Piece::Words { sound: romanise(words), heard: words.to_owned() });
        }
        let pause = value.as_integer().filter(|ms| (0..=60_000).contains(ms));
        let pause = pause.map(|ms| Piece::Pause(ms.unsigned_abs()));
        pause.ok_or_else(|| format!("{value} can be neither said nor waited for; {SHAPE}"))
    };
    match value.as_array().filter(|values| !values.is_empty()) {
        Some(values) => values.iter().map(piece).collect(),
        None => Ok(vec![piece(value)?]),
    }
}

/// Whether the acts of a step are as many as they should be.
pub(super) fn count(step: &Step, has_choices: bool) -> Result<(), String> {
    match step.acts.len() {
        0 => Err(format!("this step does nothing; {ACTS}")),
        1 => Ok(()),
        _ if has_choices => Ok(()),
        _ => Err(format!("this step does two things; {ACTS}")),
    }
}

impl Written {
    /// Whether it has alternatives.
    pub(super) fn has_choices(&self) -> bool {
        !self.one_of.is_empty()
    }
}
