//! The way to Google: one pooled gRPC connection a thread and host, and the header that opens it.
//!
//! A connection belongs to the tokio runtime it was made on, which is one a thread; so it is pooled by
//! thread. Many streams share it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use moked_core::ports::ProviderFault;
use secrecy::{ExposeSecret, SecretString};
use tonic::metadata::AsciiMetadataValue;
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Status};

use super::credentials::{CredentialsFrom, GoogleCredentials};
use super::permit::Permit;
use super::status;
use crate::speaking::warm_http;
use crate::transport::{HttpBody, HttpRequest, detach, install_tls, meter};

/// Limit for names, TCP and TLS.
const CONNECT: Duration = Duration::from_secs(4);

/// How often an idle connection is tried.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

thread_local! {
    static CHANNELS: RefCell<HashMap<String, Channel>> = RefCell::default();
}

/// A host of Google's and the account that asks it.
#[derive(Clone)]
pub(crate) struct Link {
    url: String,
    credentials: Arc<GoogleCredentials>,
    #[cfg(test)]
    channel: Option<Channel>,
}

impl Link {
    /// A link to `url`, which has no path, with credentials by settings.
    pub(crate) fn new(
        url: &str,
        from: CredentialsFrom,
        key: Option<&SecretString>,
        metadata_host: Option<&str>,
    ) -> Result<Self, ProviderFault> {
        let credentials = GoogleCredentials::new(from, key, metadata_host)
            .map_err(|error| ProviderFault::Auth { why: error.to_string() })?;
        Ok(Self {
            url: url.trim_end_matches('/').to_owned(),
            credentials: Arc::new(credentials),
            #[cfg(test)]
            channel: None,
        })
    }

    /// A link over a connection that stands already.
    #[cfg(test)]
    pub(crate) fn over(mut self, channel: Channel) -> Self {
        self.channel = Some(channel);
        self
    }

    /// The project of the account.
    pub(crate) fn project(&self) -> Option<&str> {
        self.credentials.project()
    }

    /// A URL on the host.
    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// The connection of this thread, opened if there is none. Later it mends itself, unmeasured: inside of tonic.
    pub(crate) async fn channel(&self) -> Result<Channel, Status> {
        #[cfg(test)]
        if let Some(channel) = &self.channel {
            return Ok(channel.clone());
        }
        if let Some(channel) = CHANNELS.with_borrow(|channels| channels.get(&self.url).cloned()) {
            return Ok(channel);
        }
        let channel = self.connect().await?;
        self.keep(channel.clone());
        Ok(channel)
    }

    /// Has a token and a connection for HTTP ahead of a call.
    pub(crate) fn warm_rest(&self) {
        self.warm_token();
        warm_http(self.url("/"));
    }

    /// Has a token and connects ahead of a call. A failure is left to the call, which tells it better.
    pub(crate) fn warm(&self) {
        self.warm_token();
        let link = self.clone();
        detach(async move {
            if CHANNELS.with_borrow(|channels| channels.contains_key(&link.url)) {
                return;
            }
            match link.connect().await {
                Ok(channel) => link.keep(channel),
                Err(error) => tracing::debug!(url = link.url, %error, "cannot connect to Google ahead"),
            }
        });
    }

    /// Sends a request over HTTP with the account's token, and waits at most `limit` for the head of the answer.
    pub(crate) async fn send(
        &self,
        request: HttpRequest,
        limit: Duration,
    ) -> Result<HttpBody, ProviderFault> {
        let bearer = self.credentials.bearer(SystemTime::now()).await?;
        let mut request = request.header("authorization", bearer.expose_secret());
        if let Some(project) = self.credentials.quota_project() {
            request = request.header("x-goog-user-project", project);
        }
        let sent = request.send(limit).await;
        if matches!(sent, Err(ProviderFault::Auth { .. })) {
            self.credentials.forget(&bearer);
        }
        sent
    }

    /// Puts the account's token on a request over gRPC. What is answered goes through the permit.
    pub(crate) async fn authorize<T>(&self, request: &mut Request<T>) -> Result<Permit, Status> {
        let bearer = self.credentials.bearer(SystemTime::now()).await.map_err(|fault| status::of(&fault))?;
        let mut value = AsciiMetadataValue::try_from(bearer.expose_secret())
            .map_err(|_| Status::unauthenticated("the token is no header"))?;
        value.set_sensitive(true);
        request.metadata_mut().insert("authorization", value);
        if let Some(project) = self.credentials.quota_project() {
            let project = AsciiMetadataValue::try_from(project)
                .map_err(|_| Status::invalid_argument("quota_project_id is no name of a project"))?;
            request.metadata_mut().insert("x-goog-user-project", project);
        }
        Ok(Permit::new(&self.credentials, bearer))
    }

    fn warm_token(&self) {
        let credentials = Arc::clone(&self.credentials);
        detach(async move {
            if let Err(fault) = credentials.bearer(SystemTime::now()).await {
                tracing::debug!("no token for Google ahead of the call: {fault}");
            }
        });
    }

    async fn connect(&self) -> Result<Channel, Status> {
        let begun = Instant::now();
        let connecting = self.endpoint()?.connect().await;
        let channel = connecting.map_err(|error| Status::from_error(Box::new(error)))?;
        meter::connected(begun);
        Ok(channel)
    }

    fn keep(&self, channel: Channel) {
        CHANNELS.with_borrow_mut(|channels| channels.insert(self.url.clone(), channel));
    }

    fn endpoint(&self) -> Result<Endpoint, Status> {
        let bad = |error: tonic::transport::Error| {
            Status::invalid_argument(format!("base_url {} cannot be used: {error}", self.url))
        };
        let endpoint = Endpoint::from_shared(self.url.clone()).map_err(bad)?;
        let endpoint = endpoint
            .connect_timeout(CONNECT)
            .tcp_nodelay(true)
            .http2_keep_alive_interval(KEEP_ALIVE)
            .keep_alive_while_idle(true);
        if self.url.starts_with("http://") {
            return Ok(endpoint);
        }
        install_tls();
        endpoint.tls_config(ClientTlsConfig::new().with_webpki_roots()).map_err(bad)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("url", &self.url).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use moked_core::ports::Sink;
    use tokio::net::TcpListener;

    use super::super::testing::link;
    use super::*;
    use crate::transport::meter::metering;

    #[tokio::test]
    async fn a_channel_is_opened_and_measured_once() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let link = link(&url);
        let told = Arc::new(Mutex::new(0));
        let count = Arc::clone(&told);
        let meter = Sink::new(move |_| *count.lock().unwrap() += 1);
        for _ in 0..2 {
            metering(meter.clone(), link.channel()).await.unwrap();
        }
        assert_eq!(*told.lock().unwrap(), 1);
    }

    #[tokio::test]
    async fn a_host_that_refuses_is_a_fault_of_the_connection() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let link = link(&url);
        let refused = link.channel().await.unwrap_err();
        assert!(matches!(status::fault(&refused), ProviderFault::Connect { .. }), "{refused:?}");
    }
}
