//! Voices in order.
//!
//! What a voice has kept of a text is played without asking anybody, so it says nothing of the vendor's health and
//! is not in its figures.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use moked_core::audio::BYTES_PER_MS;
use moked_core::language::Language;
use moked_core::ports::{
    ProviderFault, Served, Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, TextToSpeech,
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::Order;
use super::asked::Asked;
use crate::transport::Task;

/// Pieces in which a kept text is handed on: 200 ms, as the other voices do it.
const PIECE: usize = 200 * BYTES_PER_MS;

/// Voices in order, behind one port.
#[derive(Debug, Clone)]
pub struct FailoverVoice {
    order: Order<dyn TextToSpeech>,
    languages: Vec<Language>,
    /// The place from which this call takes its voice.
    place: Arc<AtomicUsize>,
}

impl FailoverVoice {
    /// Voices, first choice first.
    pub fn new(order: Order<dyn TextToSpeech>) -> Self {
        let mut languages: Vec<Language> = Vec::new();
        for language in order.engines().flat_map(|engine| engine.languages()) {
            if !languages.contains(language) {
                languages.push(*language);
            }
        }
        Self { order, languages, place: Arc::default() }
    }

    /// The voices, for their health.
    pub fn order(&self) -> &Order<dyn TextToSpeech> {
        &self.order
    }

    /// From now on the call has the voice at this place.
    fn settle(&self, place: usize, engine: &str) {
        if place != self.place.swap(place, Ordering::Relaxed) {
            tracing::warn!(event = "VOICE_SWITCHED", engine, "the call goes on with another voice");
        }
    }

    /// Plays what the call's voice has kept of a text.
    fn play(&self, request: &SpeakingRequest, events: &Sink<SpeakingEvent>) -> Option<Played> {
        let (place, name, engine) = self.order.standing(self.place.load(Ordering::Relaxed))?;
        let clip = engine.kept(request)?;
        self.settle(place, name);
        if !clip.words.is_empty() {
            events.send(SpeakingEvent::Words(clip.words.clone()));
        }
        for from in (0..clip.audio.len()).step_by(PIECE) {
            let to = clip.audio.len().min(from + PIECE);
            events.send(SpeakingEvent::Audio(clip.audio.slice(from..to)));
        }
        events.send(SpeakingEvent::Finished);
        Some(Played(Served { engine: name.into(), asked: super::now(), connect_ms: None }))
    }
}

impl TextToSpeech for FailoverVoice {
    fn name(&self) -> &'static str {
        self.order.first().map_or("none", |engine| engine.name())
    }

    fn languages(&self) -> &[Language] {
        &self.languages
    }

    fn warm(&self) {
        self.order.ahead(|engine| engine.warm());
    }

    fn for_call(&self) -> Option<Arc<dyn TextToSpeech>> {
        Some(Arc::new(Self { place: Arc::default(), ..self.clone() }))
    }

    fn speak(&self, request: SpeakingRequest, events: Sink<SpeakingEvent>) -> Box<dyn SpeakingStream> {
        if let Some(played) = self.play(&request, &events) {
            return Box::new(played);
        }
        let asked = Rc::default();
        let task = Task::spawn(speak(self.clone(), request, events, Rc::clone(&asked)));
        Box::new(Running { asked, _task: task })
    }
}

/// A text that was kept, and is told already.
struct Played(Served);

impl SpeakingStream for Played {
    fn served(&self) -> Option<Served> {
        Some(self.0.clone())
    }
}

struct Running {
    /// The voice that speaks now.
    asked: Rc<RefCell<Option<Asked>>>,
    /// Held for its life: dropping it cancels.
    _task: Task,
}

impl SpeakingStream for Running {
    fn served(&self) -> Option<Served> {
        self.asked.borrow().as_ref().map(Asked::served)
    }
}

async fn speak(
    voice: FailoverVoice,
    request: SpeakingRequest,
    events: Sink<SpeakingEvent>,
    speaking: Rc<RefCell<Option<Asked>>>,
) {
    let mut from = voice.place.load(Ordering::Relaxed);
    loop {
        let Some((place, name, engine)) = voice.order.admitted(from) else {
            let why = "no voice is configured".to_owned();
            return events.send(SpeakingEvent::Failed(ProviderFault::Unavailable { why }));
        };
        voice.settle(place, name);
        let (sender, receiver) = unbounded_channel();
        let sink = Sink::new(move |event| {
            // A sentence that was cancelled has no listener any more.
            let _ = sender.send(event);
        });
        let (stream, asked) = voice.order.ask(place, || engine.speak(request.clone(), sink));
        speaking.replace(Some(asked.clone()));
        let outcome = pass_on(&voice.order, place, &asked, receiver, &events).await;
        drop(stream);
        match outcome {
            Ok(()) => return,
            Err(Cut { fault, has_spoken }) => {
                voice.order.failed(place, &fault);
                let has_next = voice.order.has_after(place);
                if has_next {
                    voice.place.store(place + 1, Ordering::Relaxed);
                    let next = voice.order.named().nth(place + 1).map(|(name, _)| name);
                    tracing::warn!(
                        event = "VOICE_SWITCHED",
                        engine = next,
                        "the call goes on with another voice"
                    );
                }
                if has_spoken || !has_next {
                    return events.send(SpeakingEvent::Failed(fault));
                }
                from = place + 1;
            }
        }
    }
}

/// A sentence that ended before its end.
struct Cut {
    fault: ProviderFault,
    /// Whether audio of it may have reached the caller: then it is not said again.
    has_spoken: bool,
}

async fn pass_on(
    order: &Order<dyn TextToSpeech>,
    place: usize,
    asked: &Asked,
    mut receiver: UnboundedReceiver<SpeakingEvent>,
    events: &Sink<SpeakingEvent>,
) -> Result<(), Cut> {
    let mut has_spoken = false;
    while let Some(event) = receiver.recv().await {
        match event {
            SpeakingEvent::Audio(audio) => {
                if !has_spoken {
                    has_spoken = true;
                    order.record_first(place, asked.elapsed_ms());
                }
                events.send(SpeakingEvent::Audio(audio));
            }
            SpeakingEvent::Words(words) => events.send(SpeakingEvent::Words(words)),
            SpeakingEvent::Finished if !has_spoken => {
                let why = "the voice finished without a sound".to_owned();
                return Err(Cut { fault: ProviderFault::Garbage { why }, has_spoken });
            }
            SpeakingEvent::Finished => {
                order.record_whole(place, asked.elapsed_ms());
                order.succeeded(place);
                events.send(SpeakingEvent::Finished);
                return Ok(());
            }
            SpeakingEvent::Failed(fault) => return Err(Cut { fault, has_spoken }),
        }
    }
    let why = "the voice fell silent without a word".to_owned();
    Err(Cut { fault: ProviderFault::Stopped { why }, has_spoken })
}
