//! The carrier of a rig: plays what it is given at eight bytes a millisecond, and echoes marks as Twilio does.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use actix::{Actor, Addr, AsyncContext, Context, Handler, WrapFuture};
use moked_core::ids::{MarkName, StreamSid};

use super::LineLog;
use crate::call::{Cut, Line, Links, now};
use crate::messages::{LineOrder, MarkReached};

/// The carrier's side of the line.
pub(super) struct Carrier {
    is_dead: bool,
    log: LineLog,
    links: Rc<RefCell<Option<Rc<Links>>>>,
    drained_at: Instant,
    marks: Vec<MarkName>,
}

impl Carrier {
    pub(super) fn on(log: &LineLog, links: &Rc<RefCell<Option<Rc<Links>>>>) -> Addr<Self> {
        let (log, links) = (Rc::clone(log), Rc::clone(links));
        Self { is_dead: false, log, links, drained_at: now(), marks: Vec::new() }.start()
    }

    fn echo(&mut self, name: &MarkName) {
        if !self.is_dead
            && let Some(position) = self.marks.iter().position(|mark| mark == name)
        {
            let name = self.marks.remove(position);
            if let Some(links) = self.links.borrow().as_ref() {
                links.dialog.tell(MarkReached(name));
            }
        }
    }
}

impl Actor for Carrier {
    type Context = Context<Self>;
}

impl Handler<LineOrder> for Carrier {
    type Result = ();

    fn handle(&mut self, order: LineOrder, ctx: &mut Self::Context) {
        if self.is_dead {
            return;
        }
        self.log.borrow_mut().push((now(), order.clone()));
        match order {
            LineOrder::Media(mulaw) => {
                let audio = Duration::from_micros(mulaw.len() as u64 * 125);
                self.drained_at = self.drained_at.max(now()) + audio;
            }
            LineOrder::Mark(name) => {
                self.marks.push(name.clone());
                let wait = self.drained_at.saturating_duration_since(now());
                ctx.run_later(wait, move |carrier, _| carrier.echo(&name));
            }
            LineOrder::Clear => {
                self.drained_at = now();
                for name in self.marks.clone() {
                    self.echo(&name);
                }
            }
            LineOrder::Close(_) => {}
        }
    }
}

/// The line to a carrier, as a call takes it.
pub(super) fn line(stream_sid: &StreamSid, carrier: &Addr<Carrier>, was_cut: &Arc<AtomicBool>) -> Line {
    let orders = carrier.clone().recipient();
    let was_cut = Arc::clone(was_cut);
    let cut = Cut::new(move || was_cut.store(true, Ordering::Relaxed));
    Line { stream_sid: stream_sid.clone(), orders, cut }
}

/// Orders a line to be dead.
#[derive(actix::Message)]
#[rtype(result = "()")]
pub(super) struct Dead;

impl Handler<Dead> for Carrier {
    type Result = ();

    fn handle(&mut self, _: Dead, _: &mut Self::Context) {
        self.is_dead = true;
    }
}

/// Orders a line to take no more orders for a time.
#[derive(actix::Message)]
#[rtype(result = "()")]
pub(super) struct Block(pub(super) Duration);

impl Handler<Block> for Carrier {
    type Result = ();

    fn handle(&mut self, Block(time): Block, ctx: &mut Self::Context) {
        ctx.wait(tokio::time::sleep(time).into_actor(self));
    }
}
