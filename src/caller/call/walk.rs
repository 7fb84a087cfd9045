//! Walking through TwiML, verb by verb, as Twilio does.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use moked_core::twilio::twiml::{Connect, Verb};
use secrecy::SecretString;

use super::CallError;
use super::document::{Document, DocumentError, fetch};
use crate::caller::acts::ReadyAct;
use crate::caller::identity::{Form, Identity, random_stream_sid};
use crate::caller::messages::StreamStart;
use crate::caller::news::CallEvent;
use crate::caller::report::{CallReport, EndedBy, Problem, Step, StreamEnd, StreamReport, measure};
use crate::caller::route::{Place, Route};
use crate::caller::script::Manners;
use crate::caller::socket::Handshake;
use crate::caller::stream::{self, Outcome, Plan};
use crate::caller::webhook::Webhooks;

/// Most documents that one leads to by another without anything being heard in between (Twilio error 11215).
const MAX_REDIRECTS: usize = 10;

/// Most documents in a call: a server that answers each end of a stream with a new one would never be done.
const MAX_DOCUMENTS: usize = 40;

/// Times that bound the streams.
pub(super) struct Limits {
    pub(super) pause: Duration,
    pub(super) manners: Manners,
    pub(super) until: Instant,
}

pub(super) struct Walk<'a> {
    route: Route,
    identity: Identity,
    handshake: Handshake,
    acts: VecDeque<ReadyAct>,
    limits: Limits,
    started: Instant,
    tell: &'a mut dyn FnMut(CallEvent),
    trail: Vec<Step>,
    streams: Vec<StreamReport>,
    problems: Vec<Problem>,
    advice: Vec<String>,
}

/// What follows a verb.
enum After {
    NextVerb,
    Document(Place, Form),
    End(EndedBy),
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        route: Route,
        identity: Identity,
        handshake: Handshake,
        acts: VecDeque<ReadyAct>,
        limits: Limits,
        started: Instant,
        tell: &'a mut dyn FnMut(CallEvent),
    ) -> Self {
        let (trail, streams, problems, advice) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { route, identity, handshake, acts, limits, started, tell, trail, streams, problems, advice }
    }

    pub(super) async fn run(mut self, auth_token: Option<SecretString>) -> Result<CallReport, CallError> {
        let webhooks = Webhooks::new(auth_token);
        let place = self.route.webhook();
        self.step(format!("POST {}", place.reach.path()));
        let mut document = fetch(&webhooks, place, &self.identity.voice_form("ringing")).await?;
        let webhook_ms = self.elapsed_ms();
        let (mut documents, mut silent_documents) = (1, 0);
        let ended_by = loop {
            let streams = self.streams.len();
            match self.follow(&webhooks, &mut document).await? {
                After::End(ended_by) => break ended_by,
                After::NextVerb => {
                    self.step("end of the document".to_owned());
                    break EndedBy::Server;
                }
                After::Document(place, form) => {
                    silent_documents = if self.streams.len() > streams { 0 } else { silent_documents + 1 };
                    documents += 1;
                    if silent_documents > MAX_REDIRECTS || documents > MAX_DOCUMENTS {
                        self.problem(11_215, "the documents lead in a circle".to_owned());
                        break EndedBy::Failure;
                    }
                    self.step(format!("POST {}", place.reach.path()));
                    match fetch(&webhooks, place, &form).await {
                        Ok(next) => document = next,
                        Err(error) => {
                            self.failed_document(&error);
                            break EndedBy::Failure;
                        }
                    }
                }
            }
        };
        Ok(CallReport {
            call_sid: self.identity.call_sid.clone(),
            webhook: self.route.webhook().reach.to_string(),
            webhook_ms,
            duration_ms: self.elapsed_ms(),
            trail: self.trail,
            streams: self.streams,
            problems: self.problems,
            advice: self.advice,
            ended_by,
        })
    }

    /// Carries out a document up to its end, or to the verb that leads away from it.
    async fn follow(&mut self, webhooks: &Webhooks, document: &mut Document) -> Result<After, CallError> {
        self.advice.append(&mut document.advice);
        for verb in std::mem::take(&mut document.verbs) {
            let after = match verb {
                Verb::Connect(connect) => self.connect(webhooks, &document.place, connect).await?,
                Verb::Say(say) => self.passed(format!("<Say> {}", say.text.trim())),
                Verb::Pause { length_s } => {
                    self.step(format!("<Pause> {length_s} s"));
                    let end = Instant::now() + Duration::from_secs(u64::from(length_s));
                    tokio::time::sleep_until(end.min(self.limits.until).into()).await;
                    After::NextVerb
                }
                Verb::Record(record) => {
                    self.step("<Record>: the caller leaves two seconds of message".to_owned());
                    let mut form = self.identity.voice_form("in-progress");
                    let recording =
                        "https://api.twilio.com/2010-04-01/Recordings/RE00000000000000000000000000000000";
                    for (name, value) in
                        [("RecordingUrl", recording), ("RecordingDuration", "2"), ("Digits", "hangup")]
                    {
                        form.push((name.to_owned(), value.to_owned()));
                    }
                    match record.action {
                        Some(action) => After::Document(self.route.follow(&document.place, &action)?, form),
                        None => After::Document(document.place.clone(), form),
                    }
                }
                Verb::Redirect { url } => {
                    self.step(format!("<Redirect> {url}"));
                    let place = self.route.follow(&document.place, &url)?;
                    After::Document(place, self.identity.voice_form("in-progress"))
                }
                Verb::Hangup => self.ended("<Hangup>".to_owned(), EndedBy::Server),
                Verb::Reject { reason } => self.ended(format!("<Reject> {reason:?}"), EndedBy::Server),
                Verb::Dial(dial) => self.ended(format!("<Dial> {}", dial.number), EndedBy::Transfer),
            };
            if !matches!(after, After::NextVerb) {
                return Ok(after);
            }
        }
        Ok(After::NextVerb)
    }

    async fn connect(
        &mut self,
        webhooks: &Webhooks,
        document: &Place,
        connect: Connect,
    ) -> Result<After, CallError> {
        self.step(format!("<Connect><Stream> {}", connect.stream.url));
        let place = self.route.stream(&connect.stream.url)?;
        let callback = match &connect.stream.status_callback {
            Some(url) => Some(self.route.follow(document, url)?),
            None => None,
        };
        let stream_sid = random_stream_sid()?;
        let status = |event: &str, error: &str| {
            self.identity.stream_form(&stream_sid, connect.stream.name.as_deref(), event, error)
        };
        let (begun, stopped) = (status("stream-started", ""), status("stream-stopped", ""));
        let plan = Plan {
            place,
            handshake: self.handshake.clone(),
            start: StreamStart {
                account_sid: self.identity.account_sid.clone(),
                call_sid: self.identity.call_sid.clone(),
                stream_sid: stream_sid.clone(),
                custom_parameters: connect.stream.parameters.iter().cloned().collect(),
            },
            pause: self.limits.pause,
            acts: std::mem::take(&mut self.acts),
            manners: self.limits.manners,
            until: self.limits.until,
        };
        let line = match stream::open(plan).await {
            Ok(line) => line,
            Err(error) => {
                if let Some(callback) = &callback {
                    let form = status("stream-error", &error.to_string());
                    // The call has failed already; that the failure cannot be told adds nothing.
                    let _ = webhooks.notify(callback, &form).await;
                }
                return Err(error.into());
            }
        };
        // Twilio tells that the stream has begun while it runs.
        let told = async {
            match &callback {
                Some(callback) => webhooks.notify(callback, &begun).await,
                None => Ok(()),
            }
        };
        let (Outcome { record, rest }, told) = tokio::join!(line.run(&mut *self.tell), told);
        let end = record.end.clone();
        self.acts = rest;
        self.streams.push(measure(record));
        let mut tellings = vec![told];
        if let Some(callback) = &callback {
            tellings.push(webhooks.notify(callback, &stopped).await);
        }
        for error in tellings.into_iter().filter_map(Result::err) {
            self.problem(error.twilio_code(), error.to_string());
        }
        self.after_stream(webhooks, document, connect.action.as_deref(), &end).await
    }

    /// Twilio asks the action when the stream is over. When the caller is still there, the answer is what
    /// happens next; when the caller has gone, the answer is only looked at.
    async fn after_stream(
        &mut self,
        webhooks: &Webhooks,
        document: &Place,
        action: Option<&str>,
        end: &StreamEnd,
    ) -> Result<After, CallError> {
        let is_gone = match end {
            StreamEnd::Caller | StreamEnd::TimeLimit => true,
            StreamEnd::Server(_) => false,
        };
        let Some(action) = action else {
            return Ok(if is_gone { After::End(EndedBy::Caller) } else { After::NextVerb });
        };
        let place = self.route.follow(document, action)?;
        if !is_gone {
            return Ok(After::Document(place, self.identity.voice_form("in-progress")));
        }
        self.step(format!("POST {} (the caller has gone)", place.reach.path()));
        if let Err(error) = fetch(webhooks, place, &self.identity.voice_form("completed")).await {
            self.failed_document(&error);
        }
        Ok(After::End(EndedBy::Caller))
    }

    fn passed(&mut self, what: String) -> After {
        self.step(what);
        After::NextVerb
    }

    fn ended(&mut self, what: String, ended_by: EndedBy) -> After {
        self.step(what);
        After::End(ended_by)
    }

    fn failed_document(&mut self, error: &DocumentError) {
        self.problem(error.twilio_code(), error.to_string());
    }

    fn step(&mut self, what: String) {
        (self.tell)(CallEvent::Step { what: what.clone() });
        self.trail.push(Step { at_ms: self.elapsed_ms(), what });
    }

    fn problem(&mut self, code: u32, why: String) {
        let problem = Problem { code, why };
        (self.tell)(CallEvent::Problem(problem.clone()));
        self.problems.push(problem);
    }

    fn elapsed_ms(&self) -> u64 {
        self.started.elapsed().as_millis() as u64
    }
}
