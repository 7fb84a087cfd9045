//! The conversation so far, as both sides heard it.

use serde::{Deserialize, Serialize};

use crate::ids::TurnId;

/// One remark of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum Remark {
    /// The caller's words, or keys in the form `[keys 123]`.
    Caller {
        /// What was said.
        text: String,
    },
    /// The agent's words.
    Agent {
        /// The turn.
        turn: TurnId,
        /// What the caller heard of it.
        heard: String,
        /// Whether the caller cut it short.
        interrupted: bool,
    },
}

/// What was said in a call, in order. Of the agent's words it holds only those that were heard.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Conversation {
    remarks: Vec<Remark>,
}

impl Conversation {
    /// The caller said this. If nothing was heard since his last remark and this one begins with it, he spoke
    /// on: it is one remark.
    pub fn caller_said(&mut self, text: impl Into<String>) {
        let text = text.into();
        self.remarks.truncate(self.before(Some(&text)).len());
        self.remarks.push(Remark::Caller { text });
    }

    /// The conversation before a remark of the caller: without his last, if this one is that or goes on from it.
    pub fn before(&self, remark: Option<&str>) -> &[Remark] {
        match (self.remarks.split_last(), remark) {
            (Some((Remark::Caller { text: last }, earlier)), Some(text))
                if text.starts_with(last.as_str()) =>
            {
                earlier
            }
            _ => &self.remarks,
        }
    }

    /// The caller said this, and the agent answered with this turn: words that came later than the answer.
    pub fn caller_said_before(&mut self, turn: TurnId, text: impl Into<String>) {
        let is_later = |remark: &Remark| match remark {
            Remark::Agent { turn: spoken, .. } => *spoken >= turn,
            Remark::Caller { .. } => false,
        };
        let place = self.remarks.iter().position(is_later).unwrap_or(self.remarks.len());
        self.remarks.insert(place, Remark::Caller { text: text.into() });
    }

    /// The caller heard this of the agent. A turn of which nothing was heard leaves no trace.
    pub fn agent_was_heard(&mut self, turn: TurnId, heard: String, interrupted: bool) {
        if !heard.is_empty() {
            self.remarks.push(Remark::Agent { turn, heard, interrupted });
        }
    }

    /// The caller heard less of a turn than was entered: only this. Gives whether that is news.
    pub fn agent_was_heard_less(&mut self, turn: TurnId, heard: &str) -> bool {
        let is_too_much = |remark: &Remark| match remark {
            Remark::Agent { turn: entered, heard: claimed, .. } => {
                *entered == turn && claimed.len() > heard.len() && claimed.starts_with(heard)
            }
            Remark::Caller { .. } => false,
        };
        let Some(place) = self.remarks.iter().position(is_too_much) else { return false };
        if heard.is_empty() {
            self.remarks.remove(place);
        } else if let Some(Remark::Agent { heard: claimed, .. }) = self.remarks.get_mut(place) {
            heard.clone_into(claimed);
        }
        true
    }

    /// All remarks, oldest first.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caller_who_spoke_on_made_one_remark() {
        let mut conversation = Conversation::default();
        conversation.caller_said("i want");
        conversation.caller_said("i want to rent");
        conversation.caller_said("please");
        assert_eq!(conversation.before(Some("please, now")).len(), 1);
        assert_eq!(conversation.before(None).len(), 2);
        let texts: Vec<_> = conversation.remarks().iter().map(|remark| format!("{remark:?}")).collect();
        assert_eq!(texts.len(), 2, "{texts:?}");
    }

    #[test]
    fn words_that_come_after_their_answer_stand_before_it() {
        let mut conversation = Conversation::default();
        conversation.agent_was_heard(TurnId(1), "Hello.".into(), false);
        conversation.agent_was_heard(TurnId(2), "Until six.".into(), false);
        conversation.caller_said_before(TurnId(2), "until when are you open");
        conversation.caller_said_before(TurnId(3), "thanks");
        let by = conversation.remarks().iter().map(|remark| match remark {
            Remark::Caller { text } => text.as_str(),
            Remark::Agent { heard, .. } => heard.as_str(),
        });
        assert_eq!(by.collect::<Vec<_>>(), ["Hello.", "until when are you open", "Until six.", "thanks"]);
    }

    #[test]
    fn what_turns_out_not_to_have_been_heard_is_taken_back() {
        let mut conversation = Conversation::default();
        conversation.agent_was_heard(TurnId(1), "Hello there.".into(), false);
        conversation.agent_was_heard(TurnId(2), "Until six. On".into(), true);
        assert!(!conversation.agent_was_heard_less(TurnId(1), "Hello there."));
        assert!(!conversation.agent_was_heard_less(TurnId(1), "Hello there. And more."), "less, never more");
        assert!(conversation.agent_was_heard_less(TurnId(2), "Until"));
        let cut = Remark::Agent { turn: TurnId(2), heard: "Until".into(), interrupted: true };
        assert_eq!(conversation.remarks().last(), Some(&cut));
        assert!(conversation.agent_was_heard_less(TurnId(2), ""));
        assert_eq!(conversation.remarks().len(), 1);
    }

    #[test]
    fn what_nobody_heard_is_not_remembered() {
        let mut conversation = Conversation::default();
        conversation.agent_was_heard(TurnId(1), String::new(), true);
        conversation.caller_said("hello");
        assert_eq!(conversation.remarks(), [Remark::Caller { text: "hello".into() }]);
    }
}
