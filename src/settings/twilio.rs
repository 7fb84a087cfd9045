//! `[twilio]`: whose calls these are, and how strictly that is proved.

use std::time::Duration;

use url::Url;

use super::error::SettingsError;
use super::public_base_url::is_loopback;
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
    /// Where Twilio's REST API is.
    pub rest_base_url: Url,
    /// Time for a stream to start after the webhook's answer, and for media after that; `None` is no watchdog.
    pub watchdog: Option<Duration>,
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
        Ok(Self {
            account_sid,
            validate_signatures: reader.choice("twilio.validate_signatures", &policies)?,
            rest_base_url: rest_base_url(reader)?,
            watchdog: Some(reader.seconds("twilio.watchdog_s", 0..=60)?).filter(|time| !time.is_zero()),
        })
    }
}

/// An address to which a password may be sent: encrypted, or on this machine.
fn rest_base_url(reader: &Reader<'_>) -> Result<Url, SettingsError> {
    let key = "twilio.rest_base_url";
    let mend = "leave it at https://api.twilio.com, or write your region's https address";
    let fault = |what: &str| reader.fault(key, what, mend);
    let url: Url = reader.parsed(key, mend)?.ok_or_else(|| fault("it is empty"))?;
    let is_private = url.scheme() == "https"
        || url.scheme() == "http" && url.host().is_some_and(|host| is_loopback(&host));
    if !is_private || url.cannot_be_a_base() || url.query().is_some() || !url.username().is_empty() {
        return Err(fault("it is not an https address"));
    }
    Ok(url)
}

fn is_account_sid(sid: &str) -> bool {
    sid.strip_prefix("AC")
        .is_some_and(|digits| digits.len() == 32 && digits.chars().all(|c| c.is_ascii_hexdigit()))
}
