//! Streamed text into speakable pieces.
//!
//! A mind streams its answer in crumbs; a voice wants sentences. Each piece leaves as soon as the text after
//! its end proves that it is one, never on a guess, so the pieces are the same however the crumbs were cut.
//! Only the very first piece may leave at a comma: that is what shortens the silence before the answer.

use std::mem;

/// Characters of the first piece before a comma may release it: about a second and a half of speech, long
/// enough for the voice to stay ahead of the next piece.
const FIRST_CLAUSE_CHARS: usize = 24;

/// Never the end of a sentence: a name or an example follows.
const BEFORE_A_NAME: [&str; 14] = [
    "mr.", "mrs.", "ms.", "dr.", "prof.", "st.", "mt.", "vs.", "e.g.", "i.e.", "cf.", "approx.", "sgt.",
    "capt.",
];
/// The end of a sentence only when a capital follows.
const MAYBE_LAST: [&str; 6] = ["etc.", "inc.", "ltd.", "co.", "jr.", "sr."];

/// Cuts a stream of text into sentences.
#[derive(Debug, Clone, Default)]
pub struct SentenceSplitter {
    pending: String,
    released: bool,
}

/// What the text so far says about one place in it.
enum Verdict {
    Cut,
    GoOn,
    /// The next character decides.
    Wait,
}

impl SentenceSplitter {
    /// A splitter at the start of an answer.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next crumb; gives the pieces that are complete with it, trimmed and never empty.
    pub fn push(&mut self, delta: &str) -> Vec<String> {
        self.pending.push_str(delta);
        let mut pieces = Vec::new();
        while let Some(end) = self.next_cut() {
            let rest = self.pending.split_off(end);
            let piece = mem::replace(&mut self.pending, rest);
            let piece = piece.trim();
            if !piece.is_empty() {
                self.released = true;
                pieces.push(piece.to_owned());
            }
        }
        pieces
    }

    /// The answer is over: gives what is left, if anything.
    pub fn finish(&mut self) -> Option<String> {
        self.released = false;
        let rest = mem::take(&mut self.pending);
        let rest = rest.trim();
        (!rest.is_empty()).then(|| rest.to_owned())
    }

    /// The byte after the first proven end.
    fn next_cut(&self) -> Option<usize> {
        let mut at = 0;
        while let Some(c) = self.pending.get(at..)?.chars().next() {
            let next = at + c.len_utf8();
            match c {
                '\n' => return Some(next),
                '.' | '!' | '?' | '…' => {
                    let end = self.end_of_run(next);
                    match self.sentence_ends(at, end) {
                        Verdict::Cut => return Some(end),
                        Verdict::GoOn => at = end,
                        Verdict::Wait => return None,
                    }
                    continue;
                }
                ',' | ';' | ':' => match self.clause_ends(next) {
                    Verdict::Cut => return Some(next),
                    Verdict::GoOn => {}
                    Verdict::Wait => return None,
                },
                _ => {}
            }
            at = next;
        }
        None
    }

    /// Past further terminators and closing quotes or brackets.
    fn end_of_run(&self, from: usize) -> usize {
        let rest = self.pending.get(from..).unwrap_or_default();
        let belongs = |c: char| {
            matches!(c, '.' | '!' | '?' | '…' | '"' | '\'' | ')' | ']' | '”' | '’' | '»' | '״' | '׳')
        };
        from + rest.find(|c| !belongs(c)).unwrap_or(rest.len())
    }

    fn sentence_ends(&self, terminator: usize, end: usize) -> Verdict {
        let mut after = self.pending.get(end..).unwrap_or_default().chars();
        match after.next() {
            None => return Verdict::Wait,
            Some(c) if !c.is_whitespace() => return Verdict::GoOn,
            Some(_) => {}
        }
        // `?`, `!`, an ellipsis or a quote after the stop: no abbreviation ends like that.
        if self.pending.get(terminator..end) != Some(".") {
            return Verdict::Cut;
        }
        let before = self.pending.get(..end).unwrap_or_default();
        let token = before.rsplit(char::is_whitespace).next().unwrap_or_default();
        let token = token.trim_start_matches(['(', '[', '"', '\'', '“', '״']).to_lowercase();
        let letters = token.chars().filter(|c| c.is_alphabetic()).count();
        let dotted = letters > 1 && token.split_terminator('.').all(|part| part.chars().count() == 1);
        let initial = letters == 1 && token.chars().count() == 2;
        // `1. First` is a list, and its number is no sentence.
        let list_number = before.trim().trim_end_matches('.').chars().all(|c| c.is_ascii_digit());
        if initial || list_number || BEFORE_A_NAME.contains(&token.as_str()) {
            return Verdict::GoOn;
        }
        if !dotted && !MAYBE_LAST.contains(&token.as_str()) {
            return Verdict::Cut;
        }
        match after.find(|c| !c.is_whitespace()) {
            None => Verdict::Wait,
            Some(c) if c.is_uppercase() => Verdict::Cut,
            Some(_) => Verdict::GoOn,
        }
    }

    fn clause_ends(&self, end: usize) -> Verdict {
        let piece = self.pending.get(..end).unwrap_or_default().trim_start();
        if self.released || piece.chars().count() <= FIRST_CLAUSE_CHARS {
            return Verdict::GoOn;
        }
        match self.pending.get(end..).unwrap_or_default().chars().next() {
            None => Verdict::Wait,
            Some(c) if c.is_whitespace() => Verdict::Cut,
            Some(_) => Verdict::GoOn,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pieces<'a>(crumbs: impl IntoIterator<Item = &'a str>) -> Vec<String> {
        let mut splitter = SentenceSplitter::new();
        let mut all: Vec<String> = crumbs.into_iter().flat_map(|crumb| splitter.push(crumb)).collect();
        all.extend(splitter.finish());
        all
    }

    #[test]
    fn sentences_end_where_people_end_them() {
        let table: &[(&str, &[&str])] = &[
            ("Hello. How are you? Fine!", &["Hello.", "How are you?", "Fine!"]),
            ("It costs 3.5 million. Really.", &["It costs 3.5 million.", "Really."]),
            ("Mr. Smith met Dr. Cohen. They spoke.", &["Mr. Smith met Dr. Cohen.", "They spoke."]),
            ("Come at 9 a.m. tomorrow. Bye.", &["Come at 9 a.m. tomorrow.", "Bye."]),
            ("Come at 9 a.m. We open then.", &["Come at 9 a.m.", "We open then."]),
            ("Fruit, e.g. apples. Yes.", &["Fruit, e.g. apples.", "Yes."]),
            ("Well... maybe. So… yes.", &["Well...", "maybe.", "So…", "yes."]),
            ("He said \"go.\" Then left.", &["He said \"go.\"", "Then left."]),
            ("What?! No. I said two.", &["What?!", "No.", "I said two."]),
            ("One\nTwo", &["One", "Two"]),
            ("1. First\n2. Second", &["1. First", "2. Second"]),
            ("J. Smith is here. Good.", &["J. Smith is here.", "Good."]),
            ("See moked.example for more. Ok.", &["See moked.example for more.", "Ok."]),
            ("ד״ר כהן כאן. עו״ד לוי יצא.", &["ד״ר כהן כאן.", "עו״ד לוי יצא."]),
            ("שירתתי בצה\"ל. ואתם?", &["שירתתי בצה\"ל.", "ואתם?"]),
            ("מספר ת.ז. שלך, בבקשה. תודה!", &["מספר ת.ז. שלך, בבקשה.", "תודה!"]),
            ("   ", &[]),
        ];
        for (text, expected) in table {
            assert_eq!(pieces([*text]), *expected, "{text}");
        }
    }

    #[test]
    fn only_the_first_piece_leaves_at_a_comma_and_not_before_it_is_worth_it() {
        let text = "Of course, our office is open every day, from nine to five. \
                    It is closed on Saturday, and on every holiday, as usual.";
        assert_eq!(
            pieces([text]),
            [
                "Of course, our office is open every day,",
                "from nine to five.",
                "It is closed on Saturday, and on every holiday, as usual."
            ]
        );
    }

    #[test]
    fn a_sentence_leaves_with_the_space_after_it_and_not_before() {
        let mut splitter = SentenceSplitter::new();
        assert!(splitter.push("Hello.").is_empty());
        assert_eq!(splitter.push(" "), ["Hello."]);
        assert_eq!(splitter.finish(), None);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_the_crumbs_do_not_matter(
            text in "([a-zA-Zא-ת0-9]{1,6}|Mr\\.|a\\.m\\.|3\\.5|[.!?…,:;\"״')\n ]){0,40}",
            cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..12),
        ) {
            let whole = pieces([text.as_str()]);
            let without_space = |s: &str| s.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(without_space(&whole.concat()), without_space(&text));

            let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| ends[cut.index(ends.len())]).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let crumbs = cuts.windows(2).map(|pair| &text[pair[0]..pair[1]]);
            prop_assert_eq!(pieces(crumbs), whole);
        }
    }
}
