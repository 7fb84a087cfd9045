//! Rules of pacing, by a clock of our own.

use proptest::prelude::*;

use super::*;
use crate::testing::{at, start};

const TURN: TurnId = TurnId(1);

fn speak(pacing: &mut Pacing, turn: TurnId, ms: usize, now: Instant) {
    let mulaw = Bytes::from(vec![0x55; ms * BYTES_PER_MS]);
    pacing.handle(PacingInput::Audio { turn, mulaw }, now);
}

fn drain(pacing: &mut Pacing) -> Vec<PacingAction> {
    std::iter::from_fn(|| pacing.next_action()).collect()
}

fn frames(actions: &[PacingAction]) -> usize {
    actions.iter().filter(|action| matches!(action, PacingAction::Frame { .. })).count()
}

#[test]
fn the_lead_is_sent_at_once_and_then_a_frame_every_20_ms() {
    let zero = start();
    let mut pacing = Pacing::new(PacingSettings::default());
    speak(&mut pacing, TURN, 1_000, zero);
    assert_eq!(frames(&drain(&mut pacing)), 7, "120 ms of lead and the frame that plays now");
    assert_eq!(pacing.poll_timeout(), Some((at(zero, 20), PacingTimer::NextFrame)));
    pacing.handle_timeout(at(zero, 20));
    assert_eq!(frames(&drain(&mut pacing)), 1);
}

#[test]
fn a_late_tick_is_made_up() {
    let zero = start();
    let mut pacing = Pacing::new(PacingSettings::default());
    speak(&mut pacing, TURN, 1_000, zero);
    drain(&mut pacing);
    pacing.handle_timeout(at(zero, 100));
    assert_eq!(frames(&drain(&mut pacing)), 5);
}

#[test]
fn marks_come_every_200_ms_and_at_the_ends() {
    let zero = start();
    let mut pacing = Pacing::new(PacingSettings { lead: Duration::from_secs(9), ..Default::default() });
    pacing.handle(PacingInput::Sentence { turn: TURN, text: "Hello.".into() }, zero);
    speak(&mut pacing, TURN, 500, zero);
    pacing.handle(PacingInput::SentenceEnded { turn: TURN }, zero);
    pacing.handle(PacingInput::TurnEnded { turn: TURN }, zero);
    let marks: Vec<_> = drain(&mut pacing)
        .into_iter()
        .filter_map(|action| match action {
            PacingAction::Mark { kind, .. } => Some(kind),
            PacingAction::Sentence { .. }
            | PacingAction::Frame { .. }
            | PacingAction::MoreText { .. }
            | PacingAction::WordEnds { .. }
            | PacingAction::SentenceLength { .. }
            | PacingAction::SentenceEnded { .. }
            | PacingAction::TakeBack { .. }
            | PacingAction::Clear => None,
        })
        .collect();
    assert_eq!(marks, [MarkKind::Progress, MarkKind::Progress, MarkKind::SentenceEnd, MarkKind::TurnEnd]);
}

#[test]
fn a_sentences_length_is_told_as_soon_as_its_audio_is_complete() {
    let zero = start();
    let mut pacing = Pacing::new(PacingSettings::default());
    for text in ["First.", "Second."] {
        pacing.handle(PacingInput::Sentence { turn: TURN, text: text.into() }, zero);
        speak(&mut pacing, TURN, 1_000, zero);
        pacing.handle(PacingInput::SentenceEnded { turn: TURN }, zero);
    }
    assert!(drain(&mut pacing).contains(&PacingAction::SentenceLength { turn: TURN, bytes: 8_000 }));
    for ms in (0..1_000).step_by(20) {
        pacing.handle_timeout(at(zero, ms));
    }
    let second =
        PacingAction::Sentence { turn: TURN, text: "Second.".into(), bytes: Some(8_000), word_ends: vec![] };
    assert!(drain(&mut pacing).contains(&second));
}

#[test]
fn words_that_come_with_their_audio_join_their_sentence() {
    let zero = start();
    let mut pacing = Pacing::new(PacingSettings::default());
    let more = |text: &str| PacingInput::MoreText { turn: TURN, text: text.into() };
    for text in ["We are", "Thank you"] {
        pacing.handle(PacingInput::Sentence { turn: TURN, text: text.into() }, zero);
        pacing.handle(more(" open"), zero);
        speak(&mut pacing, TURN, 1_000, zero);
    }
    let told = drain(&mut pacing);
    assert_eq!(told[1], PacingAction::MoreText { turn: TURN, text: " open".into() }, "it has begun");
    for ms in (0..1_000).step_by(20) {
        pacing.handle_timeout(at(zero, ms));
    }
    let text = "Thank you open".into();
    let second = PacingAction::Sentence { turn: TURN, text, bytes: None, word_ends: vec![] };
    assert!(drain(&mut pacing).contains(&second), "it had not");
}

#[test]
fn a_turn_that_does_not_fill_its_last_frame_is_padded_with_silence() {
    let zero = start();
    let mut pacing = Pacing::new(PacingSettings::default());
    speak(&mut pacing, TURN, 25, zero);
    pacing.handle(PacingInput::TurnEnded { turn: TURN }, zero);
    let actions = drain(&mut pacing);
    let PacingAction::Frame { mulaw, .. } = &actions[1] else { panic!("{actions:?}") };
    assert_eq!(mulaw.len(), FRAME_SAMPLES);
    assert_eq!(mulaw[40..], [SILENCE; 120]);
}

#[test]
fn nothing_of_a_cancelled_turn_is_sent_any_more() {
    let zero = start();
    let mut pacing = Pacing::new(PacingSettings::default());
    speak(&mut pacing, TURN, 1_000, zero);
    drain(&mut pacing);
    pacing.handle(PacingInput::Cancel { turn: TURN, unplayed: true }, at(zero, 50));
    speak(&mut pacing, TURN, 500, at(zero, 60));
    assert_eq!(drain(&mut pacing), [PacingAction::Clear]);
    speak(&mut pacing, TURN.next(), 20, at(zero, 70));
    assert_eq!(frames(&drain(&mut pacing)), 1);
}

#[test]
fn a_rewound_turn_is_sent_anew() {
    let zero = start();
    let mut pacing = Pacing::new(PacingSettings::default());
    speak(&mut pacing, TURN, 1_000, zero);
    drain(&mut pacing);
    pacing.handle(PacingInput::Rewind { unplayed: true }, at(zero, 50));
    assert_eq!(drain(&mut pacing), [PacingAction::Clear]);
    speak(&mut pacing, TURN, 20, at(zero, 60));
    assert_eq!(frames(&drain(&mut pacing)), 1, "the turn is not dead");
}

#[test]
fn nothing_is_cleared_when_nothing_is_queued_at_the_carrier() {
    let mut pacing = Pacing::new(PacingSettings::default());
    pacing.handle(PacingInput::Cancel { turn: TURN, unplayed: false }, start());
    assert_eq!(drain(&mut pacing), []);
}

#[test]
fn audio_after_a_gap_begins_a_new_run_without_a_burst_of_arrears() {
    let zero = start();
    let mut pacing = Pacing::new(PacingSettings::default());
    speak(&mut pacing, TURN, 100, zero);
    drain(&mut pacing);
    speak(&mut pacing, TURN, 5_000, at(zero, 10_000));
    assert_eq!(frames(&drain(&mut pacing)), 7);
}

proptest! {
    /// However late the ticks come, the carrier never holds more than the lead and a frame, and nothing is
    /// lost or reordered.
    #[test]
    fn the_lead_is_bounded_and_every_byte_arrives(delays in prop::collection::vec(0_u64..70, 1..400)) {
        let zero = start();
        let mut now = zero;
        let mut pacing = Pacing::new(PacingSettings::default());
        let audio: Vec<u8> = (0..40_000_u32).map(|index| (index % 251) as u8).collect();
        pacing.handle(PacingInput::Audio { turn: TURN, mulaw: Bytes::from(audio.clone()) }, zero);
        pacing.handle(PacingInput::TurnEnded { turn: TURN }, zero);
        let mut sent = Vec::new();
        let mut drained_at = zero;
        for delay in delays.into_iter().chain(std::iter::repeat_n(20, 600)) {
            for action in drain(&mut pacing) {
                if let PacingAction::Frame { mulaw, .. } = action {
                    sent.extend_from_slice(&mulaw);
                    drained_at = drained_at.max(now) + Duration::from_millis(20);
                    prop_assert!(drained_at <= now + Duration::from_millis(140));
                }
            }
            now += Duration::from_millis(delay);
            pacing.handle_timeout(now);
        }
        prop_assert_eq!(sent, audio);
    }
}
