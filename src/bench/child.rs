//! The server as a process of its own, seen from the bench: this same program, started once more.
//!
//! They talk by lines of JSON: the child says [`Ready`] when it listens, and [`Farewell`] after its standard
//! input was closed. Closing it is also how a bench that dies takes its server along.

use std::env;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, bail};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::figures::Spread;
use super::process::{self, Cores};

/// The flag under which this program is the server; with a value, the core of the world outside.
const SERVER_FLAG: &str = "--as-server";

/// What the server says when it can be called.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Ready {
    /// Where.
    pub address: SocketAddr,
    /// CPU in ms of one call-second of the bare loop, on the server's core.
    pub bare_ms: f64,
}

/// What the server says at its end.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Farewell {
    /// How late the stubs did their jobs, in ms.
    pub stub_lateness_ms: Option<Spread>,
}

/// A server that runs. Dropped early, it is killed.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    lines: BufReader<ChildStdout>,
    pub(super) ready: Ready,
}

impl Server {
    /// Starts this program again, with its own arguments and [`SERVER_FLAG`], bound to the server's core.
    pub(super) fn start(cores: Option<Cores>) -> Result<Self> {
        let program = env::current_exe().context("this program does not know its own path")?;
        let mut flag = SERVER_FLAG.to_owned();
        let mut command = match cores {
            Some(cores) => {
                flag = format!("{SERVER_FLAG}={}", cores.world);
                let mut command = Command::new("taskset");
                command.args(["-c", &cores.server.to_string()]).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.args(env::args_os().skip(1)).arg(flag);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().context("the server does not start")?;
        let Some(stdout) = child.stdout.take() else { bail!("the server has no standard output") };
        let mut lines = BufReader::new(stdout);
        let ready = line(&mut lines);
        if ready.is_err() {
            // It has ended, or speaks another language; either way it is of no use.
            let _ = child.kill();
            let _ = child.wait();
        }
        let ready = ready.with_context(|| {
            format!("the server does not come up; `moked bench {SERVER_FLAG}` in a terminal tells why")
        })?;
        Ok(Self { child, lines, ready })
    }

    pub(super) fn cpu(&self) -> Result<std::time::Duration> {
        process::cpu(self.child.id()).context("the server's CPU time cannot be read")
    }

    pub(super) fn resident_kib(&self) -> Result<u64> {
        process::resident_kib(self.child.id()).context("the server's memory cannot be read")
    }

    /// Stops it and takes its last words.
    pub(super) fn stop(mut self) -> Result<Farewell> {
        drop(self.child.stdin.take());
        let farewell = line(&mut self.lines).context("the server went without a word")?;
        self.child.wait().context("the server does not end")?;
        Ok(farewell)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // After `stop` it is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn line<T: DeserializeOwned>(lines: &mut impl BufRead) -> Result<T> {
    let mut line = String::new();
    lines.read_line(&mut line)?;
    serde_json::from_str(&line).with_context(|| format!("it said {:?}", line.trim_end()))
}
