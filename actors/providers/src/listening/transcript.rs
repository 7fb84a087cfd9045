//! Matches a vendor's endless text to moked's utterances: a machine without a clock.
//!
//! moked decides by voice activity where an utterance begins and ends; a vendor settles text when it likes.
//! So text is gathered from the end of one utterance to the end of the next, and an utterance is told as
//! final once the vendor has settled all of it, or must be waited for no longer. A caller may speak again
//! before that: ended utterances queue, the vendor's text belongs to the oldest, and each gets its final.

use std::collections::VecDeque;

use moked_core::ids::UtteranceId;

use super::WireFact;

/// What is to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The text so far.
    Partial(UtteranceId, String),
    /// The whole text.
    Final(UtteranceId, String),
}

/// The text of one session.
#[derive(Debug, Default)]
pub struct Transcript {
    settled: String,
    interim: String,
    /// Whether the interim text brings its own spaces.
    is_glued: bool,
    /// The utterance under way.
    current: Option<UtteranceId>,
    /// Utterances that are over and not told yet, oldest first.
    ended: VecDeque<UtteranceId>,
    /// An utterance was told before the vendor had settled it: what still comes of it was told already.
    is_late: bool,
    last_partial: String,
}

impl Transcript {
    /// Speech began.
    pub fn started(&mut self, utterance: UtteranceId) {
        self.current = Some(utterance);
        self.is_late = false;
        self.last_partial.clear();
    }

    /// Speech is over: the final is due. With nothing unsettled and something settled it is there at once,
    /// unless the vendor was asked to finalise (`is_asked`) and will say so.
    pub fn ended(&mut self, utterance: UtteranceId, is_asked: bool) -> Option<Told> {
        if self.current != Some(utterance) {
            return None;
        }
        self.current = None;
        self.ended.push_back(utterance);
        let is_whole = self.ended.len() == 1 && self.interim.is_empty() && !self.settled.is_empty();
        if !is_asked && is_whole { self.finish() } else { None }
    }

    /// Whether a final is due.
    pub fn is_due(&self) -> bool {
        !self.ended.is_empty()
    }

    /// Whether an utterance is under way or a final is due.
    pub fn is_busy(&self) -> bool {
        self.is_due() || self.current.is_some()
    }

    /// Takes a fact about text.
    pub fn take(&mut self, fact: &WireFact) -> Option<Told> {
        match fact {
            WireFact::Finalized => {
                self.is_late = false;
                return self.finish();
            }
            WireFact::Turn(_) | WireFact::Expired(_) | WireFact::Fault(_) => return None,
            WireFact::Interim(_) | WireFact::Settled(_) | WireFact::Pieces { .. } => {
                if self.is_late && !self.is_busy() {
                    return None;
                }
            }
        }
        self.is_glued = false;
        match fact {
            WireFact::Interim(text) => text.trim().clone_into(&mut self.interim),
            WireFact::Settled(text) => {
                append(&mut self.settled, text);
                self.interim.clear();
            }
            WireFact::Pieces { settled, interim } => {
                self.settled.push_str(settled);
                self.interim.clone_from(interim);
                self.is_glued = true;
            }
            WireFact::Finalized | WireFact::Turn(_) | WireFact::Expired(_) | WireFact::Fault(_) => {}
        }
        self.partial()
    }

    /// The oldest final that is due, as it stands.
    pub fn finish(&mut self) -> Option<Told> {
        let utterance = self.ended.pop_front()?;
        let text = self.text();
        self.settled.clear();
        self.interim.clear();
        self.last_partial.clear();
        Some(Told::Final(utterance, text))
    }

    /// The oldest final that is due, as it stands, because the vendor is waited for no longer. What it says
    /// until the next utterance begins is dropped: it would be heard twice.
    pub fn give_up(&mut self) -> Option<Told> {
        self.is_late = true;
        self.finish()
    }

    /// Drops text that belongs to no utterance: words that voice activity took for noise.
    pub fn forget_strays(&mut self) {
        if !self.is_busy() {
            self.settled.clear();
            self.interim.clear();
        }
    }

    fn partial(&mut self) -> Option<Told> {
        let utterance = self.ended.front().copied().or(self.current)?;
        let text = self.text();
        if text.is_empty() || text == self.last_partial {
            return None;
        }
        self.last_partial.clone_from(&text);
        Some(Told::Partial(utterance, text))
    }

    fn text(&self) -> String {
        let mut text = self.settled.clone();
        if self.is_glued {
            text.push_str(&self.interim);
            return text.trim().to_owned();
        }
        append(&mut text, &self.interim);
        text
    }
}

/// Joins pieces with one space.
fn append(text: &mut String, more: &str) {
    let more = more.trim();
    if !more.is_empty() {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: UtteranceId = UtteranceId(1);

    fn settled(text: &str) -> WireFact {
        WireFact::Settled(text.into())
    }

    fn interim(text: &str) -> WireFact {
        WireFact::Interim(text.into())
    }

    #[test]
    fn partials_grow_and_the_final_comes_when_all_is_settled() {
        let mut transcript = Transcript::default();
        transcript.started(FIRST);
        assert_eq!(transcript.take(&interim("i want")), Some(Told::Partial(FIRST, "i want".into())));
        assert_eq!(transcript.take(&interim("i want")), None, "nothing new");
        transcript.take(&settled("I want"));
        assert_eq!(transcript.take(&interim("to")), Some(Told::Partial(FIRST, "I want to".into())));
        assert_eq!(transcript.ended(FIRST, true), None);
        transcript.take(&settled("to rent."));
        let told = Some(Told::Final(FIRST, "I want to rent.".into()));
        assert_eq!(transcript.take(&WireFact::Finalized), told);
        assert_eq!(transcript.take(&WireFact::Finalized), None, "once");
    }

    #[test]
    fn a_vendor_that_is_not_waited_for_gives_what_it_had() {
        let mut transcript = Transcript::default();
        transcript.started(FIRST);
        transcript.take(&interim("כן"));
        transcript.ended(FIRST, true);
        assert_eq!(transcript.finish(), Some(Told::Final(FIRST, "כן".into())));
    }

    #[test]
    fn text_settled_just_before_the_onset_belongs_to_the_utterance_and_strays_do_not() {
        let mut transcript = Transcript::default();
        transcript.take(&settled("stray"));
        transcript.forget_strays();
        transcript.take(&settled("yes"));
        transcript.started(FIRST);
        assert_eq!(transcript.ended(FIRST, false), Some(Told::Final(FIRST, "yes".into())));
    }

    #[test]
    fn pieces_are_joined_by_the_spaces_they_bring() {
        let mut transcript = Transcript::default();
        let pieces = |settled: &str, interim: &str| WireFact::Pieces {
            settled: settled.to_owned(),
            interim: interim.to_owned(),
        };
        transcript.started(FIRST);
        assert_eq!(transcript.take(&pieces("שלו", "ם ר")), Some(Told::Partial(FIRST, "שלום ר".into())));
        transcript.take(&pieces("ם", " רב"));
        transcript.take(&pieces(" רב.", ""));
        transcript.ended(FIRST, true);
        let told = Some(Told::Final(FIRST, "שלום רב.".into()));
        assert_eq!(transcript.take(&WireFact::Finalized), told);
    }

    #[test]
    fn a_caller_who_speaks_on_before_the_final_loses_neither_utterance() {
        let mut transcript = Transcript::default();
        let second = UtteranceId(2);
        transcript.started(FIRST);
        transcript.ended(FIRST, true);
        transcript.started(second);
        assert_eq!(transcript.take(&settled("yes")), Some(Told::Partial(FIRST, "yes".into())));
        assert_eq!(transcript.take(&WireFact::Finalized), Some(Told::Final(FIRST, "yes".into())));
        assert_eq!(transcript.take(&interim("please")), Some(Told::Partial(second, "please".into())));
        transcript.ended(second, true);
        assert_eq!(transcript.take(&WireFact::Finalized), Some(Told::Final(second, "please".into())));
    }

    #[test]
    fn what_was_told_unsettled_is_not_heard_again_in_the_next_utterance() {
        let mut transcript = Transcript::default();
        let second = UtteranceId(2);
        transcript.started(FIRST);
        transcript.take(&interim("tomorrow"));
        transcript.ended(FIRST, true);
        assert_eq!(transcript.give_up(), Some(Told::Final(FIRST, "tomorrow".into())));
        assert_eq!(transcript.take(&settled("Tomorrow.")), None);
        transcript.started(second);
        assert_eq!(transcript.take(&interim("at ten")), Some(Told::Partial(second, "at ten".into())));
    }
}
