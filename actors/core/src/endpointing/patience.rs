//! How long to wait in this silence, by all that is known of what was said.

use std::time::Duration;

use serde::Serialize;

use super::entity::{Entity, Progress};
use crate::cues::{Cues, Remark};
use crate::ports::TurnSignal;
use crate::receptionist::understand::{digits_of, words, yes_no};

/// Silence after which something complete is taken as the whole turn: below it pauses inside sentences lie.
const SHORT: Duration = Duration::from_millis(300);

/// Added where more must follow: a connective, a hesitation, half a number.
const MORE_FOLLOWS: Duration = Duration::from_millis(650);

/// Added where the recogniser says that he has not finished.
const RESUMED: Duration = Duration::from_millis(300);

/// Pauses between groups of a dictated number are up to 1.2 s.
const BETWEEN_GROUPS: Duration = Duration::from_millis(1_350);

/// A dictated group has at least so many digits; "two" or "twenty" is mostly an amount.
const GROUP: usize = 3;

/// Why an utterance was taken as complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The usual silence.
    Silence,
    /// A short silence after a complete sentence or answer.
    Complete,
    /// A long silence after words that left something open.
    LeftOpen,
    /// The longest silence in which a dictation is waited for.
    Dictation,
    /// The recogniser was sure.
    Recogniser,
    /// It had lasted too long.
    TooLong,
}

impl EndReason {
    /// As in logs, such as `left_open`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Silence => "silence",
            Self::Complete => "complete",
            Self::LeftOpen => "left_open",
            Self::Dictation => "dictation",
            Self::Recogniser => "recogniser",
            Self::TooLong => "too_long",
        }
    }
}

/// What is known in a pause.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// The words so far; empty while none came.
    pub(super) said: &'a str,
    /// Keys that belong to the answer.
    pub(super) keys: &'a str,
    /// Whether the recogniser tells words before the end.
    pub(super) tells_words: bool,
    /// What is being dictated.
    pub(super) entity: Option<Entity>,
    /// Whether yes or no is a whole answer.
    pub(super) yes_no: bool,
    /// The recogniser's own view.
    pub(super) signal: Option<TurnSignal>,
    /// The usual silence of this caller.
    pub(super) usual: Duration,
    /// The longest silence in a dictation.
    pub(super) dictation: Duration,
}

/// How long to wait, and what it means if nothing comes.
pub(super) fn patience(known: Known<'_>, cues: &Cues) -> (Duration, EndReason) {
    let Known { said, usual, signal, .. } = known;
    let progress = known.entity.map(|entity| entity.progress(said, known.keys));
    match progress {
        Some(Progress::Begun) => return (known.dictation, EndReason::Dictation),
        Some(Progress::Maybe) => return (BETWEEN_GROUPS.min(known.dictation), EndReason::Dictation),
        Some(Progress::NotBegun) if said.trim().is_empty() && !known.yes_no => {
            // The words of what he dictates may be under way; where none ever come, silence must do.
            let blind = (usual * 2).min(known.dictation);
            return (if known.tells_words { known.dictation } else { blind }, EndReason::Dictation);
        }
        Some(Progress::NotBegun | Progress::Complete) | None => {}
    }
    let is_whole = progress == Some(Progress::Complete) || known.yes_no && is_bare_yes_or_no(said, cues);
    if !is_whole && leaves_open(said, cues, known.entity.is_none()) {
        let sure = signal == Some(TurnSignal::Ended);
        return (if sure { usual } else { usual + MORE_FOLLOWS }, EndReason::LeftOpen);
    }
    match signal {
        Some(TurnSignal::Ended) => return (Duration::ZERO, EndReason::Recogniser),
        Some(TurnSignal::Resumed) => return (usual + RESUMED, EndReason::Silence),
        Some(TurnSignal::Started | TurnSignal::ProbablyEnded) | None => {}
    }
    if is_whole || is_sentence(said) || signal == Some(TurnSignal::ProbablyEnded) {
        (usual.min(SHORT), EndReason::Complete)
    } else {
        (usual, EndReason::Silence)
    }
}

fn leaves_open(said: &str, cues: &Cues, may_dictate: bool) -> bool {
    let said = said.trim_end_matches(['.', '…', ' ']);
    cues.trails(said) || may_dictate && is_half_a_number(said)
}

/// Ends in digits as they are dictated, too few for a telephone number.
fn is_half_a_number(said: &str) -> bool {
    let said = words(said);
    let last = said.len().saturating_sub(GROUP);
    let tail = digits_of(&said[last..]).unwrap_or_default();
    let all = digits_of(&said).unwrap_or_default();
    // Each of the last words gave digits: two words "twenty five" are an amount.
    said.len() >= GROUP && tail.len() >= GROUP && is_digits(&said[last..]) && all.len() < 9
}

fn is_digits(tail: &[crate::receptionist::understand::Word]) -> bool {
    tail.iter().all(|word| digits_of(std::slice::from_ref(word)).is_some_and(|digits| digits.len() <= 4))
}

fn is_sentence(said: &str) -> bool {
    let said = said.trim_end();
    said.ends_with(['.', '?', '!']) && !said.ends_with("...")
}

fn is_bare_yes_or_no(said: &str, cues: &Cues) -> bool {
    let said_words = words(said);
    let is_all = yes_no(&said_words).is_some_and(|found| found.span.len() == said_words.len());
    is_all || cues.judge(said) == Remark::Backchannel
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Duration = Duration::from_millis(450);

    const PLAIN: Known<'static> = Known {
        said: "",
        keys: "",
        tells_words: true,
        entity: None,
        yes_no: false,
        signal: None,
        usual: USUAL,
        dictation: Duration::from_millis(2_000),
    };

    fn ms(known: Known<'_>) -> u128 {
        patience(known, &Cues::default()).0.as_millis()
    }

    #[test]
    fn words_shorten_and_lengthen_the_wait() {
        for (said, expected) in [
            ("", 450),
            ("two rooms", 450),
            ("I want to rent.", 300),
            ("מתי אתם פתוחים?", 300),
            ("I want to rent and", 1_100),
            ("I want to rent and.", 1_100),
            ("um", 1_100),
            ("אני רוצה לשכור אז", 1_100),
            ("שלושה חדרים, אמ", 1_100),
            ("it is five two four", 1_100),
            ("twenty five", 450),
            ("three", 450),
            ("oh five two one two three four five six seven", 450),
        ] {
            assert_eq!(ms(Known { said, ..PLAIN }), expected, "{said}");
        }
    }

    #[test]
    fn a_bare_yes_or_no_is_a_whole_answer_where_one_is_due() {
        for said in ["yes", "no", "כן", "לא", "mhm"] {
            assert_eq!(ms(Known { said, yes_no: true, ..PLAIN }), 300, "{said}");
        }
        assert_eq!(ms(Known { said: "no I want", yes_no: true, ..PLAIN }), 450);
    }

    #[test]
    fn a_dictation_is_waited_for_until_it_is_whole() {
        let phone = |said| Known { said, entity: Some(Entity::Phone), ..PLAIN };
        assert_eq!(ms(phone("oh five two")), 2_000);
        assert_eq!(ms(phone("")), 2_000, "its words are under way");
        assert_eq!(ms(Known { tells_words: false, ..phone("") }), 900, "an ear without partials");
        assert_eq!(ms(phone("five five five one two three four")), 1_350);
        assert_eq!(ms(phone("oh five two one two three four five six seven")), 300);
        assert_eq!(ms(phone("I don't have one")), 450);
        assert_eq!(ms(Known { yes_no: true, ..phone("") }), 450, "a yes or no is as likely");
        assert_eq!(
            ms(Known { signal: Some(TurnSignal::Ended), ..phone("oh five") }),
            2_000,
            "it does not know"
        );
    }

    #[test]
    fn the_recogniser_has_a_vote() {
        let with = |said, signal| ms(Known { said, signal: Some(signal), ..PLAIN });
        assert_eq!(with("two rooms", TurnSignal::Ended), 0);
        assert_eq!(with("two rooms", TurnSignal::ProbablyEnded), 300);
        assert_eq!(with("two rooms", TurnSignal::Resumed), 750);
        assert_eq!(with("two rooms", TurnSignal::Started), 450);
        assert_eq!(with("two rooms and", TurnSignal::Ended), 450, "his words say otherwise");
    }
}
