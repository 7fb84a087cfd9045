//! The real binary and the real SIGTERM, with callers on the line: embedded engines, no account.
#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod support;

use std::io::{BufRead, BufReader, Lines};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use moked::caller::line::LineClient;
use moked_core::twilio::twiml::Verb;
use support::edge::Answer;
use support::*;

const INCOMING: &str = "/webhook/incoming_call";

/// `moked serve` in a folder of its own.
struct Server {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Server {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_moked"));
        command.current_dir(folder.path()).env_clear().arg("serve");
        command.envs([("PORT", "0"), ("MOKED__SERVER__DRAIN_S", "60"), ("MOKED__SERVER__BIND", "127.0.0.1")]);
        // A machine that builds meanwhile is late, and this is not about that.
        command.envs([("MOKED__ADMISSION__LOOP_LAG_MS", "0"), ("MOKED__ADMISSION__PACING_LATE_MS", "0")]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut log = BufReader::new(child.stderr.take().unwrap()).lines();
        let address = loop {
            let line = log.next().unwrap().unwrap();
            if let Some((_, rest)) = line.split_once("Listening at: http://") {
                break rest.split_whitespace().next().unwrap().trim_matches('"').parse().unwrap();
            }
        };
        Self { child, log, address, _folder: folder }
    }

    async fn get(&self, path: &str) -> Answer {
        edge::request(self.address, path, None, &[]).await.unwrap()
    }

    async fn post(&self, path: &str, call_sid: &str) -> Answer {
        edge::request(self.address, path, Some(&edge::incoming(call_sid)), &[]).await.unwrap()
    }

    async fn ring(&self, call_sid: &str) -> Phone {
        let token = self.post(INCOMING, call_sid).await.token();
        self.dial(call_sid, &token).await
    }

    async fn dial(&self, call_sid: &str, token: &str) -> Phone {
        let url = format!("ws://{}/ws/twilio-media", self.address);
        let line = LineClient::dial(&url, start_of(call_sid, Some(token))).await.unwrap();
        let mut phone = Phone::on(line, call_sid);
        phone.until_it_speaks().await;
        phone
    }

    fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    async fn until_it_drains(&self) {
        let limit = Instant::now() + PATIENCE;
        while self.get("/readyz").await.status != 503 {
            assert!(Instant::now() < limit, "it does not drain");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits for its end: the exit code, and the rest of the log.
    fn end(mut self) -> (Option<i32>, Vec<String>) {
        let lines = self.log.by_ref().map(Result::unwrap).collect();
        (self.child.wait().unwrap().code(), lines)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Already gone after `end`.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn count(lines: &[String], what: &str) -> usize {
    lines.iter().filter(|line| line.contains(what)).count()
}

#[actix_rt::test]
async fn a_sigterm_cuts_no_caller() {
    let server = Server::start();
    let mut phones = join_all(["CA1", "CA2", "CA3"].map(|call_sid| server.ring(call_sid))).await;
    server.terminate();
    server.until_it_drains().await;
    assert_eq!(server.get("/healthz").await.body, "ok");
    assert!(is_apology(&server.post(INCOMING, "CA-new").await.verbs()), "a new caller leaves a message");
    // The stream of one breaks meanwhile.
    drop(phones.pop());
    let token = server.post("/webhook/stream_action", "CA3").await.token();
    phones.push(server.dial("CA3", &token).await);
    join_all(phones.iter_mut().map(|phone| phone.wait(Duration::from_secs(2)))).await;
    join_all(phones.iter_mut().map(Phone::hang_up)).await;
    assert_eq!(server.post("/webhook/stream_action", "CA1").await.verbs(), [Verb::Hangup]);
    let (code, lines) = server.end();
    assert_eq!(code, Some(0), "{lines:#?}");
    assert!(count(&lines, "DRAINING") >= 1, "{lines:#?}");
    let summary = "3 calls finished, 0 were sent elsewhere, 0 are cut";
    assert_eq!(count(&lines, summary), 1, "{lines:#?}");
}

#[actix_rt::test]
async fn a_second_sigterm_ends_within_five_seconds_and_each_call_has_its_cause() {
    let server = Server::start();
    let mut phones = join_all(["CA1", "CA2"].map(|call_sid| server.ring(call_sid))).await;
    server.terminate();
    server.until_it_drains().await;
    let begun = Instant::now();
    server.terminate();
    join_all(phones.iter_mut().map(Phone::until_closed)).await;
    let (code, lines) = actix_rt::task::spawn_blocking(|| server.end()).await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    assert_eq!(code, Some(0), "{lines:#?}");
    assert_eq!(count(&lines, "the server is stopping"), 2, "{lines:#?}");
    assert_eq!(count(&lines, "2 are cut"), 1, "{lines:#?}");
}
