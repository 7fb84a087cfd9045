//! Who calls whom: the names and form fields of a simulated call.

use std::fmt::Write as _;

use moked_core::ids::{CallSid, StreamSid};
use thiserror::Error;

/// Form fields in the order in which they are sent; a name may appear twice.
pub type Form = Vec<(String, String)>;

/// The system gives no random numbers, so there are no names for the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the system has no random numbers to give")]
pub struct NoRandomness;

/// The parties and names of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// `AC` and 32 hexadecimal digits.
    pub account_sid: String,
    /// `CA` and 32 hexadecimal digits.
    pub call_sid: CallSid,
    /// The caller's number, E.164 or `anonymous`.
    pub from: String,
    /// The number called, E.164.
    pub to: String,
}

impl Identity {
    /// A new call with a random name.
    ///
    /// # Errors
    /// The system has no random numbers to give.
    pub fn new(account_sid: &str, from: &str, to: &str) -> Result<Self, NoRandomness> {
        Ok(Self {
            account_sid: account_sid.to_owned(),
            call_sid: CallSid::new(random_sid("CA")?),
            from: from.to_owned(),
            to: to.to_owned(),
        })
    }

    /// The fields of every voice request (Twilio, "Twilio's request to your application"), the old doubles included, since
    /// a signature covers all that is received.
    pub fn voice_form(&self, call_status: &str) -> Form {
        let fields = [
            ("AccountSid", self.account_sid.as_str()),
            ("ApiVersion", "2010-04-01"),
            ("CallSid", self.call_sid.as_str()),
            ("CallStatus", call_status),
            ("CallToken", "{\"parentCallInfoToken\":\"simulated\",\"identityHeaderTokens\":[]}"),
            ("Called", self.to.as_str()),
            ("CalledCity", ""),
            ("CalledCountry", "IL"),
            ("CalledState", ""),
            ("CalledZip", ""),
            ("Caller", self.from.as_str()),
            ("CallerCity", ""),
            ("CallerCountry", "IL"),
            ("CallerState", ""),
            ("CallerZip", ""),
            ("Direction", "inbound"),
            ("From", self.from.as_str()),
            ("FromCity", ""),
            ("FromCountry", "IL"),
            ("FromState", ""),
            ("FromZip", ""),
            ("To", self.to.as_str()),
            ("ToCity", ""),
            ("ToCountry", "IL"),
            ("ToState", ""),
            ("ToZip", ""),
        ];
        form(&fields)
    }

    /// The fields of a stream's status callback (Twilio, "TwiML: Stream").
    pub fn stream_form(&self, stream_sid: &StreamSid, name: Option<&str>, event: &str, error: &str) -> Form {
        let timestamp = jiff::Timestamp::now().to_string();
        let mut fields = form(&[
            ("AccountSid", self.account_sid.as_str()),
            ("CallSid", self.call_sid.as_str()),
            ("StreamSid", stream_sid.as_str()),
            ("StreamName", name.unwrap_or_else(|| stream_sid.as_str())),
            ("StreamEvent", event),
            ("Timestamp", timestamp.as_str()),
        ]);
        if !error.is_empty() {
            fields.push(("StreamError".to_owned(), error.to_owned()));
        }
        fields
    }
}

/// A name of a stream for a simulated call.
///
/// # Errors
/// The system has no random numbers to give.
pub fn random_stream_sid() -> Result<StreamSid, NoRandomness> {
    Ok(StreamSid::new(random_sid("MZ")?))
}

fn random_sid(prefix: &str) -> Result<String, NoRandomness> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|_| NoRandomness)?;
    let mut sid = prefix.to_owned();
    for byte in bytes {
        // Writing into a string cannot fail.
        let _ = write!(sid, "{byte:02x}");
    }
    Ok(sid)
}

fn form(fields: &[(&str, &str)]) -> Form {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_look_like_twilios_and_differ() {
        let (one, two) = (random_stream_sid().unwrap(), random_stream_sid().unwrap());
        assert_eq!(one.as_str().len(), 34);
        assert!(one.as_str().starts_with("MZ"));
        assert_ne!(one, two);
    }

    #[test]
    fn a_voice_request_has_all_fields_that_are_always_there() {
        let identity = Identity::new("AC1", "+972501234567", "+97231234567").unwrap();
        let form = identity.voice_form("ringing");
        for name in ["CallSid", "AccountSid", "From", "To", "CallStatus", "ApiVersion", "Direction"] {
            assert!(form.iter().any(|(field, value)| field == name && !value.is_empty()), "{name}");
        }
    }
}
