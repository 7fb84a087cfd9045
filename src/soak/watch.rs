//! The server's process, seen from outside: its memory, descriptors and threads over time.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::growth::Growth;
use super::sabotage::Order;
use crate::bench::process;

/// The flag under which this program is the server.
const SERVER_FLAG: &str = "--as-server";

/// Between two looks.
const EVERY: Duration = Duration::from_secs(5);

/// How long the server may take to tell its numbers: the callers wait meanwhile.
const PATIENCE: Duration = Duration::from_millis(100);

/// What the server says when it can be called.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Ready {
    pub(super) address: SocketAddr,
}

/// What the server says at its end.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Census {
    pub(super) live: usize,
    pub(super) actors: usize,
    pub(super) begun: u64,
    /// Calls by the cause of their end.
    pub(super) ends: BTreeMap<String, usize>,
}

/// What the system tells of the server.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Measure {
    /// Open file descriptors.
    pub descriptors: usize,
    /// Threads.
    pub threads: usize,
    /// Memory of its own in RAM, KiB: heap and stacks, no file.
    pub own_kib: u64,
}

/// The server. Dropped early, it is killed.
pub(super) struct Server {
    child: Child,
    lines: BufReader<ChildStdout>,
    ready: Ready,
}

impl Server {
    pub(super) fn start() -> Result<Self> {
        let program = std::env::current_exe().context("this program does not know its own path")?;
        let mut command = Command::new(program);
        command.args(std::env::args_os().skip(1)).arg(SERVER_FLAG);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().context("the server does not start")?;
        let stdout = child.stdout.take().context("the server has no standard output")?;
        let mut lines = BufReader::new(stdout);
        let ready = line(&mut lines).context("the server does not come up")?;
        Ok(Self { child, lines, ready })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.ready.address
    }

    /// Has something break.
    pub(super) fn order(&mut self, order: Order) -> Result<()> {
        let stdin = self.child.stdin.as_mut().context("the server takes no orders")?;
        writeln!(stdin, "{}", serde_json::to_string(&order)?).context("the server is gone")
    }

    pub(super) fn measure(&self) -> Result<Measure> {
        let pid = self.child.id();
        let descriptors = fs::read_dir(format!("/proc/{pid}/fd")).context("the server is gone")?.count();
        let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
        let threads = process::field(&status, "Threads:").and_then(|count| count.parse().ok());
        let threads = threads.context("/proc/PID/status tells no threads")?;
        Ok(Measure { descriptors, threads, own_kib: process::own_kib(pid)? })
    }

    /// What it says is allocated and not freed, KiB; none when it has no time to say so.
    pub(super) fn live_kib(&self) -> Option<u64> {
        let mut socket = TcpStream::connect_timeout(&self.ready.address, PATIENCE).ok()?;
        socket.set_read_timeout(Some(PATIENCE)).ok()?;
        socket.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").ok()?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer).ok()?;
        let bytes: f64 = process::field(&answer, "moked_heap_live_bytes ")?.parse().ok()?;
        Some(bytes as u64 / 1_024)
    }

    /// Stops it and takes its last words.
    pub(super) fn stop(mut self) -> Result<Census> {
        drop(self.child.stdin.take());
        let census = line(&mut self.lines).context("the server went without a word")?;
        self.child.wait().context("the server does not end")?;
        Ok(census)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After `stop` it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn line<T: DeserializeOwned>(lines: &mut impl std::io::BufRead) -> Result<T> {
    let mut line = String::new();
    lines.read_line(&mut line)?;
    serde_json::from_str(&line).with_context(|| format!("it said {:?}", line.trim_end()))
}

/// Memory over time: when, and KiB.
#[derive(Debug, Default)]
pub(super) struct Watch {
    own: Vec<(Duration, u64)>,
    live: Vec<(Duration, u64)>,
}

impl Watch {
    /// Looks, if it is time.
    pub(super) fn look(&mut self, at: Duration, server: &Server) -> Result<()> {
        if self.own.last().is_none_or(|(last, _)| at >= *last + EVERY) {
            self.own.push((at, server.measure()?.own_kib));
            self.live.extend(server.live_kib().map(|kib| (at, kib)));
        }
        Ok(())
    }

    /// Growth after a warm-up of what the system counts.
    pub(super) fn growth(&self, warm_up: Duration) -> Option<Growth> {
        growth(&self.own, warm_up)
    }

    /// Growth after a warm-up of what is allocated and not freed.
    pub(super) fn live_growth(&self, warm_up: Duration) -> Option<Growth> {
        growth(&self.live, warm_up)
    }
}

fn growth(samples: &[(Duration, u64)], warm_up: Duration) -> Option<Growth> {
    let point = |(at, kib): &(Duration, u64)| (at.as_secs_f64() / 3_600.0, *kib as f64 / 1_024.0);
    Growth::of(samples.iter().filter(|(at, _)| *at >= warm_up).map(point).collect())
}
