//! The watchdog over calls that were answered with a stream and have none.
//!
//! A caller whose stream never starts hears silence until he hangs up; Twilio knows nothing of it, and no
//! webhook comes. When a stream is overdue, or up without a single frame, Twilio is told by REST to go on
//! with a document that excuses it and takes a message. Once a call; never one that is being resumed.

mod ledger;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use actix_web::web;
use moked_actors::registry::{CallRegistry, Presence};
use moked_core::ids::CallSid;
use tokio::sync::Notify;

use crate::routes::Edge;
use crate::settings::Settings;
use crate::stream_tokens::{Passage, StreamTokens};
use crate::twilio_rest::{RestFault, TwilioRest};
use ledger::{Ledger, Progress, Wrong};

/// What is kept of a watched call.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Caller {
    /// Whose call it is, by the form of its webhook.
    account: String,
    /// The document that takes his message.
    document: String,
}

/// The watchdog of a process.
#[derive(Debug)]
pub(crate) struct Watchdog {
    /// `None` where the settings want none.
    ledger: Option<Mutex<Ledger<Caller>>>,
    rest: Option<TwilioRest>,
    news: Notify,
}

impl Watchdog {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            ledger: settings.twilio.watchdog.map(|limit| Mutex::new(Ledger::new(limit))),
            rest: TwilioRest::of(settings),
            news: Notify::new(),
        }
    }

    /// A call's webhook was answered with a stream. `document` takes a message, if it must come to that.
    pub(crate) fn answered(&self, call: &CallSid, account: &str, document: String, now: Instant) {
        if let Some(mut ledger) = self.ledger() {
            ledger.answered(call, Caller { account: account.to_owned(), document }, now);
            self.news.notify_one();
        }
    }

    /// Twilio asks what comes after the stream, or says that the call is over.
    pub(crate) fn over(&self, call: &CallSid) {
        if let Some(mut ledger) = self.ledger() {
            ledger.over(call);
        }
    }

    fn ledger(&self) -> Option<MutexGuard<'_, Ledger<Caller>>> {
        // Nothing panics while it holds the lock.
        self.ledger.as_ref().map(|ledger| ledger.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What is known of a call whose stream is due.
fn progress(tokens: &StreamTokens, registry: &CallRegistry, call: &CallSid) -> Progress {
    match (registry.presence(call), tokens.passage(call)) {
        (Presence::Connected, _) if !registry.has_media(call) => Progress::Silent,
        // It waits for another stream: the resume takes care of it.
        (Presence::Connected | Presence::Adrift, _) => Progress::Settled,
        (Presence::Absent, Passage::NeverCame) if registry.last_end(call).is_none() => Progress::NeverCame,
        // Who was let in and is absent is over. An echo is in no list, and hears itself.
        (Presence::Absent, _) => Progress::Settled,
    }
}

/// Watches for as long as the process lives.
pub(crate) async fn watch(edge: web::Data<Edge>) {
    loop {
        let due = edge.watchdog.ledger().and_then(|ledger| ledger.poll_timeout());
        let news = edge.watchdog.news.notified();
        match due {
            None => news.await,
            Some(due) => {
                tokio::select! {
                    () = tokio::time::sleep_until(due.into()) => look(&edge),
                    () = news => {}
                }
            }
        }
    }
}

fn look(edge: &web::Data<Edge>) {
    let (tokens, registry) = (&edge.tokens, &edge.registry);
    let progress = |call: &CallSid| progress(tokens, registry, call);
    let Some(wrong) = edge.watchdog.ledger().map(|mut ledger| ledger.handle_timeout(progress, now())) else {
        return;
    };
    for (call, wrong, caller) in wrong {
        edge.admission.free(&call);
        actix_rt::spawn(redirect(edge.clone(), call, wrong, caller));
    }
}

/// The runtime's clock, which tests can stop.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

async fn redirect(edge: web::Data<Edge>, call: CallSid, wrong: Wrong, caller: Caller) {
    let what = match wrong {
        Wrong::NeverStarted => "the media stream never started",
        Wrong::NoMedia => "the media stream brings no audio",
    };
    let counters = &edge.counters;
    let Some(rest) = &edge.watchdog.rest else {
        counters.watchdog_failed.add();
        tracing::error!(
            event = "WATCHDOG", call_sid = %call,
            "{what}, and the caller hears silence: set TWILIO_AUTH_TOKEN, or TWILIO_API_KEY with \
             TWILIO_API_SECRET, so that he can be sent to a recorded message"
        );
        return;
    };
    match rest.replace_document(&caller.account, &call, &caller.document).await {
        Ok(()) => {
            counters.watchdog_redirected.add();
            tracing::warn!(event = "WATCHDOG", call_sid = %call, "{what}; the caller leaves a message instead");
        }
        Err(RestFault::Gone) => {
            counters.watchdog_gone.add();
            tracing::info!(event = "WATCHDOG", call_sid = %call, "{what}, and the caller has hung up");
        }
        Err(fault) => {
            counters.watchdog_failed.add();
            tracing::error!(event = "WATCHDOG", call_sid = %call, "{what}, and the caller hears silence: {fault}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Environment;

    #[test]
    fn a_watchdog_that_is_off_watches_nobody() {
        let environment = Environment::from([("MOKED__TWILIO__WATCHDOG_S".to_owned(), "0".to_owned())]);
        let watchdog = Watchdog::new(&Settings::load(None, &environment).unwrap());
        watchdog.answered(&CallSid::new("CA1"), "AC1", String::new(), Instant::now());
        assert!(watchdog.ledger().is_none() && watchdog.rest.is_none());
    }

    #[test]
    fn keys_are_not_shown() {
        let variables =
            [("TWILIO_AUTH_TOKEN", "canary1"), ("TWILIO_API_KEY", "SK1"), ("TWILIO_API_SECRET", "canary2")];
        let environment = variables.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let watchdog = Watchdog::new(&Settings::load(None, &environment).unwrap());
        assert!(watchdog.rest.is_some());
        assert!(!format!("{watchdog:?}").contains("canary"), "{watchdog:?}");
    }
}
