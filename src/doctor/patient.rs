//! What the examination knows so far: settings, engines, and the two servers.

use std::net::{IpAddr, TcpListener};
use std::path::PathBuf;
use std::time::Duration;

use crate::engines::{EngineSet, EnginesError};
use crate::settings::{Environment, PublicBaseUrl, Settings};
use crate::startup::{self, Running};

use super::events::Events;
use super::finding::Finding;
use super::site::{Site, Spot};

/// What the operator ordered.
#[derive(Debug, Clone, Default)]
pub struct Order {
    /// The settings file; none takes the usual one.
    pub settings_file: Option<PathBuf>,
    /// The environment of the process.
    pub environment: Environment,
    /// The public address to ask; none takes that of the settings.
    pub url: Option<PublicBaseUrl>,
    /// Leave the simulated call out.
    pub no_call: bool,
}

/// The examined system.
pub(super) struct Patient {
    pub(super) order: Order,
    /// None until they load.
    pub(super) settings: Option<Settings>,
    /// None until they were tried.
    pub(super) engines: Option<Result<EngineSet, EnginesError>>,
    pub(super) local: Option<Site>,
    pub(super) public: Option<Site>,
    /// Those of the two that did not answer.
    pub(super) silent: Vec<Spot>,
    /// A server of this process, when none was found.
    pub(super) own: Option<Running>,
    /// Events of calls in this process.
    pub(super) events: Option<Events>,
}

impl Patient {
    pub(super) fn new(order: Order) -> Self {
        let events = Events::listen();
        let mut patient = Self {
            order,
            settings: None,
            engines: None,
            local: None,
            public: None,
            silent: Vec::new(),
            own: None,
            events,
        };
        patient.public = patient.order.url.clone().map(|url| patient.site_at(Spot::Public, url));
        patient
    }

    /// Takes the settings, once they load.
    pub(super) fn settle(&mut self, settings: Settings) {
        let public = self.order.url.clone().or_else(|| settings.server.public_base_url.clone());
        self.settings = Some(settings);
        self.public = public.map(|url| self.site_at(Spot::Public, url));
    }

    /// A server at an address, asked as Twilio would with these settings.
    pub(super) fn site_at(&self, spot: Spot, reach: PublicBaseUrl) -> Site {
        let settings = self.settings.as_ref();
        let configured = settings.and_then(|settings| settings.server.public_base_url.clone());
        let signed = match spot {
            Spot::Local => configured.unwrap_or_else(|| reach.clone()),
            // Twilio signs what it was told to call, whatever the server thinks of itself.
            Spot::Public => reach.clone(),
        };
        let account_sid = settings.and_then(|settings| settings.twilio.account_sid.clone());
        Site {
            spot,
            reach,
            signed,
            token: settings.and_then(|settings| settings.secrets.twilio_auth_tokens.first().cloned()),
            account_sid: account_sid.unwrap_or_else(|| format!("AC{}", "0".repeat(32))),
        }
    }

    /// The server at a spot, whether it answers or not.
    pub(super) fn known(&self, spot: Spot) -> Option<&Site> {
        match spot {
            Spot::Local => self.local.as_ref(),
            Spot::Public => self.public.as_ref(),
        }
    }

    /// The server at a spot, or why there is none to ask. One that did not answer once is not asked again: it is
    /// one fault, and not eight.
    pub(super) fn site(&self, spot: Spot) -> Result<&Site, Finding> {
        match (self.known(spot), spot) {
            (Some(_), _) if self.silent.contains(&spot) => Err(Finding::skip("no answer there; see healthz")),
            (Some(site), _) => Ok(site),
            (None, Spot::Local) => Err(Finding::skip("there is no server on this machine to ask")),
            (None, Spot::Public) => {
                Err(Finding::skip("no public address: give --url or set PUBLIC_BASE_URL"))
            }
        }
    }

    /// The address of this machine's server with the settings' port, if they load and name one.
    pub(super) fn local_address(&self) -> Option<PublicBaseUrl> {
        let server = &self.settings.as_ref()?.server;
        let host = match server.bind {
            address if address.is_unspecified() => "127.0.0.1".to_owned(),
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("[{address}]"),
        };
        if server.port == 0 { None } else { format!("http://{host}:{}", server.port).parse().ok() }
    }

    /// Starts a server in this process on a free port and waits for its engines.
    ///
    /// # Errors
    /// In words, when the system refuses a socket or a thread.
    pub(super) async fn start_own(&mut self) -> Result<(), String> {
        let (Some(settings), Some(engines)) = (&self.settings, &self.engines) else {
            return Err("the settings do not load".to_owned());
        };
        let mut settings = settings.clone();
        settings.server.workers = Some(1);
        settings.server.shutdown = Duration::ZERO;
        settings.records.keep = None;
        let engines = engines.clone();
        let started = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| startup::run_with(settings, listener, move |_| engines));
        let running = started.map_err(|error| error.to_string())?;
        running.prepared().await;
        let reach = format!("http://{}", running.address()).parse();
        self.local = reach.ok().map(|reach| self.site_at(Spot::Local, reach));
        self.own = Some(running);
        Ok(())
    }

    /// Ends what was started.
    pub(super) async fn discharge(self) {
        if let Some(own) = self.own {
            // It was ours and is not needed any more; that it failed meanwhile shows in the checks.
            let _ = own.stop().await;
        }
    }
}
