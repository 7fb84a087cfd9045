//! Calls: that one comes in, and how it goes on.

use crate::ids::{AccountSid, CallSid};
use crate::twilio::form::Form;

use super::{Party, WebhookError, call_sid, required};

/// How far a call is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallStatus {
    /// Accepted from us, not dialled yet.
    Queued,
    /// Being dialled. Seen in progress events only.
    Initiated,
    /// It rings. A fresh incoming call is in this state.
    Ringing,
    /// Answered.
    InProgress,
    /// Answered and over.
    Completed,
    /// The other side was busy.
    Busy,
    /// It could not be put through.
    Failed,
    /// Nobody answered.
    NoAnswer,
    /// Called off before it was answered.
    Canceled,
    /// A word that Twilio does not document.
    Other(String),
}

impl CallStatus {
    /// From the carrier's word.
    pub fn parse(word: &str) -> Self {
        match word {
            "queued" => Self::Queued,
            "initiated" => Self::Initiated,
            "ringing" => Self::Ringing,
            "in-progress" => Self::InProgress,
            "completed" => Self::Completed,
            "busy" => Self::Busy,
            "failed" => Self::Failed,
            "no-answer" => Self::NoAnswer,
            "canceled" => Self::Canceled,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Whether nothing comes after it. Requests may overtake one another, so once a call is in such a state
    /// it stays there, whatever arrives later.
    pub fn is_final(&self) -> bool {
        match self {
            Self::Completed | Self::Busy | Self::Failed | Self::NoAnswer | Self::Canceled => true,
            Self::Queued | Self::Initiated | Self::Ringing | Self::InProgress | Self::Other(_) => false,
        }
    }
}

/// Who called whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Direction {
    /// Somebody called our number.
    Inbound,
    /// We placed the call over the API.
    OutboundApi,
    /// A `<Dial>` of ours placed it.
    OutboundDial,
    /// From a SIP trunk to the telephone network.
    TrunkingTerminating,
    /// From the telephone network to a SIP trunk.
    TrunkingOriginating,
    /// A word that Twilio does not document.
    Other(String),
}

impl Direction {
    /// From the carrier's word.
    pub fn parse(word: &str) -> Self {
        match word {
            "inbound" => Self::Inbound,
            "outbound-api" => Self::OutboundApi,
            "outbound-dial" => Self::OutboundDial,
            "trunking-terminating" => Self::TrunkingTerminating,
            "trunking-originating" => Self::TrunkingOriginating,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// The request of a number's voice URL, which asks what to do with a call. Also the shape of the requests of
/// `<Connect action>` and `<Redirect>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingCall {
    /// The call.
    pub call_sid: CallSid,
    /// The account that owns it, whose token signs the request.
    pub account_sid: AccountSid,
    /// Who calls; `None` when withheld.
    pub from: Option<Party>,
    /// Whom they called: our number, for incoming calls.
    pub to: Option<Party>,
    /// Who called whom.
    pub direction: Direction,
    /// How far the call is: ringing, when it is fresh.
    pub status: CallStatus,
    /// The call that this one is a leg of.
    pub parent_call_sid: Option<CallSid>,
    /// The caller's country, two letters.
    pub from_country: Option<String>,
}

impl IncomingCall {
    /// Reads the pairs of a form.
    ///
    /// # Errors
    /// [`WebhookError::MissingField`] for `CallSid`, `AccountSid`, `Direction` and `CallStatus`.
    pub fn from_form(pairs: &[(String, String)]) -> Result<Self, WebhookError> {
        let form = Form(pairs);
        Ok(Self {
            call_sid: call_sid(form)?,
            account_sid: AccountSid::new(required(form, "AccountSid")?),
            from: party(form, "From"),
            to: party(form, "To"),
            direction: Direction::parse(required(form, "Direction")?),
            status: CallStatus::parse(required(form, "CallStatus")?),
            parent_call_sid: form.get("ParentCallSid").map(CallSid::new),
            from_country: form.text("FromCountry"),
        })
    }
}

/// A call changed. These requests may overtake one another: order them by `sequence`, and see
/// [`CallStatus::is_final`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallStatusUpdate {
    /// The call.
    pub call_sid: CallSid,
    /// How far it is.
    pub status: CallStatus,
    /// Position among the updates of this call, from 0. Absent on the single update of a number.
    pub sequence: Option<u32>,
    /// Who called whom.
    pub direction: Option<Direction>,
    /// Seconds it lasted, once it is over.
    pub duration_s: Option<u32>,
    /// The last SIP response, such as 486 for busy.
    pub sip_response: Option<u16>,
    /// Twilio's error code, see [`crate::twilio::error_code`].
    pub error_code: Option<u32>,
    /// When it happened, as the carrier writes it (RFC 2822).
    pub timestamp: Option<String>,
}

impl CallStatusUpdate {
    /// Reads the pairs of a form.
    ///
    /// # Errors
    /// [`WebhookError::MissingField`] for `CallSid` and `CallStatus`.
    pub fn from_form(pairs: &[(String, String)]) -> Result<Self, WebhookError> {
        let form = Form(pairs);
        Ok(Self {
            call_sid: call_sid(form)?,
            status: CallStatus::parse(required(form, "CallStatus")?),
            sequence: form.number("SequenceNumber"),
            direction: form.get("Direction").map(Direction::parse),
            duration_s: form.number("CallDuration"),
            sip_response: form.number("SipResponseCode"),
            error_code: form.number("ErrorCode"),
            timestamp: form.text("Timestamp"),
        })
    }
}

fn party(form: Form<'_>, name: &str) -> Option<Party> {
    form.get(name).and_then(Party::parse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::twilio::form::parse_form;

    const FORM: &str = "CallSid=CA1&AccountSid=AC1&From=%2B972501234567&To=%2B97231234567&CallStatus=ringing\
        &ApiVersion=2010-04-01&Direction=inbound&FromCountry=IL&Caller=%2B972501234567&CallToken=%7B%7D";

    #[test]
    fn a_call_comes_in() {
        let call = IncomingCall::from_form(&parse_form(FORM.as_bytes())).unwrap();
        assert_eq!((call.call_sid.as_str(), call.account_sid.as_str()), ("CA1", "AC1"));
        assert_eq!(call.from.as_ref().map(Party::as_str), Some("+972501234567"));
        assert_eq!((call.direction, call.status), (Direction::Inbound, CallStatus::Ringing));
        assert_eq!(call.from_country.as_deref(), Some("IL"));
        assert_eq!(call.parent_call_sid, None);
    }

    #[test]
    fn a_withheld_caller_is_none() {
        for from in ["anonymous", "", "unknown", "%2B266696687"] {
            let form = FORM.replace("From=%2B972501234567", &format!("From={from}"));
            assert_eq!(IncomingCall::from_form(&parse_form(form.as_bytes())).unwrap().from, None, "{from:?}");
        }
    }

    #[test]
    fn each_missing_parameter_is_named() {
        for field in ["CallSid", "AccountSid", "Direction", "CallStatus"] {
            let pairs: Vec<_> =
                parse_form(FORM.as_bytes()).into_iter().filter(|(name, _)| name != field).collect();
            assert_eq!(IncomingCall::from_form(&pairs), Err(WebhookError::MissingField { field }));
        }
        assert!(IncomingCall::from_form(&[]).unwrap_err().to_string().contains("CallSid"));
    }

    #[test]
    fn words_of_tomorrow_are_kept() {
        let form = FORM.replace("ringing", "warbling").replace("=inbound", "=sideways");
        let call = IncomingCall::from_form(&parse_form(form.as_bytes())).unwrap();
        assert_eq!(call.status, CallStatus::Other("warbling".to_owned()));
        assert_eq!(call.direction, Direction::Other("sideways".to_owned()));
        assert!(!call.status.is_final());
    }

    #[test]
    fn an_update_tells_how_the_call_ended() {
        let form = "CallSid=CA1&CallStatus=no-answer&SequenceNumber=3&SipResponseCode=487&CallDuration=0\
            &Timestamp=Fri%2C+20+Nov+2026+10%3A00%3A00+%2B0000&Direction=outbound-api&ErrorCode=";
        let update = CallStatusUpdate::from_form(&parse_form(form.as_bytes())).unwrap();
        assert!(update.status.is_final());
        assert_eq!((update.sequence, update.sip_response, update.duration_s), (Some(3), Some(487), Some(0)));
        assert_eq!(update.timestamp.as_deref(), Some("Fri, 20 Nov 2026 10:00:00 +0000"));
        assert_eq!((update.direction, update.error_code), (Some(Direction::OutboundApi), None));
    }
}
