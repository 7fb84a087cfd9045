//! What the round-trip tests share: a caller's line, a table of sentences, and the counting of errors.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "test code outside of a test function, which clippy does not see as such"
)]

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use moked_core::audio::{BYTES_PER_MS, FRAME_SAMPLES, SILENCE, mulaw};
use moked_core::hints::{RecognitionHints, SlotKind};
use moked_core::ids::{CallSid, UtteranceId};
use moked_core::language::Language;
use moked_core::ports::{HearingEvent, HearingRequest, HearingSession, Sink, SpeechToText};
use moked_providers::embedded::{EarsOptions, EmbeddedEars, EmbeddedVoice, VoiceOptions};

/// Longer than any utterance takes on a busy machine: a test that hangs should say so.
const PATIENCE: Duration = Duration::from_secs(60);

/// Phrases of the demo's agent: what it can answer and what it offers.
pub(crate) const VOCABULARY: [&str; 14] = [
    "rent",
    "buy",
    "sell",
    "apartment",
    "house",
    "opening hours",
    "when are you open",
    "where are you located",
    "address",
    "parking",
    "how much do you charge",
    "commission",
    "a viewing",
    "mortgage",
];

/// One sentence of a caller: how the voice is told to say it, and what should be heard.
pub(crate) struct Said {
    pub(crate) spoken: &'static str,
    pub(crate) expected: &'static str,
    pub(crate) kinds: &'static [SlotKind],
    pub(crate) phrases: &'static [&'static str],
}

const fn said(
    spoken: &'static str,
    expected: &'static str,
    kinds: &'static [SlotKind],
    phrases: &'static [&'static str],
) -> Said {
    Said { spoken, expected, kinds, phrases }
}

const PURPOSE: &[&str] = &["rent", "buy", "sell"];

/// Twenty sentences of the demo's domain with what a receptionist expects at that point.
pub(crate) const IN_DOMAIN: [Said; 20] = [
    said("I want to rent an apartment.", "i want to rent an apartment", &[SlotKind::Choice], PURPOSE),
    said("Buy.", "buy", &[SlotKind::Choice], PURPOSE),
    said(
        "I would like to sell my apartment.",
        "i would like to sell my apartment",
        &[SlotKind::Choice],
        PURPOSE,
    ),
    said("My name is Daniel Cohen.", "my name is daniel cohen", &[SlotKind::Name], &[]),
    said("Sarah Levi.", "sarah levi", &[SlotKind::Name], &[]),
    said("This is Michael.", "this is michael", &[SlotKind::Name], &[]),
    said(
        "Oh five four, one two three, four five six seven.",
        "oh five four one two three four five six seven",
        &[SlotKind::Phone],
        &[],
    ),
    said(
        "My number is zero five oh, nine eight seven, two two one four.",
        "my number is zero five oh nine eight seven two two one four",
        &[SlotKind::Phone],
        &[],
    ),
    said(
        "Oh five two, three three eight, six oh nine one.",
        "oh five two three three eight six oh nine one",
        &[SlotKind::Phone],
        &[],
    ),
    said("Three rooms.", "three rooms", &[SlotKind::Number], &[]),
    said("About five thousand shekels.", "about five thousand shekels", &[SlotKind::Number], &[]),
    said("Tomorrow.", "tomorrow", &[SlotKind::Date], &[]),
    said("Next Wednesday.", "next wednesday", &[SlotKind::Date], &[]),
    said("On the third of March.", "on the third of march", &[SlotKind::Date], &[]),
    said("At half past ten.", "at half past ten", &[SlotKind::Time], &[]),
    said("Tuesday at ten thirty.", "tuesday at ten thirty", &[SlotKind::Date, SlotKind::Time], &[]),
    said("Yes please.", "yes please", &[SlotKind::YesNo], &[]),
    said("No, that's wrong.", "no that's wrong", &[SlotKind::YesNo], &[]),
    said("What are your opening hours?", "what are your opening hours", &[SlotKind::Phone], &[]),
    said("Where are you located?", "where are you located", &[SlotKind::Name], &[]),
];

/// Sentences that no receptionist of an estate office expects.
pub(crate) const OUT_OF_DOMAIN: [&str; 5] = [
    "The quick brown fox jumps over the lazy dog.",
    "Photosynthesis converts sunlight into chemical energy.",
    "My grandmother's cat chased butterflies across the garden.",
    "Quantum computers might break modern cryptography.",
    "The orchestra performed a magnificent symphony last winter.",
];

/// The ears, or a failure that tells what to install.
pub(crate) fn ears(options: EarsOptions) -> EmbeddedEars {
    match EmbeddedEars::load(options) {
        Ok(ears) => ears,
        Err(error) => panic!("{error}"),
    }
}

/// A voice.
pub(crate) fn voice(pitch: f32, stretch: f32) -> EmbeddedVoice {
    EmbeddedVoice::new(VoiceOptions { pitch, stretch, ..VoiceOptions::default() }).unwrap()
}

/// A telephone line into the ears: speak, and read what was heard.
pub(crate) struct Line {
    session: Box<dyn HearingSession>,
    events: Receiver<HearingEvent>,
    utterance: UtteranceId,
}

/// What one utterance brought.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) partials: Vec<String>,
    pub(crate) last: HearingEvent,
}

impl Line {
    pub(crate) fn open(ears: &EmbeddedEars) -> Self {
        let (sender, events) = channel();
        let request = HearingRequest {
            call_sid: CallSid::new("CA00000000000000000000000000000000"),
            language: Language::English,
            vocabulary: VOCABULARY.map(str::to_owned).to_vec(),
        };
        let sink = Sink::new(move |event| drop(sender.send(event)));
        Self { session: ears.open(request, sink).unwrap(), events, utterance: UtteranceId(0) }
    }

    pub(crate) fn expect(&mut self, kinds: &[SlotKind], phrases: &[&str]) {
        let phrases = phrases.iter().map(|&phrase| phrase.to_owned()).collect();
        self.session.expect(&RecognitionHints { phrases, kinds: kinds.to_vec(), keys: None });
    }

    /// One utterance: 300 ms of silence before it and 500 ms after it, in frames of 20 ms, its start told
    /// 200 ms late, as a voice detector would.
    pub(crate) fn say(&mut self, samples: &[i16]) -> Outcome {
        let mut audio = vec![SILENCE; 300 * BYTES_PER_MS];
        audio.extend(mulaw::encode(samples));
        audio.extend(vec![SILENCE; 500 * BYTES_PER_MS]);
        self.utterance = self.utterance.next();
        for (number, frame) in audio.chunks(FRAME_SAMPLES).enumerate() {
            if number == 25 {
                self.session.utterance_started(self.utterance);
            }
            self.session.audio(frame);
        }
        self.session.utterance_ended(self.utterance);
        let mut partials = Vec::new();
        loop {
            match self.events.recv_timeout(PATIENCE).expect("an utterance ends with a last word") {
                HearingEvent::Partial { text, .. } => partials.push(text),
                HearingEvent::Turn { .. } => {}
                last @ (HearingEvent::Final { .. }
                | HearingEvent::Rejected { .. }
                | HearingEvent::Failed(_)) => return Outcome { partials, last },
            }
        }
    }
}

/// The fewest words to change, add or take away to make one text of the other.
pub(crate) fn word_errors(expected: &str, heard: &str) -> usize {
    let heard: Vec<&str> = heard.split_whitespace().collect();
    let mut row: Vec<usize> = (0..=heard.len()).collect();
    for (i, word) in expected.split_whitespace().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, other) in heard.iter().enumerate() {
            let changed = diagonal + usize::from(word != *other);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[heard.len()]
}
