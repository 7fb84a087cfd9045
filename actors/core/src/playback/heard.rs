//! From bytes heard to words heard.
//!
//! Where a voice tells when its words end, that is taken. Where it does not, a word's share of its sentence's audio is taken as its share of the
//! sentence's letters. A word counts as heard when its whole share was.

use super::Span;
use crate::audio::{BYTES_PER_MS, FRAME_SAMPLES};

/// Audio per character while a sentence's length is not known yet, in ms: 15 characters a second, the pace
/// of a calm reading voice.
const MS_PER_CHAR: usize = 65;

/// Bytes of audio that so many characters take, as far as can be told before they are spoken.
pub fn speech_of(characters: usize) -> usize {
    characters * MS_PER_CHAR * BYTES_PER_MS
}

/// The words of `spans` that end within the first `bytes` bytes.
pub(super) fn text(spans: &[Span], bytes: usize) -> String {
    let mut heard: Vec<&str> = Vec::new();
    for (place, span) in spans.iter().enumerate().take_while(|(_, span)| span.start < bytes) {
        let end = broken_at(spans, place).unwrap_or(usize::MAX);
        heard.push(piece(span, bytes.min(end) - span.start).trim());
    }
    heard.retain(|piece| !piece.is_empty());
    heard.join(" ")
}

/// Where a sentence ends that its voice broke off: where the next begins. The last bytes of a whole one may go out in
/// the first frame of the next.
pub(super) fn broken_at(spans: &[Span], place: usize) -> Option<usize> {
    let (end, next) = (spans[place].end?, spans.get(place + 1)?.start);
    (next + FRAME_SAMPLES <= end).then_some(next)
}

/// The words of a sentence that end within the first `bytes` bytes of its audio.
pub(super) fn piece(span: &Span, bytes: usize) -> &str {
    let guessed = || speech_of(span.text.chars().count());
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
    fn of_a_sentence_that_broke_off_only_what_was_spoken_was_heard() {
        let spans = [
            Span { text: "we open at nine".into(), start: 0, end: Some(1_500), word_ends: vec![] },
            Span { text: "bye".into(), start: 750, end: Some(1_050), word_ends: vec![] },
        ];
        assert_eq!(text(&spans[..1], 750), "we open");
        assert_eq!(text(&spans, 1_050), "we open bye");
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
