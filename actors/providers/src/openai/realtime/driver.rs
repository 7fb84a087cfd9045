//! The session's task: the socket on one side, the call on the other, the conversation between them.

use std::sync::Arc;
use std::time::Duration;

use moked_core::agent::Agent;
use moked_core::ids::{TurnId, UtteranceId};
use moked_core::ports::{
    ChatTurn, ConversingEvent, ConversingRequest, ConversingSession, ProviderFault, Sink,
};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;

use super::command::Command;
use super::conversation::{Conversation, Outcome, Wish};
use super::{OpenAiRealtimeOptions, event, start};
use crate::transport::{Incoming, Socket, SocketRequest, Task};

/// A conversation. Dropping it closes the connection.
pub(super) struct Session {
    wishes: UnboundedSender<Wish>,
    _task: Task,
}

impl Session {
    /// Returns at once; wishes wait for the connection, which takes 4 s at most, so that what waits is some
    /// seconds of speech at most. Must be called on a thread with a tokio `LocalSet`.
    pub(super) fn open(
        socket: SocketRequest,
        options: &OpenAiRealtimeOptions,
        agent: Arc<Agent>,
        request: ConversingRequest,
        events: Sink<ConversingEvent>,
    ) -> Self {
        let (wishes, queue) = unbounded_channel();
        let begin = start::commands(options, &agent, &request);
        let stall = Duration::from_millis(options.stall_ms);
        let conversation = Conversation::new(agent, &request, stall);
        let task = Task::spawn(async move {
            let mut line = Line { conversation, events, stall };
            if let Err(fault) = line.converse(socket, begin, queue).await {
                line.events.send(ConversingEvent::Lost(fault));
            }
        });
        Self { wishes, _task: task }
    }

    /// A session that is over has told so and takes no wishes.
    fn wish(&self, wish: Wish) {
        let _ = self.wishes.send(wish);
    }
}

impl ConversingSession for Session {
    fn audio(&mut self, _: UtteranceId, mulaw: &[u8]) {
        self.wish(Wish::Audio(mulaw.to_vec()));
    }

    fn utterance_ended(&mut self, utterance: UtteranceId) {
        self.wish(Wish::UtteranceEnded(utterance));
    }

    fn answer(&mut self, turn: ChatTurn) {
        self.wish(Wish::Answer(turn));
    }

    fn cut(&mut self, turn: TurnId, heard_ms: u64) {
        self.wish(Wish::Cut { turn, heard_ms });
    }
}

struct Line {
    conversation: Conversation,
    events: Sink<ConversingEvent>,
    stall: Duration,
}

impl Line {
    async fn converse(
        &mut self,
        request: SocketRequest,
        begin: Vec<Command>,
        mut wishes: UnboundedReceiver<Wish>,
    ) -> Result<(), ProviderFault> {
        let mut socket = request.connect().await?;
        for command in begin {
            socket.send_json(&command.message()).await?;
        }
        loop {
            let stalls_at = self.conversation.poll_timeout().map(Instant::from_std);
            let stalled = async move {
                match stalls_at {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                wish = wishes.recv() => match wish {
                    Some(wish) => self.conversation.wish(wish, now()),
                    None => return Ok(()),
                },
                message = socket.next() => self.hear(message?)?,
                () = stalled => {
                    let after_ms = self.stall.as_millis() as u64;
                    return Err(ProviderFault::Stalled { waiting_for: "more of the answer", after_ms });
                }
            }
            self.carry_out(&mut socket).await?;
        }
    }

    fn hear(&mut self, message: Option<Incoming>) -> Result<(), ProviderFault> {
        match message {
            Some(Incoming::Text(text)) => match event::read(&text) {
                Ok(Some(event)) => self.conversation.hear(event, now()),
                Ok(None) => Ok(()),
                // One message that makes no sense is not yet a session that does.
                Err(fault) => {
                    tracing::warn!(event = "ONE_HOP_GARBAGE", "dropped: {fault}");
                    Ok(())
                }
            },
            Some(Incoming::Binary(_)) => Ok(()),
            None => Err(ProviderFault::Closed { why: "the vendor ended the session".into() }),
        }
    }

    async fn carry_out(&mut self, socket: &mut Socket) -> Result<(), ProviderFault> {
        while let Some(outcome) = self.conversation.next_outcome() {
            match outcome {
                Outcome::Tell(command) => socket.send_json(&command.message()).await?,
                Outcome::Report(event) => self.events.send(event),
            }
        }
        Ok(())
    }
}

fn now() -> std::time::Instant {
    Instant::now().into_std()
}
