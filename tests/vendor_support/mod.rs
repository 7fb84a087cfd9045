//! A vendor on loopback that speaks OpenAI's wires and does what a test says: answer, refuse, stall, garble, heal.
#![allow(dead_code, reason = "each test file uses its own part of it")]
#![allow(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

/// What the vendor does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// A mind says this.
    Says(&'static str),
    /// A mind says this and saves these answers.
    Saves(&'static str, Value),
    /// A mind comes to the limit of tokens before its first word.
    RunsOut,
    /// A voice makes so many ms of sound.
    Sounds(usize),
    /// This status, with this message.
    Refuses(u16, &'static str),
    /// The same with a header line.
    RefusesFor(u16, &'static str),
    /// Nothing ever comes.
    Stalls,
    /// An answer of nonsense.
    Garbles,
}

/// The vendor. It lives as long as the process of the tests.
#[derive(Debug, Clone)]
pub(crate) struct Vendor {
    /// Where its wires are.
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    script: VecDeque<Act>,
    then: Act,
    asked: Vec<Value>,
}

impl Vendor {
    /// A vendor that does these, one a request, and then always `then`.
    pub(crate) fn doing(script: impl IntoIterator<Item = Act>, then: Act) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let script = script.into_iter().collect();
        let state = Arc::new(Mutex::new(State { script, then, asked: Vec::new() }));
        let vendor = Self { url, state };
        let shared = vendor.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let vendor = shared.clone();
                std::thread::spawn(move || vendor.serve(stream));
            }
        });
        vendor
    }

    /// From now on it does this.
    pub(crate) fn now(&self, then: Act) {
        self.state.lock().unwrap().then = then;
    }

    /// The bodies of the requests so far, those that only open connections left out.
    pub(crate) fn asked(&self) -> Vec<Value> {
        self.state.lock().unwrap().asked.clone()
    }

    fn serve(&self, mut stream: TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        loop {
            let mut lines = Vec::new();
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line).ok()? == 0 {
                    return None;
                }
                if line.trim().is_empty() {
                    break;
                }
                lines.push(line.to_lowercase());
            }
            let length =
                lines.iter().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            let mut body = vec![0; length.unwrap_or(0)];
            reader.read_exact(&mut body).ok()?;
            if lines[0].starts_with("get") {
                stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").ok()?;
                continue;
            }
            let act = {
                let mut state = self.state.lock().unwrap();
                state.asked.push(serde_json::from_slice(&body).unwrap_or_default());
                state.script.pop_front().unwrap_or_else(|| state.then.clone())
            };
            let answer = answer(&act);
            if answer.is_empty() {
                // Until the client goes.
                reader.read_exact(&mut [0]).ok()?;
                return None;
            }
            stream.write_all(&answer).ok()?;
        }
    }
}

fn answer(act: &Act) -> Vec<u8> {
    let whole = |head: &str, body: &[u8]| {
        let head = format!("HTTP/1.1 {head}\r\ncontent-length: {}\r\n\r\n", body.len());
        [head.as_bytes(), body].concat()
    };
    let streamed = |chunks: &[Value], reason: &str| {
        let last = json!({ "choices": [{ "delta": {}, "finish_reason": reason }] });
        let events = chunks.iter().chain([&last]).map(|chunk| format!("data: {chunk}\n\n"));
        whole(
            "200 OK\r\ncontent-type: text/event-stream",
            (events.collect::<String>() + "data: [DONE]\n\n").as_bytes(),
        )
    };
    let refused = |head: &str, message: &str| {
        whole(head, json!({ "error": { "message": message } }).to_string().as_bytes())
    };
    let text = |text: &str| json!({ "choices": [{ "delta": { "content": text }, "finish_reason": null }] });
    match act {
        Act::Says(words) => streamed(&[text(words)], "stop"),
        Act::Saves(words, answers) => {
            let function = json!({ "name": "save_answers", "arguments": answers.to_string() });
            let call = json!({ "index": 0, "id": "c1", "type": "function", "function": function });
            let call = json!({ "choices": [{ "delta": { "tool_calls": [call] } }] });
            streamed(&[text(words), call], "tool_calls")
        }
        Act::RunsOut => streamed(&[], "length"),
        Act::Sounds(ms) => {
            let wave = (0..ms * 24).flat_map(|n| if (n / 24) % 2 == 0 { [0, 0x20] } else { [0, 0xE0] });
            whole("200 OK\r\ncontent-type: audio/pcm", &wave.collect::<Vec<u8>>())
        }
        Act::Refuses(status, message) => refused(&format!("{status} No"), message),
        Act::RefusesFor(status, header) => refused(&format!("{status} No\r\n{header}"), "slow down"),
        Act::Stalls => Vec::new(),
        Act::Garbles => {
            whole("200 OK\r\ncontent-type: text/event-stream", b"data: {\"choices\": 7, <html>\n\n")
        }
    }
}
