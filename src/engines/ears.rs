//! The ears of providers.

use std::sync::Arc;

use moked_providers::deepgram::ears::{DeepgramEars, DeepgramEarsOptions};
use moked_providers::deepgram::flux::{DeepgramFluxEars, DeepgramFluxOptions};
use moked_providers::elevenlabs::ears::{ElevenLabsEars, ElevenLabsEarsOptions};
use moked_providers::google::{GoogleEars, GoogleEarsOptions};
use moked_providers::openai::{FileEars, FileEarsOptions, RealtimeEars, RealtimeEarsOptions};
use moked_providers::soniox::ears::{SonioxEars, SonioxEarsOptions};
use moked_providers::vosk::{VoskEars, VoskEarsOptions};

use super::catalogue::{EarEntry, KeyNeed, check};

/// In the order in which they are listed to people.
pub(super) const ALL: [EarEntry; 8] = [
    EarEntry {
        name: "google",
        key: KeyNeed::UnlessMetadata(&["GCP_CREDENTIALS_JSON", "GOOGLE_APPLICATION_CREDENTIALS"]),
        skip: Some("SKIP_GCP_INIT"),
        host: "googleapis.com",
        goes_to_vendor: true,
        check: check::<GoogleEarsOptions>,
        make: |from| {
            Ok(Arc::new(
                GoogleEars::new(from.options()?, from.key_file()?.as_ref())
                    .map_err(|fault| fault.to_string())?,
            ))
        },
    },
    EarEntry {
        name: "deepgram",
        key: KeyNeed::Always(&["DEEPGRAM_API_KEY"]),
        skip: None,
        host: "deepgram.com",
        goes_to_vendor: true,
        check: check::<DeepgramEarsOptions>,
        make: |from| Ok(Arc::new(DeepgramEars::new(from.options()?, from.key()?))),
    },
    EarEntry {
        name: "deepgram_flux",
        key: KeyNeed::Always(&["DEEPGRAM_API_KEY"]),
        skip: None,
        host: "deepgram.com",
        goes_to_vendor: true,
        check: check::<DeepgramFluxOptions>,
        make: |from| Ok(Arc::new(DeepgramFluxEars::new(from.options()?, from.key()?))),
    },
    EarEntry {
        name: "soniox",
        key: KeyNeed::Always(&["SONIOX_API_KEY"]),
        skip: None,
        host: "soniox.com",
        goes_to_vendor: true,
        check: check::<SonioxEarsOptions>,
        make: |from| Ok(Arc::new(SonioxEars::new(from.options()?, from.key()?))),
    },
    EarEntry {
        name: "elevenlabs",
        key: KeyNeed::Always(&["ELEVENLABS_API_KEY"]),
        skip: None,
        host: "elevenlabs.io",
        goes_to_vendor: true,
        check: check::<ElevenLabsEarsOptions>,
        make: |from| Ok(Arc::new(ElevenLabsEars::new(from.options()?, from.key()?))),
    },
    EarEntry {
        name: "openai",
        key: KeyNeed::AtVendor(&["OPENAI_API_KEY"]),
        skip: Some("SKIP_OPENAI_INIT"),
        host: "api.openai.com",
        goes_to_vendor: true,
        check: check::<FileEarsOptions>,
        make: |from| Ok(Arc::new(FileEars::new(from.options()?, from.key.clone()))),
    },
    EarEntry {
        name: "openai_realtime",
        key: KeyNeed::AtVendor(&["OPENAI_API_KEY"]),
        skip: Some("SKIP_OPENAI_INIT"),
        host: "api.openai.com",
        goes_to_vendor: true,
        check: check::<RealtimeEarsOptions>,
        make: |from| {
            Ok(Arc::new(
                RealtimeEars::new(from.options()?, from.key.clone()).map_err(|fault| fault.to_string())?,
            ))
        },
    },
    EarEntry {
        name: "vosk",
        key: KeyNeed::Never,
        skip: None,
        host: "",
        goes_to_vendor: false,
        check: check::<VoskEarsOptions>,
        make: |from| Ok(Arc::new(VoskEars::new(from.options()?))),
    },
];
