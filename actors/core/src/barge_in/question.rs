//! Has the agent just put a question?

/// Words by which an answer may overlap the question's end, or come after the next sentence began.
const OVERLAP: usize = 2;

/// Whether what was heard ends about at a question mark of what is said: an answer comes over the last words of
/// its question, or as the agent goes on.
pub fn question_was_put(heard: &str, said: &str) -> bool {
    let heard = heard.split_whitespace().count();
    let ends = said.split_whitespace().enumerate().filter(|(_, word)| {
        word.trim_end_matches(['"', '\'', ')', '”', '\u{200f}', '\u{200e}']).ends_with('?')
    });
    heard > 0 && ends.map(|(at, _)| at + 1).any(|end| end <= heard + OVERLAP && heard <= end + OVERLAP)
}

/// The sentence said last, with the mark at its end.
pub fn last_sentence(said: &str) -> &str {
    let marks = ['.', '?', '!'];
    let end = said.trim_end().trim_end_matches(marks).len();
    let start = said.get(..end).and_then(|said| said.rfind(marks)).map_or(0, |mark| mark + 1);
    said.get(start..).unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "We are open until six. Shall we meet tomorrow? I can also call you back later.";

    #[test]
    fn a_question_is_put_when_it_was_heard_but_for_its_last_words_and_until_the_agent_has_gone_on() {
        for (heard, expected) in [
            ("", false),
            ("We are open until", false),
            ("We are open until six. Shall we", true),
            ("We are open until six. Shall we meet tomorrow?", true),
            ("We are open until six. Shall we meet tomorrow? I can", true),
            ("We are open until six. Shall we meet tomorrow? I can also", false),
        ] {
            assert_eq!(question_was_put(heard, SAID), expected, "{heard}");
        }
        assert!(question_was_put("נוח לך מחר בבוקר?", "נוח לך מחר בבוקר?"));
    }

    #[test]
    fn the_last_sentence_is_what_is_answered() {
        assert_eq!(last_sentence("Hello. What is your e-mail address?"), "What is your e-mail address?");
        assert_eq!(last_sentence("Hello. What is"), "What is");
        assert_eq!(last_sentence("שלום. מה הטלפון?"), "מה הטלפון?");
        assert_eq!(last_sentence(""), "");
    }
}
