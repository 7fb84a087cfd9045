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
const BEFORE_A_NAME: [&str; 25] = [
    "mr.",
    "mrs.",
    "ms.",
    "dr.",
    "prof.",
    "st.",
    "mt.",
    "vs.",
    "e.g.",
    "i.e.",
    "cf.",
    "approx.",
    "sgt.",
    "capt.",
    "gen.",
    "rev.",
    "hon.",
    "רח.",
    "שד.",
    "טל.",
    "מס.",
    "עמ.",
    "גב.",
    "פרופ.",
    "אינג.",
];
/// The end of a sentence only when a capital follows.
const MAYBE_LAST: [&str; 18] = [
    "etc.", "inc.", "ltd.", "co.", "corp.", "jr.", "sr.", "ave.", "blvd.", "rd.", "dept.", "min.", "max.",
    "hr.", "hrs.", "sq.", "ft.", "est.",
];
/// Not the end of a sentence when a number follows.
const BEFORE_A_NUMBER: [&str; 19] = [
    "no.", "nos.", "pp.", "fig.", "vol.", "ext.", "apt.", "tel.", "jan.", "feb.", "mar.", "apr.", "jun.",
    "jul.", "aug.", "sept.", "oct.", "nov.", "dec.",
];
/// What stands around a word and is no part of it: markdown, quotes, marks of direction.
const AROUND: [char; 14] = [
    '(', '[', '"', '\'', '“', '״', '*', '_', '#', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{2067}',
];
/// A block of code, which nobody hears: it is not cut.
const FENCE: &str = "```";

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
                '`' => match self.code_ends(at) {
                    Some(end) => {
                        at = end;
                        continue;
                    }
                    None => return None,
                },
                '.' | '!' | '?' | '…' | '׃' => {
                    let end = self.end_of_run(next);
                    match self.sentence_ends(at, end) {
                        Verdict::Cut => return Some(end),
                        Verdict::GoOn => at = end,
                        Verdict::Wait => return None,
                    }
                    continue;
                }
                ',' | ';' | ':' | '–' | '—' => match self.clause_ends(at, next) {
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

    /// Past a block of code, or past a mark that begins none. `None`: what comes next decides.
    fn code_ends(&self, from: usize) -> Option<usize> {
        let rest = self.pending.get(from..).unwrap_or_default();
        match rest.strip_prefix(FENCE) {
            Some(inside) => inside.find(FENCE).map(|end| from + end + 2 * FENCE.len()),
            None if FENCE.starts_with(rest) => None,
            None => Some(from + 1),
        }
    }

    /// Past further terminators and closing quotes, brackets, markdown and marks of direction.
    fn end_of_run(&self, from: usize) -> usize {
        let rest = self.pending.get(from..).unwrap_or_default();
        let belongs = |c: char| {
            matches!(
                c,
                '.' | '!'
                    | '?'
                    | '…'
                    | '׃'
                    | '"'
                    | '\''
                    | ')'
                    | ']'
                    | '”'
                    | '’'
                    | '»'
                    | '״'
                    | '׳'
                    | '*'
                    | '_'
            ) || is_mark_of_direction(c)
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
        let stop = self.pending.get(terminator..end).unwrap_or_default();
        if stop.trim_end_matches(|c| matches!(c, '*' | '_') || is_mark_of_direction(c)) != "." {
            return Verdict::Cut;
        }
        let before = self.pending.get(..=terminator).unwrap_or_default();
        let word = before.rsplit(char::is_whitespace).next().unwrap_or_default();
        let word = word.trim_start_matches(AROUND);
        let token = word.to_lowercase();
        let letters = token.chars().filter(|c| c.is_alphabetic()).count();
        let dotted = letters > 1 && token.split_terminator('.').all(|part| part.chars().count() == 1);
        // `So did I.` is an end more often than a name.
        let initial = letters == 1 && token.chars().count() == 2 && word != "I.";
        // `1. First` is a list, and its number is no sentence.
        let number = before.trim().trim_start_matches(AROUND).trim_end_matches('.');
        let list_number = number.chars().all(|c| c.is_ascii_digit());
        if initial || list_number || BEFORE_A_NAME.contains(&token.as_str()) {
            return Verdict::GoOn;
        }
        let before_number = BEFORE_A_NUMBER.contains(&token.as_str());
        if !dotted && !before_number && !MAYBE_LAST.contains(&token.as_str()) {
            return Verdict::Cut;
        }
        match after.find(|c| !c.is_whitespace()) {
            None => Verdict::Wait,
            Some(c) if before_number && !c.is_ascii_digit() => Verdict::Cut,
            Some(c) if c.is_uppercase() => Verdict::Cut,
            Some(_) => Verdict::GoOn,
        }
    }

    fn clause_ends(&self, at: usize, end: usize) -> Verdict {
        let piece = self.pending.get(..end).unwrap_or_default();
        if self.released || piece.trim_start().chars().count() <= FIRST_CLAUSE_CHARS {
            return Verdict::GoOn;
        }
        // A dash between words ends a clause, one inside `9–17` does not.
        let is_dash = piece.ends_with(['–', '—']);
        if is_dash && !self.pending.get(..at).unwrap_or_default().ends_with(char::is_whitespace) {
            return Verdict::GoOn;
        }
        let after = self.pending.get(end..).unwrap_or_default();
        if after.starts_with(|c: char| !c.is_whitespace()) {
            return Verdict::GoOn;
        }
        match after.chars().find(|&c| c == '\n' || !c.is_whitespace()) {
            None => Verdict::Wait,
            // `November 20, 2026` and `1, 2, 3` are said in one breath.
            Some(c) if c.is_ascii_digit() => Verdict::GoOn,
            Some(_) => Verdict::Cut,
        }
    }
}

fn is_mark_of_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
            ("It is No. 5. Good.", &["It is No. 5.", "Good."]),
            ("No. I said two.", &["No.", "I said two."]),
            ("On Nov. 20 we open. Bye.", &["On Nov. 20 we open.", "Bye."]),
            ("It was in Nov. Then it ended.", &["It was in Nov.", "Then it ended."]),
            ("So did I. Then we left.", &["So did I.", "Then we left."]),
            ("J. R. R. Tolkien wrote it. Yes.", &["J. R. R. Tolkien wrote it.", "Yes."]),
            ("**Great.** Then we talk.", &["**Great.**", "Then we talk."]),
            ("**1.** First\n**2.** Second", &["**1.** First", "**2.** Second"]),
            ("See https://a.co/b?c=1. Next.", &["See https://a.co/b?c=1.", "Next."]),
            ("Write to a.b@c.co.il. Next.", &["Write to a.b@c.co.il.", "Next."]),
            ("It is 1.250.000 now. Ok.", &["It is 1.250.000 now.", "Ok."]),
            ("On 20.11.2026. Ok.", &["On 20.11.2026.", "Ok."]),
            ("Run ```a. b\nc! d``` now. Ok.", &["Run ```a. b\nc! d``` now.", "Ok."]),
            ("Use `x. y` now. Ok.", &["Use `x.", "y` now.", "Ok."]),
            ("Never closed ```a. b", &["Never closed ```a. b"]),
            ("גר ברח' הרצל 5. קומה ב'. תודה.", &["גר ברח' הרצל 5.", "קומה ב'.", "תודה."]),
            ("טל. 03-1234567. תודה.", &["טל. 03-1234567.", "תודה."]),
            ("חלב, לחם וכו'. תודה.", &["חלב, לחם וכו'.", "תודה."]),
            ("א. ב. יהושע כתב. כן.", &["א. ב. יהושע כתב.", "כן."]),
            ("ויאמר אלוהים׃ ויהי.", &["ויאמר אלוהים׃", "ויהי."]),
            ("זה עולה 3.5 מיליון. באמת?! כן.", &["זה עולה 3.5 מיליון.", "באמת?!", "כן."]),
            (
                "\u{200f}שלום.\u{200f} מה נשמע?\u{200f} טוב",
                &["\u{200f}שלום.\u{200f}", "מה נשמע?\u{200f}", "טוב"],
            ),
            ("ב-14:30. בסדר?", &["ב-14:30.", "בסדר?"]),
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
    fn a_first_clause_ends_at_a_dash_but_not_inside_a_day_or_a_range() {
        let table: &[(&str, &[&str])] = &[
            ("We would be glad to meet you – any day.", &["We would be glad to meet you –", "any day."]),
            (
                "We would be glad to meet on November 20, 2026.",
                &["We would be glad to meet on November 20, 2026."],
            ),
            ("המשרד שלנו פתוח בימים א–ה, בשעות 9–17.", &["המשרד שלנו פתוח בימים א–ה,", "בשעות 9–17."]),
            ("נשמח מאוד להיפגש איתך במשרד, מתי נוח?", &["נשמח מאוד להיפגש איתך במשרד,", "מתי נוח?"]),
        ];
        for (text, expected) in table {
            assert_eq!(pieces([*text]), *expected, "{text}");
        }
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
            text in "([a-zA-Zא-ת0-9]{1,6}|Mr\\.|a\\.m\\.|3\\.5|No\\.|Nov\\.|I\\.|ת\\.ז\\.|רח'|```|[.!?…,:;\"״'`*—׃)\n ]){0,40}",
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
