//! Runs one child of a call, life after life.
//!
//! `actix::Supervisor` restarts nothing after a panic, and dropping an actor while its panic still unwinds
//! can abort the process (measured, `actix.md` 1.2). So the child's future is run here under
//! `catch_unwind` and dropped after the unwind is over; each life gets a fresh actor and mailbox; the policy
//! of the core decides whether there is another.
//!
//! A life's mailbox opens before the life begins: what is told to a child as the call starts, or in the pause
//! after a failure, waits for it there.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use actix::{Actor, AsyncContext, Context};
use futures_util::FutureExt;
use moked_core::restart::{Child, Restart, RestartHistory, RestartPolicy};
use tokio_util::sync::CancellationToken;

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
    /// Opens the mailbox of the next life.
    pub(crate) fn open(&self, links: &Links) -> Context<A> {
        let mut context = Context::new();
        context.set_mailbox_capacity(self.mailbox);
        (self.slot)(links).put(context.address());
        context
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
    let mut history = RestartHistory::default();
    loop {
        let running = AssertUnwindSafe(context.into_future(make())).catch_unwind();
        let mut is_ordered = false;
        let why = tokio::select! {
            () = keeper.token.cancelled() => return,
            () = keeper.links.restarts.ordered(child) => {
                is_ordered = true;
                "an operator ended its life".to_owned()
            }
            ended = running => match ended {
                Ok(_) => "it stopped".to_owned(),
                Err(panic) => format!("it panicked: {}", panic_message(panic.as_ref())),
            },
        };
        // What a person ordered is no fault and costs none of the stage's lives.
        let restart = if is_ordered {
            Restart::After(Duration::ZERO)
        } else {
            history.failed(RestartPolicy::of(child), now())
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

/// The words of a panic.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
}
