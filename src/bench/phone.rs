//! One caller under load: the webhook, the socket, a frame each 20 ms, and what he notes.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use moked_core::audio::{FRAME_MS, FRAME_SAMPLES, SILENCE};
use moked_core::ids::MarkName;
use moked_core::twilio::twiml::{Verb, read};
use serde::Deserialize;
use url::Url;

use super::figures::ms;
use super::load::Notes;
use super::speech::Utterance;
use super::turns::{Sound, Turns};
use crate::caller::identity::{Identity, random_stream_sid};
use crate::caller::messages::{Messages, StreamStart};
use crate::caller::route::Place;
use crate::caller::socket::{Handshake, Incoming, Socket};
use crate::caller::webhook::Webhooks;

/// The account that calls; any will do, since nothing is signed.
const ACCOUNT: &str = "AC00000000000000000000000000000000";

const FRAME: Duration = Duration::from_millis(FRAME_MS as u64);

/// A call that is up.
pub(super) struct Phone {
    socket: Socket,
    messages: Messages,
    turns: Turns,
    utterance: Utterance,
    notes: Rc<Notes>,
}

#[derive(Deserialize)]
struct MarkMessage {
    mark: MarkBody,
}

#[derive(Deserialize)]
struct MarkBody {
    name: MarkName,
}

impl Phone {
    /// Rings, and opens the media socket.
    ///
    /// # Errors
    /// When the server does not let the call in.
    pub(super) async fn ring(
        server: SocketAddr,
        utterance: Utterance,
        turns: Turns,
        notes: Rc<Notes>,
    ) -> Result<Self> {
        let identity = Identity::new(ACCOUNT, "+972501234567", "+97231234567")?;
        let webhook = place(&format!("http://{server}/webhook/incoming_call"))?;
        let document = Webhooks::new(None).document(&webhook, &identity.voice_form("ringing")).await?;
        let verbs = read(&document)?;
        let [Verb::Connect(connect)] = verbs.as_slice() else {
            bail!("the server answered a call with something other than a stream");
        };
        let start = StreamStart {
            account_sid: identity.account_sid,
            call_sid: identity.call_sid,
            stream_sid: random_stream_sid()?,
            custom_parameters: connect.stream.parameters.iter().cloned().collect::<BTreeMap<_, _>>(),
        };
        let place = place(&format!("ws://{server}/ws/twilio-media"))?;
        let mut socket = Socket::open(&place, &Handshake::default()).await?;
        let mut messages = Messages::new(start);
        socket.text(Messages::connected()).await?;
        socket.text(messages.start()).await?;
        Ok(Self { socket, messages, turns, utterance, notes })
    }

    /// Talks until the load is over, from a `phase` of the frame's time on; then hangs up.
    ///
    /// # Errors
    /// When the server ends the call first.
    pub(super) async fn talk(mut self, phase: Duration) -> Result<()> {
        let begun = Instant::now() + phase;
        let mut frames = 0_u32;
        let timer = tokio::time::sleep(Duration::ZERO);
        tokio::pin!(timer);
        while !self.notes.is_over() {
            let due = begun + FRAME * frames;
            timer.as_mut().reset(due.into());
            loop {
                tokio::select! {
                    biased;
                    incoming = self.socket.next() => self.hear(incoming)?,
                    () = &mut timer => break,
                }
            }
            let now = Instant::now();
            self.notes.own_lateness(ms(now.saturating_duration_since(due)));
            self.say(u64::from(frames * FRAME_MS), now).await?;
            frames += 1;
        }
        self.socket.text(self.messages.stop()).await?;
        Ok(())
    }

    async fn say(&mut self, at_ms: u64, now: Instant) -> Result<()> {
        let silence = [SILENCE; FRAME_SAMPLES];
        let audio = match self.turns.tick(now) {
            Sound::Silence => &silence,
            Sound::Speech { place } => self.utterance.frame(place).unwrap_or(&silence),
        };
        let message = self.messages.media(at_ms, audio);
        // Before the write, or the server's work on the frame would count as the caller's.
        let sent = Instant::now();
        self.socket.text(message).await?;
        self.turns.sent(sent);
        while let Some(name) = self.turns.due_mark(now) {
            self.socket.text(self.messages.mark(&name)).await?;
        }
        while let Some(finding) = self.turns.finding() {
            self.notes.take(finding);
        }
        Ok(())
    }

    fn hear(&mut self, incoming: Incoming) -> Result<()> {
        let now = Instant::now();
        match incoming {
            Incoming::Text(text) if text.starts_with(r#"{"event":"media""#) => self.turns.agent_frame(now),
            Incoming::Text(text) if text.starts_with(r#"{"event":"mark""#) => {
                let message: MarkMessage = serde_json::from_str(&text).context("a mark without a name")?;
                self.turns.mark(message.mark.name, now);
            }
            Incoming::Text(_) | Incoming::Binary(_) | Incoming::Ping(_) => self.notes.oddity(),
            Incoming::Closed(closing) => bail!("the server closed a call with code {}", closing.code),
        }
        Ok(())
    }
}

fn place(url: &str) -> Result<Place> {
    Ok(Place { signed: url.to_owned(), reach: Url::parse(url)? })
}
