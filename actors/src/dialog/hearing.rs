//! What the ear tells the dialog: speech, its words, and that nobody hears any more.

use actix::Handler;
use moked_core::ports::CallerSaid;
use moked_core::turn::{TurnInput, TurnTimer};

use super::Dialog;
use crate::messages::{
    CallerWords, EarFailed, EarLost, GoesOn, LikelyOver, NotUnderstood, PartialWords, SpeechStarted, Spoken,
    UtteranceEnded, Words,
};

impl Handler<SpeechStarted> for Dialog {
    type Result = ();

    fn handle(&mut self, SpeechStarted { utterance, gave_way }: SpeechStarted, ctx: &mut Self::Context) {
        if let Some(at) = gave_way {
            self.machine.gave_way(at);
        }
        self.utterance = utterance;
        self.book.borrow_mut().utterance = utterance;
        self.speech_ended = None;
        self.partial.clear();
        self.give(TurnInput::SpeechStarted, ctx);
    }
}

impl Handler<UtteranceEnded> for Dialog {
    type Result = ();

    fn handle(&mut self, ended: UtteranceEnded, ctx: &mut Self::Context) {
        if ended.utterance == self.utterance {
            self.speech_ended = Some(ended.speech_ended);
            self.give(TurnInput::UtteranceEnded, ctx);
        }
    }
}

impl Handler<PartialWords> for Dialog {
    type Result = ();

    fn handle(&mut self, PartialWords { utterance, text }: PartialWords, _: &mut Self::Context) {
        if utterance == self.utterance {
            self.partial = text;
        }
    }
}

impl Handler<LikelyOver> for Dialog {
    type Result = ();

    fn handle(&mut self, LikelyOver { utterance, text }: LikelyOver, ctx: &mut Self::Context) {
        if utterance == self.utterance {
            self.give(TurnInput::LikelyOver(text), ctx);
        }
    }
}

impl Handler<GoesOn> for Dialog {
    type Result = ();

    fn handle(&mut self, GoesOn { utterance }: GoesOn, ctx: &mut Self::Context) {
        if utterance == self.utterance {
            self.give(TurnInput::GoesOn, ctx);
        }
    }
}

impl Handler<Words> for Dialog {
    type Result = ();

    fn handle(&mut self, Words { utterance, text }: Words, ctx: &mut Self::Context) {
        // Of an utterance that is not the newest the caller has spoken on since.
        let is_newest = utterance == self.utterance;
        self.give(if is_newest { TurnInput::Words(text) } else { TurnInput::EarlierWords(text) }, ctx);
    }
}

impl Handler<Spoken> for Dialog {
    type Result = ();

    fn handle(&mut self, Spoken { utterance }: Spoken, ctx: &mut Self::Context) {
        if utterance == self.utterance {
            self.give(TurnInput::Spoken, ctx);
        }
    }
}

impl Handler<CallerWords> for Dialog {
    type Result = ();

    fn handle(&mut self, CallerWords { turn, text }: CallerWords, _: &mut Self::Context) {
        if !text.trim().is_empty() {
            self.book.borrow_mut().conversation.caller_said_before(turn, text.trim());
            self.links.recording.caller_said(turn, &CallerSaid::Words(text.trim().to_owned()));
        }
    }
}

impl Handler<NotUnderstood> for Dialog {
    type Result = ();

    fn handle(&mut self, NotUnderstood { utterance }: NotUnderstood, ctx: &mut Self::Context) {
        if utterance == self.utterance {
            self.give(TurnInput::Unclear, ctx);
        }
    }
}

impl Handler<EarFailed> for Dialog {
    type Result = ();

    fn handle(&mut self, _: EarFailed, ctx: &mut Self::Context) {
        self.give(TurnInput::EarFailed, ctx);
    }
}

impl Handler<EarLost> for Dialog {
    type Result = ();

    /// The caller learns of it at once, unless the agent is speaking or he is at the keys: then with the next answer.
    fn handle(&mut self, _: EarLost, ctx: &mut Self::Context) {
        self.book.borrow_mut().ear_is_lost = true;
        self.mind(|mind| mind.ear_is_lost());
        let is_keying = matches!(self.machine.poll_timeout(), Some((_, TurnTimer::KeyGap)));
        // A one-hop engine hears for itself.
        let can_wait = is_keying || self.links.is_one_hop.get();
        self.give(if can_wait { TurnInput::EarFailed } else { TurnInput::Unclear }, ctx);
    }
}
