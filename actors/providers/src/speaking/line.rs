//! The task of a connection: opens it, sends sentences, sorts what comes back, notices what does not.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use moked_core::language::Language;
use moked_core::ports::ProviderFault;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until};

use super::sentence::{Job, Sentence, Stage};
use super::wire::{CancelEnd, TtsWire, VoiceFact, VoiceMessage};
use crate::listening::Outgoing;
use crate::transport::{Incoming, Socket};

/// How long a vendor may take to confirm a cancelled sentence. Past this its place on the connection is
/// unsure, and the connection is used for nothing new.
const CANCEL_LIMIT: Duration = Duration::from_secs(2);

struct Driver {
    wire: Arc<dyn TtsWire>,
    language: Language,
    jobs: UnboundedReceiver<Job>,
    is_retired: Rc<Cell<bool>>,
    /// In the order they were sent.
    sentences: Vec<Sentence>,
    /// Sent by the vendor, anything at all.
    last_heard: Instant,
    last_sent: Instant,
    idle_since: Instant,
}

/// Serves sentences until the connection has been idle for long, or breaks with nothing left to repeat.
pub(super) async fn run(
    wire: Arc<dyn TtsWire>,
    language: Language,
    jobs: UnboundedReceiver<Job>,
    is_retired: Rc<Cell<bool>>,
) {
    let now = Instant::now();
    let mut driver = Driver {
        wire,
        language,
        jobs,
        is_retired,
        sentences: Vec::new(),
        last_heard: now,
        last_sent: now,
        idle_since: now,
    };
    loop {
        let connected = match driver.wire.request(driver.language) {
            Ok(request) => request.connect().await,
            Err(fault) => Err(fault),
        };
        let fault = match connected {
            Err(fault) => {
                driver.give_up(&fault);
                return;
            }
            Ok(mut socket) => match driver.serve(&mut socket).await {
                Ok(()) => {
                    driver.farewell(&mut socket).await;
                    None
                }
                Err(fault) => Some(fault),
            },
        };
        if !driver.has_more(fault) {
            driver.is_retired.set(true);
            return;
        }
    }
}

impl Driver {
    /// Serves one connection. `Ok` when it is not needed any more.
    async fn serve(&mut self, socket: &mut Socket) -> Result<(), ProviderFault> {
        let now = Instant::now();
        (self.last_heard, self.last_sent, self.idle_since) = (now, now, now);
        for sentence in std::mem::take(&mut self.sentences) {
            self.begin(sentence, socket).await?;
        }
        loop {
            let keep_alive = self.wire.keep_alive();
            let keep_alive_at = keep_alive.as_ref().map(|(every, _)| self.last_sent + *every);
            let due = self.sentences.iter().map(|sentence| sentence.due).min();
            let idle_at = self.sentences.is_empty().then(|| self.idle_since + self.wire.idle_limit());
            tokio::select! {
                job = self.jobs.recv() => match job {
                    None => return Ok(()),
                    Some(Job::Speak(sentence)) => self.begin(*sentence, socket).await?,
                    Some(Job::Cancel(number)) => self.cancel(number, socket).await?,
                },
                message = socket.next() => match message? {
                    Some(message) => self.read(message, socket).await?,
                    None => return Err(ProviderFault::Closed { why: "the vendor ended the session".into() }),
                },
                () = until(due) => self.overdue(socket).await?,
                () = until(keep_alive_at) => if let Some((_, message)) = keep_alive {
                    self.send(socket, message).await?;
                },
                () = until(idle_at) => return Ok(()),
            }
            if self.is_retired.get() && self.sentences.is_empty() && self.jobs.is_empty() {
                return Ok(());
            }
        }
    }

    async fn begin(&mut self, mut sentence: Sentence, socket: &mut Socket) -> Result<(), ProviderFault> {
        if !sentence.is_wanted() {
            return Ok(());
        }
        sentence.begin();
        let messages = self.wire.begin(&sentence.context(), &sentence.request);
        // Kept first: if sending fails, it is among those to be repeated.
        self.sentences.push(sentence);
        for message in messages {
            self.send(socket, message).await?;
        }
        Ok(())
    }

    async fn cancel(&mut self, number: u64, socket: &mut Socket) -> Result<(), ProviderFault> {
        let index = self.sentences.iter().position(|sentence| sentence.number == number);
        let Some(sentence) = index.and_then(|index| self.sentences.get_mut(index)) else { return Ok(()) };
        if sentence.stage != Stage::Speaking {
            return Ok(());
        }
        let cancellation = self.wire.cancel(&sentence.context());
        sentence.stage = Stage::Cancelled(cancellation.end);
        sentence.due = Instant::now() + CANCEL_LIMIT;
        if cancellation.end == CancelEnd::AtOnce {
            self.remove(number);
        }
        for message in cancellation.messages {
            self.send(socket, message).await?;
        }
        Ok(())
    }

    fn remove(&mut self, number: u64) {
        self.sentences.retain(|sentence| sentence.number != number);
        self.idle_since = Instant::now();
    }

    async fn send(&mut self, socket: &mut Socket, message: Outgoing) -> Result<(), ProviderFault> {
        self.last_sent = Instant::now();
        message.send(socket).await
    }

    async fn read(&mut self, message: Incoming, socket: &mut Socket) -> Result<(), ProviderFault> {
        self.last_heard = Instant::now();
        for message in self.wire.read(message)? {
            if let Some((number, fault)) = self.take(message)? {
                self.fail(number, fault, socket).await?;
            }
        }
        Ok(())
    }

    /// Takes a fact; gives the sentence that must be cancelled for it. `Err` is the connection's own fault.
    fn take(
        &mut self,
        VoiceMessage { context, fact }: VoiceMessage,
    ) -> Result<Option<(u64, ProviderFault)>, ProviderFault> {
        let of_context = |sentence: &&mut Sentence| match &context {
            Some(context) => sentence.context() == *context,
            None => true,
        };
        if let (None, VoiceFact::Fault(fault)) = (&context, &fact) {
            return Err(fault.clone());
        }
        // What belongs to no sentence is late audio of a cancelled one: dropped.
        let Some(sentence) = self.sentences.iter_mut().find(of_context) else { return Ok(None) };
        let number = sentence.number;
        let is_wanted = sentence.is_wanted();
        match fact {
            VoiceFact::Audio(audio) if is_wanted => {
                sentence.heard();
                return Ok(sentence.delivery.audio(audio).err().map(|fault| (number, fault)));
            }
            VoiceFact::Words(words) if is_wanted => sentence.delivery.words(words),
            VoiceFact::LettersOfNextAudio(letters) if is_wanted => sentence.delivery.letters(letters, true),
            VoiceFact::Letters(letters) if is_wanted => sentence.delivery.letters(letters, false),
            VoiceFact::Over => match sentence.stage {
                Stage::Speaking => {
                    if is_wanted {
                        sentence.delivery.finish();
                    }
                    self.remove(number);
                }
                Stage::Cancelled(CancelEnd::WithCleared) => {}
                Stage::Cancelled(CancelEnd::WithOver | CancelEnd::AtOnce) => self.remove(number),
            },
            VoiceFact::Cleared => {
                if sentence.stage == Stage::Cancelled(CancelEnd::WithCleared) {
                    self.remove(number);
                }
            }
            VoiceFact::Fault(fault) => {
                sentence.fail(fault);
                self.remove(number);
            }
            VoiceFact::Audio(_)
            | VoiceFact::Words(_)
            | VoiceFact::LettersOfNextAudio(_)
            | VoiceFact::Letters(_) => {}
        }
        Ok(None)
    }

    async fn fail(
        &mut self,
        number: u64,
        fault: ProviderFault,
        socket: &mut Socket,
    ) -> Result<(), ProviderFault> {
        if let Some(sentence) = self.sentences.iter_mut().find(|sentence| sentence.number == number) {
            sentence.fail(fault);
        }
        self.cancel(number, socket).await
    }

    async fn overdue(&mut self, socket: &mut Socket) -> Result<(), ProviderFault> {
        let now = Instant::now();
        let overdue = self.sentences.iter().filter(|sentence| sentence.due <= now);
        let overdue: Vec<u64> = overdue.map(|sentence| sentence.number).collect();
        for number in overdue {
            let Some(sentence) = self.sentences.iter().find(|sentence| sentence.number == number) else {
                continue;
            };
            if sentence.stage != Stage::Speaking {
                self.is_retired.set(true);
                self.remove(number);
                continue;
            }
            let (fault, is_dead) = (sentence.stalled(), self.last_heard < sentence.sent);
            self.fail(number, fault.clone(), socket).await?;
            if is_dead {
                // Not a word since: the connection is taken for dead, and the next sentence gets another.
                return Err(fault);
            }
        }
        Ok(())
    }

    /// No connection came about: every sentence fails, and no new one is taken.
    fn give_up(&mut self, fault: &ProviderFault) {
        self.is_retired.set(true);
        self.take_waiting();
        if self.sentences.is_empty() {
            tracing::warn!(engine = self.wire.engine(), "{fault}; no connection ahead of the next sentence");
        }
        for sentence in &mut self.sentences {
            sentence.fail(fault.clone());
        }
    }

    /// After a connection: what is left to be said on another one. A sentence is repeated once, if the call
    /// has none of it.
    fn has_more(&mut self, fault: Option<ProviderFault>) -> bool {
        if let Some(fault) = fault {
            let may_repeat = match fault {
                ProviderFault::Closed { .. }
                | ProviderFault::Stalled { .. }
                | ProviderFault::Garbage { .. }
                | ProviderFault::Stopped { .. } => true,
                ProviderFault::Unavailable { .. }
                | ProviderFault::UnsupportedLanguage { .. }
                | ProviderFault::Connect { .. }
                | ProviderFault::Auth { .. }
                | ProviderFault::Quota { .. }
                | ProviderFault::BadRequest { .. } => false,
            };
            for mut sentence in std::mem::take(&mut self.sentences) {
                let is_fresh = !sentence.is_repeated && !sentence.delivery.has_delivered();
                if may_repeat && is_fresh && sentence.is_wanted() {
                    sentence.is_repeated = true;
                    self.sentences.push(sentence);
                } else {
                    sentence.fail(fault.clone());
                }
            }
            tracing::debug!(engine = self.wire.engine(), repeated = self.sentences.len(), "{fault}");
        }
        self.take_waiting();
        !self.sentences.is_empty()
    }

    fn take_waiting(&mut self) {
        while let Ok(job) = self.jobs.try_recv() {
            match job {
                Job::Speak(sentence) => self.sentences.push(*sentence),
                Job::Cancel(number) => self.remove(number),
            }
        }
    }

    async fn farewell(&mut self, socket: &mut Socket) {
        if let Some(message) = self.wire.goodbye() {
            // The connection is closed next, whatever becomes of the word.
            let _ = self.send(socket, message).await;
        }
        socket.close().await;
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
