//! The engines inside the binary, with the knobs of `[engines]`.

use moked_providers::embedded::{EarsOptions, VoiceOptions};

use crate::settings::{EnginesSection, Settings};

/// Options of the ear.
pub(super) fn ears(settings: &Settings) -> EarsOptions {
    let mut options = EarsOptions::default();
    if let Some(model) = &settings.engines.model_dir {
        options.model.clone_from(model);
    }
    if let Some(library) = &settings.engines.recogniser_library {
        options.library.clone_from(library);
    }
    if let Some(threads) = settings.engines.threads {
        options.threads = threads;
    }
    options.second_pass = settings.engines.hear_second_pass;
    options.reject_below = settings.engines.hear_reject_below;
    options
}

/// Options of the voice.
pub(super) fn voice(settings: &Settings) -> VoiceOptions {
    let EnginesSection { voice_stretch: stretch, voice_pitch: pitch, .. } = settings.engines;
    let mut options = VoiceOptions { stretch, pitch, ..VoiceOptions::default() };
    if let Some(threads) = settings.engines.threads {
        options.threads = threads;
    }
    options
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Environment;

    fn settings(variables: &[(&str, &str)]) -> Settings {
        let environment: Environment =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Settings::load(None, &environment).unwrap()
    }

    #[test]
    fn each_knob_reaches_its_engine() {
        let settings = settings(&[
            ("MOKED__ENGINES__RECOGNISER_LIBRARY", "/opt/ears.so"),
            ("MOKED__ENGINES__MODEL_DIR", "/opt/model"),
            ("MOKED__ENGINES__HEAR_REJECT_BELOW", "-50.5"),
            ("MOKED__ENGINES__HEAR_SECOND_PASS", "false"),
            ("MOKED__ENGINES__ENGINE_THREADS", "3"),
            ("MOKED__ENGINES__VOICE_STRETCH", "1.2"),
            ("MOKED__ENGINES__VOICE_PITCH", "1.3"),
        ]);
        let threads = 3.try_into().unwrap();
        let (library, model) = ("/opt/ears.so".into(), "/opt/model".into());
        let wanted = EarsOptions { library, model, threads, second_pass: false, reject_below: -50.5 };
        assert_eq!(ears(&settings), wanted);
        assert_eq!(voice(&settings), VoiceOptions { stretch: 1.2, pitch: 1.3, threads });
    }

    #[test]
    fn the_distributed_settings_are_the_defaults_of_the_engines() {
        assert_eq!(ears(&settings(&[])), EarsOptions::default());
        assert_eq!(voice(&settings(&[])), VoiceOptions::default());
    }
}
