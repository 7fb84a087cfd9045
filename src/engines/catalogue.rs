//! The engines that can be named, role by role: name, key, options, builder.

use std::sync::Arc;

use moked_core::agent::Agent;
use moked_core::ports::{ChatModel, SpeechToSpeech, SpeechToText, TextToSpeech};
use secrecy::{ExposeSecret, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{conversing, ears, minds, voices};

/// Name of the ear and of the voice inside the binary.
pub(crate) const EMBEDDED: &str = "embedded";

/// Name of the mind inside the binary.
pub(crate) const RECEPTIONIST: &str = "receptionist";

/// What an engine does in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Speech to text.
    Hearing,
    /// Text to speech.
    Speaking,
    /// The mind.
    Thinking,
    /// All three in one hop.
    Conversing,
}

impl Role {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Hearing, Self::Speaking, Self::Thinking, Self::Conversing];

    /// The word for it in `[engines]` and `[provider.…]`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Hearing => "hearing",
            Self::Speaking => "speaking",
            Self::Thinking => "thinking",
            Self::Conversing => "conversing",
        }
    }

    /// The engines that `engines.<role>` may name, the one inside the binary first where there is one.
    pub fn names(self) -> Vec<&'static str> {
        let inside = match self {
            Self::Hearing | Self::Speaking => Some(EMBEDDED),
            Self::Thinking => Some(RECEPTIONIST),
            Self::Conversing => None,
        };
        inside.into_iter().chain(self.providers()).collect()
    }

    /// Those of them that are a provider's.
    pub(crate) fn providers(self) -> Vec<&'static str> {
        match self {
            Self::Hearing => ears::ALL.iter().map(|entry| entry.name).collect(),
            Self::Speaking => voices::ALL.iter().map(|entry| entry.name).collect(),
            Self::Thinking => minds::ALL.iter().map(|entry| entry.name).collect(),
            Self::Conversing => conversing::ALL.iter().map(|entry| entry.name).collect(),
        }
    }

    /// Reads the options of an engine and forgets them; `None` when no provider has this name.
    ///
    /// # Errors
    /// Within: what is wrong with them.
    pub(crate) fn check(self, name: &str, options: &Value) -> Option<Result<(), String>> {
        let check = match self {
            Self::Hearing => ears::ALL.iter().find(|entry| entry.name == name)?.check,
            Self::Speaking => voices::ALL.iter().find(|entry| entry.name == name)?.check,
            Self::Thinking => minds::ALL.iter().find(|entry| entry.name == name)?.check,
            Self::Conversing => conversing::ALL.iter().find(|entry| entry.name == name)?.check,
        };
        Some(check(options))
    }

    /// The variables that may hold an engine's key.
    pub(crate) fn keys(self, name: &str) -> &'static [&'static str] {
        let need = match self {
            Self::Hearing => ears::ALL.iter().find(|entry| entry.name == name).map(|entry| entry.key),
            Self::Speaking => voices::ALL.iter().find(|entry| entry.name == name).map(|entry| entry.key),
            Self::Thinking => minds::ALL.iter().find(|entry| entry.name == name).map(|entry| entry.key),
            Self::Conversing => {
                conversing::ALL.iter().find(|entry| entry.name == name).map(|entry| entry.key)
            }
        };
        need.map(KeyNeed::variables).unwrap_or_default()
    }
}

/// Variables that hold keys of providers.
pub(crate) const KEY_VARIABLES: [&str; 11] = [
    "DEEPGRAM_API_KEY",
    "SONIOX_API_KEY",
    "ELEVENLABS_API_KEY",
    "CARTESIA_API_KEY",
    "AZURE_SPEECH_KEY",
    "OPENAI_API_KEY",
    "ANTHROPIC_API_KEY",
    "GEMINI_API_KEY",
    "GOOGLE_API_KEY",
    "GCP_CREDENTIALS_JSON",
    "GOOGLE_APPLICATION_CREDENTIALS",
];

/// Variables of vendors that set an option: variable, role, engine, option.
pub(crate) const OPTION_VARIABLES: [(&str, Role, &str, &str); 3] = [
    ("AZURE_SPEECH_REGION", Role::Speaking, "azure", "region"),
    ("GCE_METADATA_HOST", Role::Hearing, "google", "metadata_host"),
    ("GCE_METADATA_HOST", Role::Speaking, "google", "metadata_host"),
];

/// Whether an engine needs a key, and which variables may hold it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum KeyNeed {
    /// It knows no keys.
    Never,
    /// Not without.
    Always(&'static [&'static str]),
    /// Not without, unless the option `credentials` says that the machine's own are taken: `metadata`.
    UnlessMetadata(&'static [&'static str]),
    /// At the vendor's own address; a compatible server of one's own may do without.
    AtVendor(&'static [&'static str]),
}

impl KeyNeed {
    pub(crate) fn variables(self) -> &'static [&'static str] {
        match self {
            Self::Never => &[],
            Self::Always(variables) | Self::UnlessMetadata(variables) | Self::AtVendor(variables) => {
                variables
            }
        }
    }
}

/// One engine of a role.
pub(crate) struct Entry<E: ?Sized> {
    /// What `engines.<role>` calls it.
    pub(crate) name: &'static str,
    /// Its key.
    pub(crate) key: KeyNeed,
    /// The old system's switch that forbids to make it.
    pub(crate) skip: Option<&'static str>,
    /// The vendor's own host; an engine that is pointed elsewhere is another's.
    pub(crate) host: &'static str,
    /// Whether it goes to the vendor when no address is given.
    pub(crate) goes_to_vendor: bool,
    /// Reads its options.
    pub(crate) check: fn(&Value) -> Result<(), String>,
    /// Makes it. Connects nothing.
    pub(crate) make: fn(&Ingredients) -> Result<Arc<E>, String>,
}

impl<E: ?Sized> Entry<E> {
    /// Whether the engine goes to the vendor itself and not to a server of one's own.
    pub(crate) fn is_at_vendor(&self, options: &Value) -> bool {
        let url = options.get("base_url").and_then(Value::as_str);
        url.map_or(self.goes_to_vendor, |url| url.contains(self.host))
    }
}

/// An ear that can be named.
pub(crate) type EarEntry = Entry<dyn SpeechToText>;

/// A voice that can be named.
pub(crate) type VoiceEntry = Entry<dyn TextToSpeech>;

/// A mind that can be named.
pub(crate) type MindEntry = Entry<dyn ChatModel>;

/// A one-hop engine that can be named.
pub(crate) type ConversingEntry = Entry<dyn SpeechToSpeech>;

/// What an engine is made of.
#[derive(Debug)]
pub(crate) struct Ingredients {
    /// `[provider.<role>.<name>]`.
    pub(crate) options: Value,
    /// Its key, if there is one.
    pub(crate) key: Option<SecretString>,
    /// Who answers.
    pub(crate) agent: Arc<Agent>,
}

impl Ingredients {
    /// The options as the adapter takes them.
    pub(crate) fn options<O: DeserializeOwned>(&self) -> Result<O, String> {
        O::deserialize(&self.options).map_err(|error| error.to_string())
    }

    /// The key, for those that cannot do without.
    pub(crate) fn key(&self) -> Result<SecretString, String> {
        self.key.clone().ok_or_else(|| "it has no key".to_owned())
    }

    /// The text of Google's key file, if there is one: `GCP_CREDENTIALS_JSON` holds it (as it is, or in base64),
    /// `GOOGLE_APPLICATION_CREDENTIALS` names the file or, as some do, holds it too.
    pub(crate) fn key_file(&self) -> Result<Option<SecretString>, String> {
        let Some(key) = &self.key else { return Ok(None) };
        let text = key.expose_secret().trim();
        if text.starts_with('{') || !std::path::Path::new(text).is_file() {
            return Ok(Some(key.clone()));
        }
        std::fs::read_to_string(text)
            .map(|text| Some(text.into()))
            .map_err(|error| format!("the key file that GOOGLE_APPLICATION_CREDENTIALS names: {error}"))
    }
}

/// Whether `options` are options of this kind.
pub(crate) fn check<O: DeserializeOwned>(options: &Value) -> Result<(), String> {
    O::deserialize(options).map(drop).map_err(|error| error.to_string())
}
