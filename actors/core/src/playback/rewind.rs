//! Back to where the ear is: what was sent of a turn and never heard is to be said anew.
//!
//! A stage between the voice and the line that dies takes audio along, and a line that breaks swallows what
//! lay in the carrier's buffer. The turn goes on from the first word that was not heard to its end.

use std::time::Instant;

use super::{PlaybackLedger, Span, heard};
use crate::ids::TurnId;

/// What of a turn's sentences was not heard.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unheard {
    /// Sentences heard to their end.
    pub heard: usize,
    /// The heard part and the rest of the one after them, if it was begun.
    pub broken: Option<(String, String)>,
}

impl Unheard {
    /// Splits a turn's sentences into what was heard of them, and what is to be said.
    pub fn split(self, sentences: Vec<String>) -> (Vec<String>, Vec<String>) {
        let mut heard = sentences;
        let mut rest = heard.split_off(self.heard.min(heard.len()));
        if let (Some((before, after)), Some(first)) = (self.broken, rest.first_mut()) {
            heard.push(before);
            *first = after;
        }
        rest.retain(|sentence| !sentence.is_empty());
        (heard, rest)
    }
}

impl Unheard {
    /// The same for a turn whose first sentences, `fillers` of them, are no part of its answer: of those nothing is
    /// to be said again. Tells at the end how many of the heard pieces are theirs.
    pub fn split_behind(
        mut self,
        fillers: usize,
        mut sentences: Vec<String>,
    ) -> (Vec<String>, Vec<String>, usize) {
        let is_broken = self.heard < fillers && self.broken.is_some();
        if let (true, Some((_, rest))) = (is_broken, &mut self.broken) {
            rest.clear();
        }
        let said = self.heard.min(fillers) + usize::from(is_broken);
        let end = fillers.min(sentences.len());
        sentences.drain(said.min(end)..end);
        let (heard, rest) = self.split(sentences);
        (heard, rest, said)
    }
}

impl PlaybackLedger {
    /// Forgets of a turn what had not been heard at a time, as [`Self::cleared`] does, so that it can be sent
    /// anew. Its sentences then are those that were heard, and the heard part of the one after them.
    pub fn rewind(&mut self, turn: TurnId, at: Instant) -> Unheard {
        let bytes = self.heard_bytes(turn, at);
        self.cleared(at);
        let Some(playback) = self.turns.get_mut(&turn) else { return Unheard::default() };
        playback.cut = None;
        playback.rewound = Some((at, bytes));
        playback.sent = bytes;
        playback.acknowledged = playback.acknowledged.min(bytes);
        let spans = &playback.spans;
        let is_whole = |place: usize, span: &Span| {
            heard::broken_at(spans, place).or(span.end).is_some_and(|end| end <= bytes)
        };
        let places = spans.iter().enumerate();
        let whole = places.take_while(|(place, span)| is_whole(*place, span)).count();
        let broken = playback.spans.get(whole).filter(|span| span.start < bytes).map(|span| {
            let piece = heard::piece(span, bytes - span.start);
            (piece.to_owned(), span.text[piece.len()..].trim_start().to_owned())
        });
        playback.spans.truncate(whole);
        if let Some((text, _)) = &broken {
            let start = playback.spans.last().and_then(|span| span.end).unwrap_or_default();
            let text = text.clone();
            playback.spans.push(Span { text, start, end: Some(bytes), word_ends: Vec::new() });
        }
        Unheard { heard: whole, broken }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{FRAME_MS, FRAME_SAMPLES};
    use crate::testing::{at, start};

    const TURN: TurnId = TurnId(1);

    /// A sentence of so many frames, sent at once.
    fn say(ledger: &mut PlaybackLedger, text: &str, frames: usize) {
        ledger.sentence(TURN, text.into(), Some(frames * FRAME_SAMPLES), Vec::new());
        for _ in 0..frames {
            ledger.frame_sent(TURN, FRAME_SAMPLES, start());
        }
        ledger.sentence_ended(TURN);
    }

    fn sentences() -> Vec<String> {
        ["Hello there.", "We open at nine.", "Bye."].map(str::to_owned).to_vec()
    }

    #[test]
    fn the_turn_goes_on_from_the_first_word_that_was_not_heard() {
        let mut ledger = PlaybackLedger::default();
        say(&mut ledger, "Hello there.", 10);
        say(&mut ledger, "We open at nine.", 16);
        let now = at(start(), u64::from(FRAME_MS) * 18);
        let unheard = ledger.rewind(TURN, now);
        let (heard, rest) = unheard.split(sentences());
        assert_eq!(heard, ["Hello there.", "We open"]);
        assert_eq!(rest, ["at nine.", "Bye."]);
        assert_eq!(ledger.heard_text(TURN, now), "Hello there. We open");
        assert!(!ledger.has_unplayed(now));
    }

    #[test]
    fn what_is_sent_anew_joins_what_was_heard() {
        let mut ledger = PlaybackLedger::default();
        say(&mut ledger, "Hello there.", 10);
        say(&mut ledger, "We open at nine.", 16);
        let now = at(start(), u64::from(FRAME_MS) * 18);
        let first = ledger.rewind(TURN, now);
        ledger.sentence(TURN, "at nine.".into(), None, Vec::new());
        for _ in 0..8 {
            ledger.frame_sent(TURN, FRAME_SAMPLES, now);
        }
        ledger.sentence_ended(TURN);
        let later = at(now, u64::from(FRAME_MS) * 8);
        assert_eq!(ledger.heard_text(TURN, later), "Hello there. We open at nine.");
        let (heard, _) = first.split(sentences());
        let all = [heard, vec!["at nine.".to_owned(), "Bye.".to_owned()]].concat();
        let (_, rest) = ledger.rewind(TURN, later).split(all);
        assert_eq!(rest, ["Bye."], "sentences and spans stay in step");
    }

    #[test]
    fn what_was_taken_for_heard_is_taken_back_when_the_line_proves_dead() {
        let mut ledger = PlaybackLedger::default();
        say(&mut ledger, "Hello there.", 10);
        say(&mut ledger, "We open at nine.", 16);
        let (dead, known) = (at(start(), u64::from(FRAME_MS) * 5), at(start(), u64::from(FRAME_MS) * 18));
        let (heard, rest) = ledger.rewind(TURN, known).split(sentences());
        assert_eq!(heard, ["Hello there.", "We open"]);
        let all = [heard, rest].concat();
        let (heard, rest) = ledger.rewind(TURN, dead).split(all);
        assert_eq!(heard, ["Hello"]);
        assert_eq!(rest, ["there.", "We open", "at nine.", "Bye."]);
    }

    /// A filler of ten frames, then an answer of as many; the ear is so many frames on.
    fn behind_a_filler(frames: u64) -> (Vec<String>, Vec<String>, usize) {
        let mut ledger = PlaybackLedger::default();
        say(&mut ledger, "One moment.", 10);
        say(&mut ledger, "We are open.", 10);
        let unheard = ledger.rewind(TURN, at(start(), u64::from(FRAME_MS) * frames));
        let (heard, rest, fillers) =
            unheard.split_behind(1, vec!["One moment.".into(), "We are open.".into()]);
        assert_eq!(ledger.turns[&TURN].spans.len(), heard.len(), "in step with the ledger");
        (heard, rest, fillers)
    }

    #[test]
    fn of_a_filler_nothing_is_said_again_and_all_of_the_answer_is() {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(behind_a_filler(5), (texts(&["One"]), texts(&["We are open."]), 1));
        assert_eq!(behind_a_filler(13), (texts(&["One moment.", "We"]), texts(&["are open."]), 1));
        assert_eq!(behind_a_filler(21), (texts(&["One moment.", "We are open."]), vec![], 1));
    }

    #[test]
    fn a_filler_that_never_reached_the_ledger_is_dropped() {
        let mut ledger = PlaybackLedger::default();
        let unheard = ledger.rewind(TURN, start());
        let sentences = vec!["One moment.".to_owned(), "We are open.".to_owned()];
        assert_eq!(unheard.split_behind(1, sentences), (vec![], vec!["We are open.".to_owned()], 0));
    }

    #[test]
    fn a_turn_of_which_nothing_was_sent_is_said_whole() {
        let mut ledger = PlaybackLedger::default();
        let (heard, rest) = ledger.rewind(TURN, start()).split(sentences());
        assert_eq!((heard.len(), rest), (0, sentences()));
    }
}
