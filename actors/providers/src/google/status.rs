//! What a gRPC status of Google's means.

use std::borrow::Cow;
use std::time::Duration;

use bytes::Bytes;
use moked_core::ports::ProviderFault;
use moked_google_api::{Message, rpc};
use tonic::{Code, Status};

use crate::transport::{Secrets, without_patterns};

/// Characters of Google's message that are kept.
const MESSAGE_CHARS: usize = 300;

const RETRY_INFO: &str = "type.googleapis.com/google.rpc.RetryInfo";

/// The fault that a status tells.
pub(crate) fn fault(status: &Status) -> ProviderFault {
    let clean = status.message().chars().filter(|character| !character.is_control());
    let message: String = clean.take(MESSAGE_CHARS).collect();
    let why = format!("{:?}: {}", status.code(), without_patterns(&message));
    if is_transport(status) {
        return ProviderFault::Connect { why };
    }
    match status.code() {
        Code::Unauthenticated | Code::PermissionDenied => ProviderFault::Auth { why },
        Code::ResourceExhausted => ProviderFault::Quota { why, retry_after: retry_after(status) },
        Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::FailedPrecondition
        | Code::Unimplemented => ProviderFault::BadRequest { why },
        Code::DataLoss => ProviderFault::Garbage { why },
        Code::Ok
        | Code::Cancelled
        | Code::Unknown
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::Internal
        | Code::Unavailable => ProviderFault::Closed { why },
    }
}

/// The status that a fault before the request is.
pub(crate) fn of(fault: &ProviderFault) -> Status {
    // The kinds that come back as they went tell their kind again.
    match fault {
        ProviderFault::Auth { why } => Status::unauthenticated(why),
        ProviderFault::Quota { why, .. } => Status::resource_exhausted(why),
        ProviderFault::BadRequest { why } => Status::invalid_argument(why),
        ProviderFault::UnsupportedLanguage { .. } => Status::invalid_argument(fault.to_string()),
        ProviderFault::Unavailable { .. }
        | ProviderFault::Connect { .. }
        | ProviderFault::Stalled { .. }
        | ProviderFault::Garbage { .. }
        | ProviderFault::Closed { .. }
        | ProviderFault::Stopped { .. } => Status::unavailable(fault.to_string()),
    }
}

/// The status without the keys of its request. One without any is left as it is, with its source.
pub(crate) fn without(secrets: &Secrets, status: Status) -> Status {
    match secrets.clean(status.message()) {
        Cow::Borrowed(_) => status,
        Cow::Owned(clean) => {
            let (details, metadata) = (Bytes::copy_from_slice(status.details()), status.metadata().clone());
            Status::with_details_and_metadata(status.code(), clean, details, metadata)
        }
    }
}

/// Whether a fresh stream goes on where this one ended: its five minutes are over, or it heard nothing for
/// too long.
pub(crate) fn ends_only_the_stream(status: &Status) -> bool {
    matches!(status.code(), Code::OutOfRange | Code::Aborted)
}

/// No answer was had at all: a status made on this side from a failed connection.
fn is_transport(status: &Status) -> bool {
    let mut source = std::error::Error::source(status);
    while let Some(error) = source {
        if error.is::<tonic::ConnectError>() {
            return true;
        }
        source = error.source();
    }
    false
}

fn retry_after(status: &Status) -> Option<Duration> {
    let details = rpc::Status::decode(status.details()).ok()?.details;
    let info = details.iter().find(|detail| detail.type_url == RETRY_INFO)?;
    let delay = rpc::RetryInfo::decode(info.value.as_slice()).ok()?.retry_delay?;
    Duration::try_from(delay).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_tells_the_kind() {
        let fault = |code| fault(&Status::new(code, "no"));
        assert!(matches!(fault(Code::Unauthenticated), ProviderFault::Auth { .. }));
        assert!(matches!(fault(Code::InvalidArgument), ProviderFault::BadRequest { .. }));
        assert!(matches!(fault(Code::Unavailable), ProviderFault::Closed { .. }));
        assert!(ends_only_the_stream(&Status::out_of_range("305 s")));
    }

    #[test]
    fn an_echoed_token_is_taken_out_and_the_rest_is_kept() {
        let mut secrets = Secrets::default();
        secrets.learn_header("authorization", "Bearer ya29.canary");
        let status = Status::with_details(Code::Unauthenticated, "bad ya29.canary", Bytes::from_static(b"x"));
        let clean = without(&secrets, status);
        assert_eq!((clean.message(), clean.details()), ("bad [key]", b"x".as_slice()));
        let foreign = Status::unauthenticated("bad Bearer ya29.a0another");
        assert_eq!(fault(&foreign), ProviderFault::Auth { why: "Unauthenticated: bad Bearer [key]".into() });
    }

    #[test]
    fn a_fault_of_the_credentials_is_told_once_and_by_its_kind() {
        let auth = ProviderFault::Auth { why: "log in again".into() };
        assert_eq!(fault(&of(&auth)), ProviderFault::Auth { why: "Unauthenticated: log in again".into() });
        let quota = ProviderFault::Quota { why: "slow".into(), retry_after: None };
        assert!(matches!(fault(&of(&quota)), ProviderFault::Quota { .. }));
        let stalled = ProviderFault::Stalled { waiting_for: "a token", after_ms: 9 };
        assert!(fault(&of(&stalled)).is_retryable());
    }

    #[test]
    fn the_quota_says_when_to_ask_again() {
        let delay = prost_types::Duration { seconds: 7, nanos: 0 };
        let info = rpc::RetryInfo { retry_delay: Some(delay) }.encode_to_vec();
        let any = prost_types::Any { type_url: RETRY_INFO.into(), value: info };
        let details = rpc::Status { code: 8, message: String::new(), details: vec![any] }.encode_to_vec();
        let status = Status::with_details(Code::ResourceExhausted, "slow down", details.into());
        assert_eq!(fault(&status).retry_after(), Some(Duration::from_secs(7)));
    }
}
