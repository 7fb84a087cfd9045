//! What Google says on a stream, in one form for both versions of the service.

use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::LocalBoxStream;
use tokio::sync::mpsc;
use tonic::Status;

/// A word and its place on the stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    /// Where it begins, from the stream's first byte.
    pub(crate) begins: Duration,
    /// Where it ends, from the stream's first byte.
    pub(crate) ends: Duration,
}

/// A stretch of text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) is_final: bool,
    /// Where its audio ends, from the stream's first byte. Zero where Google does not say.
    pub(crate) ends: Duration,
    /// Its words, where Google tells them: only with settled text.
    pub(crate) words: Vec<Word>,
}

/// The caller's voice, as Google hears it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activity {
    Began,
    Ended,
}

/// One message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) activity: Option<Activity>,
}

/// What a stream gives until it ends.
pub(crate) type Answers = LocalBoxStream<'static, Result<Answer, Status>>;

/// One version of the service.
pub(crate) trait Recognizer: 'static {
    /// Opens a stream: `audio` goes out as it comes, its end half-closes. `phrases` are likely to be said.
    /// A failure to connect comes as the first answer.
    fn open(&self, phrases: &[String], audio: mpsc::Receiver<Bytes>) -> Answers;

    /// What can be done about a refused request, for people; empty where nothing is known.
    fn advice(&self) -> futures_util::future::LocalBoxFuture<'static, String>;
}

/// A time of Google's; nothing and nonsense are zero.
pub(crate) fn time(time: Option<prost_types::Duration>) -> Duration {
    time.and_then(|time| Duration::try_from(time).ok()).unwrap_or_default()
}
