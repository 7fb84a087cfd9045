//! Barge-in, case by case, and what holds whatever happens.

use proptest::prelude::*;

use super::*;
use crate::testing::{at, start};

const FIRST: UtteranceId = UtteranceId(1);
const LOUD: f32 = -20.0;

struct Rig {
    machine: BargeIn,
    agent: Agent,
    zero: Instant,
    ms: u64,
    log: Vec<(u64, BargeAction)>,
}

impl Rig {
    /// A caller of −20 dBFS, and an agent that has been speaking for two seconds.
    fn speaking() -> Self {
        let mut machine = BargeIn::new(BargeInSettings::default(), Arc::default());
        let zero = start();
        for _ in 0..100 {
            machine.handle(BargeInput::Frame { sound: Sound::Voice, level_dbfs: LOUD }, Agent::Quiet, zero);
        }
        let agent = Agent::Speaking { since: zero, interruptible: true, awaits_words: true };
        Self { machine, agent, zero, ms: 2_000, log: Vec::new() }
    }

    fn give(&mut self, input: BargeInput<'_>) -> &mut Self {
        self.machine.handle(input, self.agent, at(self.zero, self.ms));
        self.drain()
    }

    fn onset(&mut self) -> &mut Self {
        self.give(BargeInput::Onset { utterance: FIRST })
    }

    fn words(&mut self, said: &str) -> &mut Self {
        self.give(BargeInput::Words {
            utterance: FIRST,
            said,
            agent_says: "We are open until six.",
            asked: false,
        })
    }

    /// Frames of 20 ms.
    fn frames(&mut self, count: u64, voiced: bool, level_dbfs: f32) -> &mut Self {
        for _ in 0..count {
            self.ms += 20;
            self.machine.handle_timeout(self.agent, at(self.zero, self.ms));
            self.drain();
            let sound = if voiced { Sound::Voice } else { Sound::Quiet };
            self.give(BargeInput::Frame { sound, level_dbfs });
        }
        self
    }

    /// Frames of which it is not known yet whether they are voice.
    fn sounds(&mut self, count: u64, level_dbfs: f32) -> &mut Self {
        for _ in 0..count {
            self.ms += 20;
            self.give(BargeInput::Frame { sound: Sound::MaybeVoice, level_dbfs });
        }
        self
    }

    fn drain(&mut self) -> &mut Self {
        while let Some(action) = self.machine.next_action() {
            self.log.push((self.ms, action));
        }
        self
    }

    /// What came, and how long after the onset was told at 2,000 ms.
    fn orders(&self) -> Vec<(u64, &'static str)> {
        let name = |action: &BargeAction| match action {
            BargeAction::Duck { .. } => Some("duck"),
            BargeAction::Hush => Some("hush"),
            BargeAction::Resume => Some("resume"),
            BargeAction::Release { .. } => Some("stop"),
            BargeAction::Tell(_) => None,
        };
        self.log.iter().filter_map(|(ms, action)| Some((ms - 2_000, name(action)?))).collect()
    }
}

#[test]
fn the_agent_is_ducked_when_the_onset_is_told() {
    assert_eq!(Rig::speaking().onset().orders(), [(0, "duck")]);
}

#[test]
fn a_first_loud_sound_ducks_it_before_the_onset_is_told() {
    let mut rig = Rig::speaking();
    rig.frames(3, false, -70.0).sounds(5, LOUD);
    rig.ms = 2_200;
    rig.onset().words("stop");
    assert_eq!(rig.orders(), [(100, "duck"), (200, "stop")]);
}

#[test]
fn a_sound_that_was_nothing_brings_full_level_back() {
    let mut rig = Rig::speaking();
    rig.frames(3, false, -70.0).sounds(2, LOUD).frames(30, false, -70.0).sounds(3, LOUD);
    assert_eq!(rig.orders(), [(100, "duck"), (400, "resume")], "and is not believed again at once");
}

#[test]
fn words_and_stop_words_stop_it_at_once() {
    for said in ["stop", "רגע", "די", "no", "לא", "what about parking", "כן אבל מתי"] {
        let mut rig = Rig::speaking();
        rig.onset().frames(3, true, LOUD).words(said);
        assert_eq!(rig.orders(), [(0, "duck"), (60, "stop")], "{said}");
    }
}

#[test]
fn signs_of_listening_do_not_stop_it_and_full_level_is_back_within_300_ms_of_the_onset() {
    for said in ["mhm", "yeah", "ok", "אהה", "כן כן", "אוקיי", "um"] {
        let mut rig = Rig::speaking();
        rig.onset().frames(3, true, LOUD).words(said).frames(40, true, LOUD);
        assert_eq!(rig.orders(), [(0, "duck"), (240, "resume")], "{said}");
        assert!(rig.machine.withholds(FIRST));
    }
}

#[test]
fn a_sign_of_listening_that_becomes_a_sentence_stops_it_after_all() {
    let mut rig = Rig::speaking();
    rig.onset().words("yeah").frames(30, true, LOUD).words("yeah but when");
    assert_eq!(rig.orders(), [(0, "duck"), (240, "resume"), (600, "stop")]);
}

#[test]
fn closing_words_that_began_meanwhile_are_not_left_soft() {
    let mut rig = Rig::speaking();
    rig.onset().agent = Agent::Speaking { since: rig.zero, interruptible: false, awaits_words: true };
    rig.words("wait");
    assert_eq!(rig.orders(), [(0, "duck"), (0, "resume"), (0, "stop")]);
}

#[test]
fn yes_to_a_question_is_an_answer() {
    for said in ["yes", "כן", "mhm"] {
        let mut rig = Rig::speaking();
        rig.onset().give(BargeInput::Words {
            utterance: FIRST,
            said,
            agent_says: "Shall we meet?",
            asked: true,
        });
        assert_eq!(rig.orders(), [(0, "duck"), (0, "stop")], "{said}");
    }
}

#[test]
fn a_steady_voice_without_words_silences_it_in_300_ms_and_stops_it_when_it_goes_on() {
    let mut rig = Rig::speaking();
    rig.onset().frames(60, true, LOUD);
    assert_eq!(rig.orders(), [(0, "duck"), (240, "hush"), (1_000, "stop")]);
}

#[test]
fn where_words_do_not_come_in_time_a_steady_voice_stops_it_at_once() {
    let mut rig = Rig::speaking();
    rig.agent = Agent::Speaking { since: rig.zero, interruptible: true, awaits_words: false };
    rig.onset().frames(20, true, LOUD);
    assert_eq!(rig.orders(), [(0, "duck"), (240, "stop")]);
}

#[test]
fn what_the_words_amount_to_decides_when_they_come_after_the_verdict() {
    for (said, verdict) in [
        ("בסדר", "resume"),
        ("mhm", "resume"),
        ("open until six", "resume"),
        ("", "resume"),
        ("לא", "stop"),
        ("what now", "stop"),
    ] {
        let mut rig = Rig::speaking();
        rig.onset().frames(25, true, LOUD).frames(30, false, -60.0);
        let speech_ended = at(rig.zero, 2_500);
        rig.give(BargeInput::Ended { utterance: FIRST, speech_ended }).words(said);
        rig.give(BargeInput::Settled { utterance: FIRST });
        assert_eq!(rig.orders(), [(0, "duck"), (240, "hush"), (1_100, verdict)], "{said}");
    }
}

#[test]
fn a_hesitation_is_not_spoken_over_and_who_goes_on_after_a_breath_keeps_the_silence() {
    let mut rig = Rig::speaking();
    rig.onset().frames(20, true, LOUD).words("um");
    rig.frames(20, false, -60.0);
    rig.give(BargeInput::Onset { utterance: UtteranceId(2) }).frames(5, true, LOUD);
    rig.give(BargeInput::Words { utterance: UtteranceId(2), said: "when", agent_says: "", asked: false });
    assert_eq!(rig.orders(), [(0, "duck"), (240, "hush"), (900, "stop"), (900, "stop")]);
}

#[test]
fn a_sign_of_listening_whose_words_are_due_as_the_agent_ends_is_not_taken_for_a_turn() {
    let mut rig = Rig::speaking();
    // The recogniser was seen to tell words in time.
    rig.onset().words("mhm").give(BargeInput::Settled { utterance: FIRST });
    let second = UtteranceId(2);
    rig.frames(60, false, -60.0).give(BargeInput::Onset { utterance: second });
    rig.frames(7, true, LOUD).frames(6, false, -60.0).frames(20, true, LOUD).frames(4, false, -60.0);
    rig.agent = Agent::Quiet;
    rig.frames(10, false, -60.0);
    assert!(rig.machine.withholds(second), "{:?}", rig.orders());
}

#[test]
fn however_often_he_draws_breath_the_agent_is_silent_for_four_seconds_at_most() {
    let mut rig = Rig::speaking();
    rig.onset().frames(20, true, LOUD);
    for breath in 2..8 {
        rig.frames(20, false, -60.0).give(BargeInput::Onset { utterance: UtteranceId(breath) });
        rig.frames(20, true, LOUD);
    }
    let (hush, stop) = (rig.orders()[1], rig.orders()[2]);
    assert_eq!((hush, stop.1), ((240, "hush"), "stop"));
    assert!(stop.0 <= 4_240, "{stop:?}");
}

#[test]
fn a_far_voice_does_not_inherit_the_silence_to_stop_the_agent() {
    let mut rig = Rig::speaking();
    rig.onset().frames(20, true, LOUD).frames(5, false, -60.0);
    rig.give(BargeInput::Onset { utterance: UtteranceId(2) }).frames(10, true, -40.0);
    rig.frames(120, false, -60.0);
    assert_eq!(rig.orders().last().unwrap().1, "resume");
}

#[test]
fn who_was_given_way_to_in_silence_was_given_way_to_then() {
    let mut rig = Rig::speaking();
    rig.onset().frames(20, true, LOUD).frames(20, false, -60.0).words("what now");
    let gave_way = at(rig.zero, 2_240);
    let released = BargeAction::Release { utterance: FIRST, gave_way, speech_ended: None };
    assert_eq!(rig.log.last(), Some(&(2_800, released)));
}

#[test]
fn words_that_never_come_are_not_waited_for_longer_than_two_seconds() {
    let mut rig = Rig::speaking();
    rig.onset().frames(20, true, LOUD).frames(150, false, -60.0);
    assert_eq!(rig.orders(), [(0, "duck"), (240, "hush"), (2_240, "stop")]);
    let mut other = Rig::speaking();
    other.onset().frames(20, true, LOUD);
    other.agent = Agent::Speaking { since: at(other.zero, 2_500), interruptible: true, awaits_words: true };
    other.frames(150, false, -60.0);
    assert_eq!(other.orders().last(), Some(&(2_240, "resume")), "a turn that began since is another");
}

#[test]
fn a_cough_a_door_and_a_television_do_not() {
    let mut cough = Rig::speaking();
    cough.onset().frames(5, true, LOUD).frames(40, false, -60.0);
    assert_eq!(cough.orders(), [(0, "duck"), (240, "resume")]);
    let mut long_cough = Rig::speaking();
    long_cough.onset().frames(4, true, -8.0).frames(40, true, -30.0);
    assert_eq!(long_cough.orders()[1], (240, "resume"));
    let mut television = Rig::speaking();
    television.onset().frames(10, true, -40.0).words("stop the war in").frames(200, true, -40.0);
    assert_eq!(television.orders(), [(0, "duck"), (240, "resume")]);
}

#[test]
fn a_word_that_is_known_before_its_loud_vowel_stops_it_with_the_vowel() {
    let mut rig = Rig::speaking();
    rig.onset().frames(1, true, -40.0).words("excuse").frames(2, true, -38.0).frames(1, true, LOUD);
    assert_eq!(rig.orders(), [(0, "duck"), (80, "stop")]);
}

#[test]
fn the_agents_own_words_do_not_stop_it() {
    let mut rig = Rig::speaking();
    rig.onset().words("open until six").frames(3, true, LOUD).frames(40, false, -60.0);
    assert_eq!(rig.orders(), [(0, "duck"), (240, "resume")]);
}

#[test]
fn in_the_protected_time_a_voice_waits_and_words_do_not() {
    let late = |rig: &mut Rig| {
        rig.agent = Agent::Speaking { since: at(rig.zero, 1_900), interruptible: true, awaits_words: true };
    };
    let mut voice = Rig::speaking();
    late(&mut voice);
    voice.onset().frames(40, true, LOUD);
    assert_eq!(voice.orders(), [(0, "duck"), (400, "hush")], "500 ms after the agent began");
    let mut words = Rig::speaking();
    late(&mut words);
    words.onset().words("no");
    assert_eq!(words.orders(), [(0, "duck"), (0, "stop")]);
}

#[test]
fn a_turn_that_must_be_heard_is_neither_ducked_nor_stopped() {
    let mut rig = Rig::speaking();
    rig.agent = Agent::Speaking { since: rig.zero, interruptible: false, awaits_words: true };
    rig.onset().words("stop").frames(100, true, LOUD);
    assert_eq!(rig.orders(), []);
    rig.agent = Agent::Quiet;
    rig.frames(1, true, LOUD);
    assert_eq!(rig.orders(), [(2_020, "stop")], "he who still speaks then has the floor");
}

#[test]
fn a_voice_goes_on_as_a_turn_when_the_agent_has_finished() {
    let mut rig = Rig::speaking();
    rig.onset().frames(3, true, LOUD).frames(12, false, -60.0);
    rig.agent = Agent::Quiet;
    rig.frames(2, false, -60.0).frames(1, true, LOUD);
    assert_eq!(rig.orders().last(), Some(&(360, "stop")));
}

#[test]
fn words_that_come_late_and_say_something_are_not_lost() {
    let mut rig = Rig::speaking();
    rig.onset().frames(3, true, LOUD).frames(40, false, -60.0);
    let speech_ended = at(rig.zero, 2_060);
    rig.give(BargeInput::Ended { utterance: FIRST, speech_ended }).words("לא");
    let gave_way = at(rig.zero, rig.ms);
    let released = BargeAction::Release { utterance: FIRST, gave_way, speech_ended: Some(speech_ended) };
    assert_eq!(rig.log.last(), Some(&(rig.ms, released)));
    assert!(!rig.machine.withholds(FIRST));
}

#[test]
fn what_he_said_before_goes_with_what_he_says_now() {
    let mut rig = Rig::speaking();
    rig.onset().frames(20, false, -60.0);
    rig.give(BargeInput::Onset { utterance: UtteranceId(2) });
    rig.give(BargeInput::Words { utterance: UtteranceId(2), said: "no", agent_says: "", asked: false });
    let released: Vec<_> =
        rig.log.iter().filter(|(_, action)| matches!(action, BargeAction::Release { .. })).collect();
    assert_eq!(released.len(), 2);
    assert!(!rig.machine.withholds(FIRST) && !rig.machine.withholds(UtteranceId(2)));
}

#[test]
fn an_ear_that_tells_no_words_lets_a_long_voice_through() {
    let mut rig = Rig::speaking();
    rig.onset().frames(3, true, LOUD).frames(15, false, -60.0).frames(60, true, LOUD);
    assert_eq!(rig.orders()[1].1, "resume");
    assert_eq!(rig.orders()[2].1, "stop");
}

#[derive(Debug, Clone)]
enum Step {
    Onset,
    Frames(u64, bool, f32),
    Words(&'static str, bool),
    End,
    Settle,
    Agent(bool),
}

fn step() -> impl Strategy<Value = Step> {
    let said = prop::sample::select(vec!["", "um", "mhm", "כן", "לא", "stop", "until six", "open until six"]);
    prop_oneof![
        Just(Step::Onset),
        (1..30_u64, any::<bool>(), -60.0..-5.0_f32)
            .prop_map(|(n, voiced, level)| Step::Frames(n, voiced, level)),
        (said, any::<bool>()).prop_map(|(said, asked)| Step::Words(said, asked)),
        Just(Step::End),
        Just(Step::Settle),
        any::<bool>().prop_map(Step::Agent),
    ]
}

proptest! {
    #[test]
    fn never_stuck_ducked_and_never_unstopped(steps in prop::collection::vec(step(), 1..60)) {
        let mut rig = Rig::speaking();
        let mut utterance = UtteranceId(0);
        for step in steps {
            let speech_ended = at(rig.zero, rig.ms);
            match step {
                Step::Onset => {
                    utterance = utterance.next();
                    rig.give(BargeInput::Onset { utterance });
                }
                Step::Frames(count, voiced, level) => { rig.frames(count, voiced, level); }
                Step::Words(said, asked) => {
                    rig.give(BargeInput::Words { utterance, said, agent_says: "We are open until six.", asked });
                }
                Step::End => { rig.give(BargeInput::Ended { utterance, speech_ended }); }
                Step::Settle => { rig.give(BargeInput::Settled { utterance }); }
                Step::Agent(speaks) => {
                    rig.agent = if speaks {
                        Agent::Speaking { since: at(rig.zero, rig.ms), interruptible: true, awaits_words: true }
                    } else {
                        Agent::Quiet
                    };
                }
            }
        }
        rig.frames(150, false, -60.0);
        let mut ducked_at = None;
        let mut hushed_at = None;
        let mut released: Vec<UtteranceId> = Vec::new();
        for (ms, action) in &rig.log {
            match action {
                BargeAction::Duck { .. } => {
                    prop_assert_eq!(ducked_at, None, "ducked twice");
                    ducked_at = Some(*ms);
                }
                BargeAction::Hush => {
                    prop_assert!(ducked_at.take().is_some(), "it was soft before");
                    hushed_at = Some(*ms);
                }
                BargeAction::Resume => {
                    let was_down = ducked_at.take().or(hushed_at.take());
                    prop_assert!(was_down.is_some(), "a resume restores what was ducked, and nothing else");
                }
                BargeAction::Release { utterance, .. } => {
                    (ducked_at, hushed_at) = (None, None);
                    prop_assert!(released.last().is_none_or(|last| last < utterance), "each once, in order");
                    released.push(*utterance);
                }
                BargeAction::Tell(_) => {}
            }
            if let Some(since) = ducked_at {
                prop_assert!(ms - since <= 540, "ducked for longer than the verdict may take");
            }
        }
        prop_assert_eq!((ducked_at, hushed_at), (None, None), "stuck");
        prop_assert_eq!(rig.machine.poll_timeout(), None);
        prop_assert!(released.iter().all(|utterance| !rig.machine.withholds(*utterance)), "a stop stands");
    }
}
