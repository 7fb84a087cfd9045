//! How a transcription model is told the language and what words to expect.
//!
//! Models since `gpt-transcribe` take lists; Whisper and its kin take one language and a text that is supposed
//! to have been said before, which also works with names and rare words in it.

use moked_core::language::Language;
use serde::Deserialize;

/// Most phrases told. Vendors publish no limit; this many are more than an agent has, and cost little.
const MOST_KEYWORDS: usize = 100;

/// Most characters of a prompt. Whisper reads 224 tokens, and Hebrew takes about a token for a character or
/// two; it keeps the end, so a longer one would lose the likeliest phrases.
const MOST_PROMPT: usize = 300;

/// Which fields carry language and phrases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HintStyle {
    /// `languages` and `keywords`: `gpt-transcribe`, `gpt-live-transcribe`.
    Keywords,
    /// `language` and `prompt`: Whisper, whisper.cpp, speaches, Groq.
    Prompt,
    /// `language` alone: models that take no words.
    LanguageOnly,
}

/// A field of a transcription request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HintField {
    /// One value.
    One(&'static str, String),
    /// A list.
    Many(&'static str, Vec<String>),
}

impl HintStyle {
    /// The fields for a language and phrases, most likely first.
    pub(super) fn fields(self, language: Language, phrases: &[String]) -> Vec<HintField> {
        let code = language.code().to_owned();
        let phrases = phrases.iter().map(|phrase| phrase.trim()).filter(|phrase| !phrase.is_empty());
        match self {
            Self::Keywords => {
                let mut keywords: Vec<String> = Vec::new();
                for phrase in phrases {
                    if keywords.len() < MOST_KEYWORDS && !keywords.iter().any(|known| known == phrase) {
                        keywords.push(phrase.to_owned());
                    }
                }
                let mut fields = vec![HintField::Many("languages", vec![code])];
                if !keywords.is_empty() {
                    fields.push(HintField::Many("keywords", keywords));
                }
                fields
            }
            Self::Prompt => {
                let mut prompt = String::new();
                for phrase in phrases {
                    if prompt.chars().count() + phrase.chars().count() + 2 > MOST_PROMPT {
                        break;
                    }
                    if !prompt.is_empty() {
                        prompt.push_str(", ");
                    }
                    prompt.push_str(phrase);
                }
                let mut fields = vec![HintField::One("language", code)];
                if !prompt.is_empty() {
                    fields.push(HintField::One("prompt", prompt));
                }
                fields
            }
            Self::LanguageOnly => vec![HintField::One("language", code)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phrases(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn newer_models_get_lists_without_repetition() {
        let fields = HintStyle::Keywords.fields(Language::Hebrew, &phrases(&["דירה", " ", "דירה", "משכנתא"]));
        let expected = [
            HintField::Many("languages", phrases(&["he"])),
            HintField::Many("keywords", phrases(&["דירה", "משכנתא"])),
        ];
        assert_eq!(fields, expected);
    }

    #[test]
    fn a_prompt_keeps_the_likeliest_and_stays_short() {
        let many: Vec<String> = (0..100).map(|number| format!("phrase {number}")).collect();
        let fields = HintStyle::Prompt.fields(Language::English, &many);
        let Some(HintField::One("prompt", prompt)) = fields.get(1) else { panic!("a prompt") };
        assert!(prompt.starts_with("phrase 0, phrase 1, ") && prompt.chars().count() <= MOST_PROMPT);
    }

    #[test]
    fn nothing_to_expect_says_nothing() {
        assert_eq!(HintStyle::Prompt.fields(Language::English, &[]).len(), 1);
        assert_eq!(HintStyle::LanguageOnly.fields(Language::English, &phrases(&["x"])).len(), 1);
    }
}
