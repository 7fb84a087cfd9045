//! The way home of an engine's words to a stage, whichever life it is in.
//!
//! An engine tells from any thread and knows an address for as long as its session lives. This actor is that
//! address: it writes the stage a letter. The sink of the session holds it, so the ferry ends with it.

use std::rc::Rc;

use actix::{Actor, Addr, Context, Handler, Message};

use crate::call::{Links, Slot};

/// Carries messages to one stage.
pub(crate) struct Ferry<A: Actor> {
    links: Rc<Links>,
    slot: fn(&Links) -> &Slot<A>,
}

impl<A: Actor> Ferry<A> {
    pub(crate) fn to(links: &Rc<Links>, slot: fn(&Links) -> &Slot<A>) -> Addr<Self> {
        Self { links: Rc::clone(links), slot }.start()
    }
}

impl<A: Actor> Actor for Ferry<A> {
    type Context = Context<Self>;
}

impl<A, M> Handler<M> for Ferry<A>
where
    A: Actor + Handler<M>,
    M: Message<Result = ()> + 'static,
{
    type Result = ();

    fn handle(&mut self, message: M, _: &mut Self::Context) {
        (self.slot)(&self.links).tell(message);
    }
}
