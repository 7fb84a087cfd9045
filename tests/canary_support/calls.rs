//! Every provider at work: an utterance, a sentence and a turn each, and all that they tell.

use std::fmt::Debug;
use std::time::Duration;

use jiff::civil::date;
use moked::engines::EngineSet;
use moked_core::ids::{CallSid, TurnId, UtteranceId};
use moked_core::language::Language;
use moked_core::ports::{
    CallerSaid, ChatEvent, ChatRequest, ChatTurn, ConversingEvent, ConversingRequest, HearingEvent,
    HearingRequest, Sink, SpeakingEvent, SpeakingRequest, SpeechToSpeech,
};
use moked_providers::openai::OpenAiRealtime;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

/// How long a provider is listened to that tells no fault. Its vendor is on this machine.
const PATIENCE: Duration = Duration::from_secs(2);

const LANGUAGE: Language = Language::English;

/// Lets all providers work side by side; gives all that they told and how many failed.
pub(crate) async fn of_every_provider(set: &EngineSet, realtime: &OpenAiRealtime) -> (Vec<String>, usize) {
    let mut calls = Vec::new();
    let (tell, events) = sink();
    let request = ConversingRequest {
        call_sid: CallSid::new("CA1"),
        language: LANGUAGE,
        caller: None,
        now: date(2026, 11, 20).at(10, 0, 0, 0),
        history: Vec::new(),
        lead: None,
    };
    let mut conversation = realtime.open(request, tell);
    let shown = format!("{realtime:?}");
    calls.push(tokio::task::spawn_local(async move {
        conversation.audio(UtteranceId(1), &[0x20; 8_000]);
        conversation.utterance_ended(UtteranceId(1));
        told(shown, events, |event| matches!(event, ConversingEvent::Lost(_))).await
    }));
    for (_, name, ears) in set.roster.hearing.providers() {
        let (name, ears) = (name.to_owned(), ears.clone());
        calls.push(tokio::task::spawn_local(async move {
            ears.warm();
            let (sink, events) = sink();
            let call_sid = CallSid::new("CA1");
            let request = HearingRequest { call_sid, language: LANGUAGE, vocabulary: vec!["rent".into()] };
            let opened = ears.open(request, sink);
            let shown = format!("{name}: {ears:?}");
            let mut session = match opened {
                Ok(session) => session,
                Err(fault) => return (vec![shown, fault.to_string()], true),
            };
            session.utterance_started(UtteranceId(1));
            session.audio(&[0x20; 8_000]);
            session.utterance_ended(UtteranceId(1));
            told(shown, events, |event| matches!(event, HearingEvent::Failed(_))).await
        }));
    }
    for (_, name, voice) in set.roster.speaking.providers() {
        let (name, voice) = (name.to_owned(), voice.clone());
        calls.push(tokio::task::spawn_local(async move {
            voice.warm();
            let (sink, events) = sink();
            let request = SpeakingRequest::new("Hello there.", LANGUAGE);
            let _stream = voice.speak(request, sink);
            let shown = format!("{name}: {voice:?}");
            told(shown, events, |event| matches!(event, SpeakingEvent::Failed(_))).await
        }));
    }
    for (_, name, mind) in set.roster.thinking.providers() {
        let (name, mind) = (name.to_owned(), mind.clone());
        calls.push(tokio::task::spawn_local(async move {
            mind.warm();
            let (sink, events) = sink();
            let call_sid = CallSid::new("CA1");
            let mut session = mind.open(ChatRequest { call_sid, language: LANGUAGE, caller: None }, sink);
            let now = date(2026, 11, 20).at(10, 0, 0, 0);
            let said = CallerSaid::Words("hello".into());
            session.think(ChatTurn { turn: TurnId::default(), said, history: Vec::new(), now });
            let shown = format!("{name}: {mind:?}");
            told(shown, events, |event| matches!(event, ChatEvent::Failed { .. })).await
        }));
    }
    let mut all = Vec::new();
    let mut faults = 0;
    for call in calls {
        let (mut told, has_failed) = call.await.unwrap();
        all.append(&mut told);
        faults += usize::from(has_failed);
    }
    (all, faults)
}

fn sink<E: Send + 'static>() -> (Sink<E>, UnboundedReceiver<E>) {
    let (tell, told) = unbounded_channel();
    (Sink::new(move |event| drop(tell.send(event))), told)
}

async fn told<E: Debug>(
    shown: String,
    mut events: UnboundedReceiver<E>,
    is_fault: impl Fn(&E) -> bool,
) -> (Vec<String>, bool) {
    let mut told = vec![shown];
    let mut has_failed = false;
    while !has_failed {
        let Ok(Some(event)) = timeout(PATIENCE, events.recv()).await else { break };
        has_failed = is_fault(&event);
        told.push(format!("{event:?}"));
    }
    (told, has_failed)
}
