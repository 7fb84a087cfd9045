//! What whole calls leave behind, in virtual time.

use std::sync::{Mutex, PoisonError};

use moked_core::ports::{AfterTurn, TextToSpeech};
use moked_providers::failover::{FailoverVoice, Order};
use moked_providers::scripted::{
    Conversing, Hearing, ScriptedConversation, ScriptedEars, ScriptedMind, ScriptedVoice, Speaking, Thinking,
};

use super::*;
use crate::host::CallHost;
use crate::messages::LineEnded;
use crate::rig::{Rig, hears, host, one_hop_host, plain_host, says, voice};

/// Keeps entries in memory.
#[derive(Debug, Default)]
struct Memory(Mutex<Vec<RecordEntry>>);

impl CallRecorder for Memory {
    fn record(&self, entry: RecordEntry) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(entry);
    }
}

impl Memory {
    fn entries(&self) -> Vec<RecordEntry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn kinds(&self) -> Vec<&'static str> {
        self.entries().iter().map(|entry| entry.fact.kind()).collect()
    }

    fn turns(&self) -> Vec<TurnRecord> {
        let turn = |entry: RecordEntry| match entry.fact {
            RecordFact::TurnOver(turn) => Some(turn),
            RecordFact::CallStarted { .. }
            | RecordFact::StreamStarted { .. }
            | RecordFact::CallerSaid { .. }
            | RecordFact::HeardLess { .. }
            | RecordFact::Event { .. }
            | RecordFact::Lead { .. }
            | RecordFact::Ended { .. } => None,
        };
        self.entries().into_iter().filter_map(turn).collect()
    }

    fn end(&self) -> Option<String> {
        self.entries().into_iter().rev().find_map(|entry| match entry.fact {
            RecordFact::Ended { cause, .. } => Some(cause.to_string()),
            RecordFact::CallStarted { .. }
            | RecordFact::StreamStarted { .. }
            | RecordFact::CallerSaid { .. }
            | RecordFact::TurnOver(_)
            | RecordFact::HeardLess { .. }
            | RecordFact::Event { .. }
            | RecordFact::Lead { .. } => None,
        })
    }
}

fn recorded(ears: ScriptedEars, mind: ScriptedMind, voice: ScriptedVoice) -> (Arc<CallHost>, Arc<Memory>) {
    let memory = Arc::new(Memory::default());
    let host = CallHost { recorder: memory.clone(), ..(*host(ears, mind, voice)).clone() };
    (Arc::new(host), memory)
}

#[test]
fn an_end_is_a_plain_name() {
    assert_eq!(cause(CallEnd::CallerHungUp).as_str(), "caller_hung_up");
    assert_eq!(cause(CallEnd::ServerStopped).as_str(), "server_stopped");
}

#[actix_rt::test]
async fn a_call_is_recorded_fact_by_fact_as_it_goes() {
    tokio::time::pause();
    let (host, memory) =
        recorded(ScriptedEars::hearing(["are you open"]), says(&["Hello.", "Until six."]), voice());
    let call = Rig::call(&host, "1");
    assert_eq!(memory.kinds(), ["call_started", "stream_started"], "before anything was said");
    call.wait(1_000).await;
    assert_eq!(memory.turns()[0].heard, "Hello.");
    call.speak(800, 500).await;
    let said = Said::Words("are you open".into());
    let is_said = |entry: &RecordEntry| matches!(&entry.fact, RecordFact::CallerSaid { said: text, .. } if *text == said);
    assert!(memory.entries().iter().any(is_said), "known before it is answered");
    call.wait(1_000).await;
    let turn = memory.turns().pop().unwrap();
    assert_eq!((turn.heard.as_str(), turn.unheard.as_str(), turn.interrupted), ("Until six.", "", false));
    assert!(turn.latencies.words_ms.is_some_and(|ms| (440..600).contains(&ms)), "{turn:?}");
    assert!(turn.latencies.first_frame_ms >= turn.latencies.answer_ms, "{turn:?}");
    call.hang_up();
    call.wait(10).await;
    assert_eq!(memory.end().as_deref(), Some("caller_hung_up"));
    let entries = memory.entries();
    assert!(entries.is_sorted_by(|a, b| a.sequence < b.sequence), "{entries:?}");
    assert!(entries.iter().all(|entry| entry.call_sid == call.call_sid));
}

#[actix_rt::test]
async fn an_interrupted_answer_is_kept_with_what_was_not_heard() {
    tokio::time::pause();
    let text = "One two three four five six seven eight nine ten.";
    let (host, memory) = recorded(ScriptedEars::hearing(["stop"]), says(&[text, "Yes?"]), voice());
    let call = Rig::call(&host, "1");
    call.wait(1_000).await;
    call.speak(600, 600).await;
    let turn = memory.turns().remove(0);
    assert!(turn.interrupted && turn.heard.starts_with("One two"), "{turn:?}");
    assert_eq!(format!("{} {}", turn.heard, turn.unheard), text);
}

#[actix_rt::test]
async fn a_caller_who_goes_in_the_middle_leaves_the_half_answer() {
    tokio::time::pause();
    let text = "One two three four five six seven eight nine ten.";
    let (host, memory) = recorded(ScriptedEars::default(), says(&[text]), voice());
    let call = Rig::call(&host, "1");
    call.wait(1_000).await;
    assert_eq!(memory.turns(), []);
    call.hang_up();
    call.wait(10).await;
    let turn = memory.turns().remove(0);
    assert!(turn.interrupted && !turn.heard.is_empty() && turn.unheard.ends_with("ten."), "{turn:?}");
    assert_eq!(memory.kinds().last(), Some(&"ended"));
}

#[actix_rt::test]
async fn an_answer_heard_to_its_end_is_not_called_interrupted() {
    tokio::time::pause();
    let deltas = vec!["Goodbye.".to_owned()];
    let mind = ScriptedMind::new([Thinking::Says { deltas, expect: None, then: AfterTurn::HangUp }]);
    let (host, memory) = recorded(ScriptedEars::default(), mind, voice());
    let call = Rig::call(&host, "1");
    call.wait(1_000).await;
    let turn = memory.turns().remove(0);
    assert_eq!((turn.heard.as_str(), turn.interrupted), ("Goodbye.", false));
    assert_eq!(memory.turns().len(), 1);
    assert_eq!(memory.end().as_deref(), Some("agent_hung_up"));
}

#[actix_rt::test]
async fn a_stage_that_fails_leaves_an_event_and_one_that_is_given_up_an_end() {
    tokio::time::pause();
    let ears = ScriptedEars::new([Hearing::Panics, Hearing::Hears("yes".into())]);
    let (host, memory) = recorded(ears, says(&["Hello.", "Yes."]), voice());
    let call = Rig::call(&host, "1");
    call.wait(1_000).await;
    call.speak(600, 1_000).await;
    let is_restart = |entry: &RecordEntry| matches!(&entry.fact, RecordFact::Event { event: EventKind::StageRestarted, detail } if detail.starts_with("Stt: "));
    assert!(memory.entries().iter().any(is_restart), "{:?}", memory.kinds());

    let voice = voice().with_script((0..8).map(|_| Speaking::Panics));
    let (host, memory) = recorded(ScriptedEars::default(), says(&["Hello there."]), voice);
    let call = Rig::call(&host, "2");
    call.wait(5_000).await;
    let turn = memory.turns().remove(0);
    assert_eq!((turn.heard.as_str(), turn.unheard.as_str()), ("", "Hello there."), "{turn:?}");
    let is_given_up =
        |entry: &RecordEntry| matches!(entry.fact, RecordFact::Event { event: EventKind::StageGivenUp, .. });
    assert!(memory.entries().iter().any(is_given_up), "{:?}", memory.kinds());
    assert_eq!(memory.end().as_deref(), Some("crashed"));
    drop(call);
}

#[actix_rt::test]
async fn a_lost_line_that_nobody_takes_up_is_told_and_ends_the_call() {
    tokio::time::pause();
    let (host, memory) = recorded(ScriptedEars::default(), says(&["Hello there."]), voice());
    let call = Rig::call(&host, "1");
    call.wait(200).await;
    call.links.tell_supervisor(LineEnded {
        stream_sid: StreamSid::new("MZ1"),
        was_stopped: false,
        last_seen: now(),
    });
    call.wait(60_000).await;
    let is_lost =
        |entry: &RecordEntry| matches!(entry.fact, RecordFact::Event { event: EventKind::StreamLost, .. });
    assert!(memory.entries().iter().any(is_lost), "{:?}", memory.kinds());
    assert_eq!(memory.end().as_deref(), Some("line_lost"));
}

#[actix_rt::test]
async fn a_voice_that_took_over_is_recorded_once() {
    tokio::time::pause();
    let first = voice().with_script([Speaking::Speaks, Speaking::Fails("down".into())]);
    let voices: [(_, Arc<dyn TextToSpeech>); 2] = [("first", Arc::new(first)), ("second", Arc::new(voice()))];
    let mut host = (*plain_host()).clone();
    host.engines.thinking = Arc::new(says(&["Hello.", "Until six.", "Goodbye."]));
    host.engines.hearing = Some(Arc::new(hears(&["until when", "thanks"])));
    host.engines.speaking = Arc::new(FailoverVoice::new(Order::new(voices)));
    let memory = Arc::new(Memory::default());
    host.recorder = memory.clone();
    let call = Rig::call(&Arc::new(host), "1");
    call.wait(1_000).await;
    call.speak(800, 2_000).await;
    call.speak(800, 2_000).await;
    let switched = |entry: RecordEntry| {
        let RecordFact::Event { event: EventKind::ProviderSwitched, detail } = entry.fact else {
            return None;
        };
        Some(detail)
    };
    let switches: Vec<_> = memory.entries().into_iter().filter_map(switched).collect();
    assert_eq!(switches, ["speaking: second took over for first"]);
}

#[actix_rt::test]
async fn of_an_answer_in_one_hop_the_rest_is_kept_too() {
    tokio::time::pause();
    let answers = [Conversing::says("One two three four five six.", ""), Conversing::says("Yes?", "stop")];
    let engine = ScriptedConversation::new(50, answers);
    let memory = Arc::new(Memory::default());
    let mut host = (*one_hop_host(engine, says(&[]))).clone();
    host.recorder = memory.clone();
    let call = Rig::call(&Arc::new(host), "1");
    call.wait(300).await;
    call.speak(400, 500).await;
    let turn = memory.turns().remove(0);
    let whole = format!("{} {}", turn.heard, turn.unheard);
    assert_eq!((whole.as_str(), turn.interrupted), ("One two three four five six.", true));
    assert!(!turn.unheard.is_empty(), "{turn:?}");
}
