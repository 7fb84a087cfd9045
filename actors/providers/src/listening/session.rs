//! A call's ear at a vendor: what the call says goes into a queue, a task on the same thread does the rest.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use moked_core::audio::BYTES_PER_MS;
use moked_core::hints::RecognitionHints;
use moked_core::ids::UtteranceId;
use moked_core::ports::{HearingEvent, HearingSession, Sink};
use tokio::sync::Notify;

use super::driver;
use super::wire::SttWire;
use crate::transport::Task;

/// Audio that waits for a connection: 10 s. Older audio is dropped, for its answer would come too late.
const MOST_WAITING: usize = 10_000 * BYTES_PER_MS;

/// What the call said.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Command {
    Audio(Vec<u8>),
    Started(UtteranceId),
    Ended(UtteranceId),
    Expect(RecognitionHints),
}

/// What the call said and the task has not taken yet. Audio is bounded; the rest is small and rare.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    commands: RefCell<VecDeque<Command>>,
    waiting: RefCell<usize>,
    news: Notify,
}

impl Queue {
    fn put(&self, command: Command) {
        let mut commands = self.commands.borrow_mut();
        if let Command::Audio(audio) = &command {
            let mut waiting = self.waiting.borrow_mut();
            *waiting += audio.len();
            while *waiting > MOST_WAITING {
                let oldest = commands.iter().position(|command| matches!(command, Command::Audio(_)));
                let Some(Command::Audio(dropped)) = oldest.and_then(|index| commands.remove(index)) else {
                    break;
                };
                *waiting -= dropped.len();
            }
        }
        commands.push_back(command);
        self.news.notify_one();
    }

    /// The next command, when there is one.
    pub(crate) async fn next(&self) -> Command {
        loop {
            let command = self.commands.borrow_mut().pop_front();
            match command {
                Some(command) => {
                    if let Command::Audio(audio) = &command {
                        *self.waiting.borrow_mut() -= audio.len();
                    }
                    return command;
                }
                None => self.news.notified().await,
            }
        }
    }
}

/// A call's ear over a WebSocket. Dropping it closes the connection.
#[derive(Debug)]
pub struct SocketSession {
    queue: Rc<Queue>,
    _task: Task,
}

/// Listens over a vendor's wire, from now on. Must be called on a thread with a tokio `LocalSet`.
pub fn listen(engine: &'static str, wire: impl SttWire, events: Sink<HearingEvent>) -> SocketSession {
    listen_by(|queue| driver::drive(engine, Box::new(wire), queue, events))
}

/// Listens by a driver of the vendor's own, for wires that are no WebSocket.
pub(crate) fn listen_by<D: Future<Output = ()> + 'static>(
    drive: impl FnOnce(Rc<Queue>) -> D,
) -> SocketSession {
    let queue = Rc::new(Queue::default());
    let task = Task::spawn(drive(Rc::clone(&queue)));
    SocketSession { queue, _task: task }
}

impl HearingSession for SocketSession {
    fn audio(&mut self, mulaw: &[u8]) {
        self.queue.put(Command::Audio(mulaw.to_vec()));
    }

    fn expect(&mut self, hints: &RecognitionHints) {
        self.queue.put(Command::Expect(hints.clone()));
    }

    fn utterance_started(&mut self, utterance: UtteranceId) {
        self.queue.put(Command::Started(utterance));
    }

    fn utterance_ended(&mut self, utterance: UtteranceId) {
        self.queue.put(Command::Ended(utterance));
    }
}
