//! The end of an utterance, rule by rule.

use super::*;
use crate::testing::{at, start};

const FIRST: UtteranceId = UtteranceId(1);

#[test]
fn an_utterance_ends_450_ms_after_the_last_voice() {
    let zero = start();
    let mut ends = Endpointing::new(EndpointingSettings::default(), Arc::default());
    assert_eq!(ends.handle(VoiceChange::Onset, zero), Some(Endpoint::SpeechStarted { utterance: FIRST }));
    let offset = VoiceChange::Offset { last_voice: at(zero, 1_000) };
    assert_eq!(ends.handle(offset, at(zero, 1_200)), None);
    assert_eq!(ends.poll_timeout(), Some(at(zero, 1_450)));
    assert_eq!(ends.handle_timeout(at(zero, 1_449)), None);
    let ended = Endpoint::UtteranceEnded {
        utterance: FIRST,
        speech_ended: at(zero, 1_000),
        reason: EndReason::Silence,
    };
    assert_eq!(ends.handle_timeout(at(zero, 1_450)), Some(ended));
    assert_eq!(ends.poll_timeout(), None);
}

#[test]
fn a_short_pause_belongs_to_the_utterance() {
    let zero = start();
    let mut ends = Endpointing::new(EndpointingSettings::default(), Arc::default());
    ends.handle(VoiceChange::Onset, zero);
    ends.handle(VoiceChange::Offset { last_voice: at(zero, 500) }, at(zero, 700));
    assert_eq!(ends.handle(VoiceChange::Onset, at(zero, 900)), None);
    assert_eq!(ends.handle_timeout(at(zero, 950)), None);
    assert_eq!(ends.observe().utterance, FIRST);
}

#[test]
fn a_recognisers_vote_ends_a_pause_and_not_speech() {
    let zero = start();
    let mut ends = Endpointing::new(EndpointingSettings::default(), Arc::default());
    ends.handle(VoiceChange::Onset, zero);
    ends.signal(FIRST, TurnSignal::Ended, at(zero, 600));
    assert_eq!(ends.handle_timeout(at(zero, 600)), None);
    let offset = VoiceChange::Offset { last_voice: at(zero, 500) };
    let reason = EndReason::Recogniser;
    let ended = Endpoint::UtteranceEnded { utterance: FIRST, speech_ended: at(zero, 500), reason };
    assert_eq!(ends.handle(offset, at(zero, 700)), Some(ended));
}

#[test]
fn a_vote_is_void_when_the_caller_speaks_on() {
    let zero = start();
    let mut ends = Endpointing::new(EndpointingSettings::default(), Arc::default());
    ends.handle(VoiceChange::Onset, zero);
    ends.signal(FIRST, TurnSignal::Ended, at(zero, 600));
    assert_eq!(ends.handle(VoiceChange::Offset { last_voice: at(zero, 2_000) }, at(zero, 2_200)), None);
    assert_eq!(ends.poll_timeout(), Some(at(zero, 2_450)));
}

#[test]
fn words_that_come_in_the_pause_change_its_limit() {
    let zero = start();
    let mut ends = Endpointing::new(EndpointingSettings::default(), Arc::default());
    ends.handle(VoiceChange::Onset, zero);
    ends.handle(VoiceChange::Offset { last_voice: at(zero, 500) }, at(zero, 700));
    ends.words(FIRST, "I want to rent and");
    assert_eq!(ends.poll_timeout(), Some(at(zero, 1_600)));
    ends.words(FIRST, "I want to rent and buy.");
    assert_eq!(ends.poll_timeout(), Some(at(zero, 800)));
}

#[test]
fn a_dictated_number_with_long_pauses_is_one_utterance_that_ends_with_its_last_digit() {
    let zero = start();
    let mut ends = Endpointing::new(EndpointingSettings::default(), Arc::default());
    let hints = RecognitionHints { phrases: vec![], kinds: vec![SlotKind::Phone], keys: None };
    ends.expect(TurnId(3), &hints, "");
    let mut ms = 0;
    let mut said = String::new();
    for group in ["oh five two", " one two three", " four five six seven"] {
        ends.handle(VoiceChange::Onset, at(zero, ms));
        said.push_str(group);
        ends.words(FIRST, &said);
        ms += 800;
        let offset = VoiceChange::Offset { last_voice: at(zero, ms) };
        assert_eq!(ends.handle(offset, at(zero, ms + 200)), None);
        ms += 1_200;
        if said.len() < 30 {
            assert_eq!(ends.handle_timeout(at(zero, ms)), None, "{said}");
        }
    }
    let (speech_ended, reason) = (at(zero, ms - 1_200), EndReason::Complete);
    let ended = Endpoint::UtteranceEnded { utterance: FIRST, speech_ended, reason };
    assert_eq!(ends.poll_timeout(), Some(at(zero, ms - 900)));
    assert_eq!(ends.handle_timeout(at(zero, ms - 900)), Some(ended));
}

#[test]
fn a_dictation_that_breaks_off_is_waited_for_up_to_a_cap() {
    let zero = start();
    let mut ends = Endpointing::new(EndpointingSettings::default(), Arc::default());
    ends.expect(TurnId(3), &RecognitionHints::default(), "What is your phone number?");
    ends.key(TurnId(3), '0');
    ends.handle(VoiceChange::Onset, zero);
    ends.words(FIRST, "five two");
    ends.handle(VoiceChange::Offset { last_voice: at(zero, 500) }, at(zero, 700));
    assert_eq!(ends.poll_timeout(), Some(at(zero, 2_500)));
    let reason = EndReason::Dictation;
    let ended = Endpoint::UtteranceEnded { utterance: FIRST, speech_ended: at(zero, 500), reason };
    assert_eq!(ends.handle_timeout(at(zero, 2_500)), Some(ended));
}

#[test]
fn an_endless_utterance_is_ended_at_the_cap() {
    let zero = start();
    let mut ends = Endpointing::new(EndpointingSettings::default(), Arc::default());
    ends.handle(VoiceChange::Onset, zero);
    let due = at(zero, 30_000);
    let ended = Endpoint::UtteranceEnded { utterance: FIRST, speech_ended: due, reason: EndReason::TooLong };
    assert_eq!(ends.handle_timeout(due), Some(ended));
}

#[test]
fn a_pause_after_words_is_probably_the_end_until_he_goes_on() {
    let zero = start();
    let mut ends = Endpointing::new(EndpointingSettings::default(), Arc::default());
    let (likely, goes_on) =
        (Endpoint::LikelyOver { utterance: FIRST }, Endpoint::GoesOn { utterance: FIRST });
    ends.handle(VoiceChange::Onset, zero);
    ends.words(FIRST, "two rooms");
    assert_eq!(ends.outlook(), None, "he speaks");
    ends.handle(VoiceChange::Offset { last_voice: at(zero, 500) }, at(zero, 700));
    assert_eq!(ends.outlook(), Some(likely));
    assert_eq!(ends.outlook(), None, "once");
    ends.words(FIRST, "two rooms and");
    assert_eq!(ends.outlook(), Some(goes_on), "more must follow");
    ends.words(FIRST, "two rooms and a view");
    assert_eq!(ends.outlook(), Some(likely));
    ends.handle(VoiceChange::Onset, at(zero, 900));
    assert_eq!(ends.outlook(), Some(goes_on));
    ends.handle(VoiceChange::Offset { last_voice: at(zero, 1_200) }, at(zero, 1_400));
    assert_eq!(ends.outlook(), Some(likely));
    assert!(ends.handle_timeout(at(zero, 1_700)).is_some());
    assert_eq!(ends.outlook(), None, "it is over");
}

#[test]
fn without_words_or_in_a_dictation_nothing_is_likely() {
    let zero = start();
    let mut ends = Endpointing::new(EndpointingSettings::default(), Arc::default());
    ends.expect(TurnId(3), &RecognitionHints::default(), "What is your phone number?");
    ends.handle(VoiceChange::Onset, zero);
    ends.handle(VoiceChange::Offset { last_voice: at(zero, 500) }, at(zero, 700));
    assert_eq!(ends.outlook(), None);
    ends.words(FIRST, "oh five two");
    assert_eq!(ends.outlook(), None);
    ends.words(FIRST, "oh five two one two three four five six seven");
    assert_eq!(ends.outlook(), Some(Endpoint::LikelyOver { utterance: FIRST }));
}
