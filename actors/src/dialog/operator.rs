//! What an operator or the server itself wants said, brought into the turns of the conversation.

use actix::{Context, Handler};
use moked_core::turn::TurnInput;

use super::Dialog;
use crate::messages::{Announce, SayGoodbye};

impl Handler<Announce> for Dialog {
    type Result = ();

    fn handle(&mut self, Announce(text): Announce, ctx: &mut Context<Self>) {
        self.give(TurnInput::Announce(text), ctx);
    }
}

impl Handler<SayGoodbye> for Dialog {
    type Result = ();

    fn handle(&mut self, SayGoodbye { words, why }: SayGoodbye, ctx: &mut Context<Self>) {
        self.give(TurnInput::SayGoodbye { text: words, why }, ctx);
    }
}
