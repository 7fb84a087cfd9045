//! What came of a run.

use moked_core::conversation::Remark;
use serde::Serialize;

use super::judge::Finding;
use super::measure::Moment;
use super::scenario::Scenario;
use crate::caller::recording::Tracks;

/// Above it the caller was too late for a fair run, ms: half of the lead that moked keeps.
const FAIR_MS: f64 = 100.0;

/// What came of a run. Times are ms from the start of the call.
#[derive(Debug, Clone, Serialize)]
pub struct Outcome {
    /// The scenario's name.
    pub name: String,
    /// What it holds to be true.
    pub title: String,
    /// Its file.
    pub path: String,
    /// Which run of it, from 0.
    pub time: usize,
    /// What did not come true; none of a scenario that passed.
    pub findings: Vec<Finding>,
    /// Length of the call.
    pub duration_ms: u64,
    /// The agent's first sound.
    pub first_word_ms: Option<u64>,
    /// What the caller did and how it was taken.
    pub moments: Vec<Moment>,
    /// What moked remembers of the conversation.
    pub history: Vec<Remark>,
    /// Words by which each of the agent's remarks differs from what was heard.
    pub heard_errors: Vec<usize>,
    /// How the call ended, in moked's word.
    pub end: String,
    /// How late the caller's own frames were at worst. See [`Outcome::is_fair`].
    pub caller_late_ms: f64,
    /// The log of the call.
    pub log: Vec<String>,
    /// Both sides.
    #[serde(skip)]
    pub recording: Recording,
}

/// Both sides of a call, to be listened to.
#[derive(Debug, Clone, Default)]
pub struct Recording {
    /// Caller and agent.
    pub tracks: Tracks,
}

impl Outcome {
    pub(super) fn new(scenario: &Scenario, time: usize) -> Self {
        Self {
            name: scenario.name.clone(),
            title: scenario.body.title.clone(),
            path: scenario.path.display().to_string(),
            time,
            findings: Vec::new(),
            duration_ms: 0,
            first_word_ms: None,
            moments: Vec::new(),
            history: Vec::new(),
            heard_errors: Vec::new(),
            end: String::new(),
            caller_late_ms: 0.0,
            log: Vec::new(),
            recording: Recording::default(),
        }
    }

    /// Whether the machine had time for this run: what a caller who is late himself hears is no fault of the agent's.
    pub fn is_fair(&self) -> bool {
        self.caller_late_ms <= FAIR_MS
    }

    /// Whether all came true.
    pub fn passed(&self) -> bool {
        self.findings.is_empty()
    }
}
