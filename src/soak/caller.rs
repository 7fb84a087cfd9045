//! One seat of the soak: a call after another, and what breaks in them.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use moked_core::audio::{FRAME_MS, FRAME_SAMPLES, SILENCE};
use moked_core::ids::MarkName;
use moked_core::twilio::twiml::{Verb, read};
use serde_json::Value;
use url::Url;

use super::dice::Dice;
use super::notes::{Notes, Wish};
use crate::bench::Utterance;
use crate::caller::identity::{Identity, random_stream_sid};
use crate::caller::messages::{Messages, StreamStart};
use crate::caller::route::Place;
use crate::caller::socket::{Handshake, Incoming, Socket};
use crate::caller::webhook::Webhooks;

/// The account that calls; any will do, since nothing is signed.
const ACCOUNT: &str = "AC00000000000000000000000000000000";

const FRAME: Duration = Duration::from_millis(FRAME_MS as u64);

/// Until the carrier asks what follows a stream that broke.
const CARRIER_NOTICES: Duration = Duration::from_millis(200);

/// How long a connection that stalls stays: longer than the server waits for a sign of life.
const STALL: Duration = Duration::from_millis(4_500);

/// How long the server may take to close a stream that was stopped.
const CLOSING: Duration = Duration::from_secs(2);

/// After so long without an answer the caller says it again.
const PATIENCE: Duration = Duration::from_secs(15);

/// A place from which one caller after another calls.
pub(super) struct Seat {
    server: SocketAddr,
    utterance: Utterance,
    place: usize,
    notes: Rc<Notes>,
    dice: Dice,
}

/// How a stream ended.
enum StreamEnd {
    HungUp,
    Lost,
}

/// A call: what lasts longer than its stream.
struct Call {
    identity: Identity,
    until: Instant,
    lost: Option<Instant>,
}

/// What sounds in a stream.
struct Sound {
    /// When all that the agent said will have been played.
    drained: Instant,
    /// Marks, and when they are reached.
    marks: VecDeque<(Instant, MarkName)>,
    /// The next frame of the utterance being said.
    speaking: Option<usize>,
    /// When he finished, if he waits for an answer.
    waits_since: Option<Instant>,
    speaks_at: Duration,
}

impl Seat {
    pub(super) fn new(
        server: SocketAddr,
        utterance: Utterance,
        place: usize,
        notes: &Rc<Notes>,
        dice: Dice,
    ) -> Self {
        Self { server, utterance, place, notes: Rc::clone(notes), dice }
    }

    /// Calls until the soak is over.
    pub(super) async fn sit(mut self) {
        while !self.notes.is_over() {
            self.notes.begin();
            if let Err(error) = self.call().await {
                self.notes.cut.borrow_mut().push(format!("{error:#}"));
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
    }

    async fn call(&mut self) -> Result<()> {
        let identity = Identity::new(ACCOUNT, "+972501234567", "+97231234567")?;
        let until = Instant::now() + Duration::from_secs(20 + self.dice.below(40));
        let mut call = Call { identity, until, lost: None };
        let mut path = "incoming_call";
        loop {
            let (socket, messages) = self.connect(&call, path).await?;
            match self.talk(&mut call, socket, messages).await? {
                StreamEnd::HungUp => return Ok(()),
                StreamEnd::Lost => {
                    tokio::time::sleep(CARRIER_NOTICES).await;
                    path = "stream_action";
                }
            }
        }
    }

    /// Asks a webhook what to do, and opens the stream that it names.
    async fn connect(&self, call: &Call, path: &str) -> Result<(Socket, Messages)> {
        let identity = &call.identity;
        let webhook = place(&format!("http://{}/webhook/{path}", self.server))?;
        let status = if call.lost.is_some() { "in-progress" } else { "ringing" };
        let document = Webhooks::new(None).document(&webhook, &identity.voice_form(status)).await?;
        let verbs = read(&document)?;
        let [Verb::Connect(connect)] = verbs.as_slice() else {
            bail!("{path} answered with something other than a stream: {document}");
        };
        let start = StreamStart {
            account_sid: identity.account_sid.clone(),
            call_sid: identity.call_sid.clone(),
            stream_sid: random_stream_sid()?,
            custom_parameters: connect.stream.parameters.iter().cloned().collect::<BTreeMap<_, _>>(),
        };
        let place = place(&format!("ws://{}/ws/twilio-media", self.server))?;
        let mut socket = Socket::open(&place, &Handshake::default()).await?;
        let mut messages = Messages::new(start);
        socket.text(Messages::connected()).await?;
        socket.text(messages.start()).await?;
        if call.lost.is_some() {
            self.notes.resumed.set(self.notes.resumed.get() + 1);
        }
        Ok((socket, messages))
    }

    async fn talk(
        &mut self,
        call: &mut Call,
        mut socket: Socket,
        mut messages: Messages,
    ) -> Result<StreamEnd> {
        let begun = Instant::now();
        let (marks, speaking, waits_since) = (VecDeque::new(), None, None);
        let speaks_at = self.pause();
        let mut sound = Sound { drained: begun, marks, speaking, waits_since, speaks_at };
        let mut has_spoken = false;
        for frame in 0_u32.. {
            let due = begun + FRAME * frame;
            loop {
                tokio::select! {
                    biased;
                    incoming = socket.next() => match incoming {
                        Incoming::Closed(_) => return Ok(self.lost(call)),
                        Incoming::Text(text) => has_spoken |= self.hear(call, &text, &mut sound)?,
                        Incoming::Binary(_) | Incoming::Ping(_) => {}
                    },
                    () = tokio::time::sleep_until(due.into()) => break,
                }
            }
            match self.notes.take_wish(self.place) {
                None => {}
                Some(Wish::Drop) => return Ok(self.lost(call)),
                Some(Wish::Stall) => {
                    // The server must notice by itself; the carrier does when its connection is cut.
                    tokio::time::sleep(STALL).await;
                    return Ok(self.lost(call));
                }
                Some(Wish::Garbage) => {
                    for garbage in
                        ["", "{", r#"{"event":"media"}"#, r#"{"event":"media","media":{"payload":"%%"}}"#]
                    {
                        if socket.text(garbage.to_owned()).await.is_err() {
                            return Ok(self.lost(call));
                        }
                    }
                }
            }
            let now = Instant::now();
            if now >= call.until || self.notes.is_over() {
                // A server that is just closing this socket hears of the end the other way.
                let _ = socket.text(messages.stop()).await;
                drain(&mut socket).await;
                return Ok(StreamEnd::HungUp);
            }
            let audio = self.say(&mut sound, has_spoken, now);
            let mut lines = vec![messages.media(u64::from(frame * FRAME_MS), &audio)];
            while sound.marks.front().is_some_and(|(at, _)| *at <= now) {
                let name = sound.marks.pop_front().map(|(_, name)| name);
                lines.extend(name.map(|name| messages.mark(&name)));
            }
            for line in lines {
                if socket.text(line).await.is_err() {
                    return Ok(self.lost(call));
                }
            }
        }
        Ok(StreamEnd::HungUp)
    }

    fn lost(&self, call: &mut Call) -> StreamEnd {
        call.lost.get_or_insert_with(Instant::now);
        StreamEnd::Lost
    }

    fn pause(&mut self) -> Duration {
        Duration::from_millis(700 + self.dice.below(1_500))
    }

    /// The caller's next frame.
    fn say(&mut self, sound: &mut Sound, has_spoken: bool, now: Instant) -> [u8; FRAME_SAMPLES] {
        let quiet = now.saturating_duration_since(sound.drained);
        if let Some(since) = sound.waits_since
            && now.duration_since(since) >= PATIENCE
        {
            sound.waits_since = None;
            self.notes.unanswered.set(self.notes.unanswered.get() + 1);
        }
        let may_speak = has_spoken && sound.waits_since.is_none() && quiet >= sound.speaks_at;
        if sound.speaking.is_none() && may_speak {
            sound.speaking = Some(0);
        }
        let Some(place) = sound.speaking else { return [SILENCE; FRAME_SAMPLES] };
        match self.utterance.frame(place) {
            Some(frame) => {
                sound.speaking = Some(place + 1);
                *frame
            }
            None => {
                sound.speaking = None;
                sound.waits_since = Some(now);
                sound.speaks_at = self.pause();
                [SILENCE; FRAME_SAMPLES]
            }
        }
    }

    /// Takes a message of the agent's; whether it was audio.
    fn hear(&self, call: &mut Call, text: &str, sound: &mut Sound) -> Result<bool> {
        let now = Instant::now();
        if text.starts_with(r#"{"event":"media""#) {
            sound.drained = sound.drained.max(now) + FRAME;
            if let Some(lost) = call.lost.take() {
                self.notes.gap(now.duration_since(lost));
            }
            if let Some(since) = sound.waits_since.take() {
                self.notes.wait(now.duration_since(since));
            }
            return Ok(true);
        }
        let message: Value = serde_json::from_str(text).context("the server said no JSON")?;
        match message["event"].as_str() {
            Some("mark") => {
                let name = MarkName::new(message["mark"]["name"].as_str().unwrap_or_default());
                sound.marks.push_back((sound.drained, name));
            }
            Some("clear") => {
                sound.drained = now;
                sound.marks.iter_mut().for_each(|(at, _)| *at = now);
            }
            _ => {}
        }
        Ok(false)
    }
}

/// Reads to the end: a connection dropped with words unread is reset, and `stop` would be lost with it.
async fn drain(socket: &mut Socket) {
    let end = async { while !matches!(socket.next().await, Incoming::Closed(_)) {} };
    // One that is not closed in time is dropped as it is.
    let _ = tokio::time::timeout(CLOSING, end).await;
}

fn place(url: &str) -> Result<Place> {
    Ok(Place { signed: url.to_owned(), reach: Url::parse(url)? })
}
