//! Speech made soft at once, although a lead of it is already at the carrier.
//!
//! Fading only what was not sent yet would be heard a whole lead (120 to 300 ms) late, and a short lead at all times
//! would stutter on every jitter of the network. So the pacer remembers what it sent of late. To duck, the
//! carrier is cleared and what it had not played is sent again, faded; the bytes are the same, so nothing is
//! lost or said twice. Marks among them are sent again too: their echo now tells nothing.
//!
//! To be silent while the caller's words are not known yet, the carrier is cleared likewise, and what it had not played
//! waits. If the agent may go on it begins with the word that was cut: what the ear has heard since the last pause is
//! taken back too then, and comes again.
//!
//! While ducked a short lead is kept for the half second that it lasts, so that full level, or silence, follows
//! the verdict as fast.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::{MarkKind, Pacing, PacingAction, Queued};
use crate::audio::fade::Fade;
use crate::audio::{level, mulaw};
use crate::ids::TurnId;

/// Lead while ducked: four frames, for jitter of the local timer; that of the network shows in half a second
/// rarely.
const DUCKED_LEAD: Duration = Duration::from_millis(80);

/// Nobody is ducked for longer, or silent, whatever became of the verdict.
const LONGEST: Duration = Duration::from_secs(2);
const LONGEST_SILENCE: Duration = Duration::from_secs(5);

/// How far back a pause may lie from which a silent agent goes on, in frames: most words are shorter than 600 ms.
const WORD: usize = 30;

/// A frame so far below the loudest of its word is a pause in speech, dB.
const PAUSE_DB: f32 = 25.0;

/// Frames remembered: 2.5 s, above the largest lead that settings allow.
const MOST_FRAMES: usize = 125;

#[derive(Debug)]
struct Sent {
    turn: TurnId,
    mulaw: Bytes,
    sentence_ends: bool,
    turn_ends: bool,
}

/// The level, and what was sent of late at full level.
#[derive(Debug, Default)]
pub(super) struct Ducking {
    fade: Fade,
    since: Option<Instant>,
    silent_since: Option<Instant>,
    sent: VecDeque<Sent>,
}

impl Ducking {
    pub(super) fn up(&mut self) {
        self.fade.up();
        self.since = None;
        if self.silent_since.take().is_some() {
            // There is no sound to swell from.
            self.fade = Fade::default();
        }
    }

    /// Until when the agent is silent, if it is.
    pub(super) fn silent_until(&self) -> Option<Instant> {
        self.silent_since.map(|since| since + LONGEST_SILENCE)
    }

    /// Bytes from the last pause to the ear, which has heard all that was sent.
    fn since_pause(&self) -> usize {
        let Some(turn) = self.sent.back().map(|last| last.turn) else { return 0 };
        let of_turn = self.sent.iter().rev().take_while(|sent| sent.turn == turn).take(WORD);
        let heard: Vec<(usize, f32)> = of_turn
            .scan(0, |bytes, sent| {
                *bytes += sent.mulaw.len();
                Some((*bytes, level::dbfs(&mulaw::decode(&sent.mulaw))))
            })
            .collect();
        let loudest = heard.iter().map(|(_, dbfs)| *dbfs).fold(f32::MIN, f32::max);
        let pause = heard.iter().find(|(_, dbfs)| *dbfs < loudest - PAUSE_DB);
        pause.map_or(0, |(bytes, _)| *bytes)
    }

    pub(super) fn is_down(&self) -> bool {
        self.fade.is_down()
    }

    fn down(&mut self, now: Instant) {
        self.fade.down();
        self.since = Some(now);
    }

    /// Remembers a frame that is about to be sent, and brings it to its level.
    pub(super) fn send(&mut self, turn: TurnId, mulaw: Bytes, now: Instant) -> Bytes {
        if self.sent.back().is_some_and(|last| last.turn != turn) {
            // There is no speech to swell: the first word of a turn is as loud as the others.
            (self.fade, self.since, self.silent_since) = (Fade::default(), None, None);
        }
        if self.since.is_some_and(|since| now.saturating_duration_since(since) >= LONGEST) {
            self.up();
        }
        if self.sent.len() == MOST_FRAMES {
            self.sent.pop_front();
        }
        self.sent.push_back(Sent { turn, mulaw: mulaw.clone(), sentence_ends: false, turn_ends: false });
        self.fade.apply(mulaw)
    }

    /// A mark follows the frame sent last.
    pub(super) fn marked(&mut self, kind: MarkKind) {
        if let Some(last) = self.sent.back_mut() {
            match kind {
                // Progress is marked anew by the count of bytes.
                MarkKind::Progress => {}
                MarkKind::SentenceEnd => last.sentence_ends = true,
                MarkKind::TurnEnd => last.turn_ends = true,
            }
        }
    }

    /// Takes back the last bytes sent, if they are remembered and of one turn.
    fn take_back(&mut self, bytes: usize) -> Option<(TurnId, Vec<Queued>)> {
        let turn = self.sent.back()?.turn;
        let of_turn = self.sent.iter().rev().take_while(|sent| sent.turn == turn);
        if of_turn.map(|sent| sent.mulaw.len()).sum::<usize>() < bytes {
            return None;
        }
        let (mut left, mut taken) = (bytes, Vec::new());
        while left > 0
            && let Some(mut sent) = self.sent.pop_back()
        {
            if sent.turn_ends {
                taken.push(Queued::TurnEnded { turn });
            }
            if sent.sentence_ends {
                taken.push(Queued::SentenceMark { turn });
            }
            let again = sent.mulaw.split_off(sent.mulaw.len().saturating_sub(left));
            left -= again.len();
            taken.push(Queued::Audio { turn, mulaw: again });
            if !sent.mulaw.is_empty() {
                self.sent.push_back(Sent { sentence_ends: false, turn_ends: false, ..sent });
            }
        }
        Some((turn, taken))
    }
}

impl Pacing {
    pub(super) fn lead(&self) -> Duration {
        let lead = self.lead.get(&self.settings);
        if self.ducking.is_down() { DUCKED_LEAD.min(lead) } else { lead }
    }

    /// Speaks on softly: from where the ear is, or if that is not remembered from here on.
    pub(super) fn duck(&mut self, unplayed: usize, now: Instant) {
        self.ducking.down(now);
        self.take_back(unplayed);
        self.handle_timeout(now);
    }

    /// Is silent from where the ear is, until it may go on or the turn is dead.
    pub(super) fn hush(&mut self, unplayed: usize, now: Instant) {
        self.take_back(unplayed);
        self.ducking.silent_since = Some(now);
    }

    /// Goes on, at full level; after a silence with the word that it cut, unless nothing was left to be said.
    pub(super) fn full_level(&mut self, now: Instant) {
        let was_silent = self.ducking.silent_until().is_some();
        self.ducking.up();
        if was_silent && !self.queue.is_empty() {
            self.take_back(self.ducking.since_pause());
        }
        self.handle_timeout(now);
    }

    fn take_back(&mut self, bytes: usize) {
        if bytes > 0
            && let Some((turn, again)) = self.ducking.take_back(bytes)
        {
            let rest = self.rest.split().freeze();
            if !rest.is_empty() {
                self.queue.push_front(Queued::Audio { turn, mulaw: rest });
            }
            // They come newest first.
            for queued in again {
                self.queue.push_front(queued);
            }
            (self.run, self.unmarked) = (None, 0);
            self.actions.push_back(PacingAction::TakeBack { turn, bytes });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::audio::{BYTES_PER_MS, SILENCE};
    use crate::pacing::{PacingInput, PacingSettings};
    use crate::testing::{at, start};

    const TURN: TurnId = TurnId(1);

    /// A carrier that plays what it is given.
    #[derive(Default)]
    struct Carrier {
        heard: Vec<u8>,
        queue: VecDeque<u8>,
        marks: Vec<(usize, MarkKind)>,
        /// Whether more comes again than was not played.
        is_silenced: bool,
        clears: usize,
    }

    impl Carrier {
        fn play(&mut self, ms: usize) {
            let bytes = (ms * BYTES_PER_MS).min(self.queue.len());
            self.heard.extend(self.queue.drain(..bytes));
        }

        fn obey(&mut self, pacing: &mut Pacing) {
            while let Some(action) = pacing.next_action() {
                match action {
                    PacingAction::Frame { mulaw, .. } => self.queue.extend(mulaw),
                    PacingAction::Mark { kind, .. } => {
                        self.marks.push((self.heard.len() + self.queue.len(), kind));
                    }
                    PacingAction::TakeBack { bytes, .. } => {
                        assert!(bytes == self.queue.len() || self.is_silenced && bytes > self.queue.len());
                        self.clears += usize::from(!self.queue.is_empty());
                        self.queue.clear();
                        let heard = self.heard.len();
                        self.marks.retain(|(place, _)| *place <= heard);
                    }
                    PacingAction::Sentence { .. }
                    | PacingAction::MoreText { .. }
                    | PacingAction::WordEnds { .. }
                    | PacingAction::SentenceLength { .. }
                    | PacingAction::SentenceEnded { .. }
                    | PacingAction::Clear => {}
                }
            }
        }
    }

    /// Two sentences of half a second, which end in the middle of a frame.
    fn speech() -> Vec<u8> {
        (0..8_040_u32).map(|index| 0x80 | (index / 160 % 64) as u8).collect()
    }

    /// Plays it, ducked at one time and at full level from another. Gives the carrier and each 10 ms's level.
    fn play(duck_at: u64, full_at: u64) -> Carrier {
        let zero = start();
        let mut pacing = Pacing::new(PacingSettings::default());
        let mut carrier = Carrier::default();
        for part in speech().chunks(4_020) {
            let mulaw = Bytes::copy_from_slice(part);
            pacing.handle(PacingInput::Sentence { turn: TURN, text: "Half.".into() }, zero);
            pacing.handle(PacingInput::Audio { turn: TURN, mulaw }, zero);
            pacing.handle(PacingInput::SentenceEnded { turn: TURN }, zero);
        }
        pacing.handle(PacingInput::TurnEnded { turn: TURN }, zero);
        for ms in 0..1_400 {
            let now = at(zero, ms);
            if ms == duck_at {
                pacing.handle(PacingInput::Duck { unplayed: carrier.queue.len() }, now);
            }
            if ms == full_at {
                pacing.handle(PacingInput::FullLevel, now);
            }
            pacing.handle_timeout(now);
            carrier.obey(&mut pacing);
            carrier.play(1);
        }
        assert!(!pacing.observe().is_ducked || full_at >= 1_400);
        carrier
    }

    fn dbfs(audio: &[u8]) -> f32 {
        level::dbfs(&mulaw::decode(audio))
    }

    #[test]
    fn the_ear_hears_the_duck_at_once_and_full_level_a_short_lead_after_it_was_ordered() {
        let carrier = play(305, 545);
        let said = speech();
        let down_by = |ms: usize| {
            let range = ms * BYTES_PER_MS..(ms + 10) * BYTES_PER_MS;
            dbfs(&said[range.clone()]) - dbfs(&carrier.heard[range])
        };
        assert_eq!(down_by(290), 0.0);
        assert!(down_by(315) > 11.0, "10 ms after the order: {}", down_by(315));
        assert!(down_by(540) > 11.0);
        assert_eq!(down_by(700), 0.0, "155 ms after the order");
    }

    #[test]
    fn marks_that_were_taken_back_come_again() {
        for duck_at in [1, 305, 405, 805, 990] {
            let kinds = |carrier: &Carrier| {
                let ends = carrier.marks.iter().filter(|(_, kind)| *kind != MarkKind::Progress);
                ends.map(|(_, kind)| *kind).collect::<Vec<_>>()
            };
            let ends = [MarkKind::SentenceEnd, MarkKind::SentenceEnd, MarkKind::TurnEnd];
            assert_eq!(kinds(&play(duck_at, duck_at + 240)), ends, "ducked at {duck_at} ms");
        }
    }

    /// Three words of 300 ms, 60 ms apart, each of another level.
    fn words() -> Vec<u8> {
        let word = |byte: u8| [vec![byte; 2_400], vec![SILENCE; 480]].concat();
        [word(0x90), word(0x98), word(0xA0)].concat()
    }

    #[test]
    fn after_a_silence_it_goes_on_with_the_word_that_was_cut() {
        let zero = start();
        let mut pacing = Pacing::new(PacingSettings::default());
        let mut carrier = Carrier { is_silenced: true, ..Carrier::default() };
        let mulaw = Bytes::from(words());
        pacing.handle(PacingInput::Sentence { turn: TURN, text: "One two three.".into() }, zero);
        pacing.handle(PacingInput::Audio { turn: TURN, mulaw }, zero);
        pacing.handle(PacingInput::SentenceEnded { turn: TURN }, zero);
        pacing.handle(PacingInput::TurnEnded { turn: TURN }, zero);
        for ms in 0..3_000 {
            let now = at(zero, ms);
            if ms == 500 {
                pacing.handle(PacingInput::Hush { unplayed: carrier.queue.len() }, now);
            }
            if ms == 1_500 {
                pacing.handle(PacingInput::FullLevel, now);
            }
            if pacing.poll_timeout().is_some_and(|(due, _)| due <= now) {
                pacing.handle_timeout(now);
            }
            carrier.obey(&mut pacing);
            carrier.play(1);
            assert!(!(501..1_500).contains(&ms) || carrier.queue.is_empty(), "{ms}");
        }
        let heard = |byte: u8| carrier.heard.iter().filter(|heard| **heard == byte).count();
        assert_eq!((heard(0x90), heard(0xA0)), (2_400, 2_400));
        // The second word began at 360 ms, and again from the pause before it.
        assert_eq!(heard(0x98), 2_400 + (500 - 360) * BYTES_PER_MS);
        assert_eq!(carrier.clears, 1, "what comes again was played: there is nothing to be cleared");
        let at = |byte: u8| carrier.heard.iter().rposition(|heard| *heard == byte).unwrap();
        assert!(at(0x98) < at(0xA0));
        assert_eq!(carrier.marks.iter().filter(|(_, kind)| *kind == MarkKind::TurnEnd).count(), 1);
    }

    #[test]
    fn nobody_is_silent_for_ever() {
        let zero = start();
        let mut pacing = Pacing::new(PacingSettings::default());
        pacing.handle(PacingInput::Hush { unplayed: 0 }, zero);
        pacing.handle(PacingInput::Audio { turn: TURN, mulaw: vec![0x90; 160].into() }, zero);
        assert_eq!(pacing.next_action(), None);
        let (due, why) = pacing.poll_timeout().unwrap();
        assert_eq!((due, why), (at(zero, 5_000), crate::pacing::PacingTimer::EndOfSilence));
        pacing.handle_timeout(due);
        assert!(matches!(pacing.next_action(), Some(PacingAction::Frame { .. })));
    }

    #[test]
    fn the_next_turn_begins_at_full_level() {
        let mut ducking = Ducking::default();
        let (frame, now) = (Bytes::from(vec![0x90; 160]), start());
        ducking.send(TURN, frame.clone(), now);
        ducking.down(now);
        assert_ne!(ducking.send(TURN, frame.clone(), now), frame);
        assert_eq!(ducking.send(TURN.next(), frame.clone(), now), frame);
    }

    #[test]
    fn nobody_is_ducked_for_ever() {
        let zero = start();
        let mut pacing = Pacing::new(PacingSettings::default());
        pacing.handle(PacingInput::Duck { unplayed: 0 }, zero);
        let mulaw = Bytes::from(vec![0x90; 160]);
        pacing.handle(PacingInput::Audio { turn: TURN, mulaw }, at(zero, 2_000));
        assert!(!pacing.observe().is_ducked);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_said_twice(duck_at in 0..1_200_u64, lasts in 1..400_u64) {
            let carrier = play(duck_at, duck_at + lasts);
            let said = speech();
            prop_assert!(carrier.heard.len() - said.len() < 320, "only padding: {}", carrier.heard.len());
            // A quarter of the amplitude keeps which sample it was, within the steps of µ-law.
            for (heard, said) in carrier.heard.iter().zip(&said) {
                let (heard, said) = (mulaw::decode_sample(*heard), mulaw::decode_sample(*said));
                let least = (f32::from(said) * 0.2) as i16 - 8;
                prop_assert!(heard <= said && heard >= least, "{heard} of {said}");
            }
        }
    }
}
