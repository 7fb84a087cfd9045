//! The voices of providers.

use std::sync::Arc;

use moked_providers::azure::voice::{AzureVoice, AzureVoiceOptions};
use moked_providers::cartesia::voice::{CartesiaVoice, CartesiaVoiceOptions};
use moked_providers::deepgram::voice::{DeepgramVoice, DeepgramVoiceOptions};
use moked_providers::elevenlabs::voice::{ElevenLabsVoice, ElevenLabsVoiceOptions};
use moked_providers::google::{GoogleVoice, GoogleVoiceOptions};
use moked_providers::openai::{OpenAiVoice, OpenAiVoiceOptions};
use moked_providers::soniox::voice::{SonioxVoice, SonioxVoiceOptions};

use super::catalogue::{KeyNeed, VoiceEntry, check};

/// In the order in which they are listed to people.
pub(super) const ALL: [VoiceEntry; 7] = [
    VoiceEntry {
        name: "google",
        key: KeyNeed::UnlessMetadata(&["GCP_CREDENTIALS_JSON", "GOOGLE_APPLICATION_CREDENTIALS"]),
        skip: Some("SKIP_GCP_INIT"),
        host: "googleapis.com",
        goes_to_vendor: true,
        check: check::<GoogleVoiceOptions>,
        make: |from| {
            Ok(Arc::new(
                GoogleVoice::new(from.options()?, from.key_file()?.as_ref())
                    .map_err(|fault| fault.to_string())?,
            ))
        },
    },
    VoiceEntry {
        name: "soniox",
        key: KeyNeed::Always(&["SONIOX_API_KEY"]),
        skip: None,
        host: "soniox.com",
        goes_to_vendor: true,
        check: check::<SonioxVoiceOptions>,
        make: |from| Ok(Arc::new(SonioxVoice::new(from.options()?, from.key()?))),
    },
    VoiceEntry {
        name: "cartesia",
        key: KeyNeed::Always(&["CARTESIA_API_KEY"]),
        skip: None,
        host: "cartesia.ai",
        goes_to_vendor: true,
        check: check::<CartesiaVoiceOptions>,
        make: |from| Ok(Arc::new(CartesiaVoice::new(from.options()?, from.key()?))),
    },
    VoiceEntry {
        name: "elevenlabs",
        key: KeyNeed::Always(&["ELEVENLABS_API_KEY"]),
        skip: None,
        host: "elevenlabs.io",
        goes_to_vendor: true,
        check: check::<ElevenLabsVoiceOptions>,
        make: |from| Ok(Arc::new(ElevenLabsVoice::new(from.options()?, from.key()?))),
    },
    VoiceEntry {
        name: "deepgram",
        key: KeyNeed::Always(&["DEEPGRAM_API_KEY"]),
        skip: None,
        host: "deepgram.com",
        goes_to_vendor: true,
        check: check::<DeepgramVoiceOptions>,
        make: |from| Ok(Arc::new(DeepgramVoice::new(from.options()?, from.key()?))),
    },
    VoiceEntry {
        name: "azure",
        key: KeyNeed::Always(&["AZURE_SPEECH_KEY"]),
        skip: None,
        host: "microsoft.com",
        goes_to_vendor: true,
        check: check::<AzureVoiceOptions>,
        make: |from| Ok(Arc::new(AzureVoice::new(from.options()?, from.key()?))),
    },
    VoiceEntry {
        name: "openai",
        key: KeyNeed::AtVendor(&["OPENAI_API_KEY"]),
        skip: Some("SKIP_OPENAI_INIT"),
        host: "api.openai.com",
        goes_to_vendor: false,
        check: check::<OpenAiVoiceOptions>,
        make: |from| {
            Ok(Arc::new(
                OpenAiVoice::new(from.options()?, from.key.clone()).map_err(|fault| fault.to_string())?,
            ))
        },
    },
];
