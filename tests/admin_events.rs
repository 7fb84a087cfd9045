//! The events of calls as they happen: in order, with ids, masked, and at no call's cost.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot read has failed")]

mod support;

use std::time::{Duration, Instant};

use awc::Client;
use awc::error::PayloadError;
use awc::http::StatusCode;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use futures_util::stream::LocalBoxStream;
use moked::admin_tokens::Role;
use moked::settings::{LogFormat, LogSection};
use moked::startup::Running;
use moked::telemetry;
use moked_providers::scripted::ScriptedEars;
use serde_json::Value;
use support::admin::{SECRET, bearer, get_as, shop};
use support::*;

/// One server-sent event, or a comment.
#[derive(Debug, Clone, Default, PartialEq)]
struct Sent {
    id: Option<u64>,
    name: String,
    data: Value,
}

/// A stream that is being read.
struct Follower {
    body: LocalBoxStream<'static, Result<Bytes, PayloadError>>,
    buffer: BytesMut,
    read: Vec<Sent>,
    is_over: bool,
}

impl Follower {
    async fn open(house: &Running, path: &str, last: Option<u64>) -> Self {
        let client = Client::builder().disable_timeout().finish();
        let mut request = client.get(format!("http://{}{path}", house.address()));
        request = request.insert_header(("authorization", bearer(Role::Viewer)));
        if let Some(last) = last {
            request = request.insert_header(("last-event-id", last));
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers().get("content-type").unwrap(), "text/event-stream");
        assert_eq!(response.headers().get("cache-control").unwrap(), "no-store");
        Self { body: response.boxed_local(), buffer: BytesMut::new(), read: Vec::new(), is_over: false }
    }

    /// Reads on until an event of this name; what was read before it stays in `read`.
    async fn until(&mut self, name: &str) -> Sent {
        let limit = Instant::now() + PATIENCE;
        let begin = self.read.len();
        loop {
            if let Some(found) = self.read[begin..].iter().find(|sent| sent.name == name) {
                return found.clone();
            }
            assert!(!self.is_over, "the stream ended before {name}: {:?}", self.names());
            let left = limit.saturating_duration_since(Instant::now());
            tokio::time::timeout(left, self.more())
                .await
                .unwrap_or_else(|_| panic!("no {name}: {:?}", self.names()));
        }
    }

    async fn until_over(&mut self) {
        while !self.is_over {
            tokio::time::timeout(PATIENCE, self.more()).await.unwrap();
        }
    }

    async fn more(&mut self) {
        match self.body.next().await {
            None | Some(Err(_)) => self.is_over = true,
            Some(Ok(bytes)) => self.buffer.extend_from_slice(&bytes),
        }
        while let Some(end) = self.buffer.windows(2).position(|pair| pair == b"\n\n") {
            let block = self.buffer.split_to(end + 2);
            let mut sent = Sent::default();
            for line in std::str::from_utf8(&block).unwrap().lines() {
                match line.split_once(": ") {
                    Some(("id", id)) => sent.id = Some(id.parse().unwrap()),
                    Some(("event", name)) => name.clone_into(&mut sent.name),
                    Some(("data", data)) => sent.data = serde_json::from_str(data).unwrap(),
                    _ => {}
                }
            }
            self.read.push(sent);
        }
    }

    fn names(&self) -> Vec<&str> {
        self.read.iter().map(|sent| sent.name.as_str()).collect()
    }
}

/// Starts the log of this process, which is where events come from.
fn listen() {
    let _log = telemetry::init(&LogSection { format: LogFormat::Plain, level: "error".to_owned() });
}

#[actix_rt::test]
async fn a_call_is_followed_from_its_words_to_its_end() {
    listen();
    let ears = ScriptedEars::hearing(["my number is 054 123 4567"]);
    let house = shop(&Cast::new(ears, answers(&["Hello, this is the office.", "Thank you."]))).await;
    let mut phone = Phone::ring(&house, "CA-follow").await;
    phone.until_it_speaks().await;
    let mut events = Follower::open(&house, "/admin/calls/CA-follow/events", None).await;
    phone.until_heard(&turn_audio("Hello, this is the office.")).await;
    phone.say(Duration::from_millis(400));
    phone.until_heard(&[turn_audio("Hello, this is the office."), turn_audio("Thank you.")].concat()).await;
    let words = events.until("STT_TEXT").await;
    assert_eq!(words.data["fields"]["text"], "my number is *** *** **67");
    assert_eq!(words.data["call_sid"], "CA-follow");
    phone.hang_up().await;
    events.until("WS_STOP").await;
    events.until_over().await;
    nothing_is_left(&house).await;

    let names = events.names();
    let place = |name: &str| {
        names.iter().position(|found| *found == name).unwrap_or_else(|| panic!("{name}: {names:?}"))
    };
    assert!(place("STT_FINAL") < place("WS_STOP") && names.contains(&"STATE") && names.contains(&"MEDIA_TX"));
    let ids: Vec<u64> = events.read.iter().filter_map(|sent| sent.id).collect();
    assert!(ids.is_sorted_by(|a, b| a < b) && !ids.is_empty());
    assert!(events.read.iter().all(|sent| sent.data.is_null() || sent.data["call_sid"] == "CA-follow"));
    assert_eq!(
        get_as(&house, Role::Viewer, "/admin/calls/CA-follow/events").await.status,
        StatusCode::NOT_FOUND
    );
}

#[actix_rt::test]
async fn a_reader_goes_on_where_he_was() {
    listen();
    let house = shop(&Cast::greeting("Hello, this is the office.")).await;
    let mut all = Follower::open(&house, "/admin/events", None).await;
    let mut phone = Phone::ring(&house, "CA-resume").await;
    phone.until_heard(&turn_audio("Hello, this is the office.")).await;
    let of_call = |follower: &Follower, name: &str| {
        let is_it = |sent: &&Sent| sent.data["call_sid"] == "CA-resume" && sent.name == name;
        follower.read.iter().find(is_it).cloned()
    };
    while of_call(&all, "MEDIA_TX").is_none() {
        all.more().await;
    }
    let started = of_call(&all, "WS_START").unwrap();
    drop(all);
    let mut again = Follower::open(&house, "/admin/events", started.id).await;
    while of_call(&again, "MEDIA_TX").is_none() {
        again.more().await;
    }
    assert!(of_call(&again, "WS_START").is_none(), "what was read is not told twice");
    phone.hang_up().await;
    nothing_is_left(&house).await;
}

#[actix_rt::test]
async fn a_reader_who_does_not_read_costs_no_call_anything_and_learns_what_he_missed() {
    listen();
    let house = shop(&Cast::greeting("Hello, this is the office.")).await;
    let last = Follower::open(&house, "/admin/events", None).await;
    drop(last);
    let begin = moked::call_events::events().now();
    for number in 0..4_096 {
        tracing::info!(target: "moked::test", event = "FLOOD", call_sid = "CA-flood", number);
    }
    let mut slow = Follower::open(&house, "/admin/events", Some(begin)).await;
    let lagged = slow.until("lagged").await;
    assert!(lagged.data["lost"].as_u64().is_some_and(|lost| lost >= 2_000), "{lagged:?}");
    assert_eq!(lagged.id, None, "it is no event of a call");
    let mut phone = Phone::ring(&house, "CA-beside").await;
    phone.until_heard(&turn_audio("Hello, this is the office.")).await;
    phone.assert_heard(&["Hello, this is the office."]);
    phone.hang_up().await;
    nothing_is_left(&house).await;
}

#[actix_rt::test]
async fn readers_are_limited_and_end_with_the_server() {
    listen();
    let house = shop(&Cast::greeting("Hello.")).await;
    let mut readers = Vec::new();
    for _ in 0..32 {
        readers.push(Follower::open(&house, "/admin/events", None).await);
    }
    let refused = get_as(&house, Role::Viewer, "/admin/events").await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.refusal().contains("too many"));
    let begun = Instant::now();
    let first = &mut readers[0];
    let (stopped, ()) = futures_util::future::join(house.stop(), first.until_over()).await;
    stopped.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[actix_rt::test]
async fn a_stream_ends_with_its_token() {
    listen();
    let house = house_with(&Cast::greeting("Hello."), &[("JWT_SECRET", SECRET)], |_| {}).await;
    let key = moked::admin_tokens::AdminKey::new(Some(&secrecy::SecretString::from(SECRET))).unwrap();
    let token = key.mint("dana", Role::Viewer, Duration::from_secs(1)).unwrap();
    let request = Client::default().get(format!("http://{}/admin/events", house.address()));
    let mut response =
        request.insert_header(("authorization", format!("Bearer {token}"))).send().await.unwrap();
    let whole = tokio::time::timeout(PATIENCE, response.body()).await.unwrap();
    assert!(whole.unwrap().starts_with(b"retry: "));
}
