//! The task of a session: connects, sends, reads, and tells the call.

mod fresh;

use std::rc::Rc;
use std::time::Duration;

use moked_core::audio::BYTES_PER_MS;
use moked_core::ids::UtteranceId;
use moked_core::ports::{HearingEvent, ProviderFault, Sink};
use tokio::time::{Instant, sleep_until};

use super::renewal::Renewal;
use super::session::{Command, Queue};
use super::transcript::{Told, Transcript};
use super::wire::{Outgoing, SttWire, WireFact};
use crate::transport::{Incoming, Socket};

/// How long a vendor may take to settle an utterance after its end. The slowest of those that pipecat measured
/// in August 2026, Azure, needs 1.8 s at p99; past this the interim text is as good as it gets.
const FINAL_LIMIT: Duration = Duration::from_millis(2_000);

/// How long text without an utterance is kept: voice activity may be this much later than the vendor.
const STRAY_LIMIT: Duration = Duration::from_secs(2);

/// How far before its report speech may have begun: 500 ms, as the port says.
const ONSET: usize = 500 * BYTES_PER_MS;

struct Driver {
    engine: &'static str,
    wire: Box<dyn SttWire>,
    events: Sink<HearingEvent>,
    transcript: Transcript,
    current: UtteranceId,
    /// Audio that does not fill a piece yet.
    rest: Vec<u8>,
    in_utterance: bool,
    final_due: Option<Instant>,
    /// When the vendor last said anything.
    last_heard: Instant,
    /// When it last said words.
    last_words: Instant,
    last_sent: Instant,
    /// When the utterance began that is waited for.
    utterance_began: Instant,
    /// Utterances in a row that ended without a message since they began.
    unanswered: u32,
    has_complained: bool,
    renewal: Renewal,
    /// Why the session is over by the vendor's rules.
    expired: Option<String>,
}

/// Runs a session until it fails or is aborted.
pub(super) async fn drive(
    engine: &'static str,
    wire: Box<dyn SttWire>,
    queue: Rc<Queue>,
    events: Sink<HearingEvent>,
) {
    let now = Instant::now();
    let renewal = Renewal::new(wire.lifetime(), now.into_std());
    let mut driver = Driver {
        engine,
        renewal,
        expired: None,
        wire,
        events: events.clone(),
        transcript: Transcript::default(),
        current: UtteranceId::default(),
        rest: Vec::new(),
        in_utterance: false,
        final_due: None,
        last_heard: now,
        last_words: now,
        last_sent: now,
        utterance_began: now,
        unanswered: 0,
        has_complained: false,
    };
    if let Err(fault) = driver.run(&queue).await {
        events.send(HearingEvent::Failed(fault));
    }
}

impl Driver {
    async fn run(&mut self, queue: &Queue) -> Result<(), ProviderFault> {
        let mut socket = self.open().await?;
        loop {
            if let Some(why) = self.expired.take() {
                socket = self.follow(&why).await?;
            }
            let renew_at = self.renewal.poll_timeout(!self.in_utterance && !self.transcript.is_due());
            let keep_alive = self.wire.keep_alive();
            let keep_alive_at = keep_alive.as_ref().map(|(every, _)| self.last_sent + *every);
            tokio::select! {
                command = queue.next() => {
                    let obeyed = self.obey(command, &mut socket).await;
                    self.outlive(obeyed)?;
                }
                message = socket.next() => {
                    let read = message.and_then(|message| match message {
                        Some(message) => self.read(message),
                        None => Err(ProviderFault::Closed { why: "the vendor ended the session".into() }),
                    });
                    self.outlive(read)?;
                }
                () = until(self.final_due) => self.final_overdue()?,
                () = until(renew_at.map(Instant::from_std)) => self.renew(&mut socket).await?,
                () = until(keep_alive_at) => {
                    self.last_sent = Instant::now();
                    if let Some((_, message)) = keep_alive {
                        message.send(&mut socket).await?;
                    }
                }
            }
        }
    }

    async fn obey(&mut self, command: Command, socket: &mut Socket) -> Result<(), ProviderFault> {
        match command {
            Command::Audio(audio) => {
                self.rest.extend_from_slice(&audio);
                if !self.in_utterance && self.wire.is_speech_only() {
                    let surplus = self.rest.len().saturating_sub(ONSET);
                    self.rest.drain(..surplus);
                    return Ok(());
                }
                let piece = (self.wire.piece().as_millis() as usize * BYTES_PER_MS).max(1);
                if self.rest.len() >= piece {
                    self.send_rest(socket).await?;
                }
                Ok(())
            }
            Command::Started(utterance) => {
                if self.last_words.elapsed() > STRAY_LIMIT {
                    self.transcript.forget_strays();
                }
                self.in_utterance = true;
                self.current = utterance;
                if !self.transcript.is_due() {
                    self.utterance_began = Instant::now();
                }
                self.transcript.started(utterance);
                self.renewal.started(utterance);
                Ok(())
            }
            Command::Ended(utterance) => {
                self.in_utterance = false;
                // Written down before it is sent: a session that turns out to be over is followed by one that
                // is told the same.
                let rest = self.take_rest();
                let finalize = self.wire.finalize();
                self.renewal.ended(utterance);
                let told = self.transcript.ended(utterance, finalize.is_some());
                self.tell(told);
                self.arm_final();
                for message in rest.into_iter().chain(finalize) {
                    message.send(socket).await?;
                }
                Ok(())
            }
            Command::Expect(hints) => match self.wire.expect(&hints.phrases) {
                Some(message) => message.send(socket).await,
                None => Ok(()),
            },
        }
    }

    async fn send_rest(&mut self, socket: &mut Socket) -> Result<(), ProviderFault> {
        match self.take_rest() {
            Some(message) => message.send(socket).await,
            None => Ok(()),
        }
    }

    fn take_rest(&mut self) -> Option<Outgoing> {
        let audio = std::mem::take(&mut self.rest);
        if audio.is_empty() {
            return None;
        }
        self.renewal.sent(&audio);
        self.last_sent = Instant::now();
        Some(self.wire.audio(&audio))
    }

    fn read(&mut self, message: Incoming) -> Result<(), ProviderFault> {
        self.last_heard = Instant::now();
        self.unanswered = 0;
        let facts = match self.wire.read(message) {
            Ok(facts) => facts,
            Err(fault) => {
                if !std::mem::replace(&mut self.has_complained, true) {
                    tracing::warn!(
                        engine = self.engine,
                        "{fault}; the message is dropped, more are only counted"
                    );
                }
                return Ok(());
            }
        };
        for fact in facts {
            match fact {
                WireFact::Fault(fault) => return Err(fault),
                WireFact::Expired(why) => self.expired = Some(why),
                WireFact::Turn(signal) => {
                    self.events.send(HearingEvent::Turn { utterance: self.current, signal });
                }
                WireFact::Interim(_)
                | WireFact::Settled(_)
                | WireFact::Pieces { .. }
                | WireFact::Finalized => {
                    if has_words(&fact) {
                        self.last_words = self.last_heard;
                    }
                    let told = self.transcript.take(&fact);
                    self.tell(told);
                }
            }
        }
        Ok(())
    }

    /// The vendor did not settle in time. If it has said nothing since the caller began, it is stalled.
    fn final_overdue(&mut self) -> Result<(), ProviderFault> {
        if self.last_heard < self.utterance_began {
            self.unanswered += 1;
            if self.unanswered >= self.wire.unanswered_limit() {
                let after_ms = self.utterance_began.elapsed().as_millis() as u64;
                return Err(ProviderFault::Stalled { waiting_for: "a transcript", after_ms });
            }
        }
        self.final_due = None;
        let told = self.transcript.give_up();
        self.tell(told);
        self.arm_final();
        Ok(())
    }

    /// Sets the time limit of the oldest final that is due.
    fn arm_final(&mut self) {
        if !self.transcript.is_due() {
            self.final_due = None;
        } else if self.final_due.is_none() {
            self.final_due = Some(Instant::now() + FINAL_LIMIT);
        }
    }

    fn tell(&mut self, told: Option<Told>) {
        match told {
            None => {}
            Some(Told::Partial(utterance, text)) => {
                self.events.send(HearingEvent::Partial { utterance, text })
            }
            Some(Told::Final(utterance, text)) => {
                self.final_due = None;
                self.arm_final();
                self.renewal.told(utterance);
                self.events.send(HearingEvent::Final { utterance, text });
            }
        }
    }
}

/// Whether there is text in a fact.
fn has_words(fact: &WireFact) -> bool {
    match fact {
        WireFact::Interim(text) | WireFact::Settled(text) => !text.is_empty(),
        WireFact::Pieces { settled, interim } => !(settled.is_empty() && interim.is_empty()),
        WireFact::Finalized | WireFact::Turn(_) | WireFact::Expired(_) | WireFact::Fault(_) => false,
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
