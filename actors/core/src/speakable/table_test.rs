//! Tables of what is written and what a voice says.

use super::{VoiceSpelling, speakable};
use crate::language::Language;

/// Reads the left side of each row in an agent's language; all rows that come out otherwise are shown.
pub(super) fn check_all(language: Language, table: &[(&str, &str)]) {
    let say = |text| speakable(text, language, VoiceSpelling::default()).text();
    let wrong = table.iter().filter(|(text, said)| say(text) != *said);
    let wrong: Vec<String> =
        wrong.map(|(text, said)| format!("{text}\n  want {said}\n  said {}", say(text))).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
