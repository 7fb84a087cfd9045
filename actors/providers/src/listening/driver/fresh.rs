//! Fresh sessions: the first, one before the old one ends, and one after the vendor ended it.

use moked_core::audio::BYTES_PER_MS;
use moked_core::ports::ProviderFault;
use tokio::time::Instant;

use super::Driver;
use crate::transport::Socket;

/// Audio in one message, when a fresh session hears an utterance again: half a second.
const PIECE: usize = 500 * BYTES_PER_MS;

impl Driver {
    /// Connects and says what comes first.
    pub(super) async fn open(&mut self) -> Result<Socket, ProviderFault> {
        let mut socket = self.wire.request().connect().await?;
        for message in self.wire.opening() {
            message.send(&mut socket).await?;
        }
        Ok(socket)
    }

    /// The session will end soon: a fresh one takes its place, or it is kept if none can be had yet.
    pub(super) async fn renew(&mut self, socket: &mut Socket) -> Result<(), ProviderFault> {
        match self.wire.request().connect().await {
            Ok(mut fresh) => {
                self.begin_anew(&mut fresh).await?;
                std::mem::replace(socket, fresh).close().await;
                tracing::debug!(engine = self.engine, "a fresh session goes on before the old one ends");
            }
            Err(fault) => {
                tracing::warn!(engine = self.engine, "{fault}; no fresh session yet, the old one goes on");
                self.renewal.failed(Instant::now().into_std());
            }
        }
        Ok(())
    }

    /// The vendor ended the session by its rules: a fresh one hears what is not settled yet.
    pub(super) async fn follow(&mut self, why: &str) -> Result<Socket, ProviderFault> {
        if !self.renewal.has_lasted(Instant::now().into_std()) {
            return Err(ProviderFault::Closed { why: why.to_owned() });
        }
        let mut fresh = self.wire.request().connect().await?;
        self.begin_anew(&mut fresh).await?;
        tracing::debug!(engine = self.engine, why, "the session ended; a fresh one goes on");
        Ok(fresh)
    }

    async fn begin_anew(&mut self, fresh: &mut Socket) -> Result<(), ProviderFault> {
        self.wire.start_over();
        for message in self.wire.opening() {
            message.send(fresh).await?;
        }
        for spoken in self.renewal.unsettled() {
            for piece in spoken.audio.chunks(PIECE) {
                self.wire.audio(piece).send(fresh).await?;
            }
            if spoken.is_ended
                && let Some(message) = self.wire.finalize()
            {
                message.send(fresh).await?;
            }
        }
        self.renewal.opened(Instant::now().into_std());
        // What the fresh session has just begun to hear is waited for anew.
        self.final_due = None;
        self.arm_final();
        Ok(())
    }

    /// A connection that is gone is no fault where the vendor may have ended the session by its age.
    pub(super) fn outlive(&mut self, done: Result<(), ProviderFault>) -> Result<(), ProviderFault> {
        match done {
            Err(ProviderFault::Closed { why }) if self.renewal.is_of_age(Instant::now().into_std()) => {
                self.expired = Some(why);
                Ok(())
            }
            done => done,
        }
    }
}
