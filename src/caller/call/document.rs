//! Fetching a TwiML document and reading it as Twilio would.

use moked_core::twilio::twiml::lint::Finding;
use moked_core::twilio::twiml::{self, TwimlError, Verb, lint};
use thiserror::Error;

use crate::caller::identity::Form;
use crate::caller::route::Place;
use crate::caller::webhook::{WebhookError, Webhooks};

/// Why there is no document.
#[derive(Debug, Error)]
pub enum DocumentError {
    /// The request failed.
    #[error(transparent)]
    Webhook(#[from] WebhookError),
    /// What came is no TwiML.
    #[error("{url}: {source}")]
    Twiml {
        /// Address asked.
        url: String,
        /// What is wrong with it.
        source: TwimlError,
    },
}

impl DocumentError {
    /// The error under which Twilio would report it.
    pub fn twilio_code(&self) -> u32 {
        match self {
            Self::Webhook(error) => error.twilio_code(),
            Self::Twiml { source, .. } => source.twilio_code(),
        }
    }
}

/// A document, where it came from and what may go wrong with it later.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) place: Place,
    pub(super) verbs: Vec<Verb>,
    /// Advice on what Twilio accepts and may stumble over later.
    pub(super) advice: Vec<String>,
}

pub(super) async fn fetch(webhooks: &Webhooks, place: Place, form: &Form) -> Result<Document, DocumentError> {
    let text = webhooks.document(&place, form).await?;
    let verbs =
        twiml::read(&text).map_err(|source| DocumentError::Twiml { url: place.reach.to_string(), source })?;
    let mut findings = lint::lint(&verbs);
    findings.retain(|finding| !is_checked_later(finding));
    let advice = findings.iter().map(ToString::to_string).collect();
    Ok(Document { place, verbs, advice })
}

/// Whether a finding is about the stream's address, which is checked when the stream is opened, with more
/// knowledge of the call: a plain socket on this machine is fine.
fn is_checked_later(finding: &Finding) -> bool {
    match finding {
        Finding::NotSecure { .. } | Finding::Query { .. } | Finding::NoHost { .. } => true,
        Finding::EmptyStep { .. }
        | Finding::LongParameter { .. }
        | Finding::NoAction
        | Finding::PauseAfterConnect { .. } => false,
    }
}
