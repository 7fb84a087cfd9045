//! One turn: ask, say, run tools, ask again; try once more when nothing was said yet.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use moked_core::agent::Agent;
use moked_core::ids::CallSid;
use moked_core::language::Language;
use moked_core::ports::{AfterTurn, CallerSaid, ChatEvent, ChatTurn, ProviderFault, Sink};
use tokio::time::Instant;

use super::gate::Gate;
use super::limits::MindLimits;
use super::probing::is_cut_short;
use super::session::Work;
use super::streaming::{Patience, stream};
use super::tools::{Toolbox, specs};
use super::transcript::{Round, Transcript};
use super::wire::{Flaw, MindWire, Prompt, Reply, ToolCall, ToolResult, made_id};

/// Requests a turn may take. In the last one the model must talk.
const ROUNDS: usize = 4;

/// Longest time after which a vendor that asks for patience is asked again; a caller waits no longer.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Pause before a second try where the vendor is busy and names no time.
const SHORT_PAUSE: Duration = Duration::from_millis(200);

/// What a session knows of its call. Shared with the turn at work; never borrowed over an await.
#[derive(Debug)]
pub(super) struct Memory {
    pub(super) call_sid: CallSid,
    pub(super) language: Language,
    pub(super) agent: Arc<Agent>,
    pub(super) brief: Rc<str>,
    pub(super) transcript: Transcript,
    pub(super) toolbox: Toolbox,
    /// Ids made for calls that came without.
    pub(super) made_ids: u32,
}

/// A turn at work.
pub(super) struct Answering {
    pub(super) wire: Arc<dyn MindWire>,
    pub(super) limits: MindLimits,
    pub(super) memory: Rc<RefCell<Memory>>,
    pub(super) events: Sink<ChatEvent>,
    pub(super) turn: ChatTurn,
    /// Closed while the turn may never be one: nothing is done and nothing kept before it opens.
    pub(super) gate: Gate,
    /// When the turn must have words.
    pub(super) words_due: Instant,
    pub(super) voice: Said,
    pub(super) has_retried: bool,
    pub(super) work: Work,
}

/// What was said in this turn.
#[derive(Debug, Default)]
pub(super) struct Said {
    has_words: bool,
    /// Words of the current answer.
    text: String,
    needs_space: bool,
}

impl Said {
    /// The part of a delta that is to be spoken.
    fn take(&mut self, delta: String) -> Option<String> {
        let mut delta = if self.text.is_empty() { delta.trim_start().to_owned() } else { delta };
        if delta.is_empty() {
            return None;
        }
        self.text.push_str(&delta);
        if std::mem::take(&mut self.needs_space) {
            delta.insert(0, ' ');
        }
        self.has_words = true;
        Some(delta)
    }

    /// The answer is over; another one may follow in this turn.
    fn next_answer(&mut self) -> String {
        self.needs_space = self.has_words;
        std::mem::take(&mut self.text)
    }
}

impl Answering {
    /// Works the turn to its end.
    pub(super) async fn run(mut self) {
        let turn = self.turn.turn;
        let last = match self.answer().await {
            Ok(then) => {
                if then == AfterTurn::Listen {
                    let hints = self.memory.borrow().toolbox.expectation();
                    self.events.send(ChatEvent::Expect { turn, hints });
                }
                ChatEvent::Done { turn, then }
            }
            Err(error) => ChatEvent::Failed { turn, error },
        };
        self.events.send(last);
    }

    async fn answer(&mut self) -> Result<AfterTurn, ProviderFault> {
        for round in 1..=ROUNDS {
            let reply = self.ask(round < ROUNDS).await?;
            let text = self.voice.next_answer();
            if reply.calls.is_empty() || round == ROUNDS {
                break;
            }
            // A question that was put, or a goodbye that was said, is followed by nothing.
            let is_rounded_off = text.trim_end().ends_with('?');
            self.gate.passed().await;
            let all_well = self.run_tools(text, reply.calls);
            if all_well && self.voice.has_words && (is_rounded_off || self.has_ended()) {
                break;
            }
        }
        if !self.has_ended() {
            return Ok(AfterTurn::Listen);
        }
        if !self.voice.has_words {
            self.say_goodbye();
        }
        Ok(AfterTurn::HangUp)
    }

    fn has_ended(&self) -> bool {
        self.memory.borrow().toolbox.has_ended()
    }

    /// One answer, by a second try if need be.
    async fn ask(&mut self, may_call: bool) -> Result<Reply, ProviderFault> {
        loop {
            let fault = match self.ask_once(may_call).await.and_then(|reply| self.accept(reply, may_call)) {
                Ok(reply) => return Ok(reply),
                Err(fault) => fault,
            };
            if self.work == Work::Probe {
                return if is_cut_short(&fault) { Ok(Reply::default()) } else { Err(fault) };
            }
            let engine = self.wire.name();
            let call_sid = self.memory.borrow().call_sid.clone();
            let Some(pause) = self.pause_before_another_try(&fault) else {
                tracing::debug!(%call_sid, turn = %self.turn.turn, engine, "the turn failed: {fault}");
                return Err(fault);
            };
            self.has_retried = true;
            tracing::info!(event = "MIND_RETRY", %call_sid, turn = %self.turn.turn, engine, "asked again: {fault}");
            tokio::time::sleep(pause).await;
        }
    }

    async fn ask_once(&mut self, may_call: bool) -> Result<Reply, ProviderFault> {
        let (brief, messages, tools) = {
            let memory = self.memory.borrow();
            let messages = memory.transcript.messages(&self.turn, memory.language);
            (Rc::clone(&memory.brief), messages, specs(&memory.agent))
        };
        let prompt = Prompt { brief: &brief, messages: &messages, tools: &tools, may_call };
        let words_due = (!self.voice.has_words).then_some(self.words_due);
        let patience = Patience { limits: self.limits, words_due };
        let (events, voice, turn) = (&self.events, &mut self.voice, self.turn.turn);
        let mut say = |delta: String| {
            if let Some(delta) = voice.take(delta) {
                events.send(ChatEvent::Text { turn, delta });
            }
        };
        stream(self.wire.as_ref(), &prompt, patience, &mut say).await
    }

    /// Whether an answer is one: it says or does something.
    fn accept(&self, reply: Reply, may_call: bool) -> Result<Reply, ProviderFault> {
        if self.voice.has_words || self.has_ended() {
            return Ok(reply);
        }
        match &reply.flaw {
            Some(Flaw::Refused(why)) => {
                Err(ProviderFault::BadRequest { why: format!("the answer was refused: {why}") })
            }
            _ if may_call && !reply.calls.is_empty() => Ok(reply),
            Some(Flaw::TooLong) if self.work == Work::Probe => Ok(reply),
            Some(Flaw::TooLong) => {
                let why =
                    "the limit of tokens was reached before a word was said; raise max_tokens".to_owned();
                Err(ProviderFault::BadRequest { why })
            }
            None if reply.calls.is_empty() => {
                Err(ProviderFault::Garbage { why: "an answer without words".to_owned() })
            }
            None => {
                Err(ProviderFault::Garbage { why: format!("{ROUNDS} answers without a word, only tools") })
            }
        }
    }

    fn pause_before_another_try(&self, fault: &ProviderFault) -> Option<Duration> {
        if self.voice.has_words || self.has_retried || !fault.is_retryable() {
            return None;
        }
        let pause = match (fault.retry_after(), fault) {
            (Some(wanted), _) => wanted,
            (None, ProviderFault::Quota { .. } | ProviderFault::Closed { .. }) => SHORT_PAUSE,
            (None, _) => Duration::ZERO,
        };
        (pause <= LONGEST_PAUSE && Instant::now() + pause < self.words_due).then_some(pause)
    }

    /// Runs the tools and remembers the round; whether every call was right.
    fn run_tools(&mut self, text: String, mut calls: Vec<ToolCall>) -> bool {
        let said = match &self.turn.said {
            CallerSaid::Words(text) | CallerSaid::Digits(text) => text.as_str(),
            CallerSaid::Nothing
            | CallerSaid::Spoken
            | CallerSaid::Unclear
            | CallerSaid::Silence
            | CallerSaid::Resumed => "",
        };
        let mut memory = self.memory.borrow_mut();
        for call in calls.iter_mut().filter(|call| call.id.is_empty()) {
            call.id = made_id(memory.made_ids);
            memory.made_ids += 1;
        }
        let mut leads = Vec::new();
        let results: Vec<ToolResult> = calls
            .iter()
            .map(|call| {
                let done = memory.toolbox.run(call, said, self.turn.now);
                leads.extend(done.lead);
                done.result
            })
            .collect();
        let wrong: Vec<_> = results.iter().filter(|r| r.is_error).map(|r| r.name.as_str()).collect();
        if !wrong.is_empty() {
            let refused = memory.toolbox.refused();
            tracing::info!(
                event = "TOOL_REFUSED", call_sid = %memory.call_sid, turn = %self.turn.turn,
                engine = self.wire.name(), refused, "wrong calls of tools were sent back: {}", wrong.join(", ")
            );
        }
        let all_well = wrong.is_empty();
        memory.transcript.add(Round { text, calls, results });
        drop(memory);
        for lead in leads {
            self.events.send(ChatEvent::Lead { turn: self.turn.turn, lead });
        }
        all_well
    }

    /// The owner's goodbye, where the model ended the call without one.
    fn say_goodbye(&self) {
        let memory = self.memory.borrow();
        let own = memory.agent.goodbye.clone();
        let delta = own.unwrap_or_else(|| match memory.language {
            Language::English => "Thank you for calling. Goodbye.".to_owned(),
            Language::Hebrew => "תודה על השיחה, ולהתראות.".to_owned(),
        });
        self.events.send(ChatEvent::Text { turn: self.turn.turn, delta });
    }
}
