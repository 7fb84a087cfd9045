//! The configured ears hear, and understand what the configured voice says.

use moked_core::audio::{BYTES_PER_MS, SILENCE};
use moked_core::language::Language;

use super::engines::{idle, missing};
use crate::doctor::finding::Finding;
use crate::doctor::patient::Patient;
use crate::doctor::speech::{self, Heard, Sample, SpeechError};
use crate::doctor::words;
use crate::engines::{EngineReport, EngineSet};

/// Silence given to ears that are only to show that they work, milliseconds.
const SILENCE_MS: usize = 600;

/// The engines and the language, or why nothing is asked of them.
fn subject(patient: &Patient) -> Result<(&EngineSet, Language), Finding> {
    let (Some(settings), Some(Ok(engines))) = (&patient.settings, &patient.engines) else {
        return Err(Finding::skip("there are no engines; see above"));
    };
    match idle(settings) {
        Some(why) => Err(Finding::skip(why)),
        None => Ok((engines, settings.agent.language)),
    }
}

/// Opens the ears and has them listen to silence.
pub(in crate::doctor) async fn check(patient: &Patient) -> Finding {
    let (set, language) = match subject(patient) {
        Ok(subject) => subject,
        Err(skip) => return skip,
    };
    let report = EngineReport::of(set, language);
    let can_speak = report.speaking.problem.is_none();
    match (&set.engines.hearing, report.hearing.problem) {
        (Some(ears), None) => {
            let silence = [SILENCE; SILENCE_MS * BYTES_PER_MS];
            judge_silence(ears.name(), &speech::hear(ears, &silence, language).await)
        }
        (_, Some(problem)) if can_speak => missing(&problem).saw("callers can answer by keypad only"),
        (_, Some(problem)) => missing(&problem),
        (None, None) => missing("no ear is configured; name one under [engines] in settings.toml"),
    }
}

fn judge_silence(engine: &str, heard: &Result<Heard, SpeechError>) -> Finding {
    match heard {
        Ok(Heard { text, ms }) => {
            let text = text.as_deref().filter(|text| !text.is_empty()).unwrap_or("nothing");
            Finding::pass(format!("{engine}, {SILENCE_MS} ms of silence → {text:?} after {ms} ms"))
        }
        Err(error) => broken(engine, error),
    }
}

fn broken(engine: &str, error: &SpeechError) -> Finding {
    Finding::fail(
        format!("{engine} → {error}"),
        "look at the recogniser's own words, its files, its account and its network; [engines] in settings.toml \
         names another",
    )
}

/// Speaks a sentence into the ears.
pub(in crate::doctor) async fn round_trip(patient: &Patient) -> Finding {
    let (set, language) = match subject(patient) {
        Ok(subject) => subject,
        Err(skip) => return skip,
    };
    let report = EngineReport::of(set, language);
    let ears = match &set.engines.hearing {
        Some(ears) if report.hearing.problem.is_none() && report.speaking.problem.is_none() => ears,
        _ => return Finding::skip("it takes a voice and ears; see above"),
    };
    let sample = speech::sample(language);
    match speech::speak(&set.engines.speaking, sample.text, language).await {
        Ok(spoken) => judge_words(ears.name(), sample, &speech::hear(ears, &spoken.audio, language).await),
        Err(error) => Finding::skip(format!("the voice does not speak: {error}")),
    }
}

fn judge_words(engine: &str, sample: Sample, heard: &Result<Heard, SpeechError>) -> Finding {
    let (text, ms) = match heard {
        Ok(Heard { text, ms }) => (text.as_deref().unwrap_or_default(), ms),
        Err(error) => return broken(engine, error),
    };
    let rate = words::error_rate(sample.text, text) * 100.0;
    let line =
        format!("{:?} → {engine} heard {text:?} after {ms} ms, word error rate {rate:.0} %", sample.text);
    let lost = words::missing(sample.keys, text);
    if lost.is_empty() {
        Finding::pass(line)
    } else {
        Finding::fail(
            format!("{line}; without {}", lost.join(" and ")),
            "the ears do not understand the voice: is the model of the agent's language installed, and whole?",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use moked_core::ports::ProviderFault;

    fn heard(text: &str) -> Result<Heard, SpeechError> {
        Ok(Heard { text: Some(text.to_owned()), ms: 40 })
    }

    fn stopped() -> Result<Heard, SpeechError> {
        Err(ProviderFault::Stopped { why: "no model".to_owned() }.into())
    }

    #[test]
    fn key_words_decide_and_the_rate_is_shown() {
        let sample = speech::sample(Language::English);
        let finding = judge_words("e", sample, &heard("i want to rent the apartment"));
        assert!(!finding.is_failure());
        assert!(finding.evidence[0].contains("word error rate 17 %"), "{finding:?}");
        for lost in [heard("i want to rent"), heard(""), Ok(Heard { text: None, ms: 1 }), stopped()] {
            assert!(judge_words("e", sample, &lost).is_failure(), "{lost:?}");
        }
    }

    #[test]
    fn ears_that_stop_fail_and_silence_need_not_be_text() {
        assert!(!judge_silence("e", &Ok(Heard { text: None, ms: 1 })).is_failure());
        assert!(judge_silence("e", &stopped()).is_failure());
    }

    #[test]
    fn the_sentence_holds_its_key_words_in_every_language() {
        for language in [Language::English, Language::Hebrew] {
            let sample = speech::sample(language);
            assert_eq!(words::missing(sample.keys, sample.text), Vec::<&str>::new());
            assert!(sample.others.iter().all(|other| !words::missing(sample.keys, other).is_empty()));
        }
    }
}
