//! `[twilio]`: whose calls these are, and how strictly that is proved.

use super::error::SettingsError;
use super::reader::Reader;

/// When a signature is demanded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignaturePolicy {
    /// With an auth token every request must be signed; without one only this machine is let in.
    Auto,
    /// The process does not start without an auth token.
    Required,
}

/// `[twilio]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwilioSection {
    /// The account that calls come from; `None` takes any.
    pub account_sid: Option<String>,
    /// When a signature is demanded.
    pub validate_signatures: SignaturePolicy,
}

impl TwilioSection {
    pub(super) fn read(reader: &Reader<'_>) -> Result<Self, SettingsError> {
        let key = "twilio.account_sid";
        let account_sid = Some(reader.text(key)?).filter(|sid| !sid.is_empty());
        if account_sid.as_deref().is_some_and(|sid| !is_account_sid(sid)) {
            let mend = "copy it from the Twilio console: AC and 32 hexadecimal digits";
            return Err(reader.fault(key, "it is not an account id", mend));
        }
        let policies = [("auto", SignaturePolicy::Auto), ("required", SignaturePolicy::Required)];
        Ok(Self { account_sid, validate_signatures: reader.choice("twilio.validate_signatures", &policies)? })
    }
}

fn is_account_sid(sid: &str) -> bool {
    sid.strip_prefix("AC")
        .is_some_and(|digits| digits.len() == 32 && digits.chars().all(|c| c.is_ascii_hexdigit()))
}
