//! Engines in order: who takes over, what is repeated, and what never is.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use moked_core::ids::{CallSid, TurnId, UtteranceId};
use moked_core::language::Language;
use moked_core::ports::{
    AfterTurn, CallerSaid, ChatEvent, ChatModel, ChatRequest, ChatSession, ChatTurn, HearingEvent,
    HearingRequest, ProviderFault, Sink, SpeakingEvent, SpeakingRequest, SpeechToText, TextToSpeech,
};
use moked_core::receptionist::{Answer, Lead, ReceptionistModel};
use moked_providers::failover::{FailoverEars, FailoverMind, FailoverVoice, Order, RoleState};
use moked_providers::scripted::{Hearing, ScriptedEars, ScriptedMind, ScriptedVoice, Speaking, Thinking};
use tokio::task::LocalSet;

fn collector<E: Send + 'static>() -> (Sink<E>, Receiver<E>) {
    let (sender, receiver) = channel();
    (Sink::new(move |event| sender.send(event).unwrap_or_default()), receiver)
}

fn run(test: impl Future<Output = ()>) {
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(LocalSet::new().run_until(test));
}

async fn settle() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

fn voices(first: ScriptedVoice, second: ScriptedVoice) -> Arc<dyn TextToSpeech> {
    let engines: [(_, Arc<dyn TextToSpeech>); 2] = [("first", Arc::new(first)), ("second", Arc::new(second))];
    FailoverVoice::new(Order::new(engines)).for_call().unwrap()
}

async fn say(voice: &Arc<dyn TextToSpeech>, text: &str) -> Vec<SpeakingEvent> {
    let (sink, events) = collector();
    let request = SpeakingRequest::new(text, Language::English);
    let _stream = voice.speak(request, sink);
    settle().await;
    events.try_iter().collect()
}

#[test]
fn a_sentence_that_was_not_begun_is_said_by_the_next_voice_and_the_call_keeps_it() {
    run(async {
        let why = || Speaking::Fails("down".into());
        // An empty text makes no sound before the failure.
        let first = ScriptedVoice::new(0).with_script([why(), why()]);
        let second = ScriptedVoice::new(20);
        let voice = voices(first.clone(), second.clone());
        let events = say(&voice, "Hello.").await;
        assert_eq!(events.last(), Some(&SpeakingEvent::Finished));
        say(&voice, "Again.").await;
        assert_eq!((first.asked().len(), second.asked().len()), (1, 2));
    });
}

#[test]
fn a_sentence_that_was_begun_is_not_said_twice() {
    run(async {
        let first = ScriptedVoice::new(20).with_script([Speaking::Fails("cut".into())]);
        let second = ScriptedVoice::new(20);
        let voice = voices(first, second.clone());
        let events = say(&voice, "Hello.").await;
        assert!(matches!(events.last(), Some(SpeakingEvent::Failed(_))), "{events:?}");
        assert_eq!(second.asked().len(), 0);
        assert_eq!(say(&voice, "More.").await.last(), Some(&SpeakingEvent::Finished));
        assert_eq!(second.asked().len(), 1);
    });
}

#[test]
fn a_voice_without_a_sound_counts_as_failed() {
    run(async {
        let second = ScriptedVoice::new(20);
        let voice = voices(ScriptedVoice::new(0), second.clone());
        assert_eq!(say(&voice, "Hello.").await.last(), Some(&SpeakingEvent::Finished));
        assert_eq!(second.asked().len(), 1);
    });
}

#[test]
fn the_next_ear_hears_what_the_failed_one_did_not_tell() {
    run(async {
        let first = ScriptedEars::new([Hearing::Fails("gone".into())]);
        let second = ScriptedEars::hearing(["are you open"]);
        let engines: [(_, Arc<dyn SpeechToText>); 2] =
            [("first", Arc::new(first)), ("second", Arc::new(second.clone()))];
        let ears = FailoverEars::new(Order::new(engines));
        let (sink, events) = collector();
        let request =
            HearingRequest { call_sid: CallSid::new("CA1"), language: Language::English, vocabulary: vec![] };
        let mut session = ears.open(request, sink).unwrap();
        session.audio(&[0x55; 8_000]);
        session.utterance_started(UtteranceId(1));
        session.audio(&[0x66; 4_000]);
        session.utterance_ended(UtteranceId(1));
        settle().await;
        let told: Vec<_> = events.try_iter().collect();
        let last = HearingEvent::Final { utterance: UtteranceId(1), text: "are you open".into() };
        assert_eq!(told.last(), Some(&last));
        assert_eq!(second.bytes_heard(), 4_800 + 4_000, "600 ms before the onset, and all of the utterance");
    });
}

#[test]
fn an_answer_that_was_not_begun_is_given_by_the_next_mind() {
    run(async {
        let failing = Thinking::Fails { deltas: vec![], why: "overloaded".into() };
        let first = ScriptedMind::new([failing]);
        let second = ScriptedMind::answering(|_| Thinking::says("Hello."));
        let engines: [(_, Arc<dyn ChatModel>); 2] =
            [("first", Arc::new(first)), ("second", Arc::new(second.clone()))];
        let mind = FailoverMind::new(Order::new(engines));
        let (sink, events) = collector();
        let request =
            ChatRequest { call_sid: CallSid::new("CA1"), language: Language::English, caller: None };
        let mut session = mind.open(request, sink);
        let turn = |turn| ChatTurn {
            turn: TurnId(turn),
            said: CallerSaid::Nothing,
            history: vec![],
            now: jiff::civil::date(2026, 11, 20).at(9, 0, 0, 0),
        };
        session.think(turn(1));
        settle().await;
        let told: Vec<_> = events.try_iter().collect();
        assert!(told.contains(&ChatEvent::Text { turn: TurnId(1), delta: "Hello.".into() }), "{told:?}");
        session.think(turn(2));
        settle().await;
        assert_eq!(second.asked().len(), 2, "the switch is for the whole call");
    });
}

#[test]
fn an_answer_that_was_begun_is_not_given_twice() {
    run(async {
        let failing = Thinking::Fails { deltas: vec!["Well, ".into()], why: "cut".into() };
        let second = ScriptedMind::answering(|_| Thinking::says("Hello."));
        let engines: [(_, Arc<dyn ChatModel>); 2] =
            [("first", Arc::new(ScriptedMind::new([failing]))), ("second", Arc::new(second.clone()))];
        let mind = FailoverMind::new(Order::new(engines));
        let (sink, events) = collector();
        let request =
            ChatRequest { call_sid: CallSid::new("CA1"), language: Language::English, caller: None };
        let mut session = mind.open(request, sink);
        let now = jiff::civil::date(2026, 11, 20).at(9, 0, 0, 0);
        session.think(ChatTurn { turn: TurnId(1), said: CallerSaid::Nothing, history: vec![], now });
        settle().await;
        assert!(events.try_iter().any(|event| matches!(event, ChatEvent::Failed { .. })));
        assert_eq!(second.asked().len(), 0);
    });
}

#[test]
fn an_engine_that_keeps_failing_is_passed_over_and_shows_as_degraded() {
    run(async {
        let fails = (0..9).map(|_| Speaking::Fails("down".into()));
        let first = ScriptedVoice::new(0).with_script(fails);
        let engines: [(_, Arc<dyn TextToSpeech>); 2] =
            [("first", Arc::new(first.clone())), ("second", Arc::new(ScriptedVoice::new(20)))];
        let voice = FailoverVoice::new(Order::new(engines));
        assert_eq!(voice.order().health().state, RoleState::Ok);
        for _ in 0..5 {
            let call = voice.for_call().unwrap();
            say(&call, "Hello.").await;
        }
        assert_eq!(first.asked().len(), 3, "three failures in a row open the breaker");
        let health = voice.order().health();
        assert_eq!(health.state, RoleState::Degraded);
        assert!(health.engines[0].last_fault.as_deref().is_some_and(|fault| fault.contains("down")));
        assert_eq!(health.engines[1].first.count(), 5);
    });
}

fn order_of(voices: [ScriptedVoice; 2]) -> Order<dyn TextToSpeech> {
    let [first, second] = voices;
    let engines: [(_, Arc<dyn TextToSpeech>); 2] = [("first", Arc::new(first)), ("second", Arc::new(second))];
    Order::new(engines)
}

/// Probes the first engine in the background with these outcomes; gives the times in ms at which it was asked.
fn watch(
    order: &Order<dyn TextToSpeech>,
    outcomes: impl IntoIterator<Item = Result<u64, ProviderFault>>,
) -> Rc<RefCell<Vec<u128>>> {
    let (order, asked, begun) = (order.clone(), Rc::new(RefCell::default()), tokio::time::Instant::now());
    let mut outcomes = outcomes.into_iter().collect::<Vec<_>>().into_iter();
    let at: Rc<RefCell<Vec<u128>>> = Rc::clone(&asked);
    tokio::task::spawn_local(async move {
        let watch = order.watch(0);
        loop {
            watch.due().await;
            at.borrow_mut().push(begun.elapsed().as_millis());
            order.probed(0, &outcomes.next().unwrap_or(Ok(1)));
        }
    });
    asked
}

fn refused() -> Result<u64, ProviderFault> {
    Err(ProviderFault::Connect { why: "refused".into() })
}

#[test]
fn a_breaker_is_closed_in_the_background_and_no_caller_pays_for_it() {
    run(async {
        let first = ScriptedVoice::new(0).with_script((0..9).map(|_| Speaking::Fails("down".into())));
        let order = order_of([first.clone(), ScriptedVoice::new(20)]);
        let asked = watch(&order, [refused(), refused(), Ok(5)]);
        let voice = FailoverVoice::new(order.clone());
        for _ in 0..3 {
            say(&voice.for_call().unwrap(), "Hello.").await;
        }
        assert_eq!(order.health().state, RoleState::Degraded);
        let paid = first.asked().len();
        // A call every three seconds: none of them is a probe.
        for _ in 0..11 {
            tokio::time::sleep(Duration::from_secs(3)).await;
            say(&voice.for_call().unwrap(), "Hello.").await;
        }
        assert_eq!(first.asked().len(), paid);
        tokio::time::sleep(Duration::from_secs(3)).await;
        let pauses: Vec<u128> = asked.borrow().windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(
            asked.borrow()[0] >= 5_000
                && pauses.iter().zip([10_000, 20_000]).all(|(a, b)| a.abs_diff(b) < 10)
        );
        assert_eq!(order.health().state, RoleState::Ok);
        tokio::time::sleep(Duration::from_secs(100_000)).await;
        assert_eq!(asked.borrow().len(), 3, "a closed breaker is not probed");
    });
}

#[test]
fn a_fault_of_the_start_probe_opens_at_once_and_the_vendors_pause_is_kept() {
    run(async {
        for fault in [
            ProviderFault::Connect { why: "refused".into() },
            ProviderFault::BadRequest { why: "no such model".into() },
            ProviderFault::Garbage { why: "?".into() },
        ] {
            let order = order_of([ScriptedVoice::new(20), ScriptedVoice::new(20)]);
            order.probed(0, &Err(fault));
            assert_eq!(order.health().state, RoleState::Degraded);
        }
        let order = order_of([ScriptedVoice::new(20), ScriptedVoice::new(20)]);
        let asked = watch(&order, []);
        settle().await;
        let retry_after = Some(Duration::from_secs(40));
        order.probed(0, &Err(ProviderFault::Quota { why: "slow down".into(), retry_after }));
        tokio::time::sleep(Duration::from_secs(39)).await;
        assert_eq!(asked.borrow().len(), 0);
        tokio::time::sleep(Duration::from_secs(2)).await;
        assert_eq!(asked.borrow().len(), 1);
    });
}

fn lead(name: &str) -> Lead {
    let answer = Answer { value: name.into(), said: name.into() };
    Lead { answers: BTreeMap::from([("name".to_owned(), answer)]), complete: false }
}

/// A mind that brings a lead and answers once, then fails.
#[derive(Debug)]
struct Brings;

impl ChatModel for Brings {
    fn name(&self) -> &'static str {
        "brings"
    }

    fn open(&self, _: ChatRequest, events: Sink<ChatEvent>) -> Box<dyn ChatSession> {
        Box::new(BringsSession { events, turns: 0 })
    }
}

struct BringsSession {
    events: Sink<ChatEvent>,
    turns: u32,
}

impl ChatSession for BringsSession {
    fn think(&mut self, turn: ChatTurn) {
        self.turns += 1;
        let turn = turn.turn;
        if self.turns == 1 {
            self.events.send(ChatEvent::Text { turn, delta: "Thanks.".into() });
            self.events.send(ChatEvent::Lead { turn, lead: lead("Dana") });
            self.events.send(ChatEvent::Done { turn, then: AfterTurn::Listen });
        } else {
            self.events.send(ChatEvent::Failed { turn, error: ProviderFault::Closed { why: "bye".into() } });
        }
    }

    fn cancel(&mut self, _: TurnId) {}
}

#[test]
fn the_receptionist_takes_over_with_the_next_open_question_and_with_keys_when_the_ear_is_gone() {
    run(async {
        let agent = "name = \"Maya\"\nlanguage = \"en\"\ngreeting = \"Hello.\"\nclosing = \"Bye.\"\n\
                     [[slots]]\nid = \"name\"\nkind = \"name\"\nquestion = \"Your name?\"\n\
                     [[slots]]\nid = \"rooms\"\nkind = \"number\"\nquestion = \"How many rooms?\"\n";
        let receptionist = ReceptionistModel::new(Arc::new(toml::from_str(agent).unwrap()));
        let engines: [(_, Arc<dyn ChatModel>); 2] =
            [("model", Arc::new(Brings)), ("receptionist", Arc::new(receptionist))];
        let (sink, events) = collector();
        let request =
            ChatRequest { call_sid: CallSid::new("CA1"), language: Language::English, caller: None };
        let mut session = FailoverMind::new(Order::new(engines)).open(request, sink);
        let turn = |number, said| ChatTurn {
            turn: TurnId(number),
            said,
            history: vec![],
            now: jiff::civil::date(2026, 11, 20).at(9, 0, 0, 0),
        };
        session.think(turn(1, CallerSaid::Words("dana".into())));
        settle().await;
        assert_eq!(session.served().unwrap().engine.as_ref(), "model");
        session.ear_is_lost();
        session.think(turn(2, CallerSaid::Unclear));
        settle().await;
        assert_eq!(session.served().unwrap().engine.as_ref(), "receptionist");
        let told: Vec<ChatEvent> = events.try_iter().collect();
        let said = told.iter().find(|event| matches!(event, ChatEvent::Text { turn: TurnId(2), .. }));
        let said = format!("{said:?}");
        assert!(said.contains("please use the keys") && said.contains("How many rooms?"), "{said}");
        session.think(turn(3, CallerSaid::Digits("3".into())));
        settle().await;
        let last = events.try_iter().filter(|event| matches!(event, ChatEvent::Lead { .. })).last();
        let Some(ChatEvent::Lead { lead, .. }) = last else { panic!("no lead") };
        assert_eq!((lead.answers["name"].value.as_str(), lead.complete), ("Dana", true));
    });
}

#[test]
fn where_nobody_watches_any_more_a_caller_finds_out_that_an_engine_is_back() {
    run(async {
        let first = ScriptedVoice::new(20);
        let order = order_of([first.clone(), ScriptedVoice::new(20)]);
        let voice = FailoverVoice::new(order.clone());
        let watch = order.watch(0);
        order.probed(0, &refused());
        tokio::time::sleep(Duration::from_secs(60)).await;
        say(&voice.for_call().unwrap(), "Hello.").await;
        assert_eq!(first.asked().len(), 0);
        drop(watch);
        say(&voice.for_call().unwrap(), "Hello.").await;
        assert_eq!((first.asked().len(), order.health().state), (1, RoleState::Ok));
    });
}
