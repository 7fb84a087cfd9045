//! What the tests of this folder share: a key file, a WAV file, and servers in the process.

use std::pin::Pin;

use futures_util::{Stream, StreamExt, stream};
use moked_google_api::speech_v1 as v1;
use moked_google_api::speech_v1::speech_server as v1_server;
use moked_google_api::speech_v2 as v2;
use moked_google_api::speech_v2::speech_server as v2_server;
use moked_google_api::texttospeech_v1 as tts;
use moked_google_api::texttospeech_v1::text_to_speech_server as tts_server;
use secrecy::SecretString;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tonic::service::Routes;
use tonic::transport::{Endpoint, Server};
use tonic::{Request, Response, Status, Streaming};

use super::credentials::CredentialsFrom;
use super::grpc::Link;
pub(crate) use super::rsa_key::test_key;

/// What was asked over HTTP.
pub(crate) struct Asked {
    pub(crate) head: String,
    pub(crate) body: String,
}

/// A server that answers one HTTP request at a time, as the test says.
pub(crate) struct HttpServer(TcpListener);

impl HttpServer {
    pub(crate) async fn listen() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    pub(crate) fn host(&self) -> String {
        self.0.local_addr().unwrap().to_string()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/token", self.host())
    }

    /// Answers the next request and waits until the answer was taken; a refusal asks to come again in 3 s.
    pub(crate) async fn answer(&mut self, status: &str, body: impl AsRef<str>) -> Asked {
        let told = body.as_ref();
        let (mut socket, _) = self.0.accept().await.unwrap();
        let mut asked = Vec::new();
        let (head, body) = loop {
            assert!(socket.read_buf(&mut asked).await.unwrap() > 0, "the request was cut");
            let text = String::from_utf8_lossy(&asked);
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse::<usize>().ok());
            if body.len() >= length.unwrap_or(0) {
                break (head.to_owned(), body.to_owned());
            }
        };
        let head_told = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", told.len());
        let told = format!("{head_told}retry-after: 3\r\nconnection: close\r\n\r\n{told}");
        socket.write_all(told.as_bytes()).await.unwrap();
        // The client closes once it has read, and goes on before anybody else has a turn.
        assert_eq!(socket.read(&mut [0; 1]).await.unwrap_or(0), 0);
        Asked { head, body }
    }
}

/// The key file of a service account with this private key.
pub(crate) fn key_file(pem: &str) -> SecretString {
    let file = json!({
        "type": "service_account",
        "project_id": "example",
        "private_key_id": "key-1",
        "private_key": pem,
        "client_email": "ear@example.iam.gserviceaccount.com",
    });
    file.to_string().into()
}

/// A WAV file at 8 kHz with the header that µ-law has.
pub(crate) fn wav(format: u16, audio: &[u8]) -> Vec<u8> {
    let mut file = b"RIFF\0\0\0\0WAVEfmt \x12\0\0\0".to_vec();
    file.extend_from_slice(&format.to_le_bytes());
    file.extend_from_slice(&[1, 0, 0x40, 0x1F, 0, 0, 0x40, 0x1F, 0, 0, 1, 0, 8, 0, 0, 0]);
    file.extend_from_slice(b"fact\x04\0\0\0\0\0\0\0data");
    file.extend_from_slice(&(audio.len() as u32).to_le_bytes());
    file.extend_from_slice(audio);
    file
}

/// Google's side of one stream: what came in, and where answers go out.
pub(crate) struct Served<Asked, Answered> {
    /// The messages of the client; ends when it half-closes or is gone.
    pub(crate) asked: mpsc::UnboundedReceiver<Asked>,
    /// Answers. Dropping it ends the stream well.
    pub(crate) answers: mpsc::UnboundedSender<Result<Answered, Status>>,
    /// The `authorization` header.
    pub(crate) authorization: String,
}

/// A server in Google's place: every stream that is opened goes to the test.
#[derive(Clone)]
pub(crate) struct Mock<Asked, Answered> {
    streams: mpsc::UnboundedSender<Served<Asked, Answered>>,
}

pub(crate) type Streams<Asked, Answered> = mpsc::UnboundedReceiver<Served<Asked, Answered>>;

type Answering<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

impl<Asked: Send + 'static, Answered: Send + 'static> Mock<Asked, Answered> {
    pub(crate) fn new() -> (Self, Streams<Asked, Answered>) {
        let (streams, opened) = mpsc::unbounded_channel();
        (Self { streams }, opened)
    }

    fn serve(&self, request: Request<Streaming<Asked>>) -> Response<Answering<Answered>> {
        let header = request.metadata().get("authorization").unwrap().to_str().unwrap();
        let authorization = header.to_owned();
        let (asking, asked) = mpsc::unbounded_channel();
        let (answers, mut answered) = mpsc::unbounded_channel();
        let mut incoming = request.into_inner();
        tokio::spawn(async move {
            while let Ok(Some(message)) = incoming.message().await {
                if asking.send(message).is_err() {
                    return;
                }
            }
        });
        self.streams.send(Served { asked, answers, authorization }).ok();
        Response::new(Box::pin(stream::poll_fn(move |context| answered.poll_recv(context))))
    }
}

#[tonic::async_trait]
impl v1_server::Speech for Mock<v1::StreamingRecognizeRequest, v1::StreamingRecognizeResponse> {
    async fn streaming_recognize(
        &self,
        request: Request<Streaming<v1::StreamingRecognizeRequest>>,
    ) -> Result<Response<Answering<v1::StreamingRecognizeResponse>>, Status> {
        Ok(self.serve(request))
    }
}

#[tonic::async_trait]
impl v2_server::Speech for Mock<v2::StreamingRecognizeRequest, v2::StreamingRecognizeResponse> {
    async fn streaming_recognize(
        &self,
        request: Request<Streaming<v2::StreamingRecognizeRequest>>,
    ) -> Result<Response<Answering<v2::StreamingRecognizeResponse>>, Status> {
        Ok(self.serve(request))
    }
}

#[tonic::async_trait]
impl tts_server::TextToSpeech for Mock<tts::StreamingSynthesizeRequest, tts::StreamingSynthesizeResponse> {
    async fn streaming_synthesize(
        &self,
        request: Request<Streaming<tts::StreamingSynthesizeRequest>>,
    ) -> Result<Response<Answering<tts::StreamingSynthesizeResponse>>, Status> {
        Ok(self.serve(request))
    }
}

/// A link to a server in this process, over a pipe in memory: with it time can stand still. Must be called
/// in a `LocalSet`'s runtime.
pub(crate) fn link_to(services: Routes) -> Link {
    let (ours, theirs) = tokio::io::duplex(1 << 20);
    let incoming = stream::iter([Ok::<_, std::io::Error>(theirs)]).chain(stream::pending());
    tokio::spawn(Server::builder().add_routes(services).serve_with_incoming(incoming));
    let mut ours = Some(ours);
    let connector = tower::service_fn(move |_: tonic::codegen::http::Uri| {
        let pipe = ours.take().map(hyper_util::rt::TokioIo::new);
        std::future::ready(pipe.ok_or_else(|| std::io::Error::other("the pipe is used")))
    });
    let channel = Endpoint::from_static("http://google.test").connect_with_connector_lazy(connector);
    link("http://google.test").over(channel)
}

/// A link to a server at `url`, with a service account's key.
pub(crate) fn link(url: &str) -> Link {
    Link::new(url, CredentialsFrom::Key, Some(&key_file(test_key())), None).unwrap()
}
