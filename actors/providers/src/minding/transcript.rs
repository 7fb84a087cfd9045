//! The conversation as a model reads it.
//!
//! Words come from the call's history, in which of the agent's only the heard ones stand. What that history
//! does not hold, this session remembers at its place: notes (silence, unclear speech) and the calls of tools
//! with their results. Speakers alternate, because some servers' templates refuse anything else.

use moked_core::conversation::Remark;
use moked_core::language::Language;
use moked_core::ports::{CallerSaid, ChatTurn};

use super::notes;
use super::wire::{Message, ToolCall, ToolResult};

/// One round of tools.
#[derive(Debug, Clone, PartialEq)]
pub struct Round {
    /// Words said before the calls, in the same answer.
    pub text: String,
    /// The calls.
    pub calls: Vec<ToolCall>,
    /// Their results, in the same order.
    pub results: Vec<ToolResult>,
}

/// What a turn brought beside words.
#[derive(Debug, Clone, PartialEq)]
struct PastTurn {
    /// Remarks of the history that come before it.
    at: usize,
    /// The caller's part, when the history does not hold it.
    note: Option<CallerSaid>,
    /// It was the first in which the caller could not be heard any more.
    ear_is_lost: bool,
    rounds: Vec<Round>,
}

/// What this session remembers of the call beside its words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Transcript {
    turns: Vec<PastTurn>,
    ear_is_lost: bool,
}

impl Transcript {
    /// The next turn is the first in which the caller cannot be heard any more.
    pub fn ear_is_lost(&mut self) {
        self.ear_is_lost = true;
    }

    /// A turn begins.
    pub fn begin(&mut self, turn: &ChatTurn) {
        let is_remark = notes::is_remark(&turn.said);
        // The caller's own remark is written into the history right after this.
        let at = turn.history.len() + usize::from(is_remark);
        let note = (!is_remark).then(|| turn.said.clone());
        let ear_is_lost = std::mem::take(&mut self.ear_is_lost);
        self.turns.push(PastTurn { at, note, ear_is_lost, rounds: Vec::new() });
    }

    /// The newest turn never was one.
    pub fn forget_newest(&mut self) {
        self.ear_is_lost |= self.turns.pop().is_some_and(|turn| turn.ear_is_lost);
    }

    /// The current turn had a round of tools.
    pub fn add(&mut self, round: Round) {
        if let Some(turn) = self.turns.last_mut() {
            turn.rounds.push(round);
        }
    }

    /// The messages that ask for the next answer of the current turn.
    pub fn messages(&self, turn: &ChatTurn, language: Language) -> Vec<Message> {
        let mut messages = Messages { list: Vec::new(), language };
        let (current, past) = match self.turns.split_last() {
            Some((current, past)) => (Some(current), past),
            None => (None, [].as_slice()),
        };
        let mut past = past.iter().peekable();
        for (index, remark) in turn.history.iter().enumerate() {
            while let Some(earlier) = past.next_if(|earlier| earlier.at <= index) {
                messages.past(earlier);
            }
            messages.remark(remark);
        }
        past.for_each(|earlier| messages.past(earlier));
        if current.is_some_and(|current| current.ear_is_lost) {
            messages.user(notes::ear_is_lost(language));
        }
        messages.user(&notes::of(&turn.said, language));
        for round in current.into_iter().flat_map(|current| &current.rounds) {
            messages.round(round, &round.text);
        }
        messages.list
    }
}

struct Messages {
    list: Vec<Message>,
    language: Language,
}

impl Messages {
    fn past(&mut self, turn: &PastTurn) {
        if turn.ear_is_lost {
            self.user(notes::ear_is_lost(self.language));
        }
        if let Some(said) = &turn.note {
            self.user(&notes::of(said, self.language));
        }
        for round in &turn.rounds {
            // Its words stand in the history, as far as they were heard.
            self.round(round, "");
        }
    }

    fn remark(&mut self, remark: &Remark) {
        match remark {
            Remark::Caller { text } => self.user(&notes::of_remark(text, self.language)),
            Remark::Agent { heard, interrupted, .. } => {
                self.agent(heard, &[]);
                if *interrupted {
                    self.user(notes::interrupted(self.language));
                }
            }
        }
    }

    fn round(&mut self, round: &Round, text: &str) {
        self.agent(text, &round.calls);
        self.list.push(Message::Results(round.results.clone()));
    }

    fn user(&mut self, more: &str) {
        match self.list.last_mut() {
            Some(Message::User(text)) => {
                text.push('\n');
                text.push_str(more);
            }
            Some(Message::Agent { .. } | Message::Results(_)) | None => {
                self.list.push(Message::User(more.to_owned()));
            }
        }
    }

    fn agent(&mut self, more: &str, calls: &[ToolCall]) {
        if self.list.is_empty() {
            self.user(notes::begun(self.language));
        }
        match self.list.last_mut() {
            Some(Message::Agent { text, calls: earlier }) if earlier.is_empty() => {
                if !text.is_empty() && !more.is_empty() {
                    text.push(' ');
                }
                text.push_str(more);
                earlier.extend_from_slice(calls);
            }
            Some(Message::Agent { .. } | Message::User(_) | Message::Results(_)) | None => {
                self.list.push(Message::Agent { text: more.to_owned(), calls: calls.to_vec() });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use moked_core::ids::TurnId;
    use serde_json::json;

    use super::*;

    fn turn(number: u32, said: CallerSaid, history: &[Remark]) -> ChatTurn {
        let now = "2026-11-20T10:00:00".parse().unwrap();
        ChatTurn { turn: TurnId(number), said, history: history.to_vec(), now }
    }

    fn agent(turn: u32, heard: &str, interrupted: bool) -> Remark {
        Remark::Agent { turn: TurnId(turn), heard: heard.into(), interrupted }
    }

    fn caller(text: &str) -> Remark {
        Remark::Caller { text: text.into() }
    }

    fn round(text: &str) -> Round {
        let call = ToolCall::from_text("c1".into(), "save_answers".into(), "{}");
        let result = ToolResult {
            id: "c1".into(),
            name: "save_answers".into(),
            result: json!({"saved": []}),
            is_error: false,
        };
        Round { text: text.into(), calls: vec![call], results: vec![result] }
    }

    /// Speakers and words, one line a message.
    fn shape(messages: &[Message]) -> Vec<String> {
        let line = |message: &Message| match message {
            Message::User(text) => format!("user {text}"),
            Message::Agent { text, calls } => format!("agent {text} {}", calls.len()),
            Message::Results(results) => format!("results {}", results.len()),
        };
        messages.iter().map(line).collect()
    }

    #[test]
    fn tools_and_silence_stand_where_they_happened() {
        let mut transcript = Transcript::default();
        transcript.begin(&turn(1, CallerSaid::Nothing, &[]));
        let mut history = vec![agent(1, "Hello.", false)];
        transcript.begin(&turn(2, CallerSaid::Words("Dana".into()), &history));
        transcript.add(round("Thanks! "));
        history.extend([caller("Dana"), agent(2, "Thanks! Your phone?", false)]);
        transcript.begin(&turn(3, CallerSaid::Silence, &history));
        history.push(agent(3, "Still there?", false));
        let now = turn(4, CallerSaid::Words("yes".into()), &history);
        transcript.begin(&now);
        assert_eq!(
            shape(&transcript.messages(&now, Language::English)),
            [
                "user [the call begins; greet the caller]",
                "agent Hello. 0",
                "user Dana",
                "agent  1",
                "results 1",
                "agent Thanks! Your phone? 0",
                "user [the caller is silent]",
                "agent Still there? 0",
                "user yes",
            ]
        );
    }

    #[test]
    fn the_current_turns_rounds_follow_the_callers_words() {
        let mut transcript = Transcript::default();
        let now = turn(1, CallerSaid::Words("Dana".into()), &[]);
        transcript.begin(&now);
        transcript.add(round("One moment."));
        let messages = transcript.messages(&now, Language::English);
        assert_eq!(shape(&messages), ["user Dana", "agent One moment. 1", "results 1"]);
    }

    #[test]
    fn a_lost_ear_is_told_once_and_stays_told() {
        let lost = notes::ear_is_lost(Language::English);
        let mut transcript = Transcript::default();
        transcript.ear_is_lost();
        let first = turn(1, CallerSaid::Unclear, &[]);
        transcript.begin(&first);
        let unclear = notes::of(&CallerSaid::Unclear, Language::English);
        let told = format!("user {lost}\n{unclear}");
        assert_eq!(shape(&transcript.messages(&first, Language::English)), vec![told.clone()]);
        let history = [agent(1, "Please press one.", false)];
        let second = turn(2, CallerSaid::Digits("1".into()), &history);
        transcript.begin(&second);
        let keys = "user [the caller pressed the keys: 1]".to_owned();
        let whole = [told, "agent Please press one. 0".to_owned(), keys];
        assert_eq!(shape(&transcript.messages(&second, Language::English)), whole);
    }

    #[test]
    fn an_interruption_is_noted_on_the_callers_side() {
        let history = [agent(1, "We are open from", true), caller("wait")];
        let now = turn(2, CallerSaid::Words("where are you?".into()), &history);
        let mut transcript = Transcript::default();
        transcript.begin(&now);
        let note = notes::interrupted(Language::English);
        assert_eq!(
            shape(&transcript.messages(&now, Language::English)),
            [
                "user [the call has begun]".to_owned(),
                "agent We are open from 0".to_owned(),
                format!("user {note}\nwait\nwhere are you?"),
            ]
        );
    }
}
