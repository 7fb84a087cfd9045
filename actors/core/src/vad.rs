//! Is the caller speaking in this frame? The detector's probability, gated three ways.
//!
//! A probability alone is wrong in three known cases (measured for moked, 2026): keypad
//! tones look like voice; line noise far below speech sometimes does; and the agent's own voice, coming
//! back as echo, *is* voice. So a frame counts as the caller's only if it is no tone, is louder than a
//! floor, and is louder than what the agent's audio could have returned: the loudest recent agent frame
//! plus the line's coupling plus a margin. The coupling is learned while the agent greets.

mod echo;

use std::time::{Duration, Instant};

use serde::Serialize;

pub use echo::{Coupling, ReferenceMeter};

/// What one 20 ms frame of the caller's audio looks like.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VoiceFrame {
    /// Probability of speech, from the detector, 0 to 1.
    pub probability: f32,
    /// RMS level in dBFS.
    pub level_dbfs: f32,
    /// Whether it holds a keypad tone.
    pub tone: bool,
    /// Loudest level in dBFS of the agent's audio that may return as echo now; `None` when the agent is quiet.
    pub reference_dbfs: Option<f32>,
}

/// Settings of the voice-activity decision.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VadSettings {
    /// Probability from which a frame is voice. 0.6 gave the best F1 with earshot on doubled samples.
    pub threshold: f32,
    /// The same while the agent may echo: a doubtful frame is then likely his.
    pub threshold_over_agent: f32,
    /// Frames quieter than this are silence, in dBFS.
    pub floor_dbfs: f32,
    /// How long after the last voiced frame speech is taken to be over.
    pub hangover: Duration,
}

impl Default for VadSettings {
    fn default() -> Self {
        Self {
            threshold: 0.6,
            threshold_over_agent: 0.75,
            floor_dbfs: -52.0,
            hangover: Duration::from_millis(200),
        }
    }
}

/// What a frame is, by its level and the detector; the more likely voice, the greater.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sound {
    /// Silence, a keypad tone, or no louder than an echo of the agent probably is.
    #[default]
    Quiet,
    /// Louder than that. The detector takes it for something else, or has not heard enough of it.
    Loud,
    /// The detector does not rule voice out.
    MaybeVoice,
    /// Voice.
    Voice,
}

/// A change of the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VoiceChange {
    /// The caller began to speak, 40 to 60 ms ago.
    Onset,
    /// The caller stopped at this time, a hangover ago.
    Offset {
        /// Time of the last voiced frame.
        last_voice: Instant,
    },
}

/// Voiced frames of the last four that make an onset: one odd frame makes none, and 60 ms suffice.
const ONSET_VOTES: u32 = 3;

/// Probability below which a frame is no beginning of speech. Measured with earshot: the first loud frame of a word has
/// 0.2 to 0.6, as it needs some 100 ms to be sure.
const RULED_OUT_BELOW: f32 = 0.2;

/// The decision over frames: on at three voiced of four, off after the hangover.
#[derive(Debug, Clone)]
pub struct VoiceGate {
    settings: VadSettings,
    coupling: Coupling,
    recent: u8,
    newest: Sound,
    speaking: bool,
    last_voice: Option<Instant>,
}

impl VoiceGate {
    /// A gate at rest.
    pub fn new(settings: VadSettings) -> Self {
        Self {
            settings,
            coupling: Coupling::default(),
            recent: 0,
            newest: Sound::Quiet,
            speaking: false,
            last_voice: None,
        }
    }

    /// Takes the next frame.
    pub fn frame(&mut self, frame: VoiceFrame, now: Instant) -> Option<VoiceChange> {
        self.newest = self.sound(&frame);
        let voiced = self.newest == Sound::Voice;
        self.recent = ((self.recent << 1) | u8::from(voiced)) & 0x0F;
        if voiced {
            self.last_voice = Some(now);
        }
        if !self.speaking && self.recent.count_ones() >= ONSET_VOTES {
            self.speaking = true;
            self.coupling.spoken_over();
            return Some(VoiceChange::Onset);
        }
        self.expire(now)
    }

    /// When the hangover ends, should no frame come: Twilio has been seen to send none in silence.
    pub fn poll_timeout(&self) -> Option<Instant> {
        if self.speaking { self.last_voice.map(|at| at + self.settings.hangover) } else { None }
    }

    /// Ends speech whose hangover has passed.
    pub fn expire(&mut self, now: Instant) -> Option<VoiceChange> {
        let last_voice = self.last_voice?;
        if !self.speaking || now.duration_since(last_voice) < self.settings.hangover {
            return None;
        }
        self.speaking = false;
        self.recent = 0;
        Some(VoiceChange::Offset { last_voice })
    }

    /// What the newest frame was.
    pub fn newest(&self) -> Sound {
        self.newest
    }

    /// State for the admin page.
    pub fn observe(&self) -> VoiceView {
        VoiceView { speaking: self.speaking, coupling_db: self.coupling.db() }
    }

    fn sound(&mut self, frame: &VoiceFrame) -> Sound {
        let floor = self.settings.floor_dbfs;
        let (mut least, mut least_of_voice, mut threshold) = (floor, floor, self.settings.threshold);
        if let Some(reference) = frame.reference_dbfs {
            self.coupling.learn(frame.level_dbfs, reference);
            threshold = threshold.max(self.settings.threshold_over_agent);
            least = least.max(reference + self.coupling.likely_db() + echo::MARGIN_DB);
            least_of_voice = least_of_voice.max(reference + self.coupling.db() + echo::MARGIN_DB);
        }
        if frame.tone || frame.level_dbfs <= least {
            Sound::Quiet
        } else if frame.probability >= threshold && frame.level_dbfs > least_of_voice {
            Sound::Voice
        } else if frame.probability >= RULED_OUT_BELOW {
            Sound::MaybeVoice
        } else {
            Sound::Loud
        }
    }
}

/// The voice gate as the admin page shows it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct VoiceView {
    /// Whether the caller is taken to be speaking.
    pub speaking: bool,
    /// How much of the agent's level comes back, in dB.
    pub coupling_db: f32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{at, start};

    const VOICE: VoiceFrame =
        VoiceFrame { probability: 0.9, level_dbfs: -25.0, tone: false, reference_dbfs: None };
    const SILENCE: VoiceFrame =
        VoiceFrame { probability: 0.1, level_dbfs: -70.0, tone: false, reference_dbfs: None };

    fn run(gate: &mut VoiceGate, zero: Instant, frames: &[VoiceFrame]) -> Vec<(u64, VoiceChange)> {
        let mut changes = Vec::new();
        for (index, &frame) in frames.iter().enumerate() {
            let ms = 20 * index as u64;
            changes.extend(gate.frame(frame, at(zero, ms)).map(|change| (ms, change)));
        }
        changes
    }

    #[test]
    fn a_click_of_two_frames_is_not_speech() {
        let mut gate = VoiceGate::new(VadSettings::default());
        assert_eq!(run(&mut gate, start(), &[VOICE, VOICE, SILENCE, SILENCE, SILENCE]), []);
    }

    #[test]
    fn speech_begins_after_three_frames_and_ends_a_hangover_after_the_last() {
        let zero = start();
        let mut gate = VoiceGate::new(VadSettings::default());
        let mut frames = vec![VOICE; 5];
        frames.extend([SILENCE; 15]);
        let changes = run(&mut gate, zero, &frames);
        let offset = VoiceChange::Offset { last_voice: at(zero, 80) };
        assert_eq!(changes, [(40, VoiceChange::Onset), (280, offset)]);
    }

    #[test]
    fn speech_ends_by_the_clock_when_no_frames_come() {
        let zero = start();
        let mut gate = VoiceGate::new(VadSettings::default());
        run(&mut gate, zero, &[VOICE; 4]);
        assert_eq!(gate.poll_timeout(), Some(at(zero, 260)));
        assert_eq!(gate.expire(at(zero, 259)), None);
        assert_eq!(gate.expire(at(zero, 260)), Some(VoiceChange::Offset { last_voice: at(zero, 60) }));
    }

    #[test]
    fn keypad_tones_are_not_speech() {
        let mut gate = VoiceGate::new(VadSettings::default());
        assert_eq!(run(&mut gate, start(), &[VoiceFrame { tone: true, ..VOICE }; 20]), []);
    }

    #[test]
    fn the_threshold_rises_while_the_agent_speaks() {
        let doubtful = VoiceFrame { probability: 0.7, ..VOICE };
        let mut gate = VoiceGate::new(VadSettings::default());
        let over_agent = VoiceFrame { reference_dbfs: Some(-40.0), ..doubtful };
        assert_eq!(run(&mut gate, start(), &[over_agent; 20]), []);
        assert_eq!(run(&mut gate, start(), &[doubtful; 3]), [(40, VoiceChange::Onset)]);
    }

    #[test]
    fn before_the_echo_is_known_a_soft_sound_may_be_the_caller_but_is_not_taken_for_him() {
        let mut gate = VoiceGate::new(VadSettings::default());
        let soft = VoiceFrame { level_dbfs: -35.0, reference_dbfs: Some(-15.0), ..VOICE };
        assert_eq!(run(&mut gate, start(), &[soft; 10]), []);
        assert_eq!(gate.newest(), Sound::MaybeVoice);
        assert_eq!(run(&mut gate, start(), &[VoiceFrame { level_dbfs: -38.0, ..soft }]), []);
        assert_eq!(gate.newest(), Sound::Quiet);
    }

    #[test]
    fn an_echo_of_the_agent_is_not_speech_but_a_caller_over_it_is() {
        let zero = start();
        let mut gate = VoiceGate::new(VadSettings::default());
        let echo = VoiceFrame { level_dbfs: -32.0, reference_dbfs: Some(-18.0), ..VOICE };
        assert_eq!(run(&mut gate, zero, &[echo; 100]), []);
        let caller = VoiceFrame { level_dbfs: -22.0, ..echo };
        assert_eq!(run(&mut gate, at(zero, 2_000), &[caller; 3]), [(40, VoiceChange::Onset)]);
    }
}
