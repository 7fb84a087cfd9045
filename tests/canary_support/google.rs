//! Google's gRPC services, which repeat the token that they were asked with.

use std::pin::Pin;
use std::sync::{Arc, Mutex};

use futures_util::{Stream, StreamExt, stream};
use moked_google_api::speech_v1 as speech;
use moked_google_api::speech_v1::speech_server::{Speech, SpeechServer};
use moked_google_api::texttospeech_v1 as tts;
use moked_google_api::texttospeech_v1::text_to_speech_server::{TextToSpeech, TextToSpeechServer};
use tokio::net::TcpListener;
use tonic::transport::Server;
use tonic::{Request, Response, Status, Streaming};

use crate::vendor::Manner;

type Answers<T> = Pin<Box<dyn Stream<Item = Result<T, Status>> + Send>>;

/// The services on a port.
#[derive(Clone)]
pub(crate) struct Google {
    url: String,
    manner: Arc<Mutex<Manner>>,
    bearers: Arc<Mutex<Vec<String>>>,
}

impl Google {
    /// On a free port, as long as the runtime lives.
    pub(crate) async fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let google = Self { url, manner: Arc::new(Mutex::new(Manner::Serves)), bearers: Arc::default() };
        let incoming = stream::unfold(listener, |listener| async move {
            let accepted = listener.accept().await.map(|(socket, _)| socket);
            Some((accepted, listener))
        });
        let server = Server::builder()
            .add_service(SpeechServer::new(google.clone()))
            .add_service(TextToSpeechServer::new(google.clone()));
        tokio::spawn(server.serve_with_incoming(incoming));
        google
    }

    /// Where it is.
    pub(crate) fn url(&self) -> String {
        self.url.clone()
    }

    /// How it answers from now on.
    pub(crate) fn behave(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// The tokens that it was asked with: also without their scheme.
    pub(crate) fn bearers(&self) -> Vec<String> {
        self.bearers.lock().unwrap().clone()
    }

    fn answer<Asked, Answer>(
        &self,
        request: &Request<Streaming<Asked>>,
        answer: Answer,
    ) -> Result<Response<Answers<Answer>>, Status>
    where
        Answer: Send + 'static,
    {
        let header = request.metadata().get("authorization").unwrap().to_str().unwrap();
        let token = header.strip_prefix("Bearer ").unwrap().to_owned();
        self.bearers.lock().unwrap().push(token.clone());
        let answers = |answers: Vec<Result<Answer, Status>>| {
            Ok(Response::new(stream::iter(answers).chain(stream::pending()).boxed() as Answers<Answer>))
        };
        match *self.manner.lock().unwrap() {
            Manner::Serves => answers(vec![Ok(answer)]),
            Manner::Refuses => Err(Status::unauthenticated(format!("invalid token {token} ({header})"))),
            Manner::IsBusy => Err(Status::resource_exhausted(format!("too much from {token}"))),
            Manner::Babbles => answers(vec![Ok(answer), Err(Status::internal(format!("{header} broke")))]),
            Manner::HangsUp => answers(vec![Err(Status::unavailable(format!("bye {token}")))]),
        }
    }
}

#[tonic::async_trait]
impl Speech for Google {
    async fn streaming_recognize(
        &self,
        request: Request<Streaming<speech::StreamingRecognizeRequest>>,
    ) -> Result<Response<Answers<speech::StreamingRecognizeResponse>>, Status> {
        let alternative =
            speech::SpeechRecognitionAlternative { transcript: "yes".into(), ..Default::default() };
        let result = speech::StreamingRecognitionResult {
            alternatives: vec![alternative],
            is_final: true,
            ..Default::default()
        };
        self.answer(
            &request,
            speech::StreamingRecognizeResponse { results: vec![result], ..Default::default() },
        )
    }
}

#[tonic::async_trait]
impl TextToSpeech for Google {
    async fn streaming_synthesize(
        &self,
        request: Request<Streaming<tts::StreamingSynthesizeRequest>>,
    ) -> Result<Response<Answers<tts::StreamingSynthesizeResponse>>, Status> {
        self.answer(&request, tts::StreamingSynthesizeResponse { audio_content: vec![0x20; 1_600].into() })
    }
}
