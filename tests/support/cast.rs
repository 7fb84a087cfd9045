//! The engines of a test.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use moked::engines::{EngineSet, Roster};
use moked_actors::host::Engines;
use moked_core::ids::CallSid;
use moked_core::language::Language;
use moked_core::ports::{
    ChatEvent, ChatModel, ChatRequest, ChatSession, HearingEvent, HearingRequest, HearingSession,
    ProviderFault, Sink, SpeechToText,
};
use moked_providers::scripted::{ScriptedEars, ScriptedMind, ScriptedVoiceActivity, Thinking};

use super::TellingVoice;

/// Who listens, thinks and speaks.
#[derive(Debug, Clone)]
pub(crate) struct Cast {
    ears: Arc<dyn SpeechToText>,
    mind: Arc<dyn ChatModel>,
    pub(crate) voice: TellingVoice,
}

impl Cast {
    pub(crate) fn new(ears: impl SpeechToText + 'static, mind: impl ChatModel + 'static) -> Self {
        Self { ears: Arc::new(ears), mind: Arc::new(mind), voice: TellingVoice::default() }
    }

    /// A cast that says this to every caller and then listens for ever.
    pub(crate) fn greeting(text: &str) -> Self {
        let text = text.to_owned();
        let mind = ScriptedMind::answering(move |_| Thinking::says(text.clone()));
        Self::new(ScriptedEars::default(), mind)
    }

    pub(crate) fn engines(&self) -> EngineSet {
        let engines = Engines {
            hearing: Some(Arc::clone(&self.ears)),
            speaking: Arc::new(self.voice.clone()),
            thinking: Arc::clone(&self.mind),
            conversing: None,
            voice_activity: Arc::new(ScriptedVoiceActivity),
        };
        EngineSet { engines, hearing_problem: None, roster: Roster::default() }
    }
}

/// A mind that says these, one a turn.
pub(crate) fn answers(texts: &[&str]) -> ScriptedMind {
    ScriptedMind::new(texts.iter().map(|text| Thinking::says(*text)))
}

/// Another engine for each call, by its id.
#[derive(Debug)]
pub(crate) struct ByCall<E>(BTreeMap<String, E>);

impl<E> ByCall<E> {
    pub(crate) fn new<S: Into<String>>(engines: impl IntoIterator<Item = (S, E)>) -> Self {
        Self(engines.into_iter().map(|(call, engine)| (call.into(), engine)).collect())
    }

    fn of(&self, call: &CallSid) -> &E {
        self.0.get(call.as_str()).unwrap()
    }
}

impl<E: ChatModel> ChatModel for ByCall<E> {
    fn name(&self) -> &'static str {
        "by call"
    }

    fn open(&self, request: ChatRequest, events: Sink<ChatEvent>) -> Box<dyn ChatSession> {
        self.of(&request.call_sid).open(request, events)
    }
}

impl<E: SpeechToText> SpeechToText for ByCall<E> {
    fn name(&self) -> &'static str {
        "by call"
    }

    fn languages(&self) -> &[Language] {
        &[Language::English, Language::Hebrew]
    }

    fn open(
        &self,
        request: HearingRequest,
        events: Sink<HearingEvent>,
    ) -> Result<Box<dyn HearingSession>, ProviderFault> {
        self.of(&request.call_sid).open(request, events)
    }
}
