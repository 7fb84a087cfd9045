//! A vendor on loopback that answers HTTP requests by a script: statuses, streams, silence, cuts.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "test code outside of a test function, which clippy does not see as such"
)]

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// Far below the limits of a patient client, far above what closing takes.
const SOON: Duration = Duration::from_secs(2);

/// How one request is answered.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// A whole answer.
    Status { status: u16, headers: &'static str, body: String },
    /// A stream of these pieces, in HTTP chunks of their own.
    Stream { pieces: Vec<Vec<u8>>, then: Then },
    /// Nothing, until the client goes.
    Silence,
}

/// What follows the pieces of a stream.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Then {
    /// Its proper end; the connection stays.
    End,
    /// Nothing, until the client goes.
    Silence,
    /// The connection breaks.
    Cut,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) target: String,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) body: Value,
}

/// The vendor, alive as long as its `LocalSet`.
pub(crate) struct Vendor {
    pub(crate) url: String,
    state: Rc<State>,
    closed: UnboundedReceiver<()>,
}

struct State {
    answers: RefCell<VecDeque<Answer>>,
    requests: RefCell<Vec<Request>>,
    connections: Cell<usize>,
    closed: UnboundedSender<()>,
}

impl Vendor {
    pub(crate) async fn start(answers: Vec<Answer>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (sender, closed) = unbounded_channel();
        let state = Rc::new(State {
            answers: RefCell::new(answers.into()),
            requests: RefCell::default(),
            connections: Cell::new(0),
            closed: sender,
        });
        let shared = Rc::clone(&state);
        tokio::task::spawn_local(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.connections.set(shared.connections.get() + 1);
                let state = Rc::clone(&shared);
                tokio::task::spawn_local(async move { serve(stream, &state).await });
            }
        });
        Self { url, state, closed }
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.state.requests.borrow().clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.state.connections.get()
    }

    /// Waits until a client went while it was kept waiting: soon, and not by a limit of its own.
    pub(crate) async fn client_went(&mut self) {
        tokio::time::timeout(SOON, self.closed.recv()).await.unwrap().unwrap();
    }
}

/// Serves a connection until either side ends it.
async fn serve(mut stream: TcpStream, state: &State) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    loop {
        let request = read(&mut stream).await?;
        state.requests.borrow_mut().push(request);
        let answer = state.answers.borrow_mut().pop_front();
        match answer? {
            Answer::Status { status, headers, body } => {
                let length = body.len();
                let head = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n{headers}\r\n");
                stream.write_all((head + &body).as_bytes()).await.ok()?;
            }
            Answer::Silence => return until_gone(&mut stream, state).await,
            Answer::Stream { pieces, then } => {
                let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
                stream.write_all(head.as_bytes()).await.ok()?;
                for piece in pieces {
                    stream.write_all(format!("{:x}\r\n", piece.len()).as_bytes()).await.ok()?;
                    stream.write_all(&piece).await.ok()?;
                    stream.write_all(b"\r\n").await.ok()?;
                    stream.flush().await.ok()?;
                    tokio::task::yield_now().await;
                }
                match then {
                    Then::End => stream.write_all(b"0\r\n\r\n").await.ok()?,
                    Then::Silence => return until_gone(&mut stream, state).await,
                    Then::Cut => return None,
                }
            }
        }
    }
}

async fn until_gone(stream: &mut TcpStream, state: &State) -> Option<()> {
    let mut rest = [0; 64];
    while stream.read(&mut rest).await.is_ok_and(|count| count > 0) {}
    state.closed.send(()).ok()
}

async fn read(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(at) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
        more(stream, &mut bytes).await?;
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut lines = head.lines();
    let target = lines.next()?.split(' ').nth(1)?.to_owned();
    let pair =
        |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    let headers: BTreeMap<_, _> = lines.filter_map(pair).collect();
    let length: usize = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    while bytes.len() < head_end + 4 + length {
        more(stream, &mut bytes).await?;
    }
    let body = serde_json::from_slice(&bytes[head_end + 4..]).unwrap_or_default();
    Some(Request { target, headers, body })
}

async fn more(stream: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<()> {
    let mut chunk = [0; 4096];
    let count = stream.read(&mut chunk).await.ok().filter(|count| *count > 0)?;
    bytes.extend_from_slice(&chunk[..count]);
    Some(())
}
