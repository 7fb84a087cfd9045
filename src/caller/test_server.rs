//! A small agent on loopback: webhooks that write down what they are asked, and a socket that greets, answers
//! and stops when interrupted.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix::{Actor, ActorContext as _, AsyncContext as _, StreamHandler};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use actix_web_actors::ws;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use moked_core::audio::{BYTES_PER_MS, mulaw};
use moked_core::ids::{MarkName, StreamSid};
use moked_core::twilio::form::parse_form;
use moked_core::twilio::outbound;
use moked_core::twilio::twiml::Twiml;
use serde_json::Value;

use crate::caller::voiced::is_audible;

/// How the agent behaves.
#[derive(Clone, Default)]
pub(super) struct Agent {
    pub(super) greeting_ms: u64,
    /// Sent once after the greeting, as they are.
    pub(super) texts: Vec<String>,
    pub(super) sends_binary: bool,
    /// Closes the socket this long after the start.
    pub(super) closes_after_ms: Option<u64>,
    pub(super) ignores_subprotocol: bool,
}

/// A request to a webhook.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) signature: Option<String>,
    pub(super) form: Vec<(String, String)>,
}

impl Asked {
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.form.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

/// What a webhook answers.
#[derive(Clone)]
pub(super) enum Answer {
    Document(Twiml),
    Raw { status: u16, content_type: Option<&'static str>, body: &'static str },
}

/// Answers a path; it is also told the server's port.
pub(super) type Routes = fn(&str, u16) -> Answer;

#[derive(Clone)]
struct Shared {
    agent: Agent,
    routes: Routes,
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    heard: Arc<Mutex<Vec<Value>>>,
}

/// A running server.
pub(super) struct Server {
    pub(super) port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
    heard: Arc<Mutex<Vec<Value>>>,
}

impl Server {
    /// Starts on a free port. `routes` answers a path; it is also told the port.
    pub(super) fn start(agent: Agent, routes: Routes) -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (asked, heard) = (Arc::default(), Arc::default());
        let server = Self { port, asked: Arc::clone(&asked), heard: Arc::clone(&heard) };
        let shared = Shared { agent, routes, port, asked, heard };
        let http = HttpServer::new(move || {
            App::new()
                .app_data(web::Data::new(shared.clone()))
                .route("/ws", web::get().to(socket))
                .route("/{path}", web::post().to(webhook))
        });
        actix_rt::spawn(http.workers(1).disable_signals().listen(listener).unwrap().run());
        server
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The messages that came over the socket, with this event.
    pub(super) fn heard(&self, event: &str) -> Vec<Value> {
        let heard = self.heard.lock().unwrap();
        heard.iter().filter(|message| message["event"] == event).cloned().collect()
    }
}

async fn webhook(request: HttpRequest, body: web::Bytes, shared: web::Data<Shared>) -> HttpResponse {
    let signature = request.headers().get("x-twilio-signature");
    let signature = signature.map(|value| value.to_str().unwrap().to_owned());
    let path = request.path().to_owned();
    shared.asked.lock().unwrap_or_else(PoisonError::into_inner).push(Asked {
        path: path.clone(),
        signature,
        form: parse_form(&body),
    });
    match (shared.routes)(&path, shared.port) {
        Answer::Document(twiml) => {
            HttpResponse::Ok().content_type("application/xml; charset=utf-8").body(twiml.to_xml())
        }
        Answer::Raw { status, content_type, body } => {
            let mut answer = HttpResponse::build(status.try_into().unwrap());
            if let Some(content_type) = content_type {
                answer.insert_header(("content-type", content_type));
            }
            answer.body(body)
        }
    }
}

async fn socket(
    request: HttpRequest,
    stream: web::Payload,
    shared: web::Data<Shared>,
) -> Result<HttpResponse, actix_web::Error> {
    let talk = Talk {
        agent: shared.agent.clone(),
        heard: Arc::clone(&shared.heard),
        stream_sid: None,
        plays_until: Instant::now(),
        voiced_ms: 0,
        silent_ms: 0,
        marks: 0,
    };
    let protocols: &[&str] = if shared.agent.ignores_subprotocol { &[] } else { &["audio.twilio.com"] };
    ws::WsResponseBuilder::new(talk, &request, stream).protocols(protocols).start()
}

struct Talk {
    agent: Agent,
    heard: Arc<Mutex<Vec<Value>>>,
    stream_sid: Option<StreamSid>,
    plays_until: Instant,
    voiced_ms: u64,
    silent_ms: u64,
    marks: u32,
}

impl Actor for Talk {
    type Context = ws::WebsocketContext<Self>;
}

impl Talk {
    /// Speaks a tone in one message with a mark behind it.
    fn speak(&mut self, ms: u64, out: &mut ws::WebsocketContext<Self>) {
        let Some(stream_sid) = &self.stream_sid else { return };
        let tone: Vec<i16> =
            (0..ms * BYTES_PER_MS as u64).map(|n| if (n / 10) % 2 == 0 { 6_000 } else { -6_000 }).collect();
        out.text(outbound::media(stream_sid, &mulaw::encode(&tone)));
        self.marks += 1;
        out.text(outbound::mark(stream_sid, &MarkName::new(format!("m{}", self.marks))));
        self.plays_until = Instant::now() + Duration::from_millis(ms);
    }

    fn begin(&mut self, stream_sid: &str, out: &mut ws::WebsocketContext<Self>) {
        self.stream_sid = Some(StreamSid::new(stream_sid));
        if self.agent.greeting_ms > 0 {
            self.speak(self.agent.greeting_ms, out);
        }
        for text in std::mem::take(&mut self.agent.texts) {
            out.text(text);
        }
        if self.agent.sends_binary {
            out.binary(vec![0_u8; 160]);
        }
        if let Some(ms) = self.agent.closes_after_ms {
            out.run_later(Duration::from_millis(ms), |_, out| {
                out.close(Some(ws::CloseCode::Normal.into()));
                out.stop();
            });
        }
    }

    /// Answers 100 ms after the caller has stopped, and clears when the caller speaks into its own speech.
    fn listen(&mut self, payload: &[u8], out: &mut ws::WebsocketContext<Self>) {
        if is_audible(&mulaw::decode(payload)) {
            (self.voiced_ms, self.silent_ms) = (self.voiced_ms + 20, 0);
            if self.plays_until > Instant::now()
                && self.voiced_ms >= 60
                && let Some(stream_sid) = &self.stream_sid
            {
                out.text(outbound::clear(stream_sid));
                self.plays_until = Instant::now();
            }
        } else {
            self.silent_ms += 20;
            if self.silent_ms >= 100 && self.voiced_ms > 0 {
                self.voiced_ms = 0;
                self.speak(300, out);
            }
        }
    }
}

impl StreamHandler<Result<ws::Message, ws::ProtocolError>> for Talk {
    fn handle(&mut self, message: Result<ws::Message, ws::ProtocolError>, out: &mut Self::Context) {
        let Ok(ws::Message::Text(text)) = message else {
            out.stop();
            return;
        };
        let Ok(message) = serde_json::from_str::<Value>(&text) else { return };
        self.heard.lock().unwrap().push(message.clone());
        match message["event"].as_str() {
            Some("start") => self.begin(message["streamSid"].as_str().unwrap(), out),
            Some("media") => {
                let payload = BASE64_STANDARD.decode(message["media"]["payload"].as_str().unwrap()).unwrap();
                self.listen(&payload, out);
            }
            Some("stop") => out.close(None),
            _ => {}
        }
    }
}
