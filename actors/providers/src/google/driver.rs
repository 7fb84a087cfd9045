//! The task of a streaming session: keeps a stream to Google, changes it in time, tells the call.
//!
//! All audio goes through [`Memory`] and every stream reads from there, so connecting, a change of streams
//! and a stream that Google ends are one thing: a stream that begins at the last settled word. While an old
//! stream still settles, what the new one says is held back, and the [`Seam`] drops what both heard.

mod stream;

use std::rc::Rc;
use std::time::Duration;

use futures_util::StreamExt;
use moked_core::audio::{BYTES_PER_MS, SILENCE};
use moked_core::ids::UtteranceId;
use moked_core::ports::{HearingEvent, ProviderFault, Sink, TurnSignal};
use tokio::time::{Instant, sleep_until};
use tonic::Status;

use self::stream::{Span, Stream};
use super::answer::{Activity, Answer, Piece, Recognizer};
use super::ears::usable;
use super::memory::Memory;
use super::rollover::{Action, Heard, RollOver};
use super::seam::Seam;
use super::status;
use crate::listening::{Command, Queue, Told, Transcript, WireFact};

/// How long an old stream may settle what it heard.
const DRAIN: Duration = Duration::from_secs(2);

/// How long a final is waited for: 1.6 s is Google's p99. Past this the interim text is as good as it gets.
const FINAL_LIMIT: Duration = Duration::from_secs(2);

/// Without audio for this long, silence is sent: Google settles text by the silence behind it, and ends a
/// stream after about 10 s without audio.
const SILENT_AFTER: Duration = Duration::from_millis(300);

/// Settled text is the last of an utterance if it ends this close to its end as moked heard it, which lies
/// behind the last word by the wait of the voice activity.
const TRAILING: u64 = 1_500;

/// Utterances that Google did not answer at all may be coughs; together longer than this they are speech.
const DEAF: Duration = Duration::from_secs(4);

/// A stream that is ended sooner than this was not ended by its age, and a fresh one would not live longer.
const LASTING: Duration = Duration::from_secs(5);

struct Old {
    stream: Stream,
    until: Instant,
    /// What the new stream said meanwhile.
    held: Vec<Answer>,
}

struct Driver {
    recognizer: Box<dyn Recognizer>,
    events: Sink<HearingEvent>,
    phrases: Vec<String>,
    memory: Memory,
    stream: Stream,
    old: Option<Old>,
    roll_over: RollOver,
    seam: Seam,
    transcript: Transcript,
    interim: String,
    /// Place up to which text is settled, by whichever stream.
    settled: u64,
    current: UtteranceId,
    began: Instant,
    ended_at: u64,
    final_due: Option<Instant>,
    last_audio: Instant,
    last_heard: Instant,
    unanswered: Duration,
}

/// Runs a session until it fails or is aborted. `vocabulary` are phrases that may come at any time.
pub(crate) async fn drive(
    recognizer: Box<dyn Recognizer>,
    vocabulary: Vec<String>,
    queue: Rc<Queue>,
    events: Sink<HearingEvent>,
) {
    let mut driver = Driver::new(recognizer, vocabulary, events.clone());
    if let Err(mut fault) = driver.run(&queue).await {
        if let ProviderFault::BadRequest { why } = &mut fault {
            why.push_str(&driver.recognizer.advice().await);
        }
        events.send(HearingEvent::Failed(fault));
    }
}

impl Driver {
    fn new(recognizer: Box<dyn Recognizer>, phrases: Vec<String>, events: Sink<HearingEvent>) -> Self {
        let now = Instant::now();
        Self {
            stream: Stream::open(recognizer.as_ref(), &phrases, 0),
            recognizer,
            events,
            phrases,
            memory: Memory::default(),
            old: None,
            roll_over: RollOver::new(now.into_std()),
            seam: Seam::default(),
            transcript: Transcript::default(),
            interim: String::new(),
            settled: 0,
            current: UtteranceId::default(),
            began: now,
            ended_at: 0,
            final_due: None,
            last_audio: now,
            last_heard: now,
            unanswered: Duration::ZERO,
        }
    }

    async fn run(&mut self, queue: &Queue) -> Result<(), ProviderFault> {
        let vocabulary = self.phrases.clone();
        loop {
            let now = Instant::now().into_std();
            let wake = self.roll_over.poll_timeout(now).map(|(at, _)| at.into());
            let drained = self.old.as_ref().map(|old| old.until);
            let silent = self.last_audio + SILENT_AFTER;
            tokio::select! {
                biased;
                answer = next(self.old.as_mut()) => self.old_said(answer),
                answer = self.stream.answers.next() => self.said(answer)?,
                command = queue.next() => self.obey(command, &vocabulary)?,
                () = until(drained) => self.finish_old(),
                () = until(self.final_due) => self.final_overdue()?,
                () = until(wake) => self.roll_over.handle_timeout(Instant::now().into_std()),
                () = sleep_until(silent) => {
                    self.hear(&[SILENCE; SILENT_AFTER.as_millis() as usize * BYTES_PER_MS])?;
                }
            }
            while let Some(Action::RollOver) = self.roll_over.next_action() {
                self.roll_over()?;
            }
        }
    }

    fn obey(&mut self, command: Command, vocabulary: &[String]) -> Result<(), ProviderFault> {
        match command {
            Command::Audio(audio) => self.hear(&audio)?,
            Command::Started(utterance) => {
                self.current = utterance;
                self.began = Instant::now();
                self.final_due = None;
                self.transcript.started(utterance);
            }
            Command::Ended(utterance) => {
                self.stream.feed(&self.memory, true)?;
                self.ended_at = self.memory.ends();
                let told = self.transcript.ended(utterance, false);
                self.tell(told);
                self.final_due = self.transcript.is_due().then(|| Instant::now() + FINAL_LIMIT);
            }
            // A running stream takes no hints; the next one does.
            Command::Expect(hints) => self.phrases = usable([hints.phrases.as_slice(), vocabulary].concat()),
        }
        Ok(())
    }

    fn hear(&mut self, audio: &[u8]) -> Result<(), ProviderFault> {
        self.last_audio = Instant::now();
        self.memory.push(audio);
        self.stream.feed(&self.memory, false)
    }

    fn said(&mut self, answer: Option<Result<Answer, Status>>) -> Result<(), ProviderFault> {
        match answer {
            Some(Ok(answer)) => match &mut self.old {
                Some(old) => old.held.push(answer),
                None => self.take(answer),
            },
            Some(Err(error)) if !status::ends_only_the_stream(&error) => return Err(status::fault(&error)),
            Some(Err(error)) => self.renew(error.message())?,
            None => self.renew("Google ended the stream")?,
        }
        Ok(())
    }

    fn old_said(&mut self, answer: Option<Result<Answer, Status>>) {
        let Some(Ok(answer)) = answer else {
            self.finish_old();
            return;
        };
        let Some(mut old) = self.old.take() else { return };
        self.last_heard = Instant::now();
        for piece in answer.pieces.iter().filter(|piece| piece.is_final) {
            self.settle(&mut old.stream.span, piece);
        }
        self.old = Some(old);
    }

    /// The old stream is listened to no longer; what the new one said meanwhile is taken.
    fn finish_old(&mut self) {
        for answer in self.old.take().map(|old| old.held).unwrap_or_default() {
            self.take(answer);
        }
    }

    /// Google ended the stream by its own rules: a fresh one hears what is not settled yet.
    fn renew(&mut self, why: &str) -> Result<(), ProviderFault> {
        let lasted = self.stream.opened.elapsed();
        if lasted < LASTING {
            let why = format!("the stream ended after {} ms: {why}", lasted.as_millis());
            return Err(ProviderFault::Closed { why });
        }
        tracing::debug!(why, before = ?self.roll_over.observe(), "Google ended a stream; a fresh one goes on");
        self.finish_old();
        self.replace()?;
        Ok(())
    }

    /// Opens a new stream before the old one is half-closed.
    fn roll_over(&mut self) -> Result<(), ProviderFault> {
        self.finish_old();
        self.stream.feed(&self.memory, true)?;
        let mut stream = self.replace()?;
        stream.audio = None;
        self.old = Some(Old { stream, until: Instant::now() + DRAIN, held: Vec::new() });
        Ok(())
    }

    /// Puts a fresh stream in the place of the present one, which it gives back.
    fn replace(&mut self) -> Result<Stream, ProviderFault> {
        let base = self.settled.max(self.memory.begins());
        let fresh = Stream::open(self.recognizer.as_ref(), &self.phrases, base);
        let old = std::mem::replace(&mut self.stream, fresh);
        self.roll_over.handle(Heard::Opened, Instant::now().into_std());
        self.stream.feed(&self.memory, false)?;
        Ok(old)
    }

    fn take(&mut self, answer: Answer) {
        let now = Instant::now();
        self.last_heard = now;
        self.unanswered = Duration::ZERO;
        match answer.activity {
            None => {}
            Some(Activity::Began) => {
                self.roll_over.handle(Heard::SpeechBegan, now.into_std());
                self.events.send(HearingEvent::Turn { utterance: self.current, signal: TurnSignal::Started });
            }
            Some(Activity::Ended) => {
                self.roll_over.handle(Heard::SpeechEnded, now.into_std());
                let signal = TurnSignal::ProbablyEnded;
                self.events.send(HearingEvent::Turn { utterance: self.current, signal });
            }
        }
        if answer.pieces.is_empty() {
            return;
        }
        let mut span = self.stream.span;
        for piece in answer.pieces.iter().filter(|piece| piece.is_final) {
            self.settle(&mut span, piece);
        }
        self.stream.span = span;
        let open = answer.pieces.iter().filter(|piece| !piece.is_final);
        let open: String = open.map(|piece| self.fresh(span, piece)).collect();
        let heard = if open.trim().is_empty() { Heard::Settled } else { Heard::Interim };
        let told = self.transcript.take(&WireFact::Interim(open.clone()));
        self.interim = open;
        self.tell(told);
        if heard == Heard::Settled {
            self.finish_if_whole();
        }
        self.roll_over.handle(heard, now.into_std());
    }

    fn settle(&mut self, span: &mut Span, piece: &Piece) {
        let text = self.fresh(*span, piece);
        let ends = span.place(piece.ends).max(span.settled);
        span.settled = ends;
        self.settled = self.settled.max(ends);
        self.seam.told(&text, ends / BYTES_PER_MS as u64);
        self.interim.clear();
        let told = self.transcript.take(&WireFact::Settled(text));
        self.tell(told);
    }

    /// Text of a piece that was not told before, with its leading space if it had one.
    fn fresh(&self, span: Span, piece: &Piece) -> String {
        let ms = |place: u64| place / BYTES_PER_MS as u64;
        let text = self.seam.fresh(piece, ms(span.base), ms(span.settled));
        if piece.text.starts_with(' ') && !text.is_empty() { format!(" {text}") } else { text }
    }

    /// Everything of an ended utterance is settled: its final need not wait.
    fn finish_if_whole(&mut self) {
        let trailing = TRAILING * BYTES_PER_MS as u64;
        if self.transcript.is_due() && self.settled + trailing >= self.ended_at {
            let told = self.transcript.finish();
            self.tell(told);
        }
    }

    /// Google did not settle in time: the interim text is told, and dropped when Google settles it later.
    fn final_overdue(&mut self) -> Result<(), ProviderFault> {
        self.final_due = None;
        if self.last_heard < self.began {
            self.unanswered += self.began.elapsed();
            if self.unanswered >= DEAF {
                let after_ms = self.unanswered.as_millis() as u64;
                return Err(ProviderFault::Stalled { waiting_for: "a transcript", after_ms });
            }
        }
        let interim = std::mem::take(&mut self.interim);
        if !interim.trim().is_empty() {
            self.seam.told(&interim, self.ended_at / BYTES_PER_MS as u64);
        }
        let told = self.transcript.finish();
        self.tell(told);
        Ok(())
    }

    fn tell(&mut self, told: Option<Told>) {
        match told {
            None => {}
            Some(Told::Partial(utterance, text)) => {
                self.events.send(HearingEvent::Partial { utterance, text });
            }
            Some(Told::Final(utterance, text)) => {
                self.final_due = None;
                self.events.send(HearingEvent::Final { utterance, text });
            }
        }
    }
}

async fn next(old: Option<&mut Old>) -> Option<Result<Answer, Status>> {
    match old {
        Some(old) => old.stream.answers.next().await,
        None => std::future::pending().await,
    }
}

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => sleep_until(at).await,
        None => std::future::pending().await,
    }
}
