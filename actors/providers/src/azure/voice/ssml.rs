//! SSML for one sentence. What people and models write is text here, never markup.

/// A document in which a voice says a text.
pub(super) fn document(locale: &str, voice: &str, text: &str) -> String {
    let (voice, text) = (escape(voice), escape(text));
    format!(
        "<speak version='1.0' xmlns='http://www.w3.org/2001/10/synthesis' xml:lang='{locale}'>\
         <voice name='{voice}'>{text}</voice></speak>"
    )
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
    use super::*;

    #[test]
    fn text_is_never_markup() {
        let document = document("he-IL", "he-IL-HilaNeural", "צה\"ל & <break/> ג'ון\u{0}");
        let text = "<voice name='he-IL-HilaNeural'>צה&quot;ל &amp; &lt;break/&gt; ג&apos;ון</voice>";
        assert!(document.contains(text), "{document}");
    }
}
