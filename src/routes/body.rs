//! Reading a request's body, but not more than a webhook needs and not for longer than it takes.

use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_LENGTH;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyFault {
    /// Longer than the limit.
    TooLarge,
    /// Not there in time.
    TooSlow,
    /// The connection broke.
    Broken,
}

/// The raw body: at most `limit` bytes, within `time`.
pub(super) async fn read(
    request: &HttpRequest,
    mut payload: Payload,
    limit: usize,
    time: Duration,
) -> Result<Bytes, BodyFault> {
    let claimed = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    if claimed.is_some_and(|length: usize| length > limit) {
        return Err(BodyFault::TooLarge);
    }
    let collect = async {
        let mut body = BytesMut::new();
        while let Some(piece) = payload.next().await {
            let piece = piece.map_err(|_| BodyFault::Broken)?;
            if body.len() + piece.len() > limit {
                return Err(BodyFault::TooLarge);
            }
            body.extend_from_slice(&piece);
        }
        Ok(body.freeze())
    };
    tokio::time::timeout(time, collect).await.unwrap_or(Err(BodyFault::TooSlow))
}
