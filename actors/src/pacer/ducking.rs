//! The pacer's part in an interruption: softly from where the caller's ear is, silent while his words are not known,
//! then on or out.

use actix::{Context, Handler};
use moked_core::pacing::PacingInput;

use super::Pacer;
use crate::call::now;
use crate::messages::{Duck, FallSilent, FullLevel};

impl Handler<Duck> for Pacer {
    type Result = ();

    fn handle(&mut self, Duck { onset }: Duck, ctx: &mut Context<Self>) {
        let unplayed = self.book.borrow().ledger.unplayed_bytes(now());
        self.machine(|machine| machine.handle(PacingInput::Duck { unplayed }, now()));
        self.act(ctx);
        self.links.watch.ducked(now().saturating_duration_since(onset));
    }
}

impl Handler<FallSilent> for Pacer {
    type Result = ();

    fn handle(&mut self, _: FallSilent, ctx: &mut Context<Self>) {
        let unplayed = self.book.borrow().ledger.unplayed_bytes(now());
        self.machine(|machine| machine.handle(PacingInput::Hush { unplayed }, now()));
        self.act(ctx);
    }
}

impl Handler<FullLevel> for Pacer {
    type Result = ();

    fn handle(&mut self, _: FullLevel, ctx: &mut Context<Self>) {
        self.machine(|machine| machine.handle(PacingInput::FullLevel, now()));
        self.act(ctx);
    }
}
