//! From bytes heard to words heard.
//!
//! Where a voice tells when its words end, that is taken. Where it does not, a word's share of its sentence's audio is taken as its share of the
//! sentence's letters. A word counts as heard when its whole share was.

use super::Span;
use crate::audio::BYTES_PER_MS;

/// Audio per character while a sentence's length is not known yet, in ms: 15 characters a second, the pace
/// of a calm reading voice.
const MS_PER_CHAR: usize = 65;

/// The words of `spans` that end within the first `bytes` bytes.
pub(super) fn text(spans: &[Span], bytes: usize) -> String {
    let mut heard: Vec<&str> = Vec::new();
    for span in spans.iter().take_while(|span| span.start < bytes) {
        heard.push(piece(span, bytes - span.start).trim());
    }
    heard.retain(|piece| !piece.is_empty());
    heard.join(" ")
}

/// The words of a sentence that end within the first `bytes` bytes of its audio.
pub(super) fn piece(span: &Span, bytes: usize) -> &str {
    let guessed = || span.text.chars().count() * MS_PER_CHAR * BYTES_PER_MS;
    let total = span.end.map_or_else(guessed, |end| end.saturating_sub(span.start));
    if span.word_ends.is_empty() || bytes >= total {
        prefix(&span.text, bytes, total)
    } else {
        first_words(&span.text, span.word_ends.iter().filter(|&&end| end <= bytes).count())
    }
}

/// The whole words of `text` whose share of `total` bytes ends within `bytes`.
fn prefix(text: &str, bytes: usize, total: usize) -> &str {
    if bytes >= total {
        return text;
    }
    let characters = text.chars().count();
    let limit = characters * bytes / total;
    let mut end = 0;
    for (count, (index, character)) in text.char_indices().enumerate() {
        if count > limit {
            break;
        }
        if character.is_whitespace() {
            end = index;
        }
    }
    &text[..end]
}

/// The first `count` words of `text`.
fn first_words(text: &str, count: usize) -> &str {
    let Some(last) = text.split_whitespace().take(count).last() else { return "" };
    // Both are slices of one text, so their distance is the end of the last word.
    let end = last.as_ptr() as usize - text.as_ptr() as usize + last.len();
    &text[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn word_times_are_taken_where_the_voice_tells_them() {
        let word_ends = vec![1_000, 4_000, 5_000];
        let span = Span { text: "we open  late".into(), start: 800, end: Some(8_000), word_ends };
        assert_eq!(text(std::slice::from_ref(&span), 1_700), "");
        assert_eq!(text(std::slice::from_ref(&span), 1_800), "we");
        assert_eq!(text(std::slice::from_ref(&span), 5_000), "we open");
        assert_eq!(text(std::slice::from_ref(&span), 8_000), "we open  late");
    }

    #[test]
    fn a_word_counts_when_it_was_heard_to_its_end() {
        assert_eq!(prefix("we open at nine", 0, 1_500), "");
        assert_eq!(prefix("we open at nine", 199, 1_500), "");
        assert_eq!(prefix("we open at nine", 200, 1_500), "we");
        assert_eq!(prefix("we open at nine", 750, 1_500), "we open");
        assert_eq!(prefix("we open at nine", 1_499, 1_500), "we open at");
        assert_eq!(prefix("we open at nine", 1_500, 1_500), "we open at nine");
    }

    #[test]
    fn hebrew_is_cut_between_words_too() {
        assert_eq!(prefix("שלום וברוכים הבאים", 900, 1_800), "שלום");
    }

    #[test]
    fn sentences_join_with_a_space() {
        let spans = [
            Span { text: "Hello.".into(), start: 0, end: Some(4_000), word_ends: vec![] },
            Span { text: " How are you?".into(), start: 4_000, end: Some(10_000), word_ends: vec![] },
        ];
        assert_eq!(text(&spans, 4_000), "Hello.");
        assert_eq!(text(&spans, 10_000), "Hello. How are you?");
    }
}
