//! What the caller does, rule by rule.

use super::*;

fn say(text: &str) -> Act {
    Act::Say { text: text.to_owned() }
}

fn barge_in(utterance: u32, at_ms: u64) -> Act {
    Act::BargeIn { utterance, at_ms, text: "רגע".to_owned() }
}

struct Rig {
    script: CallerScript,
    start: Instant,
}

impl Rig {
    fn new(acts: impl IntoIterator<Item = Act>) -> Self {
        let start = Instant::now();
        Self { script: CallerScript::new(acts, Manners::default(), start), start }
    }

    fn at(&self, ms: u64) -> Instant {
        self.start + Duration::from_millis(ms)
    }

    /// Gives a cue and returns the one order that follows, if any; a second one is a fault.
    fn cue(&mut self, cue: Cue, ms: u64) -> Option<Order> {
        self.script.handle(cue, self.at(ms));
        self.only_order()
    }

    fn wake(&mut self, ms: u64) -> Option<Order> {
        self.script.handle_timeout(self.at(ms));
        self.only_order()
    }

    fn only_order(&mut self) -> Option<Order> {
        let order = self.script.next_action();
        assert_eq!(self.script.next_action(), None, "two orders at once");
        order
    }
}

#[test]
fn the_caller_speaks_when_the_greeting_is_over_and_hangs_up_after_the_answer() {
    let mut rig = Rig::new([say("hello")]);
    assert_eq!(rig.cue(Cue::AgentBegan, 100), None);
    assert_eq!(rig.cue(Cue::AgentFinished, 2_000), Some(Order::Perform(say("hello"))));
    assert_eq!(rig.cue(Cue::ActDone, 3_000), None);
    assert_eq!(rig.cue(Cue::AgentBegan, 3_800), None);
    assert_eq!(rig.cue(Cue::AgentFinished, 6_000), Some(Order::HangUp));
    assert_eq!(rig.cue(Cue::AgentBegan, 6_100), None);
    assert_eq!(rig.script.poll_timeout(), None);
}

#[test]
fn a_silent_agent_is_spoken_to_after_ten_seconds_and_left_after_ten_more() {
    let mut rig = Rig::new([say("anybody there?")]);
    assert_eq!(rig.script.poll_timeout(), Some((rig.at(10_000), ScriptWake::PatienceEnds)));
    assert_eq!(rig.wake(9_999), None);
    assert_eq!(rig.wake(10_000), Some(Order::Perform(say("anybody there?"))));
    assert_eq!(rig.script.poll_timeout(), None);
    assert_eq!(rig.cue(Cue::ActDone, 11_000), None);
    assert_eq!(rig.wake(21_000), Some(Order::HangUp));
}

#[test]
fn patience_does_not_end_while_the_agent_speaks() {
    let mut rig = Rig::new([]);
    rig.cue(Cue::AgentBegan, 9_000);
    assert_eq!(rig.script.poll_timeout(), None);
    assert_eq!(rig.wake(60_000), None);
    assert_eq!(rig.cue(Cue::AgentFinished, 60_001), Some(Order::HangUp));
}

#[test]
fn a_murmur_of_the_agent_during_the_callers_speech_is_no_answer() {
    let mut rig = Rig::new([say("a long story")]);
    rig.cue(Cue::AgentBegan, 0);
    rig.cue(Cue::AgentFinished, 1_000);
    rig.cue(Cue::AgentBegan, 2_000);
    rig.cue(Cue::AgentFinished, 3_000);
    rig.cue(Cue::ActDone, 5_000);
    assert_eq!(rig.script.poll_timeout(), Some((rig.at(15_000), ScriptWake::PatienceEnds)));
    rig.cue(Cue::AgentBegan, 6_000);
    assert_eq!(rig.cue(Cue::AgentFinished, 8_000), Some(Order::HangUp));
}

#[test]
fn an_echo_that_ends_after_the_speech_is_its_answer() {
    let mut rig = Rig::new([say("echo")]);
    rig.wake(10_000);
    rig.cue(Cue::AgentBegan, 10_020);
    rig.cue(Cue::ActDone, 11_000);
    assert_eq!(rig.cue(Cue::AgentFinished, 11_700), Some(Order::HangUp));
}

#[test]
fn an_interruption_comes_at_its_moment_of_its_utterance() {
    let mut rig = Rig::new([say("hi"), barge_in(2, 800)]);
    rig.cue(Cue::AgentBegan, 0);
    rig.cue(Cue::AgentFinished, 1_000);
    rig.cue(Cue::ActDone, 2_000);
    rig.cue(Cue::AgentBegan, 3_000);
    assert_eq!(rig.script.poll_timeout(), Some((rig.at(3_800), ScriptWake::BargeIn)));
    assert_eq!(rig.wake(3_799), None);
    assert_eq!(rig.wake(3_800), Some(Order::Perform(barge_in(2, 800))));
    // The interrupted utterance ends while the caller speaks; only the next one answers.
    rig.cue(Cue::AgentFinished, 4_700);
    rig.cue(Cue::ActDone, 5_000);
    rig.cue(Cue::AgentBegan, 6_000);
    assert_eq!(rig.cue(Cue::AgentFinished, 7_000), Some(Order::HangUp));
}

#[test]
fn the_rest_of_an_interrupted_utterance_is_no_answer_even_after_the_callers_words() {
    let mut rig = Rig::new([barge_in(1, 500)]);
    rig.cue(Cue::AgentBegan, 0);
    rig.wake(500);
    rig.cue(Cue::ActDone, 900);
    assert_eq!(rig.cue(Cue::AgentFinished, 1_500), None);
    assert_eq!(rig.script.poll_timeout(), Some((rig.at(11_500), ScriptWake::PatienceEnds)));
}

#[test]
fn an_utterance_too_short_to_be_interrupted_is_answered_instead() {
    let mut rig = Rig::new([barge_in(1, 5_000)]);
    rig.cue(Cue::AgentBegan, 0);
    assert_eq!(rig.cue(Cue::AgentFinished, 2_000), Some(Order::Perform(barge_in(1, 5_000))));
}
