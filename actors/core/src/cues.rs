//! Words that say how a remark is meant: go on, stop, I am still thinking, more follows.
//!
//! An interruption and "mhm" begin alike, and so do a finished sentence and half of one; the words tell them
//! apart, in English and in Hebrew at once, since their scripts cannot be confused and callers mix them. The
//! lists are settings: every business hears expressions that no list foresees.

mod lists;

use crate::receptionist::understand::{Word, normal_form, words};

/// What a caller's words over the agent's speech amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remark {
    /// No words.
    Nothing,
    /// Sounds of somebody who thinks: "um", "אמ".
    Hesitation,
    /// "I am listening": "mhm", "okay", "כן כן". To a question it is an answer.
    Backchannel,
    /// Words that say something. One is enough: "לא" is a whole answer.
    Words,
    /// "Stop", "wait", "רגע", "די": whatever else was said, the agent is to be silent.
    Stop,
}

/// The lists of one process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cues {
    backchannels: Vec<Vec<String>>,
    stops: Vec<Vec<String>>,
    hesitations: Vec<Vec<String>>,
    connectives: Vec<Vec<String>>,
}

impl Default for Cues {
    fn default() -> Self {
        Self::new(&lists::BACKCHANNELS, &lists::STOPS, &lists::HESITATIONS, &lists::CONNECTIVES)
    }
}

impl Cues {
    /// Lists of words and phrases. Case, punctuation, vowel points and direction marks do not matter.
    pub fn new<S: AsRef<str>>(backchannels: &[S], stops: &[S], hesitations: &[S], connectives: &[S]) -> Self {
        let list = |phrases: &[S]| {
            let normal = phrases.iter().map(|phrase| normal_form(phrase.as_ref()));
            normal.filter(|phrase| !phrase.is_empty()).collect()
        };
        Self {
            backchannels: list(backchannels),
            stops: list(stops),
            hesitations: list(hesitations),
            connectives: list(connectives),
        }
    }

    /// What the words amount to.
    pub fn judge(&self, said: &str) -> Remark {
        let said = words(said);
        let mut remark = Remark::Nothing;
        let mut at = 0;
        while at < said.len() {
            let (here, length) = self.judge_at(&said, at);
            remark = remark.max(here);
            at += length;
        }
        remark
    }

    /// Whether the words end where no sentence does: on a connective or a sound of thinking.
    pub fn trails(&self, said: &str) -> bool {
        let said = words(said);
        let ends_with = |list: &[Vec<String>]| list.iter().any(|phrase| ends(&said, phrase));
        ends_with(&self.connectives) || ends_with(&self.hesitations)
    }

    /// The remark that begins at a word, and how many words it has. The longest phrase there counts.
    fn judge_at(&self, said: &[Word], at: usize) -> (Remark, usize) {
        let longest = |list: &[Vec<String>]| {
            let fits = list.iter().filter(|phrase| begins(&said[at..], phrase));
            fits.map(Vec::len).max().unwrap_or_default()
        };
        let lists = [
            (Remark::Stop, longest(&self.stops)),
            (Remark::Backchannel, longest(&self.backchannels)),
            (Remark::Hesitation, longest(&self.hesitations)),
        ];
        // Of two that are as long the first counts.
        let best = lists.into_iter().rev().max_by_key(|(_, length)| *length);
        best.filter(|(_, length)| *length > 0).unwrap_or((Remark::Words, 1))
    }
}

fn begins(said: &[Word], phrase: &[String]) -> bool {
    said.len() >= phrase.len() && said.iter().zip(phrase).all(|(word, wanted)| word.text == *wanted)
}

fn ends(said: &[Word], phrase: &[String]) -> bool {
    said.len().checked_sub(phrase.len()).is_some_and(|from| begins(&said[from..], phrase))
}

/// Whether words are the agent's own, come back over the line: three or more of them, as he says them.
///
/// Fewer prove nothing; a caller may well repeat a word or two.
pub fn is_echo(said: &str, agent: &str) -> bool {
    const PROOF: usize = 3;
    let (said, agent) = (normal_form(said), normal_form(agent));
    said.len() >= PROOF && agent.windows(said.len()).any(|window| window == said)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expected: Remark, said: &[&str]) {
        let cues = Cues::default();
        for said in said {
            assert_eq!(cues.judge(said), expected, "{said}");
        }
    }

    #[test]
    fn signs_of_listening_are_known_in_both_languages() {
        check(
            Remark::Backchannel,
            &[
                "mhm",
                "Mm-hmm.",
                "uh-huh",
                "Yeah.",
                "yeah yeah",
                "ok",
                "Okay, okay.",
                "right",
                "I see",
                "um yeah",
                "כן",
                "כן כן",
                "כֵּן",
                "אוקיי",
                "אוקיי, כן.",
                "אה-הא",
                "אהה",
                "הבנתי",
                "בסדר",
                "נכון, נכון",
                "ממ כן",
            ],
        );
    }

    #[test]
    fn stop_words_stop_wherever_they_stand() {
        check(
            Remark::Stop,
            &[
                "stop",
                "Wait!",
                "yeah wait",
                "hold on",
                "ok ok stop please",
                "just a moment",
                "רגע",
                "די",
                "עצור",
                "עצרי",
                "חכי רגע",
                "כן רגע",
                "תפסיקי",
                "שנייה",
                "רק שנייה",
            ],
        );
    }

    #[test]
    fn one_word_that_says_something_is_no_backchannel() {
        check(
            Remark::Words,
            &[
                "no",
                "three",
                "yeah but I wanted to ask",
                "rent",
                "לא",
                "לא כן",
                "שלוש",
                "כן אבל מתי",
                "מחר",
                "דירה",
            ],
        );
    }

    #[test]
    fn sounds_of_thinking_are_neither() {
        check(Remark::Hesitation, &["um", "uh", "uhh, um", "אמ", "אממ", "אה", "אהמ"]);
        check(Remark::Nothing, &["", "  ", "..."]);
    }

    #[test]
    fn a_sentence_that_goes_on_is_known_by_its_last_word() {
        let cues = Cues::default();
        for said in [
            "I want to rent and",
            "two rooms, um",
            "because",
            "אני רוצה לשכור אז",
            "דירה של",
            "שלושה חדרים או",
            "אמ",
        ] {
            assert!(cues.trails(said), "{said}");
        }
        for said in ["I want to rent", "two rooms", "", "אני רוצה לשכור", "רמת גן", "כן"] {
            assert!(!cues.trails(said), "{said}");
        }
    }

    #[test]
    fn lists_of_ones_own_replace_the_shipped_ones() {
        let cues = Cues::new(&["sababa"], &["halt"], &[], &["plus"]);
        assert_eq!(cues.judge("Sababa, sababa"), Remark::Backchannel);
        assert_eq!(cues.judge("halt"), Remark::Stop);
        assert_eq!(cues.judge("okay"), Remark::Words);
        assert!(cues.trails("two plus"));
    }

    #[test]
    fn the_agents_own_words_are_known_as_an_echo() {
        let agent = "We are open from nine to six. Would you like to meet?";
        assert!(is_echo("open from nine", agent));
        assert!(is_echo("six would you", agent));
        assert!(!is_echo("to meet", agent), "two words prove nothing");
        assert!(!is_echo("open from ten", agent));
    }
}
