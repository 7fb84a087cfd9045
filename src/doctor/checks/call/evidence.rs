//! Proof of a call from the server's side.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;
use std::time::Duration;

use actix_rt::task::JoinHandle;
use moked_core::conversation::Remark;
use serde::Deserialize;

use crate::doctor::events::in_order;
use crate::doctor::finding::Finding;
use crate::doctor::patient::Patient;
use crate::doctor::site::Site;

/// How often the list of live calls is asked while the call lasts.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How long a call's last events may take after its end.
const SETTLING: Duration = Duration::from_secs(2);

/// How often they are looked for.
const SETTLE_EVERY: Duration = Duration::from_millis(20);

/// What the server's side showed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Seen {
    /// Names of the call's events, in order; none when they cannot be seen from here.
    pub(super) events: Option<Vec<String>>,
    /// What the server took the caller to have said.
    pub(super) understood: Option<String>,
    /// Whether the call stood in `/admin/calls`; none when nobody may look there.
    pub(super) listed: Option<bool>,
}

impl Seen {
    /// Whether the events that must be there are.
    pub(super) fn judge(&self, wanted: &[&str]) -> Finding {
        let chain = wanted.join(" → ");
        let mut finding = match &self.events {
            None => match self.listed {
                Some(true) => Finding::pass("the call stood in /admin/calls while it lasted"),
                Some(false) => Finding::pass("the call was not seen in /admin/calls"),
                None => {
                    Finding::pass("/admin/calls is not open from here, so the caller's report is the proof")
                }
            },
            Some(events) if in_order(events, wanted) => Finding::pass(format!("events {chain}")),
            Some(events) => {
                let mut distinct: Vec<&str> = Vec::new();
                for event in events {
                    if !distinct.contains(&event.as_str()) {
                        distinct.push(event);
                    }
                }
                Finding::fail(
                    format!("events {chain} are due; there were {}", distinct.join(", ")),
                    "the first that is missing names the stage that does not work: WS_START the socket, \
                     STT_FINAL the ears, MEDIA_TX the mind or the voice",
                )
            }
        };
        if let Some(text) = &self.understood {
            finding = finding.saw(format!("the server understood \"{text}\""));
        }
        finding
    }
}

/// Looks at the server while a call lasts.
pub(super) struct Watch {
    listed: Rc<RefCell<Option<BTreeSet<String>>>>,
    looking: Option<JoinHandle<()>>,
}

/// The body of `/admin/calls`.
#[derive(Debug, Deserialize)]
struct Calls {
    live: Vec<Call>,
}

#[derive(Debug, Deserialize)]
struct Call {
    call_sid: String,
}

impl Watch {
    /// Begins to look. A server of this process is not asked: it is known from inside.
    pub(super) fn begin(patient: &Patient, site: &Site) -> Self {
        let listed = Rc::new(RefCell::new(None));
        if let (Some(_), Some(events)) = (&patient.own, &patient.events) {
            events.forget();
            return Self { listed, looking: None };
        }
        let (site, found) = (site.clone(), Rc::clone(&listed));
        let looking = actix_rt::spawn(async move {
            loop {
                if let Ok(answer) = site.get("/admin/calls").await
                    && let Ok(Calls { live }) = serde_json::from_str(&answer.body)
                {
                    let names = live.into_iter().map(|call| call.call_sid);
                    found.borrow_mut().get_or_insert_with(BTreeSet::new).extend(names);
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        });
        Self { listed, looking: Some(looking) }
    }

    /// Ends looking, and says what was seen of a call that is over.
    pub(super) async fn end(&mut self, patient: &Patient, call_sid: &str, wanted: &[&str]) -> Seen {
        if let Some(looking) = self.looking.take() {
            looking.abort();
        }
        let listed = self.listed.borrow().as_ref().map(|names| names.contains(call_sid));
        let (Some(own), Some(events)) = (&patient.own, &patient.events) else {
            return Seen { listed, ..Seen::default() };
        };
        let understood = || {
            let ended =
                own.registry().ended().into_iter().find(|call| call.summary.call_sid.as_str() == call_sid)?;
            ended.conversation.into_iter().find_map(|remark| match remark {
                Remark::Caller { text } => Some(text),
                Remark::Agent { .. } => None,
            })
        };
        let settled = async {
            while !(in_order(&events.names(), wanted) && understood().is_some()) {
                tokio::time::sleep(SETTLE_EVERY).await;
            }
        };
        // Whatever is missing now is missing; the judgement says so.
        let _ = tokio::time::timeout(SETTLING, settled).await;
        Seen { events: Some(events.names()), understood: understood(), listed }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(looking) = &self.looking {
            looking.abort();
        }
    }
}
