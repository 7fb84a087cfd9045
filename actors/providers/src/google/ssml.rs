//! A sentence of two languages in SSML, for the voices that change theirs by it.

use moked_core::ports::SpeakingRequest;

use super::locale;

/// The kinds of voices that take `<lang>` and keep their own sound in it: by memory, not checked against a page of
/// Google. Chirp 3 HD takes no SSML and finds the language by itself; Studio takes SSML without this element.
const KINDS: [&str; 3] = ["-Standard-", "-Wavenet-", "-Neural2-"];

/// The document, if the sentence is mixed and the voice takes one.
pub(super) fn document(voice: &str, sentence: &SpeakingRequest) -> Option<String> {
    if sentence.runs.len() < 2 || !KINDS.iter().any(|kind| voice.contains(kind)) {
        return None;
    }
    let run = |language, text: &str| {
        if language == sentence.language {
            return escape(text);
        }
        let (text, blank) = text.split_at(text.trim_end().len());
        format!("<lang xml:lang=\"{}\">{}</lang>{blank}", locale::spoken(language), escape(text))
    };
    let runs: String = sentence.runs.iter().map(|stretch| run(stretch.language, &stretch.text)).collect();
    Some(format!("<speak>{runs}</speak>"))
}

/// Text is never markup. Control characters, which XML does not know, are not in what is spoken.
fn escape(text: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).collect();
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use moked_core::language::Language;
    use moked_core::speakable::{VoiceSpelling, speakable};

    use super::*;

    const WAVENET: &str = "he-IL-Wavenet-A";

    fn sentence(text: &str) -> SpeakingRequest {
        let spoken = speakable(text, Language::Hebrew, VoiceSpelling::default());
        SpeakingRequest::of(&spoken, Language::Hebrew)
    }

    #[test]
    fn the_stretches_of_the_other_language_are_told() {
        let table = [
            ("אני עובדת ב-Google.", "<speak>אני עובדת ב-<lang xml:lang=\"en-US\">Google.</lang></speak>"),
            (
                "רחוב Main Street, בתל אביב",
                "<speak>רחוב <lang xml:lang=\"en-US\">Main Street,</lang> בתל אביב</speak>",
            ),
        ];
        for (text, document_of) in table {
            assert_eq!(document(WAVENET, &sentence(text)).as_deref(), Some(document_of), "{text}");
        }
        assert_eq!(document(WAVENET, &sentence("שלום, יש 3 חדרים.")), None, "one language needs no markup");
    }

    #[test]
    fn voices_that_take_no_lang_get_the_text_whole() {
        for voice in ["he-IL-Chirp3-HD-Kore", "en-US-Studio-O", "en-US-Journey-F"] {
            assert_eq!(document(voice, &sentence("אני עובדת ב-Google.")), None, "{voice}");
        }
    }

    #[test]
    fn text_is_never_markup() {
        let mut mixed = sentence("אני עובדת ב-Google.");
        mixed.runs[0].text = "a < b & \u{7}c ".into();
        let document = document(WAVENET, &mixed).unwrap();
        assert!(document.starts_with("<speak>a &lt; b &amp; c <lang"), "{document}");
    }
}
