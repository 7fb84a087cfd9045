//! One call's ear: gathers utterances and has them transcribed by a task, in order.

use std::collections::VecDeque;
use std::time::Duration;

use moked_core::audio::resample::Resampler;
use moked_core::audio::{BYTES_PER_MS, SAMPLE_RATE, mulaw};
use moked_core::hints::RecognitionHints;
use moked_core::ids::{CallSid, UtteranceId};
use moked_core::language::Language;
use moked_core::ports::{HearingEvent, HearingRequest, HearingSession, ProviderFault, Sink};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::super::HintStyle;
use super::RecordingRate;
use super::answer::Answer;
use super::form::{Form, wav};
use crate::transport::{HttpRequest, Task};

/// How far before its report speech may have begun: 500 ms, as the port says.
const ONSET: usize = 500 * BYTES_PER_MS;

/// Shorter recordings are refused by OpenAI (0.1 s), and hold no word.
const SHORTEST: usize = 100 * BYTES_PER_MS;

/// Longest utterance: 120 s, 1 MB of µ-law. Nobody answers a receptionist for longer.
const LONGEST: usize = 120_000 * BYTES_PER_MS;

/// How long the end of a stream is waited for once its text is whole.
const AFTER_DONE: Duration = Duration::from_millis(50);

/// What may come after it, bytes.
const MOST_AFTER_DONE: usize = 16 * 1024;

/// What every request of a session has in common.
pub(super) struct Upload {
    pub(super) url: String,
    pub(super) bearer: Option<SecretString>,
    pub(super) model: String,
    pub(super) hints: HintStyle,
    pub(super) language: Language,
    pub(super) stream: bool,
    pub(super) rate: RecordingRate,
    pub(super) limit: Duration,
}

/// A whole utterance.
struct Utterance {
    id: UtteranceId,
    mulaw: Vec<u8>,
    phrases: Vec<String>,
}

/// One call's ear. Dropping it closes the connection and so cancels what is being transcribed.
pub(super) struct Session {
    call_sid: CallSid,
    vocabulary: Vec<String>,
    expected: Vec<String>,
    /// Audio before an utterance, at most [`ONSET`] bytes of it.
    before: VecDeque<u8>,
    /// The utterance under way.
    under_way: Option<Vec<u8>>,
    is_overlong: bool,
    finished: UnboundedSender<Utterance>,
    _task: Task,
}

impl Session {
    /// Begins to listen. Must be called on a thread with a tokio `LocalSet`.
    pub(super) fn open(request: HearingRequest, upload: Upload, events: Sink<HearingEvent>) -> Self {
        let (finished, utterances) = unbounded_channel();
        Self {
            call_sid: request.call_sid,
            vocabulary: request.vocabulary,
            expected: Vec::new(),
            before: VecDeque::with_capacity(ONSET),
            under_way: None,
            is_overlong: false,
            finished,
            _task: Task::spawn(transcribe_all(upload, utterances, events)),
        }
    }
}

impl HearingSession for Session {
    fn audio(&mut self, mulaw: &[u8]) {
        let Some(utterance) = &mut self.under_way else {
            self.before.extend(mulaw);
            let surplus = self.before.len().saturating_sub(ONSET);
            self.before.drain(..surplus);
            return;
        };
        let room = LONGEST.saturating_sub(utterance.len()).min(mulaw.len());
        utterance.extend_from_slice(mulaw.get(..room).unwrap_or_default());
        if room < mulaw.len() && !std::mem::replace(&mut self.is_overlong, true) {
            let call_sid = &self.call_sid;
            tracing::warn!(%call_sid, "an utterance of more than two minutes; its end will not be heard");
        }
    }

    fn expect(&mut self, hints: &RecognitionHints) {
        self.expected.clone_from(&hints.phrases);
    }

    fn utterance_started(&mut self, _utterance: UtteranceId) {
        self.is_overlong = false;
        self.under_way = Some(self.before.drain(..).collect());
    }

    fn utterance_ended(&mut self, id: UtteranceId) {
        let Some(mulaw) = self.under_way.take() else { return };
        let phrases = self.expected.iter().chain(&self.vocabulary).cloned().collect();
        // A session that failed has told so; it hears nothing more.
        let _ = self.finished.send(Utterance { id, mulaw, phrases });
    }
}

async fn transcribe_all(
    upload: Upload,
    mut utterances: UnboundedReceiver<Utterance>,
    events: Sink<HearingEvent>,
) {
    while let Some(utterance) = utterances.recv().await {
        match transcribe(&upload, &utterance, &events).await {
            Ok(text) => events.send(HearingEvent::Final { utterance: utterance.id, text }),
            Err(fault) => {
                events.send(HearingEvent::Failed(fault));
                return;
            }
        }
    }
}

async fn transcribe(
    upload: &Upload,
    utterance: &Utterance,
    events: &Sink<HearingEvent>,
) -> Result<String, ProviderFault> {
    if utterance.mulaw.len() < SHORTEST {
        return Ok(String::new());
    }
    let mut body = upload.request(utterance)?.send(upload.limit).await?;
    let mut answer = Answer::default();
    while let Some(chunk) = body.next("the transcription", upload.limit).await? {
        if let Some(text) = answer.push(&chunk)? {
            events.send(HearingEvent::Partial { utterance: utterance.id, text });
        }
        if answer.is_done() {
            // Read to its end, the connection serves the next utterance too; but nothing waits for it long.
            let _ = body.all(MOST_AFTER_DONE, AFTER_DONE).await;
            break;
        }
    }
    answer.finish()
}

impl Upload {
    fn request(&self, utterance: &Utterance) -> Result<HttpRequest, ProviderFault> {
        let mut form = Form::default().field("model", &self.model).field("response_format", "json");
        for hint in self.hints.fields(self.language, &utterance.phrases) {
            form = form.hint(hint);
        }
        if self.stream {
            form = form.field("stream", "true");
        }
        let samples = self.samples(&utterance.mulaw)?;
        let body = form.recording(&wav(&samples, self.rate.hz()));
        let mut request =
            HttpRequest::post(self.url.clone(), body.into()).header("content-type", Form::content_type());
        if let Some(bearer) = &self.bearer {
            request = request.header("authorization", bearer.expose_secret());
        }
        Ok(request)
    }

    fn samples(&self, audio: &[u8]) -> Result<Vec<i16>, ProviderFault> {
        let samples = mulaw::decode(audio);
        match self.rate {
            RecordingRate::Line => Ok(samples),
            RecordingRate::Wide => {
                let mut resampler = Resampler::new(SAMPLE_RATE, self.rate.hz())
                    .map_err(|error| ProviderFault::BadRequest { why: error.to_string() })?;
                let mut wide = resampler.push(&samples);
                wide.extend(resampler.finish());
                Ok(wide)
            }
        }
    }
}
