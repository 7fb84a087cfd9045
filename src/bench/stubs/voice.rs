//! A voice that hums every sentence.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use moked_core::audio::{BYTES_PER_MS, mulaw};
use moked_core::language::Language;
use moked_core::ports::{Sink, SpeakingEvent, SpeakingRequest, SpeakingStream, TextToSpeech};

use super::{LANGUAGES, Later};
use crate::bench::VOICE_DELAY;

/// Length of a sentence. Two of them teach the call its line's echo in the greeting, which takes 1.5 s.
const SENTENCE: usize = 800 * BYTES_PER_MS;

/// Audio comes in pieces of 100 ms, as vendors send it, all at once: they are faster than speech.
const PIECE: usize = 100 * BYTES_PER_MS;

/// Half a period of the tone in samples: 200 Hz.
const HALF_PERIOD: usize = 20;

/// Its magnitude: -18 dBFS, the loudness of speech on a line.
const MAGNITUDE: i16 = 4_000;

/// The voice.
#[derive(Clone)]
pub(crate) struct StubVoice {
    later: Arc<dyn Later>,
    sentence: Bytes,
}

impl StubVoice {
    /// A voice that begins after [`VOICE_DELAY`].
    pub(crate) fn new(later: Arc<dyn Later>) -> Self {
        let period = [MAGNITUDE, -MAGNITUDE].into_iter().flat_map(|level| [level; HALF_PERIOD]);
        let sentence = period.cycle().take(SENTENCE).map(mulaw::encode_sample).collect();
        Self { later, sentence }
    }
}

impl TextToSpeech for StubVoice {
    fn name(&self) -> &'static str {
        "stub"
    }

    fn languages(&self) -> &[Language] {
        &LANGUAGES
    }

    fn speak(&self, _: SpeakingRequest, events: Sink<SpeakingEvent>) -> Box<dyn SpeakingStream> {
        let sentence = self.sentence.clone();
        let say = move || {
            // Copied, since what comes from a vendor is no one else's either.
            let pieces = sentence.chunks(PIECE).map(Bytes::copy_from_slice);
            pieces.map(SpeakingEvent::Audio).for_each(|event| events.send(event));
            events.send(SpeakingEvent::Finished);
        };
        self.later.after(VOICE_DELAY, Box::new(say));
        Box::new(Said)
    }
}

/// A sentence that cannot be stopped: whoever meets a dead one drops it.
struct Said;

impl SpeakingStream for Said {}

impl fmt::Debug for StubVoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StubVoice")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use moked_core::audio::level;

    use super::*;
    use crate::bench::stubs::virtual_time::VirtualTime;

    #[test]
    fn audible_audio_comes_a_fixed_time_after_the_sentence_and_ends() {
        let time = VirtualTime::default();
        let (sender, events) = channel();
        let request = SpeakingRequest::new("Yes.", Language::English);
        let voice = StubVoice::new(Arc::new(time.clone()));
        let _stream = voice.speak(request, Sink::new(move |event| drop(sender.send(event))));
        time.pass(VOICE_DELAY - Duration::from_micros(1));
        assert_eq!(events.try_recv().ok(), None);
        time.pass(Duration::from_micros(1));
        let events: Vec<_> = events.try_iter().collect();
        let SpeakingEvent::Audio(first) = &events[0] else { panic!("{events:?}") };
        assert!(level::mulaw_dbfs(first) > -20.0);
        assert_eq!(events.len(), SENTENCE / PIECE + 1);
        assert_eq!(events.last(), Some(&SpeakingEvent::Finished));
    }
}
