//! `moked bench`: what moked itself adds to a turn, and what a call costs.
//!
//! A call is as slow as its providers, so they are taken out: the ear, mind and voice are stubs of
//! fixed delay, and what is left between the caller's last voiced sample and the agent's first one is the
//! silence that ends an utterance, those delays, and moked. The server is a process of its own with one
//! worker, bound to one core together with nothing else; the callers and the stubs, which are the world
//! outside, stay on another. Voice activity is the real one, since each call needs it at all times.
//!
//! The utterance is real speech cut off while it is loud, and digital silence follows. So the last frame
//! that the detector takes for voice is known to be the last that was sent, and neither its hangover nor the
//! 20 ms of a frame blur the result.

mod bare_loop;
pub mod child;
mod figures;
mod level;
mod load;
mod phone;
pub(crate) mod process;
pub mod server;
mod speech;
pub(crate) mod stubs;
pub mod table;
mod turns;

use std::time::Duration;

pub use figures::Spread;
pub use level::{Level, measure};
pub use process::{Cores, bind_this_thread};
pub use speech::{NoSpeech, Utterance};

/// From the end of an utterance to its words.
pub const EARS_DELAY: Duration = Duration::from_millis(60);

/// From the turn to the first text of its answer.
pub const MIND_DELAY: Duration = Duration::from_millis(90);

/// From a sentence to its audio.
pub const VOICE_DELAY: Duration = Duration::from_millis(40);

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// The least time of one level, once all of its calls are up.
    pub time: Duration,
    /// The least number of turns of one level.
    pub turns: usize,
}

impl Extent {
    /// When a level ends though its turns are too few: at five seconds for each turn, which is slower than
    /// one call alone.
    fn limit(&self) -> Duration {
        self.time.max(Duration::from_secs(5) * u32::try_from(self.turns).unwrap_or(u32::MAX))
    }
}
