//! Google's ears behind the port: one adapter, three ways to ask.

use moked_core::language::Language;
use moked_core::ports::{HearingEvent, HearingRequest, HearingSession, ProviderFault, Sink, SpeechToText};
use secrecy::SecretString;
use serde::Deserialize;

use super::answer::Recognizer;
use super::credentials::CredentialsFrom;
use super::ears_rest::{self, Rest};
use super::ears_v1::V1;
use super::ears_v2::V2;
use super::grpc::Link;
use super::{driver, locale};
use crate::listening::listen_by;

/// Phrases that go into one request: chosen, for a call has dozens. Google takes 5,000
/// (cloud.google.com/speech-to-text/quotas, content limits).
const MOST_PHRASES: usize = 500;

/// Longest phrase in characters (cloud.google.com/speech-to-text/quotas, content limits).
const LONGEST_PHRASE: usize = 100;

/// Which of Google's services listens.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GoogleEarsApi {
    /// Version 1, streaming over gRPC. The one whose Hebrew is known good.
    #[default]
    V1,
    /// Version 2, streaming over gRPC: newer models, by region.
    V2,
    /// Version 1 over REST, a whole utterance at a time: the fallback where gRPC does not get through.
    Rest,
}

/// How soon chirp_3 takes a pause for the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Endpointing {
    /// Google's own measure.
    Standard,
    /// Sooner.
    Short,
    /// Soonest: single words and commands.
    Supershort,
}

/// Settings of Google's ears.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GoogleEarsOptions {
    /// Where tokens come from: `key`, `exchange` or `metadata`. Default `key`, the key file.
    pub credentials: CredentialsFrom,
    /// The metadata server with `metadata`, as `host` or `host:port`; `GCE_METADATA_HOST` sets it too. Default
    /// `metadata.google.internal`.
    pub metadata_host: Option<String>,
    /// The service. Default `v1`.
    pub api: GoogleEarsApi,
    /// Where it is, without a path. Default `https://speech.googleapis.com`; with `v2` and a location other
    /// than `global`, `https://LOCATION-speech.googleapis.com`.
    pub base_url: Option<String>,
    /// The model for Hebrew. Default `default`; with `v2`, `chirp_3`. `phone_call` and `latest_short` refuse Hebrew.
    pub hebrew_model: Option<String>,
    /// The model for English. Default `phone_call`; with `v2`, `chirp_3`.
    pub english_model: Option<String>,
    /// Whether v1 and REST use the enhanced variant of a model that has one. Default true.
    pub use_enhanced: bool,
    /// How much likelier hinted phrases are, 0 to 20. Default 10.
    pub boost: f32,
    /// v2 only: the project; the key file's by default.
    pub project: Option<String>,
    /// v2 only: the location. Default `us`; by Google's page of the model
    /// (docs.cloud.google.com/speech-to-text/docs/models/chirp-3, 2026) chirp_3 is released there and in `eu`, comes
    /// as a preview in `asia-northeast1`, `asia-southeast1`, `asia-south1`, `europe-west2`, `europe-west3` and
    /// `northamerica-northeast1`, and `global` is not in its list.
    pub location: String,
    /// v2 with chirp_3 only: how soon a pause is an end. Google's measure by default.
    pub endpointing: Option<Endpointing>,
}

impl Default for GoogleEarsOptions {
    fn default() -> Self {
        Self {
            credentials: CredentialsFrom::Key,
            metadata_host: None,
            api: GoogleEarsApi::V1,
            base_url: None,
            hebrew_model: None,
            english_model: None,
            use_enhanced: true,
            boost: 10.0,
            project: None,
            location: "us".into(),
            endpointing: None,
        }
    }
}

impl GoogleEarsOptions {
    fn url(&self) -> String {
        match (&self.base_url, self.api, self.location.as_str()) {
            (Some(url), ..) => url.clone(),
            (None, GoogleEarsApi::V2, location) if location != "global" => {
                format!("https://{location}-speech.googleapis.com")
            }
            (None, ..) => "https://speech.googleapis.com".into(),
        }
    }

    fn model(&self, language: Language) -> String {
        let (set, v1, v2) = match language {
            Language::Hebrew => (&self.hebrew_model, "default", "chirp_3"),
            Language::English => (&self.english_model, "phone_call", "chirp_3"),
        };
        let default = if self.api == GoogleEarsApi::V2 { v2 } else { v1 };
        set.clone().unwrap_or_else(|| default.to_owned())
    }
}

/// Google's speech recognition.
#[derive(Debug)]
pub struct GoogleEars {
    options: GoogleEarsOptions,
    link: Link,
}

impl GoogleEars {
    /// Ears by these settings. `key` is the JSON of a key file, or base64 of it; with the metadata server there
    /// is none.
    ///
    /// # Errors
    /// `Auth` when the key is missing or cannot be used; `Unavailable` when v2 has no project.
    pub fn new(options: GoogleEarsOptions, key: Option<&SecretString>) -> Result<Self, ProviderFault> {
        let link = Link::new(&options.url(), options.credentials, key, options.metadata_host.as_deref())?;
        Self::over(options, link)
    }

    pub(crate) fn over(options: GoogleEarsOptions, link: Link) -> Result<Self, ProviderFault> {
        if options.api == GoogleEarsApi::V2 && options.project.is_none() && link.project().is_none() {
            let why = "Google's v2 needs a project: set `project`, or use a key file with `project_id`";
            return Err(ProviderFault::Unavailable { why: why.into() });
        }
        Ok(Self { options, link })
    }

    fn v1(&self, language: Language) -> V1 {
        V1 {
            link: self.link.clone(),
            language: locale::heard(language),
            model: self.options.model(language),
            use_enhanced: self.options.use_enhanced,
            boost: self.options.boost,
        }
    }

    fn v2(&self, language: Language) -> V2 {
        let project = self.options.project.as_deref().or(self.link.project()).unwrap_or_default();
        V2 {
            link: self.link.clone(),
            location: format!("projects/{project}/locations/{}", self.options.location),
            language: locale::heard(language),
            model: self.options.model(language),
            endpointing: self.options.endpointing,
            boost: self.options.boost,
        }
    }
}

impl SpeechToText for GoogleEars {
    fn name(&self) -> &'static str {
        match self.options.api {
            GoogleEarsApi::V1 => "google",
            GoogleEarsApi::V2 => "google_v2",
            GoogleEarsApi::Rest => "google_rest",
        }
    }

    fn languages(&self) -> &[Language] {
        &[Language::Hebrew, Language::English]
    }

    fn warm(&self) {
        match self.options.api {
            GoogleEarsApi::V1 | GoogleEarsApi::V2 => self.link.warm(),
            GoogleEarsApi::Rest => self.link.warm_rest(),
        }
    }

    fn open(
        &self,
        request: HearingRequest,
        events: Sink<HearingEvent>,
    ) -> Result<Box<dyn HearingSession>, ProviderFault> {
        let phrases = usable(request.vocabulary);
        let recognizer: Box<dyn Recognizer> = match self.options.api {
            GoogleEarsApi::V1 => Box::new(self.v1(request.language)),
            GoogleEarsApi::V2 => Box::new(self.v2(request.language)),
            GoogleEarsApi::Rest => {
                let rest = Rest { config: self.v1(request.language) };
                return Ok(Box::new(listen_by(|queue| ears_rest::drive(rest, phrases, queue, events))));
            }
        };
        Ok(Box::new(listen_by(|queue| driver::drive(recognizer, phrases, queue, events))))
    }
}

/// Phrases that Google takes: not empty, not too long, not too many.
pub(crate) fn usable(phrases: Vec<String>) -> Vec<String> {
    let fits = |phrase: &String| !phrase.trim().is_empty() && phrase.chars().count() <= LONGEST_PHRASE;
    phrases.into_iter().filter(fits).take(MOST_PHRASES).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v2(location: &str) -> GoogleEarsOptions {
        let api = GoogleEarsApi::V2;
        GoogleEarsOptions { api, location: location.into(), ..GoogleEarsOptions::default() }
    }

    #[test]
    fn a_region_has_its_own_endpoint_in_v2_and_v1_has_one_for_the_world() {
        assert_eq!(v2("us").url(), "https://us-speech.googleapis.com");
        assert_eq!(v2("asia-southeast1").url(), "https://asia-southeast1-speech.googleapis.com");
        assert_eq!(v2("global").url(), "https://speech.googleapis.com");
        let v1 = GoogleEarsOptions { api: GoogleEarsApi::V1, ..v2("eu") };
        assert_eq!(v1.url(), "https://speech.googleapis.com");
        let own = GoogleEarsOptions { base_url: Some("http://127.0.0.1:9".into()), ..v2("eu") };
        assert_eq!(own.url(), "http://127.0.0.1:9");
    }
}
