//! Runs one child of a call, life after life.
//!
//! `actix::Supervisor` restarts nothing after a panic, and dropping an actor while its panic still unwinds
//! can abort the process (measured with actix 0.13). So the child's future is run here under
//! `catch_unwind` and dropped after the unwind is over, under another; each life gets a fresh actor; the policy
//! of the core decides whether there is another.
//!
//! A child's slot opens before its life begins: what is told to it as the call starts, or in the pause
//! after a failure, waits for it there.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, Context};
use futures_util::FutureExt;
use moked_core::restart::{Child, Restart, RestartHistory, RestartPolicy};
use tokio_util::sync::CancellationToken;

use super::contained::contain;
use super::{Links, Slot, now};
use crate::messages::ChildFailed;
use crate::registry::CallRegistry;

/// What a runner needs besides the child itself.
#[derive(Debug, Clone)]
pub(crate) struct Keeper {
    pub(crate) links: Rc<Links>,
    pub(crate) registry: Arc<CallRegistry>,
    /// Cancelled when the call ends, whichever way.
    pub(crate) token: CancellationToken,
}

/// Where a child is found, and how many messages it holds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Post<A: Actor> {
    pub(crate) slot: fn(&Links) -> &Slot<A>,
    pub(crate) mailbox: usize,
}

impl<A: Actor<Context = Context<A>>> Post<A> {
    /// Opens the next life.
    pub(crate) fn open(&self, links: &Links) -> Context<A> {
        let mut context = Context::new();
        context.set_mailbox_capacity(self.mailbox);
        (self.slot)(links).open(&mut context, self.mailbox);
        context
    }
}

/// Closes the slot of a child that is no more, however its runner ends.
struct LastLife<A: Actor> {
    slot: fn(&Links) -> &Slot<A>,
    links: Rc<Links>,
}

impl<A: Actor> Drop for LastLife<A> {
    fn drop(&mut self) {
        (self.slot)(&self.links).close();
    }
}

/// Runs a child until the call ends or the policy gives it up.
///
/// `context` is its first life's, from [`Post::open`]; `make` builds a fresh actor for each life.
pub(crate) async fn run_child<A>(
    child: Child,
    keeper: Keeper,
    post: Post<A>,
    mut context: Context<A>,
    make: impl Fn() -> A,
) where
    A: Actor<Context = Context<A>>,
{
    let _alive = keeper.registry.actor_started();
    let slot = (post.slot)(&keeper.links);
    let _last = LastLife { slot: post.slot, links: Rc::clone(&keeper.links) };
    let mut history = RestartHistory::default();
    loop {
        let Some(end) = live(child, context, &make, &keeper).await else { return };
        slot.life_over();
        let (why, restart) = match end {
            // What a person ordered is no fault and costs none of the stage's lives.
            End::Ordered => ("an operator ended its life".to_owned(), Restart::After(Duration::ZERO)),
            End::Fault(why) => (why, history.failed(RestartPolicy::of(child), now())),
        };
        let gave_up = restart == Restart::GiveUp;
        let turn = keeper.links.spoken_turn.get();
        keeper.links.tell_supervisor(ChildFailed { child, turn, why, gave_up });
        let Restart::After(pause) = restart else { return };
        keeper.registry.meters().restarted(child);
        context = post.open(&keeper.links);
        tokio::select! {
            () = keeper.token.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// How a life ended while the call went on.
enum End {
    /// An operator ended it.
    Ordered,
    /// It failed; in words.
    Fault(String),
}

/// One life. Gives how it ended, or nothing when the call did.
async fn live<A>(child: Child, context: Context<A>, make: impl Fn() -> A, keeper: &Keeper) -> Option<End>
where
    A: Actor<Context = Context<A>>,
{
    let actor = match catch_unwind(AssertUnwindSafe(make)) {
        Ok(actor) => actor,
        Err(panic) => {
            return Some(End::Fault(format!("it could not begin: {}", panic_message(panic.as_ref()))));
        }
    };
    let mut life = Box::pin(context.into_future(actor));
    let end = tokio::select! {
        () = keeper.token.cancelled() => None,
        () = keeper.links.restarts.ordered(child) => Some(End::Ordered),
        ended = AssertUnwindSafe(&mut life).catch_unwind() => Some(End::Fault(match ended {
            Ok(_) => "it stopped".to_owned(),
            Err(panic) => format!("it panicked: {}", panic_message(panic.as_ref())),
        })),
    };
    // Its `stopped`, its `Drop` and those of its engines run here, and may panic in their turn.
    contain("a stage at its end", || drop(life));
    end
}

/// The words of a panic.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
