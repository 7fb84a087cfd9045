//! A server of this process on a free port, and a carrier's side of HTTP.
#![allow(dead_code, reason = "each test file uses its own part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper of a test fails the test")]

use std::net::{SocketAddr, TcpListener};
use std::path::Path;

use awc::Client;
use awc::error::SendRequestError;
use awc::http::StatusCode;
use moked::settings::{AdmissionSection, Environment, Settings};
use moked::startup::{self, Running};
use moked_core::twilio::signature::sign;
use moked_core::twilio::twiml::{Verb, read};

/// The auth token of tests that sign.
pub(crate) const AUTH_TOKEN: &str = "12345";

/// The public address of tests that sign.
pub(crate) const PUBLIC: &str = "https://calls.example.com";

/// Variables as a process would find them.
pub(crate) fn environment(variables: &[(&str, &str)]) -> Environment {
    // Records would be written where the tests are run; a test that wants them names a folder and a time.
    let nothing_kept = [
        ("MOKED__RECORDS__KEEP_DAYS", "0"),
        ("MOKED__VOICE_CACHE__DIR", ""),
        // Scripted vendors expect no request but a call's.
        ("MOKED__VOICE_CACHE__AT_START", "false"),
    ];
    let variables = nothing_kept.into_iter().chain(variables.iter().copied());
    variables.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A server with the default settings and these variables over them; its engines are made.
pub(crate) async fn server(variables: &[(&str, &str)]) -> Running {
    server_with(None, variables).await
}

/// The same with a settings file.
pub(crate) async fn server_with(file: Option<&Path>, variables: &[(&str, &str)]) -> Running {
    let mut settings = Settings::load(file, &environment(variables)).unwrap();
    // A machine that builds meanwhile is late, and these calls are not about that.
    settings.admission = AdmissionSection::unlimited();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let running = startup::run(settings, listener).unwrap();
    running.prepared().await;
    running
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) content_type: String,
    pub(crate) cache_control: String,
    pub(crate) body: String,
}

impl Answer {
    /// The document's verbs.
    pub(crate) fn verbs(&self) -> Vec<Verb> {
        assert_eq!(self.status, StatusCode::OK, "{}", self.body);
        read(&self.body).unwrap()
    }

    /// The stream of a document that connects.
    pub(crate) fn stream(&self) -> moked_core::twilio::twiml::Connect {
        match self.verbs().as_slice() {
            [Verb::Connect(connect)] => connect.clone(),
            other => panic!("not a stream: {other:?}"),
        }
    }

    /// The one-time token of a document that connects.
    pub(crate) fn token(&self) -> String {
        let stream = self.stream().stream;
        stream.parameters.into_iter().find(|(name, _)| name == "token").unwrap().1
    }
}

/// A request with headers; `form` makes it a POST.
pub(crate) async fn request(
    address: SocketAddr,
    path: &str,
    form: Option<&str>,
    headers: &[(&str, &str)],
) -> Result<Answer, SendRequestError> {
    let client = Client::default();
    let url = format!("http://{address}{path}");
    let mut request = if form.is_some() { client.post(url) } else { client.get(url) };
    if form.is_some() {
        request = request.content_type("application/x-www-form-urlencoded");
    }
    for header in headers {
        request = request.insert_header(*header);
    }
    let mut response = request.send_body(form.unwrap_or_default().to_owned()).await?;
    let header = |name: &str| {
        response.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default()
    };
    Ok(Answer {
        status: response.status(),
        content_type: header("content-type"),
        cache_control: header("cache-control"),
        body: String::from_utf8(response.body().await.unwrap().to_vec()).unwrap(),
    })
}

/// A GET.
pub(crate) async fn get(running: &Running, path: &str) -> Answer {
    request(running.address(), path, None, &[]).await.unwrap()
}

/// An unsigned POST of a form.
pub(crate) async fn post(running: &Running, path: &str, form: &str) -> Answer {
    request(running.address(), path, Some(form), &[]).await.unwrap()
}

/// A POST signed as Twilio does, for the address that Twilio knows.
pub(crate) async fn post_signed(running: &Running, path: &str, form: &str, token: &str) -> Answer {
    let pairs = moked_core::twilio::parse_form(form.as_bytes());
    let signature = sign(token, &format!("{PUBLIC}{path}"), &pairs);
    request(running.address(), path, Some(form), &[("x-twilio-signature", &signature)]).await.unwrap()
}

/// The form of a fresh call.
pub(crate) fn incoming(call_sid: &str) -> String {
    format!(
        "CallSid={call_sid}&AccountSid=AC{0:032}&From=%2B972501234567&To=%2B97231234567&CallStatus=ringing\
         &ApiVersion=2010-04-01&Direction=inbound",
        1
    )
}
