//! `[call]`: who answers, in what mode, and the timing of a conversation.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::error::SettingsError;
use super::reader::Reader;

/// What a call becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WsMode {
    /// A conversation with the agent.
    Ai,
    /// The caller hears himself.
    Echo,
    /// No media socket: a message is taken.
    Disabled,
}

/// `[call]`.
#[derive(Debug, Clone, PartialEq)]
pub struct CallSection {
    /// Id of the agent that answers.
    pub agent: String,
    /// The zone of the business.
    pub time_zone: TimeZone,
    /// What a call becomes.
    pub ws_mode: WsMode,
    /// Whether calls in Hebrew may be conversations.
    pub hebrew_realtime: bool,
    /// Time for a media socket to introduce itself.
    pub start_timeout: Duration,
    /// Life of a stream's one-time token.
    pub token_ttl: Duration,
    /// Time for which a call that lost its stream waits for another.
    pub resume: Duration,
    /// Longest call.
    pub max_call: Duration,
    /// Silence that ends the caller's turn.
    pub end_of_utterance: Duration,
    /// Longest utterance.
    pub longest_utterance: Duration,
    /// Silence after which the agent asks.
    pub silence_prompt: Duration,
    /// Pause that completes what is keyed in.
    pub key_gap: Duration,
    /// Audio sent ahead of the caller's ear.
    pub lead: Duration,
    /// To what that grows on a line that jitters.
    pub most_lead: Duration,
    /// Most audio between two marks.
    pub mark_every: Duration,
    /// Probability from which a frame is voice, 0 to 1.
    pub vad_threshold: f32,
    /// Level below which a frame is silence, dBFS.
    pub vad_floor_dbfs: f32,
    /// Time after the last voiced frame for which speech goes on.
    pub vad_hangover: Duration,
}

impl CallSection {
    pub(super) fn read(reader: &Reader<'_>) -> Result<Self, SettingsError> {
        let modes = [("AI", WsMode::Ai), ("ECHO", WsMode::Echo), ("DISABLED", WsMode::Disabled)];
        Ok(Self {
            agent: reader.text("call.agent")?,
            time_zone: time_zone(reader)?,
            ws_mode: reader.choice("call.ws_mode", &modes)?,
            hebrew_realtime: reader.flag("call.hebrew_realtime")?,
            start_timeout: reader.millis("call.start_timeout_ms", 500..=30_000)?,
            token_ttl: reader.seconds("call.token_ttl_s", 5..=60)?,
            resume: reader.seconds("call.resume_s", 1..=60)?,
            max_call: reader.seconds("call.max_call_s", 10..=86_400)?,
            end_of_utterance: reader.millis("call.end_of_utterance_ms", 300..=600)?,
            longest_utterance: reader.millis("call.longest_utterance_ms", 2_000..=120_000)?,
            silence_prompt: reader.millis("call.silence_prompt_ms", 2_000..=60_000)?,
            key_gap: reader.millis("call.key_gap_ms", 500..=10_000)?,
            lead: reader.millis("call.lead_ms", 40..=2_000)?,
            most_lead: reader.millis("call.most_lead_ms", 40..=2_000)?,
            mark_every: reader.millis("call.mark_every_ms", 20..=200)?,
            vad_threshold: reader.fraction("call.vad_threshold", 0.0..=1.0)?,
            vad_floor_dbfs: reader.fraction("call.vad_floor_dbfs", -90.0..=0.0)?,
            vad_hangover: reader.millis("call.vad_hangover_ms", 20..=1_000)?,
        })
    }
}

fn time_zone(reader: &Reader<'_>) -> Result<TimeZone, SettingsError> {
    let key = "call.time_zone";
    match reader.text(key)?.as_str() {
        "" => Ok(TimeZone::system()),
        name => TimeZone::get(name)
            .map_err(|_| reader.fault(key, "there is no such time zone", "write one such as Asia/Jerusalem")),
    }
}
