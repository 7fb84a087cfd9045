//! Settings as the machines of a call take them.

use std::sync::Arc;

use jiff::Timestamp;
use moked_actors::host::{CallSettings, LocalTime};
use moked_core::endpointing::EndpointingSettings;
use moked_core::hearing::HearingSettings;
use moked_core::pacing::PacingSettings;
use moked_core::receptionist::vocabulary;
use moked_core::speakable::VoiceSpelling;
use moked_core::turn::{KeySettings, TurnSettings};
use moked_core::vad::VadSettings;

use super::Settings;

/// The settings of every call of this process.
pub fn call_settings(settings: &Settings) -> CallSettings {
    let call = &settings.call;
    CallSettings {
        hearing: HearingSettings {
            vad: VadSettings {
                threshold: call.vad_threshold,
                threshold_over_agent: settings.turns.vad_threshold_over_agent,
                floor_dbfs: call.vad_floor_dbfs,
                hangover: call.vad_hangover,
            },
            endpointing: EndpointingSettings {
                end_of_utterance: call.end_of_utterance,
                dictation: settings.turns.dictation,
                longest_utterance: call.longest_utterance,
            },
        },
        barge_in: settings.turns.barge_in,
        cues: Arc::clone(&settings.turns.cues),
        // The other limits of a turn guard against broken engines; no owner has a reason to move them.
        turn: TurnSettings {
            silence: call.silence_prompt,
            keys: KeySettings {
                gap: call.key_gap,
                hash: settings.turns.key_hash,
                star: settings.turns.key_star,
                interrupt: settings.turns.keys_interrupt,
            },
            speculate: settings.turns.speculate,
            ..TurnSettings::default()
        },
        pacing: PacingSettings { lead: call.lead, most_lead: call.most_lead, mark_every: call.mark_every },
        spelling: VoiceSpelling { niqqud: settings.engines.niqqud },
        vocabulary: vocabulary(&settings.agent),
        grace: call.resume,
        longest_call: call.max_call,
    }
}

/// The wall clock of the business.
pub fn local_time(settings: &Settings) -> LocalTime {
    let zone = settings.call.time_zone.clone();
    LocalTime::new(move || zone.to_datetime(Timestamp::now()))
}

#[cfg(test)]
mod tests {
    use moked_core::speakable::Niqqud;
    use moked_core::turn::{KeyInterrupt, KeyRole};

    use super::*;
    use crate::settings::Environment;

    #[test]
    fn the_distributed_settings_are_the_defaults_of_the_machines() {
        let settings = call_settings(&Settings::load(None, &Environment::new()).unwrap());
        let defaults = CallSettings::default();
        assert_eq!(settings.hearing, defaults.hearing);
        assert_eq!(settings.turn, defaults.turn);
        assert_eq!(settings.barge_in, defaults.barge_in);
        assert_eq!(settings.cues, defaults.cues);
        assert_eq!(settings.pacing, defaults.pacing);
        assert_eq!(settings.spelling, defaults.spelling);
        assert_eq!(settings.longest_call, defaults.longest_call);
        assert!(settings.vocabulary.iter().any(|phrase| phrase == "opening hours"));
    }

    #[test]
    fn each_knob_reaches_its_machine() {
        let variables = [
            ("MOKED__CALL__VAD_THRESHOLD", "0.5"),
            ("MOKED__CALL__VAD_HANGOVER_MS", "111"),
            ("MOKED__CALL__END_OF_UTTERANCE_MS", "333"),
            ("MOKED__CALL__SILENCE_PROMPT_MS", "4444"),
            ("MOKED__CALL__KEY_GAP_MS", "1777"),
            ("MOKED__CALL__LEAD_MS", "155"),
            ("MOKED__CALL__MOST_LEAD_MS", "177"),
            ("MOKED__CALL__MARK_EVERY_MS", "166"),
            ("MOKED__TURNS__SPECULATE", "false"),
            ("MOKED__TURNS__KEY_HASH", "ignore"),
            ("MOKED__TURNS__KEY_STAR", "clear"),
            ("MOKED__TURNS__KEYS_INTERRUPT", "never"),
            ("MOKED__ENGINES__NIQQUD", "strip"),
        ];
        let environment: Environment =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let settings = call_settings(&Settings::load(None, &environment).unwrap());
        assert_eq!(settings.hearing.vad.threshold, 0.5);
        assert_eq!(settings.hearing.vad.hangover.as_millis(), 111);
        assert_eq!(settings.hearing.endpointing.end_of_utterance.as_millis(), 333);
        assert_eq!(settings.turn.silence.as_millis(), 4444);
        assert_eq!(settings.turn.keys.gap.as_millis(), 1777);
        assert!(!settings.turn.speculate);
        let keys = settings.turn.keys;
        let roles = (keys.hash, keys.star, keys.interrupt);
        assert_eq!(roles, (KeyRole::Ignore, KeyRole::Clear, KeyInterrupt::Never));
        assert_eq!(settings.pacing.lead.as_millis(), 155);
        assert_eq!(settings.pacing.most_lead.as_millis(), 177);
        assert_eq!(settings.pacing.mark_every.as_millis(), 166);
        assert_eq!(settings.spelling.niqqud, Niqqud::Strip);
    }
}
