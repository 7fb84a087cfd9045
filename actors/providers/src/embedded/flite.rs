//! The embedded English voice: flite-rs, the diphone voice `kal` at 8 kHz, all in pure Rust.
//!
//! A sentence takes a few milliseconds to make, but the calls' threads must not spend them, so a small pool
//! of threads speaks for all calls. Audio leaves in pieces of at most 200 ms, and between two pieces the
//! thread looks whether anybody still listens; that is how dropping a stream cancels it.

mod pool;

use std::any::Any;
use std::fmt;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use flite_rs::{Engine, Flow};
use moked_core::audio::{BYTES_PER_MS, mulaw};
use moked_core::language::Language;
use moked_core::ports::{ProviderFault, Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, TextToSpeech};

use pool::Pool;

/// The longest piece of audio handed over at once: 200 ms. What follows a cancelled piece is never made.
const PIECE_SAMPLES: usize = 200 * BYTES_PER_MS;

/// How the voice sounds and how many threads speak.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct VoiceOptions {
    /// Length of every sound; 1.0 is the voice's own pace, 1.2 a fifth slower. Kept within 0.5 to 2.
    pub stretch: f32,
    /// Pitch; 1.0 is the voice's own (a man's), 1.3 a third higher. Kept within 0.5 to 2.
    pub pitch: f32,
    /// Threads that speak for all calls. One makes several hundred seconds of audio a second.
    pub threads: NonZeroUsize,
}

impl Default for VoiceOptions {
    fn default() -> Self {
        Self { stretch: 1.0, pitch: 1.0, threads: NonZeroUsize::MIN }
    }
}

/// The embedded voice. Clones share its threads; they end with the last clone.
#[derive(Clone)]
pub struct EmbeddedVoice {
    engine: Arc<Engine>,
    pool: Arc<Pool>,
    options: VoiceOptions,
}

impl EmbeddedVoice {
    /// Reads the voice data (inside the binary, under a millisecond) and starts the threads.
    ///
    /// # Errors
    /// [`ProviderFault::Stopped`] when the data is damaged or no thread can be started.
    pub fn new(options: VoiceOptions) -> Result<Self, ProviderFault> {
        let stopped = |why: String| ProviderFault::Stopped { why };
        let mut engine =
            Engine::try_new().map_err(|error| stopped(format!("the voice data is damaged: {error:?}")))?;
        engine.set_duration_stretch(options.stretch.clamp(0.5, 2.0));
        engine.set_f0_shift(options.pitch.clamp(0.5, 2.0));
        let pool = Pool::start("voice", options.threads)
            .map_err(|error| stopped(format!("no thread to speak on: {error}")))?;
        Ok(Self { engine: Arc::new(engine), pool: Arc::new(pool), options })
    }

    /// Speaks a text at once, on the caller's own thread: 16-bit samples at 8 kHz. For a simulated caller
    /// and for tools; a call uses [`TextToSpeech::speak`].
    pub fn render(&self, text: &str) -> Vec<i16> {
        self.engine.synthesize(text).samples
    }
}

impl fmt::Debug for EmbeddedVoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedVoice").field("options", &self.options).finish_non_exhaustive()
    }
}

impl TextToSpeech for EmbeddedVoice {
    fn name(&self) -> &'static str {
        "flite"
    }

    fn languages(&self) -> &[Language] {
        &[Language::English]
    }

    fn speak(&self, request: SpeakingRequest, events: Sink<SpeakingEvent>) -> Box<dyn SpeakingStream> {
        let cancelled = Arc::new(AtomicBool::new(false));
        let stream = Box::new(Stream { cancelled: Arc::clone(&cancelled) });
        if request.language != Language::English {
            let (engine, language) = (self.name(), request.language);
            events.send(SpeakingEvent::Failed(ProviderFault::UnsupportedLanguage { engine, language }));
            return stream;
        }
        let engine = Arc::clone(&self.engine);
        let refused = events.clone();
        // The lines of the thread that speaks name the call that asked.
        let span = tracing::Span::current();
        let job = move || span.in_scope(|| speak(&engine, &request.text, &cancelled, &events));
        let accepted = self.pool.run(job);
        if !accepted {
            let why = "its threads are gone".to_owned();
            refused.send(SpeakingEvent::Failed(ProviderFault::Stopped { why }));
        }
        stream
    }
}

/// A sentence under way.
struct Stream {
    cancelled: Arc<AtomicBool>,
}

impl SpeakingStream for Stream {}

impl Drop for Stream {
    fn drop(&mut self) {
        self.cancelled.store(true, Ordering::Relaxed);
    }
}

/// Makes one sentence, piece by piece, until it ends or nobody listens.
fn speak(engine: &Engine, text: &str, cancelled: &AtomicBool, events: &Sink<SpeakingEvent>) {
    let is_cancelled = || cancelled.load(Ordering::Relaxed);
    if is_cancelled() {
        return;
    }
    // A defect in the engine ends this sentence, not the thread that all calls share.
    let made = catch_unwind(AssertUnwindSafe(|| {
        let mut piece: Vec<u8> = Vec::with_capacity(PIECE_SAMPLES);
        engine.synthesize_streaming(text, |period| {
            for &sample in period {
                piece.push(mulaw::encode_sample(sample));
                if piece.len() == PIECE_SAMPLES {
                    if is_cancelled() {
                        return Flow::Stop;
                    }
                    let full = std::mem::replace(&mut piece, Vec::with_capacity(PIECE_SAMPLES));
                    events.send(SpeakingEvent::Audio(Bytes::from(full)));
                }
            }
            if is_cancelled() { Flow::Stop } else { Flow::Continue }
        });
        piece
    }));
    if is_cancelled() {
        return;
    }
    match made {
        Ok(rest) => {
            if !rest.is_empty() {
                events.send(SpeakingEvent::Audio(Bytes::from(rest)));
            }
            events.send(SpeakingEvent::Finished);
        }
        Err(panic) => {
            let why = panic_text(panic.as_ref()).to_owned();
            tracing::error!(%why, "the embedded voice failed in a sentence");
            events.send(SpeakingEvent::Failed(ProviderFault::Stopped { why }));
        }
    }
}

/// The words of a panic, if it had any.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic without words")
}
