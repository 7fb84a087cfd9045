//! What the recogniser tells the ear.

use actix::{Handler, Message};
use moked_core::barge_in::BargeInput;
use moked_core::endpointing::Endpointing;
use moked_core::ports::HearingEvent;

use super::Stt;
use crate::call::now;
use crate::messages::{PartialWords, Words};

/// The recogniser's word, brought home to the actor.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(super) struct Heard {
    pub(super) session: u32,
    pub(super) event: HearingEvent,
}

impl Handler<Heard> for Stt {
    type Result = ();

    fn handle(&mut self, Heard { session, event }: Heard, ctx: &mut Self::Context) {
        if session != self.opened {
            return;
        }
        match event {
            HearingEvent::Partial { utterance, text } => {
                tracing::info!(event = "STT_PARTIAL", %utterance, chars = text.chars().count());
                tracing::debug!(event = "STT_PARTIAL_TEXT", %utterance, text);
                self.clock.has_words(now());
                self.has_words(utterance, &text, false);
                if self.is_told(utterance) {
                    self.links.dialog.tell(PartialWords { utterance, text });
                }
                self.act(ctx);
            }
            HearingEvent::Final { utterance, text } => {
                tracing::info!(event = "STT_FINAL", %utterance, chars = text.chars().count());
                tracing::debug!(event = "STT_TEXT", %utterance, text);
                self.settled();
                self.book.borrow_mut().tape.settled(utterance);
                self.has_words(utterance, &text, true);
                if self.is_told(utterance) {
                    self.links.dialog.tell(Words { utterance, text });
                } else {
                    tracing::info!(event = "STT_ASIDE", %utterance, "said over the agent, and no interruption");
                }
                self.barge(BargeInput::Settled { utterance });
            }
            HearingEvent::Rejected { utterance, score } => {
                tracing::info!(event = "STT_REJECTED", %utterance, score, "the words fit nothing expected");
                self.settled();
                self.not_understood(utterance);
            }
            HearingEvent::Turn { utterance, signal } => {
                tracing::debug!(event = "STT_TURN", %utterance, ?signal);
                let vote = |endpointing: &mut Endpointing| endpointing.signal(utterance, signal, now());
                self.machine(|machine| machine.learn(vote, now()));
                self.act(ctx);
            }
            HearingEvent::Failed(error) => self.failed(&error, ctx),
        }
    }
}
