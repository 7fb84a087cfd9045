//! SSML for one sentence. What people and models write is text here, never markup.

use moked_core::language::Language;
use moked_core::ports::SpeakingRequest;

/// The locale of a language.
pub(super) fn locale(language: Language) -> &'static str {
    match language {
        Language::English => "en-US",
        Language::Hebrew => "he-IL",
    }
}

/// A document in which a voice says a sentence.
///
/// A voice of one language reads the words of another as well as it can and is not told more; one that speaks many,
/// such as `en-US-AvaMultilingualNeural`, is told the language of each stretch, since a word or two are too little
/// to guess from. Microsoft has `<lang>` for those voices.
pub(super) fn document(voice: &str, sentence: &SpeakingRequest) -> String {
    let locale = locale(sentence.language);
    let text = if voice.contains("Multilingual") { in_runs(sentence) } else { escape(&sentence.text) };
    let voice = escape(voice);
    format!(
        "<speak version='1.0' xmlns='http://www.w3.org/2001/10/synthesis' xml:lang='{locale}'>\
         <voice name='{voice}'>{text}</voice></speak>"
    )
}

fn in_runs(sentence: &SpeakingRequest) -> String {
    let lang = |language, text: &str| {
        let (text, blank) = text.split_at(text.trim_end().len());
        format!("<lang xml:lang='{}'>{}</lang>{blank}", locale(language), escape(text))
    };
    if sentence.runs.is_empty() {
        return lang(sentence.language, &sentence.text);
    }
    sentence.runs.iter().map(|run| lang(run.language, &run.text)).collect()
}

/// Escapes markup, and takes away the characters that XML 1.0 (2.2) does not know.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\'' => escaped.push_str("&apos;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => escaped.push(character),
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => {}
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use moked_core::speakable::{VoiceSpelling, speakable};

    use super::*;

    #[test]
    fn text_is_never_markup() {
        let text = "צה\"ל & <break/> ג'ון\u{0}";
        let document = document("he-IL-HilaNeural", &SpeakingRequest::new(text, Language::Hebrew));
        let text = "<voice name='he-IL-HilaNeural'>צה&quot;ל &amp; &lt;break/&gt; ג&apos;ון</voice>";
        assert!(document.contains(text), "{document}");
    }

    #[test]
    fn a_voice_of_many_languages_is_told_each_stretch_and_another_is_not() {
        let table = [
            (
                "אני עובדת ב-Google.",
                "<lang xml:lang='he-IL'>אני עובדת ב-</lang><lang xml:lang='en-US'>Google.</lang>",
            ),
            ("שלום לכולם", "<lang xml:lang='he-IL'>שלום לכולם</lang>"),
            (
                "רחוב Main Street, תל אביב",
                "<lang xml:lang='he-IL'>רחוב</lang> <lang xml:lang='en-US'>Main Street,</lang> \
                 <lang xml:lang='he-IL'>תל אביב</lang>",
            ),
        ];
        for (text, marked) in table {
            let spoken = speakable(text, Language::Hebrew, VoiceSpelling::default());
            let sentence = SpeakingRequest::of(&spoken, Language::Hebrew);
            let document = |voice| document(voice, &sentence);
            let multilingual = document("en-US-AvaMultilingualNeural");
            assert!(multilingual.contains(&format!(">{marked}</voice>")), "{multilingual}");
            assert!(multilingual.contains("xml:lang='he-IL'>"), "{multilingual}");
            assert!(!document("he-IL-HilaNeural").contains("<lang"), "{text}");
        }
    }
}
