//! How much of what people said is kept.

use super::{RecordEntry, RecordFact, Said, TurnRecord};
use crate::receptionist::Lead;

/// What becomes of words and numbers before they are stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum KeptWords {
    /// All are kept as they are.
    #[default]
    Full,
    /// Words are kept; of each long number only the last two digits. A number spoken in words stays, since nobody
    /// can tell it from other words.
    Masked,
    /// No word and no number of caller or agent is kept: only what happened, when, and how long it took.
    None,
}

/// Digits that stay of a masked number: enough to tell two callers apart.
const KEPT: usize = 2;

/// Digits from which a number can identify someone. Times, prices and house numbers have fewer.
const IDENTIFYING: usize = 6;

impl KeptWords {
    /// The entry with the words that may be kept.
    pub fn of(self, entry: RecordEntry) -> RecordEntry {
        if self == Self::Full {
            return entry;
        }
        let fact = match entry.fact {
            RecordFact::CallStarted { caller, language } => {
                let caller = caller.map(|caller| self.text(&caller)).filter(|caller| !caller.is_empty());
                RecordFact::CallStarted { caller, language }
            }
            RecordFact::CallerSaid { turn, said } => RecordFact::CallerSaid { turn, said: self.said(said) },
            RecordFact::TurnOver(turn) => RecordFact::TurnOver(TurnRecord {
                heard: self.text(&turn.heard),
                unheard: self.text(&turn.unheard),
                ..turn
            }),
            RecordFact::HeardLess { turn, heard } => RecordFact::HeardLess { turn, heard: self.text(&heard) },
            RecordFact::Lead { lead } => RecordFact::Lead { lead: self.lead(lead) },
            same @ (RecordFact::StreamStarted { .. }
            | RecordFact::Event { .. }
            | RecordFact::Ended { .. }) => same,
        };
        RecordEntry { fact, ..entry }
    }

    fn said(self, said: Said) -> Said {
        match said {
            Said::Words(text) => Said::Words(self.text(&text)),
            Said::Keys(keys) => Said::Keys(self.text(&keys)),
            same @ (Said::Nothing | Said::Spoken | Said::Unclear | Said::Silence | Said::Resumed) => same,
        }
    }

    fn lead(self, mut lead: Lead) -> Lead {
        for answer in lead.answers.values_mut() {
            answer.value = self.text(&answer.value);
            answer.said = self.text(&answer.said);
        }
        lead
    }

    fn text(self, text: &str) -> String {
        match self {
            Self::Full => text.to_owned(),
            Self::Masked => masked(text),
            Self::None => String::new(),
        }
    }
}

/// The text with each long number masked. A number is a run of digits with single blanks, dashes, dots or brackets
/// between them; a date such as `2026-11-20` is none.
fn masked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(begin) = rest.find(|c: char| c.is_numeric()) {
        let (before, number) = rest.split_at(begin);
        let number = &number[..length(number)];
        out.push_str(before);
        push_masked(&mut out, number);
        rest = &rest[begin + number.len()..];
    }
    out.push_str(rest);
    out
}

/// Bytes of the number at the begin of `text`, up to its last digit.
fn length(text: &str) -> usize {
    let mut end = 0;
    let mut between = 0;
    for (index, character) in text.char_indices() {
        if character.is_numeric() {
            end = index + character.len_utf8();
            between = 0;
        } else if matches!(character, ' ' | '-' | '.' | '(' | ')') && between < 2 {
            between += 1;
        } else {
            break;
        }
    }
    end
}

fn push_masked(out: &mut String, number: &str) {
    let digits = number.chars().filter(|c| c.is_numeric()).count();
    let is_date = digits == 8 && number.len() == 10 && number.matches('-').count() == 2;
    if digits < IDENTIFYING || is_date {
        out.push_str(number);
        return;
    }
    let mut seen = 0;
    for character in number.chars() {
        if character.is_numeric() {
            seen += 1;
        }
        let hidden = character.is_numeric() && seen + KEPT <= digits;
        out.push(if hidden { '*' } else { character });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::{CallSid, TurnId};
    use crate::language::Language;
    use crate::receptionist::Answer;
    use crate::record::Sequence;

    fn entry(fact: RecordFact) -> RecordEntry {
        RecordEntry { call_sid: CallSid::new("CA1"), sequence: Sequence(1), at_ms: 1, fact }
    }

    #[test]
    fn long_numbers_are_masked_wherever_they_stand_and_short_ones_are_not() {
        assert_eq!(masked("+972541234567"), "+**********67");
        assert_eq!(masked("call 054-123 4567 at 14:30"), "call ***-*** **67 at 14:30");
        assert_eq!(masked("on 2026-11-20, 12 Garden Street"), "on 2026-11-20, 12 Garden Street");
        assert_eq!(masked("טלפון 0541234567, תודה"), "טלפון ********67, תודה");
        assert_eq!(masked("0 5 4 1 2 3 4 5 6 7"), "* * * * * * * * 6 7");
        assert_eq!(masked("٠٥٤١٢٣٤٥٦٧"), "********٦٧");
        assert_eq!(masked(""), "");
    }

    #[test]
    fn without_words_nothing_that_was_said_is_left() {
        let answer = Answer { value: "0541234567".into(), said: "zebulon".into() };
        let lead = Lead { answers: [("phone".to_owned(), answer)].into(), complete: true };
        let facts = [
            RecordFact::CallStarted { caller: Some("0541234567".into()), language: Language::Hebrew },
            RecordFact::CallerSaid { turn: TurnId(1), said: Said::Words("zebulon".into()) },
            RecordFact::CallerSaid { turn: TurnId(1), said: Said::Keys("0541234567".into()) },
            RecordFact::TurnOver(TurnRecord {
                heard: "zebulon".into(),
                unheard: "zebulon".into(),
                ..TurnRecord::default()
            }),
            RecordFact::HeardLess { turn: TurnId(1), heard: "zebulon".into() },
            RecordFact::Lead { lead },
        ];
        for fact in facts {
            let line = KeptWords::None.of(entry(fact.clone())).to_line().unwrap();
            assert!(!line.contains("zebulon") && !line.contains("67"), "{line}");
            let line = KeptWords::Masked.of(entry(fact.clone())).to_line().unwrap();
            assert!(!line.contains("0541234567"), "{line}");
            assert_eq!(KeptWords::Full.of(entry(fact.clone())).fact, fact);
        }
    }
}
