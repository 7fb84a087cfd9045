//! A caller's line with what happened on it so far.
//!
//! While a test waits for something the line keeps its beat: frames of silence, or of what was put in the
//! caller's mouth, go out every 20 ms of the line's own clock.

use std::time::{Duration, Instant};

use moked::caller::ear::EarEvent;
use moked::caller::line::{LineClient, LineNews};
use moked::caller::messages::StreamStart;
use moked::caller::socket::Closing;
use moked::caller::strict::ServerMessage;
use moked::startup::Running;
use moked_core::audio::{BYTES_PER_MS, SILENCE};
use moked_core::ids::{CallSid, StreamSid};

use super::{FaultProxy, PATIENCE, edge, turn_audio};

/// Where streams go.
pub(crate) fn socket_url(house: &Running) -> String {
    format!("ws://{}/ws/twilio-media", house.address())
}

/// What `start` says of a call.
pub(crate) fn start_of(call_sid: &str, token: Option<&str>) -> StreamStart {
    StreamStart {
        account_sid: format!("AC{:032}", 1),
        call_sid: CallSid::new(call_sid),
        stream_sid: StreamSid::new(format!("MZ-{call_sid}")),
        custom_parameters: token.map(|token| ("token".to_owned(), token.to_owned())).into_iter().collect(),
    }
}

/// One caller.
pub(crate) struct Phone {
    pub(crate) call_sid: CallSid,
    pub(crate) line: LineClient,
    pub(crate) news: Vec<LineNews>,
}

impl Phone {
    /// Rings the webhook, takes the token from its answer and opens the stream.
    pub(crate) async fn ring(house: &Running, call_sid: &str) -> Self {
        let token = edge::post(house, "/webhook/incoming_call", &edge::incoming(call_sid)).await.token();
        Self::dial(house, call_sid, Some(&token)).await
    }

    /// Opens a stream with this token.
    pub(crate) async fn dial(house: &Running, call_sid: &str, token: Option<&str>) -> Self {
        let line = LineClient::dial(&socket_url(house), start_of(call_sid, token)).await.unwrap();
        Self::on(line, call_sid)
    }

    /// Rings the webhook and opens the stream through a wire.
    pub(crate) async fn ring_through(house: &Running, wire: &FaultProxy, call_sid: &str) -> Self {
        let token = edge::post(house, "/webhook/incoming_call", &edge::incoming(call_sid)).await.token();
        let url = format!("ws://{}/ws/twilio-media", wire.address());
        Self::on(LineClient::dial(&url, start_of(call_sid, Some(&token))).await.unwrap(), call_sid)
    }

    /// A caller on a line that is open.
    pub(crate) fn on(line: LineClient, call_sid: &str) -> Self {
        Self { call_sid: CallSid::new(call_sid), line, news: Vec::new() }
    }

    /// Keeps the line going until `holds`; fails when the line ends first or it takes too long.
    pub(crate) async fn until(&mut self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let limit = Instant::now() + PATIENCE;
        while !holds(self) {
            assert!(self.line.closing().is_none(), "{what}: the line closed first; {}", self.tail());
            assert!(Instant::now() < limit, "{what}: not within {PATIENCE:?}; {}", self.tail());
            self.step().await;
        }
    }

    /// The same on a line that may end meanwhile, and with a limit of its own.
    pub(crate) async fn meanwhile(
        &mut self,
        limit: Duration,
        what: &str,
        mut holds: impl FnMut(&Self) -> bool,
    ) {
        let until = Instant::now() + limit;
        while !holds(self) {
            assert!(Instant::now() < until, "{what}: not within {limit:?}; {}", self.tail());
            if self.line.closing().is_none() {
                self.step().await;
            } else {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }

    /// Keeps the line going until the server ends it, and gives how.
    pub(crate) async fn until_closed(&mut self) -> Closing {
        self.until("the server closes", |phone| phone.line.closing().is_some()).await;
        self.line.closing().unwrap().clone()
    }

    /// Keeps the line going until this much audio was heard in all and the server knows it by its marks.
    pub(crate) async fn until_heard(&mut self, audio: &[u8]) {
        let bytes = voiced(audio).len();
        self.until("the agent is heard", |phone| phone.heard().len() >= bytes && phone.marks_out() == 0)
            .await;
    }

    /// Keeps the line going until the agent began to be heard.
    pub(crate) async fn until_it_speaks(&mut self) {
        self.until("the agent speaks", |phone| !phone.heard().is_empty()).await;
    }

    /// Keeps the line going for so long on its own clock.
    pub(crate) async fn wait(&mut self, time: Duration) {
        let until = self.line.elapsed_ms() + time.as_millis() as u64;
        self.until("time passes", |phone| phone.line.elapsed_ms() >= until).await;
    }

    /// Speaks for so long, after what is being said.
    pub(crate) fn say(&mut self, time: Duration) {
        let samples = time.as_millis() as usize * BYTES_PER_MS;
        let tone: Vec<i16> = (0..samples).map(|n| if (n / 8) % 2 == 0 { 12_000 } else { -12_000 }).collect();
        self.line.mouth().say(&tone);
    }

    /// Says `stop`, and waits until the server has closed.
    pub(crate) async fn hang_up(&mut self) {
        let news = self.line.hang_up(PATIENCE).await.unwrap();
        self.news.extend(news);
    }

    /// Everything that the server sent for playing, heard or not.
    pub(crate) fn sent(&self) -> Vec<u8> {
        payloads(&self.news)
    }

    /// What the server sent for playing after its last `clear`.
    pub(crate) fn sent_since_clear(&self) -> Vec<u8> {
        let is_clear =
            |news: &LineNews| matches!(news, LineNews::Message { message: ServerMessage::Clear, .. });
        let after = self.news.iter().rposition(is_clear).map_or(0, |at| at + 1);
        payloads(&self.news[after..])
    }

    /// What the ear heard, silence left out: before, between and after the agent's speech there is much of it.
    pub(crate) fn heard(&self) -> Vec<u8> {
        voiced(self.line.ear().heard())
    }

    /// Milliseconds of the stream at which the server sent `clear`.
    pub(crate) fn clears(&self) -> Vec<u64> {
        let clears = self.news.iter().filter_map(|news| match news {
            LineNews::Message { at_ms, message: ServerMessage::Clear } => Some(*at_ms),
            LineNews::Message { .. } | LineNews::Ear(_) | LineNews::Violation(_) | LineNews::Closed(_) => {
                None
            }
        });
        clears.collect()
    }

    /// What the ear noted.
    pub(crate) fn events(&self) -> impl Iterator<Item = &EarEvent> {
        self.line.ear().log().iter().map(|entry| &entry.event)
    }

    /// Fails if the server broke a rule of Twilio.
    pub(crate) fn assert_clean(&self) {
        assert_eq!(self.line.strict().violations(), []);
    }

    /// Fails unless exactly these sentences, each a turn, were sent and heard: in this order, to the sample,
    /// and without a hole in any of them.
    pub(crate) fn assert_heard(&self, sentences: &[&str]) {
        let turns: Vec<Vec<u8>> = sentences.iter().map(|sentence| turn_audio(sentence)).collect();
        let all = turns.concat();
        assert_same("what was sent", &self.sent(), &all);
        assert_same("what was heard", &self.heard(), &voiced(&all));
        for (turn, sentence) in turns.iter().zip(sentences) {
            let (turn, track) = (voiced(turn), self.line.ear().heard());
            let is_whole = track.windows(turn.len()).any(|window| window == turn);
            assert!(is_whole, "there was a hole in \"{sentence}\"; {}", self.tail());
        }
    }

    /// Whether all that was sent was played and told back.
    pub(crate) fn is_quiet(&self) -> bool {
        self.line.ear().observe().queued_bytes == 0 && self.marks_out() == 0
    }

    async fn step(&mut self) {
        let due = self.line.frame_due();
        if let Some(news) = self.line.next(due).await {
            self.news.push(news);
        }
        if self.line.closing().is_none() && Instant::now() >= due {
            // A server that is gone shows as the end of the stream at the next look.
            let _ = self.line.send_frame().await;
        }
    }

    fn marks_out(&self) -> usize {
        let count = |is: fn(&EarEvent) -> bool| self.events().filter(|event| is(event)).count();
        let queued = count(|event| matches!(event, EarEvent::MarkQueued { .. }));
        let back =
            |event: &EarEvent| matches!(event, EarEvent::MarkPlayed { .. } | EarEvent::MarkCleared { .. });
        queued - count(back)
    }

    fn tail(&self) -> String {
        let log = self.line.ear().log();
        let violations = self.line.strict().violations();
        format!(
            "at {} ms of {}, {} bytes heard, {:?}, {violations:?}, last {:?}",
            self.line.elapsed_ms(),
            self.call_sid,
            self.heard().len(),
            self.line.closing(),
            &log[log.len().saturating_sub(6)..],
        )
    }
}

fn payloads(news: &[LineNews]) -> Vec<u8> {
    let payloads = news.iter().filter_map(|news| match news {
        LineNews::Message { message: ServerMessage::Media { payload }, .. } => Some(payload.as_slice()),
        LineNews::Message { .. } | LineNews::Ear(_) | LineNews::Violation(_) | LineNews::Closed(_) => None,
    });
    payloads.collect::<Vec<_>>().concat()
}

/// Fails with the place of the first difference.
pub(crate) fn assert_same(what: &str, found: &[u8], expected: &[u8]) {
    let same = found.iter().zip(expected).take_while(|(found, expected)| found == expected).count();
    let (found, expected) = (found.len(), expected.len());
    assert!(
        same == found && same == expected,
        "{what}: {found} bytes for {expected}, the same up to byte {same}"
    );
}

/// Audio without its silence.
pub(crate) fn voiced(audio: &[u8]) -> Vec<u8> {
    audio.iter().copied().filter(|&byte| byte != SILENCE).collect()
}
