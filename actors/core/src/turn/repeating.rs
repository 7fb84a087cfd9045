//! An answer that was given word for word just now.
//!
//! A caller who asks again has not taken the answer in, or wants more. To drop the answer leaves him in silence, and
//! to say it again as if for the first time sounds like a machine. So it is said as what it is: a repetition.

use super::Turns;
use crate::ports::CallerSaid;

/// Words from which a sentence is worth a remark when it comes again; "thank you" may.
const LEAST_WORDS: usize = 4;

/// What the agent says in the turn under way, and what it said in the one before.
#[derive(Debug, Clone, Default)]
pub(super) struct Repeating {
    /// First sentence of the turn under way.
    first: Option<String>,
    /// Whether the caller asked for it.
    is_asked: bool,
    /// First sentence of the last turn that was heard to its end.
    last: Option<String>,
}

impl Turns {
    /// Enters a sentence; tells whether it begins the same answer as the one before, to a caller who asked.
    pub(super) fn is_repeated(&mut self, text: &str) -> bool {
        if self.repeating.first.is_some() {
            return false;
        }
        self.repeating.first = Some(text.to_owned());
        let is_long = text.split_whitespace().count() >= LEAST_WORDS;
        // A question that is put again asks; it does not repeat an answer.
        let is_question = text.trim_end().ends_with('?');
        self.repeating.is_asked && is_long && !is_question && self.repeating.last.as_deref() == Some(text)
    }

    /// The turn under way was heard to its end.
    pub(super) fn was_heard(&mut self) {
        if let Some(first) = self.repeating.first.take() {
            self.repeating.last = Some(first);
        }
    }

    /// Another turn begins.
    pub(super) fn begin_answer(&mut self) {
        self.repeating.first = None;
        self.repeating.is_asked = false;
    }

    /// It answers this.
    pub(super) fn answers(&mut self, said: &CallerSaid) {
        self.repeating.is_asked = said.is_remark();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use crate::ids::TurnId;
    use crate::ports::AfterTurn;
    use crate::testing::start;
    use crate::turn::{TurnAction, TurnInput, TurnSettings, Turns};

    const HOURS: &str = "We are open from nine to six.";

    struct Rig(Turns, Instant, u32);

    impl Rig {
        fn new() -> Self {
            let mut rig = Self(Turns::new(TurnSettings::default()), start(), 0);
            rig.give(TurnInput::CallStarted);
            rig.turn("Hello there, this is Maya.");
            rig
        }

        fn give(&mut self, input: TurnInput) -> Vec<TurnAction> {
            self.0.handle(input, self.1);
            std::iter::from_fn(|| self.0.next_action()).collect()
        }

        /// The mind's answer; gives its sentences and whether each is a repetition.
        fn says(&mut self, text: &str) -> Vec<bool> {
            self.2 += 1;
            let turn = TurnId(self.2);
            let mut actions = self.give(TurnInput::Answer { turn, delta: text.into() });
            actions.extend(self.give(TurnInput::AnswerDone { turn, then: AfterTurn::Listen }));
            let said = actions.into_iter().filter_map(|action| {
                if let TurnAction::Say { is_repeated, .. } = action { Some(is_repeated) } else { None }
            });
            said.collect()
        }

        fn turn(&mut self, text: &str) -> Vec<bool> {
            let said = self.says(text);
            self.give(TurnInput::Played { turn: TurnId(self.2) });
            said
        }

        fn ask(&mut self, text: &str) -> Vec<bool> {
            self.give(TurnInput::Words("when are you open".into()));
            self.turn(text)
        }
    }

    #[test]
    fn the_same_answer_to_the_next_question_is_told_as_a_repetition() {
        let mut rig = Rig::new();
        assert_eq!(rig.ask(&format!("{HOURS} What is your name?")), [false, false]);
        assert_eq!(rig.ask(&format!("{HOURS} What is your name?")), [true, false]);
        assert_eq!(rig.ask("On Friday we are open until one."), [false]);
        assert_eq!(rig.ask(HOURS), [false], "something else was said since");
    }

    #[test]
    fn thanks_and_questions_may_come_again() {
        let mut rig = Rig::new();
        for text in ["Thank you. How many rooms?", "Would you like to rent or to buy?"] {
            rig.ask(text);
            assert!(rig.ask(text).iter().all(|repeated| !repeated), "{text}");
        }
    }

    #[test]
    fn an_answer_that_was_cut_short_is_given_anew() {
        let mut rig = Rig::new();
        rig.give(TurnInput::Words("when are you open".into()));
        rig.says(HOURS);
        rig.give(TurnInput::SpeechStarted);
        assert_eq!(rig.ask(HOURS), [false]);
    }

    #[test]
    fn who_did_not_ask_hears_no_remark() {
        let mut rig = Rig::new();
        rig.ask(HOURS);
        rig.give(TurnInput::SpeechStarted);
        rig.give(TurnInput::UtteranceEnded);
        rig.give(TurnInput::Unclear);
        assert_eq!(rig.turn(HOURS), [false]);
    }
}
