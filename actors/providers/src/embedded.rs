//! Speech without an account or a network: the default for a first call, for demos and for tests.
//!
//! English only. The voice ([`EmbeddedVoice`]) is a diphone voice of the nineties, clear and robotic. The
//! ears ([`EmbeddedEars`]) hear what an agent may expect to be told and little else. Measured with the
//! embedded voice as the caller, over 8 kHz µ-law: 3 to 4 % of the words wrong on a clean line, 5 % with
//! white noise 25 dB below the speech, 16 % at 15 dB. That is a synthetic speaker, always the same one,
//! saying sentences that the model was made for; people do worse, and free speech (a third of the words
//! wrong even with a full language model) is out of reach. Speech outside the domain is rejected by its
//! score, so that the agent asks again instead of acting on a guess. It is a default for a first call, a
//! demonstration and the tests; a business that talks to the public should configure a provider.
//!
//! Nothing that runs offline in this form speaks or hears Hebrew usably, so these engines refuse it.

mod earshot;
mod flite;
mod pocketsphinx;

pub use earshot::EmbeddedVoiceActivity;
pub use flite::{EmbeddedVoice, VoiceOptions};
pub use pocketsphinx::{EarsOptions, EmbeddedEars};
