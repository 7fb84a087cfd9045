//! Pacer and ledger against a carrier with an ear: what the books say was heard, and what was.
//!
//! The carrier is a way there, a buffer that plays eight bytes a millisecond, and a way back. Both ways keep the order
//! of messages, as TCP does, take their time, and stand still now and then. Some echoes never come.

use bytes::Bytes;
use proptest::prelude::*;

use super::*;
use crate::audio::FRAME_SAMPLES;
use crate::pacing::{Pacing, PacingAction, PacingInput, PacingSettings};
use crate::testing::{at, start};

const TURN: TurnId = TurnId(1);

/// Words of 400 ms, each its own number.
const WORD: usize = 400 * BYTES_PER_MS;
const WORDS: usize = 10;

#[derive(Debug)]
enum Order {
    Audio(usize),
    Mark(MarkName),
    Clear,
}

/// Messages on their way, with the ms at which they arrive.
#[derive(Debug)]
struct Way<T> {
    messages: VecDeque<(u64, T)>,
    newest: u64,
}

impl<T> Way<T> {
    fn new() -> Self {
        Self { messages: VecDeque::new(), newest: 0 }
    }

    fn send(&mut self, message: T, arrives: u64) {
        self.newest = self.newest.max(arrives);
        self.messages.push_back((self.newest, message));
    }

    fn arrived(&mut self, ms: u64) -> Option<T> {
        self.messages.pop_front_if(|(arrives, _)| *arrives <= ms).map(|(_, message)| message)
    }
}

/// The carrier's end.
#[derive(Debug, Default)]
struct Ear {
    heard: usize,
    queue: VecDeque<Queued>,
}

#[derive(Debug)]
enum Queued {
    Byte,
    Mark(MarkName),
}

impl Ear {
    /// Takes an order; gives the marks that come back for it.
    fn take(&mut self, order: Order) -> Vec<MarkName> {
        match order {
            Order::Audio(bytes) => self.queue.extend((0..bytes).map(|_| Queued::Byte)),
            Order::Mark(name) => self.queue.push_back(Queued::Mark(name)),
            Order::Clear => {
                let thrown = self.queue.drain(..);
                return thrown.filter_map(mark).collect();
            }
        }
        self.marks_due()
    }

    fn play_one_ms(&mut self) -> Vec<MarkName> {
        let mut echoes = self.marks_due();
        for _ in 0..BYTES_PER_MS {
            if self.queue.pop_front_if(|queued| matches!(queued, Queued::Byte)).is_some() {
                self.heard += 1;
            }
            echoes.extend(self.marks_due());
        }
        echoes
    }

    fn marks_due(&mut self) -> Vec<MarkName> {
        let mut due = Vec::new();
        while let Some(queued) = self.queue.pop_front_if(|queued| matches!(queued, Queued::Mark(_))) {
            due.extend(mark(queued));
        }
        due
    }
}

fn mark(queued: Queued) -> Option<MarkName> {
    match queued {
        Queued::Mark(name) => Some(name),
        Queued::Byte => None,
    }
}

/// What befalls a call, each at a time in ms.
#[derive(Debug, Clone)]
struct Line {
    /// The way there and back, each.
    latency: u64,
    /// Time in which the way there stands still: from when, how long.
    stalls: Vec<(u64, u64)>,
    /// Echoes that are lost, by their number.
    lost: Vec<usize>,
    duck: Option<(u64, u64)>,
    /// Whether the agent is silent in the second half of being ducked.
    hushes: bool,
    clear: u64,
}

fn line() -> impl Strategy<Value = Line> {
    let stalls = prop::collection::vec((0..4_000_u64, 1..200_u64), 0..4);
    let lost = prop::collection::vec(0..20_usize, 0..6);
    let duck = prop::option::of((0..4_000_u64, 20..500_u64));
    let all = (0..60_u64, stalls, lost, duck, any::<bool>(), 1..4_600_u64);
    all.prop_map(|(latency, stalls, lost, duck, hushes, clear)| Line {
        latency,
        stalls,
        lost,
        duck,
        hushes,
        clear,
    })
}

/// Both ends of a line.
struct Call {
    line: Line,
    ledger: PlaybackLedger,
    pacing: Pacing,
    there: Way<Order>,
    back: Way<MarkName>,
    ear: Ear,
    echoes: usize,
    sent: usize,
}

impl Call {
    fn on(line: Line) -> Self {
        let mut pacing = Pacing::new(PacingSettings::default());
        let zero = start();
        for word in 0..WORDS {
            let mulaw = Bytes::from(vec![0x90; WORD]);
            pacing.handle(PacingInput::Sentence { turn: TURN, text: format!("w{word}") }, zero);
            pacing.handle(PacingInput::Audio { turn: TURN, mulaw }, zero);
            pacing.handle(PacingInput::SentenceEnded { turn: TURN }, zero);
        }
        pacing.handle(PacingInput::TurnEnded { turn: TURN }, zero);
        let (ledger, there, back, ear) = (PlaybackLedger::default(), Way::new(), Way::new(), Ear::default());
        Self { line, ledger, pacing, there, back, ear, echoes: 0, sent: 0 }
    }

    fn arrives(&self, ms: u64) -> u64 {
        let held = self.line.stalls.iter().filter(|(from, long)| (*from..from + long).contains(&ms));
        held.map(|(from, long)| from + long).max().unwrap_or(ms) + self.line.latency
    }

    fn obey(&mut self, ms: u64) {
        let (now, arrives) = (at(start(), ms), self.arrives(ms));
        while let Some(action) = self.pacing.next_action() {
            match action {
                PacingAction::Sentence { turn, text, bytes, word_ends } => {
                    self.ledger.sentence(turn, text, bytes, word_ends);
                }
                PacingAction::SentenceLength { turn, bytes } => self.ledger.sentence_length(turn, bytes),
                PacingAction::SentenceEnded { turn } => self.ledger.sentence_ended(turn),
                PacingAction::Frame { turn, mulaw } => {
                    self.ledger.frame_sent(turn, mulaw.len(), now);
                    self.sent += mulaw.len();
                    self.there.send(Order::Audio(mulaw.len()), arrives);
                }
                PacingAction::Mark { turn, kind } => {
                    let name = self.ledger.mark_sent(turn, kind, now);
                    self.there.send(Order::Mark(name), arrives);
                }
                PacingAction::TakeBack { turn, bytes } => {
                    self.ledger.taken_back(turn, bytes, now);
                    self.sent -= bytes;
                    self.there.send(Order::Clear, arrives);
                }
                PacingAction::Clear => {
                    self.ledger.cleared(now);
                    self.there.send(Order::Clear, arrives);
                }
                PacingAction::MoreText { .. } | PacingAction::WordEnds { .. } => {}
            }
        }
    }

    /// A millisecond passes on both ends.
    fn pass(&mut self, ms: u64) {
        let now = at(start(), ms);
        let duck = self.line.duck;
        if duck.is_some_and(|(from, _)| from == ms) {
            let unplayed = self.ledger.unplayed_bytes(now);
            self.pacing.handle(PacingInput::Duck { unplayed }, now);
        }
        if self.line.hushes && duck.is_some_and(|(from, long)| from + long / 2 == ms) {
            let unplayed = self.ledger.unplayed_bytes(now);
            self.pacing.handle(PacingInput::Hush { unplayed }, now);
        }
        if duck.is_some_and(|(from, long)| from + long == ms) {
            self.pacing.handle(PacingInput::FullLevel, now);
        }
        if ms == self.line.clear {
            let unplayed = self.ledger.has_unplayed(now);
            self.pacing.handle(PacingInput::Cancel { turn: TURN, unplayed }, now);
        }
        self.pacing.marks_jitter(self.ledger.jitter());
        self.pacing.handle_timeout(now);
        self.obey(ms);
        let mut echoes = Vec::new();
        while let Some(order) = self.there.arrived(ms) {
            echoes.extend(self.ear.take(order));
        }
        echoes.extend(self.ear.play_one_ms());
        for name in echoes {
            self.echoes += 1;
            if !self.line.lost.contains(&self.echoes) {
                self.back.send(name, ms + self.line.latency);
            }
        }
        while let Some(name) = self.back.arrived(ms) {
            self.ledger.mark_reached(&name, now);
        }
    }
}

/// How long the line at worst holds a message.
fn longest_hold(line: &Line) -> u64 {
    line.stalls.iter().map(|(_, long)| long).sum()
}

fn words(bytes: usize) -> usize {
    bytes / WORD
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever the line does, no more counts as heard than was sent; what was cut stays as it was cut; and the
    /// words in the books are those of the ear, give or take one.
    #[test]
    fn what_counts_as_heard_is_what_the_ear_heard_within_a_word(line in line()) {
        let mut call = Call::on(line.clone());
        let mut cut = None;
        for ms in 0..6_000 {
            call.pass(ms);
            let heard = call.ledger.heard_bytes(TURN, at(start(), ms));
            prop_assert!(heard <= call.sent.max(cut.unwrap_or_default()), "{heard} of {}", call.sent);
            if ms >= line.clear {
                prop_assert_eq!(*cut.get_or_insert(heard), heard, "at {} ms", ms);
            }
        }
        let (heard, truth) = (cut.unwrap(), call.ear.heard);
        prop_assert!(words(heard).abs_diff(words(truth)) <= 1, "{heard} bytes of {truth}");
        let said = call.ledger.heard_text(TURN, at(start(), 6_000));
        // Where a sentence begins in the middle of a frame it counts from that frame's first byte.
        let said_words = said.split_whitespace().count();
        prop_assert!((words(heard)..=words(heard + FRAME_SAMPLES)).contains(&said_words), "{said}: {heard}");
    }

    /// On a line that only takes its time, the books are never ahead of the ear by more than a frame, nor behind it
    /// by more than the way there and back; and as time passes they never go back.
    #[test]
    fn on_a_line_that_holds_the_books_follow_the_ear(latency in 0..60_u64, clear in 1..4_600_u64) {
        let mut call = Call::on(Line { latency, stalls: vec![], lost: vec![], duck: None, hushes: false, clear });
        let mut last = 0;
        // After a few marks the lag is learned.
        let learned = 2_000;
        for ms in 0..6_000 {
            call.pass(ms);
            let heard = call.ledger.heard_bytes(TURN, at(start(), ms));
            if ms > learned && ms < clear {
                prop_assert!(heard + 2 * BYTES_PER_MS >= last, "{last} fell to {heard} at {ms} ms");
            }
            last = heard;
        }
        let truth = call.ear.heard;
        let lag = 2 * latency as usize * BYTES_PER_MS;
        prop_assert!(last <= truth + FRAME_SAMPLES, "{last} bytes of {truth}");
        prop_assert!(last + lag + FRAME_SAMPLES >= truth, "{last} bytes of {truth}");
    }

    /// `clear` goes out exactly when the carrier may hold something, and then nothing more is played.
    #[test]
    fn nothing_sounds_after_a_clear_and_none_is_sent_in_vain(line in line()) {
        let mut call = Call::on(line.clone());
        let hold = longest_hold(&line) + 2 * line.latency;
        let mut after = None;
        for ms in 0..7_000 {
            call.pass(ms);
            if ms == line.clear + hold {
                after = Some(call.ear.heard);
            }
        }
        prop_assert_eq!(after, Some(call.ear.heard));
        prop_assert!(call.there.messages.is_empty());
    }
}
