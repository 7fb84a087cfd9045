//! Which texts a voice keeps, and what its sound depends on.

use moked_core::ports::SpeakingRequest;
use moked_core::receptionist::stock_sentences;
use moked_core::speakable::{VoiceSpelling, speakable};
use moked_providers::voice_cache::{VoiceCache, VoiceCacheOptions};

use super::catalogue::Role;
use crate::settings::Settings;

/// A cache for what the agent of these settings always says, spelled as the voice gets it.
pub(super) fn cache(settings: &Settings) -> VoiceCache {
    let language = settings.agent.language;
    let spelling = VoiceSpelling { niqqud: settings.engines.niqqud };
    let spelled = |sentence: String| speakable(&sentence, language, spelling);
    let spoken = stock_sentences(&settings.agent).into_iter().map(spelled).filter(|said| !said.is_silent());
    let texts: Vec<_> = spoken.map(|said| SpeakingRequest::of(&said, language)).collect();
    let options = VoiceCacheOptions {
        dir: settings.voice_cache.dir.clone(),
        most_bytes: settings.voice_cache.most_bytes,
    };
    VoiceCache::new(options, texts)
}

/// Everything but the text that the sound of this voice depends on: its adapter, its options, and this program's
/// version, which stands for the defaults of what is not set.
pub(super) fn identity(settings: &Settings, name: &str) -> String {
    let tables = &settings.providers;
    let adapter = tables.adapter(Role::Speaking, name);
    let options = tables.options(Role::Speaking, name);
    format!("{adapter}\n{options}\n{}", env!("CARGO_PKG_VERSION"))
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
    fn an_option_of_a_voice_makes_it_another_and_a_key_does_not() {
        let plain = identity(&settings(&[]), "cartesia");
        let keyed = identity(&settings(&[("CARTESIA_API_KEY", "canary-1")]), "cartesia");
        let other = identity(&settings(&[("AZURE_SPEECH_REGION", "israelcentral")]), "azure");
        assert_eq!(plain, keyed);
        assert_ne!(other, identity(&settings(&[]), "azure"));
        assert!(!keyed.contains("canary"));
    }
}
