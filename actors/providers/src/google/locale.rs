//! The names Google has for languages: Hebrew is `iw` where it listens and `he` where it speaks.

use moked_core::language::Language;

/// To the ears. `he-IL` is taken as an alias by some models only.
pub(crate) fn heard(language: Language) -> &'static str {
    match language {
        Language::English => "en-US",
        Language::Hebrew => "iw-IL",
    }
}

/// To the voice, where the voice's own name does not tell.
pub(crate) fn spoken(language: Language) -> &'static str {
    match language {
        Language::English => "en-US",
        Language::Hebrew => "he-IL",
    }
}
