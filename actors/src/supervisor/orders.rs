//! What a person, or the server as it goes down, may order a live call to do.

use actix::{Context, Handler};

use super::CallSupervisor;
use crate::messages::{Announce, CallEnd, Operate, OperatorOrder, OrderRefused, SayGoodbye};

impl Handler<Operate> for CallSupervisor {
    type Result = Result<(), OrderRefused>;

    fn handle(&mut self, Operate(order): Operate, ctx: &mut Context<Self>) -> Self::Result {
        if self.end.is_some() {
            return Err(OrderRefused::Over);
        }
        match order {
            OperatorOrder::HangUp => self.finish(CallEnd::OperatorHungUp, ctx),
            OperatorOrder::Transfer => self.finish(CallEnd::Transferred, ctx),
            OperatorOrder::Say(text) => self.links.dialog.tell(Announce(text)),
            OperatorOrder::Restart(child) if !self.links.runs(child) => return Err(OrderRefused::NotRunning),
            OperatorOrder::Restart(child) => self.links.restarts.order(child),
        }
        Ok(())
    }
}

impl Handler<SayGoodbye> for CallSupervisor {
    type Result = ();

    fn handle(&mut self, goodbye: SayGoodbye, _: &mut Context<Self>) {
        self.links.dialog.tell(goodbye);
    }
}
