//! OpenAI, and every server that speaks its wire: speaches, whisper.cpp, Groq, LocalAI, Kokoro-FastAPI.
//!
//! One adapter for each way of working, with the base URL in its options, so that a local server is a line of
//! settings and not a vendor of its own. Such servers often want no key, so a key is optional throughout.
//!
//! OpenAI ends `tts-1*` and `gpt-4o-mini-tts` on 2027-01-06 and `whisper-1` and `gpt-4o-*-transcribe` on
//! 2027-02-26; none of them is a default here.

pub mod file_ears;
pub mod mind;
pub mod realtime;
pub mod realtime_ears;
pub mod voice;

mod hints;
mod key;

pub use file_ears::{FileEars, FileEarsOptions};
pub use hints::HintStyle;
pub use realtime::{OpenAiRealtime, OpenAiRealtimeOptions};
pub use realtime_ears::{RealtimeEars, RealtimeEarsOptions};
pub use voice::{OpenAiVoice, OpenAiVoiceOptions};
