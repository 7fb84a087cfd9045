//! The model of Twilio's playback buffer against its rules.

use moked_core::audio::mulaw;
use proptest::prelude::*;

use super::*;

const LOUD: u8 = 0x10;

fn audio(ms: usize) -> ServerMessage {
    ServerMessage::Media { payload: vec![LOUD; ms * BYTES_PER_MS] }
}

fn mark(name: &str) -> ServerMessage {
    ServerMessage::Mark { name: MarkName::new(name) }
}

struct Rig {
    ear: Ear,
    start: Instant,
}

impl Rig {
    fn new() -> Self {
        let start = Instant::now();
        Self { ear: Ear::new(start, DEFAULT_PAUSE), start }
    }

    fn at(&self, ms: u64) -> Instant {
        self.start + Duration::from_millis(ms)
    }

    fn get(&mut self, ms: u64, message: ServerMessage) -> &mut Self {
        self.ear.handle(message, self.at(ms));
        self
    }

    fn wake(&mut self, ms: u64) -> &mut Self {
        self.ear.handle_timeout(self.at(ms));
        self
    }

    fn events(&mut self) -> Vec<(u64, EarEvent)> {
        std::iter::from_fn(|| self.ear.next_action()).map(|entry| (entry.at_ms, entry.event)).collect()
    }
}

fn played(name: &str) -> EarEvent {
    EarEvent::MarkPlayed { name: MarkName::new(name) }
}

fn queued(name: &str) -> EarEvent {
    EarEvent::MarkQueued { name: MarkName::new(name) }
}

#[test]
fn a_mark_returns_when_its_audio_was_played_and_not_a_millisecond_earlier() {
    let mut rig = Rig::new();
    rig.get(100, audio(50)).get(100, mark("a"));
    rig.wake(149);
    assert_eq!(rig.events(), [(100, queued("a")), (100, EarEvent::AgentBegan)]);
    assert_eq!(rig.ear.poll_timeout(), Some((rig.at(150), EarWake::MarkDue)));
    rig.wake(150);
    assert_eq!(rig.events(), [(150, played("a"))]);
}

#[test]
fn a_mark_on_an_empty_queue_returns_at_once() {
    let mut rig = Rig::new();
    rig.get(30, mark("a"));
    assert_eq!(rig.events(), [(30, queued("a")), (30, played("a"))]);
}

#[test]
fn a_clear_returns_all_marks_and_what_was_queued_is_never_heard() {
    let mut rig = Rig::new();
    rig.get(0, audio(100)).get(0, mark("a")).get(0, audio(100)).get(0, mark("b"));
    rig.get(40, ServerMessage::Clear).wake(500);
    let cleared = |name: &str| EarEvent::MarkCleared { name: MarkName::new(name) };
    let events = rig.events();
    assert!(events.contains(&(40, EarEvent::Cleared { discarded_ms: 160 })));
    assert!(events.contains(&(40, cleared("a"))) && events.contains(&(40, cleared("b"))));
    assert!(!events.iter().any(|(_, event)| matches!(event, EarEvent::MarkPlayed { .. })));
    assert_eq!(rig.ear.heard().iter().filter(|&&byte| byte == LOUD).count(), 40 * BYTES_PER_MS);
    assert_eq!(rig.ear.heard().len(), 500 * BYTES_PER_MS);
}

#[test]
fn a_hole_inside_an_utterance_is_an_underrun_and_is_heard_as_silence() {
    let mut rig = Rig::new();
    rig.get(0, audio(100)).get(130, audio(100)).wake(230);
    assert!(rig.events().contains(&(130, EarEvent::Underrun { gap_ms: 30.0 })));
    assert_eq!(rig.ear.observe().underruns, 1);
    let hole = &rig.ear.heard()[100 * BYTES_PER_MS..130 * BYTES_PER_MS];
    assert!(hole.iter().all(|&byte| byte == SILENCE));
}

#[test]
fn a_pause_between_two_utterances_is_no_underrun() {
    let mut rig = Rig::new();
    rig.get(0, audio(100)).get(700, audio(100)).wake(900);
    assert_eq!(rig.ear.observe().underruns, 0);
    assert_eq!(rig.ear.observe().utterances, 2);
}

#[test]
fn after_a_clear_new_audio_plays_at_once_and_counts_as_no_hole() {
    let mut rig = Rig::new();
    rig.get(0, audio(100)).get(20, ServerMessage::Clear).get(60, audio(20)).wake(80);
    assert_eq!(rig.ear.observe().underruns, 0);
    assert_eq!(rig.ear.heard()[60 * BYTES_PER_MS], LOUD);
}

#[test]
fn the_agent_has_finished_after_600_ms_of_an_empty_queue() {
    let mut rig = Rig::new();
    rig.get(0, audio(100)).wake(699);
    assert!(rig.ear.observe().agent_speaks);
    assert_eq!(rig.ear.poll_timeout(), Some((rig.at(700), EarWake::PauseEnds)));
    rig.wake(700);
    assert_eq!(
        rig.events(),
        [(0, EarEvent::AgentBegan), (700, EarEvent::AgentFinished { last_audible_ms: 100 })]
    );
}

#[test]
fn queued_silence_before_more_speech_does_not_end_the_utterance() {
    let mut rig = Rig::new();
    let quiet = ServerMessage::Media { payload: vec![SILENCE; 3_000 * BYTES_PER_MS] };
    rig.get(0, audio(100)).get(0, quiet).get(0, audio(100)).wake(3_000);
    assert!(rig.ear.observe().agent_speaks);
    rig.wake(3_200);
    assert_eq!(rig.ear.observe().utterances, 1);
}

#[test]
fn an_agent_that_sends_silence_for_ever_has_finished_after_two_pauses() {
    let mut rig = Rig::new();
    let quiet = ServerMessage::Media { payload: vec![SILENCE; 60_000 * BYTES_PER_MS] };
    rig.get(0, audio(100)).get(0, quiet).wake(1_299);
    assert!(rig.ear.observe().agent_speaks);
    rig.wake(1_300);
    assert!(!rig.ear.observe().agent_speaks);
}

#[test]
fn more_than_ten_minutes_are_thrown_away() {
    let mut rig = Rig::new();
    rig.get(0, ServerMessage::Media { payload: vec![LOUD; BUFFER_LIMIT - 80] }).get(0, audio(30));
    assert_eq!(rig.ear.observe().overflow_bytes, 20 * BYTES_PER_MS);
    assert!(rig.events().contains(&(0, EarEvent::Overflow { discarded_ms: 20 })));
    assert_eq!(rig.ear.observe().queued_bytes, BUFFER_LIMIT);
}

#[test]
fn the_tail_of_a_short_sound_is_judged_although_a_mark_woke_the_ear_first() {
    let mut rig = Rig::new();
    rig.get(0, audio(10)).get(0, mark("a")).wake(10);
    assert_eq!(rig.ear.poll_timeout(), Some((rig.at(20), EarWake::Listen)));
    rig.wake(20);
    assert!(rig.ear.observe().agent_speaks);
}

#[derive(Debug, Clone)]
enum Step {
    Audio(usize),
    Mark,
    Clear,
    Wait(u64),
    FollowTimeout,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => (1_usize..4_000).prop_map(Step::Audio),
        3 => Just(Step::Mark),
        1 => Just(Step::Clear),
        3 => (0_u64..400_000).prop_map(Step::Wait),
        2 => Just(Step::FollowTimeout),
    ];
    prop::collection::vec(step, 1..80)
}

proptest! {
    /// Bytes heard are bytes sent without those cleared and those still waiting; every mark returns exactly
    /// once, in order, never before the audio ahead of it; and a timeout always makes progress.
    #[test]
    fn nothing_is_lost_doubled_or_early(steps in steps()) {
        let start = Instant::now();
        let mut now = start;
        let mut ear = Ear::new(start, DEFAULT_PAUSE);
        let (mut sent, mut discarded, mut marks) = (0_usize, 0_usize, 0_usize);
        let mut sent_before_mark = Vec::new();
        let mut returned = Vec::new();
        for step in steps {
            let heard_before = ear.heard().len();
            match step {
                Step::Audio(bytes) => {
                    sent += bytes;
                    ear.handle(ServerMessage::Media { payload: vec![LOUD; bytes] }, now);
                }
                Step::Mark => {
                    sent_before_mark.push(sent);
                    ear.handle(mark(&marks.to_string()), now);
                    marks += 1;
                }
                Step::Clear => {
                    ear.handle_timeout(now);
                    discarded += ear.observe().queued_bytes;
                    ear.handle(ServerMessage::Clear, now);
                    prop_assert_eq!(ear.observe().queued_bytes, 0);
                }
                Step::Wait(micros) => {
                    now += Duration::from_micros(micros);
                    ear.handle_timeout(now);
                }
                Step::FollowTimeout => if let Some((at, why)) = ear.poll_timeout() {
                    let (log, judged) = (ear.log().len(), ear.talk.next_window_end());
                    now = now.max(at);
                    ear.handle_timeout(now);
                    let moved = ear.log().len() > log || ear.talk.next_window_end() > judged;
                    prop_assert!(moved, "{:?} changed nothing", why);
                },
            }
            prop_assert!(ear.heard().len() >= heard_before);
            let loud = ear.heard().iter().filter(|&&byte| byte == LOUD).count();
            prop_assert_eq!(loud + discarded + ear.observe().queued_bytes, sent);
            while let Some(entry) = ear.next_action() {
                match entry.event {
                    EarEvent::MarkPlayed { name } => {
                        let number: usize = name.as_str().parse().unwrap();
                        prop_assert!(loud + discarded >= sent_before_mark[number], "mark {} early", number);
                        returned.push(number);
                    }
                    EarEvent::MarkCleared { name } => returned.push(name.as_str().parse().unwrap()),
                    EarEvent::MarkQueued { .. } | EarEvent::Cleared { .. } | EarEvent::AgentBegan
                    | EarEvent::AgentFinished { .. } | EarEvent::Underrun { .. } | EarEvent::Overflow { .. } => {}
                }
            }
        }
        let left = Duration::from_millis((ear.observe().queued_bytes / BYTES_PER_MS) as u64 + 1);
        ear.handle_timeout(now + left);
        while let Some(entry) = ear.next_action() {
            if let EarEvent::MarkPlayed { name } = entry.event {
                returned.push(name.as_str().parse().unwrap());
            }
        }
        prop_assert_eq!(returned, (0..marks).collect::<Vec<_>>());
    }
}

#[test]
fn the_loud_byte_of_these_tests_is_audible() {
    assert!(mulaw::decode_sample(LOUD).unsigned_abs() > 10_000);
}
