//! `[server]`: where to listen, how Twilio reaches us, and how much a stranger may send.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::time::Duration;

use ipnet::IpNet;

use super::elsewhere::Elsewhere;
use super::error::SettingsError;
use super::public_base_url::PublicBaseUrl;
use super::reader::Reader;

/// `[server]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerSection {
    /// Address to listen on.
    pub bind: IpAddr,
    /// Port to listen on; 0 takes any free one.
    pub port: u16,
    /// How Twilio reaches this server; `None` takes the request's host.
    pub public_base_url: Option<PublicBaseUrl>,
    /// Peers whose `X-Forwarded-*` headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Worker threads; `None` is one for each core.
    pub workers: Option<usize>,
    /// Largest body of a webhook, bytes.
    pub max_body_bytes: usize,
    /// Time for a webhook's body to arrive.
    pub body_timeout: Duration,
    /// Media sockets that may wait for their start message at once.
    pub max_waiting_streams: usize,
    /// The same from one address.
    pub max_waiting_streams_per_address: usize,
    /// Time for open requests at a stop.
    pub shutdown: Duration,
    /// Time for live calls to finish by themselves after the order to stop.
    pub drain: Duration,
    /// Where new callers go meanwhile.
    pub drain_new_calls: Elsewhere,
    /// Where the callers go who are still there after it.
    pub drain_live_calls: Elsewhere,
    /// Name of the deployment.
    pub deploy_id: Option<String>,
}

impl ServerSection {
    pub(super) fn read(reader: &Reader<'_>) -> Result<Self, SettingsError> {
        let bind = reader.parsed("server.bind", "give an address such as 0.0.0.0 or 127.0.0.1")?;
        let networks: Vec<Network> =
            reader.list("server.trusted_proxies", "give addresses or networks such as 10.0.0.0/8")?;
        Ok(Self {
            bind: bind.unwrap_or(IpAddr::from([0, 0, 0, 0])),
            port: reader.number("server.port", 0..=65_535, "0 takes any free port")? as u16,
            public_base_url: reader
                .parsed("server.public_base_url", "give an address such as https://calls.example.com")?,
            trusted_proxies: networks.into_iter().map(|network| network.0).collect(),
            workers: match reader.number("server.workers", 0..=1_024, "threads")? {
                0 => None,
                count => Some(count as usize),
            },
            max_body_bytes: reader.number("server.max_body_bytes", 1_024..=1_048_576, "bytes")? as usize,
            body_timeout: reader.millis("server.body_timeout_ms", 100..=15_000)?,
            max_waiting_streams: reader.number("server.max_waiting_streams", 1..=65_536, "sockets")? as usize,
            max_waiting_streams_per_address: reader.number(
                "server.max_waiting_streams_per_address",
                1..=65_536,
                "sockets",
            )? as usize,
            shutdown: reader.millis("server.shutdown_ms", 0..=600_000)?,
            drain: reader.seconds("server.drain_s", 0..=86_400)?,
            drain_new_calls: Elsewhere::read(reader, "server.drain_new_calls")?,
            drain_live_calls: Elsewhere::read(reader, "server.drain_live_calls")?,
            deploy_id: Some(reader.text("server.deploy_id")?).filter(|id| !id.is_empty()),
        })
    }

    /// Where to listen.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::new(self.bind, self.port)
    }
}

/// A network, or one address as a network of one.
struct Network(IpNet);

impl FromStr for Network {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
        network.map(Self).map_err(|_| "not an address or network")
    }
}
