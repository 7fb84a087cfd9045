//! What every route shares.

use std::sync::Arc;
use std::time::{Duration, Instant};

use moked_actors::host::CallHost;
use moked_actors::registry::CallRegistry;
use moked_core::language::Language;
use tokio::sync::watch;

use super::admin::Admin;
use super::counters::Counters;
use crate::admission::Admission;
use crate::drain::Drain;
use crate::engines::{EngineReport, Roster};
use crate::records::Records;
use crate::settings::{Settings, WsMode};
use crate::stream_tokens::StreamTokens;
use crate::waiting_room::WaitingRoom;
use crate::watchdog::Watchdog;

/// How long a webhook waits for engines that are being made. Twilio waits 15 s; a caller hears ringing.
const PATIENCE: Duration = Duration::from_secs(4);

/// Whether calls can be held.
#[derive(Debug, Clone)]
pub(crate) enum Readiness {
    /// Engines are being made.
    Starting,
    /// There is a host for calls.
    Ready {
        /// The host.
        host: Arc<CallHost>,
        /// What its engines can do.
        report: EngineReport,
        /// Who they are, and how they are.
        roster: Arc<Roster>,
    },
    /// No engines: every call leaves a message.
    Failed {
        /// Why, with the mend.
        why: String,
    },
}

/// What a call gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Service {
    /// A media stream.
    Stream,
    /// A recorded message, because of this.
    Message {
        /// Why, for the log and `/readyz`.
        why: String,
    },
}

/// The state of the edge, one for the process.
#[derive(Debug)]
pub(crate) struct Edge {
    pub(crate) settings: Settings,
    pub(crate) tokens: Arc<StreamTokens>,
    pub(crate) registry: Arc<CallRegistry>,
    pub(crate) records: Arc<Records>,
    pub(crate) readiness: watch::Receiver<Readiness>,
    pub(crate) counters: Counters,
    pub(crate) waiting_room: WaitingRoom,
    pub(crate) started: Instant,
    pub(crate) admin: Admin,
    pub(crate) admission: Admission,
    pub(crate) drain: Drain,
    pub(crate) watchdog: Watchdog,
}

impl Edge {
    /// The language of calls.
    pub(crate) fn language(&self) -> Language {
        self.settings.agent.language
    }

    /// What a call gets now.
    pub(crate) fn service(&self) -> Service {
        let message = |why: &str| Service::Message { why: why.to_owned() };
        if self.settings.call.ws_mode == WsMode::Disabled {
            return message("WS_MODE is DISABLED");
        }
        if self.language() == Language::Hebrew && !self.settings.call.hebrew_realtime {
            return message("HEBREW_REALTIME_ENABLED is false");
        }
        match &*self.readiness.borrow() {
            Readiness::Starting => message("engines are still being made"),
            Readiness::Failed { why } => message(why),
            Readiness::Ready { report, .. } => {
                let echo = self.settings.call.ws_mode == WsMode::Echo;
                let parts = [&report.speaking, &report.thinking];
                match parts.into_iter().find_map(|part| part.problem.as_deref()) {
                    Some(problem) if !echo => message(problem),
                    _ => Service::Stream,
                }
            }
        }
    }

    /// The engines, once they are made.
    pub(crate) fn roster(&self) -> Option<Arc<Roster>> {
        match &*self.readiness.borrow() {
            Readiness::Ready { roster, .. } => Some(Arc::clone(roster)),
            Readiness::Starting | Readiness::Failed { .. } => None,
        }
    }

    /// What a call gets, after waiting a little for engines that are being made.
    pub(crate) async fn service_when_ready(&self) -> Service {
        let mut readiness = self.readiness.clone();
        let made = readiness.wait_for(|readiness| !matches!(readiness, Readiness::Starting));
        // Late or not, what holds now is what counts.
        let _ = tokio::time::timeout(PATIENCE, made).await;
        self.service()
    }
}
