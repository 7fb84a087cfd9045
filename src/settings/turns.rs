//! `[turns]`: who has the floor when both speak, when the caller has finished, and the words that tell.

use std::sync::Arc;
use std::time::Duration;

use moked_core::barge_in::BargeInSettings;
use moked_core::cues::Cues;
use moked_core::turn::{KeyInterrupt, KeyRole};

use super::error::SettingsError;
use super::reader::Reader;

/// `[turns]`.
#[derive(Debug, Clone)]
pub struct TurnsSection {
    /// Who has the floor when both speak.
    pub barge_in: BargeInSettings,
    /// Longest silence within a dictated value.
    pub dictation: Duration,
    /// Whether the mind may begin before it is certain that the caller has finished.
    pub speculate: bool,
    /// What the key `#` does.
    pub key_hash: KeyRole,
    /// What the key `*` does.
    pub key_star: KeyRole,
    /// Which keys stop the agent.
    pub keys_interrupt: KeyInterrupt,
    /// Probability from which a frame is voice while the agent speaks, 0 to 1.
    pub vad_threshold_over_agent: f32,
    /// Lists of words.
    pub cues: Arc<Cues>,
}

impl TurnsSection {
    pub(super) fn read(reader: &Reader<'_>) -> Result<Self, SettingsError> {
        let list = |key| reader.list::<String>(key, "give words and phrases in quotes, or [] for none");
        let roles = [
            ("finish", KeyRole::Finish),
            ("digit", KeyRole::Digit),
            ("clear", KeyRole::Clear),
            ("ignore", KeyRole::Ignore),
        ];
        let interrupts = [
            ("expected", KeyInterrupt::Expected),
            ("always", KeyInterrupt::Always),
            ("never", KeyInterrupt::Never),
        ];
        Ok(Self {
            barge_in: BargeInSettings {
                decide: reader.millis("turns.decide_ms", 100..=2_000)?,
                protect: reader.millis("turns.protect_ms", 0..=5_000)?,
                greeting: reader.flag("turns.interrupt_greeting")?,
            },
            dictation: reader.millis("turns.dictation_ms", 600..=10_000)?,
            speculate: reader.flag("turns.speculate")?,
            key_hash: reader.choice("turns.key_hash", &roles)?,
            key_star: reader.choice("turns.key_star", &roles)?,
            keys_interrupt: reader.choice("turns.keys_interrupt", &interrupts)?,
            vad_threshold_over_agent: reader.fraction("turns.vad_threshold_over_agent", 0.0..=1.0)?,
            cues: Arc::new(Cues::new(
                &list("turns.backchannels")?,
                &list("turns.stop_words")?,
                &list("turns.hesitations")?,
                &list("turns.connectives")?,
            )),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::settings::{Environment, Settings};
    use moked_core::cues::{Cues, Remark};

    #[test]
    fn the_distributed_lists_are_those_of_the_machine() {
        let settings = Settings::load(None, &Environment::new()).unwrap();
        assert_eq!(*settings.turns.cues, Cues::default());
    }

    #[test]
    fn a_list_of_ones_own_replaces_the_shipped_one() {
        let variables =
            [("MOKED__TURNS__BACKCHANNELS", "אחלה גבר, for sure"), ("MOKED__TURNS__PROTECT_MS", "0")];
        let environment: Environment =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let turns = Settings::load(None, &environment).unwrap().turns;
        assert_eq!(turns.cues.judge("For sure!"), Remark::Backchannel);
        assert_eq!(turns.cues.judge("yeah"), Remark::Words);
        assert!(turns.barge_in.protect.is_zero());
    }
}
