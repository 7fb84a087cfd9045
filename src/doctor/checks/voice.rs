//! The configured voice speaks a sentence.

use moked_core::audio::mulaw;

use super::engines::{idle, missing};
use crate::caller::voiced::level_dbfs;
use crate::doctor::finding::Finding;
use crate::doctor::patient::Patient;
use crate::doctor::speech::{self, SpeechError, Spoken};
use crate::engines::EngineReport;

/// A mean level below this is silence with a length, dBFS.
const AUDIBLE_DBFS: f32 = -45.0;

/// A caller takes a silence longer than this for a dead line, milliseconds.
const SLOW_MS: u64 = 2_000;

/// Speaks.
pub(in crate::doctor) async fn check(patient: &Patient) -> Finding {
    let (Some(settings), Some(Ok(engines))) = (&patient.settings, &patient.engines) else {
        return Finding::skip("there are no engines; see above");
    };
    if let Some(why) = idle(settings) {
        return Finding::skip(why);
    }
    let language = settings.agent.language;
    if let Some(problem) = &EngineReport::of(engines, language).speaking.problem {
        return missing(problem);
    }
    let voice = &engines.engines.speaking;
    let text = speech::sample(language).text;
    judge(voice.name(), text, &speech::speak(voice, text, language).await)
}

fn judge(engine: &str, text: &str, spoken: &Result<Spoken, SpeechError>) -> Finding {
    let mend = "look at the voice's own words, its account and its network; [engines] in settings.toml names another";
    let spoken = match spoken {
        Ok(spoken) => spoken,
        Err(error) => return Finding::fail(format!("{engine}, \"{text}\" → {error}"), mend),
    };
    let level = level_dbfs(&mulaw::decode(&spoken.audio));
    let line = format!(
        "{engine}, \"{text}\" → first audio after {} ms, {} ms of it in {} ms, {level:.0} dBFS",
        spoken.first_ms,
        spoken.length_ms(),
        spoken.total_ms
    );
    if spoken.audio.is_empty() || level < AUDIBLE_DBFS {
        Finding::fail(format!("{line}: nothing can be heard"), mend)
    } else if spoken.first_ms > SLOW_MS {
        let mend = "callers take that for a dead line: use a faster voice, or one that is nearer";
        Finding::fail(format!("{line}: more than {SLOW_MS} ms of silence"), mend)
    } else {
        Finding::pass(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use moked_core::audio::SILENCE;
    use moked_core::ports::ProviderFault;

    fn spoken(audio: Vec<u8>, first_ms: u64) -> Result<Spoken, SpeechError> {
        Ok(Spoken { audio, first_ms, total_ms: first_ms + 5 })
    }

    #[test]
    fn audible_and_prompt_is_good() {
        let finding = judge("v", "hello", &spoken(vec![0x20; 8_000], 12));
        assert!(!finding.is_failure());
        assert!(finding.evidence[0].contains("first audio after 12 ms, 1000 ms of it"), "{finding:?}");
    }

    #[test]
    fn silence_nothing_lateness_and_refusal_fail() {
        let refused = ProviderFault::Stopped { why: "quota".to_owned() };
        for spoken in [
            spoken(vec![SILENCE; 8_000], 12),
            spoken(Vec::new(), 12),
            spoken(vec![0x20; 8_000], 2_001),
            Err(refused.into()),
            Err(SpeechError::Late { engine: "v" }),
        ] {
            assert!(judge("v", "hello", &spoken).is_failure(), "{spoken:?}");
        }
    }
}
